"""The box that each panel of the fit shows: its extent, and what lies inside it."""

from dataclasses import dataclass

import numpy as np

from linreg.pictures.arrow import PANEL, Table

ABOVE, BELOW = 0.4, 1.1  # room beyond the points, and to where the guess starts: of their height
MAX_POINTS = 150  # drawn in a panel; all of them are trained on


@dataclass(frozen=True)
class FitBox:
    """The box a panel of the fit shows: the points, with room for a guess that comes to them."""

    left: float
    right: float
    bottom: float
    top: float

    @classmethod
    def of(cls, x: np.ndarray, y: np.ndarray, weight: float, bias: float) -> "FitBox":
        """Return the box around the points and this initial guess, from one round x to another."""
        low, high = float(np.min(x)), float(np.max(x))
        unit = 10.0 ** np.floor(np.log10(high - low))
        left, right = np.floor(low / unit) * unit, np.ceil(high / unit) * unit
        if not left < right:  # so near to each other that rounding has swallowed the unit
            left, right = low, high
        ends = weight * left + bias, weight * right + bias
        bottom, top = float(np.min(y)), float(np.max(y))
        height = top - bottom or max(abs(ends[0] - top), abs(ends[1] - top)) or 1.0
        below, above = (BELOW, ABOVE) if sum(ends) < 2 * np.mean(y) else (ABOVE, BELOW)
        return cls(float(left), float(right), bottom - below * height, top + above * height)

    def across(self, x: np.ndarray) -> np.ndarray:
        """Return x in panel units, from 0 to PANEL."""
        return (x - self.left) / (self.right - self.left) * PANEL

    def points(self, num_panels: int, x: np.ndarray, y: np.ndarray) -> Table:
        """Return the points in each panel, or an even choice of them if there are many."""
        if x.size > MAX_POINTS:
            chosen = np.round(np.linspace(0, x.size - 1, MAX_POINTS)).astype(int)
            x, y = x[chosen], y[chosen]
        panels = np.arange(num_panels)[:, None]
        return {"x": (panels + self.across(x)).ravel(), "y": np.tile(y, num_panels)}

    def clip(self, weight: np.ndarray, bias: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the ends x0, x1 of the part of each line in the box, and where it is if outside.

        Returns:
            Ends of shape (..., 2), finite; and 0 where a part is inside, 1 where the line is above
            the box (or no line at all any more), -1 where it is below.
        """
        with np.errstate(all="ignore"):
            bounds = np.array([self.bottom, self.top])
            cut = np.sort((bounds - bias[..., None]) / weight[..., None], axis=-1)
            middle = weight * (self.left + self.right) / 2 + bias
            level = (weight == 0) & (self.bottom <= bias) & (bias <= self.top)
        ends = np.clip(cut, self.left, self.right)
        ends[level] = self.left, self.right
        inside = (ends[..., 0] < ends[..., 1]) & np.isfinite(weight) & np.isfinite(bias)
        ends[~inside] = self.left
        return ends, np.where(inside, 0, np.where(middle < self.bottom, -1, 1))

    def lines(self, num_panels: int, line: tuple[float, float] | None) -> Table:
        """Return the part of a line in each panel; no rows where there is none."""
        weight, bias = (np.array([value]) for value in line or (np.nan, np.nan))
        ends, outside = self.clip(weight, bias)
        panels = np.arange(num_panels if outside[0] == 0 else 0)[:, None]
        at = panels + self.across(ends)
        y = np.broadcast_to(weight * ends[0] + bias, at.shape)
        return {"x": at[:, 0], "x2": at[:, 1], "y": y[:, 0], "y2": y[:, 1]}

    def ticks(self, num_panels: int) -> Table:
        """Return the marks of the x axis under each panel."""
        x = np.array([self.left, (self.left + self.right) / 2, self.right])
        labels = [f"{value:.4g}".replace("-", "−") for value in x] * num_panels
        at = (np.arange(num_panels)[:, None] + self.across(x)).ravel()
        return {"x": at, "label": labels, "place": ["left", "center", "right"] * num_panels}
