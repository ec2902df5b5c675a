"""Many learning rates at once: what each leaves after some steps, how many it needs, and which is best."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from linreg.checks import MAX_LEARNING_RATE, MIN_LEARNING_RATE
from linreg.runs.history import History, drawn_steps
from linreg.runs.phases import Phase
from linreg.runs.rules import Plain, Rule
from linreg.theory import forecast
from linreg.theory.dynamics import Dynamics
from linreg.theory.quadratic import Goal, Quadratic

NUM_RATES = 256
LOW, HIGH = 5e-4, 4.0  # times the reference
FURTHEST = 1e-5, 11.0  # likewise; as far as round rates go, and what momentum suggests: 3e-5
ROOM = 1.3  # times a rate, to either end
ZOOMS = 4  # of the search for the fewest steps with momentum
LONGEST_SEARCHED = 2_000  # steps of the fastest: what is found within a second or two
LONGEST_SCHEDULE = 5_000  # steps of 256 rates that are followed one by one, likewise
CHOSEN = 16  # of the fastest candidates, and as many of the next, around which it goes on


@dataclass(frozen=True, eq=False)
class Sweep:
    """What came of each of many rates, each field of shape (num_rates,)."""

    learning_rates: np.ndarray  # ascending
    # Excess loss after the last step, as a share of the initial one; inf or nan where a run has
    # left all numbers.
    left: np.ndarray
    # Until the run has converged to the tolerance, `Quadratic.goal`; inf for never, nan where it
    # was not seen to happen.
    steps: np.ndarray


def rates_around(reference: float, learning_rates: Iterable[float] = ()) -> np.ndarray:
    """Return the rates of a sweep: evenly spaced in their logarithm, shape (NUM_RATES,).

    From 5e-4 to 4 times the reference, and by half decades further until the given rates lie inside
    with room for their names; those further out than a map can show are left out.

    Args:
        reference: From `rates.reference`.
        learning_rates: That shall lie inside.

    Example:
        >>> [float(rate) for rate in rates_around(1.0)[[0, -1]]]
        [0.0005, 4.0]
        >>> rates_around(1.0, [9.0])[-1].round(2), rates_around(1.0, [9.0, 1e3])[-1].round(2)
        (np.float64(12.65), np.float64(12.65))
    """
    shares = np.array(list(learning_rates)) / reference
    shares = shares[(shares >= FURTHEST[0]) & (shares <= FURTHEST[1])]
    low, high = shares.min(initial=1) / ROOM, shares.max(initial=1) * ROOM
    halves = np.ceil(2 * np.log10([LOW / low, high / HIGH])).clip(min=0)
    ends = reference * np.array([LOW, HIGH]) * 10 ** (halves / [-2, 2])
    return np.geomspace(max(ends[0], MIN_LEARNING_RATE), min(ends[1], MAX_LEARNING_RATE), NUM_RATES)


def predicted(
    quadratic: Quadratic, phase: Phase, tolerance: float, start: Sequence[float]
) -> Sweep | None:
    """Return what must come of each rate of a phase from a start; None where nobody can tell.

    Args:
        quadratic: The loss of the points.
        phase: With the rates.
        tolerance: In (0, 1).
        start: Weight and bias.
    """
    if not phase.is_predictable or is_too_long(phase):
        return None
    path = forecast.forecast(quadratic, (phase,), drawn_steps((phase,)), start)
    goal = quadratic.goal(start, tolerance)
    needed = forecast.steps_to_stay(quadratic, goal, path)
    steps = np.array([np.inf if count is None else count for count in needed])
    if not phase.is_constant:  # a schedule knows its own steps only
        steps = np.where(np.isinf(steps), np.nan, steps)
    return Sweep(np.array(phase.learning_rates), _left(quadratic, path.weight, path.bias), steps)


def is_too_long(phase: Phase) -> bool:
    """Return whether a schedule has too many steps to follow for every rate of a sweep."""
    return not phase.is_constant and phase.num_steps > LONGEST_SCHEDULE


def measured(quadratic: Quadratic, history: History, tolerance: float) -> Sweep:
    """Return what came of each rate of runs that were trained through one phase.

    Of more than 2,000 steps every early one and 2,000 others are known; the next known one counts.
    """
    goal = quadratic.goal((float(history.weight[0, 0]), float(history.bias[0, 0])), tolerance)
    last = forecast.last_missed(quadratic, goal, history.weight, history.bias)
    inside = last < history.step.size - 1
    steps = np.where(inside, history.step[np.minimum(last + 1, history.step.size - 1)], np.nan)
    left = _left(quadratic, history.weight, history.bias)
    return Sweep(history.learning_rates, left, steps)


def _left(quadratic: Quadratic, weight: np.ndarray, bias: np.ndarray) -> np.ndarray:
    first, last = quadratic.excess_loss(weight[:, [0, -1]], bias[:, [0, -1]]).T
    first = np.maximum(first, quadratic.rounding)
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        return np.where(first > 0, last / first, 0.0)


def fewest_steps(
    quadratic: Quadratic, rule: Rule, tolerance: float, start: Sequence[float]
) -> tuple[float, int] | None:
    """Return the rate that needs the fewest steps from a start, and how many it needs.

    None where that takes too long to find: with momentum, where thousands of steps are needed.

    Rates within 1e-9 of the critical one are left out, as everywhere: float64 tells their distance
    from it too coarsely to count their steps.

    Args:
        quadratic: The loss of the points.
        rule: Plain, momentum or Nesterov.
        tolerance: In (0, 1), see `Quadratic.goal`.
        start: Weight and bias, not in the minimum.

    Example:
        >>> from linreg.runs.rules import Plain
        >>> fewest_steps(Quadratic.of([-1.0, 1.0], [1.0, 5.0]), Plain(), 1e-3, (0.0, -1.0))
        (0.5, 1)
    """
    if type(rule) is Plain:
        return _fewest_plain(quadratic, tolerance, start)
    return _fewest_found(quadratic, rule, tolerance, start)


def _fewest_plain(
    quadratic: Quadratic, tolerance: float, start: Sequence[float]
) -> tuple[float, int]:
    """Return what `fewest_steps` returns for plain steps, by the best rate for each count of steps.

    A rate that is within the tolerance after k steps is so after k + 1, too. So k is the fewest as
    soon as the rate that leaves least after k - 1 steps leaves too much.
    """
    limit = np.nextafter(quadratic.critical_learning_rate * (1 - 1e-9), 0)
    fewest = np.inf
    rates = np.minimum(2 / quadratic.eigenvalues.sum(keepdims=True), limit)
    goal = quadratic.goal(start, tolerance)
    while (needed := quadratic.steps_each(goal, rates, start)).min() < fewest:
        fewest = needed.min()
        counts = np.maximum(fewest - np.arange(2), 1)
        rates = _leaving_least(quadratic, counts, start, goal, limit)
    return float(rates[0]), int(fewest)


def _leaving_least(
    quadratic: Quadratic, steps: np.ndarray, start: Sequence[float], goal: Goal, limit: float
) -> np.ndarray:
    """Return the rates that come nearest to a goal in so many steps, shape (num_counts,).

    What is left after k steps is Σ pᵢ (1 - η λᵢ)^2k, convex in the rate η, with pᵢ = ½ λᵢ cᵢ² for
    the excess loss and cᵢ² for the squared distance. The larger of the two, each as a share of what
    the goal allows, is convex, too: it is least where one of them is, or between, where both are
    equally far from it. Rates beyond the limit do not count.
    """
    errors = quadratic.errors(*start) ** 2
    both = [errors * quadratic.eigenvalues / 2 / goal.excess_loss, errors / goal.distance**2]

    def line_decides(rates: np.ndarray) -> np.ndarray:
        left = quadratic.factors(rates) ** (2 * steps[:, None])
        return left @ both[0] < left @ both[1]

    # From where the loss is least to where the distance is, the one grows and the other falls.
    low, high = (np.minimum(_least_of(quadratic, parts, steps), limit) for parts in both)
    low, high = np.where(line_decides(high), high, low), np.where(line_decides(low), high, low)
    for _ in range(60):
        middle = (low + high) / 2
        decides = line_decides(middle)
        low, high = np.where(decides, middle, low), np.where(decides, high, middle)
    return high


def _least_of(quadratic: Quadratic, parts: np.ndarray, steps: np.ndarray) -> np.ndarray:
    """Return where Σ pᵢ (1 - η λᵢ)^2k is least, for each number of steps k.

    Its slope is 0 where (1 - η λ_flat) / (η λ_steep - 1) = r with r^(2k - 1) = p_steep λ_steep /
    (p_flat λ_flat), which is η = 1 / (t λ_flat + (1 - t) λ_steep) with t = 1 / (1 + r). For large
    k, t is ½: the asymptotic optimum.
    """
    with np.errstate(divide="ignore", over="ignore"):
        flat, steep = np.log(parts * quadratic.eigenvalues)
        share = 1 / (1 + np.exp((steep - flat) / (2 * steps - 1)))
    return 1 / (share * quadratic.eigenvalues[0] + (1 - share) * quadratic.eigenvalues[1])


def _fewest_found(
    quadratic: Quadratic, rule: Rule, tolerance: float, start: Sequence[float]
) -> tuple[float, int] | None:
    """Return what `fewest_steps` returns, found by trying.

    With momentum a run swings: each time another half swing is needed to stay inside, the steps
    jump. So the search goes on around the ends of the fastest stretch and many of the next best.
    """
    dynamics = Dynamics(quadratic, rule)
    shares = np.unique(np.concatenate([np.linspace(0, 1, 2_049)[1:-1], _ENDS]))
    candidates = dynamics.critical_learning_rate * shares
    goal = quadratic.goal(start, tolerance)

    def steps_of(rates: np.ndarray, give_up: int) -> np.ndarray:
        return dynamics.steps_to_stay(
            goal, rates, dynamics.rest(rates.size, start), give_up=give_up
        )

    coarse = steps_of(candidates[::8], LONGEST_SEARCHED).min()
    if np.isinf(coarse):
        return None
    best, fewest = np.nan, np.inf
    for _ in range(ZOOMS):
        steps = steps_of(candidates, 2 * int(coarse))
        order = np.argsort(steps, kind="stable")
        ties = np.sort(order[: np.count_nonzero(steps == steps.min())])
        if steps.min() < fewest:
            best, fewest = candidates[ties[(ties.size - 1) // 2]], steps.min()
        ends = ties[np.linspace(0, ties.size - 1, CHOSEN).astype(int)]
        chosen = np.union1d(ends, order[ties.size : ties.size + CHOSEN])
        low, high = np.maximum(chosen - 1, 0), np.minimum(chosen + 1, candidates.size - 1)
        candidates = np.unique(np.linspace(candidates[low], candidates[high], 9))
    return float(best), int(fewest)


_NEAR = np.geomspace(1e-6, 0.5, 100)  # shares of the critical rate, or of the way down from it
_ENDS = np.concatenate([_NEAR, 1 - np.geomspace(1e-9, 1e-3, 50)])
