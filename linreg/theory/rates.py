"""The learning rates a reader picks from: round numbers around a reference, and three of them."""

import math
from collections.abc import Sequence

import numpy as np

from linreg.checks import MIN_LEARNING_RATE
from linreg.runs.model import Line
from linreg.runs.rules import Adam, Plain, RMSprop, Rule
from linreg.theory.dynamics import Dynamics
from linreg.theory.quadratic import Quadratic

# IEC 60063, series E24: twenty-four round numbers a decade, each about a tenth above the last
E24 = (
    *(1.0, 1.1, 1.2, 1.3, 1.5, 1.6, 1.8, 2.0, 2.2, 2.4, 2.7, 3.0),
    *(3.3, 3.6, 3.9, 4.3, 4.7, 5.1, 5.6, 6.2, 6.8, 7.5, 8.2, 9.1),
)
ALL = np.array([float(f"{mantissa}e{decade}") for decade in range(-40, 8) for mantissa in E24])
LEAST_CRITICAL = 1e4 * MIN_LEARNING_RATE
RUNS = ("too_small", "good", "too_large")
# Too small, good and too large as shares of the way to the minimum: what gave these three pictures
# on lines of very different sizes, since no theory says it.
SHARES = {Adam: (0.001, 0.1, 9.0), RMSprop: (0.0005, 0.02, 2.0)}


def shares(rule: Rule) -> tuple[float, float, float]:
    """Return the three rates as shares of the reference.

    Momentum β adds up to 1 / (1 - β) steps of one direction, so that what is too small or good is
    smaller by that much; the critical rate, which grows with momentum, does not know.

    Example:
        >>> from linreg.runs.rules import Momentum
        >>> shares(Plain())[0], shares(Momentum(0.5))[0]
        (0.006, 0.002)
    """
    if type(rule) in SHARES:
        return SHARES[type(rule)]
    momentum = getattr(rule, "momentum", 0.0)
    return 0.006 * (1 - momentum) / (1 + momentum), (1 - momentum) * 2 / 3, 1.04


def reference(quadratic: Quadratic, rule: Rule, start: Sequence[float] = Line.start) -> float:
    """Return the rate by which the others are measured.

    It is the critical one; for Adam and RMSprop, whose rate is the length of a step, it is the
    length of the way from the start to the minimum.

    Raises:
        ValueError: If the critical rate is so small that no rate can be set below it.

    Example:
        >>> reference(Quadratic.of([-1.0, 1.0], [1.0, 5.0]), Plain())
        1.0
        >>> reference(Quadratic.of([-1.0, 1.0], [1.0, 5.0]), Adam())  # from (0, -1) to (2, 3)
        4.0
    """
    if rule.is_linear:
        critical = Dynamics(quadratic, rule).critical_learning_rate
        if critical < LEAST_CRITICAL:
            raise ValueError(
                f"`x` must be smaller, got such large ones that every learning rate above "
                f"{critical:.2g} diverges. Standardise x."
            )
        return critical
    way = float(np.abs(np.subtract((quadratic.weight, quadratic.bias), start)).max())
    return min(max(way, 1e-6), 1e4) if math.isfinite(way) else 1.0


def grid(reference: float) -> np.ndarray:
    """Return the round rates from 1e-4 to 10 times the reference, ascending.

    Example:
        >>> [float(rate) for rate in grid(0.5)[-3:]]
        [4.3, 4.7, 5.1]
    """
    low, high = np.searchsorted(ALL, reference * np.array([1e-4, 10]))
    return ALL[max(low, 0) : high + 1]


def nearest(rates: np.ndarray, learning_rate: float) -> float:
    """Return the rate nearest in ratio."""
    return float(rates[np.argmin(np.abs(np.log(rates / learning_rate)))])


def nudge(learning_rate: float) -> float:
    """Return by how much one click changes a rate: one in its second digit.

    Example:
        >>> nudge(0.51), nudge(3.0)
        (0.01, 0.1)
    """
    return float(f"1e{int(np.floor(np.log10(learning_rate))) - 1}")


def suggestions(
    quadratic: Quadratic, rule: Rule | None = None, start: Sequence[float] = Line.start
) -> dict[str, float]:
    """Return a rate that is too small, a good and a too large one, whatever the data and the rule.

    They are multiples of the reference, moved to the grid: 0.6 % of the critical rate barely moves
    in a few hundred steps, two thirds of it overshoot a little and settle fast, and the first round
    rate at least 4 % above it diverges slowly enough to be watched.

    Example:
        >>> suggestions(Quadratic.of([-1.0, 1.0], [1.0, 5.0]))  # critical rate 1
        {'too_small': 0.0062, 'good': 0.68, 'too_large': 1.1}
    """
    rule = rule or Plain()
    whole = reference(quadratic, rule, start)
    rates = grid(whole)
    too_small, good, too_large = shares(rule)
    return {
        "too_small": nearest(rates, too_small * whole),
        "good": nearest(rates, good * whole),
        "too_large": float(rates[np.searchsorted(rates, too_large * whole)]),
    }
