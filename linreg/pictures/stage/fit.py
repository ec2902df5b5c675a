"""The panel of the fit: the points, the line that made them, and each run's guess at this frame."""

import altair as alt
import numpy as np

from linreg.pictures.arrow import PANEL, Table
from linreg.pictures.common import GREY, axis_ends
from linreg.pictures.layers import AT_PLACE, color_of, data, dots, shape_of, text
from linreg.pictures.stage.channels import heading, this_frame, y_channel
from linreg.pictures.stage.fitbox import FitBox

HEIGHT = 105  # of the panels, in pixels


def rows(
    titles: list[str], box: FitBox, x: np.ndarray, y: np.ndarray, true_line: tuple | None
) -> dict[str, Table]:
    """Return the tables that stay the same at every frame: panels, points, true line, axis."""
    panel, lines = np.arange(len(titles)), box.lines(len(titles), true_line)
    label = ["true line", *[""] * len(titles)]
    return {
        "panels": {"run": titles, "left": panel, "middle": panel + PANEL / 2},
        "points": box.points(len(titles), x, y),
        "lines": lines | {"label": label[: len(lines["x"])]},
        "ticks": box.ticks(len(titles)),
    }


def drawing(titles: tuple[str, ...], across: alt.Scale, is_alone: bool) -> alt.LayerChart:
    """The points, the line that made them, and the guess at this frame."""
    color, up = color_of(titles), alt.Scale(domain=axis_ends("extent", "datum.y"), nice=False)
    y = y_channel("y", "y", up, labelFontSize=13, tickCount=5, grid=False)
    x, x2, left, middle = (
        alt.X(f"{field}:Q", scale=across, axis=None) for field in ("x", "x2", "left", "middle")
    )
    now = this_frame()
    guess = now.transform_filter("datum.outside == 0")
    first_guess = guess.transform_filter("datum.left == 0")
    lines, end = data("lines"), (alt.X2("x2:Q"), alt.Y2("y2:Q"))
    # On a narrow panel the last number and the first of the next would read as one.
    ticks = data("ticks").transform_filter("!(width < 501) || datum.place != 'right'")
    guessed = {"align": "left", "dx": 2, "dy": -11}
    below = {"fontSize": 12, "color": GREY, "baseline": "top", "align": AT_PLACE}
    return alt.layer(
        data("extent").mark_point(opacity=0).encode(y=y),
        data("points").mark_circle(size=20, opacity=0.45, color=GREY).encode(x, y),
        lines.mark_rule(color=GREY, strokeDash=[6, 4], strokeWidth=2).encode(x, y, *end),
        guess.mark_rule(strokeWidth=4, strokeCap="round").encode(x, y, *end, color),
        *_off_the_chart(now, middle, color),
        text(lines, "label", x2, alt.Y("y2:Q"), align="right", dy=-14, color=GREY),
        first_guess.mark_text(**guessed, fontSize=13, text="guess").encode(x, y, color),
        *(_names(titles, left, color) if is_alone else ()),
        text(now, "rate", left, alt.YValue(-9), color, align="left", dx=16 if is_alone else 0),
        text(ticks, "label", x, alt.YValue(HEIGHT + 5), **below),
        height=HEIGHT,
        title=heading("Fit: each run's guess among the points"),
    )


def _off_the_chart(now: alt.Chart, x: alt.X, color: alt.Color) -> list[alt.Chart]:
    """Where the guess is, once its panel does not show it any more."""

    def mark(where: int, shape: str, at: int) -> alt.Chart:
        rows = now.transform_filter(f"datum.outside == {where}")
        return dots(rows, 130, x, alt.YValue(at), color, shape=shape)

    words = now.transform_filter("datum.outside != 0")
    return [
        mark(1, "triangle-up", 8),
        mark(-1, "triangle-down", HEIGHT - 8),
        words.mark_text(fontSize=13, text="off the chart").encode(x, alt.YValue(HEIGHT / 2), color),
    ]


def _names(titles: tuple[str, ...], x: alt.X, color: alt.Color) -> list[alt.Chart]:
    """The mark and the name of each run above its panel."""
    panels, style = data("panels"), {"align": "left", "dx": 16}
    return [
        dots(panels, 110, x, alt.YValue(-30), color, shape_of(titles), xOffset=6),
        text(panels, "run", x, alt.YValue(-29), color, **style, fontSize=15, fontWeight="bold"),
    ]
