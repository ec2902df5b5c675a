"""The noise floor: what is left, on average, when plain steps follow mini-batches for long."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from linreg import checks
from linreg.data.summary import CHUNK
from linreg.theory.quadratic import Quadratic

# The state of an epoch: covariance of the error S, sum T and power P of the mean step, each 2 × 2;
# the excess losses so far; and 1.
_S, _T, _P, _SUM, _ONE = slice(0, 4), slice(4, 8), slice(8, 12), 12, 13

NEAR = 0.93  # of the critical rate
FACTOR = 2.0


@dataclass(frozen=True, eq=False)
class BatchNoise:
    """How much the gradients of mini-batches differ from that of all points."""

    quadratic: Quadratic  # the loss of all points
    num_points: int  # at least 2
    gradients: np.ndarray  # covariance of one point's gradient at the minimum, shape (2, 2)
    # Mean over the points of one point's Hessian ⊗ itself, shape (4, 4); times a 2 × 2 matrix M,
    # flattened, it gives the mean of Hessian · M · Hessian.
    hessians: np.ndarray

    @classmethod
    def of(cls, x: ArrayLike, y: ArrayLike) -> "BatchNoise":
        """Measure the points.

        Args:
            x, y: Shape (num_points,), at least two x different.

        Raises:
            ValueError: If all x are equal.
        """
        x, y = checks.points(x, y)
        quadratic = Quadratic.of(x, y)
        residual = quadratic.weight * x + quadratic.bias - y
        squares, fourth = np.zeros(3), np.zeros(5)
        with np.errstate(over="ignore", invalid="ignore"):  # no floor comes of what overflows
            for first in range(0, x.size, CHUNK):
                part = slice(first, first + CHUNK)
                powers = x[part] ** np.arange(5)[:, None]  # (5, CHUNK)
                squares += 4 * (powers[:3] @ residual[part] ** 2) / x.size
                fourth += 4 * powers.sum(axis=1) / x.size
        order = np.array([1, 0])  # of x in the derivatives by weight and bias
        pairs = np.add.outer(order, order)
        hessians = fourth[np.add.outer(pairs, pairs)]  # [i, j, k, l] of H_ij · H_kl
        hessians = hessians.transpose(0, 3, 1, 2).reshape(4, 4)  # H_ij M_jk H_kl, to (i, l)
        return cls(quadratic, x.size, squares[pairs], hessians)

    def floor(self, learning_rate: float, batch_size: int) -> float | None:
        """Return the excess loss expected at a random step, after many epochs of plain steps.

        The error follows e ← (1 - ηH) e - ηg, g being the mini-batch's gradient at the minimum. Its
        covariance is followed through one epoch and must come out as it went in. Within an epoch
        each point is seen once, so gradients are correlated: two points' by -1 / (num_points - 1).
        The mini-batches' own Hessians differ too; that is counted as if it were independent from
        step to step. On the lesson's data simulations agree to within 10 % wherever a floor is
        returned; nearer to the limit the counting is wrong, by up to a factor of eight.

        Args:
            learning_rate: > 0, constant.
            batch_size: Between 1 and num_points.

        Returns:
            None near the limit and above it: from NEAR of the critical rate on, and where the
            Hessians' differences make it more than FACTOR times what it would be without them.

        Example:
            >>> noise = BatchNoise.of([-1.0, 1.0, -1.0, 1.0], [1.0, 5.0, 3.0, 7.0])
            >>> noise.floor(0.1, 4)  # all points: no noise
            0.0
        """
        size = checks.whole_number("batch_size", batch_size, 1, self.num_points)
        if learning_rate > NEAR * self.quadratic.critical_learning_rate:
            return None
        equal, different = (self._settled(learning_rate, size, scatter) for scatter in (0.0, 1.0))
        if equal is None or different is None or different > FACTOR * equal:
            return None
        return different

    def _settled(self, learning_rate: float, size: int, scatter: float) -> float | None:
        """Return the floor with a share of the Hessians' differences; None if there is none."""
        whole, rest = divmod(self.num_points, size)
        with np.errstate(over="ignore", invalid="ignore"):
            epoch = np.linalg.matrix_power(self._step(learning_rate, size, scatter), whole)
            if rest:
                epoch = self._step(learning_rate, rest, scatter) @ epoch
        if not np.all(np.isfinite(epoch)):
            return None
        begin = np.zeros(14)
        begin[_P], begin[_ONE] = np.eye(2).ravel(), 1
        keep, gain = epoch[_S, _S], (epoch @ begin)[_S]
        if np.abs(np.linalg.eigvals(keep)).max() >= 1:
            return None
        begin[_S] = np.linalg.solve(np.eye(4) - keep, gain)
        return max(0.0, float((epoch @ begin)[_SUM]) / (whole + bool(rest)))

    def _step(self, learning_rate: float, size: int, scatter: float) -> np.ndarray:
        """Return the matrix of one step on the state of an epoch, shape (14, 14)."""
        eta, n = learning_rate, self.num_points
        eigenvalues, directions = self.quadratic.eigenvalues, self.quadratic.directions
        hessian = directions * eigenvalues @ directions.T
        mean = np.eye(2) - eta * hessian
        spread = (n - size) / (n - 1) / size  # variance of a mean of so many, drawn once each
        step = np.zeros((14, 14))
        extra = self.hessians - np.kron(hessian, hessian)
        step[_S, _S] = np.kron(mean, mean) + scatter * eta**2 * spread * extra
        step[_S, _ONE] = eta**2 * spread * self.gradients.ravel()
        # Earlier gradients of the epoch are still in the error: their covariance with this one's.
        shared = -(eta**2) / (n - 1) * np.kron(mean, self.gradients)  # of T, row by row
        transposed = shared.reshape(2, 2, 4).swapaxes(0, 1).reshape(4, 4)
        step[_S, _T] = shared + transposed
        step[_T, _T] = step[_T, _P] = np.eye(4)
        step[_P, _P] = np.kron(mean, np.eye(2))
        step[_SUM] = hessian.ravel() / 2 @ step[_S]
        step[_SUM, _SUM] = step[_ONE, _ONE] = 1
        return step
