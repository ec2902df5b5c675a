"""The loss curves of kept runs beside the three on the stage: cut to its axes, told apart, named.

A kept run may have been trained on other points, and lie anywhere. What lies outside an axis is
left out, with a mark where it leaves: nothing is drawn at a loss that no run had.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import altair as alt
import numpy as np
import pyarrow as pa
from numpy.lib.stride_tricks import sliding_window_view

from linreg.pictures.arrow import Table, finite
from linreg.pictures.layers import data, dots, left_at, text
from linreg.pictures.stage.channels import IS_NARROW
from linreg.pictures.stage.curves import Curve, LossAxes, on_loss_axes

COLORS = ("#CC79A7", "#E69F00", "#56B4E9", "#8F7AD6", "#7a7f87")
NUM_HOVERS = 40  # places of a curve that tell their numbers
LETTERS = 18  # of a name in the chart
LINE = 16  # pixels from one line of words to the next
COLUMNS = 60  # of the chart, at which it is looked whether a name has room
LETTER = 0.009  # width of a letter, as a share of the chart's
RAISED = 0.065  # how far a name stands above or below its curve, as a share of the height
HEIGHT = 175  # of the row, in pixels
ROOM = 0.06  # between a name and other curves, likewise: more is not needed

Row = dict[str, Any]
_TEXT, _WHOLE, _REAL, _FLAG = pa.string(), pa.int64(), pa.float64(), pa.bool_()
_PLACE = {"other": _TEXT, "color": _TEXT, "step": _WHOLE, "loss": _REAL, "excess": _REAL}
_WORDS = {"is_excess": _FLAG, "dy": _WHOLE, "label": _TEXT}
CURVES = _PLACE | {"told_loss": _REAL, "told_excess": _REAL}
CURVES |= {"piece": _WHOLE, "excess_piece": _WHOLE, "hovers": _FLAG}
EXITS = _PLACE | _WORDS | {"shape": _TEXT, "place": _TEXT, "short": _TEXT}
NAMES = _PLACE | _WORDS | {"is_log": _FLAG}


class Drawn(NamedTuple):
    """A run as far as the stage's steps go."""

    name: str
    color: str
    curve: Curve


def tables(
    others: Sequence[tuple[str, Curve]], three: Sequence[Curve], axes: LossAxes, num_exits: int
) -> dict[str, Table]:
    """Return the tables of the curves, of where they leave the axes, and of their names.

    More runs than there are colours are left out. No name should hide one of the three that they
    stand beside; where those leave is told at the top of the row before these.
    """
    last = int(three[0].step[-1])
    drawn = [
        Drawn(name, color, Curve(*(part[one.step <= last] for part in one)))
        for color, (name, one) in zip(COLORS, others, strict=False)
    ]
    parts, exits, names = [_curve(one, axes) for one in drawn], [], []
    for is_excess in (False, True) if drawn else ():
        left = _exits(drawn, is_excess, axes, last, num_exits)
        told = {row["other"] for row in left}
        exits += left
        for is_log in (False, True):
            names += _names(drawn, told, three, is_excess, is_log, axes)
    return {
        "others": {
            name: pa.chunked_array([part[name] for part in parts], kind).combine_chunks()
            for name, kind in CURVES.items()
        },
        "other_exits": _table(exits, EXITS),
        "other_names": _table(names, NAMES),
    }


def _table(rows: list[Row], kinds: dict[str, pa.DataType]) -> Table:
    return {name: pa.array([row[name] for row in rows], kind) for name, kind in kinds.items()}


def _at(one: Drawn, k: int, axes: LossAxes) -> Row:
    """Return a record of a run, at the edge of each axis that it lies outside of."""
    loss, excess = one.curve.loss[k], one.curve.excess[k]
    place = {"loss": float(axes.cut(loss)), "excess": float(axes.cut_excess(excess))}
    return {"other": one.name, "color": one.color, "step": int(one.curve.step[k])} | place


def _sides(curve: Curve, is_excess: bool, axes: LossAxes) -> np.ndarray:
    """Return whether records lie above an axis (1), below it (-1) or on it; nan lies above."""
    values, depth = (curve.excess, axes.excess_depth) if is_excess else (curve.loss, axes.depth)
    return np.where(values <= axes.ceiling, np.where(values < depth, -1, 0), 1)


def pieces(side: np.ndarray) -> np.ndarray:
    """Return which unbroken piece of its line each record is drawn in; -1 for none.

    A piece goes on to the first record outside, where it meets the edge, and no further.

    Example:
        >>> pieces(np.array([0, 0, 1, 1, 1, 0])).tolist()
        [0, 0, 0, -1, 2, 2]
    """
    inside = np.pad(side == 0, 1)
    near = inside[:-2] | inside[1:-1] | inside[2:]
    is_broken = ~(inside[1:-2] | inside[2:-1])
    return np.where(near, np.concatenate([[0], np.cumsum(is_broken)]), -1)


def _curve(one: Drawn, axes: LossAxes) -> dict[str, np.ndarray | pa.Array]:
    """Return the records that either axis shows, each with its piece of the line on both."""
    curve, hovers = one.curve, np.zeros(one.curve.step.size, bool)
    sides = [_sides(curve, is_excess, axes) for is_excess in (False, True)]
    for side in sides:
        inside = np.flatnonzero(side == 0)
        if inside.size:
            hovers[inside[np.linspace(0, inside.size - 1, NUM_HOVERS).round().astype(int)]] = True
    piece, excess_piece = map(pieces, sides)
    columns = {
        "step": curve.step,
        "loss": axes.cut(curve.loss),
        "excess": axes.cut_excess(curve.excess),
        "piece": piece,
        "excess_piece": excess_piece,
        "hovers": hovers,
    }
    kept = np.maximum(piece, excess_piece) >= 0
    rows = {name: column[kept] for name, column in columns.items()}
    rows |= {"other": [one.name] * int(kept.sum()), "color": [one.color] * int(kept.sum())}
    return rows | {"told_loss": finite(curve.loss[kept]), "told_excess": finite(curve.excess[kept])}


def _exits(
    drawn: Sequence[Drawn], is_excess, axes: LossAxes, last: int, num_exits: int
) -> list[Row]:
    """Return where curves leave one axis, and the words for it; or that none of them is on it."""
    rows = []
    lines = {1: num_exits, -1: 0}  # of words at the top and at the bottom
    for one in drawn:
        side = _sides(one.curve, is_excess, axes)
        out = side != 0
        leaves = np.flatnonzero(out & np.diff(out, prepend=False)).tolist()
        if out[0] and not out.all():
            leaves = leaves[1:]  # it comes in later
        if out.all() and side[0] > 0:
            leaves = [out.size - 1]  # there are fewer curves at the right
        for k in sorted({leaves[0], leaves[-1]} if out[-1] else {leaves[0]}) if leaves else ():
            is_up, words, dy = bool(side[k] > 0), ("", ""), 0
            if k == leaves[0]:
                words, told = _words(one, out, k), lines[side[k]]
                dy = 4 + LINE * told if is_up else -LINE * (1 + told)
                lines[side[k]] += 1
            row = _at(one, k, axes) | {"is_excess": is_excess, "dy": dy}
            row |= {"shape": "triangle-up" if is_up else "triangle-down"}
            row |= {"place": "right" if row["step"] > last / 2 else "left"}
            rows.append(row | {"label": words[0], "short": words[1]})
    return rows


def _words(one: Drawn, out: np.ndarray, k: int) -> tuple[str, str]:
    """Return in many words and in few that a run leaves an axis at a record, and comes back."""
    name, step = _cut(one.name), one.curve.step
    if out.all():
        return (f"{name}: off this chart",) * 2
    when = f"{'at' if step[k] - step[k - 1] == 1 else 'by'} step {step[k]:,}"
    back = "" if out[-1] else f", back at {step[np.flatnonzero(out)[-1] + 1]:,}"
    return f"{name}: off the chart {when}{back}", f"{name}: {when}"


def _cut(name: str) -> str:
    return name if len(name) <= LETTERS else f"{name[: LETTERS - 1]}…"


def _names(drawn, told, three, is_excess: bool, is_log: bool, axes: LossAxes) -> list[Row]:
    """Return a name for each run not told of yet, beside its curve, where it hides no other."""
    last, rows = int(three[0].step[-1]), []
    curves = [*(one.curve for one in drawn), *three]
    lines = [_heights(curve, last, is_excess, is_log, axes) for curve in curves]
    if not is_excess:
        lines.append(_floor(axes))
    for one, own in zip(drawn, lines[: len(drawn)], strict=True):
        if one.name in told:
            continue
        label = _cut(one.name)
        half = max(1, round(LETTER * len(label) * COLUMNS / 2))
        column, way = _roomiest(own, lines, half)
        along = _along(one.curve.step, last, is_log)
        row = _at(one, int(np.abs(along - column / (COLUMNS - 1)).argmin()), axes)
        row |= {"is_excess": is_excess, "is_log": is_log, "label": label}
        rows.append(row | {"dy": round(-HEIGHT * RAISED * way)})
        taken = np.full(COLUMNS, np.nan)
        taken[max(0, column - half) : column + half + 1] = own[column] + RAISED * way
        lines.append(taken)
    return rows


def _floor(axes: LossAxes) -> np.ndarray:
    """Return how high the words about the least possible loss stand, at the right end."""
    heights = np.full(COLUMNS, np.nan)
    least = max(axes.least, axes.depth)
    height = np.log(least / axes.depth) / np.log(axes.ceiling / axes.depth)
    heights[int(0.7 * COLUMNS) :] = height + RAISED
    return heights


def _roomiest(own: np.ndarray, lines: Sequence[np.ndarray], half: int) -> tuple[int, int]:
    """Return at which column, above (1) or below (-1) its own line, a name has room.

    As near as it can be to where a curve has settled, and the axis has not ended. A name covers
    half its columns to each side. Heights of lines, (COLUMNS,), are nan where there is none.
    """
    far = np.abs(np.arange(COLUMNS) - 0.6 * COLUMNS)
    inner = slice(half, COLUMNS - half)
    windows = sliding_window_view(np.stack(lines), 2 * half + 1, axis=1)  # (lines, inner, covered)
    ways = np.array([1, -1])
    height = own[inner, None] + RAISED * ways  # (inner, ways)
    gaps = np.abs(windows[..., None] - height[:, None])
    room = np.where(np.isnan(gaps), np.inf, gaps).min(axis=(0, 2))
    fits = (height >= RAISED / 2) & (height <= 1 - RAISED / 2)  # nan does not
    score = np.where(fits, np.minimum(room, ROOM) - 1e-6 * far[inner, None], -1.0)
    column, way = divmod(int(score.argmax()), ways.size)
    if fits.any():
        return half + column, int(ways[way])
    return int(np.where(np.isfinite(own), far, np.inf).argmin()), 1


def _along(step: np.ndarray, last: int, is_log: bool) -> np.ndarray:
    """Return where steps lie on the horizontal axis, as shares of it."""
    if not is_log:
        return step / last
    left = np.log(0.5)  # where the logarithm of the chart begins
    return (np.log(np.maximum(step, 0.5)) - left) / (np.log(last) - left)


def _heights(curve: Curve, last: int, is_excess: bool, is_log: bool, axes: LossAxes) -> np.ndarray:
    """Return how high a line runs at each column, as a share; nan where it is not on the axis."""
    bottom = axes.excess_depth if is_excess else axes.depth
    values = axes.cut_excess(curve.excess) if is_excess else axes.cut(curve.loss)
    height = np.log(values / bottom) / np.log(axes.ceiling / bottom)
    height[_sides(curve, is_excess, axes) != 0] = np.nan
    along = _along(curve.step, last, is_log)
    return np.interp(np.linspace(0, 1, COLUMNS), along, height, right=np.nan)


# ---------------------------------------------------------------- their drawing


def drawing(x: alt.X, y: alt.Y) -> list[alt.Chart]:
    """The loss of runs that the reader keeps: dashed, told apart by colour and name."""
    color = alt.Color("color:N", legend=None, scale=None)
    told = [alt.Tooltip("other:N", title="kept run"), alt.Tooltip("step:Q", format=",")]
    told.append(alt.Tooltip("told_loss:Q", title="loss", format=".4~g"))
    told.append(alt.Tooltip("told_excess:Q", title="excess loss", format=".4~g"))
    rows = on_loss_axes(data("others"))
    rows = rows.transform_calculate(part="excess ? datum.excess_piece : datum.piece")
    rows = rows.transform_filter("datum.part >= 0")
    both = "datum.is_excess == excess && datum.is_log == log_steps"
    names = on_loss_axes(data("other_names").transform_filter(both))
    exits = on_loss_axes(data("other_exits").transform_filter("datum.is_excess == excess"))
    exits = exits.transform_calculate(words=f"{IS_NARROW} ? datum.short : datum.label")
    shape = alt.Shape("shape:N", legend=None, scale=None)
    parts = [alt.Detail("other:N"), alt.Detail("part:N")]
    return [
        rows.mark_line(strokeWidth=1.8, strokeDash=[7, 4]).encode(x, y, color, parts),
        dots(rows.transform_filter("datum.hovers"), 80, x, y, told, opacity=0),
        dots(exits, 110, x, y, color, shape, told[:2]),
        left_at(exits, "words", x, y, color, limit={"expr": "width / 2"}),
        text(names, "label", x, y, color, dy={"expr": "datum.dy"}),
    ]
