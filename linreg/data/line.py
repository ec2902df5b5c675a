"""The points a line is fitted to, and how the lesson makes them."""

from dataclasses import dataclass

import numpy as np

from linreg import checks

MAX_POINTS = 1_000_000
MAX_SEED = 2**32 - 1


@dataclass(frozen=True, eq=False)
class Dataset:
    """Points, and what is known of where they come from.

    Attributes:
        x: Shape (num_points,).
        y: Shape (num_points,).
        line: Weight and bias of the line that they were made from, if they were made.
        names: Of x and y; of a stranger's file a stranger's text.
    """

    x: np.ndarray
    y: np.ndarray
    line: tuple[float, float] | None = None
    names: tuple[str, str] = ("x", "y")

    @property
    def num_points(self) -> int:
        """How many points there are."""
        return self.x.size


def make_line(
    weight: float = 0.1,
    bias: float = 0.5,
    num_points: int = 100,
    noise: float = 0.01,
    seed: int = 0,
) -> Dataset:
    """Make noisy points from a line: y = weight·x + bias + noise, x uniform on [0, 1).

    Args:
        weight: Of the true line, between -1e6 and 1e6.
        bias: Of the true line, between -1e6 and 1e6.
        num_points: Between 1 and 1,000,000.
        noise: Standard deviation of the normal noise on y, between 0 and 1e6.
        seed: Between 0 and 2³² - 1; the same seed makes the same points.

    Raises:
        ValueError: If an argument lies outside its interval.

    Example:
        >>> line = make_line(weight=2.0, bias=1.0, num_points=5, noise=0.0)
        >>> bool(np.all(line.y == 2.0 * line.x + 1.0))
        True
    """
    weight, bias = checks.number("weight", weight), checks.number("bias", bias)
    num_points = checks.whole_number("num_points", num_points, 1, MAX_POINTS)
    noise = checks.number("noise", noise, low=0)
    rng = np.random.default_rng(checks.whole_number("seed", seed, 0, MAX_SEED))
    x = rng.uniform(size=num_points)
    y = weight * x + bias + noise * rng.normal(size=num_points)
    return Dataset(x, y, (weight, bias))
