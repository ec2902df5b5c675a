"""The marks of the map of learning rates: the rates that known rules name, each with a grade."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from linreg.runs.phases import Phase
from linreg.runs.rules import Plain
from linreg.theory.dynamics import Dynamics
from linreg.theory.quadratic import Goal, Quadratic
from linreg.theory.rangetest import range_test
from linreg.theory.sweep import fewest_steps
from linreg.words import number, steps

NEAR = 1e-9  # share of the critical rate: nearer to it, float64 cannot count the steps
NOTES = (
    "Range test: where the loss falls steepest while the rate grows.",
    "Range test: a tenth of the rate at which the loss is least.",
    "Range test: two thirds down its longest fall, as fastai suggests.",
)


@dataclass(frozen=True)
class Mark:
    """A learning rate that some rule names."""

    name: str  # of the rule
    learning_rate: float
    note: str  # what to know of the rule
    share: float  # of the critical rate
    steps: int | None  # needed at this rate; None if never, or too many to count
    grade: str  # in words


def marks(
    quadratic: Quadratic, phase: Phase, tolerance: float, start: Sequence[float]
) -> list[Mark]:
    """Return the rates that rules name, each graded, for steps that see all points at one rate.

    An empty list where nobody can predict a run; where the rate changes, of which the rules know
    nothing; and where momentum needs so many steps that the search would take too long.

    Args:
        quadratic: The loss of the points.
        phase: Its rule counts; its steps do not.
        tolerance: In (0, 1), see `Quadratic.goal`.
        start: Weight and bias, not in the minimum.
    """
    if not phase.is_predictable or not phase.is_constant or quadratic.is_minimum(*start):
        return []
    critical = Dynamics(quadratic, phase.rule).critical_learning_rate
    found = fewest_steps(quadratic, phase.rule, tolerance, start)
    if found is None:
        return []
    best, fewest = found
    note = "Found by search: for this start and this tolerance."
    gap = 1 - best / critical
    made = [Mark("fewest steps", best, note, best / critical, fewest, grade(gap, fewest, fewest))]
    if type(phase.rule) is Plain:
        goal = quadratic.goal(start, tolerance)
        made.append(_asymptotic(quadratic, goal, start, fewest))
        suggested = range_test(quadratic, start).suggestions().items()
        for (name, rate), note in zip(suggested, NOTES, strict=True):
            gap, needed = 1 - rate / critical, None
            if gap > NEAR:
                needed = int(quadratic.steps_each(goal, np.array([rate]), start)[0])
            made.append(Mark(name, rate, note, rate / critical, needed, grade(gap, needed, fewest)))
    return made


def _asymptotic(quadratic: Quadratic, goal: Goal, start: Sequence[float], fewest: int) -> Mark:
    """Return the mark of the asymptotic optimum, which is stable however near the limit it lies.

    Both directions shrink by one factor there, 1 - 2 / (condition number + 1), from any start.
    """
    below = 1 / (quadratic.condition_number + 1)  # the critical rate, by this share of it
    with np.errstate(divide="ignore"):
        share = min(
            goal.excess_loss / float(quadratic.excess_loss(*start)),
            (goal.distance / quadratic.distance(*start)) ** 2,
        )
        needed = math.log(share) / (2 * np.log1p(-2 * below))
    needed = max(math.ceil(needed), 1)
    return Mark(
        "2 / (λmin + λmax)",
        float(2 / quadratic.eigenvalues.sum()),
        "The best in the long run, when only the slowest direction is left; seldom so soon.",
        1 - below,
        needed,
        grade(below, needed, fewest),
    )


def grade(gap: float, needed: int | None, fewest: int) -> str:
    """Return how good a rate is, in words.

    Args:
        gap: By what share of the critical rate it lies below it; ≤ 0 from there on.
        needed: Its steps; None if they cannot be told.
        fewest: Steps of the fastest rate.

    Example:
        >>> grade(0.87, 90, 15), grade(7e-10, 30, 15)[:23], grade(-0.5, None, 15)
        ('0.13 × critical: safe, 6 times slower than the fastest', '(1 − 7e−10) × critical:', \
'1.5 × critical: diverges')
    """
    said = f"{_share(gap)} × critical: "
    if gap == 0:
        return said + "bounces for ever"
    if gap < 0:
        return said + "diverges"
    if needed is None:
        return said + "too near the limit to count"
    times = needed / max(fewest, 1)
    if needed <= fewest:
        return said + "safe, nothing is faster"
    if times < 1.5:
        return said + f"safe, {steps(needed - fewest)} more than the fastest"
    return said + f"safe, {number(float(f'{times:.2g}'))} times slower than the fastest"


def _share(gap: float) -> str:
    """Return 1 - gap with enough digits to tell it from 1."""
    size = abs(gap)
    if gap == 0 or size >= 0.01:
        return number(float(f"{1 - gap:.2g}"))
    if size >= 1e-4:
        return f"{1 - gap:.{1 - math.floor(math.log10(size))}f}".rstrip("0")
    return f"(1 {'−' if gap > 0 else '+'} {number(float(f'{size:.1g}'))})"
