"""The bar of rates: where the runs' rates lie on a log axis, among what such rates do."""

from collections.abc import Sequence

import numpy as np

from linreg.runs.phases import Phase
from linreg.runs.rules import Plain
from linreg.theory import Quadratic, rates
from linreg.theory.dynamics import Dynamics
from linreg.words import number

LOW, HIGH, ROOM = 1e-3, 2.5, 1.4  # the ends: of the reference; and of a rate that lies further out
FURTHEST = 1e-6, 1e3  # of the reference: handles beyond stand at the end


def bar_data(
    quadratic: Quadratic, phase: Phase, start: Sequence[float], is_told: bool = True
) -> dict:
    """Return the ends of the axis, the zones in ascending order, and the rates that part them.

    Args:
        quadratic: The loss of the points.
        phase: The last one: its zones are those of a run from the start.
        start: Weight and bias.
        is_told: Whether what rates do may be told; a lesson may ask for it.
    """
    reference = rates.reference(quadratic, phase.rule, start)
    shown = np.clip(phase.learning_rates, *(reference * np.array(FURTHEST)))
    low = float(min(LOW * reference, shown.min() / ROOM))
    high = float(max(HIGH * reference, shown.max() * ROOM))
    zones, edges = [("", high)], []
    if is_told and phase.rule.is_linear:
        zones, edges = _zones(quadratic, phase, start, low, high)
    return {
        "low": low,
        "high": high,
        "critical": edges[0][1] if edges else None,
        "zones": [{"name": name, "high": end} for name, end in zones],
        "edges": [{"text": text, "rate": rate} for text, rate in edges],
    }


def _zones(quadratic: Quadratic, phase: Phase, start: Sequence[float], low: float, high: float):
    """Return what rates do, each up to where; and the rates that part them, the critical one first."""
    critical = Dynamics(quadratic, phase.rule).critical_learning_rate
    told = number(float(f"{critical:.4g}"))
    if not phase.is_predictable or not phase.is_constant:
        of = "of all points" if phase.batch_size is not None else "of a constant rate"
        return [("", high)], [(f"critical rate {of}: {told}", critical)]
    if type(phase.rule) is not Plain:
        return [("converges", critical), ("diverges", high)], [(f"limit {told}", critical)]
    below = rates.ALL[(low < rates.ALL) & (critical / 2 > rates.ALL)]
    arrive = quadratic.steps_each(quadratic.goal(start), below, start) <= phase.num_steps
    slow = float(below[arrive][0]) if arrive.any() else critical / 2
    zones = [("crawls", slow), ("direct", critical / 2), ("overshoots", critical)]
    return [*zones, ("diverges", high)], [(f"2/λ = {told}", critical), ("1/λ", critical / 2)]
