"""The tables of the laboratory: what its picture needs to follow a rate by itself, in the browser.

Every row holds the constants of the quadratic; the picture's own expressions, in `EXPRESSIONS`, make
of them and of the rate what is drawn. They are the closed form of `theory.Quadratic.path`.
"""

import numpy as np

from linreg.fitbox import PANEL, Table
from linreg.frames import EDGE, ipc
from linreg.theory import Quadratic

NUM_STEPS = 60
LOWEST, HIGHEST = (
    -3.0,
    0.3,
)  # of the slider: decimal logarithm of the rate's share of the critical one
DEPTH, CEILING = -6.0, 2.0  # of the loss panel: decimal logarithms of the share of the initial loss
OUT = 60.0  # initial errors away: further out a number is cut

# Names as in the theory; `share` is the slider. In Vega's expression language, in this order.
EXPRESSIONS = {
    "rate": "datum.critical * pow(10, share)",
    "flat_factor": "1 - datum.rate * datum.flat_eigenvalue",
    "steep_factor": "1 - datum.rate * datum.steep_eigenvalue",
    "flat": f"clamp(pow(datum.flat_factor, datum.step), -{OUT}, {OUT})",
    "steep": f"clamp(pow(datum.steep_factor, datum.step), -{OUT}, {OUT})",
    "loss": "datum.least + datum.flat_loss * pow(pow(datum.flat_factor, datum.step), 2)"
    " + datum.steep_loss * pow(pow(datum.steep_factor, datum.step), 2)",
    "weight": "datum.minimum_weight + datum.flat_weight * datum.flat"
    " + datum.steep_weight * datum.steep",
    "bias": "datum.minimum_bias + datum.flat_bias * datum.flat + datum.steep_bias * datum.steep",
    # Where they stand in the three panels.
    "x_loss": f"datum.step / {NUM_STEPS} * {PANEL}",
    "y_loss": f"clamp((log(datum.loss / datum.initial) / LN10 - ({DEPTH})) / {CEILING - DEPTH}, 0, 1)",
    "x_path": f"1 + {PANEL} * (datum.weight - datum.low_weight) / datum.wide_weight",
    "y_path": "(datum.bias - datum.low_bias) / datum.wide_bias",
    "x_bowl": f"2 + {PANEL} / 2 * (1 + datum.steep / {EDGE})",
    "y_bowl": f"datum.steep * datum.steep / {EDGE**2}",
    "in_path": f"datum.x_path >= 1 && datum.x_path <= {1 + PANEL} && datum.y_path >= 0"
    " && datum.y_path <= 1",
    "in_bowl": f"abs(datum.steep) <= {EDGE}",
}


def laboratory_tables(quadratic: Quadratic, start: tuple[float, float]) -> dict[str, bytes]:
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
    tables: dict[str, Table] = {
        "steps": _with(constants, {"step": np.arange(NUM_STEPS + 1.0)}),
        "one": _with(constants, {"step": np.array([1.0])}),
        "contours": _contours(quadratic, float(losses.sum()), constants),
        "bowl": _bowl(),
        "panels": {"x": np.arange(3.0), "x2": np.arange(3.0) + PANEL, "title": TITLES},
        "floor": {
            "x": [0.0],
            "x2": [PANEL],
            "y": [
                float(
                    np.clip(
                        (np.log10(max(quadratic.loss / initial, 1e-300)) - DEPTH)
                        / (CEILING - DEPTH),
                        0,
                        1,
                    )
                )
            ],
        },
    }
    return {name: ipc(table) for name, table in tables.items()}


TITLES = ["Loss", "Path", "Steep direction"]


def _with(constants: dict[str, float], table: Table) -> Table:
    size = len(next(iter(table.values())))
    return table | {name: np.full(size, float(value)) for name, value in constants.items()}


def _contours(quadratic: Quadratic, initial: float, box: dict[str, float]) -> Table:
    """Return three ellipses around the minimum, as they stand in the second panel."""
    angle = np.linspace(0, 2 * np.pi, 49)
    size = np.sqrt(2 * initial / quadratic.eigenvalues)
    round_ = np.stack([np.cos(angle), np.sin(angle)], axis=-1) * size
    errors = np.sqrt([1.0, 0.3, 0.1, 0.03, 0.01])[:, None, None] * round_
    path = quadratic.at(errors)
    x = 1 + PANEL * (path.weight - box["low_weight"]) / box["wide_weight"]
    y = (path.bias - box["low_bias"]) / box["wide_bias"]
    inside = (x >= 1) & (x <= 1 + PANEL) & (y >= 0) & (y <= 1)
    pieces = np.cumsum(~inside, axis=1) + 1_000 * np.arange(5)[:, None]  # cut where it leaves
    kept = inside.ravel()
    return {
        "x": x.ravel()[kept],
        "y": y.ravel()[kept],
        "piece": pieces.ravel()[kept].astype(float),
        "corner": np.tile(np.arange(49.0), 5)[kept],
    }


def _bowl() -> Table:
    u = np.linspace(-EDGE, EDGE, 41)
    return {"x": 2 + PANEL / 2 * (1 + u / EDGE), "y": u**2 / EDGE**2}
