"""The panel of the overshoot: the loss along its steep direction, and where each step lands on it."""

from functools import cache

import altair as alt
import numpy as np

from linreg.pictures.arrow import PANEL, Table, ipc
from linreg.pictures.common import GREY, PAST, color_of, data, shape_of
from linreg.pictures.stage.channels import heading, this_frame, y_channel

EDGE = 1.6  # of the bowl, in initial steep errors


@cache
def outline(num_panels: int) -> bytes:
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


def exits(titles: list[str], side: np.ndarray, step: np.ndarray) -> Table:
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


def drawing(titles: tuple[str, ...], across: alt.Scale) -> alt.LayerChart:
    """The loss along its steep direction, and where each step lands on it."""
    color = color_of(titles)
    y = y_channel(
        "height",
        "excess loss",
        alt.Scale(domain=[0, EDGE**2], nice=False),
        labels=False,
        ticks=False,
        grid=False,
        domain=False,
    )

    def x(field: str) -> alt.X:
        return alt.X(f"{field}:Q", scale=across, axis=None)

    steps = data("frames").transform_filter(f"{PAST} && datum.trail")
    now = this_frame()
    exits = data("bowl_exits")
    return alt.layer(
        data("bowl")
        .mark_line(color=GREY, strokeWidth=2, opacity=0.7)
        .encode(x=x("u"), y=y, detail=alt.Detail("left:N")),
        steps.mark_line(strokeWidth=1.2, opacity=0.7).encode(
            x=x("u"), y=y, color=color, order=alt.Order("frame:Q")
        ),
        steps.mark_point(filled=True, size=26, opacity=0.8).encode(x=x("u"), y=y, color=color),
        now.transform_filter("datum.in_bowl")
        .mark_point(filled=True, size=170, opacity=1)
        .encode(x=x("u"), y=y, color=color, shape=shape_of(titles)),
        exits.mark_point(shape="triangle-up", filled=True, size=150, opacity=1).encode(
            x=x("u"), y=y, color=color
        ),
        exits.mark_text(
            fontSize=13,
            baseline="bottom",
            dy=-10,
            align={"expr": "datum.place"},
        ).encode(x=x("u"), y=y, text=alt.Text("label:N"), color=color),
        now.mark_text(fontSize=14, fontWeight="bold", baseline="top", dy=8).encode(
            x=x("middle"), y=alt.YValue(170), text=alt.Text("factor:N"), color=color
        ),
        height=170,
        title=heading("Overshoot: where each step lands along the steep direction", -6),
    )
