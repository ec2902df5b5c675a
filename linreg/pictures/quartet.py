"""A small picture: Anscombe's four sets side by side, with the line they share."""

from functools import cache

import altair as alt
import numpy as np

from linreg.data.samples import SAMPLES, load
from linreg.data.summary import Moments
from linreg.pictures.arrow import PANEL, ipc
from linreg.pictures.common import COLORS, GREY, finished
from linreg.pictures.layers import data, dots, text
from linreg.pictures.stage.fitbox import FitBox

FOUR = [name for name in SAMPLES if name.startswith("anscombe")]
BOX = FitBox(3.0, 20.0, 2.5, 14.0)


def rows(chosen: str) -> dict[str, bytes]:
    """Return the datasets, by name, as Arrow IPC bytes; the chosen set is drawn in colour."""
    sets = [load(name) for name in FOUR]
    moments = Moments.of(sets[0].x, sets[0].y)  # of them all
    is_chosen = np.array([name == chosen for name in FOUR])
    points = {
        "x": np.concatenate([k + BOX.across(one.x) for k, one in enumerate(sets)]),
        "y": np.concatenate([one.y for one in sets]),
        "chosen": np.repeat(is_chosen, [one.num_points for one in sets]),
    }
    lines = BOX.lines(len(sets), (moments.weight, moments.bias)) | {
        "title": [SAMPLES[name].title.removeprefix("Anscombe ") for name in FOUR],
        "chosen": is_chosen,
    }
    return {"points": ipc(points), "lines": ipc(lines)}


# ---------------------------------------------------------------- its drawing

ALT = (
    "Anscombe's four sets side by side with the least-squares line that they share: a straight "
    "cloud, a curve, a line with one point off it, and a column with one point beside it."
)


@cache
def drawing() -> dict:
    """Return the Vega-Lite specification of Anscombe's four sets, without its datasets."""
    chosen = alt.condition("datum.chosen", alt.value(COLORS[0]), alt.value(GREY))
    across = alt.Scale(domain=[0, 3 + PANEL], nice=False)
    up = alt.Scale(domain=[2.5, 14], nice=False)
    x, y = alt.X("x:Q", scale=across, axis=None), alt.Y("y:Q", scale=up, axis=None)
    lines, style = data("lines"), {"align": "left", "baseline": "top", "fontSize": 14}
    layers = (
        lines.mark_rule(strokeWidth=1.5).encode(x, y, x2="x2:Q", y2="y2:Q", color=chosen),
        dots(data("points"), 45, x, y).encode(color=chosen),
        text(lines, "title", x, alt.YValue(0), **style).encode(color=chosen),
    )
    spec = alt.layer(*layers, height=120).to_dict(validate=False)
    spec["config"] = {"view": {"stroke": None}}
    return finished(spec)
