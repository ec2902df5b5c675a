"""The map of learning rates: its zones, its curve, its marks, and a grade for each known suggestion."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from linreg.dynamics import Dynamics
from linreg.fitbox import Table
from linreg.frames import ipc
from linreg.phases import SCALED, Phase, Plain
from linreg.rangetest import range_test
from linreg.sweep import Sweep, fewest_steps
from linreg.theory import Quadratic
from linreg.words import number, steps

VIEWS = {"left": "Excess loss left", "steps": "Steps needed"}
CEILING = 1e3  # times the initial excess loss
DEPTH = 1e-14  # likewise: float64 has no more digits
SHADES = {"crawls": 0.10, "overshoots, still converges": 0.07, "diverges": 0.18}
MORE_STEPS = 30.0  # times the steps trained: so far up the curve of the steps needed is drawn


@dataclass(frozen=True)
class Mark:
    """A learning rate that some rule names.

    Attributes:
        name: Of the rule.
        learning_rate: That it names.
        note: What to know of the rule.
        share: Of the critical rate.
        steps: Needed at this rate; None if never.
        grade: In words.
    """

    name: str
    learning_rate: float
    note: str
    share: float
    steps: int | None
    grade: str


def marks(quadratic: Quadratic, phase: Phase, tolerance: float, start) -> list[Mark]:
    """Return the rates that rules name, each graded; none where nobody can predict a run.

    Args:
        quadratic: The loss of the points.
        phase: Its rule counts; its schedule and its steps do not.
        tolerance: In (0, 1), share of the initial excess loss.
        start: Weight and bias, not in the minimum.
    """
    if isinstance(phase.rule, SCALED) or quadratic.is_minimum(*start):
        return []
    best, fewest = fewest_steps(quadratic, phase.rule, tolerance, start)
    named = {"fewest steps": (best, "Found by trying: for this start and this tolerance.")}
    if type(phase.rule) is Plain:
        flat, steep = quadratic.eigenvalues
        named["2 / (λmin + λmax)"] = (
            float(2 / (flat + steep)),
            "The best in the long run, when only the slowest direction is left; seldom so soon.",
        )
        notes = (
            "Range test: where the loss falls steepest while the rate grows.",
            "Range test: a tenth of the rate at which the loss is least.",
            "Range test: two thirds down its longest fall, as fastai suggests.",
        )
        suggested = range_test(quadratic, start).suggestions()
        named |= {
            name: (rate, note) for (name, rate), note in zip(suggested.items(), notes, strict=True)
        }
    dynamics = Dynamics(quadratic, phase.rule)
    made = []
    for name, (rate, note) in named.items():
        share = rate / dynamics.critical_learning_rate
        needed = _needed(quadratic, phase, tolerance, start, rate)
        made.append(Mark(name, rate, note, share, needed, _grade(share, needed, fewest)))
    return made


def _needed(quadratic, phase, tolerance, start, rate: float) -> int | None:
    dynamics = Dynamics(quadratic, phase.rule)
    if rate >= dynamics.critical_learning_rate * (1 - 1e-9):
        return None
    return dynamics.fastest(tolerance, np.array([rate]), *start)[1]


def _grade(share: float, needed: int | None, fewest: int) -> str:
    """Return how good a rate is, in words.

    Example:
        >>> _grade(0.13, 90, 15)
        '0.13 × critical: safe, 6 times slower than the fastest'
    """
    grade = f"{share:.2g} × critical: "
    if needed is None:
        return grade + "diverges"
    times = needed / max(fewest, 1)
    if needed <= fewest:
        return grade + "safe, nothing is faster"
    if times < 1.5:
        return grade + f"safe, {steps(needed - fewest)} more than the fastest"
    return grade + f"safe, {number(float(f'{times:.2g}'))} times slower than the fastest"


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
    """
    axis = Axis.of(phase.num_steps, view)
    rates = np.array(phase.learning_rates)
    tables: dict[str, Table] = {
        "zones": _zones(quadratic, phase, expected),
        "curve": axis.curve(expected),
        "seen": axis.points(seen),
        "runs": axis.points(runs) | {"run": titles if runs is not None else []},
        "marks": {
            "rate": np.array([mark.learning_rate for mark in marked], float),
            "label": pa.array([f"{k}" for k in range(1, len(marked) + 1)], pa.string()),
            "name": pa.array(
                [f"{mark.name}: {number(mark.learning_rate)}" for mark in marked], pa.string()
            ),
            "grade": pa.array([mark.grade for mark in marked], pa.string()),
            "row": np.arange(len(marked), dtype=float),
        },
        "extent": {"rate": rates[[0, -1]], "value": [axis.low, axis.high]},
        "levels": axis.levels(tolerance, phase.num_steps),
    }
    tables["runs"]["run"] = pa.array(tables["runs"]["run"], pa.string())
    return {name: ipc(table) for name, table in tables.items()}


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


def _zones(quadratic: Quadratic, phase: Phase, expected: Sweep | None) -> Table:
    """Return the bands of rates that do alike, with their edges."""
    rates = np.array(phase.learning_rates)
    low, high = float(rates[0]), float(rates[-1])
    if isinstance(phase.rule, SCALED):
        edges, names, labels = [low, high], ["no zones: nobody can predict these runs"], [""]
    else:
        critical = Dynamics(quadratic, phase.rule).critical_learning_rate
        first = critical if phase.rule.kind != Plain.kind else critical / 2
        slow = low
        if expected is not None:  # crawls until the first rate that arrives within these steps
            arrives = rates[np.nan_to_num(expected.steps, nan=np.inf) <= phase.num_steps]
            slow = float(min(arrives[0], first)) if arrives.size else first
        names, edges = ["crawls", "direct"], [low, slow, first]
        labels = ["", "arrives in time"]
        if type(phase.rule) is Plain:
            names, edges = [*names, "overshoots, still converges"], [*edges, critical]
            labels.append("1 / λmax")
        else:
            names[1] = "converges"
        names, edges = [*names, "diverges"], [*edges, high]
        labels.append("2 / λmax" if type(phase.rule) is Plain else "the limit")
    kept = [k for k in range(len(names)) if edges[k] < edges[k + 1]]
    return {
        "low": np.array([edges[k] for k in kept], float),
        "high": np.array([edges[k + 1] for k in kept], float),
        "middle": np.sqrt([edges[k] * edges[k + 1] for k in kept]),
        "zone": pa.array([names[k] for k in kept], pa.string()),
        "edge": pa.array([labels[k] for k in kept], pa.string()),
        "place": pa.array(["left" if k == len(names) - 1 else "right" for k in kept], pa.string()),
        "shade": np.array([SHADES.get(names[k], 0.0) for k in kept]),
    }
