"""The tables of the landscape: contours of the loss over weight and bias, and the paths across it."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from linreg.dynamics import Dynamics
from linreg.fitbox import Table
from linreg.frames import curve_records, ipc
from linreg.history import History
from linreg.phases import SCALED, Phase
from linreg.playback import frame_of, frame_records
from linreg.theory import Quadratic
from linreg.words import factor, number

LEVELS = 10.0 ** -np.arange(0.0, 4.5, 0.5)  # of the contours, times the initial excess loss
CORNERS = 72  # of a contour
MARGIN = 1.3  # times the furthest that a run gets while its loss is no larger than at the start
DIRECTIONS = "flat", "steep"
GRID = 41, 31  # places to click, across and up
SEEN = 0.004  # of half the box: a move that is drawn, about a pixel
FAR = 2.0  # boxes away: further out a path is not drawn


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
            away = [
                np.abs(np.where(inside, part - middle, 0.0)).max()
                for part, middle in (
                    (history.weight, quadratic.weight),
                    (history.bias, quadratic.bias),
                )
            ]
        if max(away) <= 1e-9 * (abs(quadratic.weight) + abs(quadratic.bias)):
            away = [1.0, 1.0]  # a start in the minimum
        least = 1e-3 * max(away)  # a start straight above it
        halves = (MARGIN * max(one, least) for one in away)
        return cls(quadratic.weight, quadratic.bias, *halves)

    def edges(self) -> Table:
        """Return the middle and half the size, for the axes."""
        return {
            "weight": [self.weight - self.half_weight, self.weight + self.half_weight],
            "bias": [self.bias - self.half_bias, self.bias + self.half_bias],
        }

    def places(self) -> Table:
        """Return the places that a click can choose, in round numbers."""
        weight = _rounded(self.weight + self.half_weight * np.linspace(-1, 1, GRID[0]))
        bias = _rounded(self.bias + self.half_bias * np.linspace(-1, 1, GRID[1]))
        return {"weight": np.tile(weight, bias.size), "bias": np.repeat(bias, weight.size)}


def _rounded(values: np.ndarray) -> np.ndarray:
    unit = 10.0 ** np.floor(np.log10(values[1] - values[0]))
    digits = max(0, -round(np.log10(unit)))
    return np.round(np.round(values / unit) * unit, digits)


def landscape_tables(titles: list[str], quadratic: Quadratic, history: History) -> dict[str, bytes]:
    """Return the landscape's datasets, by name, as Arrow IPC bytes.

    Args:
        titles: One for each run.
        quadratic: The loss of the points.
        history: The runs to draw.
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
        },
        "axes": _eigenvectors(quadratic, box),
        "box": box.edges(),
        "places": box.places(),
    }
    return {name: ipc(table) for name, table in tables.items()}


def _contours(quadratic: Quadratic, start: tuple[float, float]) -> Table:
    """Return the ellipses on which the excess loss is a share of the initial one, exactly."""
    initial = float(quadratic.excess_loss(*start)) or 1.0
    angle = np.linspace(0, 2 * np.pi, CORNERS + 1)
    round_ = np.stack([np.cos(angle), np.sin(angle)], axis=-1)  # (corners, 2)
    size = np.sqrt(2 * initial / quadratic.eigenvalues)
    errors = np.sqrt(LEVELS)[:, None, None] * round_ * size  # (levels, corners, 2)
    path = quadratic.at(errors)
    return {
        "weight": path.weight.ravel(),
        "bias": path.bias.ravel(),
        "level": np.repeat(np.arange(LEVELS.size), CORNERS + 1),
        "corner": np.tile(np.arange(CORNERS + 1), LEVELS.size),
    }


def _paths(titles: list[str], box: Box, history: History) -> Table:
    """Return where the runs go, to where they are far out; less than about a pixel is no move."""
    records = curve_records(history.step)
    with np.errstate(over="ignore", invalid="ignore"):
        across = (history.weight[:, records] - box.weight) / box.half_weight
        up = (history.bias[:, records] - box.bias) / box.half_bias
        near = (np.abs(across) <= FAR) & (np.abs(up) <= FAR)
        cells = np.round(np.stack([across, up]) / SEEN)
        moves = np.any(np.diff(cells, axis=2, prepend=np.nan) != 0, axis=0)
    kept = np.logical_and.accumulate(near, axis=1) & moves
    run, place = np.nonzero(kept)
    step = history.step[records][place]
    return {
        "run": pa.array(titles).take(pa.array(run)),
        "step": step,
        "frame": frame_of(history.step)[records][place],
        "weight": history.weight[:, records][kept],
        "bias": history.bias[:, records][kept],
        "text": pa.array([f"step {k:,}" for k in step.tolist()], pa.string()),
    }


def _frames(titles: list[str], box: Box, history: History) -> Table:
    """Return where each run is at each frame, while that is in the box."""
    records = frame_records(history.step)
    weight, bias = history.weight[:, records], history.bias[:, records]
    with np.errstate(invalid="ignore"):
        inside = (np.abs(weight - box.weight) <= box.half_weight) & (
            np.abs(bias - box.bias) <= box.half_bias
        )
    run, frame = np.nonzero(inside)
    return {
        "run": pa.array(titles).take(pa.array(run)),
        "frame": frame,
        "weight": weight[inside],
        "bias": bias[inside],
    }


def _eigenvectors(quadratic: Quadratic, box: Box) -> Table:
    """Return a line along each eigenvector, through the minimum."""
    half = np.array([box.half_weight, box.half_bias])
    rows: dict[str, list] = {name: [] for name in ("weight", "bias", "weight2", "bias2", "label")}
    for index, name in enumerate(DIRECTIONS):
        direction = quadratic.directions[:, index]
        direction = direction * np.sign(direction[1] or 1.0)  # its name stands at the upper end
        reach = 0.9 * float(np.min(half / np.maximum(np.abs(direction), 1e-300)))
        for column, sign in (("", -1), ("2", 1)):
            rows[f"weight{column}"].append(box.weight + sign * reach * direction[0])
            rows[f"bias{column}"].append(box.bias + sign * reach * direction[1])
        rows["label"].append(name)
    return rows


def factors(quadratic: Quadratic, phase: Phase) -> list[list[str]] | None:
    """Return for each direction its name, its eigenvalue, and what a step multiplies the error by.

    Returns:
        A row for each direction: name, eigenvalue, and a factor for each run, in words; None where
        a step multiplies by no fixed number.
    """
    if isinstance(phase.rule, SCALED):
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
