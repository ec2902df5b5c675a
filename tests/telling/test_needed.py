"""What the header of a run says in a few words, against a loop of NumPy."""

import re

import numpy as np
import pytest

from linreg import data
from linreg.runs.phases import Phase
from linreg.runs.rules import Adam
from linreg.telling.needed import in_short
from tests.runs import excess_losses, loop, short_of_goal, told

LINE = data.make_line()
POINTS = LINE.x, LINE.y


def said(*phases, points=POINTS, **start):
    """Return the outcome of a run, and what is said of it."""
    run = told(points, *phases, **start)
    return run.outcome, in_short(run.facts, run.outcome)


def numbers(text):
    return [
        float(one.replace(",", "").replace("−", "-")) for one in re.findall(r"[\d.,e−]+\d", text)
    ]


def test_run_that_is_slow_is_told_how_many_steps_it_needs():
    outcome, text = said(Phase(0.05, 200))
    short = short_of_goal(POINTS, *loop(POINTS, [Phase(0.05, 2_000)]))
    assert (outcome, text) == ("too slow", f"needs {int(np.argmax(short <= 1))} steps")


def test_run_that_has_converged_is_told_when_in_line_and_loss():
    outcome, text = said(Phase(0.51, 200))
    line = loop(POINTS, [Phase(0.51, 200)])
    there = int(np.argmax(short_of_goal(POINTS, *line) <= 1))
    excess = excess_losses(POINTS, *line)
    loss = int(np.argmax(excess <= 1e-3 * excess[0]))
    assert (outcome, text) == ("converged", f"at step {there}, its loss at {loss}")


def test_run_that_diverged_is_told_its_loss():
    outcome, text = said(Phase(0.82, 50))
    weight, bias = (path[-1] for path in loop(POINTS, [Phase(0.82, 50)]))
    loss = np.mean((weight * LINE.x + bias - LINE.y) ** 2)
    assert outcome == "diverged"
    assert numbers(text) == [pytest.approx(loss, rel=5e-3), 50]


def test_run_beyond_all_numbers_is_told_since_when():
    with np.errstate(over="ignore", invalid="ignore"):
        weight, bias = loop(POINTS, [Phase(1e6, 200)])
        losses = np.mean((np.multiply.outer(weight, LINE.x) + bias[:, None] - LINE.y) ** 2, axis=1)
    step = int(np.argmax(~np.isfinite(losses)))
    assert said(Phase(1e6, 200)) == ("diverged", f"beyond all numbers by step {step}")


def test_run_whose_steps_nobody_knows_is_told_what_is_left():
    outcome, text = said(Phase(1e-3, 20, Adam()))
    assert outcome == "too slow"
    assert text.endswith("% of the excess loss left")


def test_run_in_the_minimum_has_nothing_to_do():
    outcome, text = said(Phase(0.1, 20), points=([-1.0, 1.0], [1.0, 5.0]), weight=2.0, bias=3.0)
    assert (outcome, text) == ("at the minimum", "both gradients are 0")
