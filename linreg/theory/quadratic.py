"""What gradient descent on a line must do: the minimum, the critical rate, the path, the steps.

The loss is the mean of the squared residuals, no ½, so the Hessian is 2/n XᵀX. With ½ every limit
here would double. Nothing is trained in this file, and nothing of the trainer is used.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike

from linreg import checks
from linreg.data.summary import Moments
from linreg.runs.model import Line


class Zone(StrEnum):
    """What a learning rate does, in ascending order of the rate; only with momentum a run swings."""

    CONVERGES = "converges from one side"
    SWINGS = "swings from side to side and still converges"
    OVERSHOOTS = "overshoots each step and still converges"
    BOUNCES = "bounces for ever"
    DIVERGES = "diverges"

    @property
    def is_stable(self) -> bool:
        """Whether runs in this zone end in the minimum."""
        return self in (Zone.CONVERGES, Zone.SWINGS, Zone.OVERSHOOTS)


TOLERANCE = 1e-3  # share of a run's initial excess loss that may be left when it has converged
OF_VARIANCE, OF_DISTANCE = 1e-2, 1e-2  # shares of the variance of y and of the distance, likewise


@dataclass(frozen=True)
class Goal:
    """Where a run has converged: in its loss, and in its line.

    The loss alone would not do. Where the bowl is steep in one direction and flat across it, nearly
    all of the excess loss goes in a few steps down the steep side, while along the flat one the
    line is where it began: the weight is right, and the bias has not moved. The distance alone
    would not do either: a little off along the steep direction costs much.
    """

    excess_loss: float  # may be left
    distance: float = math.inf  # from the minimum, may be left; inf: only the loss is asked for

    def is_missed(self, excess_loss: ArrayLike, squared_distance: ArrayLike) -> np.ndarray:
        """Return where it is not reached; what is no number has reached nothing.

        Example:
            >>> Goal(1.0, 2.0).is_missed([1.0, 1.1, 0.0, math.nan], [4.0, 0.0, 4.1, 0.0])
            array([False,  True,  True,  True])
        """
        within = np.less_equal(excess_loss, self.excess_loss)
        return ~(within & np.less_equal(squared_distance, self.distance**2))


@dataclass(frozen=True, eq=False)
class Quadratic:
    """The loss of every line through the given points: a bowl, known exactly."""

    weight: float  # of the minimum
    bias: float
    loss: float  # at the minimum, the least possible
    eigenvalues: np.ndarray  # of the Hessian, ascending, > 0, loss / parameter², shape (2,)
    directions: np.ndarray  # unit eigenvectors as columns, flat first; rows weight and bias; (2, 2)

    @classmethod
    def of(cls, x: ArrayLike, y: ArrayLike) -> "Quadratic":
        """Return the loss surface of these points.

        The Hessian is 2 [[mean x², mean x], [mean x, 1]], with determinant 4 spread². The small
        eigenvalue is taken from the determinant, since a difference would lose its digits.

        Args:
            x, y: Shape (num_points,), at least two x different.

        Raises:
            ValueError: If all x are equal: then no single line is the best one.

        Example:
            >>> bowl = Quadratic.of([-1.0, 1.0], [1.0, 5.0])
            >>> bowl.weight, bowl.bias, bowl.loss, bowl.critical_learning_rate
            (2.0, 3.0, 0.0, 1.0)
        """
        moments = Moments.of(x, y)
        mean_x, spread_x = moments.mean_x, moments.spread_x
        if mean_x + spread_x == mean_x:
            raise ValueError(
                f"`x` must hold at least two different values, got only {mean_x:.4g}. Every line "
                "through one place fits it equally well, so there is no single best one. "
                "Add points."
            )
        mean_xx = mean_x**2 + spread_x**2
        steep = (mean_xx + 1) + math.hypot(mean_xx - 1, 2 * mean_x)
        angle = math.atan2(2 * mean_x, mean_xx - 1) / 2  # of the steep direction
        sin, cos = math.sin(angle), math.cos(angle)
        eigenvalues = np.array([4 * spread_x**2 / steep, steep])
        directions = np.array([[-sin, cos], [cos, sin]])
        return cls(moments.weight, moments.bias, moments.loss, eigenvalues, directions)

    @property
    def condition_number(self) -> float:
        """The large eigenvalue over the small one."""
        return float(self.eigenvalues[1] / self.eigenvalues[0])

    @cached_property
    def critical_learning_rate(self) -> float:
        """The learning rate at and above which gradient descent stops converging.

        Each step multiplies the error along eigenvector i by 1 - learning_rate·eigenvalue_i; both
        factors lie inside (-1, 1) exactly when 0 < learning_rate < 2 / largest eigenvalue.

        Source:
            G. Goh, "Why Momentum Really Works", Distill (2017), doi:10.23915/distill.00006.
        """
        return float(2 / self.eigenvalues[1])

    def factors(self, learning_rate: ArrayLike) -> np.ndarray:
        """Return what each step multiplies the flat and the steep error by, shape (..., 2).

        Example:
            >>> Quadratic.of([-1.0, 1.0], [1.0, 5.0]).factors(0.75)
            array([-0.5, -0.5])
        """
        return 1 - np.multiply.outer(learning_rate, self.eigenvalues)

    def errors(self, weight: ArrayLike, bias: ArrayLike) -> np.ndarray:
        """Return how far a line is from the minimum along the flat and the steep direction.

        Args:
            weight, bias: Of one shape.

        Returns:
            Shape (..., 2), in the units of the parameters.
        """
        with np.errstate(over="ignore", invalid="ignore"):  # a run may have left all numbers
            error = np.stack([np.subtract(weight, self.weight), np.subtract(bias, self.bias)], -1)
            return error @ self.directions

    def at(self, errors: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return weight, bias and loss of lines with errors along both directions, (..., 2)."""
        weight, bias = np.moveaxis(errors @ self.directions.T, -1, 0)
        return weight + self.weight, bias + self.bias, self.loss + self._excess(errors)

    def _excess(self, errors: np.ndarray) -> np.ndarray:
        return (errors**2) @ (self.eigenvalues / 2)

    def excess_loss(self, weight: ArrayLike, bias: ArrayLike) -> np.ndarray:
        """Return the loss of a line above the least possible one, free of cancellation."""
        with np.errstate(over="ignore", invalid="ignore"):
            return self._excess(self.errors(weight, bias))

    def gradient(self, weight: ArrayLike, bias: ArrayLike) -> np.ndarray:
        """Return the gradient of the loss at a line: the Hessian times the way from the minimum.

        Args:
            weight, bias: Of one shape.

        Returns:
            Shape (..., 2), by weight and by bias, in units of loss / parameter.

        Example:
            >>> Quadratic.of([-1.0, 1.0], [1.0, 5.0]).gradient(2.0, 4.0)
            array([0., 2.])
        """
        return (self.errors(weight, bias) * self.eigenvalues) @ self.directions.T

    def distance(self, weight: float, bias: float) -> float:
        """Return how far a line is from the minimum, in the units of the parameters."""
        return math.hypot(weight - self.weight, bias - self.bias)

    @cached_property
    def rounding(self) -> float:
        """The excess loss below which float64 cannot tell a line from the minimum."""
        scale = self._excess(np.array([self.weight, self.bias]) @ self.directions)
        return float(1e-12 * self.loss + 1e-24 * scale)

    def is_minimum(self, weight: float, bias: float) -> bool:
        """Return whether a line is so near the minimum that float64 cannot tell its loss apart."""
        return bool(self.excess_loss(weight, bias) <= self.rounding)

    @property
    def variance(self) -> float:
        """The variance of y: the loss of the best line without a slope."""
        return self.loss + self.weight**2 * float(self.eigenvalues.prod()) / 4

    def goal(self, start: Sequence[float] = Line.start, tolerance: float = TOLERANCE) -> Goal:
        """Return where a run from this start has converged.

        Its excess loss must be within the tolerance, as a share of the initial one, and within 1 %
        of the variance of y, since of a start far away a thousandth may be a lot; its distance
        from the minimum must be within 1 % of the initial one. Another tolerance moves the others
        with it: the loss grows with the square of the distance. What rounding leaves is within.

        Args:
            start: Where the run starts, weight and bias.
            tolerance: In (0, 1).

        Raises:
            ValueError: If the tolerance lies outside its interval.

        Example:
            >>> Quadratic.of([-1.0, 1.0], [1.0, 5.0]).goal((2.0, 13.0))  # 10 from (2, 3), 100 above
            Goal(excess_loss=0.04, distance=0.1)
        """
        times = tolerance / TOLERANCE
        excess = self.goal_of_loss(start, tolerance).excess_loss
        if self.variance > self.rounding:  # y all the same vary by nothing else
            excess = min(excess, OF_VARIANCE * times * self.variance)
        distance = OF_DISTANCE * math.sqrt(times) * self.distance(*start)
        distance = max(distance, 1e-13 * math.hypot(self.weight, self.bias))
        return Goal(max(excess, self.rounding), distance)

    def goal_of_loss(
        self, start: Sequence[float] = Line.start, tolerance: float = TOLERANCE
    ) -> Goal:
        """Return where only a share of the initial excess loss is left, as `goal` for the rest."""
        tolerance = checks.number("tolerance", tolerance, low=1e-15, high=1 - 1e-15)
        left = tolerance * float(self.excess_loss(*start))
        return Goal(max(left, self.rounding))

    def steps_to(
        self, tolerance: float, learning_rate: float, start: Sequence[float] = Line.start
    ) -> int | None:
        """Return after how many steps the excess loss is first within tolerance times its start.

        Of the loss alone: when the line is there, too, say `goal` and `steps_each`.

        Args:
            tolerance: In (0, 1).
            learning_rate: > 0.
            start: Where the run starts, weight and bias.

        Returns:
            The steps; 0 from the minimum; None if never. An unstable run may pass the mark before
            its steep error has grown; the first time counts.

        Example:
            >>> Quadratic.of([-1.0, 1.0], [1.0, 5.0]).steps_to(0.01, 0.25, (0.0, 3.0))  # ¼ a step
            4
        """
        rates = np.array([checks.learning_rates(learning_rate)[0]])
        steps = self.steps_each(self.goal_of_loss(start, tolerance), rates, start)[0]
        return int(steps) if np.isfinite(steps) else None

    def steps_each(
        self, goal: Goal, learning_rates: np.ndarray, start: Sequence[float] = Line.start
    ) -> np.ndarray:
        """Return after how many steps each rate first reaches a goal, as floats; inf is never.

        Args:
            goal: Of this start, or of the loss alone.
            learning_rates: Shape (num_rates,).
            start: Where the run starts, weight and bias.

        Returns:
            Shape (num_rates,). An unstable run may reach it before its steep error has grown.
        """
        errors = self.errors(*start) ** 2
        scaled = np.multiply.outer(learning_rates, self.eigenvalues)  # (num_rates, 2)
        with np.errstate(all="ignore"):
            # log1p, since 1 - tiny is 1 to the last bit
            growth = 2 * np.where(scaled < 0.5, np.log1p(-scaled), np.log(np.abs(1 - scaled)))
            growth = np.where(errors > 0, growth, -np.inf)  # a direction without error is done
            both = (errors * self.eigenvalues / 2, goal.excess_loss), (errors, goal.distance**2)
            steps = np.maximum(*(_first_within(parts, allowed, growth) for parts, allowed in both))
            if (growth > 0).any():  # one of the two may be missed again before the other is reached
                left = np.exp(growth * steps[:, None])
                missed = [left @ parts > allowed * (1 + 1e-9) for parts, allowed in both]
                steps[(growth > 0).any(axis=1) & np.logical_or(*missed)] = np.inf
        return steps


def _first_within(parts: np.ndarray, allowed: float, growth: np.ndarray) -> np.ndarray:
    """Return the first whole k with Σ part_i exp(growth_i · k) within bounds, inf if none.

    The sum is convex in k: it falls to the bound either before its lowest point or not at all, so a
    bisection over whole k finds the first. Parts are (2,), growth is (num_rates, 2).
    """
    if parts.sum() <= allowed:
        return np.zeros(len(growth))

    def left(k):
        return (np.exp(growth * k[:, None]) * parts).sum(axis=1)

    alone = np.where(growth < 0, np.log(allowed / 2 / parts) / growth, np.inf)
    alone = np.where(parts > 0, alone, 0)
    flat, steep = growth.T
    turn = np.log(-parts[0] * flat / (parts[1] * steep)) / (steep - flat)
    turn = np.where(np.isfinite(turn), np.maximum(turn, 1), 1)
    turn = np.where(left(np.floor(turn)) <= allowed, np.floor(turn), np.ceil(turn))
    high = np.where(steep > 0, turn, np.ceil(np.max(alone, axis=1)))
    high = np.maximum(high, 1)
    reached = np.isfinite(high) & (left(np.minimum(high, 1e300)) <= allowed)
    low, high = np.zeros_like(high), np.where(reached, high, 1)
    while np.any(high - low > 1):
        middle = np.floor((low + high) / 2)
        stuck = (middle == low) | (middle == high)  # beyond 2⁵³ neighbours are not 1 apart
        enough = left(middle) <= allowed
        high = np.where(enough & ~stuck, middle, high)
        low = np.where(stuck, high, np.where(enough, low, middle))
    return np.where(reached, high, np.inf)
