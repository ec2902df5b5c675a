"""The learning rates a reader picks from: round numbers around the critical rate, and three of them."""

import numpy as np

from linreg.theory import Quadratic

# IEC 60063, series E24: twenty-four round numbers a decade, each about a tenth above the last
E24 = (
    *(1.0, 1.1, 1.2, 1.3, 1.5, 1.6, 1.8, 2.0, 2.2, 2.4, 2.7, 3.0),
    *(3.3, 3.6, 3.9, 4.3, 4.7, 5.1, 5.6, 6.2, 6.8, 7.5, 8.2, 9.1),
)
ALL = np.array([float(f"{mantissa}e{decade}") for decade in range(-13, 8) for mantissa in E24])
RUNS = ("too_small", "good", "too_large")


def grid(critical_learning_rate: float) -> np.ndarray:
    """Return the round rates from 1e-4 to 10 times the critical one, ascending.

    Example:
        >>> [float(rate) for rate in grid(0.5)[-3:]]
        [4.3, 4.7, 5.1]
    """
    low, high = np.searchsorted(ALL, critical_learning_rate * np.array([1e-4, 10]))
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


def suggestions(quadratic: Quadratic) -> dict[str, float]:
    """Return a rate that is too small, a good and a too large one, whatever the data.

    They are multiples of the critical rate, moved to the grid: 0.6 % of it barely moves in a few
    hundred steps, two thirds of it overshoot a little and settle fast, and the first round rate at
    least 4 % above it diverges slowly enough to be watched.

    Example:
        >>> suggestions(Quadratic.of([-1.0, 1.0], [1.0, 5.0]))  # critical rate 1
        {'too_small': 0.0062, 'good': 0.68, 'too_large': 1.1}
    """
    critical = quadratic.critical_learning_rate
    rates = grid(critical)
    return {
        "too_small": nearest(rates, 0.006 * critical),
        "good": nearest(rates, critical * 2 / 3),
        "too_large": float(rates[np.searchsorted(rates, 1.04 * critical)]),
    }
