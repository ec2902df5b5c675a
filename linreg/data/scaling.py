"""What scaling does to the columns, and back: a line in scaled units is a line in the original ones."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from linreg import checks

SCALES = {"raw": "Raw", "centred": "Centred", "standardised": "Standardised"}
SCALED = {"x": "x alone", "xy": "x and y"}  # which columns


@dataclass(frozen=True)
class Scaling:
    """What is taken from each column, and what the rest is divided by."""

    shift_x: float = 0.0  # in units of x
    unit_x: float = 1.0  # in units of x, > 0
    shift_y: float = 0.0  # in units of y
    unit_y: float = 1.0  # in units of y, > 0

    @classmethod
    def of(cls, x: ArrayLike, y: ArrayLike, scale: str, columns: str = "x") -> "Scaling":
        """Return the scaling of these points.

        Args:
            x: Shape (num_points,).
            y: Shape (num_points,).
            scale: "raw"; "centred" takes the mean away; "standardised" also divides by the standard
                deviation (divided by num_points), if it is not 0.
            columns: "x", or "xy" for both.

        Raises:
            ValueError: If the scale or the columns are none of these, or the points cannot be used.

        Example:
            >>> Scaling.of([2.0, 4.0], [1.0, 1.0], "standardised", "xy")
            Scaling(shift_x=3.0, unit_x=1.0, shift_y=1.0, unit_y=1.0)
        """
        for name, value, allowed in (("scale", scale, SCALES), ("columns", columns, SCALED)):
            if value not in allowed:
                raise ValueError(f"`{name}` must be one of {', '.join(allowed)}, got {value!r}.")
        if scale == "raw":
            return cls()
        x, y = checks.points(x, y)
        parts = []
        for column in (x, y)[: len(columns)]:
            if np.ptp(column) == 0:  # the mean of equal numbers can be off by a rounding
                parts += [float(column[0]), 1.0]
                continue
            spread = float(np.std(column)) if scale == "standardised" else 1.0
            parts += [float(np.mean(column)), spread or 1.0]
        return cls(*parts)

    @property
    def is_raw(self) -> bool:
        """Whether nothing changes."""
        return self == Scaling()

    def points(self, x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return points in scaled units; the same ones if nothing changes."""
        if self.is_raw:
            return x, y
        return (x - self.shift_x) / self.unit_x, (y - self.shift_y) / self.unit_y

    def line(self, weight: float, bias: float) -> tuple[float, float]:
        """Return weight and bias of a line in scaled units.

        Example:
            >>> Scaling(shift_x=3.0, unit_x=2.0).line(5.0, 1.0)  # 5 x + 1
            (10.0, 16.0)
        """
        middle = weight * self.shift_x + bias
        return weight * self.unit_x / self.unit_y, (middle - self.shift_y) / self.unit_y

    def original(self, weight: ArrayLike, bias: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
        """Return weights and biases of lines in the original units.

        Args:
            weight: In scaled units, any shape.
            bias: The same shape.

        Example:
            >>> Scaling(shift_x=3.0, unit_x=2.0).original(10.0, 16.0)
            (np.float64(5.0), np.float64(1.0))
        """
        with np.errstate(over="ignore", invalid="ignore"):
            slope = np.multiply(weight, self.unit_y / self.unit_x)
            return slope, np.multiply(bias, self.unit_y) + self.shift_y - slope * self.shift_x

    def original_loss(self, loss: ArrayLike) -> np.ndarray:
        """Return losses in the original units, those of y squared."""
        with np.errstate(over="ignore"):
            return np.multiply(loss, self.unit_y**2)
