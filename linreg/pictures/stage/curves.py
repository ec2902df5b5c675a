"""The loss row of the stage: its two axes, and the records that a curve is drawn through."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from linreg.pictures.arrow import Table
from linreg.pictures.playback import frame_records
from linreg.runs.history import History
from linreg.theory import Quadratic
from linreg.words import number

CURVE = 400  # records that a curve is drawn through, about
CEILING = 40  # times the initial loss: above it a curve is cut
MIN_DEPTH = 1e-9  # times the initial loss: the loss axis ends here where the least loss is 0
MIN_EXCESS = 1e-14  # likewise for the excess loss, of which float64 keeps as many digits
DEEPER = 1e-3  # times its own bottom: so far an axis goes down for the runs drawn beside
BELOW = 0.6  # times the least loss: the room below it
# Where a row stands on the two axes, as the boxes say.
ALONG = "log_steps ? log(max(datum.step, 0.5)) / LN10 : datum.step"
SHOWN = "excess ? datum.excess : datum.loss"


def on_loss_axes(chart):
    """Place rows on the axes of the loss; on the logarithm step 0 stands a little left of 1."""
    return chart.transform_calculate(along=ALONG, shown=SHOWN)


class Curve(NamedTuple):
    """The loss of one run: three arrays of one shape."""

    step: np.ndarray
    loss: np.ndarray
    excess: np.ndarray


def curve_records(step: np.ndarray) -> np.ndarray:
    """Return which records a curve is drawn through: all of a few, else the early ones and some."""
    if step.size <= CURVE:
        return np.arange(step.size)
    evenly = np.searchsorted(step, np.linspace(0, step[-1], CURVE // 2))
    return np.union1d(np.union1d(evenly, np.arange(CURVE // 2)), frame_records(step))


@dataclass(frozen=True)
class LossAxes:
    """The two axes of the loss row: the loss, and the excess loss; one top, two bottoms."""

    least: float
    ceiling: float
    depth: float
    excess_depth: float

    @classmethod
    def of(
        cls, quadratic: Quadratic, history: History, records: np.ndarray, others: Sequence[Curve]
    ) -> "LossAxes":
        """Return axes with room for all these records of the runs, up to far above the initial loss.

        The others may have been trained on other points: the axes go down for them, but not so far
        that the runs themselves are flattened.
        """
        ceiling = CEILING * float(history.loss[0, 0]) or 1.0
        excess = quadratic.excess_loss(history.weight[:, records], history.bias[:, records])
        depth = max(quadratic.loss * BELOW, MIN_DEPTH * ceiling)
        excess_depth = max(_lowest(excess, ceiling) / 2, MIN_EXCESS * ceiling)
        lowest, lowest_excess = depth, excess_depth
        for one in others:
            shown = one.step <= history.step[-1]
            loss, above = _lowest(one.loss[shown], ceiling), _lowest(one.excess[shown], ceiling)
            lowest, lowest_excess = min(lowest, loss * BELOW), min(lowest_excess, above / 2)
        lowest = max(lowest, depth * DEEPER)
        return cls(quadratic.loss, ceiling, lowest, max(lowest_excess, excess_depth * DEEPER))

    def cut(self, loss: np.ndarray) -> np.ndarray:
        """Return the loss inside its axis; what is not a number has left it at the top."""
        return np.clip(np.nan_to_num(loss, nan=self.ceiling), self.depth, self.ceiling)

    def cut_excess(self, excess: np.ndarray) -> np.ndarray:
        """Return the excess loss inside its axis, likewise."""
        return np.clip(np.nan_to_num(excess, nan=self.ceiling), self.excess_depth, self.ceiling)

    def floor(self) -> Table:
        """Return the least possible loss, or the bottom of the axis if it is below."""
        label = f"least possible loss {number(self.least)}"
        below = ", below this axis" * (self.least < self.depth)
        return {"loss": [max(self.least, self.depth)], "label": [label + below]}

    def extent(self) -> Table:
        """Return the ends of both axes."""
        return {"loss": [self.depth, self.ceiling], "excess": [self.excess_depth, self.ceiling]}


def _lowest(values: np.ndarray, ceiling: float) -> float:
    """Return the smallest value above 0; the top of the axis if there is none."""
    return float(np.min(values, where=values > 0, initial=ceiling))
