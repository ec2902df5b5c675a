"""The laboratory: one rate, and all that follows from it while it is dragged.

Every row holds the constants of the quadratic; the picture's own expressions, in `EXPRESSIONS`, make
of them and of the rate what is drawn. They are the closed form of `theory.Quadratic.path`.
"""

from functools import cache

import altair as alt
import numpy as np

from linreg.pictures.arrow import PANEL, Table, ipc
from linreg.pictures.common import COLORS, GREY, SHARE, data, finished, slider
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
    steep = f"datum.steep{end}"
    return {
        f"flat{end}": f"clamp(pow(datum.flat_factor, {step}), -{OUT}, {OUT})",
        f"steep{end}": f"clamp(pow(datum.steep_factor, {step}), -{OUT}, {OUT})",
        f"loss{end}": f"datum.least + datum.flat_loss * pow(pow(datum.flat_factor, {step}), 2)"
        f" + datum.steep_loss * pow(pow(datum.steep_factor, {step}), 2)",
        f"weight{end}": f"datum.minimum_weight + datum.flat_weight * datum.flat{end}"
        f" + datum.steep_weight * {steep}",
        f"bias{end}": f"datum.minimum_bias + datum.flat_bias * datum.flat{end}"
        f" + datum.steep_bias * {steep}",
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
    parts = {}
    for axis, low, high in (("x", left, left + PANEL), ("y", 0, 1)):
        before = f"datum.{axis}_{panel}_before"
        move = f"(datum.{axis}_{panel} - {before} + 1e-300)"
        parts[axis] = f"max(({high} - {before}) / {move}, ({low} - {before}) / {move})"
    names = {
        f"in_{panel}": f"datum.x_{panel} >= {left} && datum.x_{panel} <= {left + PANEL + 1e-9}"
        f" && datum.y_{panel} >= 0 && datum.y_{panel} <= 1",
        f"share_{panel}": f"min(1, {parts['x']}, {parts['y']})",
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
}
for _left, _panel in enumerate(PANELS):
    EXPRESSIONS |= _cut(_panel, _left)


def rows(quadratic: Quadratic, start: tuple[float, float]) -> dict[str, bytes]:
    """Return the laboratory's datasets, by name, as Arrow IPC bytes.

    Args:
        quadratic: The loss of the points.
        start: Weight and bias, not in the minimum.
    """
    errors = quadratic.errors(*start)
    initial = quadratic.loss + float(quadratic.excess_loss(*start))
    along = quadratic.directions * errors  # columns: what each direction adds to weight and bias
    losses = quadratic.eigenvalues / 2 * errors**2
    half = [1.3 * max(float(np.abs(row).sum()), 1e-12) for row in along]
    constants = {
        "critical": quadratic.critical_learning_rate,
        "flat_eigenvalue": quadratic.eigenvalues[0],
        "steep_eigenvalue": quadratic.eigenvalues[1],
        "flat_loss": losses[0],
        "steep_loss": losses[1],
        "least": quadratic.loss,
        "initial": initial,
        "minimum_weight": quadratic.weight,
        "minimum_bias": quadratic.bias,
        "flat_weight": along[0, 0],
        "steep_weight": along[0, 1],
        "flat_bias": along[1, 0],
        "steep_bias": along[1, 1],
        "low_weight": quadratic.weight - half[0],
        "low_bias": quadratic.bias - half[1],
        "wide_weight": 2 * half[0],
        "wide_bias": 2 * half[1],
    }
    floor = np.log10(max(quadratic.loss / initial, 1e-300))
    tables: dict[str, Table] = {
        "steps": _with(constants, {"step": np.arange(NUM_STEPS + 1.0)}),
        "contours": _contours(quadratic, float(losses.sum()), half),
        "bowl": _bowl(),
        "panels": {
            "x": np.arange(3.0),
            "x2": np.arange(3.0) + PANEL,
            "title": list(PANELS.values()),
        },
        "ends": _ends(constants, initial),
        "floor": {
            "x": [0.0],
            "x2": [PANEL],
            "y": [float(np.clip((floor - DEPTH) / (CEILING - DEPTH), 0, 1))],
        },
    }
    return {name: ipc(table) for name, table in tables.items()}


def bar_data(quadratic: Quadratic, start: tuple[float, float], num_steps: int) -> dict:
    """Return what the laboratory's slider needs to say what a rate does.

    Args:
        quadratic: The loss of the points.
        start: Weight and bias, not in the minimum.
        num_steps: A run crawls that has not converged after these.
    """
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


def _with(constants: dict[str, float], table: Table) -> Table:
    size = len(next(iter(table.values())))
    return table | {name: np.full(size, float(value)) for name, value in constants.items()}


def _ends(box: dict[str, float], initial: float) -> Table:
    """Return what stands at the ends of the panels' axes, and the names of those below."""

    def text(value: float) -> str:
        return number(float(f"{value:.3g}"))

    rows = []
    for left, (low, high, name) in enumerate(
        (
            ("0", str(NUM_STEPS), "step"),
            (text(box["low_weight"]), text(box["low_weight"] + box["wide_weight"]), "weight"),
            (number(-EDGE), number(EDGE), "error ÷ initial"),
        )
    ):
        rows.append((left, 0.0, 6, "left", low))
        rows.append((left + PANEL, 0.0, 6, "right", high))
        rows.append((left + PANEL / 2, 0.0, 22, "center", name))
    upright = (  # a loss that leaves does so at the left
        ("loss " + text(initial * 10**CEILING), text(initial * 10**DEPTH), "right"),
        ("bias " + text(box["low_bias"] + box["wide_bias"]), text(box["low_bias"]), "left"),
    )
    for left, (high, low, side) in enumerate(upright):
        rows.append((left + (PANEL - 0.02 if side == "right" else 0.02), 1.0, 6, side, high))
        rows.append((left + 0.02, 0.0, -16, "left", low))
    return dict(zip(("x", "y", "down", "side", "label"), zip(*rows, strict=True), strict=True))


def _contours(quadratic: Quadratic, initial: float, half: list[float]) -> Table:
    """Return ellipses around the minimum, exactly to where they leave the second panel.

    Each has corners where it crosses the lines of a grid, the panel's edges among them: however
    long and thin it is, it is as round as the panel can show.
    """
    rows: dict[str, list] = {name: [] for name in ("x", "y", "piece", "corner")}
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
        rows["x"].append(1 + PANEL * x)
        rows["y"].append(y)
        rows["piece"].append(1_000.0 * level + np.cumsum(~inside)[inside])
        rows["corner"].append(np.flatnonzero(inside).astype(float))
    return {name: np.concatenate(parts) for name, parts in rows.items()}


def _bowl() -> Table:
    u = np.linspace(-EDGE, EDGE, 41)
    return {"x": 2 + PANEL / 2 * (1 + u / EDGE), "y": u**2 / EDGE**2}


# ---------------------------------------------------------------- its drawing

ALT = (
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
def drawing() -> dict:
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
