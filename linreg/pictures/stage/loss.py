"""The panel of the loss: the curves of the runs, of the prediction, of mini-batches and of kept runs."""

from collections.abc import Sequence
from itertools import pairwise

import altair as alt
import numpy as np
import pyarrow as pa

from linreg.pictures.arrow import Table, kept_rows, texts
from linreg.pictures.common import GREY, axis_ends
from linreg.pictures.layers import POWERS_OF_TEN, color_of, data, dots, left_at, shape_of, text
from linreg.pictures.playback import FRAMES
from linreg.pictures.stage import beside
from linreg.pictures.stage.channels import heading, this_frame, y_channel
from linreg.pictures.stage.curves import ALONG, SHOWN, Curve, LossAxes, on_loss_axes
from linreg.runs.history import Band, History
from linreg.runs.rules import Plain
from linreg.theory import Quadratic

NUM_CHECKS = 12  # marks of the prediction on a curve
RISES = 0.2  # of the steps of a mean loss that has settled go up, at least
_LOSS_HEADING = (
    "excess ? 'Excess loss: mean squared error above the least, log scale'"
    " : 'Loss: mean squared error, log scale'"
)


def rows(
    titles: list[str],
    quadratic: Quadratic,
    history: History,
    expected: History,
    records: np.ndarray,
    axes: LossAxes,
    is_measured: bool,
    others: Sequence[tuple[str, Curve]],
) -> dict[str, Table]:
    """Return the tables of the panel: curves go through these records of the history.

    The others are kept runs, with their names; the rest is as in `stack.rows`.
    """
    exits = _exits(titles, history, records, axes)
    excess = quadratic.excess_loss(history.weight[:, records], history.bias[:, records])
    three = Curve(history.step[records], history.loss[:, records], excess)
    tables = {
        "curves": _curves(titles, three, axes, is_measured),
        "checks": _checks(titles, quadratic, expected, records, axes, is_measured),
        "band": _band(titles, history, records, axes),
        "boundaries": _boundaries(history),
        "noise_floors": _noise_floors(titles, history, axes),
        "loss_exits": exits,
        "floor": axes.floor(),
    }
    each = [Curve(three.step, *pair) for pair in zip(three.loss, three.excess, strict=True)]
    return tables | beside.tables(others, each, axes, len(exits["run"]))


def swings(history: History) -> bool:
    """Return whether a curve may go up and down between two frames; plain steps keep falling."""
    return any(type(phase.rule) is not Plain or phase.batch_size for phase in history.phases)


def _until_it_stays_above(loss: np.ndarray, ceiling: float) -> np.ndarray:
    """Return which records a curve is drawn at: up to the first one above the axis for good.

    A run that leaves the axis and comes back goes along its top meanwhile.
    """
    inside = loss <= ceiling
    comes_back = np.logical_or.accumulate(inside[:, ::-1], axis=1)[:, ::-1]
    return np.pad(comes_back, ((0, 0), (1, 0)), constant_values=True)[:, :-1]


def _curves(titles: list[str], three: Curve, axes: LossAxes, is_measured: bool) -> Table:
    """Return the loss curves, to where they leave the axis at its top."""
    kept = _until_it_stays_above(three.loss, axes.ceiling)
    losses = {"loss": axes.cut(three.loss), "excess": axes.cut_excess(three.excess)}
    kind = pa.repeat("measured" if is_measured else "predicted", int(kept.sum()))
    return kept_rows(titles, kept, step=three.step, **losses) | {"kind": kind}


def _exits(titles: list[str], history: History, records: np.ndarray, axes: LossAxes) -> Table:
    """Return where curves leave the loss axis at its top: drawn at a frame, named by the step."""
    above = ~(history.loss <= axes.ceiling)
    runs = np.flatnonzero(above[:, records].any(axis=1))
    step = history.step[above[runs].argmax(axis=1)].tolist()
    last = above.shape[1] - 1 - above[runs, ::-1].argmax(axis=1)  # above the axis
    back = history.step[np.minimum(last + 1, above.shape[1] - 1)]
    comes_back = back > history.step[last]
    drawn = history.step[records[above[runs][:, records].argmax(axis=1)]]
    top = np.full(runs.size, axes.ceiling)
    return {
        "run": [titles[run] for run in runs],
        "step": drawn,
        "loss": top,
        "excess": top,
        "dy": np.where(comes_back, -14, 4 + 16 * np.arange(runs.size)),
        "label": [
            f"off the chart at step {out:,}" + f", back at {home:,}" * comes
            for out, home, comes in zip(step, back.tolist(), comes_back.tolist(), strict=True)
        ],
        "place": np.where(drawn > history.step[-1] / 2, "right", "left").tolist(),
    }


def _checks(titles, quadratic, expected, records, axes, is_measured) -> Table:
    """Return a few points of the expected curves, to lie on the measured ones if there are any."""
    step = expected.step[records]
    evenly = np.geomspace(1, step[-1] + 1, NUM_CHECKS).round() - 1  # on the logarithm
    chosen = records[np.unique(np.searchsorted(step, evenly))]
    loss = expected.loss[:, chosen]
    inside = (loss <= axes.ceiling) & (loss >= axes.depth) & is_measured
    # Where nothing scatters the path knows its excess loss to more digits than the difference.
    of_path = quadratic.excess_loss(expected.weight[:, chosen], expected.bias[:, chosen])
    excess = axes.cut_excess(np.fmax(of_path, loss * (1 - 1e-12) - axes.least))
    return kept_rows(titles, inside, step=expected.step[chosen], loss=loss, excess=excess)


def _band(titles: list[str], history: History, records: np.ndarray, axes: LossAxes) -> Table:
    """Return between which losses all shuffles of mini-batches are; no rows without them."""
    band = history.band or Band(history.loss, history.loss, history.loss)
    low, high = band.low[:, records], band.high[:, records]
    noisy = [bool(history.band and phase.batch_size) for phase in history.phases]
    kept = _until_it_stays_above(high, axes.ceiling) & np.array(noisy)[history.phase[records] - 1]
    return kept_rows(
        titles,
        kept,
        step=history.step[records],
        low=axes.cut(low),
        high=axes.cut(high),
        low_excess=axes.cut_excess(low - axes.least),
        high_excess=axes.cut_excess(high - axes.least),
    )


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
                rows.append((titles[run], (begin + end) / 2, end, loss))
    runs, step, until, loss = zip(*rows, strict=True) if rows else ((),) * 4
    columns = {"step": step, "until": until, "loss": loss}
    rows = {"run": texts(runs)} | {name: np.array(one, float) for name, one in columns.items()}
    return rows | {"excess": axes.cut_excess(rows["loss"] - axes.least)}


def _boundaries(history: History) -> Table:
    """Return where each further phase begins."""
    labels = [f"phase {index}" for index in range(2, len(history.phases) + 1)]
    return {"step": history.step[history.ends[:-1]], "label": texts(labels)}


# ---------------------------------------------------------------- its drawing


def drawing(titles: tuple[str, ...]) -> alt.LayerChart:
    """The loss of each run on one log axis, the least possible loss, a dot at this frame."""
    color, x, y = color_of(titles), _x(), _y()
    kinds = alt.Scale(domain=["measured", "predicted"], range=[[1, 0], [3, 5]])
    dash = alt.StrokeDash("kind:N", legend=None, scale=kinds)
    exits = on_loss_axes(data("loss_exits"))
    return alt.layer(
        on_loss_axes(data("extent")).mark_point(opacity=0).encode(y),
        *_ground(x, y, color),
        on_loss_axes(data("curves")).mark_line(strokeWidth=2.5).encode(x, y, color, dash),
        *beside.drawing(x, y),
        *_marks(titles, x, y, color),
        dots(exits, 150, x, y, color, shape="triangle-up"),
        left_at(exits, "label", x, y, color),
        height=beside.HEIGHT,
        title=heading(alt.expr(_LOSS_HEADING)),
    )


def _x() -> alt.X:
    steps = "format(log_steps ? pow(10, datum.value) : datum.value, '~s')"
    numbers = {"titleFontSize": 14, "labelFontSize": 13, "tickCount": 8, "tickMinStep": 1}
    return alt.X(
        "along:Q",
        scale=alt.Scale(domain=axis_ends("extent", ALONG), nice=False),
        axis=alt.Axis(title="step", grid=False, labelExpr=steps, **numbers),
    )


def _y() -> alt.Y:
    ends = alt.Scale(type="log", domain=axis_ends("extent", SHOWN), nice=False)
    style = {"labelFontSize": 13, "tickCount": 6, "grid": False, "labelExpr": POWERS_OF_TEN}
    return y_channel("shown", "loss", ends, **style)


def _ground(x: alt.X, y: alt.Y, color: alt.Color) -> list[alt.Chart]:
    """What lies under the curves: bands, the least loss, where phases begin, the step shown."""
    one = on_loss_axes(this_frame()).transform_filter("datum.left == 0")
    # 0 has no place on a log axis.
    floor = on_loss_axes(data("floor").transform_filter("!excess"))
    boundaries = on_loss_axes(data("boundaries"))
    band = on_loss_axes(data("band")).transform_calculate(
        low_shown="excess ? datum.low_excess : datum.low",
        high_shown="excess ? datum.high_excess : datum.high",
    )
    step = one.transform_calculate(label="'step ' + format(datum.step, ',')")
    side = {"expr": f"datum.frame > {FRAMES // 2} ? 'right' : 'left'"}
    top = {"color": GREY, "fontWeight": "bold", "baseline": "bottom", "align": side}
    right = {"color": GREY, "align": "right", "baseline": "bottom"}
    opening = {"color": GREY, "align": "left", "baseline": "top"}
    return [
        band.mark_area(opacity=0.22).encode(x, alt.Y("low_shown:Q"), alt.Y2("high_shown:Q"), color),
        floor.mark_rule(color=GREY, strokeDash=[2, 3], strokeWidth=2).encode(y),
        text(floor, "label", alt.XValue("width"), y, **right, dy=-5, dx=-4),
        boundaries.mark_rule(color=GREY, strokeDash=[6, 4]).encode(x),
        text(boundaries, "label", x, alt.YValue(0), **opening, dx=5, dy=3),
        one.mark_rule(color=GREY).encode(x),
        text(step, "label", x, alt.YValue(0), **top, dy=-4),
    ]


def _marks(titles, x: alt.X, y: alt.Y, color: alt.Color) -> list[alt.Chart]:
    """What lies on the curves: noise floors, points of the prediction, the step shown."""
    shown = alt.Tooltip("shown:Q", title="loss", format=".4~g")
    told = [alt.Tooltip("run:N"), alt.Tooltip("step:Q", format=","), shown]
    end, until = (
        alt.X2("until_along:Q"),
        "log_steps ? log(max(datum.until, 0.5)) / LN10 : datum.until",
    )
    floors = on_loss_axes(data("noise_floors")).transform_calculate(until_along=until)
    checks, now = on_loss_axes(data("checks")), on_loss_axes(this_frame())
    return [
        floors.mark_rule(strokeDash=[8, 4], strokeWidth=2).encode(x, end, y, color),
        checks.mark_point(size=60, strokeWidth=1.5, opacity=1).encode(x, y, color, told),
        dots(now.transform_filter("datum.on_chart"), 110, x, y, color, shape_of(titles), told),
    ]
