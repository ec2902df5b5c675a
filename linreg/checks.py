"""Refuses arguments that make no sense, in words written for the person at the page."""

from collections.abc import Iterable
from numbers import Integral, Real

import numpy as np
from numpy.typing import ArrayLike

MAX_STEPS = 2_000_000
MAX_MAGNITUDE = 1e6  # of weights, biases and noise: squares stay far from overflow
MAX_COORDINATE = 1e100  # of the points: likewise
MIN_LEARNING_RATE, MAX_LEARNING_RATE = 1e-40, 1e6  # of x up to 1e20, and of any


def number(
    name: str, value: float, low: float = -MAX_MAGNITUDE, high: float = MAX_MAGNITUDE
) -> float:
    """Return `value` as a float, or raise ValueError unless it is a number in [low, high].

    Example:
        >>> number("noise", 2, low=0)
        2.0
        >>> number("noise", -1, low=0)
        Traceback (most recent call last):
        ValueError: `noise` must be a number between 0 and 1000000, got -1.
    """
    if not isinstance(value, Real) or isinstance(value, bool) or not low <= value <= high:
        raise ValueError(
            f"`{name}` must be a number between {low:.7g} and {high:.7g}, got {value!r}."
        )
    return float(value)


def whole_number(name: str, value: float, low: int, high: int) -> int:
    """Return `value` as an int, or raise ValueError unless it is a whole number in [low, high].

    Example:
        >>> whole_number("num_points", 2.5, 1, 10)
        Traceback (most recent call last):
        ValueError: `num_points` must be a whole number between 1 and 10, got 2.5.
    """
    if not isinstance(value, Integral) or isinstance(value, bool) or not low <= value <= high:
        raise ValueError(
            f"`{name}` must be a whole number between {low} and {high}, got {value!r}."
        )
    return int(value)


def points(x: ArrayLike, y: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """Return x and y as float64 arrays, both of shape (num_points,).

    Raises:
        ValueError: If they are not two columns of finite numbers, of one length and not empty.
    """
    try:
        x, y = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    except (TypeError, ValueError):
        raise ValueError("`x` and `y` must hold numbers only.") from None
    if x.ndim != 1 or x.shape != y.shape or x.size == 0:
        raise ValueError(
            "`x` and `y` must be two columns of one length with at least one point, "
            f"got shapes {x.shape} and {y.shape}."
        )
    for extreme in (x.min(), x.max(), y.min(), y.max()):
        finite(extreme)
    return x, y


def finite(value: float) -> None:
    """Raise ValueError unless a number of the points, or one that follows from them, can be squared."""
    if not -MAX_COORDINATE <= value <= MAX_COORDINATE:
        raise ValueError(
            "`x` and `y` must be finite numbers, and not so far out that a line through them "
            f"cannot be computed, got {value:.6g}."
        )


def learning_rates(values: float | Iterable[float]) -> np.ndarray:
    """Return one or several learning rates as an array of shape (num_rates,).

    Raises:
        ValueError: If there is none, or one is not a number between 1e-40 and 1e6.

    Example:
        >>> learning_rates(0.05)
        array([0.05])
        >>> learning_rates([0.1, 0])
        Traceback (most recent call last):
        ValueError: `learning_rate` must be a number between 1e-40 and 1000000, got 0.
    """
    values = list(values) if isinstance(values, Iterable) else [values]
    if not values:
        raise ValueError("`learning_rates` must hold at least one learning rate, got none.")
    low, high = MIN_LEARNING_RATE, MAX_LEARNING_RATE
    return np.array([number("learning_rate", value, low, high) for value in values])


def num_steps(value: int) -> int:
    """Return the number of steps, or raise ValueError unless it is in 1 … 2,000,000."""
    return whole_number("num_steps", value, 1, MAX_STEPS)
