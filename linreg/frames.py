"""The tables that fill the stage: what each of its frames shows, as Arrow.

A frame is one position of the stage's slider. The three panels share one horizontal axis, in panel
units: panel p covers p to p + PANEL. Nothing that is not finite leaves this file: one inf, or a
value ≤ 0 on a log axis, flattens a whole chart.
"""

from functools import cache

import numpy as np
import pyarrow as pa

from linreg.fitbox import PANEL, FitBox, Table
from linreg.history import History
from linreg.theory import Quadratic
from linreg.words import factor, number

FRAMES = 100  # the slider's last position; its first is 0
NUM_CHECKS = 12  # marks of the prediction on a curve
CEILING = 40  # times the initial loss: above it a curve is cut
MIN_DEPTH = 1e-9  # times the initial loss: the loss axis ends here where the least loss is 0
EDGE = 1.6  # of the bowl, in initial steep errors


def stage_tables(
    titles: list[str],
    x: np.ndarray,
    y: np.ndarray,
    true_line: tuple[float, float] | None,
    quadratic: Quadratic,
    history: History,
    predicted: History,
    is_measured: bool,
) -> dict[str, bytes]:
    """Return the stage's datasets, by name, as Arrow IPC bytes.

    Args:
        titles: One for each run.
        x: Shape (num_points,).
        y: Shape (num_points,).
        true_line: Weight and bias the points were made from, if they were made.
        quadratic: The loss of those points.
        history: The runs to draw.
        predicted: What the theory says of the same runs at the same steps.
        is_measured: Whether the history was measured; if not, it is drawn as a prediction.
    """
    records = frame_records(history.step)
    start = history.weight[0, 0], history.bias[0, 0]
    fit = FitBox.of(x, y, *start)
    ceiling, depth = _loss_extent(quadratic, float(history.loss[0, 0]))
    rows, bowl_exits = _frame_rows(titles, quadratic, history, records, fit, ceiling, depth)
    rows["kind"] = _repeated("measured" if is_measured else "predicted", len(rows["step"]))
    tables = {
        "frames": rows,
        "panels": _panels(titles, quadratic, history.learning_rates),
        "points": fit.points(len(titles), x, y),
        "lines": fit.lines(len(titles), true_line),
        "ticks": fit.ticks(len(titles)),
        "checks": _checks(titles, predicted, ceiling, depth, is_measured),
        "loss_exits": _loss_exits(titles, history, records, ceiling),
        "bowl_exits": bowl_exits,
        "floor": {"loss": [max(quadratic.loss, depth)], "label": [_floor_label(quadratic, depth)]},
        "extent": {"loss": [depth, ceiling], "y": [fit.bottom, fit.top]},
    }
    return {name: ipc(table) for name, table in tables.items()} | {"bowl": _bowl(len(titles))}


def ipc(table: Table) -> bytes:
    """Return a table as Arrow IPC bytes."""
    columns = [c if isinstance(c, pa.Array) else pa.array(c) for c in table.values()]
    batch = pa.RecordBatch.from_arrays(columns, names=list(table))
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, batch.schema) as writer:
        writer.write_batch(batch)
    return sink.getvalue().to_pybytes()


@cache
def _repeated(text: str, times: int) -> pa.Array:
    return pa.array([text] * times)


@cache
def _run_column(titles: tuple[str, ...], each: int) -> pa.Array:
    return pa.array([title for title in titles for _ in range(each)])


def frame_records(step: np.ndarray) -> np.ndarray:
    """Return which record each frame shows, shape (FRAMES + 1,).

    Up to FRAMES steps are spread evenly. Of a longer run every one of the first 50 steps has a
    frame, since the jumps from side to side are there, and the rest is passed in ever larger leaps.

    Args:
        step: Of the records, ascending, first 0, shape (num_records,).
    """
    num_steps, half = int(step[-1]), FRAMES // 2
    if num_steps <= FRAMES:
        wanted = np.round(np.linspace(0, num_steps, FRAMES + 1))
    else:
        leaps = np.round(np.geomspace(half, num_steps, FRAMES - half + 1))[1:]
        wanted = np.concatenate([np.arange(half + 1), leaps])
    return np.searchsorted(step, wanted, side="right") - 1


def _loss_extent(quadratic: Quadratic, initial_loss: float) -> tuple[float, float]:
    """Return the top and the bottom of the loss axis."""
    ceiling = CEILING * initial_loss or 1.0
    return ceiling, max(quadratic.loss * 0.6, MIN_DEPTH * ceiling)


def _floor_label(quadratic: Quadratic, depth: float) -> str:
    if quadratic.loss < depth:
        return f"least possible loss {number(quadratic.loss)}, below this axis"
    return f"least possible loss {number(quadratic.loss)}"


def _cut(loss: np.ndarray, ceiling: float, depth: float) -> np.ndarray:
    """Return the loss inside the axis; what is not a number has left it at the top."""
    return np.clip(np.nan_to_num(loss, nan=ceiling, posinf=ceiling), depth, ceiling)


def _until_first_above(loss: np.ndarray, ceiling: float) -> np.ndarray:
    """Return which frames a curve is drawn at: up to the first above the axis, that one included."""
    above = ~(loss <= ceiling)
    return ~np.logical_or.accumulate(np.pad(above[:, :-1], ((0, 0), (1, 0))), axis=1)


def _frame_rows(titles, quadratic, history, records, fit, ceiling, depth) -> tuple[Table, Table]:
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
            every_side /= np.where(steep_start > 0, steep_start, 1.0)
    y = np.where(outside[..., None] == 0, np.clip(y, fit.bottom, fit.top), fit.bottom)
    side = every_side[:, records]  # of the bowl, in initial steep errors
    in_bowl = np.abs(side) <= EDGE  # False for nan
    u = np.where(in_bowl, side, 0.0)
    is_first = np.diff(records, prepend=-1) > 0
    by_one = np.diff(step, prepend=0)[None, :] <= 1
    # A run that changes sides is drawn only while every step has a frame; leaps would hide jumps.
    stays = quadratic.factors(history.learning_rates)[:, 1:] >= 0
    reached = np.logical_and.accumulate(in_bowl & (by_one | stays), axis=1)
    at = panel[..., None] + fit.across(ends)
    middle = panel + PANEL / 2
    rows = {
        "run": _run_column(tuple(titles), len(records)),
        "frame": np.tile(np.arange(len(records)), len(titles)),
        "step": np.tile(step, len(titles)),
        "loss": _cut(loss, ceiling, depth).ravel(),
        "on_chart": _until_first_above(loss, ceiling).ravel(),
        "outside": outside.ravel(),
        "x": at[..., 0].ravel(),
        "x2": at[..., 1].ravel(),
        "y": y[..., 0].ravel(),
        "y2": y[..., 1].ravel(),
        "left": np.repeat(panel.ravel(), len(records)),
        "middle": np.repeat(middle.ravel(), len(records)),
        "u": (middle + u / EDGE * PANEL / 2).ravel(),
        "height": (u**2).ravel(),
        "in_bowl": in_bowl.ravel(),
        "trail": (reached & is_first).ravel(),
    }
    return rows, _bowl_exits(titles, every_side, history.step)


def _bowl_exits(titles: list[str], side: np.ndarray, step: np.ndarray) -> Table:
    """Return where runs leave the bowl: over which edge, at which step."""
    left = ~(np.abs(side) <= EDGE)
    runs = np.flatnonzero(left.any(axis=1))
    first = left[runs].argmax(axis=1)
    to_right = side[runs, first] > 0
    return {
        "run": [titles[run] for run in runs],
        "u": runs + PANEL * np.where(to_right, 1.0, 0.0),
        "height": np.full(runs.size, EDGE**2),
        "label": [f"out at step {k:,}" for k in step[first].tolist()],
        "place": np.where(to_right, "right", "left").tolist(),
    }


def _loss_exits(titles: list[str], history: History, records: np.ndarray, ceiling: float) -> Table:
    """Return where curves leave the loss axis at its top: drawn at a frame, named by the step."""
    above = ~(history.loss <= ceiling)
    runs = np.flatnonzero(above.any(axis=1))
    step = history.step[above[runs].argmax(axis=1)]
    drawn = history.step[records[above[runs][:, records].argmax(axis=1)]]
    late = drawn > history.step[-1] / 2
    return {
        "run": [titles[run] for run in runs],
        "step": drawn,
        "loss": np.full(runs.size, ceiling),
        "row": np.arange(runs.size),
        "label": [f"off the chart at step {k:,}" for k in step.tolist()],
        "place": np.where(late, "right", "left").tolist(),
    }


def _checks(
    titles: list[str], predicted: History, ceiling: float, depth: float, is_measured: bool
) -> Table:
    """Return a few points of the predicted curves, to lie on the measured ones if there are any."""
    chosen = np.round(np.linspace(0, predicted.step.size - 1, NUM_CHECKS)).astype(int)
    loss = predicted.loss[:, chosen]
    inside = (loss <= ceiling) & (loss >= depth) & is_measured
    panel, k = np.nonzero(inside)
    return {
        "run": [titles[run] for run in panel],
        "step": predicted.step[chosen][k],
        "loss": loss[inside],
    }


def _panels(titles: list[str], quadratic: Quadratic, learning_rates: np.ndarray) -> Table:
    """Return the heading of each panel, and what its bowl says of a step."""
    flat_and_steep = quadratic.factors(learning_rates)
    panel = np.arange(len(titles))
    return {
        "run": titles,
        "left": panel,
        "middle": panel + PANEL / 2,
        "right": panel + PANEL,
        "rate": [f"η = {number(rate)}" for rate in learning_rates.tolist()],
        "factor": [
            "× " + (factor(steep) if 0 < steep < 1 else number(steep, signed=True))
            for steep in flat_and_steep[:, 1].tolist()
        ],
    }


@cache
def _bowl(num_panels: int) -> bytes:
    """Return the outline of the bowl in each panel."""
    u = np.linspace(-EDGE, EDGE, 41)
    panel = np.arange(num_panels)[:, None]
    return ipc(
        {
            "left": np.repeat(panel.ravel(), u.size),
            "u": (panel + PANEL / 2 + u / EDGE * PANEL / 2).ravel(),
            "height": np.tile(u**2, num_panels),
        }
    )
