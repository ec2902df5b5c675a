"""The next thing to try, from what is known of a run."""

from dataclasses import dataclass

import numpy as np

from linreg import checks, rates
from linreg.dynamics import Dynamics
from linreg.facts import TOLERANCE, Facts
from linreg.phases import SCALED
from linreg.theory import Quadratic
from linreg.words import number, round_up, steps

CLOSER = 10  # by what a rate is divided to come closer


@dataclass(frozen=True)
class Advice:
    """The next thing to try: a sentence, the button's label, and what it does.

    Attributes:
        action: "learning_rate" sets this run's own rate; "train_on" adds a phase in which the run
            has this rate, "start_over" returns to one phase in which it has; any other is the name
            of a setting that all runs share.
        value: Of the rate or the setting.
    """

    text: str
    label: str
    action: str
    value: float | str


@dataclass(frozen=True)
class Best:
    """The fastest round rate from a start, by the theory or, where there is none, by experience.

    Attributes:
        steps: It needs; None where nobody knows.
    """

    rate: float
    steps: int | None


def best(quadratic: Quadratic, facts: Facts, start: tuple[float, float]) -> Best:
    """Return the fastest round rate from this start for the rule of the last phase."""
    rule = facts.last.rule
    if isinstance(rule, SCALED):
        return Best(rates.suggestions(quadratic, rule, *start)["good"], None)
    grid = rates.grid(rates.reference(quadratic, rule))
    return Best(*Dynamics(quadratic, rule).fastest(TOLERANCE, grid, *start))


def advise(quadratic: Quadratic, facts: Facts, fastest: Best) -> Advice:
    """Return the next thing to try."""
    if facts.at_minimum:
        bias = round(facts.initial_bias) + (1.0 if facts.initial_bias < 0 else -1.0)
        text = "There is nothing to train from here. Move the start."
        return Advice(text, f"Start at bias {number(bias)}", "initial_bias", bias)
    label, target = f"Try {number(fastest.rate)}", (fastest.rate,)
    if facts.zone is not None and not facts.zone.is_stable:
        critical = rates.reference(quadratic, facts.last.rule)
        text = f"Stay below the critical rate {number(critical)}."
        return Advice(text, label, "learning_rate", *target)
    is_lost = facts.diverged or (facts.is_hovering and facts.measured_steps is None)
    if is_lost and not facts.is_predicted:
        smaller = min(fastest.rate, facts.learning_rate / 2)
        text = "Take a smaller rate."
        return Advice(text, f"Try {number(smaller)}", "learning_rate", smaller)
    if facts.measured_steps is None:
        return _give_it_time(facts, fastest)
    if not facts.is_predicted:
        smaller = float(f"{facts.learning_rate / CLOSER:.2g}")
        jumps = "jumps less" if facts.last.batch_size else "takes shorter steps"
        text = f"It is close. A smaller rate {jumps}, and comes closer still."
        return Advice(text, f"Train on at {number(smaller)}", "train_on", smaller)
    if fastest.steps is not None and fastest.steps < facts.measured_steps[1]:
        if len(facts.phases) > 1:
            text = f"From the start {number(fastest.rate)} alone needs {steps(fastest.steps)}."
            return Advice(text, f"Start over at {number(fastest.rate)}", "start_over", *target)
        if not facts.last.is_constant:
            text = f"At a constant {number(fastest.rate)} it needs {steps(fastest.steps)}."
            return Advice(text, "Keep the rate constant", "schedule", "constant")
        text = f"The fastest round rate from this start needs {steps(fastest.steps)}."
        return Advice(text, label, "learning_rate", *target)
    return _to_the_edge(quadratic, facts)


def _give_it_time(facts: Facts, fastest: Best) -> Advice:
    """Return what brings a run that is still on its way to the minimum."""
    predicted, before = facts.predicted_steps, facts.num_steps - facts.last.num_steps
    most = checks.MAX_STEPS - before
    if predicted is not None and before < predicted <= checks.MAX_STEPS:
        needed = max(min(round_up(predicted - before), most), predicted - before)
        text = f"At this rate it needs {steps(predicted)}. Give it that long."
        return Advice(text, f"Train {steps(needed)}", "num_steps", needed)
    if not facts.last.is_constant:
        text = "Its schedule does not bring it there in these steps. Keep the rate constant."
        return Advice(text, "Keep the rate constant", "schedule", "constant")
    if not facts.is_predicted:
        if facts.learning_rate < fastest.rate / 2:
            text = f"{number(fastest.rate)} is a good start from here."
            return Advice(text, f"Try {number(fastest.rate)}", "learning_rate", fastest.rate)
        text = "No formula says how long it needs. Give it as long again."
        return Advice(text, "Train on", "train_on", facts.learning_rate)
    here, there = (
        "more steps than can be counted" if need is None else steps(need)
        for need in (predicted, fastest.steps)
    )
    text = f"At this rate it needs {here}, at {number(fastest.rate)} {there}."
    return Advice(text, f"Try {number(fastest.rate)}", "learning_rate", fastest.rate)


def _to_the_edge(quadratic: Quadratic, facts: Facts) -> Advice:
    """Return where there is still something to see, for a run that nothing makes faster."""
    critical = rates.reference(quadratic, facts.last.rule)
    grid = rates.grid(critical)
    below, above = grid[grid < critical * 0.999], grid[grid > critical * 1.001]
    edge = float(below[-1])
    text = "No round rate is faster from this start. Go to the edge and watch it overshoot."
    if facts.learning_rate >= edge:
        edge = float(above[0])
        text = "No round rate is faster from this start. Go over the edge and watch it jump out."
    return Advice(text, f"Try {number(edge)}", "learning_rate", np.float64(edge).item())
