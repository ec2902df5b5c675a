"""The laboratory: one rate, and all that follows from it while it is dragged.

Every row holds the constants of the quadratic; the picture's own expressions, in `EXPRESSIONS`, make
of them and of the rate what is drawn. They are the closed form of `theory.Dynamics.after`.
"""

from functools import cache

import altair as alt
import numpy as np

from linreg.pictures.arrow import PANEL, Table, ipc
from linreg.pictures.common import COLORS, GREY, SHARE, finished, slider
from linreg.pictures.layers import data, dots, share_inside, text
from linreg.pictures.stage.bowl import EDGE
from linreg.theory import Quadratic
from linreg.words import number

NUM_STEPS = 60
# Of the slider: decimal logarithms of the rate's share of the critical one. It opens where a run
# bounces for all to see.
LOWEST, HIGHEST, OPENS = -3.0, 0.3, -0.05
DEPTH, CEILING = -6.0, 2.0  # of the loss panel: decimal logarithms of the share of the initial loss
OUT = 60.0  # initial errors away: further out a number is cut
PANELS = {"loss": "Loss", "path": "Path", "bowl": "Steep direction"}
LEVELS = 1.0, 0.3, 0.1, 0.03, 0.01  # of the contours, times the initial excess loss
LINES = 41  # across the box and up; a contour has a corner on each

# What a rate does, in the words of the map, and the one rate that has no place there.
ZONES = "crawls", "direct", "overshoots, still converges", "bounces for ever", "diverges"


def _at_step(end: str, step: str) -> dict[str, str]:
    """Return the expressions of where a run is at a step, in the three panels."""
    flat, steep = f"datum.flat{end}", f"datum.steep{end}"
    return {
        f"flat{end}": f"clamp(pow(datum.flat_factor, {step}), -{OUT}, {OUT})",
        f"steep{end}": f"clamp(pow(datum.steep_factor, {step}), -{OUT}, {OUT})",
        f"loss{end}": f"datum.least + datum.flat_loss * pow(pow(datum.flat_factor, {step}), 2)"
        f" + datum.steep_loss * pow(pow(datum.steep_factor, {step}), 2)",
        f"weight{end}": f"datum.minimum_weight + datum.flat_weight * {flat}"
        f" + datum.steep_weight * {steep}",
        f"bias{end}": f"datum.minimum_bias + datum.flat_bias * {flat} + datum.steep_bias * {steep}",
        f"x_loss{end}": f"{step} / {NUM_STEPS} * {PANEL}",
        f"y_loss{end}": f"max((log(datum.loss{end} / datum.initial) / LN10 - ({DEPTH}))"
        f" / {CEILING - DEPTH}, 0)",
        f"x_path{end}": f"1 + {PANEL} * (datum.weight{end} - datum.low_weight) / datum.wide_weight",
        f"y_path{end}": f"(datum.bias{end} - datum.low_bias) / datum.wide_bias",
        f"x_bowl{end}": f"2 + {PANEL} / 2 * (1 + {steep} / {EDGE})",
        f"y_bowl{end}": f"{steep} * {steep} / {EDGE**2}",
    }


def _cut(panel: str, left: int) -> dict[str, str]:
    """Return the expressions of where the line from the step before leaves a panel, if it does.

    `in_…` is whether the step is in the panel, `x_…_cut` and `y_…_cut` are its place or, outside,
    where the line to it crosses the edge.
    """
    inside = [
        share_inside(f"datum.{axis}_{panel}", f"datum.{axis}_{panel}_before", low, high)
        for axis, low, high in (("x", f"{left}", f"{left + PANEL}"), ("y", "0", "1"))
    ]
    names = {
        f"in_{panel}": f"datum.x_{panel} >= {left} && datum.x_{panel} <= {left + PANEL + 1e-9}"
        f" && datum.y_{panel} >= 0 && datum.y_{panel} <= 1",
        f"share_{panel}": f"min(1, {', '.join(inside)})",
    }
    for axis in "xy":
        here, before = f"datum.{axis}_{panel}", f"datum.{axis}_{panel}_before"
        names[f"{axis}_{panel}_cut"] = f"{before} + datum.share_{panel} * ({here} - {before})"
    return names


# Names as in the theory; `share` is the slider. In Vega's expression language, in this order.
EXPRESSIONS = {
    "rate": "datum.critical * pow(10, share)",
    "flat_factor": "1 - datum.rate * datum.flat_eigenvalue",
    "steep_factor": "1 - datum.rate * datum.steep_eigenvalue",
    **_at_step("", "datum.step"),
    **_at_step("_before", "max(datum.step - 1, 0)"),
    **_cut("loss", 0),
    **_cut("path", 1),
    **_cut("bowl", 2),
}


def rows(quadratic: Quadratic, start: tuple[float, float]) -> dict[str, bytes]:
    """Return the datasets, by name, as Arrow IPC bytes; the start is not in the minimum."""
    errors = quadratic.errors(*start)
    initial = quadratic.loss + float(quadratic.excess_loss(*start))
    along = quadratic.directions * errors  # columns: what each direction adds to weight and bias
    losses = quadratic.eigenvalues / 2 * errors**2
    minimum = quadratic.weight, quadratic.bias
    half = [1.3 * max(float(np.abs(row).sum()), 1e-12) for row in along]
    constants = {
        "critical": quadratic.critical_learning_rate,
        "least": quadratic.loss,
        "initial": initial,
    }
    for k, way in enumerate(("flat", "steep")):
        constants |= {f"{way}_eigenvalue": quadratic.eigenvalues[k], f"{way}_loss": losses[k]}
        constants |= {f"{way}_weight": along[0, k], f"{way}_bias": along[1, k]}
    for name, middle, reach in zip(("weight", "bias"), minimum, half, strict=True):
        constants |= {f"minimum_{name}": middle, f"low_{name}": middle - reach}
        constants |= {f"wide_{name}": 2 * reach}
    floor = np.log10(max(quadratic.loss / initial, 1e-300))
    height = float(np.clip((floor - DEPTH) / (CEILING - DEPTH), 0, 1))
    left, u = np.arange(3.0), np.linspace(-EDGE, EDGE, 41)
    tables: dict[str, Table] = {
        "steps": {"step": np.arange(NUM_STEPS + 1.0)}
        | {name: np.full(NUM_STEPS + 1, float(value)) for name, value in constants.items()},
        "contours": _contours(quadratic, float(losses.sum()), half),
        "bowl": {"x": 2 + PANEL / 2 * (1 + u / EDGE), "y": u**2 / EDGE**2},
        "panels": {"x": left, "x2": left + PANEL, "title": list(PANELS.values())},
        "ends": _ends(constants, initial),
        "floor": {"x": [0.0], "x2": [PANEL], "y": [height]},
    }
    return {name: ipc(table) for name, table in tables.items()}


def bar_data(quadratic: Quadratic, start: tuple[float, float], num_steps: int) -> dict:
    """Return what the slider needs to say what a rate does; one too small for these steps crawls."""
    errors = quadratic.errors(*start) ** 2
    losses, goal = quadratic.eigenvalues / 2 * errors, quadratic.goal(start)
    flat, steep = quadratic.eigenvalues.tolist()
    return {
        "low": LOWEST,
        "high": HIGHEST,
        "first": OPENS,
        "critical": quadratic.critical_learning_rate,
        "flat": flat,
        "steep": steep,
        "flat_loss": float(losses[0] / losses.sum()),
        "flat_way": float(errors[0] / errors.sum()),
        "loss_allowed": float(goal.excess_loss / losses.sum()),
        "way_allowed": float(goal.distance**2 / errors.sum()),
        "num_steps": num_steps,
        "zones": list(ZONES),
    }


def _ends(box: dict[str, float], initial: float) -> Table:
    """Return what stands at the ends of the panels' axes, and the names of those below."""

    def short(value: float) -> str:
        return number(float(f"{value:.3g}"))

    left, right = box["low_weight"], box["low_weight"] + box["wide_weight"]
    low, high = box["low_bias"], box["low_bias"] + box["wide_bias"]
    across = (
        ("0", f"{NUM_STEPS}", "step"),
        (short(left), short(right), "weight"),
        (number(-EDGE), number(EDGE), "error ÷ initial"),
    )
    rows = []
    for at, (begin, end, name) in enumerate(across):
        rows.append((at, 0.0, 6, "left", begin))
        rows.append((at + PANEL, 0.0, 6, "right", end))
        rows.append((at + PANEL / 2, 0.0, 22, "center", name))
    upright = (  # a loss that leaves does so at the left
        ("loss " + short(initial * 10**CEILING), short(initial * 10**DEPTH), "right"),
        ("bias " + short(high), short(low), "left"),
    )
    for at, (top, bottom, side) in enumerate(upright):
        rows.append((at + (PANEL - 0.02 if side == "right" else 0.02), 1.0, 6, side, top))
        rows.append((at + 0.02, 0.0, -16, "left", bottom))
    return dict(zip(("x", "y", "down", "side", "label"), zip(*rows, strict=True), strict=True))


def _contours(quadratic: Quadratic, initial: float, half: list[float]) -> Table:
    """Return ellipses around the minimum, exactly to where they leave the second panel.

    Each has corners where it crosses the lines of a grid, the panel's edges among them: however
    long and thin it is, it is as round as the panel can show.
    """
    rows = []
    for level, share in enumerate(LEVELS):
        size = np.sqrt(2 * initial * share / quadratic.eigenvalues)
        of_angle = quadratic.directions * size  # rows weight and bias; columns cosine and sine
        angle = [np.linspace(0, 2 * np.pi, 73)[:-1]]
        for (cosine, sine), reach in zip(of_angle, half, strict=True):
            height = np.linspace(-reach, reach, LINES) / np.hypot(cosine, sine)
            away = np.arccos(height[np.abs(height) <= 1])
            angle += [np.arctan2(sine, cosine) + away, np.arctan2(sine, cosine) - away]
        angle = np.unique(np.concatenate(angle) % (2 * np.pi))
        angle = np.append(angle, angle[0])
        error = of_angle @ np.stack([np.cos(angle), np.sin(angle)])  # (2, corners)
        place = error / np.array(half)[:, None]
        inside = np.all(np.abs(place) <= 1 + 1e-9, axis=0)
        x, y = (np.clip(place[:, inside], -1, 1) + 1) / 2
        piece = 1_000.0 * level + np.cumsum(~inside)[inside]
        rows.append([1 + PANEL * x, y, piece, np.flatnonzero(inside).astype(float)])
    columns = zip(("x", "y", "piece", "corner"), zip(*rows, strict=True), strict=True)
    return {name: np.concatenate(parts) for name, parts in columns}


# ---------------------------------------------------------------- its drawing

ALT = (
    "A laboratory for one rate: the loss, the path over the loss, and the bouncing along the steep "
    "direction, drawn from the closed form while the slider above moves. The text beside the slider "
    "says what the rate does."
)
_ACROSS = alt.Scale(domain=[0, 2 + PANEL], nice=False)
_UP = alt.Scale(domain=[0, 1], nice=False)
_NEVER = 1e9  # the step at which a run leaves that stays


def _at(x: str, y: str) -> tuple[alt.X, alt.Y]:
    return alt.X(f"{x}:Q", scale=_ACROSS, axis=None), alt.Y(f"{y}:Q", scale=_UP, axis=None)


@cache
def drawing() -> dict:
    """Return the Vega-Lite specification of the laboratory, without its datasets.

    The slider of the page moves the rate, and `EXPRESSIONS` draw everything anew, in the browser.
    """
    panels, ends, floor, (x, y) = data("panels"), data("ends"), data("floor"), _at("x", "y")
    high = alt.YValue(0), alt.Y2Value(200)
    head = {"align": "left", "baseline": "bottom", "dy": -24, "fontSize": 14, "color": GREY}
    end = {"baseline": "top", "align": {"expr": "datum.side"}, "dy": {"expr": "datum.down"}}
    least = {"text": "least", "align": "right", "baseline": "bottom", "dx": -4, "dy": -4}
    contours = data("contours").mark_line(color=GREY, strokeWidth=1, opacity=0.6)
    layers = (
        text(panels, "title", x, alt.YValue(0), **head),
        panels.mark_rect(filled=False, stroke=GREY, strokeOpacity=0.3).encode(x, *high, x2="x2:Q"),
        text(ends, "label", x, y, color=GREY, **end),
        floor.mark_rule(color=GREY, strokeDash=[2, 3]).encode(x, y, x2="x2:Q"),
        floor.mark_text(fontSize=13, color=GREY, **least).encode(*_at("x2", "y")),
        contours.encode(x, y, detail="piece:N", order="corner:Q"),
        data("bowl").mark_line(color=GREY, strokeWidth=2, opacity=0.7).encode(x, y),
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
    place, blue = _at(f"x_{panel}_cut", f"y_{panel}_cut"), {"color": COLORS[0]}
    told = [alt.Tooltip("step:Q"), alt.Tooltip("loss:Q", format=".6g")]
    angle, (start, _) = alt.Angle("angle:Q", scale=None), _at("start", "y")
    words = {"align": "left", "baseline": "bottom", "dy": -7}
    return [
        rows.mark_line(strokeWidth=1.5, **blue).encode(*place, order="step:Q"),
        dots(stays, 30, *place, told, **blue),
        dots(exits, 150, *place, angle, shape="triangle-up", **blue),
        text(exits, "told", start, alt.YValue(0), **words, **blue),
    ]
