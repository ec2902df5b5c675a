"""What is known of a run: where it ended, when it came close, what the theory said of it."""

import math
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
    """What became of one run.

    Attributes:
        at_minimum: Whether it started in the minimum and stayed there.
        steps: Between which recorded steps it converged for good, in loss and line,
            `Quadratic.goal`: after the first and by the second; None if it did not.
        loss_steps: Likewise until 99.9 % of the initial excess loss was gone.
        diverged: Whether the loss ended above where it began.
        peak: The largest excess loss on the way, as a share of the initial one.
        overflow_step: The first recorded step whose loss is not a finite number; None if none.
        weight: After the last step.
        bias: After the last step.
        loss: After the last step.
        excess_loss_left: Excess loss after the last step, as a share of the initial one.
        excess_of_variance: Excess loss after the last step, as a share of the variance of y.
        distance_left: The parameters' distance from the minimum, as a share of the initial one.
        errors_left: Of the flat and of the steep error, likewise, as shares of their own.
        left_after: As excess_loss_left, after each phase; of a phase of mini-batches the mean over
            all shuffles and its second half.
        floor: The excess loss that mini-batches left: that mean of the last phase; None without.
        is_hovering: Whether the last phase goes up and down and comes no closer, where no theory
            says what it does.
    """

    at_minimum: bool
    steps: tuple[int, int] | None
    loss_steps: tuple[int, int] | None
    diverged: bool
    peak: float
    overflow_step: int | None
    weight: float
    bias: float
    loss: float
    excess_loss_left: float
    excess_of_variance: float
    distance_left: float
    errors_left: tuple[float, float]
    left_after: tuple[float, ...]
    floor: float | None
    is_hovering: bool


@dataclass(frozen=True)
class Foretold:
    """What the theory says of one run.

    Attributes:
        is_exact: Whether it says exactly where the run must be, to its end.
        zone: What the last phase's rate does; None where nothing is known, and where a schedule
            changes the rate.
        steps: Needed to converge for good, in loss and line; None if never, or, on a schedule, not
            by its end.
        loss_steps: Likewise until 99.9 % of the initial excess loss is gone.
        floor: The excess loss that mini-batches are expected to leave; None where nothing is.
        is_settled: Whether the run is expected at that floor by the middle of the phase.
    """

    is_exact: bool
    zone: Zone | None
    steps: int | None
    loss_steps: int | None
    floor: float | None
    is_settled: bool


@dataclass(frozen=True)
class Facts:
    """What is known of one run.

    Attributes:
        run: Which of the runs it is.
        phases: What was set, one stretch of steps after the other.
        num_points: Of the data.
        initial_bias: Where the run's bias started.
        measured: What became of it (or must, where nothing has been measured yet).
        foretold: What the theory says.
    """

    run: int
    phases: tuple[Phase, ...]
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
    goals = quadratic.goal(_start(history)), quadratic.goal_of_loss(_start(history))
    needed, reached = zip(
        *(_steps(quadratic, one, history, expected) for one in goals), strict=True
    )
    foretold = _foretold(quadratic, history, expected, noise, needed)
    bias = _start(history)[1]
    return [
        Facts(
            run,
            history.phases,
            noise.num_points,
            bias,
            _measured(quadratic, history, run, [steps[run] for steps in reached], told.is_exact),
            told,
        )
        for run, told in enumerate(foretold)
    ]


def _start(history: History) -> tuple[float, float]:
    return float(history.weight[0, 0]), float(history.bias[0, 0])


def _is_at_minimum(quadratic: Quadratic, history: History, run: int) -> bool:
    end = float(history.weight[run, -1]), float(history.bias[run, -1])
    return quadratic.is_minimum(*_start(history)) and quadratic.is_minimum(*end)


def _foretold(quadratic, history: History, expected: History, noise, needed) -> list[Foretold]:
    """Return what the theory says of every run.

    Args:
        quadratic: The loss.
        history: The runs.
        expected: What is expected of them.
        noise: What is known of mini-batches.
        needed: The steps of every run, for loss and line, and for the loss alone.
    """
    last = history.phases[-1]
    is_exact = len(forecast.predictable(history.phases)) == len(history.phases)
    middle = np.searchsorted(expected.step, expected.step[-1] - last.num_steps // 2)
    path_left = quadratic.excess_loss(expected.weight[:, middle], expected.bias[:, middle])
    told = []
    for run in range(history.learning_rates.size):
        is_there = is_exact and _is_at_minimum(quadratic, history, run)
        floor = expected_floor(noise, last, run)
        told.append(
            Foretold(
                is_exact=is_exact,
                zone=_zone(quadratic, last, run),
                steps=0 if is_there else needed[0][run],
                loss_steps=0 if is_there else needed[1][run],
                floor=floor,
                is_settled=floor is not None and bool(path_left[run] <= floor),
            )
        )
    return told


def _measured(quadratic: Quadratic, history: History, run: int, reached, is_exact) -> Measured:
    """Return what became of one run.

    Args:
        quadratic: The loss.
        history: The runs.
        run: Which of them.
        reached: Between which steps it has come to both goals.
        is_exact: Whether the theory says exactly where the run must be, to its end.
    """
    weight, bias = history.weight[run], history.bias[run]
    start, end = _start(history), (float(weight[-1]), float(bias[-1]))
    at_minimum = _is_at_minimum(quadratic, history, run)
    floors = [
        None if loss is None else float(loss[run]) - quadratic.loss
        for loss in map(history.noise_floor, range(len(history.phases)))
    ]
    ends = quadratic.excess_loss(weight[history.ends], bias[history.ends])
    left = [one if floor is None else floor for one, floor in zip(ends, floors, strict=True)]
    initial = max(float(quadratic.excess_loss(*start)), quadratic.rounding)
    excess = float(quadratic.excess_loss(*end))
    flat, steep = map(_share, *np.abs([quadratic.errors(*end), quadratic.errors(*start)]))
    overflow = np.flatnonzero(~np.isfinite(history.loss[run]))
    late = history.phase == len(history.phases)
    return Measured(
        at_minimum=at_minimum,
        steps=(0, 0) if at_minimum else reached[0],
        loss_steps=(0, 0) if at_minimum else reached[1],
        diverged=bool(history.diverged[run, -1]),
        peak=_peak(quadratic, history, run),
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
        is_hovering=not is_exact and _is_hovering(quadratic.excess_loss(weight[late], bias[late])),
    )


def is_flat_left(facts: Facts) -> bool:
    """Return whether a run has arrived along the steep direction, and not along the flat one.

    With plain steps, or momentum, at a constant rate that converges.
    """
    flat, steep = facts.measured.errors_left
    zone = facts.foretold.zone
    is_stable = zone is not None and zone.is_stable
    return is_stable and facts.measured.steps is None and steep <= OF_DISTANCE < flat


def expected_floor(noise: BatchNoise, phase: Phase, run: int) -> float | None:
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
    before, after = np.array_split(excess[excess.size // 2 :], 2)
    with np.errstate(over="ignore", invalid="ignore"):
        rises = np.mean(np.diff(excess[excess.size // 2 :]) > 0) if excess.size > 8 else 0.0
        return bool(rises > 0.2 and after.mean() > before.mean() / 2)


def _peak(quadratic: Quadratic, history: History, run: int) -> float:
    """Return the largest excess loss on the way, as a share of the initial one."""
    excess = quadratic.excess_loss(history.weight[run], history.bias[run])
    return _share(np.max(np.nan_to_num(excess, nan=np.inf)), max(excess[0], quadratic.rounding))


def _share(left: float, initial: float) -> float:
    if initial > 0:
        return float(left) / float(initial)
    return math.inf if left > 0 else 0.0


def _steps(
    quadratic: Quadratic, goal: Goal, history: History, expected: History
) -> tuple[list[int | None], list[tuple[int, int] | None]]:
    """Return the steps to a goal of every run, as predicted and as measured; None if never."""
    needed: list[int | None] = [None] * history.learning_rates.size
    if len(forecast.predictable(history.phases)) == len(history.phases):
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
    step = history.step
    return [
        None if k == step.size - 1 else (int(step[max(k, 0)]), int(step[k + 1]))
        for k in last.tolist()
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
