"""What the panels of the stage share: headings, the rows of this frame, vertical axes."""

import altair as alt

from linreg.pictures.layers import NOW, data

IS_NARROW = "width < 700"


def heading(title: str | alt.Expr) -> alt.TitleParams:
    """Return the heading of a row, a little above it: marks over its edge keep clear."""
    return alt.TitleParams(title, anchor="start", fontSize=14, fontWeight="normal", dy=-2)


def this_frame() -> alt.Chart:
    """Return a chart of the rows of this frame.

    This filter alone, and first: Vega-Lite then looks at all rows once for all layers.
    """
    return data("frames").transform_filter(NOW)


def y_channel(field: str, title: str, scale: alt.Scale, **axis) -> alt.Y:
    """Return the vertical channel of a panel, its numbers as far to the left as in all others."""
    style = {"titleFontSize": 14, "minExtent": 52, "maxExtent": 52}
    return alt.Y(f"{field}:Q", scale=scale, axis=alt.Axis(title=title, **style, **axis))
