"""The tables that fill the stage: what each of its frames shows, as Arrow.

A frame is one position of the player. The three panels share one horizontal axis, in panel
units: panel p covers p to p + PANEL. Nothing that is not finite leaves this file: one inf, or a
value ≤ 0 on a log axis, flattens a whole chart.
"""

from collections.abc import Sequence
from functools import cache, lru_cache
from itertools import pairwise

import numpy as np
import pyarrow as pa

from linreg.pictures.playback import frame_records, step_numbers
from linreg.pictures.stage import beside
from linreg.pictures.stage.curves import Curve, LossAxes, curve_records
from linreg.pictures.stage.fitbox import PANEL, FitBox, Table
from linreg.runs.history import History
from linreg.runs.phases import Phase, Plain
from linreg.theory import Quadratic
from linreg.theory.dynamics import Dynamics
from linreg.words import factor, number

NUM_CHECKS = 12  # marks of the prediction on a curve
SMALL = 1e-9  # of the initial steep error squared: less than that is no change of sides
RISES = 0.2  # of the steps of a mean loss that has settled go up, at least
EDGE = 1.6  # of the bowl, in initial steep errors
SEEN = EDGE / 100  # a move in the bowl that is drawn: about a pixel
REMEMBERED = 64  # columns that repeat; their sizes come from readers, so there has to be a limit


def stage_tables(
    titles: list[str],
    x: np.ndarray,
    y: np.ndarray,
    true_line: tuple[float, float] | None,
    quadratic: Quadratic,
    history: History,
    expected: History,
    is_measured: bool,
    others: Sequence[tuple[str, Curve]] = (),
) -> dict[str, bytes]:
    """Return the stage's datasets, by name, as Arrow IPC bytes.

    Args:
        titles: One for each run.
        x: Shape (num_points,).
        y: Shape (num_points,).
        true_line: Weight and bias the points were made from, if they were made.
        quadratic: The loss of those points.
        history: The runs to draw.
        expected: What the theory says of the same runs at the same steps; nan where it is silent.
        is_measured: Whether the history was measured; if not, it is drawn as a prediction.
        others: Losses of other runs, with their names.
    """
    records = frame_records(history.step)
    start = history.weight[0, 0], history.bias[0, 0]
    fit = FitBox.of(x, y, *start)
    drawn = curve_records(history.step) if _swings(history) else np.unique(records)
    axes = LossAxes.of(quadratic, history, drawn, [curve for _, curve in others])
    rows, bowl_exits = _frame_rows(titles, quadratic, history, records, fit, axes)
    tables = {
        "frames": rows,
        "curves": _curves(titles, quadratic, history, drawn, axes, is_measured),
        "panels": _panels(titles),
        "points": fit.points(len(titles), x, y),
        "lines": fit.lines(len(titles), true_line),
        "ticks": fit.ticks(len(titles)),
        "checks": _checks(titles, quadratic, expected, drawn, axes, is_measured),
        "band": _band(titles, history, drawn, axes),
        "boundaries": _boundaries(history),
        "noise_floors": _noise_floors(titles, history, axes),
        "loss_exits": _loss_exits(titles, history, drawn, axes),
        "bowl_exits": bowl_exits,
        "floor": axes.floor(),
        "extent": axes.extent() | {"y": [fit.bottom, fit.top], "step": [0, int(history.step[-1])]},
    }
    three = _three(quadratic, history, drawn)
    tables |= beside.tables(others, three, axes, len(tables["loss_exits"]["run"]))
    return {name: ipc(table) for name, table in tables.items()} | {"bowl": _bowl(len(titles))}


def ipc(table: Table) -> bytes:
    """Return a table as Arrow IPC bytes."""
    columns = [c if isinstance(c, pa.Array) else pa.array(c) for c in table.values()]
    batch = pa.RecordBatch.from_arrays(columns, names=list(table))
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, batch.schema) as writer:
        writer.write_batch(batch)
    return sink.getvalue().to_pybytes()


@lru_cache(REMEMBERED)
def _repeated(text: str, times: int) -> pa.Array:
    return pa.array([text] * times)


@lru_cache(REMEMBERED)
def _run_column(titles: tuple[str, ...], each: int) -> pa.Array:
    return pa.array([title for title in titles for _ in range(each)])


def _three(quadratic: Quadratic, history: History, records: np.ndarray) -> list[Curve]:
    """Return the losses of the runs at the records that are drawn."""
    excess = quadratic.excess_loss(history.weight[:, records], history.bias[:, records])
    return [
        Curve(history.step[records], *pair)
        for pair in zip(history.loss[:, records], excess, strict=True)
    ]


def _swings(history: History) -> bool:
    """Return whether a curve may go up and down between two frames; plain steps keep falling."""
    return any(
        type(phase.rule) is not Plain or phase.batch_size is not None for phase in history.phases
    )


def _until_it_stays_above(loss: np.ndarray, ceiling: float) -> np.ndarray:
    """Return which records a curve is drawn at: up to the first one above the axis for good.

    A run that leaves the axis and comes back goes along its top meanwhile.
    """
    inside = loss <= ceiling
    comes_back = np.logical_or.accumulate(inside[:, ::-1], axis=1)[:, ::-1]
    return np.pad(comes_back, ((0, 0), (1, 0)), constant_values=True)[:, :-1]


def _frame_rows(titles, quadratic, history, records, fit, axes) -> tuple[Table, Table]:
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
    rows = {
        "run": _run_column(tuple(titles), len(records)),
        "frame": np.tile(np.arange(len(records)), len(titles)),
        "step": np.tile(step, len(titles)),
        "loss": axes.cut(loss).ravel(),
        "excess": axes.cut_excess(quadratic.excess_loss(weight, bias)).ravel(),
        "on_chart": (loss <= axes.ceiling).ravel(),
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
        "trail": (reached & moves).ravel(),
        **_rate_texts(quadratic, history, records),
        **step_numbers(quadratic, history, records),
    }
    return rows, _bowl_exits(titles, every_side, history.step)


def _rate_texts(quadratic: Quadratic, history: History, records: np.ndarray) -> Table:
    """Return at every frame the rate, and what a step of that rate does to the steep error."""
    phase = (history.phase[records] - 1).tolist()
    places: dict[tuple[int, float], int] = {}  # of each phase and rate, in the order they come
    place = [
        places.setdefault(pair, len(places))
        for rates in history.rate[:, records].tolist()
        for pair in zip(phase, rates, strict=True)
    ]
    texts, factors = [], []
    for index, rate in places:
        here = history.phases[index]
        texts.append(f"η = {number(rate)}" + f", phase {index + 1}" * (index > 0))
        factors.append(_factor_text(quadratic, here, rate))
    return {"rate": pa.array(texts).take(place), "factor": pa.array(factors).take(place)}


def _factor_text(quadratic: Quadratic, phase: Phase, rate: float) -> str:
    """Return what a step at this rate does to the steep error; nothing where it is not known."""
    if not phase.is_predictable:
        return ""
    root = Dynamics(quadratic, phase.rule).roots(rate)[1, 0]
    if root.imag:
        return f"swings × {factor(abs(root)).lstrip('+')}"
    return "× " + (factor(root.real) if 0 < root.real < 1 else number(root.real, signed=True))


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


def _curves(titles, quadratic, history, records, axes, is_measured) -> Table:
    """Return the loss curves, to where they leave the axis at its top."""
    loss = history.loss[:, records]
    kept = _until_it_stays_above(loss, axes.ceiling)
    panel, _ = np.nonzero(kept)
    excess = quadratic.excess_loss(history.weight[:, records], history.bias[:, records])
    return {
        "run": pa.array(titles).take(pa.array(panel)),
        "kind": _repeated("measured" if is_measured else "predicted", panel.size),
        "step": np.broadcast_to(history.step[records], loss.shape)[kept],
        "loss": axes.cut(loss)[kept],
        "excess": axes.cut_excess(excess)[kept],
    }


def _loss_exits(titles: list[str], history: History, records: np.ndarray, axes: LossAxes) -> Table:
    """Return where curves leave the loss axis at its top: drawn at a frame, named by the step."""
    above = ~(history.loss <= axes.ceiling)
    runs = np.flatnonzero(above[:, records].any(axis=1))
    step = history.step[above[runs].argmax(axis=1)]
    last = above.shape[1] - 1 - above[runs, ::-1].argmax(axis=1)  # above the axis
    back = history.step[np.minimum(last + 1, above.shape[1] - 1)]
    drawn = history.step[records[above[runs][:, records].argmax(axis=1)]]
    late = drawn > history.step[-1] / 2
    return {
        "run": [titles[run] for run in runs],
        "step": drawn,
        "loss": np.full(runs.size, axes.ceiling),
        "excess": np.full(runs.size, axes.ceiling),
        "dy": np.where(back > history.step[last], -14, 4 + 16 * np.arange(runs.size)),
        "label": [
            f"off the chart at step {out:,}" + f", back at {home:,}" * (home > end)
            for out, home, end in zip(
                step.tolist(), back.tolist(), history.step[last].tolist(), strict=True
            )
        ],
        "place": np.where(late, "right", "left").tolist(),
    }


def _checks(titles, quadratic, expected, records, axes, is_measured) -> Table:
    """Return a few points of the expected curves, to lie on the measured ones if there are any."""
    last = expected.step[-1]
    wanted = np.searchsorted(expected.step[records], np.linspace(0, last, NUM_CHECKS))
    chosen = records[wanted]
    loss = expected.loss[:, chosen]
    inside = (loss <= axes.ceiling) & (loss >= axes.depth) & is_measured
    panel, k = np.nonzero(inside)
    # Where nothing scatters the path knows its excess loss to more digits than the difference.
    of_path = quadratic.excess_loss(expected.weight[:, chosen], expected.bias[:, chosen])[inside]
    excess = np.fmax(of_path, loss[inside] * (1 - 1e-12) - axes.least)
    return {
        "run": [titles[run] for run in panel],
        "step": expected.step[chosen][k],
        "loss": loss[inside],
        "excess": axes.cut_excess(excess),
    }


def _band(titles: list[str], history: History, records: np.ndarray, axes: LossAxes) -> Table:
    """Return between which losses all shuffles of mini-batches are; no rows without them."""
    names = ("low", "high", "low_excess", "high_excess")
    empty = {"run": pa.array([], pa.string()), "step": np.empty(0, np.int64)}
    if history.band is None:
        return empty | {name: np.empty(0) for name in names}
    low, high = history.band.low[:, records], history.band.high[:, records]
    noisy = np.array([phase.batch_size is not None for phase in history.phases])
    kept = _until_it_stays_above(high, axes.ceiling) & noisy[history.phase[records] - 1]
    panel, _ = np.nonzero(kept)
    bounds = (
        *(axes.cut(low), axes.cut(high)),
        *(axes.cut_excess(low - axes.least), axes.cut_excess(high - axes.least)),
    )
    return {
        "run": [titles[run] for run in panel],
        "step": np.broadcast_to(history.step[records], low.shape)[kept],
        **{name: bound[kept] for name, bound in zip(names, bounds, strict=True)},
    }


def _noise_floors(titles: list[str], history: History, axes: LossAxes) -> Table:
    """Return the loss that each phase of mini-batches settles at, over its second half.

    A run whose mean loss still falls, step by step, has not settled.
    """
    ends = [0, *history.step[history.ends].tolist()]
    rows = []
    for index, (begin, end) in enumerate(pairwise(ends)):
        floors, half = history.noise_floor(index), history.step > (begin + end) / 2
        for run, loss in enumerate([] if floors is None else floors.tolist()):
            mean = history.band.mean[run, half & (history.step <= end)]
            rises = np.mean(mean[1:] > mean[:-1]) if mean.size > 1 else 0.0
            if rises > RISES and axes.depth < loss < axes.ceiling:
                rows.append((titles[run], (begin + end) / 2, end, loss, loss - axes.least))
    runs, step, until, loss, excess = zip(*rows, strict=True) if rows else ((),) * 5
    return {
        "run": pa.array(runs, pa.string()),
        "step": np.array(step, float),
        "until": np.array(until, float),
        "loss": np.array(loss, float),
        "excess": axes.cut_excess(np.array(excess, float)),
    }


def _boundaries(history: History) -> Table:
    """Return where each further phase begins."""
    begins = history.step[history.ends[:-1]]
    labels = [f"phase {index}" for index in range(2, len(history.phases) + 1)]
    return {"step": begins, "label": pa.array(labels, pa.string())}


def _panels(titles: list[str]) -> Table:
    """Return the place of each panel."""
    panel = np.arange(len(titles))
    return {"run": titles, "left": panel, "middle": panel + PANEL / 2, "right": panel + PANEL}


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
