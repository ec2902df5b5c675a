"""The stage as a whole: fit, loss, overshoot and numbers of three runs side by side, in one chart.

The panels share one horizontal axis, in panel units: panel p covers p to p + PANEL. Nothing that is
not finite leaves this room: one inf, or a value ≤ 0 on a log axis, flattens a whole chart.

Its channels are classes: Altair looks a text or `alt.value` up in the whole schema of Vega-Lite, for
longer than all else here takes together, and the first visitor waits for it.
"""

from collections.abc import Sequence
from functools import cache

import altair as alt
import numpy as np

from linreg.pictures.arrow import PANEL, ipc
from linreg.pictures.common import FRAME, checkbox, finished, slider
from linreg.pictures.playback import FRAMES, frame_records
from linreg.pictures.stage import bowl, fit, frames, loss, numbers
from linreg.pictures.stage.curves import Curve, LossAxes, curve_records
from linreg.pictures.stage.fitbox import FitBox
from linreg.runs.history import History
from linreg.theory import Quadratic

ALT = (
    "Three runs of gradient descent side by side. Top: the points, the true line and each run's "
    "guess. Middle: where each step lands in the bowl of the loss along its steep direction. Then: "
    "loss against step on log axes, with the least possible loss. Below them the numbers of one "
    "step. The runs below say the same in words and numbers."
)


def rows(
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
    box = FitBox.of(x, y, *start)
    drawn = curve_records(history.step) if loss.swings(history) else np.unique(records)
    axes = LossAxes.of(quadratic, history, drawn, [curve for _, curve in others])
    every_frame, exits = frames.rows(titles, quadratic, history, records, box, axes)
    ends = {"y": [box.bottom, box.top], "step": [0, int(history.step[-1])]}
    tables = {
        "frames": every_frame,
        "bowl_exits": exits,
        "extent": axes.extent() | ends,
        **fit.rows(titles, box, x, y, true_line),
        **loss.rows(titles, quadratic, history, expected, drawn, axes, is_measured, others),
    }
    made = {name: ipc(table) for name, table in tables.items()}
    return made | {"bowl": bowl.outline(len(titles))}


@cache
def drawing(titles: tuple[str, ...], is_noisy: bool = False, is_alone: bool = False) -> dict:
    """Return the Vega-Lite specification of the stage, without its datasets.

    The player moves the frame of every row, in the browser alone.

    Args:
        titles: One for each run.
        is_noisy: Whether there are mini-batches. What they leave is too near the least possible
            loss to be seen on an axis of the loss, so its row begins with the excess loss.
        is_alone: Whether nothing beside it says which run and which rate a panel is of.
    """
    across = alt.Scale(domain=[0, len(titles) - 1 + PANEL], nice=False)
    panels = (
        fit.drawing(titles, across, is_alone),
        bowl.drawing(titles, across),
        loss.drawing(titles),
        numbers.drawing(across),
    )
    # A test validates it once; here a first visitor waits, also for `alt.vconcat`, which copies all.
    inner = {"top_level": False}
    spec = {
        "$schema": alt.SCHEMA_URL,
        "vconcat": [row.to_dict(validate=False, context=inner) for row in panels],
        "spacing": 8,
    }
    # Streamlit's theme, light or dark, takes the place of Altair's. The chart has one text for
    # screen readers; a label on each of its marks would cost more than drawing them.
    spec["config"] = {"mark": {"aria": False}, "axis": {"aria": False}}
    params = [
        slider(FRAME, FRAMES, 0, FRAMES, 1, "Step"),
        checkbox("log_steps", True, "Log steps"),
        checkbox("excess", is_noisy, "Excess loss"),
    ]
    return finished(spec, params)
