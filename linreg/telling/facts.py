"""What is known of a run: where it ended, when it came close, what the theory said of it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from linreg.runs.history import History
from linreg.runs.phases import Phase
from linreg.runs.rules import Plain
from linreg.theory import OF_DISTANCE, Goal, Quadratic, Zone, forecast
from linreg.theory.dynamics import Dynamics
from linreg.theory.noise import BatchNoise


@dataclass(frozen=True)
class Measured:
    """What became of one run (or must, where nothing has been measured yet)."""

    at_minimum: bool  # it started in the minimum and stayed there
    # Between which recorded steps it converged for good, in loss and line, `Quadratic.goal`: after
    # the first and by the second; None if it did not. Then until 99.9 % of the excess loss was gone.
    steps: tuple[int, int] | None
    loss_steps: tuple[int, int] | None
    diverged: bool  # the loss ended above where it began
    peak: float  # the largest excess loss on the way, as a share of the initial one
    overflow_step: int | None  # the first recorded step whose loss is not a finite number
    weight: float  # after the last step, as all that follows
    bias: float
    loss: float
    excess_loss_left: float  # as a share of the initial one
    excess_of_variance: float  # excess loss as a share of the variance of y
    distance_left: float  # of the parameters from the minimum, as a share of the initial one
    errors_left: tuple[float, float]  # the flat and the steep one, as shares of their own
    # As excess_loss_left, after each phase; of one of mini-batches the mean over all shuffles and
    # its second half.
    left_after: tuple[float, ...]
    floor: float | None  # the excess loss that mini-batches left: that mean of the last phase
    # Whether the last phase goes up and down and comes no closer, where no theory says what it does.
    is_hovering: bool


@dataclass(frozen=True)
class Foretold:
    """What the theory says of one run."""

    is_exact: bool  # it says exactly where the run must be, to its end
    zone: Zone | None  # of the last phase's rate; None if unknown, and where a schedule changes it
    # Needed to converge for good, in loss and line; None if never, or, on a schedule, not by its
    # end. Then until 99.9 % of the initial excess loss is gone.
    steps: int | None
    loss_steps: int | None
    floor: float | None  # the excess loss that mini-batches are expected to leave, if any is
    is_settled: bool  # the run is expected at that floor by the middle of the phase


@dataclass(frozen=True)
class Facts:
    """What is known of one run."""

    run: int  # which of the runs it is
    phases: tuple[Phase, ...]  # what was set, one stretch of steps after the other
    num_points: int
    initial_bias: float
    measured: Measured
    foretold: Foretold

    @property
    def last(self) -> Phase:
        """The phase that the run ended in."""
        return self.phases[-1]

    @property
    def learning_rate(self) -> float:
        """What the run's rate was last set to."""
        return self.last.learning_rates[self.run]

    @property
    def num_steps(self) -> int:
        """After which the run ended."""
        return sum(phase.num_steps for phase in self.phases)


def gather(
    quadratic: Quadratic, history: History, expected: History, noise: BatchNoise
) -> list[Facts]:
    """Return what is known of every run.

    Args:
        quadratic: The loss of the data the runs were trained on.
        history: The runs, measured (or predicted, where nothing has been measured yet).
        expected: What the theory says of the same runs at the same steps, exactly or on average.
        noise: What it says of mini-batches.
    """
    phases, last = history.phases, history.phases[-1]
    start = float(history.weight[0, 0]), float(history.bias[0, 0])
    is_exact = is_foretold(phases)
    goals = quadratic.goal(start), quadratic.goal_of_loss(start)
    both = [_steps(quadratic, goal, history, expected) for goal in goals]
    middle = np.searchsorted(expected.step, expected.step[-1] - last.num_steps // 2)
    path_left = quadratic.excess_loss(expected.weight[:, middle], expected.bias[:, middle])
    gathered = []
    for run in range(history.learning_rates.size):
        end = float(history.weight[run, -1]), float(history.bias[run, -1])
        at_minimum = quadratic.is_minimum(*start) and quadratic.is_minimum(*end)
        needed = [0 if at_minimum and is_exact else steps[run] for steps, _ in both]
        reached = [(0, 0) if at_minimum else steps[run] for _, steps in both]
        floor = _expected_floor(noise, last, run)
        is_settled = floor is not None and bool(path_left[run] <= floor)
        zone = _zone(quadratic, last, run)
        foretold = Foretold(is_exact, zone, needed[0], needed[1], floor, is_settled)
        measured = _measured(quadratic, history, run, at_minimum, reached, is_exact)
        gathered.append(Facts(run, phases, noise.num_points, start[1], measured, foretold))
    return gathered


def is_foretold(phases: Sequence[Phase]) -> bool:
    """Return whether the theory says exactly where runs must be, to their end."""
    return all(phase.is_predictable for phase in phases)


def _measured(
    quadratic: Quadratic, history: History, run: int, at_minimum: bool, reached, is_exact: bool
) -> Measured:
    """Return what became of one run that came to both goals between these steps."""
    weight, bias = history.weight[run], history.bias[run]
    path = quadratic.excess_loss(weight, bias)
    start, end = ((float(weight[k]), float(bias[k])) for k in (0, -1))
    first, excess = (float(quadratic.excess_loss(*line)) for line in (start, end))
    floors = [
        None if loss is None else float(loss[run]) - quadratic.loss
        for loss in map(history.noise_floor, range(len(history.phases)))
    ]
    ends = quadratic.excess_loss(weight[history.ends], bias[history.ends])
    left = [one if floor is None else floor for one, floor in zip(ends, floors, strict=True)]
    initial = max(first, quadratic.rounding)
    flat, steep = map(_share, *np.abs([quadratic.errors(*end), quadratic.errors(*start)]))
    overflow = np.flatnonzero(~np.isfinite(history.loss[run]))
    late = history.phase == len(history.phases)
    return Measured(
        at_minimum=at_minimum,
        steps=reached[0],
        loss_steps=reached[1],
        diverged=bool(history.diverged[run, -1]),
        peak=_share(np.max(np.nan_to_num(path, nan=np.inf)), max(path[0], quadratic.rounding)),
        overflow_step=int(history.step[overflow[0]]) if overflow.size else None,
        weight=end[0],
        bias=end[1],
        loss=float(history.loss[run, -1]),
        excess_loss_left=_share(excess, initial),
        excess_of_variance=_share(excess, quadratic.variance),
        distance_left=_share(quadratic.distance(*end), quadratic.distance(*start)),
        errors_left=(flat, steep),
        left_after=tuple(_share(one, initial) for one in left),
        floor=floors[-1],
        is_hovering=not is_exact and _is_hovering(path[late]),
    )


def is_flat_left(facts: Facts) -> bool:
    """Return whether a run has arrived along the steep direction, and not along the flat one.

    With plain steps, or momentum, at a constant rate that converges.
    """
    (flat, steep), zone = facts.measured.errors_left, facts.foretold.zone
    is_stable = zone is not None and zone.is_stable
    return is_stable and facts.measured.steps is None and steep <= OF_DISTANCE < flat


def _expected_floor(noise: BatchNoise, phase: Phase, run: int) -> float | None:
    """Return the excess loss that a phase of mini-batches is expected to leave, if anything is."""
    if phase.batch_size is None or type(phase.rule) is not Plain or not phase.is_constant:
        return None
    return noise.floor(phase.learning_rates[run], phase.batch_size)


def _zone(quadratic: Quadratic, phase: Phase, run: int) -> Zone | None:
    if not phase.rule.is_linear or phase.batch_size is not None or not phase.is_constant:
        return None
    return Dynamics(quadratic, phase.rule).zone(phase.learning_rates[run])


def _is_hovering(excess: np.ndarray) -> bool:
    """Return whether an excess loss goes up as well as down, and no longer falls on the whole."""
    late = excess[excess.size // 2 :]
    before, after = np.array_split(late, 2)
    with np.errstate(over="ignore", invalid="ignore"):
        rises = np.mean(np.diff(late) > 0) if excess.size > 8 else 0.0
        return bool(rises > 0.2 and after.mean() > before.mean() / 2)


def _share(left: float, initial: float) -> float:
    if initial > 0:
        return float(left) / float(initial)
    return math.inf if left > 0 else 0.0


def _steps(
    quadratic: Quadratic, goal: Goal, history: History, expected: History
) -> tuple[list[int | None], list[tuple[int, int] | None]]:
    """Return the steps to a goal of every run, as predicted and as measured; None if never."""
    needed: list[int | None] = [None] * history.learning_rates.size
    if is_foretold(history.phases):
        needed = forecast.steps_to_stay(quadratic, goal, expected)
    reached = reached_between(quadratic, goal, history)
    for run, steps in enumerate(needed):
        if steps is not None and steps > history.step[-1]:
            reached[run] = None  # a swing that is inside for a while, and will be outside again
    return needed, reached


def reached_between(
    quadratic: Quadratic, goal: Goal, history: History
) -> list[tuple[int, int] | None]:
    """Return between which recorded steps each run came to a goal and stayed."""
    last = forecast.last_missed(quadratic, goal, history.weight, history.bias)
    steps = history.step.tolist()
    return [
        None if k == len(steps) - 1 else (steps[max(k, 0)], steps[k + 1]) for k in last.tolist()
    ]


def largest_difference(quadratic: Quadratic, measured: History, predicted: History) -> float:
    """Return the largest relative difference of the weights and biases, while both are finite.

    Relative to the largest parameter so far: digits lost on a long way out do not come back. At the
    least to what cannot be rounding alone, since a run may start at (0, 0), or in a minimum that is
    as good as there: to the minimum, the start's distance from it, and how far from it the loss
    would be the start's, as steeply as it goes.
    """
    largest = 0.0
    with np.errstate(over="ignore", invalid="ignore"):
        size = np.fmax(np.abs(predicted.weight), np.abs(predicted.bias))
        away = predicted.weight[:, :1] - quadratic.weight, predicted.bias[:, :1] - quadratic.bias
        farthest = max(abs(quadratic.weight), abs(quadratic.bias))
        least = np.fmax(farthest, np.fmax(*map(np.abs, away)))
        least = np.fmax(least, np.sqrt(2 * predicted.loss[:, :1] / quadratic.eigenvalues[1]))
        size = np.fmax.accumulate(np.fmax(size, least), axis=1)
        for one, other in ((measured.weight, predicted.weight), (measured.bias, predicted.bias)):
            gap = np.abs(one - other) / np.where(size > 0, size, 1)
            gap = gap[np.isfinite(one) & np.isfinite(other) & np.isfinite(gap)]
            largest = max(largest, float(gap.max(initial=0.0)))
    return largest
