"""The laboratory: one rate, and all that follows from it while it is dragged."""

from functools import cache

import altair as alt

from linreg.charts.common import COLORS, GREY, PICK, data, finished, slider
from linreg.fitbox import PANEL
from linreg.laboratory import EXPRESSIONS, HIGHEST, LOWEST

LABORATORY_ALT = (
    "A laboratory for one rate, with a slider: the loss, the path over the loss, and the bouncing along "
    "the steep direction, drawn from the closed form while the slider moves."
)


@cache
def laboratory_spec() -> dict:
    """Return the Vega-Lite specification of the laboratory, without its datasets.

    Its slider moves the rate, and the expressions of `laboratory` draw everything anew, in the
    browser alone. A click on its last line selects the rate.
    """
    across = alt.Scale(domain=[0, 2 + PANEL], nice=False)
    up = alt.Scale(domain=[0, 1], nice=False)

    def x(field: str) -> alt.X:
        return alt.X(f"{field}:Q", scale=across, axis=None)

    def y(field: str) -> alt.Y:
        return alt.Y(f"{field}:Q", scale=up, axis=None)

    def followed(name: str) -> alt.Chart:
        return data(name).transform_calculate(**EXPRESSIONS)

    def line(of: str, keep: str = "true") -> list[alt.Chart]:
        rows = followed("steps").transform_filter(keep)
        place = {"x": x(f"x_{of}"), "y": y(f"y_{of}")}
        return [
            rows.mark_line(strokeWidth=1.5, color=COLORS[0]).encode(**place, order="step:Q"),
            rows.mark_point(filled=True, size=30, opacity=1, color=COLORS[0]).encode(
                **place,
                tooltip=[alt.Tooltip("step:Q"), alt.Tooltip("loss:Q", format=".6g")],
            ),
        ]

    zone = (
        "datum.steep_factor < -1 ? 'diverges' : datum.steep_factor < 0 ?"
        " 'overshoots each step and still converges' : 'converges from one side'"
    )
    told = (
        "'η = ' + format(datum.rate, '.3~g') + ' (' + format(pow(10, share), '.3~g')"
        " + ' × critical)\\n' + 'steep error × ' + format(datum.steep_factor, '+.4~g')"
        " + ', flat × ' + format(datum.flat_factor, '+.6~g') + '\\n' + (" + zone + ")"
    )
    one = followed("one").transform_calculate(told=told)
    left = alt.value(0)
    pick = alt.selection_point(name=PICK, fields=["rate"], on="click")
    layers = (
        data("panels")
        .mark_text(align="left", baseline="bottom", dy=-8, fontSize=14, color=GREY)
        .encode(x=x("x"), y=alt.value(0), text="title:N"),
        data("panels")
        .mark_rect(filled=False, stroke=GREY, strokeOpacity=0.3)
        .encode(x=x("x"), x2="x2:Q", y=alt.value(0), y2=alt.value(200)),
        data("floor")
        .mark_rule(color=GREY, strokeDash=[2, 3])
        .encode(x=x("x"), x2="x2:Q", y=y("y")),
        data("contours")
        .mark_line(color=GREY, strokeWidth=1, opacity=0.6)
        .encode(x=x("x"), y=y("y"), detail="piece:N", order="corner:Q"),
        data("bowl").mark_line(color=GREY, strokeWidth=2, opacity=0.7).encode(x=x("x"), y=y("y")),
        *line("loss"),
        *line("path", "datum.in_path"),
        *line("bowl", "datum.in_bowl"),
        one.mark_text(
            align="left", baseline="top", fontSize=14, lineBreak="\n", lineHeight=19, color=GREY
        ).encode(x=left, y=alt.value(214), text="told:N"),
        one.mark_text(
            align="left",
            fontSize=15,
            fontWeight="bold",
            color=COLORS[0],
            cursor="pointer",
            text="▶ Train “Good” at this rate",
        )
        .encode(x=left, y=alt.value(290), detail="rate:Q")
        .add_params(pick),
    )
    spec = alt.layer(*layers, height=200).to_dict(validate=False)
    spec["config"] = {"view": {"stroke": None}, "mark": {"aria": False}}
    return finished(spec, [slider("share", -0.3, LOWEST, HIGHEST, 0.01, "Learning rate")])
