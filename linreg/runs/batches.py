"""Mini-batches: epochs in an order drawn from a seed, each mini-batch as its own four points."""

from collections.abc import Iterable
from copy import copy

import numpy as np

from linreg.data.summary import around

AT_ONCE = 1_000_000  # points shuffled at a time


def seed_of(seed: int, phase: int, shuffle: int = 0) -> tuple[int, int, int]:
    """Return what the order of a phase, counted from 0, is drawn from.

    Of several shuffles the first is the one of the run that is recorded.
    """
    return seed, phase, shuffle


def members(num_points: int, batch_size: int, seed: Iterable[int], step: int) -> np.ndarray:
    """Return which points one step of a phase looks at, of those that `MiniBatches` goes through.

    Args:
        num_points: Of the data.
        batch_size: Between 1 and num_points.
        seed: Of the order.
        step: Updates of this phase before it, ≥ 0.

    Returns:
        Indices in the order of the epoch, batch_size of them; fewer at the end of an epoch.

    Example:
        >>> epoch = [members(5, 2, (0,), step) for step in range(3)]
        >>> [len(batch) for batch in epoch], sorted(np.concatenate(epoch).tolist())
        ([2, 2, 1], [0, 1, 2, 3, 4])
    """
    epoch, batch = divmod(step, num_batches(num_points, batch_size))
    rng, missing = np.random.default_rng(list(seed)), epoch + 1
    while missing > 0:
        orders = _epochs(rng, num_points, missing)
        missing -= len(orders)
    return orders[-1, batch * batch_size : (batch + 1) * batch_size]


def num_batches(num_points: int, batch_size: int) -> int:
    """Return how many mini-batches an epoch has."""
    return -(-num_points // batch_size)


def _epochs(rng: np.random.Generator, num_points: int, wanted: int) -> np.ndarray:
    """Return the orders of the next epochs, (num_epochs, num_points): as many as wanted, or fewer."""
    num_epochs = min(wanted, max(1, AT_ONCE // num_points))
    return rng.permuted(np.tile(np.arange(num_points), (num_epochs, 1)), axis=1)


class MiniBatches:
    """The mini-batches of one run, epoch after epoch.

    An epoch goes once through all points in a new random order; its last mini-batch is smaller if
    the points do not come out even. The same seed gives the same mini-batches.

    Example:
        >>> x, y = MiniBatches(np.array([1.0, 2.0]), np.array([3.0, 5.0]), 1, seed=(0,)).take(4)
        >>> x.shape, sorted(set(x[:, 0].tolist())), bool(np.all(y == 2 * x + 1))
        ((4, 4), [1.0, 2.0], True)
    """

    def __init__(self, x: np.ndarray, y: np.ndarray, batch_size: int, seed: Iterable[int]) -> None:
        """Begin the first epoch.

        Args:
            x, y: Shape (num_points,).
            batch_size: Between 1 and num_points.
            seed: Of the order, whole numbers ≥ 0.
        """
        self._mean_x, self._mean_y = float(x.mean()), float(y.mean())
        self._dx, self._dy = x - self._mean_x, y - self._mean_y
        self._batch_size = batch_size
        self._rng = np.random.default_rng(list(seed))
        self._rest = np.empty(0, int)  # of an epoch that has been begun
        self._means = np.empty((5, 0))  # of mini-batches that have not been taken yet

    def shuffled(self, seed: Iterable[int]) -> "MiniBatches":
        """Return mini-batches of the same points, which are shared, in the order of another seed."""
        other = copy(self)
        other._rng = np.random.default_rng(list(seed))
        return other

    def take(self, num_steps: int) -> tuple[np.ndarray, np.ndarray]:
        """Return four points for each of the next mini-batches, with the same loss for every line.

        Returns:
            x and y, each of shape (num_steps, 4).
        """
        means = [self._means]
        missing = num_steps - self._means.shape[1]
        while missing > 0:
            order = self._rest[None]
            if not self._rest.size:
                wanted = -(-missing // num_batches(self._dx.size, self._batch_size))
                order = _epochs(self._rng, self._dx.size, wanted)
            order, rest = np.split(order, [missing * self._batch_size], axis=1)
            self._rest = rest.ravel()  # of one epoch, since several are not more than needed
            means.append(self._measure(order))
            missing -= means[-1].shape[1]
        self._means = np.concatenate(means, axis=1)
        taken, self._means = np.split(self._means, [num_steps], axis=1)
        x, y, variance, covariance, variance_y = taken
        with np.errstate(divide="ignore", invalid="ignore"):
            weight = np.where(variance > 0, covariance / variance, 0.0)
        loss = np.maximum(variance_y - weight * covariance, 0)
        return around(
            *(x + self._mean_x, np.sqrt(variance), weight, y + self._mean_y, np.sqrt(loss))
        )

    def _measure(self, order: np.ndarray) -> np.ndarray:
        """Return mean x and y, variance, covariance and variance of y of each mini-batch, (5, …).

        Centred on each mini-batch: a difference of mean squares would lose the digits of points
        that lie close together.
        """
        starts = np.arange(0, order.shape[1], self._batch_size)
        sizes = np.diff(starts, append=order.shape[1])

        def means(column: np.ndarray) -> np.ndarray:
            return np.add.reduceat(column, starts, axis=1) / sizes

        x, y = self._dx[order], self._dy[order]
        mean_x, mean_y = means(x), means(y)
        x -= np.repeat(mean_x, sizes, axis=1)
        y -= np.repeat(mean_y, sizes, axis=1)
        return np.reshape([mean_x, mean_y, means(x * x), means(x * y), means(y * y)], (5, -1))
