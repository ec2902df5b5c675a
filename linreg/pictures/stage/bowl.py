"""The panel of the overshoot: the loss along its steep direction, and where each step lands on it."""

from functools import cache

import altair as alt
import numpy as np

from linreg.pictures.arrow import PANEL, Table, ipc
from linreg.pictures.common import GREY
from linreg.pictures.layers import AT_PLACE, PAST, color_of, data, dots, shape_of, text
from linreg.pictures.stage.channels import heading, this_frame, y_channel

EDGE = 1.6  # of the bowl, in initial steep errors
HEIGHT = 98  # of the panels, in pixels
ASIDE = {"expr": "datum.place == 'left' ? 10 : -10"}  # of the mark


@cache
def outline(num_panels: int) -> bytes:
    """Return the outline of the bowl in each panel."""
    u, panel = np.linspace(-EDGE, EDGE, 41), np.arange(num_panels)
    across = panel[:, None] + PANEL / 2 + u / EDGE * PANEL / 2
    left, height = np.repeat(panel, u.size), np.tile(u**2, num_panels)
    return ipc({"left": left, "u": across.ravel(), "height": height})


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
    bare = dict.fromkeys(("labels", "ticks", "grid", "domain"), False)
    y = y_channel("height", "excess loss", alt.Scale(domain=[0, EDGE**2], nice=False), **bare)
    x, middle = (alt.X(f"{field}:Q", scale=across, axis=None) for field in ("u", "middle"))
    steps = data("frames").transform_filter(f"{PAST} && datum.trail")
    now, exits = this_frame(), data("bowl_exits")
    below = {"fontSize": 14, "fontWeight": "bold", "baseline": "top", "dy": 7}
    return alt.layer(
        data("bowl")
        .mark_line(color=GREY, strokeWidth=2, opacity=0.7)
        .encode(x, y, alt.Detail("left:N")),
        steps.mark_line(strokeWidth=1.2, opacity=0.7).encode(x, y, color, alt.Order("frame:Q")),
        dots(steps, 26, x, y, color, opacity=0.8),
        dots(now.transform_filter("datum.in_bowl"), 170, x, y, color, shape_of(titles)),
        dots(exits, 150, x, y, color, shape="triangle-up"),
        text(exits, "label", x, y, color, baseline="top", dy=-4, dx=ASIDE, align=AT_PLACE),
        text(now, "factor", middle, alt.YValue(HEIGHT), color, **below),
        height=HEIGHT,
        title=heading("Overshoot: where each step lands along the steep direction"),
    )
