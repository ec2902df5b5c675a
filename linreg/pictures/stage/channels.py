"""What the panels of the stage share: headings, the rows of this frame, vertical axes."""

import altair as alt

from linreg.pictures.common import NOW, data, narrower_than, text

IS_NARROW = narrower_than(700)
# Where a row stands on the two axes of the loss, as the boxes say.
ALONG = "log_steps ? log(max(datum.step, 0.5)) / LN10 : datum.step"
SHOWN = "excess ? datum.excess : datum.loss"
AT_PLACE = {"expr": "datum.place"}  # the side of a text, as its row says


def heading(title: str | alt.Expr) -> alt.TitleParams:
    """Return the heading of a row, a little above it: marks over its edge keep clear."""
    return alt.TitleParams(title, anchor="start", fontSize=14, fontWeight="normal", dy=-6)


def this_frame() -> alt.Chart:
    """Return a chart of the rows of this frame.

    This filter alone, and first: Vega-Lite then looks at all rows once for all layers.
    """
    return data("frames").transform_filter(NOW)


def y_channel(field: str, title: str, scale: alt.Scale, **axis) -> alt.Y:
    """Return the vertical channel of a panel, its numbers as far to the left as in all others."""
    style = {"titleFontSize": 14, "minExtent": 52, "maxExtent": 52}
    return alt.Y(f"{field}:Q", scale=scale, axis=alt.Axis(title=title, **style, **axis))


def on_loss_axes(chart: alt.Chart) -> alt.Chart:
    """Place rows on the axes of the loss; on the logarithm step 0 stands a little left of 1."""
    return chart.transform_calculate(along=ALONG, shown=SHOWN)


def left_at(
    rows: alt.Chart, column: str, x: alt.X, y: alt.Y, color: alt.Color, **style
) -> alt.Chart:
    """Return the words about a run that leaves the axis, beside its mark, on the side of its row."""
    aside = {"expr": "datum.place == 'left' ? 12 : -12"}
    at = {"baseline": "top", "dx": aside, "dy": {"expr": "datum.dy"}, "align": AT_PLACE}
    return text(rows, column, x, y, color, **at, **style)
