"""The stage: fit, loss, overshoot and numbers of three runs side by side, in one chart.

Its channels are classes: Altair looks a text or `alt.value` up in the whole schema of Vega-Lite, for
longer than all else here takes together, and the first visitor waits for it.
"""

from collections.abc import Callable
from functools import cache

import altair as alt

from linreg.pictures.charts.common import (
    FRAME,
    GREY,
    NOW,
    PAST,
    axis_ends,
    checkbox,
    color_of,
    data,
    finished,
    narrower_than,
    shape_of,
    slider,
)
from linreg.pictures.playback import FRAMES
from linreg.pictures.stage.fitbox import PANEL
from linreg.pictures.stage.frames import EDGE

STAGE_ALT = (
    "Three runs of gradient descent side by side. Top: the points, the true line and each run's "
    "guess. Middle: loss against step on a log axis, with the least possible loss. Then: where "
    "each step lands in the bowl of the loss along its steep direction. Below them the numbers of "
    "one step. The cards above say the same in words and numbers."
)


# Name, short name where a panel is narrow, column of `frames`.
_NUMBERS = (
    ("weight", "w", "weight"),
    ("bias", "b", "bias"),
    ("loss", "L", "mse"),
    ("gradient, weight", "∂w", "gradient_weight"),
    ("gradient, bias", "∂b", "gradient_bias"),
    ("update, weight", "Δw", "update_weight"),
    ("update, bias", "Δb", "update_bias"),
)
_IS_NARROW = narrower_than(700)
_ALONG = "log_steps ? log(max(datum.step, 0.5)) / LN10 : datum.step"
_SHOWN = "excess ? datum.excess : datum.loss"
_LOSS_HEADING = (
    "excess ? 'Excess loss: mean squared error above the least, log scale'"
    " : 'Loss: mean squared error, log scale'"
)


@cache
def stage_spec(titles: tuple[str, ...], is_noisy: bool = False) -> dict:
    """Return the Vega-Lite specification of the stage, without its datasets.

    The player moves the frame of every row, in the browser alone.

    Args:
        titles: One for each run.
        is_noisy: Whether there are mini-batches. What they leave is too near the least possible
            loss to be seen on an axis of the loss, so its row begins with the excess loss.
    """
    across = alt.Scale(domain=[0, len(titles) - 1 + PANEL], nice=False)
    rows = _fit(titles, across), _loss(titles), _bowl(titles, across), _numbers(across)
    # A test validates it once; here a first visitor waits, also for `alt.vconcat`, which copies all.
    inner = {"top_level": False}
    spec = {
        "$schema": alt.SCHEMA_URL,
        "vconcat": [row.to_dict(validate=False, context=inner) for row in rows],
        "spacing": 26,
    }
    # Streamlit's theme, light or dark, takes the place of Altair's. The chart has one text for
    # screen readers; a label on each of its marks would cost more than drawing them.
    spec["config"] = {"mark": {"aria": False}, "axis": {"aria": False}}
    params = [
        slider(FRAME, FRAMES, 0, FRAMES, 1, "Step"),
        checkbox("log_steps", False, "Log steps"),
        checkbox("excess", is_noisy, "Excess loss"),
    ]
    return finished(spec, params)


def _heading(text: str | alt.Expr, up: int) -> alt.TitleParams:
    """Return the heading of a row, so far above it that marks over its edge keep clear."""
    return alt.TitleParams(text, anchor="start", fontSize=14, fontWeight="normal", dy=up)


def _now() -> alt.Chart:
    """Return a chart of the rows of this frame.

    This filter alone, and first: Vega-Lite then looks at all rows once for all layers.
    """
    return data("frames").transform_filter(NOW)


def _y(field: str, title: str, scale: alt.Scale, **axis) -> alt.Y:
    return alt.Y(
        f"{field}:Q",
        scale=scale,
        axis=alt.Axis(title=title, titleFontSize=14, labelFontSize=13, minExtent=52, maxExtent=52)
        if not axis
        else alt.Axis(title=title, titleFontSize=14, minExtent=52, maxExtent=52, **axis),
    )


def _fit(titles: tuple[str, ...], across: alt.Scale) -> alt.LayerChart:
    """The points, the line that made them, and the guess at this frame."""
    color = color_of(titles)
    y = _y(
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

    now = _now()
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
        title=_heading("Fit: each run's guess among the points", -6),
    )


def _loss(titles: tuple[str, ...]) -> alt.LayerChart:
    """The loss of each run on one log axis, the least possible loss, a dot at this frame."""
    color = color_of(titles)
    power = "abs(log(datum.value) / LN10 - round(log(datum.value) / LN10)) < 1e-6"
    label = (
        "datum.value >= 0.001 && datum.value < 10000 ? format(datum.value, '~r')"
        " : format(datum.value, '~e')"
    )
    label = f"{power} ? ({label}) : ''"
    y = _y(
        "shown",
        "loss",
        alt.Scale(type="log", domain=axis_ends("extent", _SHOWN), nice=False),
        labelFontSize=13,
        tickCount=6,
        grid=False,
        labelExpr=label,
    )
    x = alt.X(
        "along:Q",
        scale=alt.Scale(domain=axis_ends("extent", _ALONG), nice=False),
        axis=alt.Axis(
            title="step",
            titleFontSize=14,
            labelFontSize=13,
            grid=False,
            tickCount=8,
            tickMinStep=1,
            labelExpr="format(log_steps ? pow(10, datum.value) : datum.value, '~s')",
        ),
    )

    def on_axes(chart: alt.Chart) -> alt.Chart:
        """Place rows as the boxes say; on the logarithm step 0 stands a little left of 1."""
        return chart.transform_calculate(
            along=_ALONG,
            shown=_SHOWN,
        )

    told = [alt.Tooltip("run:N"), alt.Tooltip("step:Q", format=",")]
    told.append(alt.Tooltip("shown:Q", title="loss", format=".4~g"))
    now = on_axes(_now())
    one = now.transform_filter("datum.left == 0")
    exits = on_axes(data("loss_exits"))
    floor = on_axes(data("floor").transform_filter("!excess"))  # 0 has no place on a log axis
    boundaries = on_axes(data("boundaries"))
    band = on_axes(data("band")).transform_calculate(
        low_shown="excess ? datum.low_excess : datum.low",
        high_shown="excess ? datum.high_excess : datum.high",
    )
    return alt.layer(
        on_axes(data("extent")).mark_point(opacity=0).encode(y=y),
        band.mark_area(opacity=0.22).encode(
            x=x, y=alt.Y("low_shown:Q"), y2=alt.Y2("high_shown:Q"), color=color
        ),
        floor.mark_rule(color=GREY, strokeDash=[2, 3], strokeWidth=2).encode(y=y),
        floor.mark_text(
            align="right", baseline="bottom", dy=-5, dx=-4, fontSize=13, color=GREY
        ).encode(x=alt.XValue("width"), y=y, text=alt.Text("label:N")),
        boundaries.mark_rule(color=GREY, strokeDash=[6, 4]).encode(x=x),
        boundaries.mark_text(
            align="left", baseline="top", dx=5, dy=3, fontSize=13, color=GREY
        ).encode(x=x, y=alt.YValue(0), text=alt.Text("label:N")),
        one.mark_rule(color=GREY).encode(x=x),
        one.transform_calculate(label="'step ' + format(datum.step, ',')")
        .mark_text(
            fontSize=13,
            fontWeight="bold",
            baseline="bottom",
            dy=-4,
            color=GREY,
            align={"expr": f"datum.frame > {FRAMES // 2} ? 'right' : 'left'"},
        )
        .encode(x=x, y=alt.YValue(0), text=alt.Text("label:N")),
        on_axes(data("curves"))
        .mark_line(strokeWidth=2.5)
        .encode(
            x=x,
            y=y,
            color=color,
            strokeDash=alt.StrokeDash(
                "kind:N",
                legend=None,
                scale=alt.Scale(domain=["measured", "predicted"], range=[[1, 0], [3, 5]]),
            ),
        ),
        *_others(on_axes, x, y),
        on_axes(data("noise_floors"))
        .transform_calculate(
            until_along="log_steps ? log(max(datum.until, 0.5)) / LN10 : datum.until"
        )
        .mark_rule(strokeDash=[8, 4], strokeWidth=2)
        .encode(x=x, x2=alt.X2("until_along:Q"), y=y, color=color),
        on_axes(data("checks"))
        .mark_point(size=60, strokeWidth=1.5, opacity=1)
        .encode(x=x, y=y, color=color, tooltip=told),
        now.transform_filter("datum.on_chart")
        .mark_point(filled=True, size=110, opacity=1)
        .encode(x=x, y=y, color=color, shape=shape_of(titles), tooltip=told),
        exits.mark_point(shape="triangle-up", filled=True, size=150, opacity=1).encode(
            x=x, y=y, color=color
        ),
        exits.mark_text(
            fontSize=13,
            baseline="top",
            dx={"expr": "datum.place == 'left' ? 12 : -12"},
            dy={"expr": "datum.dy"},
            align={"expr": "datum.place"},
        ).encode(x=x, y=y, text=alt.Text("label:N"), color=color),
        height=200,
        title=_heading(alt.expr(_LOSS_HEADING), -6),
    )


def _others(on_axes: Callable[[alt.Chart], alt.Chart], x: alt.X, y: alt.Y) -> list[alt.Chart]:
    """The loss of runs that the reader keeps: dashed, told apart by colour and name."""
    color = alt.Color("color:N", legend=None, scale=None)
    told = [alt.Tooltip("other:N", title="kept run"), alt.Tooltip("step:Q", format=",")]
    told.append(alt.Tooltip("told_loss:Q", title="loss", format=".4~g"))
    told.append(alt.Tooltip("told_excess:Q", title="excess loss", format=".4~g"))
    rows = on_axes(data("others"))
    rows = rows.transform_calculate(part="excess ? datum.excess_piece : datum.piece")
    rows = rows.transform_filter("datum.part >= 0")
    exits = on_axes(data("other_exits").transform_filter("datum.is_excess == excess"))
    exits = exits.transform_calculate(words=f"{_IS_NARROW} ? datum.short : datum.label")
    names = "datum.is_excess == excess && datum.is_log == log_steps"
    return [
        rows.mark_line(strokeWidth=1.8, strokeDash=[7, 4]).encode(
            x=x, y=y, color=color, detail=[alt.Detail("other:N"), alt.Detail("part:N")]
        ),
        rows.transform_filter("datum.hovers")
        .mark_point(filled=True, size=80, opacity=0)
        .encode(x=x, y=y, tooltip=told),
        exits.mark_point(filled=True, size=110, opacity=1).encode(
            x=x,
            y=y,
            color=color,
            shape=alt.Shape("shape:N", legend=None, scale=None),
            tooltip=told[:2],
        ),
        exits.mark_text(
            fontSize=13,
            baseline="top",
            limit={"expr": "width / 2"},
            dx={"expr": "datum.place == 'left' ? 12 : -12"},
            dy={"expr": "datum.dy"},
            align={"expr": "datum.place"},
        ).encode(x=x, y=y, text=alt.Text("words:N"), color=color),
        on_axes(data("other_names").transform_filter(names))
        .mark_text(fontSize=13, dy={"expr": "datum.dy"})
        .encode(x=x, y=y, color=color, text=alt.Text("label:N")),
    ]


def _bowl(titles: tuple[str, ...], across: alt.Scale) -> alt.LayerChart:
    """The loss along its steep direction, and where each step lands on it."""
    color = color_of(titles)
    y = _y(
        "height",
        "excess loss",
        alt.Scale(domain=[0, EDGE**2], nice=False),
        labels=False,
        ticks=False,
        grid=False,
        domain=False,
    )

    def x(field: str) -> alt.X:
        return alt.X(f"{field}:Q", scale=across, axis=None)

    steps = data("frames").transform_filter(f"{PAST} && datum.trail")
    now = _now()
    exits = data("bowl_exits")
    return alt.layer(
        data("bowl")
        .mark_line(color=GREY, strokeWidth=2, opacity=0.7)
        .encode(x=x("u"), y=y, detail=alt.Detail("left:N")),
        steps.mark_line(strokeWidth=1.2, opacity=0.7).encode(
            x=x("u"), y=y, color=color, order=alt.Order("frame:Q")
        ),
        steps.mark_point(filled=True, size=26, opacity=0.8).encode(x=x("u"), y=y, color=color),
        now.transform_filter("datum.in_bowl")
        .mark_point(filled=True, size=170, opacity=1)
        .encode(x=x("u"), y=y, color=color, shape=shape_of(titles)),
        exits.mark_point(shape="triangle-up", filled=True, size=150, opacity=1).encode(
            x=x("u"), y=y, color=color
        ),
        exits.mark_text(
            fontSize=13,
            baseline="bottom",
            dy=-10,
            align={"expr": "datum.place"},
        ).encode(x=x("u"), y=y, text=alt.Text("label:N"), color=color),
        now.mark_text(fontSize=14, fontWeight="bold", baseline="top", dy=8).encode(
            x=x("middle"), y=alt.YValue(170), text=alt.Text("factor:N"), color=color
        ),
        height=170,
        title=_heading("Overshoot: where each step lands along the steep direction", -6),
    )


def _numbers(across: alt.Scale) -> alt.LayerChart:
    """The numbers of the step at this frame, under each panel."""
    plain, power = (
        f"({_IS_NARROW} ? '{a}' : '{b}')" for a, b in ((".3~g", ".4~g"), (".2~e", ".3~e"))
    )
    is_plain = "datum.{0} == 0 || abs(datum.{0}) >= 0.001"  # as elsewhere on the page
    one = f"isValid(datum.{{0}}) ? format(datum.{{0}}, {is_plain} ? {plain} : {power}) : '–'"
    values = " + '\\n' + ".join(f"({one.format(column)})" for _, _, column in _NUMBERS)
    long, short = ("\\n".join(names) for names in list(zip(*_NUMBERS, strict=True))[:2])
    x = alt.X("left:Q", scale=across, axis=None)
    y = _y("left", " ", alt.Scale(), labels=False, ticks=False, grid=False, domain=False)
    style = {"align": "left", "baseline": "top", "fontSize": 13, "lineBreak": "\n"}
    return alt.layer(
        data("panels").mark_point(opacity=0).encode(x=x, y=y),
        data("panels")
        .transform_calculate(names=f"{_IS_NARROW} ? '{short}' : '{long}'")
        .mark_text(**style, lineHeight=19, color=GREY)
        .encode(x=x, y=alt.YValue(0), text=alt.Text("names:N")),
        _now()
        .transform_calculate(values=values)
        .mark_text(
            **style, lineHeight=19, dx={"expr": f"{_IS_NARROW} ? 26 : 130"}, color="currentColor"
        )
        .encode(x=x, y=alt.YValue(0), text=alt.Text("values:N")),
        height=19 * len(_NUMBERS),
        title=_heading("This step: gradient of all points, update to the next", -6),
    )
