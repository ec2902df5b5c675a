"""The tables of the map of learning rates: its zones, its curve, its dots, what can be clicked."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from linreg.pictures.stage.fitbox import Table
from linreg.pictures.stage.frames import ipc
from linreg.pictures.zones import zones
from linreg.runs.phases import Phase
from linreg.theory import Quadratic, rates
from linreg.theory.marks import Mark
from linreg.theory.sweep import Sweep
from linreg.words import number, steps

VIEWS = {"left": "Excess loss left", "steps": "Steps needed"}
CEILING = 1e3  # times the initial excess loss
DEPTH = 1e-14  # likewise: float64 has no more digits
MORE_STEPS = 30.0  # times the steps trained: so far up the curve of the steps needed is drawn


def map_tables(
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
        turn: How many clicks have been taken; it stands in all that can be clicked, so that a
            second click on the same place is another one.
    """
    axis = Axis.of(phase.num_steps, view)
    low, high = phase.learning_rates[0], phase.learning_rates[-1]
    tables: dict[str, Table] = {
        "zones": zones(quadratic, phase, expected),
        "clicks": _clicks(low, high),
        "curve": axis.curve(expected),
        "seen": axis.points(seen),
        "runs": axis.points(runs) | _names(titles, runs),
        "marks": {
            "rate": np.array([mark.learning_rate for mark in marked], float),
            "label": pa.array([f"{k}" for k in range(1, len(marked) + 1)], pa.string()),
            "name": pa.array(
                [f"{mark.name}: {number(mark.learning_rate)}" for mark in marked], pa.string()
            ),
            "steps": pa.array(
                ["–" if mark.steps is None else f"{mark.steps:,}" for mark in marked], pa.string()
            ),
            "grade": pa.array([mark.grade for mark in marked], pa.string()),
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
        return {"run": pa.array([], pa.string()), "side": pa.array([], pa.string())}
    order = np.argsort(runs.learning_rates, kind="stable")
    sides = np.full(len(titles), "middle")
    sides[order[0]], sides[order[-1]] = "left", "right"
    return {"run": pa.array(titles, pa.string()), "side": pa.array(sides.tolist(), pa.string())}


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

    def values(self, sweep: Sweep) -> tuple[np.ndarray, np.ndarray]:
        """Return values inside the axis, and which there are at all."""
        raw = sweep.left if self.view == "left" else sweep.steps
        there = np.ones(raw.size, bool) if self.view == "left" else np.isfinite(raw)
        inside = np.clip(np.nan_to_num(raw, nan=np.inf, posinf=self.high), self.low, self.high)
        return inside, there

    def curve(self, sweep: Sweep | None) -> Table:
        """Return a curve in pieces: it ends where it leaves the axis, or where there is no value."""
        if sweep is None:
            return {"rate": np.empty(0), "value": np.empty(0)}
        value, there = self.values(sweep)
        raw = sweep.left if self.view == "left" else sweep.steps
        with np.errstate(invalid="ignore"):
            kept = there & (raw <= self.high)
        return {"rate": sweep.learning_rates[kept], "value": value[kept]}

    def points(self, sweep: Sweep | None) -> Table:
        """Return points; those above the axis stand at its top, and say so."""
        if sweep is None:
            empty = pa.array([], pa.string())
            return {
                "rate": np.empty(0),
                "value": np.empty(0),
                "off": np.empty(0, bool),
                "text": empty,
            }
        value, there = self.values(sweep)
        raw = sweep.left if self.view == "left" else sweep.steps
        shown = there if self.view == "left" else np.ones(raw.size, bool)
        with np.errstate(invalid="ignore"):
            off = ~(raw <= self.high)
        value = np.where(off, self.high, value)
        words = [self._say(one) for one in raw.tolist()]
        return {
            "rate": sweep.learning_rates[shown],
            "value": value[shown],
            "off": off[shown],
            "text": pa.array(words, pa.string()).filter(pa.array(shown)),
        }

    def _say(self, value: float) -> str:
        if self.view == "left":
            return f"{number(value)} of the excess loss left"
        return steps(int(value)) if np.isfinite(value) else "not within these steps"

    def levels(self, tolerance: float, num_steps: int) -> Table:
        """Return what a reader has chosen, as a level: the tolerance, or the steps."""
        if self.view == "left":
            return {
                "value": [tolerance],
                "label": [f"{number(100 * tolerance)} % of the excess loss"],
            }
        return {"value": [float(num_steps)], "label": [f"{steps(num_steps)}, as trained"]}
