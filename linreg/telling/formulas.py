"""The update of one step as formulas with numbers in them, for a pocket calculator."""

import math
from collections.abc import Callable

import numpy as np

from linreg.runs.phases import Adam, Momentum, Nesterov, Plain, RMSprop, Rule

DIGITS = 8  # significant ones: a learner types them in
Update = tuple[list[str], float]  # lines, and the value that they come to


def told(value: float) -> str:
    """Return a number with as many digits as a pocket calculator takes.

    Example:
        >>> told(-0.5), told(1e-12), told(float("inf"))
        ('−0.5', '1e−12', '∞')
    """
    text = f"{value:.{DIGITS}g}".replace("-", "−")
    return text.replace("e+0", "e").replace("e+", "e").replace("e−0", "e−").replace("inf", "∞")


def line(weight: float, bias: float) -> str:
    """Return the formula of a line.

    Example:
        >>> line(0.0, -1.0)
        '0 · x − 1'
    """
    sign = "−" if bias < 0 else "+"
    return f"{told(weight)} · x {sign} {told(abs(bias))}"


def update(
    letter: str, rule: Rule, value: float, gradients: np.ndarray, rates: np.ndarray
) -> Update:
    """Return a rule's formulas for one parameter, with the numbers of a step in them.

    Args:
        letter: Of the parameter.
        rule: That makes the update.
        value: Before the update.
        gradients: By this parameter, of all steps that the rule remembers, this step's last.
        rates: Of these steps.

    Returns:
        A line for each formula, and the value after the update.

    Example:
        >>> update("w", Plain(), 1.0, np.array([2.0]), np.array([0.25]))
        (['w ← w − η·g = 1 − 0.25 · (2) = <b>0.5</b>'], 0.5)
    """
    with np.errstate(all="ignore"):
        lines, after = _UPDATES[type(rule)](letter, rule, value, gradients, rates)
    return lines, float(after)


def _plain(letter: str, rule: Rule, value: float, gradients, rates) -> Update:
    after = value - rates[-1] * gradients[-1]
    numbers = f"{told(value)} − {told(rates[-1])} · ({told(gradients[-1])})"
    return [f"{letter} ← {letter} − η·g = {numbers} = <b>{told(after)}</b>"], after


def _velocity(rule: Momentum | Nesterov, gradients, rates) -> tuple[float, str]:
    """Return the velocity after this step, and its formula."""
    before = 0.0
    for gradient, rate in zip(gradients[:-1], rates[:-1], strict=True):
        before = rule.momentum * before - rate * gradient
    after = rule.momentum * before - rates[-1] * gradients[-1]
    numbers = (
        f"{told(rule.momentum)} · ({told(before)}) − {told(rates[-1])} · ({told(gradients[-1])})"
    )
    return after, f"v ← β·v − η·g = {numbers} = <b>{told(after)}</b>"


def _momentum(letter: str, rule: Momentum, value: float, gradients, rates) -> Update:
    velocity, first = _velocity(rule, gradients, rates)
    after = value + velocity
    numbers = f"{told(value)} + ({told(velocity)})"
    return [first, f"{letter} ← {letter} + v = {numbers} = <b>{told(after)}</b>"], after


def _nesterov(letter: str, rule: Nesterov, value: float, gradients, rates) -> Update:
    velocity, first = _velocity(rule, gradients, rates)
    after = value + rule.momentum * velocity - rates[-1] * gradients[-1]
    numbers = (
        f"{told(value)} + {told(rule.momentum)} · ({told(velocity)}) − {told(rates[-1])} · "
        f"({told(gradients[-1])})"
    )
    return [first, f"{letter} ← {letter} + β·v − η·g = {numbers} = <b>{told(after)}</b>"], after


def _mean(letter: str, share: tuple[str, float], values, power: str) -> tuple[float, str]:
    """Return a running mean after this step, and its formula.

    Args:
        letter: Of the mean.
        share: What it keeps of itself in each step: symbol and number.
        values: Of all steps; the last one is this step's.
        power: "" for the mean of the gradients, "²" for that of their squares.
    """
    symbol, kept = share
    squares = values * values if power else values
    before = 0.0
    for one in squares[:-1]:
        before = kept * before + (1 - kept) * one
    after = kept * before + (1 - kept) * squares[-1]
    numbers = f"{told(kept)} · ({told(before)}) + {told(1 - kept)} · ({told(values[-1])}){power}"
    formula = f"{letter} ← {symbol}·{letter} + (1 − {symbol})·g{power}"
    return after, f"{formula} = {numbers} = <b>{told(after)}</b>"


def _rmsprop(letter: str, rule: RMSprop, value: float, gradients, rates) -> Update:
    square, first = _mean("s", ("ρ", rule.rho), gradients, "²")
    after = value - rates[-1] * gradients[-1] / np.sqrt(square + rule.epsilon)
    numbers = (
        f"{told(value)} − {told(rates[-1])} · ({told(gradients[-1])}) / √({told(square)} + "
        f"{told(rule.epsilon)})"
    )
    return [
        first,
        f"{letter} ← {letter} − η·g / √(s + ε) = {numbers} = <b>{told(after)}</b>",
    ], after


def _adam(letter: str, rule: Adam, value: float, gradients, rates) -> Update:
    mean, first = _mean("m", ("β₁", rule.beta_1), gradients, "")
    square, second = _mean("s", ("β₂", rule.beta_2), gradients, "²")
    made = gradients.size
    parts = 1 - rule.beta_2**made, 1 - rule.beta_1**made
    rate = rates[-1] * math.sqrt(parts[0]) / parts[1]
    third = (
        f"h = η·√(1 − β₂^{made}) / (1 − β₁^{made}) = {told(rates[-1])} · √{told(parts[0])} / "
        f"{told(parts[1])} = <b>{told(rate)}</b>"
    )
    after = value - rate * mean / (np.sqrt(square) + rule.epsilon)
    numbers = (
        f"{told(value)} − {told(rate)} · ({told(mean)}) / (√{told(square)} + {told(rule.epsilon)})"
    )
    last = f"{letter} ← {letter} − h·m / (√s + ε) = {numbers} = <b>{told(after)}</b>"
    return [first, second, third, last], after


_UPDATES: dict[type[Rule], Callable[..., Update]] = {
    Plain: _plain,
    Momentum: _momentum,
    Nesterov: _nesterov,
    RMSprop: _rmsprop,
    Adam: _adam,
}
