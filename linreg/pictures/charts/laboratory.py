"""The laboratory: one rate, and all that follows from it while it is dragged."""

from functools import cache

import altair as alt

from linreg.pictures.charts.common import COLORS, GREY, SHARE, data, finished, slider
from linreg.pictures.laboratory import EXPRESSIONS, HIGHEST, LOWEST, OPENS, PANELS
from linreg.pictures.stage.fitbox import PANEL

LABORATORY_ALT = (
    "A laboratory for one rate: the loss, the path over the loss, and the bouncing along the steep "
    "direction, drawn from the closed form while the slider above moves. The text beside the slider "
    "says what the rate does."
)
_ACROSS = alt.Scale(domain=[0, 2 + PANEL], nice=False)
_UP = alt.Scale(domain=[0, 1], nice=False)
_NEVER = 1e9  # the step at which a run leaves that stays


def _x(field: str) -> alt.X:
    return alt.X(f"{field}:Q", scale=_ACROSS, axis=None)


def _y(field: str) -> alt.Y:
    return alt.Y(f"{field}:Q", scale=_UP, axis=None)


@cache
def laboratory_spec() -> dict:
    """Return the Vega-Lite specification of the laboratory, without its datasets.

    The slider of the page moves the rate, and the expressions of `laboratory` draw everything anew,
    in the browser alone.
    """
    text = {"fontSize": 13, "color": GREY}
    layers = (
        data("panels")
        .mark_text(align="left", baseline="bottom", dy=-24, fontSize=14, color=GREY)
        .encode(x=_x("x"), y=alt.value(0), text="title:N"),
        data("panels")
        .mark_rect(filled=False, stroke=GREY, strokeOpacity=0.3)
        .encode(x=_x("x"), x2="x2:Q", y=alt.value(0), y2=alt.value(200)),
        data("ends")
        .mark_text(
            **text,
            baseline="top",
            align={"expr": "datum.side"},
            dy={"expr": "datum.down"},
        )
        .encode(x=_x("x"), y=_y("y"), text="label:N"),
        data("floor")
        .mark_rule(color=GREY, strokeDash=[2, 3])
        .encode(x=_x("x"), x2="x2:Q", y=_y("y")),
        data("floor")
        .mark_text(**text, text="least", align="right", baseline="bottom", dx=-4, dy=-4)
        .encode(x=_x("x2"), y=_y("y")),
        data("contours")
        .mark_line(color=GREY, strokeWidth=1, opacity=0.6)
        .encode(x=_x("x"), y=_y("y"), detail="piece:N", order="corner:Q"),
        data("bowl").mark_line(color=GREY, strokeWidth=2, opacity=0.7).encode(x=_x("x"), y=_y("y")),
        *(layer for left, panel in enumerate(PANELS) for layer in _followed(panel, left)),
    )
    spec = alt.layer(*layers, height=200).to_dict(validate=False)
    spec["config"] = {"view": {"stroke": None}, "mark": {"aria": False}}
    return finished(spec, [slider(SHARE, OPENS, LOWEST, HIGHEST, 0.01, "Learning rate")])


def _followed(panel: str, left: int) -> list[alt.Chart]:
    """The run in one panel, to where it leaves: there its line ends in a mark, with the step."""
    rows = (
        data("steps")
        .transform_calculate(**EXPRESSIONS)
        .transform_calculate(leaves=f"datum.in_{panel} ? {_NEVER} : datum.step")
        .transform_joinaggregate(out="min(leaves)")
        .transform_filter("datum.step <= datum.out")
    )
    stays = rows.transform_filter("datum.step < datum.out")
    x, y = f"datum.x_{panel}_cut", f"datum.y_{panel}_cut"
    exits = rows.transform_filter("datum.step == datum.out").transform_calculate(
        angle=f"{y} > 1 - 1e-6 ? 0 : {y} < 1e-6 ? 180 : {x} > {left + PANEL - 1e-6} ? 90 : 270",
        told="'▲ out at step ' + datum.step",
        start=f"{left}",
    )
    place = {"x": _x(f"x_{panel}_cut"), "y": _y(f"y_{panel}_cut")}
    return [
        rows.mark_line(strokeWidth=1.5, color=COLORS[0]).encode(**place, order="step:Q"),
        stays.mark_point(filled=True, size=30, opacity=1, color=COLORS[0]).encode(
            **place, tooltip=[alt.Tooltip("step:Q"), alt.Tooltip("loss:Q", format=".6g")]
        ),
        exits.mark_point(
            shape="triangle-up", filled=True, size=150, opacity=1, color=COLORS[0]
        ).encode(**place, angle=alt.Angle("angle:Q", scale=None)),
        exits.mark_text(
            align="left", baseline="bottom", dy=-7, fontSize=13, color=COLORS[0]
        ).encode(x=_x("start"), y=alt.value(0), text="told:N"),
    ]
