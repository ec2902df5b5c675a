"""The map of learning rates: its zones, its curve, its dots, what can be clicked."""

from dataclasses import dataclass
from functools import cache

import altair as alt
import numpy as np

from linreg.pictures.arrow import Table, ipc, texts
from linreg.pictures.common import GREY, PICK, finished, pixels_to
from linreg.pictures.layers import AT_PLACE, POWERS_OF_TEN, color_of, data, dots, shape_of, text
from linreg.pictures.zones import zones
from linreg.runs.phases import Phase
from linreg.theory import Quadratic, rates
from linreg.theory.marks import Mark
from linreg.theory.sweep import Sweep
from linreg.words import number, steps

VIEWS = {"left": "Excess loss left", "steps": "Steps needed"}
CEILING = 1e3  # times the initial excess loss
DEPTH = 1e-14  # likewise: float64 has no more digits
NOTHING = Sweep(np.empty(0), np.empty(0), np.empty(0))
MORE_STEPS = 30.0  # times the steps trained: so far up the curve of the steps needed is drawn


def rows(
    titles: list[str],
    quadratic: Quadratic,
    phase: Phase,
    tolerance: float,
    expected: Sweep | None,
    seen: Sweep | None,
    runs: Sweep | None,
    marked: list[Mark],
    view: str,
    turn: int = 0,
) -> dict[str, bytes]:
    """Return the datasets of the map, by name, as Arrow IPC bytes.

    Args:
        titles: One for each of the reader's runs.
        quadratic: The loss of the points.
        phase: With the rates of the map.
        tolerance: Share of the initial excess loss.
        expected: What must come of each rate; None where nobody can tell.
        seen: What came of each rate; None while nothing has been measured.
        runs: Of the reader's own rates, measured or expected.
        marked: From `marks`.
        view: "left" or "steps".
        turn: How many clicks were taken: with it a second click at one place is another one.
    """
    axis = Axis.of(phase.num_steps, view)
    low, high = phase.learning_rates[0], phase.learning_rates[-1]
    tables: dict[str, Table] = {
        "zones": zones(quadratic, phase, expected),
        "clicks": _clicks(low, high),
        "curve": axis.curve(expected or NOTHING),
        "seen": axis.points(seen or NOTHING),
        "runs": axis.points(runs or NOTHING) | _names(titles, runs),
        "marks": {
            "rate": np.array([mark.learning_rate for mark in marked], float),
            "label": texts([f"{k}" for k in range(1, len(marked) + 1)]),
            "name": texts([f"{mark.name}: {number(mark.learning_rate)}" for mark in marked]),
            "steps": texts(["–" if mark.steps is None else f"{mark.steps:,}" for mark in marked]),
            "grade": texts([mark.grade for mark in marked]),
            "share": np.log([mark.learning_rate / low for mark in marked]) / np.log(high / low),
        },
        "extent": {"rate": [low, high], "value": [axis.low, axis.high]},
        "levels": axis.levels(tolerance, phase.num_steps),
    }
    for name in ("clicks", "seen", "runs", "marks"):
        tables[name]["turn"] = np.full(len(tables[name]["rate"]), turn)
    return {name: ipc(table) for name, table in tables.items()}


def _clicks(low: float, high: float) -> Table:
    """Return the rates that a click can set, each with the stretch that is nearest to it."""
    inside = rates.ALL[(low <= rates.ALL) & (high >= rates.ALL)]
    between = np.sqrt(inside[1:] * inside[:-1])
    return {"rate": inside, "low": np.append(low, between), "high": np.append(between, high)}


def _names(titles: list[str], runs: Sweep | None) -> Table:
    """Return the runs' names, each with its side of the dot: two that lie together keep apart."""
    if runs is None:
        return {"run": texts([]), "side": texts([])}
    order = np.argsort(runs.learning_rates, kind="stable")
    sides = np.full(len(titles), "middle")
    sides[order[0]], sides[order[-1]] = "left", "right"
    return {"run": texts(titles), "side": texts(sides.tolist())}


@dataclass(frozen=True)
class Axis:
    """The vertical axis of a view; everything is cut to it."""

    view: str
    low: float
    high: float

    @classmethod
    def of(cls, num_steps: int, view: str) -> "Axis":
        """Return the axis of a view, for runs of so many steps."""
        if view == "left":
            return cls(view, DEPTH, CEILING)
        return cls(view, 1.0, MORE_STEPS * num_steps)

    def values(self, sweep: Sweep) -> np.ndarray:
        """Return what is drawn of a sweep; inf or nan where there is no value."""
        return sweep.left if self.view == "left" else sweep.steps

    def curve(self, sweep: Sweep) -> Table:
        """Return a curve in pieces: it ends where it leaves the axis, or where there is no value."""
        values = self.values(sweep)
        kept = values <= self.high
        return {"rate": sweep.learning_rates[kept], "value": np.maximum(values[kept], self.low)}

    def points(self, sweep: Sweep) -> Table:
        """Return points; those above the axis stand at its top, and say so."""
        values = self.values(sweep)
        off = ~(values <= self.high)
        return {
            "rate": sweep.learning_rates,
            "value": np.where(off, self.high, np.maximum(values, self.low)),
            "off": off,
            "text": texts([self._say(one) for one in values.tolist()]),
        }

    def _say(self, value: float) -> str:
        if self.view == "left":
            return f"{number(value)} of the excess loss left"
        return steps(int(value)) if np.isfinite(value) else "not within these steps"

    def levels(self, tolerance: float, num_steps: int) -> Table:
        """Return what a reader has chosen, as a level: the tolerance, or the steps."""
        value, label = tolerance, f"{number(100 * tolerance)} % of the excess loss"
        if self.view == "steps":
            value, label = float(num_steps), f"{steps(num_steps)}, as trained"
        return {"value": [value], "label": [label]}


# ---------------------------------------------------------------- its drawing

ALT = (
    "The map of learning rates: what 256 rates come to, on log axes, over bands for the rates that "
    "crawl, converge, overshoot and diverge. The table below says the same of the marked rates."
)

ABOVE = {"edge": -50, "zone": -32, "mark": -14}  # pixels: three rows of text above the map
APART = 18  # pixels between the numbers of two marks
LOG = alt.Scale(type="log", nice=False)


@cache
def drawing(titles: tuple[str, ...], view: str) -> dict:
    """Return the Vega-Lite specification of the map in one of its `VIEWS`, without its datasets."""
    title = {"left": "excess loss left, share of the initial", "steps": "steps needed"}[view]
    y = alt.Y("value:Q", scale=LOG, axis=_axis(title))
    layers = (
        data("extent").mark_point(opacity=0).encode(_x("rate"), y),
        *_draw_zones(),
        _draw_clicks(),
        *_levels(y),
        *_marks(),
        *_curves(y),
        *_runs(y, titles),
    )
    return finished(alt.layer(*layers, height=340).to_dict(validate=False))


def _axis(title: str) -> alt.Axis:
    """Return an axis with a label at each power of ten."""
    sizes = {"labelFontSize": 13, "titleFontSize": 14}
    return alt.Axis(title=title, grid=False, tickCount=8, labelExpr=POWERS_OF_TEN, **sizes)


def _x(field: str) -> alt.X:
    return alt.X(f"{field}:Q", scale=LOG, axis=_axis("learning rate"))


def _tooltip(**fields: str) -> list[alt.Tooltip]:
    return [alt.Tooltip(field, title=title.replace("_", " ")) for title, field in fields.items()]


def _draw_zones() -> tuple[alt.Chart, ...]:
    """Return the bands with their edges; what is written of them, where the map has room for it."""
    rows, style = data("zones"), {"baseline": "middle", "color": GREY}
    shade = alt.Opacity("shade:Q", legend=None, scale=None)
    zone, edge = (
        rows.transform_calculate(said=f"width >= datum.{field}_room ? datum.{field} : ''")
        for field in ("zone", "edge")
    )
    aside = {"dx": {"expr": "datum.place == 'left' ? 4 : -4"}, "align": AT_PLACE}
    lines = rows.transform_filter("datum.edge != ''").mark_rule(color=GREY, strokeDash=[2, 3])
    return (
        rows.mark_rect(color=GREY).encode(_x("low"), shade, x2="high:Q"),
        lines.encode(_x("low")),
        text(zone, "said", _x("middle"), alt.YValue(ABOVE["zone"]), **style),
        text(edge, "said", _x("low"), alt.YValue(ABOVE["edge"]), **style, **aside),
    )


def _draw_clicks() -> alt.Chart:
    """Return a bar as high as the map for each rate, so that a click means the rate below it.

    Not the nearest dot: where the curve is steep that is one at quite another rate. What else can
    be clicked has the same two fields.
    """
    pick = alt.selection_point(name=PICK, fields=["rate", "turn"], on="click")
    return data("clicks").mark_rect(opacity=0).encode(x=_x("low"), x2="high:Q").add_params(pick)


def _levels(y: alt.Y) -> tuple[alt.Chart, ...]:
    """Return the level that the reader has chosen, named where the curve and its runs are not."""
    rows, style = data("levels"), {"fontSize": 12, "color": GREY, "align": "right"}
    return (
        rows.mark_rule(color=GREY, strokeDash=[6, 4]).encode(y),
        text(rows, "label", alt.XValue("width"), y, **style, baseline="bottom", dx=-4, dy=-3),
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
    here, place = alt.X("here:Q", scale=None, axis=None), alt.YValue(ABOVE["mark"])
    down = alt.YValue(ABOVE["mark"] + 7), alt.Y2Value(0)
    style = {"baseline": "middle", "fontWeight": "bold", "color": GREY, "cursor": "help"}
    return (
        marks.mark_rule(color=GREY, opacity=0.45).encode(_x("rate")),
        marks.mark_rule(opacity=0, strokeWidth=8).encode(_x("rate"), told),
        apart.mark_rule(color=GREY, opacity=0.45).encode(here, *down, x2="there:Q"),
        text(apart, "label", here, place, told, **style),
    )


def _curves(y: alt.Y) -> tuple[alt.Chart, ...]:
    """Return what was measured, as dots, and over them what the theory says, as a thin line.

    The line has the colour of the page's text, so that it stands out from the dots on any ground.
    """
    told = _tooltip(learning_rate="rate:Q", result="text:N")
    faint = {"color": "#56B4E9", "opacity": {"expr": "datum.off ? 0.2 : 1"}}
    return (
        dots(data("seen"), 34, _x("rate"), y, told, **faint),
        data("curve").mark_line(strokeWidth=1.25, stroke="currentColor").encode(_x("rate"), y),
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
    told = _tooltip(run="run:N", learning_rate="rate:Q", result="text:N")
    place = {
        "align": {"expr": f"{is_below} ? 'center' : {is_left} ? 'right' : 'left'"},
        "dx": {"expr": f"{is_below} ? 0 : {is_left} ? -12 : 12"},
        "dy": {"expr": f"{down} : {is_left} ? 8 : datum.side == 'right' ? 0 : -14"},
    }
    at, white = (_x("rate"), y, color), {"stroke": "white", "strokeWidth": 1.5}
    return (
        dots(runs, 190, *at, shape_of(titles), told, **white),
        text(runs, "run", *at, baseline="middle", fontWeight="bold", **place),
    )
