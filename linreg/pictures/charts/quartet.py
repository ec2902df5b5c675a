"""The picture of Anscombe's four sets."""

from functools import cache

import altair as alt

from linreg.pictures.charts.common import COLORS, GREY, data, finished
from linreg.pictures.stage.fitbox import PANEL

QUARTET_ALT = (
    "Anscombe's four sets side by side with the least-squares line that they share: a straight "
    "cloud, a curve, a line with one point off it, and a column with one point beside it."
)


@cache
def quartet_spec() -> dict:
    """Return the Vega-Lite specification of Anscombe's four sets, without its datasets."""
    chosen = alt.condition("datum.chosen", alt.value(COLORS[0]), alt.value(GREY))
    across = alt.Scale(domain=[0, 3 + PANEL], nice=False)
    up = alt.Scale(domain=[2.5, 14], nice=False)
    y = alt.Y("y:Q", scale=up, axis=None)

    def x(field: str) -> alt.X:
        return alt.X(f"{field}:Q", scale=across, axis=None)

    layers = (
        data("lines")
        .mark_rule(strokeWidth=1.5)
        .encode(x("x"), y, x2="x2:Q", y2="y2:Q", color=chosen),
        data("points").mark_point(filled=True, size=45, opacity=1).encode(x("x"), y, color=chosen),
        data("lines")
        .mark_text(align="left", baseline="top", fontSize=14)
        .encode(x("x"), y=alt.value(0), text="title:N", color=chosen),
    )
    spec = alt.layer(*layers, height=120).to_dict(validate=False)
    spec["config"] = {"view": {"stroke": None}}
    return finished(spec)
