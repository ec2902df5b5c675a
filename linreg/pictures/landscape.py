"""The landscape: contours of the loss over weight and bias, and the paths across it."""

from dataclasses import dataclass, replace
from functools import cache

import altair as alt
import numpy as np

from linreg.pictures.arrow import Table, ipc, kept_rows, texts
from linreg.pictures.common import FRAME, GREY, PICK, box_edges, checkbox, finished, slider
from linreg.pictures.layers import NOW, PAST, color_of, data, dots, shape_of, share_inside, text
from linreg.pictures.playback import FRAMES, frame_of, frame_records
from linreg.pictures.stage.curves import curve_records
from linreg.runs.history import History
from linreg.runs.phases import Phase
from linreg.theory import Quadratic
from linreg.theory.dynamics import Dynamics
from linreg.words import factor, number

LEVELS = 10.0 ** -np.arange(0.0, 4.5, 0.5)  # of the contours, times the initial excess loss
CORNERS = 72  # of a contour
MARGIN = 1.3  # times the furthest that a run gets while its loss is no larger than at the start
AXES = "weight", "bias"
DIRECTIONS = "flat", "steep"
GRID = 41, 31  # places to click, across and up
SEEN = 0.004  # of half the box: a move that is drawn, about a pixel
WIDEST, HIGHEST = 5.0, 2.0  # a picture's width ÷ height, and height ÷ width
FARTHEST = 1e4  # boxes away: so far a run that leaves is drawn at most; a box has a side of 1e-3


@dataclass(frozen=True)
class Box:
    """The part of the landscape that is shown: around the minimum."""

    weight: float
    bias: float
    half_weight: float
    half_bias: float

    @classmethod
    def of(cls, quadratic: Quadratic, history: History) -> "Box":
        """Return the box around all that the runs see before their loss has grown."""
        excess = quadratic.excess_loss(history.weight, history.bias)
        with np.errstate(invalid="ignore"):
            inside = excess <= excess[:, :1] * (1 + 1e-9)
            ways = history.weight - quadratic.weight, history.bias - quadratic.bias
            away = [np.abs(np.where(inside, way, 0.0)).max() for way in ways]
        if max(away) <= 1e-9 * (abs(quadratic.weight) + abs(quadratic.bias)):
            away = [1.0, 1.0]  # a start in the minimum
        least = 1e-3 * max(away)  # a start straight above it
        halves = (MARGIN * max(one, least) for one in away)
        return cls(quadratic.weight, quadratic.bias, *halves)

    def edges(self) -> Table:
        """Return the ends of the axes."""
        return {
            "weight": [self.weight - self.half_weight, self.weight + self.half_weight],
            "bias": [self.bias - self.half_bias, self.bias + self.half_bias],
        }

    def may_show(self, weight: np.ndarray, bias: np.ndarray) -> np.ndarray:
        """Return whether places are in what the box may become, with equal axes, in any picture."""
        half_weight = max(self.half_weight, WIDEST * self.half_bias)
        half_bias = max(self.half_bias, HIGHEST * self.half_weight)
        return replace(self, half_weight=half_weight, half_bias=half_bias).shows(weight, bias)

    def within(self, weight: np.ndarray, bias: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return places that are numbers: those too far away, far out in the same direction."""
        far = FARTHEST * np.array([self.half_weight, self.half_bias])[:, None, None]
        middle = np.array([self.weight, self.bias])[:, None, None]
        places = np.stack([weight, bias])
        with np.errstate(invalid="ignore"):
            away = np.clip(np.nan_to_num(places - middle, nan=np.inf), -1e100, 1e100)
        times = np.max(np.abs(away) / far, axis=0)
        return tuple(np.where(times > 1, middle + away / np.maximum(times, 1.0), places))

    def shows(self, weight: np.ndarray, bias: np.ndarray) -> np.ndarray:
        """Return whether places are in the box."""
        with np.errstate(invalid="ignore"):
            across, up = np.abs(weight - self.weight), np.abs(bias - self.bias)
            return (across <= self.half_weight) & (up <= self.half_bias)


def rows(
    titles: list[str], quadratic: Quadratic, history: History, turn: int = 0
) -> dict[str, bytes]:
    """Return the landscape's datasets, by name, as Arrow IPC bytes.

    With the number of clicks that were taken a second click at one place is another one.
    """
    box = Box.of(quadratic, history)
    start = float(history.weight[0, 0]), float(history.bias[0, 0])
    tables = {
        "contours": _contours(quadratic, start),
        "paths": _paths(titles, box, history),
        "frames": _frames(titles, box, history),
        "points": {
            "weight": [start[0], quadratic.weight],
            "bias": [start[1], quadratic.bias],
            "label": ["start", "minimum"],
            "above": [start[1] > quadratic.bias, start[1] <= quadratic.bias],
        },
        "axes": _eigenvectors(quadratic),
        "legend": _legend(titles, quadratic, history.phases[-1]),
        "box": box.edges(),
        "places": _places(turn),
    }
    return {name: ipc(table) for name, table in tables.items()}


def _contours(quadratic: Quadratic, start: tuple[float, float]) -> Table:
    """Return the ellipses on which the excess loss is a share of the initial one, exactly."""
    initial = float(quadratic.excess_loss(*start)) or 1.0
    angle = np.linspace(0, 2 * np.pi, CORNERS + 1)
    round_ = np.stack([np.cos(angle), np.sin(angle)], axis=-1)  # (corners, 2)
    size = np.sqrt(2 * initial / quadratic.eigenvalues)
    errors = np.sqrt(LEVELS)[:, None, None] * round_ * size  # (levels, corners, 2)
    weight, bias, _ = quadratic.at(errors)
    return {
        "weight": weight.ravel(),
        "bias": bias.ravel(),
        "level": np.repeat(np.arange(LEVELS.size), CORNERS + 1),
        "corner": np.tile(np.arange(CORNERS + 1), LEVELS.size),
    }


def _places(turn: int) -> Table:
    """Return the places that a click can choose: shares of the box, whichever is drawn."""
    across, up = (np.linspace(0.0, 1.0, count) for count in GRID)
    return {
        "across": np.tile(across, up.size),
        "up": np.repeat(up, across.size),
        "turn": np.full(across.size * up.size, turn),
    }


def _legend(titles: list[str], quadratic: Quadratic, phase: Phase) -> Table:
    """Return a row for each run: its place, and what a step multiplies its errors by."""
    rows = factors(quadratic, phase) or []
    told = [
        "\n".join(f"{row[0]} × {row[2 + run]}".replace("× swings,", "swings") for row in rows[::-1])
        for run in range(len(titles))
    ]
    return {"run": titles, "place": np.arange(len(titles)), "factors": texts(told)}


def _paths(titles: list[str], box: Box, history: History) -> Table:
    """Return where the runs go, and each place's predecessor, to the first that no box shows.

    Less than about a pixel is no move. What is left out of a long run are never the two records
    between which it leaves the box.
    """
    inside = box.shows(history.weight, history.bias)
    leaving = np.flatnonzero(~inside.all(axis=1))
    out = (~inside[leaving]).argmax(axis=1)
    records = np.unique(np.concatenate([curve_records(history.step), out, np.maximum(out - 1, 0)]))
    weight, bias = box.within(history.weight[:, records], history.bias[:, records])
    near = box.may_show(weight, bias)
    drawn = np.pad(np.logical_and.accumulate(near, axis=1), ((0, 0), (1, 0)), constant_values=True)
    across, up = (weight - box.weight) / box.half_weight, (bias - box.bias) / box.half_bias
    cells = np.round(np.stack([across, up]) / SEEN)
    moves = np.any(np.diff(cells, axis=2, prepend=np.nan) != 0, axis=0)
    kept, step = drawn[:, :-1] & moves, history.step[records]
    frame = frame_of(history.step)[records]
    rows = kept_rows(titles, kept, step=step, frame=frame, weight=weight, bias=bias)
    run = np.nonzero(kept)[0]
    before = np.arange(run.size) - (np.diff(run, prepend=-1) == 0)  # of the first, itself
    return rows | {
        "place": run,
        "weight_before": rows["weight"][before],
        "bias_before": rows["bias"][before],
        "text": texts([f"step {k:,}" for k in rows["step"].tolist()]),
    }


def _frames(titles: list[str], box: Box, history: History) -> Table:
    """Return where each run is at each frame, while that may be in the picture."""
    records = frame_records(history.step)
    weight, bias = history.weight[:, records], history.bias[:, records]
    inside, frame = box.may_show(weight, bias), np.arange(records.size)
    return kept_rows(titles, inside, frame=frame, weight=weight, bias=bias)


def _eigenvectors(quadratic: Quadratic) -> Table:
    """Return the direction of each eigenvector, upwards, and the minimum it passes."""
    upwards = quadratic.directions * np.where(quadratic.directions[1] < 0, -1.0, 1.0)
    return {
        "weight": np.full(2, quadratic.weight),
        "bias": np.full(2, quadratic.bias),
        "along_weight": upwards[0],
        "along_bias": upwards[1],
        "label": list(DIRECTIONS),
    }


def factors(quadratic: Quadratic, phase: Phase) -> list[list[str]] | None:
    """Return for each direction its name, its eigenvalue, and each run's factor of the error.

    In words; None where a step multiplies the error by no fixed number.
    """
    if not phase.rule.is_linear:
        return None
    roots = Dynamics(quadratic, phase.rule).roots(np.array(phase.learning_rates))[..., 0]
    return [
        [name, number(float(quadratic.eigenvalues[index])), *map(_factor, roots[:, index].tolist())]
        for index, name in enumerate(DIRECTIONS)
    ]


def _factor(root: complex) -> str:
    if root.imag:
        return f"swings, {factor(abs(root)).lstrip('+')}"
    return factor(root.real) if 0 < root.real < 1 else number(root.real, signed=True)


# ---------------------------------------------------------------- its drawing

ALT = (
    "The loss over weight and bias: contour ellipses around the minimum, the two eigenvectors with "
    "what a step multiplies the error along them by, and the paths of the three runs from the start."
)
_INSIDE = " && ".join(f"datum.{name} >= low_{name} && datum.{name} <= high_{name}" for name in AXES)
_LEFT = 52  # pixels: the legend begins above the numbers of the axis
_COLUMN = alt.X("left:Q", scale=None)  # of a run in the legend
_WORDS = {"align": "left", "limit": alt.ExprRef(f"(width + {_LEFT}) / 3 - 4")}


@cache
def drawing(titles: tuple[str, ...]) -> dict:
    """Return the Vega-Lite specification of the landscape, without its datasets.

    "Equal axes" gives a step in weight and one in bias the same length, in the browser alone. Runs
    are named in a legend above, and only marked where they are: at the start all three are there.
    """
    style = {"grid": False, "labelFontSize": 13, "titleFontSize": 14, "tickCount": 6}

    def along(channel, name: str, suffix: str) -> alt.X | alt.Y:
        ends = [alt.ExprRef(f"low_{name}"), alt.ExprRef(f"high_{name}")]
        scale = alt.Scale(domain=ends, nice=False, zero=False)
        return channel(f"{name}{suffix}:Q", scale=scale, axis=alt.Axis(title=name, **style))

    def at(suffix: str = "") -> tuple[alt.X, alt.Y]:
        """Return the place of a row, from its columns of this ending."""
        return along(alt.X, "weight", suffix), along(alt.Y, "bias", suffix)

    color, here, order = color_of(titles), at(), alt.Order("step:Q")
    paths, points = data("paths"), data("points")
    past, now = paths.transform_filter(PAST), data("frames").transform_filter(f"{NOW} && {_INSIDE}")
    told = [alt.Tooltip("run:N"), alt.Tooltip("text:N", title="after")]
    told += [alt.Tooltip("weight:Q"), alt.Tooltip("bias:Q")]
    contours = data("contours").mark_line(clip=True, color=GREY, strokeWidth=1, opacity=0.6)
    cross = {"shape": "cross", "strokeWidth": 2, "color": GREY, "opacity": 1}
    layers = (
        data("box").mark_point(opacity=0).encode(*here),
        contours.encode(*here, detail="level:N", order="corner:Q"),
        *_directions(at),
        _draw_places(here),
        paths.mark_line(clip=True, strokeWidth=1, opacity=0.2).encode(*here, color, order),
        past.mark_line(clip=True, strokeWidth=1.5, opacity=0.8).encode(*here, color, order),
        dots(past, 28, *here, color, told, clip=True, opacity=0.9),
        dots(now, 170, *here, color, shape_of(titles)),
        *_exits(paths, at("_cut"), color),
        points.mark_point(size=120, **cross).encode(*here),
        text(points, "label", *here, color=GREY, dy={"expr": "datum.above ? -16 : 18"}),
        *_draw_legend(titles),
    )
    spec = alt.layer(*layers, height=420).to_dict(validate=False)
    moved = slider(FRAME, FRAMES, 0, FRAMES, 1, "Step"), checkbox("equal", False, "Equal axes")
    return finished(spec, [*moved, *box_edges("box", "equal")])


def _directions(at) -> list[alt.Chart]:
    """A line along each eigenvector through the minimum, nearly to the edge, named at one end."""
    reach = " , ".join(f"(high_{name} - low_{name}) / 2 / abs(datum.along_{name})" for name in AXES)
    rows = data("axes").transform_calculate(reach=f"0.9 * min({reach})")
    ends = {
        f"{name}_{end}": f"datum.{name} {sign} datum.reach * datum.along_{name}"
        for end, sign in (("low", "-"), ("high", "+"))
        for name in AXES
    }
    rows = rows.transform_calculate(**ends)
    line = rows.mark_rule(clip=True, color=GREY, strokeDash=[6, 4])
    return [
        line.encode(*at("_low"), x2="weight_high:Q", y2="bias_high:Q"),
        text(rows, "label", *at("_high"), color=GREY, dx=18, dy=-8),
    ]


def _draw_places(here) -> alt.Chart:
    """Unseen places to click, in round numbers, all over the box that is drawn."""
    rows = data("places")
    for name, share, count in (("weight", "across", GRID[0]), ("bias", "up", GRID[1])):
        wide = f"(high_{name} - low_{name})"
        unit = f"pow(10, floor(log({wide} / {count - 1}) / LN10))"
        place = f"(low_{name} + {wide} * datum.{share})"
        rows = rows.transform_calculate(**{name: f"round({place} / {unit}) * {unit}"})
    pick = alt.selection_point(name=PICK, fields=[*AXES, "turn"], on="click", nearest=True)
    return rows.mark_point(opacity=0, size=60).encode(*here).add_params(pick)


def _exits(paths: alt.Chart, edge, color: alt.Color) -> list[alt.Chart]:
    """Where a run leaves the picture: a mark at the edge, and the step in its legend."""
    inside = ", ".join(
        share_inside(f"datum.{name}", f"datum.{name}_before", f"low_{name}", f"high_{name}")
        for name in AXES
    )
    rows = (
        paths.transform_filter(f"!({_INSIDE})")
        .transform_joinaggregate(first="min(step)", groupby=["run"])
        .transform_filter("datum.step === datum.first")
        .transform_calculate(share=f"min({inside})")
    )
    cut = {
        f"{name}_cut": f"datum.{name}_before + datum.share * (datum.{name} - datum.{name}_before)"
        for name in AXES
    }
    near = {  # how far from each edge, as a share of the box
        edge: f"abs(datum.{name}_cut - {edge}) / (high_{name} - low_{name})"
        for name in AXES
        for edge in (f"low_{name}", f"high_{name}")
    }
    turned = "{high_bias} < 1e-6 ? 0 : {high_weight} < 1e-6 ? 90 : {low_bias} < 1e-6 ? 180 : 270"
    rows = rows.transform_calculate(**cut).transform_calculate(angle=turned.format(**near))
    word = "(width < 400 && datum.step > 99 ? '' : 'step ')"
    told = f"'▲ out at ' + {word} + format(datum.step, ',')"
    words, angle = _in_legend(rows.transform_calculate(told=told)), alt.Angle("angle:Q", scale=None)
    return [
        dots(rows, 170, *edge, color, angle, shape="triangle-up"),
        text(words, "told", _COLUMN, alt.YValue(-14), color, **_WORDS),
    ]


def _in_legend(rows: alt.Chart) -> alt.Chart:
    """Place rows in the legend above the plot, each in the column of its run."""
    return rows.transform_calculate(left=f"datum.place * (width + {_LEFT}) / 3 - {_LEFT}")


def _draw_legend(titles: tuple[str, ...]) -> list[alt.Chart]:
    """The name of each run, and what a step multiplies its error along each direction by."""
    rows, color, high = _in_legend(data("legend")), color_of(titles), alt.YValue(-66)
    bold, lines = {"fontSize": 14, "fontWeight": "bold"}, {"lineBreak": "\n", "lineHeight": 17}
    return [
        dots(rows, 110, _COLUMN, high, color, shape_of(titles), xOffset=6),
        text(rows, "run", _COLUMN, high, color, **_WORDS, **bold, dx=16),
        text(rows, "factors", _COLUMN, alt.YValue(-48), color, **_WORDS, **lines),
    ]
