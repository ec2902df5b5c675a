"""Four points that have the same loss as all of them, for every line."""

import math
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from linreg import checks

CHUNK = 16_384  # points at a time: three float64 columns of this length stay in the cache


class Moments(NamedTuple):
    """All that the mean squared error of a line knows of the points, centred."""

    mean_x: float
    spread_x: float  # standard deviation of x (divided by num_points), 0 if all x are equal
    weight: float  # of the least-squares line; 0 if all x are equal
    bias: float  # of the least-squares line
    loss: float  # mean squared error of that line, the least that any line reaches

    @classmethod
    def of(cls, x: ArrayLike, y: ArrayLike) -> "Moments":
        """Measure the points, centred first, in float64.

        Args:
            x: Shape (num_points,), num_points ≥ 1.
            y: Shape (num_points,).

        Raises:
            ValueError: If the columns differ in length, are empty, or hold anything but finite
                numbers whose squares are finite too.

        Example:
            >>> Moments.of([0.0, 1.0, 2.0], [1.0, 3.0, 5.0])[3:]
            (1.0, 0.0)
        """
        x, y = checks.points(x, y)
        with np.errstate(over="ignore", invalid="ignore"):
            mean_x, mean_y = float(np.mean(x)), float(np.mean(y))
            if np.ptp(x) == 0:  # the mean of equal numbers can be off by a rounding
                mean_x = float(x[0])
            chunks = [slice(i, i + CHUNK) for i in range(0, x.size, CHUNK)]
            xx = xy = 0.0
            for part in chunks:
                dx, dy = x[part] - mean_x, y[part] - mean_y
                xx += float(dx @ dx)
                xy += float(dx @ dy)
            weight = xy / xx if xx > 0 else 0.0
            rr = 0.0
            for part in chunks:
                residual = (y[part] - mean_y) - weight * (x[part] - mean_x)
                rr += float(residual @ residual)
            bias = mean_y - weight * mean_x
        checks.finite(weight)
        checks.finite(bias)
        return cls(mean_x, math.sqrt(xx / x.size), weight, bias, rr / x.size)


class Sums:
    """The six sums of points that come in batches, centred, so that far from 0 none is lost.

    Example:
        >>> sums = Sums()
        >>> sums.add(np.array([0.0]), np.array([1.0])), sums.add(np.array([2.0]), np.array([5.0]))
        (None, None)
        >>> x, y = sums.four_points()
        >>> float(x.mean()), float(y.mean())
        (1.0, 3.0)

    Source:
        T. F. Chan, G. H. Golub and R. J. LeVeque, “Updating Formulae and a Pairwise Algorithm for
        Computing Sample Variances”, Stanford STAN-CS-79-773 (1979).
    """

    def __init__(self):
        """Begin without points."""
        self.num_points = 0
        self._mean = np.zeros(2)  # of x and y
        self._scatter = np.zeros((2, 2))  # sums of products around it
        self._least_x, self._largest_x = math.inf, -math.inf

    def add(self, x: np.ndarray, y: np.ndarray) -> None:
        """Take more points into account, x and y of shape (num_points,)."""
        if x.size == 0:
            return
        points = np.stack([x, y])
        mean, total = points.mean(axis=1), self.num_points + x.size
        centred, apart = points - mean[:, None], mean - self._mean
        between = np.outer(apart, apart) * (self.num_points * x.size / total)
        self._scatter += centred @ centred.T + between
        self._mean += apart * (x.size / total)
        self.num_points = total
        self._least_x = min(self._least_x, float(x.min()))
        self._largest_x = max(self._largest_x, float(x.max()))

    def four_points(
        self, parts: Iterable[tuple[np.ndarray, np.ndarray]] | None = None
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return four points with the mean squared error of all, x and y of shape (4,).

        Args:
            parts: The same points once more, to measure what their line leaves to its last digit;
                without them it is a difference of sums, to 16 digits of the variance of y.
        """
        (xx, xy), (_, yy) = self._scatter / self.num_points
        mean_x, mean_y = self._mean
        if self._least_x == self._largest_x:  # what is left of a mean and a scatter is rounding
            mean_x, xx = self._least_x, 0.0
        weight = xy / xx if xx > 0 else 0.0
        rest = max(yy - weight * xy, 0.0)
        if parts is not None:
            residuals = (y - mean_y - weight * (x - mean_x) for x, y in parts)
            rest = sum(float(one @ one) for one in residuals) / self.num_points
        return around(mean_x, math.sqrt(xx), weight, mean_y, math.sqrt(rest))


def four_points(x: ArrayLike, y: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """Return four points with the mean squared error of all points, for every weight and bias.

    The mean squared error sees the data through six sums only. The points x = mean ± spread, each
    twice, with y on the least-squares line plus and minus the root of its loss, have the same six.

    Args:
        x: Shape (num_points,), finite, num_points ≥ 1.
        y: Shape (num_points,), finite.

    Returns:
        x and y, each of shape (4,).

    Raises:
        ValueError: As `Moments.of`.

    Example:
        >>> x, y = four_points([0.0, 2.0], [1.0, 5.0])
        >>> float(np.mean((3.0 * x + 0.0 - y) ** 2)) == ((0 - 1) ** 2 + (6 - 5) ** 2) / 2
        True
    """
    mean_x, spread_x, weight, bias, loss = Moments.of(x, y)
    return around(mean_x, spread_x, weight, weight * mean_x + bias, math.sqrt(loss))


def around(
    mean_x: ArrayLike, spread_x: ArrayLike, weight: ArrayLike, mean_y: ArrayLike, rest: ArrayLike
) -> tuple[np.ndarray, np.ndarray]:
    """Return four points around a mean, with a least-squares line and what it leaves.

    Args:
        mean_x: Any shape; the others have the same.
        spread_x: Standard deviation of x.
        weight: Of the least-squares line.
        mean_y: Where that line passes mean_x.
        rest: Root of the least loss.

    Returns:
        x and y, each of shape (..., 4).
    """
    away = np.multiply.outer(spread_x, np.array([-1.0, -1.0, 1.0, 1.0]))
    up = np.multiply.outer(rest, np.array([-1.0, 1.0, -1.0, 1.0]))
    four_y = np.expand_dims(mean_y, -1) + np.expand_dims(weight, -1) * away + up
    return np.expand_dims(mean_x, -1) + away, four_y
