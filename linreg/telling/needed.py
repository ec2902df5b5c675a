"""How many steps a run needs, in words: predicted and measured, and for the loss alone."""

from collections.abc import Callable

from linreg.telling.facts import Facts
from linreg.words import at_step, number, percent


def steps_needed(facts: Facts, of_loss: bool = False) -> tuple[str, str]:
    """Return the steps needed as predicted and as measured, in words; or those of the loss alone."""
    needed, reached = facts.foretold.steps, facts.measured.steps
    if of_loss:
        needed, reached = facts.foretold.loss_steps, facts.measured.loss_steps
    predicted = "never"
    if needed is not None:
        predicted = f"{needed:,}"
    elif not facts.foretold.is_exact:
        predicted = "unknown"
    elif not facts.last.is_constant:
        predicted = f"> {facts.num_steps:,}"
    return predicted, f"> {facts.num_steps:,}" if reached is None else at_step(reached)


def sentence(facts: Facts, is_measured: bool, emphasise: Callable[[str], str] = str) -> str:
    """Return what a run needs to converge; for the loss alone, too, where that is different.

    Args:
        facts: What is known of the run.
        is_measured: Whether it was, or is predicted only.
        emphasise: What is done with a number that matters, `<` among its letters or not.
    """
    predicted, measured = steps_needed(facts)
    measured = f"{emphasise(measured if is_measured else '…')} measured"
    text = f"Steps needed: {measured}, none predicted"
    if facts.foretold.is_exact:
        text = f"Steps needed: {emphasise(predicted)} predicted, {measured}"
    of_loss = steps_needed(facts, of_loss=True)
    if of_loss != steps_needed(facts):
        known = of_loss[not facts.foretold.is_exact : 1 + is_measured]
        alone = " and ".join(emphasise(one) for one in dict.fromkeys(known))
        text += f"; for the loss alone {alone}" if known else ""
    return f"{text}."


def in_short(facts: Facts, outcome: str) -> str:
    """Return what there is to say of an outcome in a few words, with its number."""
    known, foretold = facts.measured, facts.foretold
    if outcome == "at the minimum":
        return "both gradients are 0"
    if known.overflow_step is not None:
        return f"beyond all numbers by step {known.overflow_step:,}"
    if outcome in ("diverged", "unstable"):
        return f"loss {number(known.loss)} after {facts.num_steps:,} steps"
    if outcome == "converged" and known.steps and known.loss_steps:
        alone = f", its loss at {at_step(known.loss_steps)}"
        return f"at step {at_step(known.steps)}{alone * (known.loss_steps != known.steps)}"
    if foretold.steps is not None and foretold.steps > facts.num_steps:
        return f"needs {foretold.steps:,} steps"
    return f"{percent(known.excess_loss_left)} of the excess loss left"
