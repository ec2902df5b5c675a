"""A run in words: what it did, why, and what to try next."""

from dataclasses import dataclass

import numpy as np

from linreg import checks, rates
from linreg.history import History
from linreg.theory import Quadratic, Zone
from linreg.words import at_step, factor, number, percent, round_up, steps

TOLERANCE = 1e-3  # a run has converged when this share of its initial excess loss is left
FLAT = 1e6  # above this condition number a direction is called flat


@dataclass(frozen=True)
class Facts:
    """What is known of one run: predicted where the name says so, measured otherwise.

    Attributes:
        learning_rate: The run's own.
        num_steps: After which the run ended.
        initial_bias: Where the run's bias started.
        at_minimum: Whether the run started in the minimum and stayed there.
        zone: What the theory says this learning rate does.
        predicted_steps: Needed to bring the excess loss to TOLERANCE; None if never.
        measured_steps: Between which recorded steps that happened, after the first and by the
            second; None if it did not.
        diverged: Whether the loss ended above where it began.
        overflow_step: The first recorded step whose loss is not a finite number; None if none.
        weight: After the last step.
        bias: After the last step.
        loss: After the last step.
        excess_loss_left: Excess loss after the last step, as a share of the initial one.
        distance_left: The parameters' distance from the minimum, as a share of the initial one.
    """

    learning_rate: float
    num_steps: int
    initial_bias: float
    at_minimum: bool
    zone: Zone
    predicted_steps: int | None
    measured_steps: tuple[int, int] | None
    diverged: bool
    overflow_step: int | None
    weight: float
    bias: float
    loss: float
    excess_loss_left: float
    distance_left: float


@dataclass(frozen=True)
class Advice:
    """The next thing to try: a sentence, the button's label, and the setting it changes.

    Attributes:
        setting: "learning_rate" for this run's own rate, or the name of one that all runs share.
    """

    text: str
    label: str
    setting: str
    value: float


@dataclass(frozen=True)
class Verdict:
    """What there is to say of one run: its outcome in a word, in a sentence, why, what next."""

    facts: Facts
    outcome: str
    headline: str
    reason: str
    advice: Advice


def judge(quadratic: Quadratic, history: History) -> list[Verdict]:
    """Return the verdict on every run: zones from the theory, facts from the history.

    Args:
        quadratic: The loss of the data the runs were trained on.
        history: The runs, measured (or predicted, where nothing has been measured yet).
    """
    start = float(history.weight[0, 0]), float(history.bias[0, 0])
    grid = rates.grid(quadratic.critical_learning_rate)
    fastest = quadratic.fastest(TOLERANCE, grid, *start)
    verdicts = []
    for run in range(history.learning_rates.size):
        facts = gather(quadratic, history, run)
        advice = _advice(quadratic, facts, *fastest)
        verdicts.append(Verdict(facts, *_outcome(facts), _reason(quadratic, facts), advice))
    return verdicts


def gather(quadratic: Quadratic, history: History, run: int) -> Facts:
    """Return what is known of one run."""
    start, end = ((float(history.weight[run, k]), float(history.bias[run, k])) for k in (0, -1))
    learning_rate = float(history.learning_rates[run])
    at_minimum = quadratic.is_minimum(*start) and quadratic.is_minimum(*end)
    overflow = np.flatnonzero(~np.isfinite(history.loss[run]))
    return Facts(
        learning_rate=learning_rate,
        num_steps=int(history.step[-1]),
        initial_bias=start[1],
        at_minimum=at_minimum,
        zone=quadratic.zone(learning_rate),
        predicted_steps=0 if at_minimum else quadratic.steps_to(TOLERANCE, learning_rate, *start),
        measured_steps=(0, 0) if at_minimum else _measured_steps(quadratic, history, run),
        diverged=bool(history.diverged[run, -1]),
        overflow_step=int(history.step[overflow[0]]) if overflow.size else None,
        weight=end[0],
        bias=end[1],
        loss=float(history.loss[run, -1]),
        excess_loss_left=_share(quadratic.excess_loss(*end), quadratic.excess_loss(*start)),
        distance_left=_share(quadratic.distance(*end), quadratic.distance(*start)),
    )


def _share(left: float, initial: float) -> float:
    return float(left) / float(initial) if initial > 0 else 0.0


def _measured_steps(quadratic: Quadratic, history: History, run: int) -> tuple[int, int] | None:
    excess = quadratic.excess_loss(history.weight[run], history.bias[run])
    reached = np.flatnonzero(excess <= TOLERANCE * excess[0])
    if not reached.size:
        return None
    first = reached[0]
    return int(history.step[max(first - 1, 0)]), int(history.step[first])


def _outcome(facts: Facts) -> tuple[str, str]:
    """Return the outcome in a word and in a sentence."""
    after = f"after {steps(facts.num_steps)}"
    if facts.at_minimum:
        return "at the minimum", "Starts in the minimum and stays: both gradients are 0."
    if facts.zone is Zone.BOUNCES:
        left = percent(facts.excess_loss_left)
        return (
            "bounces",
            f"Jumps from side to side for ever: {left} of the excess loss left {after}.",
        )
    if facts.overflow_step is not None:
        at = f"beyond all numbers by step {facts.overflow_step:,}"
        return "diverged", f"Jumps out of the minimum: {at}."
    if facts.diverged:
        return "diverged", f"Jumps out of the minimum: loss {number(facts.loss)} {after}."
    if facts.zone is Zone.DIVERGES:
        return "unstable", (
            f"Will jump out of the minimum, though {after} the loss is still below where it "
            "began: the steep error grows, but is still small."
        )
    if facts.measured_steps is not None:
        gone = percent(1 - TOLERANCE)
        at = at_step(facts.measured_steps)
        return "converged", f"{gone} of the excess loss gone at step {at}."
    return (
        "too slow",
        f"Still on its way: {percent(facts.excess_loss_left)} of the excess loss left {after}.",
    )


def _reason(quadratic: Quadratic, facts: Facts) -> str:
    """Return why, with a number that can be checked."""
    flat, steep = quadratic.factors(facts.learning_rate)
    if facts.at_minimum:
        return "The initial weight and bias are the minimum."
    lands = {
        Zone.OVERSHOOTS: "it lands on the other side, but closer",
        Zone.BOUNCES: "it lands on the other side, just as far",
        Zone.DIVERGES: "it lands on the other side, further away",
    }
    if facts.zone in lands:
        each = f"Each step multiplies the steep error by {number(steep, signed=True)}"
        return f"{each}: {lands[facts.zone]}."
    if facts.measured_steps is not None:
        return f"Each step multiplies the steep error by {factor(steep)}: it stays on its side."
    if quadratic.condition_number > FLAT:
        return (
            "All x are nearly equal, which leaves a flat direction: each step multiplies the error "
            f"along it by {factor(flat)}."
        )
    return (
        f"Each step multiplies the steep error by {factor(steep)}, the flat one by {factor(flat)}."
    )


def _advice(quadratic: Quadratic, facts: Facts, best: float, best_steps: int | None) -> Advice:
    """Return the next thing to try; best is the fastest round rate from this start."""
    critical = quadratic.critical_learning_rate
    if facts.at_minimum:
        bias = round(facts.initial_bias) + (1.0 if facts.initial_bias < 0 else -1.0)
        text = "There is nothing to train from here. Move the start."
        return Advice(text, f"Start at bias {number(bias)}", "initial_bias", bias)
    label = f"Try {number(best)}"
    if not facts.zone.is_stable:
        text = f"Stay below the critical rate {number(critical)}."
        return Advice(text, label, "learning_rate", best)
    predicted = facts.predicted_steps
    if facts.measured_steps is None:
        if predicted is not None and predicted <= checks.MAX_STEPS:
            needed = max(min(round_up(predicted), checks.MAX_STEPS), predicted)
            text = f"At this rate it needs {steps(predicted)}. Give it that long."
            return Advice(text, f"Train {steps(needed)}", "num_steps", needed)
        here, there = (
            "more steps than can be counted" if need is None else steps(need)
            for need in (predicted, best_steps)
        )
        text = f"At this rate it needs {here}, at {number(best)} {there}."
        return Advice(text, label, "learning_rate", best)
    if best_steps is not None and predicted is not None and best_steps < predicted:
        text = f"The fastest round rate from this start needs {steps(best_steps)}."
        return Advice(text, label, "learning_rate", best)
    grid = rates.grid(critical)
    below, above = grid[grid < critical * 0.999], grid[grid > critical * 1.001]
    if facts.learning_rate < below[-1]:
        text = "No round rate is faster from this start. Go to the edge and watch it overshoot."
        return Advice(text, f"Try {number(below[-1])}", "learning_rate", float(below[-1]))
    text = "No round rate is faster from this start. Go over the edge and watch it jump out."
    return Advice(text, f"Try {number(above[0])}", "learning_rate", float(above[0]))


def sentence(quadratic: Quadratic, learning_rates: list[float]) -> str:
    """Return where this data's critical rate is, and in which zone each rate lies."""
    critical = number(quadratic.critical_learning_rate)
    *first, last = (f"**{number(rate)}** {quadratic.zone(rate)}" for rate in learning_rates)
    zones = f"{', '.join(first)} and {last}" if first else last
    return f"On this data every learning rate above **{critical}** diverges: {zones}."


def explanation(quadratic: Quadratic) -> str:
    """Return the formulas that predict a run and the four zones, with this data's numbers."""
    flat, steep = quadratic.eigenvalues
    edges = [number(1 / steep), number(2 / steep)]
    return (
        "The loss of a line is a bowl, steep in one direction and flat across it. Gradient descent "
        "takes the slope at its place and steps downhill by a learning rate's worth of it:\n\n"
        r"$$L(w, b) = \frac1n \sum_i (w x_i + b - y_i)^2 \qquad"
        r" (w, b) \leftarrow (w, b) - \eta\, \nabla L$$"
        "\n\nAlong each of the two directions a step multiplies the error, the distance to the "
        "minimum, by a fixed factor. So every run can be predicted, and it is the steep direction "
        "that sets the limit:\n\n"
        r"$$\text{error}_k = (1 - \eta \lambda)^k\, \text{error}_0 \qquad"
        r" \eta_\text{critical} = \frac{2}{\lambda_\text{max}}$$"
        f"\n\nOn this data λ is **{number(flat)}** (flat) and **{number(steep)}** (steep); the loss "
        "is the plain mean, and with a factor ½ in front every limit would double.\n\n"
        "| learning rate η | factor of the steep error | what happens |\n|:--|:--|:--|\n"
        f"| up to {edges[0]} | 0 to 1 | {Zone.CONVERGES} |\n"
        f"| {edges[0]} to {edges[1]} | −1 to 0 | {Zone.OVERSHOOTS} |\n"
        f"| exactly {edges[1]} | −1 | {Zone.BOUNCES} |\n"
        f"| above {edges[1]} | below −1 | {Zone.DIVERGES} |\n\n"
        "What the verdicts call the excess loss is the loss above the least possible one. The exact "
        "solution needs no steps at all; but the same loop, with other predictions, trains "
        "networks with thousands of weights, for which there is none. This is the loop, and the "
        "runs above are trained with its `predict` and `mean_squared_error`:"
    )


def largest_difference(measured: History, predicted: History) -> float:
    """Return the largest relative difference of the weights and biases, while both are finite.

    Relative to the largest parameter so far: digits lost on a long way out do not come back.
    """
    largest = 0.0
    with np.errstate(over="ignore", invalid="ignore"):
        size = np.maximum(np.abs(predicted.weight), np.abs(predicted.bias))
        size = np.maximum.accumulate(size, axis=1)
        for one, other in ((measured.weight, predicted.weight), (measured.bias, predicted.bias)):
            gap = np.abs(one - other) / np.where(size > 0, size, 1)
            gap = gap[np.isfinite(one) & np.isfinite(other) & np.isfinite(gap)]
            largest = max(largest, float(gap.max(initial=0.0)))
    return largest
