"""The map of learning rates."""

from functools import cache

import altair as alt

from linreg.charts.common import GREY, PICK, color_of, data, finished, shape_of

MAP_ALT = (
    "The map of learning rates: what 256 rates come to, on log axes, over bands for the rates that "
    "crawl, converge, overshoot and diverge. The table below says the same of the marked rates."
)


@cache
def map_spec(titles: tuple[str, ...], view: str) -> dict:
    """Return the Vega-Lite specification of the map of learning rates, without its datasets.

    Args:
        titles: One for each of the reader's runs.
        view: "left" for the excess loss left, "steps" for the steps needed.
    """
    label = "datum.value >= 0.001 && datum.value < 10000 ? format(datum.value, '~r') : format(datum.value, '~e')"
    power = "abs(log(datum.value) / LN10 - round(log(datum.value) / LN10)) < 1e-6"
    ticks = {"labelFontSize": 13, "titleFontSize": 14, "labelExpr": f"{power} ? ({label}) : ''"}
    log = alt.Scale(type="log", nice=False)
    title = {"left": "excess loss left, share of the initial", "steps": "steps needed"}[view]
    y = alt.Y("value:Q", scale=log, axis=alt.Axis(title=title, grid=False, tickCount=8, **ticks))
    color = color_of(titles)

    def x(field: str) -> alt.X:
        axis = alt.Axis(title="learning rate", grid=False, tickCount=8, **ticks)
        return alt.X(f"{field}:Q", scale=log, axis=axis)

    def tooltip(*fields: tuple[str, str]) -> list[alt.Tooltip]:
        return [alt.Tooltip(field, title=name) for field, name in fields]

    top, value = alt.value(0), ("text:N", "result")
    zones, runs, marks = data("zones"), data("runs"), data("marks")
    room = "scale('x', datum.high) - scale('x', datum.low)"  # pixels of a zone
    layers = (
        data("extent").mark_point(opacity=0).encode(x=x("rate"), y=y),
        zones.mark_rect(color=GREY).encode(
            x=x("low"), x2="high:Q", opacity=alt.Opacity("shade:Q", legend=None, scale=None)
        ),
        zones.mark_rule(color=GREY, strokeDash=[2, 3]).encode(x=x("low")),
        zones.mark_text(
            baseline="bottom", dy=-6, fontSize=13, color=GREY, limit=alt.ExprRef(room)
        ).encode(x=x("middle"), y=top, text="zone:N"),
        zones.mark_text(
            baseline="bottom",
            dx={"expr": "datum.place == 'left' ? 4 : -4"},
            dy=-26,
            fontSize=13,
            color=GREY,
            align={"expr": "datum.place"},
        ).encode(x=x("low"), y=top, text="edge:N"),
        data("levels").mark_rule(color=GREY, strokeDash=[6, 4]).encode(y=y),
        data("levels")
        .mark_text(align="left", baseline="bottom", dx=4, dy=-3, fontSize=12, color=GREY)
        .encode(x=alt.value(0), y=y, text="label:N"),
        data("curve").mark_line(strokeWidth=2, color=GREY).encode(x=x("rate"), y=y),
        marks.mark_rule(color=GREY, strokeWidth=1).encode(x=x("rate")),
        marks.mark_text(fontSize=13, fontWeight="bold", align="left", dx=4, color=GREY)
        .transform_calculate(down="46 + 16 * (datum.row % 4)")
        .encode(
            x=x("rate"),
            y=alt.Y("down:Q", scale=None),
            text="label:N",
            tooltip=tooltip(("name:N", "rule"), ("grade:N", "grade")),
        ),
        data("seen")
        .mark_point(filled=True, size=22, opacity={"expr": "datum.off ? 0.2 : 0.9"})
        .encode(
            x=x("rate"),
            y=y,
            color=alt.value("#56B4E9"),
            tooltip=tooltip(("rate:Q", "learning rate"), value),
        )
        .add_params(alt.selection_point(name=PICK, fields=["rate"], on="click", nearest=True)),
        runs.mark_point(filled=True, size=190, opacity=1, stroke="white", strokeWidth=1.5).encode(
            x=x("rate"),
            y=y,
            color=color,
            shape=shape_of(titles),
            tooltip=tooltip(("run:N", "run"), ("rate:Q", "learning rate"), value),
        ),
        runs.mark_text(
            align="center",
            dy={"expr": "datum.off ? 20 : -17"},
            fontSize=13,
            fontWeight="bold",
        ).encode(x=x("rate"), y=y, text="run:N", color=color),
    )
    spec = alt.layer(*layers, height=340).to_dict(validate=False)
    return finished(spec)
