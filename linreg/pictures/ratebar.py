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
    quadratic: Quadratic, phases: Sequence[Phase], start: Sequence[float], is_told: bool = True
) -> dict:
    """Return the ends of the axis, the zones in ascending order, and the rates that part them.

    Args:
        quadratic: The loss of the points.
        phases: All; the rates are those of the last. Which rates crawl is told of a first one
            alone: a later one begins elsewhere in every run.
        start: Weight and bias.
        is_told: Whether what rates do may be told; a lesson may ask for it.
    """
    phase = phases[-1]
    reference = rates.reference(quadratic, phase.rule, start)
    shown = np.clip(phase.learning_rates, *(reference * np.array(FURTHEST)))
    low = float(min(LOW * reference, shown.min() / ROOM))
    high = float(max(HIGH * reference, shown.max() * ROOM))
    zones, edges = [("", high)], []
    if is_told and phase.rule.is_linear:
        zones, edges = _zones(quadratic, phase, start if len(phases) == 1 else None, low, high)
    return {
        "low": low,
        "high": high,
        "critical": edges[0][1] if edges else None,
        "zones": [{"name": name, "high": end} for name, end in zones],
        "edges": [{"text": text, "rate": rate} for text, rate in edges],
    }


def _zones(quadratic: Quadratic, phase: Phase, start, low: float, high: float):
    """Return what rates do, each up to where; and the rates that part them, the critical one first."""
    critical = Dynamics(quadratic, phase.rule).critical_learning_rate
    told = number(float(f"{critical:.4g}"))
    if not phase.is_predictable or not phase.is_constant:
        of = "of all points" if phase.batch_size is not None else "of a constant rate"
        return [("", high)], [(f"critical rate {of}: {told}", critical)]
    if type(phase.rule) is not Plain:
        return [("converges", critical), ("diverges", high)], [(f"limit {told}", critical)]
    slow = low if start is None else _slowest(quadratic, phase, start, low, critical / 2)
    zones = [("crawls", slow), ("direct", critical / 2), ("overshoots", critical)]
    edges = [(f"2/λ = {told}", critical), ("1/λ", critical / 2)]
    ascending = zip([low, *(end for _, end in zones)], [*zones, ("diverges", high)], strict=True)
    return [(name, end) for before, (name, end) in ascending if end > before], edges


def _slowest(quadratic: Quadratic, phase: Phase, start, low: float, high: float) -> float:
    """Return the least rate between two that arrives within the phase's steps; the higher if none.

    Below 1/λ a larger rate needs no more steps than a smaller one.
    """
    goal = quadratic.goal(start)
    for _ in range(3):  # each time 64 times as near
        between = np.geomspace(low, high, 65)
        arrives = quadratic.steps_each(goal, between, start) <= phase.num_steps
        if not arrives[:-1].any():
            low = between[-2]
        elif arrives[0]:
            return float(low)
        else:
            first = int(arrives.argmax())
            low, high = between[first - 1], between[first]
    return float(high)
