"""The next thing to try, from what is known of a run."""

from dataclasses import dataclass
from functools import lru_cache

from linreg import checks
from linreg.runs.phases import MAX_PHASES
from linreg.runs.rules import Rule
from linreg.telling.facts import Facts, is_flat_left
from linreg.theory import Quadratic, rates
from linreg.theory.dynamics import Dynamics
from linreg.words import number, round_up, steps

LONG_VALLEY = 100  # a condition number from which scaling is worth it
CLOSER = 10  # by what a rate is divided to come closer


@dataclass(frozen=True)
class Advice:
    """The next thing to try: a sentence, the button's label, and what it does.

    The action "learning_rate" sets this run's own rate; "constant" does, and takes the schedule
    away; "train_on" adds a phase in which the run has this rate, "start_over" returns to the first
    phase and gives it this rate; any other is the name of a setting that all runs share.
    """

    text: str
    label: str
    action: str
    value: float | str  # of the rate or the setting


@dataclass(frozen=True)
class Best:
    """The fastest round rate from a start, by the theory or, where there is none, by experience."""

    rate: float
    steps: int | None  # it needs; None where nobody knows


@lru_cache(maxsize=256)  # the same for every run of the same data
def best(quadratic: Quadratic, rule: Rule, start: tuple[float, float]) -> Best:
    """Return the fastest round rate from this start for an update rule."""
    if not rule.is_linear:
        return Best(rates.suggestions(quadratic, rule, start)["good"], None)
    grid = rates.grid(rates.reference(quadratic, rule))
    return Best(*Dynamics(quadratic, rule).fastest(quadratic.goal(start), grid, start))


def advise(quadratic: Quadratic, facts: Facts, start: tuple[float, float], fastest: Best) -> Advice:
    """Return the next thing to try.

    Args:
        quadratic: The loss of the data.
        facts: What is known of the run.
        start: Its weight and bias at step 0.
        fastest: From there, for the rule of the last phase.
    """
    if facts.measured.at_minimum:
        bias = round(facts.initial_bias) + (1.0 if facts.initial_bias < 0 else -1.0)
        text = "There is nothing to train from here. Move the start."
        return Advice(text, f"Start at bias {number(bias)}", "initial_bias", bias)
    before = facts.num_steps - facts.last.num_steps
    measured, zone = facts.measured, facts.foretold.zone
    if measured.overflow_step is not None and measured.overflow_step <= before:
        text = "An earlier phase took it beyond all numbers, and nothing brings it back."
        return _start_over(text, best(quadratic, facts.phases[0].rule, start).rate)
    if zone is not None and not zone.is_stable:
        critical = rates.reference(quadratic, facts.last.rule)
        return _try(f"Stay below the critical rate {number(critical)}.", fastest.rate)
    is_close = measured.is_hovering and measured.loss_steps is not None
    if zone is None and (measured.diverged or (measured.is_hovering and not is_close)):
        smaller = max(min(fastest.rate, facts.learning_rate / 2), checks.MIN_LEARNING_RATE)
        return _try("Take a smaller rate.", smaller)
    if measured.steps is None and (facts.last.is_predictable or not is_close):
        return _give_it_time(facts, fastest, quadratic.condition_number > LONG_VALLEY)
    if measured.steps is None or not facts.last.is_predictable:
        smaller = float(f"{facts.learning_rate / CLOSER:.2g}")
        jumps = "jumps less" if facts.last.batch_size else "takes shorter steps"
        text = f"It is close. A smaller rate {jumps}, and comes closer still."
        return _train_on(facts, text, max(smaller, checks.MIN_LEARNING_RATE))
    if len(facts.phases) > 1:
        return _again_from_the_start(quadratic, facts, start)
    if fastest.steps is None or fastest.steps >= measured.steps[1]:
        return _to_the_edge(quadratic, facts)
    if not facts.last.is_constant:
        return _keep_constant(fastest)
    text = f"The fastest round rate from this start needs {steps(fastest.steps)}."
    return _try(text, fastest.rate)


def _again_from_the_start(quadratic: Quadratic, facts: Facts, start: tuple[float, float]) -> Advice:
    """Return what the first phase could have done alone, for a run that has arrived since."""
    opening = facts.phases[0]
    first = best(quadratic, opening.rule, start)
    text = f"It has arrived. {number(first.rate)} is a good rate from the start."
    if opening.is_predictable and opening.is_constant and first.steps is not None:
        text = f"It has arrived. {number(first.rate)} is the fastest round rate from the start."
        if first.steps <= opening.num_steps:
            text = f"From the start {number(first.rate)} alone needs {steps(first.steps)}."
    return _start_over(text, first.rate)


def _try(text: str, rate: float) -> Advice:
    return Advice(text, f"Try {number(rate)}", "learning_rate", rate)


def _start_over(text: str, rate: float) -> Advice:
    return Advice(text, f"Start over at {number(rate)}", "start_over", rate)


def _train_on(facts: Facts, text: str, rate: float) -> Advice:
    """Return the advice to train on at a rate, or to take it from the start if there is no room."""
    is_same = rate == facts.learning_rate
    has_room = facts.num_steps + facts.last.num_steps <= checks.MAX_STEPS
    if len(facts.phases) < MAX_PHASES and has_room:
        label = "Train on" if is_same else f"Train on at {number(rate)}"
        return Advice(text, label, "train_on", rate)
    return _start_over("There is no room for more steps.", rate) if is_same else _try(text, rate)


def _keep_constant(fastest: Best) -> Advice:
    does = "is a good rate" if fastest.steps is None else f"needs {steps(fastest.steps)}"
    text = f"Without a schedule {number(fastest.rate)} {does}."
    return Advice(text, f"Try a constant {number(fastest.rate)}", "constant", fastest.rate)


def _give_it_time(facts: Facts, fastest: Best, is_long: bool) -> Advice:
    """Return what brings a run that is still on its way to the minimum; scaling, in a long valley."""
    predicted, before = facts.foretold.steps, facts.num_steps - facts.last.num_steps
    here, there = (
        "more steps than can be counted" if need is None else steps(need)
        for need in (predicted, fastest.steps)
    )
    standardise = Advice(
        f"At this rate it needs {here}, at the best one {there}. Standardised x needs a few.",
        *("Standardise x", "scale", "standardised"),
    )
    if is_long and is_flat_left(facts):
        return standardise
    most = checks.MAX_STEPS - before
    if predicted is not None and facts.num_steps < predicted <= checks.MAX_STEPS:
        needed = max(min(round_up(predicted - before), most), predicted - before)
        text = f"At this rate it needs {steps(predicted)}. Give it that long."
        return Advice(text, f"Train {steps(needed)}", "num_steps", needed)
    if not facts.last.is_constant:
        return _keep_constant(fastest)
    if not facts.foretold.is_exact:
        if facts.learning_rate < fastest.rate / 2:
            return _try(f"{number(fastest.rate)} is a good start from here.", fastest.rate)
        text = "No formula says how long it needs. Give it as long again."
        return _train_on(facts, text, facts.learning_rate)
    if fastest.steps is None or fastest.steps > checks.MAX_STEPS:
        return standardise
    text = f"At this rate it needs {here}, at {number(fastest.rate)} {there}."
    return _try(text, fastest.rate)


def _to_the_edge(quadratic: Quadratic, facts: Facts) -> Advice:
    """Return where there is still something to see, for a run that nothing makes faster."""
    critical = rates.reference(quadratic, facts.last.rule)
    grid = rates.grid(critical)
    edge, goes = float(grid[grid < critical * 0.999][-1]), "to the edge and watch it overshoot"
    if facts.learning_rate >= edge:
        edge, goes = float(grid[grid > critical * 1.001][0]), "over the edge and watch it jump out"
    return _try(f"No round rate is faster from this start. Go {goes}.", edge)
