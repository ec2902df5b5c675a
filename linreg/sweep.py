"""Many learning rates at once: what each leaves after some steps, how many it needs, and which is best."""

from dataclasses import dataclass, replace

import numpy as np

from linreg import forecast
from linreg.dynamics import Dynamics
from linreg.history import History, drawn_steps
from linreg.phases import Phase, Rule
from linreg.theory import Quadratic

NUM_RATES = 256
LOW, HIGH = 5e-4, 4.0  # times the reference
ZOOMS, AROUND = 6, 4  # of the search for the fewest steps; candidates to each side that it keeps


@dataclass(frozen=True, eq=False)
class Sweep:
    """What came of each of many rates.

    Attributes:
        learning_rates: Ascending, shape (num_rates,).
        left: Excess loss after the last step, as a share of the initial one, shape (num_rates,);
            inf or nan where a run has left all numbers.
        steps: Until the excess loss is within the tolerance for good, shape (num_rates,); inf for
            never, nan where it was not seen to happen.
    """

    learning_rates: np.ndarray
    left: np.ndarray
    steps: np.ndarray


def rates_around(reference: float) -> np.ndarray:
    """Return the rates of a sweep: evenly spaced in their logarithm, shape (NUM_RATES,).

    Example:
        >>> [float(rate) for rate in rates_around(1.0)[[0, -1]]]
        [0.0005, 4.0]
    """
    return reference * np.geomspace(LOW, HIGH, NUM_RATES)


def predicted(
    quadratic: Quadratic, phase: Phase, tolerance: float, start: tuple[float, float]
) -> Sweep | None:
    """Return what must come of each rate of a phase from a start; None where nobody can tell.

    Args:
        quadratic: The loss of the points.
        phase: With the rates.
        tolerance: In (0, 1).
        start: Weight and bias.
    """
    if not phase.is_predictable:
        return None
    phases = (phase,)
    step = drawn_steps(phases)
    path = forecast.forecast(quadratic, phases, step, *start)
    needed = forecast.steps_to_stay(quadratic, phases, tolerance, path, step)
    steps = np.array([np.inf if count is None else count for count in needed])
    if not phase.is_constant:  # a schedule knows its own steps only
        steps[np.isinf(steps)] = np.nan
    return Sweep(np.array(phase.learning_rates), _left(quadratic, path.weight, path.bias), steps)


def measured(quadratic: Quadratic, history: History, tolerance: float) -> Sweep:
    """Return what came of each rate of runs that were trained through one phase.

    Of more than 2,000 steps every early one and 2,000 others are known; the next known one counts.
    """
    excess = quadratic.excess_loss(history.weight, history.bias)
    last = forecast.last_above(excess, tolerance * excess[:, :1])
    inside = last < history.step.size - 1
    steps = np.where(inside, history.step[np.minimum(last + 1, history.step.size - 1)], np.nan)
    left = _left(quadratic, history.weight, history.bias)
    return Sweep(history.learning_rates, left, steps)


def _left(quadratic: Quadratic, weight: np.ndarray, bias: np.ndarray) -> np.ndarray:
    first, last = quadratic.excess_loss(weight[:, [0, -1]], bias[:, [0, -1]]).T
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        return np.where(first > 0, last / first, 0.0)


def fewest_steps(
    quadratic: Quadratic, rule: Rule, tolerance: float, start: tuple[float, float]
) -> tuple[float, int]:
    """Return the rate that needs the fewest steps from a start, and how many it needs.

    No formula gives it: the steps are whole numbers, with a cliff wherever one more is needed. All
    stable rates are searched, ever closer around the best so far. Of several equally fast ones the
    middle one is returned.

    Args:
        quadratic: The loss of the points.
        rule: Plain, momentum or Nesterov.
        tolerance: In (0, 1), share of the initial excess loss.
        start: Weight and bias, not in the minimum.

    Example:
        >>> from linreg.phases import Plain
        >>> fewest_steps(Quadratic.of([-1.0, 1.0], [1.0, 5.0]), Plain(), 1e-3, (0.0, -1.0))[1]
        1
    """
    critical = Dynamics(quadratic, rule).critical_learning_rate * (1 - 1e-9)
    candidates = np.concatenate([np.linspace(0, critical, 4_097)[1:-1], critical * _FINE])
    candidates.sort()
    for _ in range(ZOOMS):
        steps = _steps(quadratic, rule, tolerance, start, candidates)
        ties = np.flatnonzero(steps == steps.min())
        low, high = max(ties[0] - AROUND, 0), min(ties[-1] + AROUND, candidates.size - 1)
        best = candidates[ties[(ties.size - 1) // 2]], steps.min()
        candidates = np.linspace(candidates[low], candidates[high], 257)
    return float(best[0]), int(best[1])


_FINE = np.geomspace(1e-6, 0.5, 200)


def _steps(quadratic, rule, tolerance, start, candidates) -> np.ndarray:
    """Return the steps of each candidate, inf for never, shape (num_candidates,)."""
    phases = (Phase(tuple(candidates.tolist()), 1, rule),)
    step = np.arange(2)
    path = forecast.forecast(quadratic, phases, step, *start)
    needed = forecast.steps_to_stay(quadratic, phases, tolerance, path, step)
    return np.array([np.inf if count is None else count for count in needed])


def settings_of(phase: Phase, learning_rates: np.ndarray) -> Phase:
    """Return a phase with other rates."""
    return replace(phase, learning_rates=tuple(learning_rates.tolist()))
