"""The bands of learning rates that do alike, with names that are shown where there is room for them."""

import numpy as np

from linreg.pictures.arrow import Table, texts
from linreg.runs.phases import Phase
from linreg.runs.rules import Plain
from linreg.theory import Quadratic
from linreg.theory.dynamics import Dynamics
from linreg.theory.sweep import Sweep

SHADES = {"crawls": 0.10, "overshoots": 0.07, "diverges": 0.18}
LETTER, GAP = 7, 8  # pixels: of a letter, and between two texts


def zones(quadratic: Quadratic, phase: Phase, expected: Sweep | None) -> Table:
    """Return the bands from the least rate to the largest, with the names of their left edges.

    Where the rates change or each step sees a few points only, nobody knows what a rate does: one
    edge is left, that of a constant rate and all points. Adam and RMSprop have none.
    """
    rates = np.array(phase.learning_rates)
    names, edges, labels = _bands(quadratic, phase, expected, float(rates[0]), float(rates[-1]))
    kept = [k for k in range(len(names)) if edges[k] < edges[k + 1]]
    names, labels = [names[k] for k in kept], [labels[k] for k in kept]
    edges = np.array([*(edges[k] for k in kept), rates[-1]], float)
    places = np.log(edges / edges[0]) / np.log(edges[-1] / edges[0])
    is_last_right = names[-1] == "diverges"  # so that it keeps clear of the edge before
    return {
        "low": edges[:-1],
        "high": edges[1:],
        "middle": np.sqrt(edges[:-1] * edges[1:]),
        "zone": texts(names),
        "zone_room": _room_for_names(places, names),
        "edge": texts(labels),
        "edge_room": _room_for_edges(places, labels, is_last_right),
        "place": ["right"] * (len(names) - 1) + ["left" if is_last_right else "right"],
        "shade": np.array([SHADES.get(name, 0.0) for name in names]),
    }


def _bands(quadratic, phase: Phase, expected, low: float, high: float) -> tuple[list, list, list]:
    """Return names, edges (one more than names), and what each left edge is."""
    if not phase.rule.is_linear:
        return [""], [low, high], [""]
    is_plain = type(phase.rule) is Plain
    critical = Dynamics(quadratic, phase.rule).critical_learning_rate
    limit = "2 / λmax" if is_plain else "the limit"
    if not phase.is_predictable or not phase.is_constant:
        of = "of all points" if phase.batch_size is not None else "of a constant rate"
        return ["", ""], [low, critical, high], ["", f"{limit} {of}"]
    first = critical / 2 if is_plain else critical
    slow = first
    if expected is not None:  # crawls until the first rate that arrives within these steps
        inside = np.nan_to_num(expected.steps, nan=np.inf) <= phase.num_steps
        arrives = np.array(phase.learning_rates)[inside]
        slow = float(min(arrives[0], first)) if arrives.size else first
    if is_plain:
        names = ["crawls", "direct", "overshoots", "diverges"]
        return names, [low, slow, first, critical, high], ["", "arrives in time", "1 / λmax", limit]
    names = ["crawls", "converges", "diverges"]
    return names, [low, slow, critical, high], ["", "arrives in time", limit]


def _room_for_names(places: np.ndarray, names: list[str]) -> np.ndarray:
    """Return how wide the map must be, in pixels, until each name keeps clear of its neighbours.

    It may reach beyond a narrow band as long as it does not touch the name of the next.
    """
    widths = np.array([LETTER * len(name) for name in names])
    middles, bands = (places[1:] + places[:-1]) / 2, np.diff(places)
    alone = (widths + GAP) / bands
    beside = ((widths[1:] + widths[:-1]) / 2 + GAP) / np.diff(middles)
    return np.minimum(alone, np.maximum(np.append(0, beside), np.append(beside, 0)))


def _room_for_edges(places: np.ndarray, labels: list[str], is_last_right: bool) -> np.ndarray:
    """Return likewise for what the edges are called: to their left, or the last one to its right."""
    widths = np.array([LETTER * len(label) + GAP * bool(label) for label in labels])
    free = np.diff(places, prepend=places[0] - 1)[:-1]
    if is_last_right:
        free[-1] = 1 - places[-2]
    return widths / free
