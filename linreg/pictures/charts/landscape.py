"""The landscape: the loss over weight and bias."""

from functools import cache

import altair as alt

from linreg.pictures.charts.common import (
    FRAME,
    GREY,
    NOW,
    PAST,
    PICK,
    box_edges,
    checkbox,
    color_of,
    data,
    finished,
    narrower_than,
    shape_of,
    slider,
)
from linreg.pictures.landscape import GRID
from linreg.pictures.playback import FRAMES

LANDSCAPE_ALT = (
    "The loss over weight and bias: contour ellipses around the minimum, the two eigenvectors with "
    "what a step multiplies the error along them by, and the paths of the three runs from the start."
)
_INSIDE = " && ".join(
    f"datum.{name} >= low_{name} && datum.{name} <= high_{name}" for name in ("weight", "bias")
)
_LEFT = 52  # pixels: the legend begins above the numbers of the axis


@cache
def landscape_spec(titles: tuple[str, ...]) -> dict:
    """Return the Vega-Lite specification of the landscape, without its datasets.

    "Equal axes" gives a step in weight and one in bias the same length, in the browser alone. Runs
    are named in a legend above, and only marked where they are: at the start all three are there.
    """
    style = {"grid": False, "labelFontSize": 13, "titleFontSize": 14, "tickCount": 6}
    scales = {
        name: alt.Scale(
            domain=[alt.ExprRef(f"low_{name}"), alt.ExprRef(f"high_{name}")], nice=False, zero=False
        )
        for name in ("weight", "bias")
    }

    def at(suffix: str = "") -> dict:
        """Return the place of a row, from its columns of this ending."""
        x, y = f"weight{suffix}:Q", f"bias{suffix}:Q"
        return {
            "x": alt.X(x, scale=scales["weight"], axis=alt.Axis(title="weight", **style)),
            "y": alt.Y(y, scale=scales["bias"], axis=alt.Axis(title="bias", **style)),
        }

    color = color_of(titles)
    paths, points = data("paths"), data("points")
    past = paths.transform_filter(PAST)
    here = [alt.Tooltip("run:N"), alt.Tooltip("text:N", title="after"), "weight:Q", "bias:Q"]
    layers = (
        data("box").mark_point(opacity=0).encode(**at()),
        data("contours")
        .mark_line(clip=True, color=GREY, strokeWidth=1, opacity=0.6)
        .encode(**at(), detail="level:N", order="corner:Q"),
        *_directions(at),
        _places(at),
        paths.mark_line(clip=True, strokeWidth=1, opacity=0.2).encode(
            **at(), color=color, order="step:Q"
        ),
        past.mark_line(clip=True, strokeWidth=1.5, opacity=0.8).encode(
            **at(), color=color, order="step:Q"
        ),
        past.mark_point(clip=True, filled=True, size=28, opacity=0.9).encode(
            **at(), color=color, tooltip=here
        ),
        data("frames")
        .transform_filter(f"{NOW} && {_INSIDE}")
        .mark_point(filled=True, size=170, opacity=1)
        .encode(**at(), color=color, shape=shape_of(titles)),
        *_exits(paths, at, color),
        points.mark_point(shape="cross", size=120, strokeWidth=2, color=GREY, opacity=1).encode(
            **at()
        ),
        points.mark_text(fontSize=13, color=GREY, dy={"expr": "datum.above ? -16 : 18"}).encode(
            **at(), text="label:N"
        ),
        *_legend(titles),
    )
    spec = alt.layer(*layers, height=420).to_dict(validate=False)
    params = [
        slider(FRAME, FRAMES, 0, FRAMES, 1, "Step"),
        checkbox("equal", False, "Equal axes"),
        *box_edges("box", "equal"),
    ]
    return finished(spec, params)


def _directions(at) -> list[alt.Chart]:
    """A line along each eigenvector through the minimum, nearly to the edge, named at one end."""
    reach = " , ".join(
        f"(high_{name} - low_{name}) / 2 / abs(datum.along_{name})" for name in ("weight", "bias")
    )
    rows = data("axes").transform_calculate(reach=f"0.9 * min({reach})")
    ends = {
        f"{name}_{end}": f"datum.{name} {sign} datum.reach * datum.along_{name}"
        for end, sign in (("low", "-"), ("high", "+"))
        for name in ("weight", "bias")
    }
    rows = rows.transform_calculate(**ends)
    line = rows.mark_rule(clip=True, color=GREY, strokeDash=[6, 4])
    name = rows.mark_text(fontSize=13, color=GREY, dx=18, dy=-8)
    return [
        line.encode(**at("_low"), x2="weight_high:Q", y2="bias_high:Q"),
        name.encode(**at("_high"), text="label:N"),
    ]


def _places(at) -> alt.Chart:
    """Unseen places to click, in round numbers, all over the box that is drawn."""
    rows = data("places")
    for name, share, count in (("weight", "across", GRID[0]), ("bias", "up", GRID[1])):
        wide = f"(high_{name} - low_{name})"
        unit = f"pow(10, floor(log({wide} / {count - 1}) / LN10))"
        place = f"(low_{name} + {wide} * datum.{share})"
        rows = rows.transform_calculate(**{name: f"round({place} / {unit}) * {unit}"})
    pick = alt.selection_point(
        name=PICK, fields=["weight", "bias", "turn"], on="click", nearest=True
    )
    return rows.mark_point(opacity=0, size=60).encode(**at()).add_params(pick)


def _exits(paths: alt.Chart, at, color: alt.Color) -> list[alt.Chart]:
    """Where a run leaves the picture: a mark at the edge, and the step in its legend."""
    share = "min({})".format(
        ", ".join(
            f"max((high_{name} - {before}) / {move}, (low_{name} - {before}) / {move})"
            for name in ("weight", "bias")
            for before in (f"datum.{name}_before",)
            for move in (f"(datum.{name} - {before} + 1e-300)",)
        )
    )
    rows = (
        paths.transform_filter(f"!({_INSIDE})")
        .transform_joinaggregate(first="min(step)", groupby=["run"])
        .transform_filter("datum.step === datum.first")
        .transform_calculate(share=share)
    )
    cut = {
        f"{name}_cut": f"datum.{name}_before + datum.share * (datum.{name} - datum.{name}_before)"
        for name in ("weight", "bias")
    }
    near = {  # how far from each edge, as a share of the box
        edge: f"abs(datum.{name}_cut - {edge}) / (high_{name} - low_{name})"
        for name in ("weight", "bias")
        for edge in (f"low_{name}", f"high_{name}")
    }
    angle = "{high_bias} < 1e-6 ? 0 : {high_weight} < 1e-6 ? 90 : {low_bias} < 1e-6 ? 180 : 270"
    rows = rows.transform_calculate(**cut).transform_calculate(angle=angle.format(**near))
    word = f"({narrower_than(400)} && datum.step > 99 ? '' : 'step ')"
    told = f"'▲ out at ' + {word} + format(datum.step, ',')"
    return [
        rows.mark_point(shape="triangle-up", filled=True, size=170, opacity=1).encode(
            **at("_cut"), color=color, angle=alt.Angle("angle:Q", scale=None)
        ),
        _in_legend(rows.transform_calculate(told=told), -14, fontSize=13).encode(
            color=color, text="told:N"
        ),
    ]


def _in_legend(rows: alt.Chart, up: int, mark: str = "text", **style) -> alt.Chart:
    """Place rows in the legend, each in the column of its run, so far above the plot."""
    if mark == "text":
        style = {"align": "left", "limit": alt.ExprRef(f"(width + {_LEFT}) / 3 - 4")} | style
    left = f"datum.place * (width + {_LEFT}) / 3 - {_LEFT}"
    placed = rows.transform_calculate(left=left)
    return getattr(placed, f"mark_{mark}")(**style).encode(
        x=alt.X("left:Q", scale=None), y=alt.value(up)
    )


def _legend(titles: tuple[str, ...]) -> list[alt.Chart]:
    """The name of each run, and what a step multiplies its error along each direction by."""
    rows, color = data("legend"), color_of(titles)
    name = _in_legend(rows, -66, dx=16, fontSize=14, fontWeight="bold")
    sign = _in_legend(rows, -66, "point", xOffset=6, filled=True, size=110, opacity=1)
    told = _in_legend(rows, -48, fontSize=13, lineBreak="\n", lineHeight=17)
    return [
        sign.encode(color=color, shape=shape_of(titles)),
        name.encode(color=color, text="run:N"),
        told.encode(color=color, text="factors:N"),
    ]
