"""The panel of the fit: the points, the line that made them, and each run's guess at this frame."""

import altair as alt
import numpy as np

from linreg.pictures.arrow import PANEL, Table
from linreg.pictures.common import GREY, axis_ends, color_of, data, narrower_than, shape_of
from linreg.pictures.stage.channels import heading, this_frame, y_channel
from linreg.pictures.stage.fitbox import FitBox


def rows(
    titles: list[str],
    box: FitBox,
    x: np.ndarray,
    y: np.ndarray,
    true_line: tuple[float, float] | None,
) -> dict[str, Table]:
    """Return the tables that stay the same at every frame: panels, points, true line, axis."""
    panel = np.arange(len(titles))
    return {
        "panels": {
            "run": titles,
            "left": panel,
            "middle": panel + PANEL / 2,
            "right": panel + PANEL,
        },
        "points": box.points(len(titles), x, y),
        "lines": box.lines(len(titles), true_line),
        "ticks": box.ticks(len(titles)),
    }


def drawing(titles: tuple[str, ...], across: alt.Scale) -> alt.LayerChart:
    """The points, the line that made them, and the guess at this frame."""
    color = color_of(titles)
    y = y_channel(
        "y",
        "y",
        alt.Scale(domain=axis_ends("extent", "datum.y"), nice=False),
        labelFontSize=13,
        tickCount=5,
        grid=False,
    )

    def x(field: str) -> alt.X:
        return alt.X(f"{field}:Q", scale=across, axis=None)

    def off_chart(where: int, shape: str, at: str) -> alt.Chart:
        return (
            now.transform_filter(f"datum.outside == {where}")
            .mark_point(shape=shape, filled=True, size=130, opacity=1)
            .encode(x=x("middle"), y=alt.YValue(at), color=color)
        )

    now = this_frame()
    guess = now.transform_filter("datum.outside == 0")
    first_guess = guess.transform_filter("datum.left == 0")
    headings = data("panels")
    off_text = now.transform_filter("datum.outside != 0")
    return alt.layer(
        data("extent").mark_point(opacity=0).encode(y=y),
        data("points").mark_circle(size=20, opacity=0.45, color=GREY).encode(x=x("x"), y=y),
        data("lines")
        .mark_rule(color=GREY, strokeDash=[6, 4], strokeWidth=2)
        .encode(x=x("x"), x2=alt.X2("x2:Q"), y=y, y2=alt.Y2("y2:Q")),
        guess.mark_rule(strokeWidth=4, strokeCap="round").encode(
            x=x("x"), x2=alt.X2("x2:Q"), y=y, y2=alt.Y2("y2:Q"), color=color
        ),
        off_chart(1, "triangle-up", 8),
        off_chart(-1, "triangle-down", 192),
        off_text.mark_text(fontSize=13, text="off the chart").encode(
            x=x("middle"), y=alt.YValue(100), color=color
        ),
        data("lines")
        .mark_text(align="right", dy=-14, fontSize=13, color=GREY)
        .encode(x=x("x2"), y=alt.Y("y2:Q"), text=alt.Text("label:N")),
        first_guess.mark_text(align="left", dx=2, dy=-11, fontSize=13, text="guess").encode(
            x=x("x"), y=y, color=color
        ),
        headings.mark_point(filled=True, size=110, opacity=1, xOffset=6).encode(
            x=x("left"), y=alt.YValue(-30), color=color, shape=shape_of(titles)
        ),
        headings.mark_text(align="left", dx=16, fontSize=15, fontWeight="bold").encode(
            x=x("left"), y=alt.YValue(-29), text=alt.Text("run:N"), color=color
        ),
        now.mark_text(align="left", dx=16, fontSize=14).encode(
            x=x("left"), y=alt.YValue(-11), text=alt.Text("rate:N"), color=color
        ),
        data("ticks")
        .transform_filter(
            f"!({narrower_than(501)}) || datum.place != 'right'"
        )  # else two read as one number
        .mark_text(fontSize=12, color=GREY, baseline="top", align={"expr": "datum.place"})
        .encode(x=x("x"), y=alt.YValue(205), text=alt.Text("label:N")),
        height=200,
        title=heading("Fit: each run's guess among the points", -6),
    )
