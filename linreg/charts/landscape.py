"""The landscape: the loss over weight and bias."""

from functools import cache

import altair as alt

from linreg.charts.common import (
    FRAME,
    GREY,
    NOW,
    PAST,
    PICK,
    checkbox,
    color_of,
    data,
    finished,
    shape_of,
    slider,
)
from linreg.playback import FRAMES

LANDSCAPE_ALT = (
    "The loss over weight and bias: contour ellipses around the minimum, the two eigenvectors with "
    "what a step multiplies the error along them by, and the paths of the three runs from the start."
)


@cache
def landscape_spec(titles: tuple[str, ...]) -> dict:
    """Return the Vega-Lite specification of the landscape, without its datasets.

    "Equal axes" gives a step in weight and one in bias the same length, in the browser alone; the
    box is then as much wider as the picture is.
    """
    color = color_of(titles)
    box = "data('box')"  # two rows: the lower and the upper edges
    scales = {}
    for field, other, ratio in (
        ("weight", "bias", "width / height"),
        ("bias", "weight", "height / width"),
    ):
        low, high = f"{box}[0].{field}", f"{box}[1].{field}"
        wide = f"({box}[1].{other} - {box}[0].{other}) * {ratio}"
        half = f"(equal ? max({high} - {low}, {wide}) : {high} - {low}) / 2"
        middle = f"({low} + {high}) / 2"
        scales[field] = alt.Scale(
            domain=[
                alt.ExprRef(f"length({box}) ? {middle} - {half} : 0"),
                alt.ExprRef(f"length({box}) ? {middle} + {half} : 1"),
            ],
            nice=False,
            zero=False,
        )
    style = {"grid": False, "labelFontSize": 13, "titleFontSize": 14, "tickCount": 6}

    def x(field: str = "weight") -> alt.X:
        return alt.X(f"{field}:Q", scale=scales["weight"], axis=alt.Axis(title="weight", **style))

    def y(field: str = "bias") -> alt.Y:
        return alt.Y(f"{field}:Q", scale=scales["bias"], axis=alt.Axis(title="bias", **style))

    pick = alt.selection_point(name=PICK, fields=["weight", "bias"], on="click", nearest=True)
    paths, axes, points = data("paths"), data("axes"), data("points")
    past = paths.transform_filter(PAST)
    ends = data("frames").transform_filter(NOW)
    here = [alt.Tooltip("run:N"), alt.Tooltip("text:N", title="after"), "weight:Q", "bias:Q"]
    layers = (
        data("box").mark_point(opacity=0).encode(x=x(), y=y()),
        data("contours")
        .mark_line(clip=True, color=GREY, strokeWidth=1, opacity=0.6)
        .encode(x=x(), y=y(), detail="level:N", order="corner:Q"),
        axes.mark_rule(clip=True, color=GREY, strokeDash=[6, 4]).encode(
            x=x(), y=y(), x2="weight2:Q", y2="bias2:Q"
        ),
        data("places").mark_point(opacity=0, size=60).encode(x=x(), y=y()).add_params(pick),
        paths.mark_line(clip=True, strokeWidth=1, opacity=0.2).encode(
            x=x(), y=y(), color=color, order="step:Q"
        ),
        past.mark_line(clip=True, strokeWidth=1.5, opacity=0.8).encode(
            x=x(), y=y(), color=color, order="step:Q"
        ),
        past.mark_point(clip=True, filled=True, size=28, opacity=0.9).encode(
            x=x(), y=y(), color=color, tooltip=here
        ),
        ends.mark_point(filled=True, size=170, opacity=1).encode(
            x=x(), y=y(), color=color, shape=shape_of(titles)
        ),
        points.mark_point(shape="cross", size=120, strokeWidth=2, color=GREY, opacity=1).encode(
            x=x(), y=y()
        ),
        points.mark_text(
            align={"expr": "datum.label == 'start' ? 'right' : 'left'"},
            dx={"expr": "datum.label == 'start' ? -10 : 10"},
            dy={"expr": "datum.label == 'start' ? 12 : -10"},
            fontSize=13,
            color=GREY,
        ).encode(x=x(), y=y(), text="label:N"),
        ends.mark_text(align="left", dx=12, dy=12, fontSize=13, fontWeight="bold").encode(
            x=x(), y=y(), color=color, text="run:N"
        ),
        axes.mark_text(fontSize=13, color=GREY, dx=18, dy=-8).encode(
            x=x("weight2"), y=y("bias2"), text="label:N"
        ),
    )
    spec = alt.layer(*layers, height=420).to_dict(validate=False)
    params = [
        slider(FRAME, FRAMES, 0, FRAMES, 1, "Step"),
        checkbox("equal", False, "Equal axes"),
    ]
    return finished(spec, params)
