"""A run in words: what it did, and why."""

import math
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from linreg.runs.history import History
from linreg.runs.phases import Phase
from linreg.runs.rules import Plain
from linreg.telling.advice import Advice, advise, best
from linreg.telling.facts import Facts, gather, is_flat_left
from linreg.theory import OF_DISTANCE, OF_VARIANCE, TOLERANCE, Quadratic, Zone
from linreg.theory.dynamics import Dynamics
from linreg.theory.noise import BatchNoise
from linreg.words import at_step, factor, number, percent, share, steps

FLAT = 1e6  # above this condition number a direction is called flat
JUMPED = 1.5  # times the initial excess loss: a run that went further out is said to have
NOTHING = 1e-11  # of the initial excess loss: less than this is not told apart
BEYOND = "took it beyond all numbers"
LANDS = {
    Zone.OVERSHOOTS: "it lands on the other side, but closer",
    Zone.BOUNCES: "it lands on the other side, just as far",
    Zone.DIVERGES: "it lands on the other side, further away",
}


@dataclass(frozen=True)
class Verdict:
    """What there is to say of one run: its outcome in a word, in a sentence, why, what next."""

    facts: Facts
    outcome: str
    headline: str
    reason: str
    advice: Advice


def judge(
    quadratic: Quadratic, history: History, expected: History, noise: BatchNoise
) -> list[Verdict]:
    """Return the verdict on every run: zones from the theory, facts from the history, as gathered."""
    start = float(history.weight[0, 0]), float(history.bias[0, 0])
    gathered = gather(quadratic, history, expected, noise)
    fastest = best(quadratic, history.phases[-1].rule, start)
    verdicts = []
    for facts in gathered:
        next_thing = advise(quadratic, facts, start, fastest)
        verdicts.append(Verdict(facts, *_outcome(facts), _reason(quadratic, facts), next_thing))
    return verdicts


def _outcome(facts: Facts) -> tuple[str, str]:
    """Return the outcome in a word and in a sentence; of several phases the sentence tells all."""
    word, sentence = _of_the_whole(facts)
    if len(facts.phases) == 1 or facts.measured.at_minimum:
        return word, sentence
    missing = f" But {_missing(facts)}." if word == "too slow" and facts.measured.loss_steps else ""
    return word, _story(facts) + missing


def _of_the_whole(facts: Facts) -> tuple[str, str]:
    known, zone = facts.measured, facts.foretold.zone
    after = f"after {steps(facts.num_steps)}"
    left = f"{percent(known.excess_loss_left)} of the excess loss left {after}"
    loss = f"loss {number(known.loss)}"
    if known.at_minimum:
        return "at the minimum", "Starts in the minimum and stays: both gradients are 0."
    if zone is Zone.BOUNCES:
        return "bounces", f"Jumps from side to side for ever: {left}."
    if known.overflow_step is not None:
        beyond = f"beyond all numbers by step {known.overflow_step:,}"
        return "diverged", f"Jumps out of the minimum: {beyond}."
    if known.diverged and _is_at_home(facts):
        return "jumps about", f"Jumps around the minimum it started near: {loss}."
    if known.diverged and zone is not None and zone.is_stable:
        return "too slow", f"Still on its way, and further out than it began: {left}."
    if known.diverged:
        return "diverged", f"Jumps out of the minimum: {loss} {after}."
    if zone is Zone.DIVERGES:
        return "unstable", (
            f"Will jump out of the minimum, though {after} the loss is still below where it "
            "began: the steep error grows, but is still small."
        )
    gone = known.loss_steps and (
        f"{percent(1 - TOLERANCE)} of the excess loss gone at step {at_step(known.loss_steps)}"
    )
    if gone and known.steps is not None:
        way = f"First out to {number(known.peak)} times the excess loss, then "
        is_same = known.loss_steps == known.steps
        there = "is there" if is_same else f"there at step {at_step(known.steps)}"
        sentence = f"{way * (known.peak > JUMPED)}{gone}, and the line {there}."
        return "converged", sentence + _jumps(facts)
    word = "jumps about" if known.is_hovering else "too slow"
    if gone:
        return word, f"{gone}, but {_missing(facts)}.{_jumps(facts) * known.is_hovering}"
    lacks = "Jumps about and comes no closer" if known.is_hovering else "Still on its way"
    return word, f"{lacks}: {left}."


def _jumps(facts: Facts) -> str:
    """Return how far mini-batches make a run jump that has come close; nothing without them."""
    if facts.measured.floor is None:
        return ""
    return f" Then it jumps around the minimum, {share(facts.measured.left_after[-1])} left on average."


def _missing(facts: Facts) -> str:
    """Return what a run that has little of its excess loss left still lacks."""
    distance, excess = facts.measured.distance_left, facts.measured.excess_of_variance
    if distance > OF_DISTANCE:
        return f"{percent(distance)} of the way to the minimum is left"
    if excess > OF_VARIANCE:
        return f"the loss is {percent(excess)} of y's variance above the least"
    return "it does not stay within that"


def _is_at_home(facts: Facts) -> bool:
    """Return whether a run is above where it began only because that was so near the minimum."""
    if not facts.last.rule.is_linear:
        return facts.measured.is_hovering
    measured, expected = facts.measured.floor, facts.foretold.floor
    return measured is not None and expected is not None and measured <= 2 * expected


def _story(facts: Facts) -> str:
    """Return what each phase did to the excess loss, in one sentence; the same ones told as one."""
    told: list[list] = []  # phase, steps, gap left
    for phase, left in zip(facts.phases, facts.measured.left_after, strict=True):
        if told and replace(told[-1][0], num_steps=phase.num_steps) == phase:
            told[-1][1:] = told[-1][1] + phase.num_steps, left
        else:
            told.append([phase, phase.num_steps, left])
    phase, taken, left = told[0]
    brought = f"brought it to {share(left)} of the gap"
    if left > 1:
        brought = f"made the excess loss {number(left)} times what it was"
    parts = [f"{_name(facts, phase)} for {steps(taken)} {brought if left < math.inf else BEYOND}"]
    for (_, _, before), (phase, taken, left) in pairwise(told):
        parts.append(f"{_name(facts, phase)} then {_moved(phase, taken, before, left)}")
    if len(parts) > 4:
        parts = [parts[0], f"{len(parts) - 3} other ways followed", *parts[-2:]]
    text = "; ".join(parts)
    return text[0].upper() + text[1:] + "."


def _name(facts: Facts, phase: Phase) -> str:
    rate = number(phase.learning_rates[facts.run])
    kinds = {one.rule for one in facts.phases}, {one.schedule for one in facts.phases}
    ways = [phase.rule.title] * (len(kinds[0]) > 1)
    ways += [phase.schedule.title.lower()] * (len(kinds[1]) > 1)
    if phase.batch_size is not None:
        ways.append(f"mini-batches of {phase.batch_size:,}")
    return f"{', '.join(ways)} at {rate}" if ways else rate


def _moved(phase: Phase, taken: int, before: float, left: float) -> str:
    """Return what a later phase did to the gap that the one before it left."""
    if not left < math.inf:
        return BEYOND
    if phase.batch_size:
        return f"kept it jumping at {share(left)} for {taken:,}"
    if before / 1.1 <= left <= before * 1.1 or max(left, before) < NOTHING:
        return f"moved it no further in {taken:,}"
    verb = "brought it" if left < before else "took it back" if left <= 1 else "widened it"
    return f"{verb} to {share(left)} in {taken:,}"


def _reason(quadratic: Quadratic, facts: Facts) -> str:
    """Return why, with a number that can be checked."""
    phase, rule = facts.last, facts.last.rule
    if facts.measured.at_minimum:
        return "The initial weight and bias are the minimum."
    if not rule.is_linear:
        return (
            f"{rule.title} divides every gradient by the size of those before it: the rate is the "
            "length of a step, and no formula says where it goes."
        )
    if phase.batch_size is not None:
        return _of_mini_batches(quadratic, facts)
    dynamics = Dynamics(quadratic, rule)
    if not phase.is_constant:
        return _of_schedule(dynamics, facts)
    if is_flat_left(facts):
        foretold, left = facts.foretold.steps, percent(facts.measured.errors_left[0])
        needs = "more steps than can be counted" if foretold is None else steps(foretold)
        each = factor(abs(dynamics.roots(facts.learning_rate)[0, 0]))
        return (
            f"The steep direction is done, the flat one has {left} to go and needs {needs} at this "
            f"rate: each multiplies the error along it by {each}."
        )
    return _of_factors(quadratic, dynamics, facts)


def _of_factors(quadratic: Quadratic, dynamics: Dynamics, facts: Facts) -> str:
    """Return what each step multiplies the errors by, at a constant rate."""
    rate, zone, momentum = facts.learning_rate, facts.foretold.zone, dynamics.momentum
    (flat, steep), each = quadratic.factors(rate), "Each step"
    if momentum:
        root, steep_root = dynamics.roots(rate)[:, 0]
        swing = dynamics.swing(rate)
        if swing is not None:
            return (
                f"The velocity carries the steep error past the minimum and back in {number(swing)} "
                f"steps; each step multiplies the swing by {factor(abs(steep_root)).lstrip('+')}."
            )
        flat, steep, each = abs(root), steep_root.real, "In the long run each step"
    each = f"{each} multiplies the steep error by"
    if zone in LANDS:
        return f"{each} {number(steep, signed=True)}: {LANDS[zone]}."
    if facts.measured.steps is not None and not momentum:
        return f"{each} {factor(steep)}: it stays on its side."
    if quadratic.condition_number > FLAT and not momentum:
        return (
            f"κ is {number(quadratic.condition_number)}, which leaves a flat direction: each step "
            f"multiplies the error along it by {factor(flat)}."
        )
    return f"{each} {factor(steep)}, the flat one by {factor(flat)}."


def _of_schedule(dynamics: Dynamics, facts: Facts) -> str:
    phase = facts.last
    ends = facts.learning_rate * phase.schedule.multiples(np.array([0, phase.num_steps - 1]))
    first, last = (number(float(rate)) for rate in ends)
    return (
        f"{phase.schedule.title}: the rate is {first} in the first step and {last} in the last. "
        f"Steps above {number(dynamics.critical_learning_rate)} drive it away, all others bring it "
        "closer."
    )


def _of_mini_batches(quadratic: Quadratic, facts: Facts) -> str:
    phase = facts.last
    seen = f"Each step sees {phase.batch_size:,} of {facts.num_points:,} points"
    if type(phase.rule) is not Plain or not phase.is_constant:
        way = phase.schedule if type(phase.rule) is Plain else phase.rule
        return f"{seen}. With {way.title.lower()} no formula says where they lead."
    if facts.learning_rate >= quadratic.critical_learning_rate:
        return f"{seen}. Above the critical rate they drive it away, as all points would."
    if facts.foretold.floor is None:
        return f"{seen}. So near the critical rate no formula says how far that makes it jump."
    expected = f"excess loss {number(facts.foretold.floor)} expected in the long run"
    if facts.measured.floor is None or not facts.foretold.is_settled:
        return f"{seen}, so it will never come to rest: {expected}."
    return (
        f"{seen}, so it never comes to rest: {expected}, {number(facts.measured.floor)} measured "
        "(mean of ten shuffles)."
    )
