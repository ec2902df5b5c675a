"""The pictures: Altair specifications, built once; the tables come from `frames`.

The browser keeps a chart and swaps its rows while the specification stays the same, so everything
that follows the data (extents, titles, labels) is data.
"""

from functools import cache

import altair as alt

from linreg.fitbox import PANEL
from linreg.frames import EDGE, FRAMES
from linreg.laboratory import EXPRESSIONS, HIGHEST, LOWEST

COLORS = ("#0072B2", "#009E73", "#D55E00")  # Okabe and Ito: told apart by colour-blind readers
SHAPES = ("circle", "square", "diamond")  # and where there is no colour at all
GREY = "#7a7f87"  # on white and on black as well
ALT = (
    "Three runs of gradient descent side by side. Top: the points, the true line and each run's "
    "guess. Middle: loss against step on a log axis, with the least possible loss. Bottom: where "
    "each step lands in the bowl of the loss along its steep direction. The cards above say the "
    "same in words and numbers."
)

MAP_ALT = (
    "The map of learning rates: what 256 rates come to, on log axes, over bands for the rates that "
    "crawl, converge, overshoot and diverge. The table below says the same of the marked rates."
)
LANDSCAPE_ALT = (
    "The loss over weight and bias: contour ellipses around the minimum, the two eigenvectors with "
    "what a step multiplies the error along them by, and the paths of the three runs from the start."
)
LABORATORY_ALT = (
    "A laboratory for one rate, with a slider: the loss, the path over the loss, and the bouncing along "
    "the steep direction, drawn from the closed form while the slider moves."
)
QUARTET_ALT = (
    "Anscombe's four sets side by side with the least-squares line that they share: a straight "
    "cloud, a curve, a line with one point off it, and a column with one point beside it."
)

_NOW = "datum.frame == frame"
_PAST = "datum.frame <= frame && datum.trail"
_INSIDE = "datum.outside == 0"
_LOSS_HEADING = (
    "excess ? 'Excess loss: mean squared error above the least possible, log scale'"
    " : 'Loss: mean squared error, log scale'"
)


@cache
def stage_spec(titles: tuple[str, ...], is_noisy: bool = False) -> dict:
    """Return the Vega-Lite specification of the stage, without its datasets.

    One slider moves every row, in the browser alone; "Play" moves the slider.

    Args:
        titles: One for each run.
        is_noisy: Whether the loss row begins with the excess loss: what mini-batches leave is
            too near the least possible loss to be seen on an axis of the loss.
    """
    across = alt.Scale(domain=[0, len(titles) - 1 + PANEL], nice=False)
    rows = alt.vconcat(_fit(titles, across), _loss(titles), _bowl(titles, across), spacing=26)
    spec = rows.to_dict(validate=False)  # a test validates it once; here a first visitor waits
    spec["params"] = _params(is_noisy)
    # Streamlit's theme, light or dark, takes the place of Altair's. The chart has one text for
    # screen readers; a label on each of its marks would cost more than drawing them.
    spec["config"] = {"mark": {"aria": False}, "axis": {"aria": False}}
    spec["autosize"] = {"type": "fit-x", "contains": "padding"}
    spec["usermeta"] = {"embedOptions": {"renderer": "svg", "actions": False}}
    return spec


def _params(is_noisy: bool) -> list[dict]:
    """Return the controls of the stage: the frame, "Play", "Log steps" and "Excess loss".

    While "Play" is ticked a timer moves the frame, from the start when it was at the end. Vega-Lite
    hands the unknown key "on" of a variable parameter to the Vega signal it becomes. That is not
    documented; a browser test watches that it still plays.
    """
    slider = alt.binding_range(min=0, max=FRAMES, step=1, name="Step through the runs")
    frame = alt.param("frame", value=FRAMES, bind=slider).param.to_dict()
    frame["on"] = [
        {
            "events": {"type": "timer", "throttle": 150},
            "update": f"play ? (frame >= {FRAMES} ? 0 : frame + 1) : frame",
        }
    ]
    boxes = {
        "play": ("Play", False),
        "log_steps": ("Log steps", False),
        "excess": ("Excess loss", is_noisy),
    }
    return [frame] + [
        alt.param(name, value=value, bind=alt.binding_checkbox(name=label)).param.to_dict()
        for name, (label, value) in boxes.items()
    ]


def _data(name: str) -> alt.Chart:
    return alt.Chart(alt.NamedData(name))


def _color(titles: tuple[str, ...]) -> alt.Color:
    return alt.Color("run:N", legend=None, scale=alt.Scale(domain=titles, range=COLORS))


def _shape(titles: tuple[str, ...]) -> alt.Shape:
    return alt.Shape("run:N", legend=None, scale=alt.Scale(domain=titles, range=SHAPES))


def _heading(text: str | alt.Expr, up: int) -> alt.TitleParams:
    """Return the heading of a row, so far above it that marks over its edge keep clear."""
    return alt.TitleParams(text, anchor="start", fontSize=14, fontWeight="normal", dy=up)


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
    color = _color(titles)
    y = _y("y", "y", alt.Scale(zero=False, nice=False), labelFontSize=13, tickCount=5, grid=False)

    def x(field: str) -> alt.X:
        return alt.X(f"{field}:Q", scale=across, axis=None)

    def off_chart(where: int, shape: str, at: str) -> alt.Chart:
        marks = _data("frames").transform_filter(f"{_NOW} && datum.outside == {where}")
        return marks.mark_point(shape=shape, filled=True, size=130, opacity=1).encode(
            x=x("middle"), y=alt.value(at), color=color
        )

    now = _data("frames").transform_filter(_NOW)
    guess = _data("frames").transform_filter(f"{_NOW} && {_INSIDE}")
    first_guess = guess.transform_filter("datum.left == 0")
    headings = _data("panels")
    off_text = _data("frames").transform_filter(f"{_NOW} && datum.outside != 0")
    return alt.layer(
        _data("extent").mark_point(opacity=0).encode(y=y),
        _data("points").mark_circle(size=20, opacity=0.45, color=GREY).encode(x=x("x"), y=y),
        _data("lines")
        .mark_rule(color=GREY, strokeDash=[6, 4], strokeWidth=2)
        .encode(x=x("x"), x2="x2:Q", y=y, y2="y2:Q"),
        guess.mark_rule(strokeWidth=4, strokeCap="round").encode(
            x=x("x"), x2="x2:Q", y=y, y2="y2:Q", color=color
        ),
        off_chart(1, "triangle-up", 8),
        off_chart(-1, "triangle-down", 192),
        off_text.mark_text(fontSize=13, text="off the chart").encode(
            x=x("middle"), y=alt.value(100), color=color
        ),
        _data("lines")
        .mark_text(align="right", dy=-14, fontSize=13, color=GREY)
        .encode(x=x("x2"), y=alt.Y("y2:Q"), text="label:N"),
        first_guess.mark_text(align="left", dx=2, dy=-11, fontSize=13, text="guess").encode(
            x=x("x"), y=y, color=color
        ),
        headings.mark_point(filled=True, size=110, opacity=1, xOffset=6).encode(
            x=x("left"), y=alt.value(-30), color=color, shape=_shape(titles)
        ),
        headings.mark_text(align="left", dx=16, fontSize=15, fontWeight="bold").encode(
            x=x("left"), y=alt.value(-29), text="run:N", color=color
        ),
        now.mark_text(align="left", dx=16, fontSize=14).encode(
            x=x("left"), y=alt.value(-11), text="rate:N", color=color
        ),
        _data("ticks")
        .mark_text(fontSize=12, color=GREY, baseline="top", align={"expr": "datum.place"})
        .encode(x=x("x"), y=alt.value(205), text="label:N"),
    ).properties(height=200, title=_heading("Fit: each run's guess among the points", -6))


def _loss(titles: tuple[str, ...]) -> alt.LayerChart:
    """The loss of each run on one log axis, the least possible loss, a dot at this frame."""
    color = _color(titles)
    power = "abs(log(datum.value) / LN10 - round(log(datum.value) / LN10)) < 1e-6"
    label = (
        "datum.value >= 0.001 && datum.value < 10000 ? format(datum.value, '~r')"
        " : format(datum.value, '~e')"
    )
    label = f"{power} ? ({label}) : ''"
    y = _y(
        "shown",
        "loss",
        alt.Scale(type="log", nice=False),
        labelFontSize=13,
        tickCount=6,
        grid=False,
        labelExpr=label,
    )
    x = alt.X(
        "along:Q",
        scale=alt.Scale(nice=False, zero=False),
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
            along="log_steps ? log(max(datum.step, 0.5)) / LN10 : datum.step",
            shown="excess ? datum.excess : datum.loss",
        )

    now = on_axes(_data("frames")).transform_filter(_NOW)
    one = now.transform_filter("datum.left == 0")
    exits = on_axes(_data("loss_exits"))
    floor = on_axes(_data("floor").transform_filter("!excess"))  # 0 has no place on a log axis
    boundaries = on_axes(_data("boundaries"))
    band = on_axes(_data("band")).transform_calculate(
        low_shown="excess ? datum.low_excess : datum.low",
        high_shown="excess ? datum.high_excess : datum.high",
    )
    return alt.layer(
        on_axes(_data("extent")).mark_point(opacity=0).encode(y=y),
        band.mark_area(opacity=0.22).encode(
            x=x, y=alt.Y("low_shown:Q"), y2="high_shown:Q", color=color
        ),
        floor.mark_rule(color=GREY, strokeDash=[2, 3], strokeWidth=2).encode(y=y),
        floor.mark_text(
            align="right", baseline="bottom", dy=-5, dx=-4, fontSize=13, color=GREY
        ).encode(x=alt.value("width"), y=y, text="label:N"),
        boundaries.mark_rule(color=GREY, strokeDash=[6, 4]).encode(x=x),
        boundaries.mark_text(
            align="left", baseline="top", dx=5, dy=3, fontSize=13, color=GREY
        ).encode(x=x, y=alt.value(0), text="label:N"),
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
        .encode(x=x, y=alt.value(0), text="label:N"),
        on_axes(_data("curves"))
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
        on_axes(_data("noise_floors"))
        .transform_calculate(
            until_along="log_steps ? log(max(datum.until, 0.5)) / LN10 : datum.until"
        )
        .mark_rule(strokeDash=[8, 4], strokeWidth=2)
        .encode(x=x, x2="until_along:Q", y=y, color=color),
        on_axes(_data("checks"))
        .mark_point(size=60, strokeWidth=1.5, opacity=1)
        .encode(x=x, y=y, color=color),
        now.transform_filter("datum.on_chart")
        .mark_point(filled=True, size=110, opacity=1)
        .encode(x=x, y=y, color=color, shape=_shape(titles)),
        exits.mark_point(shape="triangle-up", filled=True, size=150, opacity=1).encode(
            x=x, y=y, color=color
        ),
        exits.mark_text(
            fontSize=13,
            baseline="top",
            dx={"expr": "datum.place == 'left' ? 12 : -12"},
            dy={"expr": "datum.dy"},
            align={"expr": "datum.place"},
        ).encode(x=x, y=y, text="label:N", color=color),
    ).properties(height=200, title=_heading(alt.expr(_LOSS_HEADING), -6))


def _bowl(titles: tuple[str, ...], across: alt.Scale) -> alt.LayerChart:
    """The loss along its steep direction, and where each step lands on it."""
    color = _color(titles)
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

    steps = _data("frames").transform_filter(_PAST)
    now = _data("frames").transform_filter(f"{_NOW} && datum.in_bowl")
    exits = _data("bowl_exits")
    return alt.layer(
        _data("bowl")
        .mark_line(color=GREY, strokeWidth=2, opacity=0.7)
        .encode(x=x("u"), y=y, detail="left:N"),
        steps.mark_line(strokeWidth=1.2, opacity=0.7).encode(
            x=x("u"), y=y, color=color, order="frame:Q"
        ),
        steps.mark_point(filled=True, size=26, opacity=0.8).encode(x=x("u"), y=y, color=color),
        now.mark_point(filled=True, size=170, opacity=1).encode(
            x=x("u"), y=y, color=color, shape=_shape(titles)
        ),
        exits.mark_point(shape="triangle-up", filled=True, size=150, opacity=1).encode(
            x=x("u"), y=y, color=color
        ),
        exits.mark_text(
            fontSize=13,
            baseline="bottom",
            dy=-10,
            align={"expr": "datum.place"},
        ).encode(x=x("u"), y=y, text="label:N", color=color),
        _data("frames")
        .transform_filter(_NOW)
        .mark_text(fontSize=14, fontWeight="bold", baseline="top", dy=8)
        .encode(x=x("middle"), y=alt.value(170), text="factor:N", color=color),
    ).properties(
        height=170,
        title=_heading("Overshoot: where each step lands along the steep direction", -6),
    )


@cache
def quartet_spec() -> dict:
    """Return the Vega-Lite specification of Anscombe's four sets, without its datasets."""
    chosen = alt.condition("datum.chosen", alt.value(COLORS[0]), alt.value(GREY))
    across = alt.Scale(domain=[0, 3 + PANEL], nice=False)
    up = alt.Scale(domain=[2.5, 14], nice=False)
    y = alt.Y("y:Q", scale=up, axis=None)

    def x(field: str) -> alt.X:
        return alt.X(f"{field}:Q", scale=across, axis=None)

    layers = (
        _data("lines")
        .mark_rule(strokeWidth=1.5)
        .encode(x("x"), y, x2="x2:Q", y2="y2:Q", color=chosen),
        _data("points").mark_point(filled=True, size=45, opacity=1).encode(x("x"), y, color=chosen),
        _data("lines")
        .mark_text(align="left", baseline="top", fontSize=14)
        .encode(x("x"), y=alt.value(0), text="title:N", color=chosen),
    )
    spec = alt.layer(*layers, height=120).to_dict(validate=False)
    spec["config"] = {"view": {"stroke": None}}
    spec["autosize"] = {"type": "fit-x", "contains": "padding"}
    spec["usermeta"] = {"embedOptions": {"renderer": "svg", "actions": False}}
    return spec


PICK = "pick"  # the map's selection: what a click has chosen


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
    color = _color(titles)

    def x(field: str) -> alt.X:
        axis = alt.Axis(title="learning rate", grid=False, tickCount=8, **ticks)
        return alt.X(f"{field}:Q", scale=log, axis=axis)

    def tooltip(*fields: tuple[str, str]) -> list[alt.Tooltip]:
        return [alt.Tooltip(field, title=name) for field, name in fields]

    top, value = alt.value(0), ("text:N", "result")
    zones, runs, marks = _data("zones"), _data("runs"), _data("marks")
    room = "scale('x', datum.high) - scale('x', datum.low)"  # pixels of a zone
    layers = (
        _data("extent").mark_point(opacity=0).encode(x=x("rate"), y=y),
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
        _data("levels").mark_rule(color=GREY, strokeDash=[6, 4]).encode(y=y),
        _data("levels")
        .mark_text(align="left", baseline="bottom", dx=4, dy=-3, fontSize=12, color=GREY)
        .encode(x=alt.value(0), y=y, text="label:N"),
        _data("curve").mark_line(strokeWidth=2, color=GREY).encode(x=x("rate"), y=y),
        marks.mark_rule(color=GREY, strokeWidth=1).encode(x=x("rate")),
        marks.mark_text(fontSize=13, fontWeight="bold", align="left", dx=4, color=GREY)
        .transform_calculate(down="18 + 16 * datum.row")
        .encode(
            x=x("rate"),
            y=alt.Y("down:Q", scale=None),
            text="label:N",
            tooltip=tooltip(("name:N", "rule"), ("grade:N", "grade")),
        ),
        _data("seen")
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
            shape=_shape(titles),
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
    spec["autosize"] = {"type": "fit-x", "contains": "padding"}
    spec["usermeta"] = {"embedOptions": {"renderer": "svg", "actions": False}}
    return spec


@cache
def landscape_spec(titles: tuple[str, ...]) -> dict:
    """Return the Vega-Lite specification of the landscape, without its datasets.

    "Equal axes" gives a step in weight and one in bias the same length, in the browser alone; the
    box is then as much wider as the picture is.
    """
    color = _color(titles)
    box = "data('box')"  # two rows: the lower and the upper edges
    ends = {}
    for field, other, ratio in (
        ("weight", "bias", "width / height"),
        ("bias", "weight", "height / width"),
    ):
        low, high = f"{box}[0].{field}", f"{box}[1].{field}"
        wide = f"({box}[1].{other} - {box}[0].{other}) * {ratio}"
        half = f"(equal ? max({high} - {low}, {wide}) : {high} - {low}) / 2"
        middle = f"({low} + {high}) / 2"
        ends[field] = alt.Scale(
            domainMin=alt.ExprRef(f"length({box}) ? {middle} - {half} : 0"),
            domainMax=alt.ExprRef(f"length({box}) ? {middle} + {half} : 1"),
            nice=False,
            zero=False,
        )
    style = {"grid": False, "labelFontSize": 13, "titleFontSize": 14, "tickCount": 6}

    def x(field: str = "weight") -> alt.X:
        return alt.X(f"{field}:Q", scale=ends["weight"], axis=alt.Axis(title="weight", **style))

    def y(field: str = "bias") -> alt.Y:
        return alt.Y(f"{field}:Q", scale=ends["bias"], axis=alt.Axis(title="bias", **style))

    pick = alt.selection_point(name=PICK, fields=["weight", "bias"], on="click", nearest=True)
    paths, axes, points = _data("paths"), _data("axes"), _data("points")
    here = [alt.Tooltip("run:N"), alt.Tooltip("text:N", title="after"), "weight:Q", "bias:Q"]
    layers = (
        _data("box").mark_point(opacity=0).encode(x=x(), y=y()),
        _data("contours")
        .mark_line(clip=True, color=GREY, strokeWidth=1, opacity=0.6)
        .encode(x=x(), y=y(), detail="level:N", order="corner:Q"),
        axes.mark_rule(clip=True, color=GREY, strokeDash=[6, 4]).encode(
            x=x(), y=y(), x2="weight2:Q", y2="bias2:Q"
        ),
        _data("places").mark_point(opacity=0, size=60).encode(x=x(), y=y()).add_params(pick),
        paths.mark_line(clip=True, strokeWidth=1.5, opacity=0.8).encode(
            x=x(), y=y(), color=color, order="step:Q"
        ),
        paths.mark_point(clip=True, filled=True, size=28, opacity=0.9).encode(
            x=x(), y=y(), color=color, tooltip=here
        ),
        _data("ends")
        .mark_point(filled=True, size=170, opacity=1)
        .encode(x=x(), y=y(), color=color, shape=_shape(titles)),
        points.mark_point(shape="cross", size=120, strokeWidth=2, color=GREY, opacity=1).encode(
            x=x(), y=y()
        ),
        points.mark_text(align="left", dx=10, dy=-10, fontSize=13, color=GREY).encode(
            x=x(), y=y(), text="label:N"
        ),
        _data("ends")
        .mark_text(align="left", dx=12, dy=12, fontSize=13, fontWeight="bold")
        .encode(x=x(), y=y(), color=color, text="run:N"),
        axes.mark_text(fontSize=13, color=GREY, dx=18, dy=-8).encode(
            x=x("weight2"), y=y("bias2"), text="label:N"
        ),
    )
    spec = alt.layer(*layers, height=420).to_dict(validate=False)
    equal = alt.param("equal", value=False, bind=alt.binding_checkbox(name="Equal axes"))
    spec["params"] = [*spec.get("params", []), equal.param.to_dict()]
    spec["autosize"] = {"type": "fit-x", "contains": "padding"}
    spec["usermeta"] = {"embedOptions": {"renderer": "svg", "actions": False}}
    return spec


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
        return _data(name).transform_calculate(**EXPRESSIONS)

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
        _data("panels")
        .mark_text(align="left", baseline="bottom", dy=-8, fontSize=14, color=GREY)
        .encode(x=x("x"), y=alt.value(0), text="title:N"),
        _data("panels")
        .mark_rect(filled=False, stroke=GREY, strokeOpacity=0.3)
        .encode(x=x("x"), x2="x2:Q", y=alt.value(0), y2=alt.value(200)),
        _data("floor")
        .mark_rule(color=GREY, strokeDash=[2, 3])
        .encode(x=x("x"), x2="x2:Q", y=y("y")),
        _data("contours")
        .mark_line(color=GREY, strokeWidth=1, opacity=0.6)
        .encode(x=x("x"), y=y("y"), detail="piece:N", order="corner:Q"),
        _data("bowl").mark_line(color=GREY, strokeWidth=2, opacity=0.7).encode(x=x("x"), y=y("y")),
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
    slider = alt.binding_range(min=LOWEST, max=HIGHEST, step=0.01, name="Learning rate")
    share = alt.param("share", value=-0.3, bind=slider).param.to_dict()
    spec["params"] = [*spec.get("params", []), share]
    spec["config"] = {"view": {"stroke": None}, "mark": {"aria": False}}
    spec["autosize"] = {"type": "fit-x", "contains": "padding"}
    spec["usermeta"] = {"embedOptions": {"renderer": "svg", "actions": False}}
    return spec
