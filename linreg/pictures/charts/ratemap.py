"""The map of learning rates."""

from functools import cache

import altair as alt

from linreg.pictures.charts.common import GREY, PICK, color_of, data, finished, pixels_to, shape_of

MAP_ALT = (
    "The map of learning rates: what 256 rates come to, on log axes, over bands for the rates that "
    "crawl, converge, overshoot and diverge. The table below says the same of the marked rates."
)


ABOVE = {"edge": -50, "zone": -32, "mark": -14}  # pixels: three rows of text above the map
APART = 18  # pixels between the numbers of two marks


@cache
def map_spec(titles: tuple[str, ...], view: str) -> dict:
    """Return the Vega-Lite specification of the map of learning rates, without its datasets.

    Args:
        titles: One for each of the reader's runs.
        view: "left" for the excess loss left, "steps" for the steps needed.
    """
    title = {"left": "excess loss left, share of the initial", "steps": "steps needed"}[view]
    y = alt.Y("value:Q", scale=LOG, axis=_axis(title))
    layers = (
        data("extent").mark_point(opacity=0).encode(x=_x("rate"), y=y),
        *_zones(),
        _clicks(),
        *_levels(y),
        *_marks(),
        *_curves(y),
        *_runs(y, titles),
    )
    return finished(alt.layer(*layers, height=340).to_dict(validate=False))


LOG = alt.Scale(type="log", nice=False)


def _axis(title: str) -> alt.Axis:
    """Return an axis with a label at each power of ten."""
    plain = "datum.value >= 0.001 && datum.value < 10000"
    label = f"{plain} ? format(datum.value, '~r') : format(datum.value, '~e')"
    power = "abs(log(datum.value) / LN10 - round(log(datum.value) / LN10)) < 1e-6"
    shown = f"{power} ? ({label}) : ''"
    sizes = {"labelFontSize": 13, "titleFontSize": 14}
    return alt.Axis(title=title, grid=False, tickCount=8, labelExpr=shown, **sizes)


def _x(field: str) -> alt.X:
    return alt.X(f"{field}:Q", scale=LOG, axis=_axis("learning rate"))


def _tooltip(**fields: str) -> list[alt.Tooltip]:
    return [alt.Tooltip(field, title=title.replace("_", " ")) for title, field in fields.items()]


def _zones() -> tuple[alt.Chart, ...]:
    """Return the bands with their edges; what is written of them, where the map has room for it."""
    zones = data("zones")
    text = {"baseline": "middle", "fontSize": 13, "color": GREY}
    shade = alt.Opacity("shade:Q", legend=None, scale=None)

    def said(field: str) -> alt.Chart:
        shown = f"width >= datum.{field}_room ? datum.{field} : ''"
        return zones.transform_calculate(said=shown)

    return (
        zones.mark_rect(color=GREY).encode(x=_x("low"), x2="high:Q", opacity=shade),
        zones.transform_filter("datum.edge != ''")
        .mark_rule(color=GREY, strokeDash=[2, 3])
        .encode(x=_x("low")),
        said("zone")
        .mark_text(**text)
        .encode(x=_x("middle"), y=alt.value(ABOVE["zone"]), text="said:N"),
        said("edge")
        .mark_text(
            dx={"expr": "datum.place == 'left' ? 4 : -4"}, align={"expr": "datum.place"}, **text
        )
        .encode(x=_x("low"), y=alt.value(ABOVE["edge"]), text="said:N"),
    )


def _clicks() -> alt.Chart:
    """Return a bar as high as the map for each rate, so that a click means the rate below it.

    Not the nearest dot: where the curve is steep that is one at quite another rate. What else can
    be clicked has the same two fields.
    """
    pick = alt.selection_point(name=PICK, fields=["rate", "turn"], on="click")
    return data("clicks").mark_rect(opacity=0).encode(x=_x("low"), x2="high:Q").add_params(pick)


def _levels(y: alt.Y) -> tuple[alt.Chart, ...]:
    """Return the level that the reader has chosen, named where the curve and its runs are not."""
    return (
        data("levels").mark_rule(color=GREY, strokeDash=[6, 4]).encode(y=y),
        data("levels")
        .mark_text(align="right", baseline="bottom", dx=-4, dy=-3, fontSize=12, color=GREY)
        .encode(x=alt.value("width"), y=y, text="label:N"),
    )


def _marks() -> tuple[alt.Chart, ...]:
    """Return the marks: a line each, and its number in a row of their own.

    The numbers are pushed to the right until they are apart: the largest of what those before it
    need, which a running maximum gives. A short line leads from each to its place.
    """
    order = [alt.SortField("share")]
    marks = data("marks")
    apart = (
        marks.transform_window(nth="row_number()", sort=order)
        .transform_calculate(there="datum.share * width", free=f"datum.there - {APART} * datum.nth")
        .transform_window(most="max(free)", sort=order, frame=[None, 0])
        .transform_calculate(here=f"datum.most + {APART} * datum.nth")
    )
    told = _tooltip(rule="name:N", steps="steps:N", grade="grade:N")
    here = alt.X("here:Q", scale=None, axis=None)
    return (
        marks.mark_rule(color=GREY, opacity=0.45).encode(x=_x("rate")),
        marks.mark_rule(opacity=0, strokeWidth=8).encode(x=_x("rate"), tooltip=told),
        apart.mark_rule(color=GREY, opacity=0.45).encode(
            x=here, x2="there:Q", y=alt.value(ABOVE["mark"] + 7), y2=alt.value(0)
        ),
        apart.mark_text(
            baseline="middle", fontSize=13, fontWeight="bold", color=GREY, cursor="help"
        ).encode(x=here, y=alt.value(ABOVE["mark"]), text="label:N", tooltip=told),
    )


def _curves(y: alt.Y) -> tuple[alt.Chart, ...]:
    """Return what was measured, as dots, and over them what the theory says, as a thin line.

    The line has the colour of the page's text, so that it stands out from the dots on any ground.
    """
    return (
        data("seen")
        .mark_point(filled=True, size=34, opacity={"expr": "datum.off ? 0.2 : 1"}, color="#56B4E9")
        .encode(x=_x("rate"), y=y, tooltip=_tooltip(learning_rate="rate:Q", result="text:N")),
        data("curve").mark_line(strokeWidth=1.25, stroke="currentColor").encode(x=_x("rate"), y=y),
    )


def _runs(y: alt.Y, titles: tuple[str, ...]) -> tuple[alt.Chart, ...]:
    """Return the reader's runs with their names, each on a side of its own: three can lie together.

    The curve falls to the right, so there is room below a dot to its left and above it to its right.
    A name has no room to the left of a dot that lies near the axis.
    """
    runs, color = data("runs"), color_of(titles)
    is_left = f"datum.side == 'left' && {pixels_to('datum.rate')} >= 80"
    is_below = "datum.off && datum.side == 'middle'"
    down = "datum.off ? (datum.side == 'middle' ? 26 : 10)"
    return (
        runs.mark_point(filled=True, size=190, opacity=1, stroke="white", strokeWidth=1.5).encode(
            x=_x("rate"),
            y=y,
            color=color,
            shape=shape_of(titles),
            tooltip=_tooltip(run="run:N", learning_rate="rate:Q", result="text:N"),
        ),
        runs.mark_text(
            align={"expr": f"{is_below} ? 'center' : {is_left} ? 'right' : 'left'"},
            baseline="middle",
            dx={"expr": f"{is_below} ? 0 : {is_left} ? -12 : 12"},
            dy={"expr": f"{down} : {is_left} ? 8 : datum.side == 'right' ? 0 : -14"},
            fontSize=13,
            fontWeight="bold",
        ).encode(x=_x("rate"), y=y, text="run:N", color=color),
    )
