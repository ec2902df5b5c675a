"""Where runs must be, phase by phase, as far as the theory can say; and the steps they need."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import takewhile

import numpy as np

from linreg.runs.history import History
from linreg.runs.model import Line
from linreg.runs.phases import Phase, ends
from linreg.runs.rules import Plain
from linreg.theory.dynamics import Dynamics
from linreg.theory.noise import BatchNoise
from linreg.theory.quadratic import Goal, Quadratic


def predictable(phases: Sequence[Phase]) -> Sequence[Phase]:
    """Return the first phases, up to the one whose end nobody can predict."""
    return tuple(takewhile(lambda phase: phase.is_predictable, phases))


def _phase_by_phase(
    quadratic: Quadratic, phases: Sequence[Phase], start: Sequence[float]
) -> Iterator[tuple[Phase, np.ndarray, int]]:
    """Give each predictable phase with the state it begins with, and the steps before it."""
    state, begin = Dynamics(quadratic).rest(len(phases[0].learning_rates), start), 0
    known = predictable(phases)
    for before, phase in zip([None, *known], known, strict=False):
        if before is not None:
            begin += before.num_steps
            state = _states(quadratic, before, state, np.array([before.num_steps]))[..., -1, :]
            if type(phase.rule) is not type(before.rule):  # another rule remembers no velocity
                state = state * [1.0, 0.0]
        yield phase, state, begin


def _states(quadratic: Quadratic, phase: Phase, state: np.ndarray, steps: np.ndarray) -> np.ndarray:
    """Return error and velocity after so many steps of a phase, (num_rates, 2, records, 2)."""
    dynamics, rates = Dynamics(quadratic, phase.rule), np.array(phase.learning_rates)
    if phase.is_constant:
        return dynamics.after(rates, state, steps)
    return dynamics.through(rates, state, steps, phase.schedule.multiples(np.arange(steps[-1])))


def forecast(
    quadratic: Quadratic,
    phases: Sequence[Phase],
    step: np.ndarray,
    start: Sequence[float] = Line.start,
) -> History:
    """Return where runs must be, through phases of plain steps, momentum and schedules.

    Args:
        quadratic: The loss of the points.
        phases: What is set for each stretch of steps.
        step: Ascending whole numbers, the first 0, shape (num_records,).
        start: Where every run starts, weight and bias.

    Returns:
        The runs as if they were recorded at these steps; nan beyond the last predictable phase.

    Example:
        >>> bowl = Quadratic.of([-1.0, 1.0], [1.0, 5.0])  # ¼ a step at 0.25 halves the error
        >>> forecast(bowl, [Phase(0.25, 1), Phase(0.5, 1)], np.arange(3), (0.0, 3.0)).weight
        array([[0., 1., 2.]])
    """
    errors = np.full((len(phases[0].learning_rates), step.size, 2), np.nan)
    errors[:, 0] = quadratic.errors(*start)
    for phase, state, begin in _phase_by_phase(quadratic, phases, start):
        here = (step > begin) & (step <= begin + phase.num_steps)
        if here.any():
            states = _states(quadratic, phase, state, step[here] - begin)
            errors[:, here] = np.swapaxes(states[..., 0], 1, 2)
    with np.errstate(over="ignore", invalid="ignore"):
        return History(tuple(phases), step, *quadratic.at(errors))


def steps_to_stay(quadratic: Quadratic, goal: Goal, predicted: History) -> list[int | None]:
    """Return after how many steps each run has reached a goal for good.

    The last phase is followed as far as it takes, if its rate is constant.

    Args:
        quadratic: The loss of the points.
        goal: Of the loss and the line, of the runs' start.
        predicted: Where the runs must be, from `forecast`, through phases that are all predictable.

    Returns:
        For each run the steps, beyond every early step of a phase the next recorded one; None if
        never, or, on a schedule, not by its end.

    Example:
        >>> bowl = Quadratic.of([-1.0, 1.0], [1.0, 5.0])  # the excess loss falls to ¼ a step
        >>> path = forecast(bowl, [Phase((0.25, 1.1), 2)], np.arange(3), (0.0, 3.0))
        >>> steps_to_stay(bowl, Goal(0.04), path)  # a hundredth
        [4, None]
    """
    phases, step = predicted.phases, predicted.step
    start = float(predicted.weight[0, 0]), float(predicted.bias[0, 0])
    last = phases[-1]
    if len(phases) == 1 and last.is_constant and type(last.rule) is Plain:  # to the last digit
        rates = np.array(last.learning_rates)
        steps = quadratic.steps_each(goal, rates, start)
        steps[rates >= quadratic.critical_learning_rate * (1 - 1e-9)] = np.inf
        return [int(count) if np.isfinite(count) else None for count in steps]
    is_there = not goal.is_missed(quadratic.excess_loss(*start), quadratic.distance(*start) ** 2)
    *_, (_, state, begin) = _phase_by_phase(quadratic, phases, start)
    found = np.full(len(last.learning_rates), 0.0 if is_there else np.inf)
    if last.is_constant and not is_there:
        dynamics, rates = Dynamics(quadratic, last.rule), np.array(last.learning_rates)
        found = begin + dynamics.steps_to_stay(goal, rates, state)
        found[~np.isfinite(state).all(axis=(1, 2))] = np.inf  # nothing brings such a run back
    # Phases before the last may have brought it there already; a schedule only knows its records.
    within = last_missed(quadratic, goal, predicted.weight, predicted.bias)
    for run, record in enumerate(within):
        is_done = record < step.size - 1
        if is_done and (not last.is_constant or found[run] == begin):
            found[run] = step[record + 1]
    return [int(steps) if np.isfinite(steps) else None for steps in found]


def last_missed(
    quadratic: Quadratic, goal: Goal, weight: np.ndarray, bias: np.ndarray
) -> np.ndarray:
    """Return the last record that misses a goal, -1 if none, shape (num_rates,).

    Example:
        >>> bowl = Quadratic.of([-1.0, 1.0], [-1.0, 1.0])  # its loss: 1, and the square of the way
        >>> weight, bias = np.array([[3.0, 1.5, 3.0, 1.1], [1.1] * 4]), np.zeros((2, 4))
        >>> last_missed(bowl, Goal(1.0), weight, bias)
        array([ 2, -1])
    """
    with np.errstate(over="ignore", invalid="ignore"):
        squared = (quadratic.errors(weight, bias) ** 2).sum(axis=-1)
    missed = goal.is_missed(quadratic.excess_loss(weight, bias), squared)
    last = missed.shape[1] - 1 - missed[:, ::-1].argmax(axis=1)
    return np.where(missed.any(axis=1), last, -1)


def expectation(
    noise: BatchNoise,
    phases: Sequence[Phase],
    step: np.ndarray,
    start: Sequence[float] = Line.start,
) -> History:
    """Return where runs are expected on average: as `forecast`, with mini-batches of plain steps.

    On average a mini-batch's gradient is that of all points, so weight and bias follow the path of
    all points, and the loss stays above that of the path by the expected noise floor.

    Returns:
        The runs as if they were recorded at these steps; nan where nothing is expected.
    """
    averaged = [
        replace(phase, batch_size=None) if type(phase.rule) is Plain else phase for phase in phases
    ]
    expected = forecast(noise.quadratic, averaged, step, start)
    last = ends(phases)
    for index, phase in enumerate(phases):
        if phase.batch_size is None:
            continue
        here = (step > last[index] - phase.num_steps) & (step <= last[index])
        for run, rate in enumerate(phase.learning_rates):
            floor = noise.floor(rate, phase.batch_size) if phase.is_constant else None
            expected.loss[run, here] += np.nan if floor is None else floor
    return replace(expected, phases=tuple(phases))
