"""What each frame of the player shows of each run: the one table that all panels look into."""

import numpy as np
import pyarrow as pa

from linreg.pictures.arrow import PANEL, Table, texts
from linreg.pictures.stage import bowl, numbers
from linreg.pictures.stage.bowl import EDGE
from linreg.runs.history import History
from linreg.runs.phases import Phase
from linreg.theory import Quadratic
from linreg.theory.dynamics import Dynamics
from linreg.words import factor, number

SMALL = 1e-9  # of the initial steep error squared: less than that is no change of sides
SEEN = EDGE / 100  # a move in the bowl that is drawn: about a pixel


def rows(titles, quadratic, history, records, fit, axes) -> tuple[Table, Table]:
    """Return a row for each run and frame, run by run; and where runs leave the bowl."""
    weight, bias = history.weight[:, records], history.bias[:, records]  # (num_rates, frames)
    loss, step = history.loss[:, records], history.step[records]
    panel = np.arange(len(titles))[:, None]
    ends, outside = fit.clip(weight, bias)
    with np.errstate(all="ignore"):
        y = weight[..., None] * ends + bias[..., None]
        every_side = quadratic.errors(history.weight, history.bias)[..., 1]
        if not quadratic.is_minimum(history.weight[0, 0], history.bias[0, 0]):
            steep_start = np.abs(every_side[:, :1])
            way = quadratic.distance(float(history.weight[0, 0]), float(history.bias[0, 0]))
            # A start straight above the flat direction has a steep error of rounding alone.
            every_side /= np.where(steep_start > 1e-12 * way, steep_start, way)
    y = np.where(outside[..., None] == 0, np.clip(y, fit.bottom, fit.top), fit.bottom)
    side = every_side[:, records]  # of the bowl, in initial steep errors
    in_bowl = np.abs(side) <= EDGE  # False for nan
    u = np.where(in_bowl, side, 0.0)
    cell = np.round(u / SEEN)
    moves = np.diff(cell, axis=1, prepend=np.nan) != 0  # what lies on the mark before is left out
    by_one = np.diff(step, prepend=0)[None, :] <= 1
    # A run that changes sides is drawn only while every step has a frame; leaps would hide jumps.
    with np.errstate(invalid="ignore"):
        stays = np.all(every_side * every_side[:, :1] >= -SMALL, axis=1, keepdims=True)
    reached = np.logical_and.accumulate(in_bowl & (by_one | stays), axis=1)
    at = panel[..., None] + fit.across(ends)
    middle = panel + PANEL / 2
    columns = {
        "frame": np.arange(len(records)),
        "step": step,
        "loss": axes.cut(loss),
        "excess": axes.cut_excess(quadratic.excess_loss(weight, bias)),
        "on_chart": loss <= axes.ceiling,
        "outside": outside,
        "x": at[..., 0],
        "x2": at[..., 1],
        "y": y[..., 0],
        "y2": y[..., 1],
        "left": panel,
        "middle": middle,
        "u": middle + u / EDGE * PANEL / 2,
        "height": u**2,
        "in_bowl": in_bowl,
        "trail": reached & moves,
    }
    rows = {name: np.broadcast_to(one, loss.shape).ravel() for name, one in columns.items()}
    rows["run"] = texts(titles).take(pa.array(np.repeat(panel, len(records))))
    rows |= _rate_texts(quadratic, history, records) | numbers.rows(quadratic, history, records)
    return rows, bowl.exits(titles, every_side, history.step)


def _rate_texts(quadratic: Quadratic, history: History, records: np.ndarray) -> Table:
    """Return at every frame the rate, and what a step of that rate does to the steep error."""
    phase = (history.phase[records] - 1).tolist()
    places: dict[tuple[int, float], int] = {}  # of each phase and rate, in the order they come
    place = [
        places.setdefault(pair, len(places))
        for rates in history.rate[:, records].tolist()
        for pair in zip(phase, rates, strict=True)
    ]
    rate = [f"η = {number(rate)}" + f", phase {k + 1}" * (k > 0) for k, rate in places]
    factors = [_factor_text(quadratic, history.phases[k], rate) for k, rate in places]
    return {"rate": pa.array(rate).take(place), "factor": pa.array(factors).take(place)}


def _factor_text(quadratic: Quadratic, phase: Phase, rate: float) -> str:
    """Return what a step at this rate does to the steep error; nothing where it is not known."""
    if not phase.is_predictable:
        return ""
    root = Dynamics(quadratic, phase.rule).roots(rate)[1, 0]
    if root.imag:
        return f"swings × {factor(abs(root)).lstrip('+')}"
    return "× " + (factor(root.real) if 0 < root.real < 1 else number(root.real, signed=True))
