"""What the page says of the theory is so, for every kind of phase, with this data's numbers."""

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from linreg import data
from linreg.data.scaling import Scaling
from linreg.runs.phases import Phase
from linreg.runs.rules import Adam, Momentum, Nesterov, RMSprop
from linreg.runs.schedules import CosineDecay, ExponentialDecay, LinearWarmup, StepDecay
from linreg.telling import teaching
from linreg.theory import Quadratic
from linreg.words import number
from tests.runs import excess_losses, loop

BOWL = Quadratic.of([-2.0, 2.0], [-1.0, 7.0])  # eigenvalues 2 and 8, so the critical rate is 1/4
LESSON = data.make_line()
POINTS = LESSON.x, LESSON.y
SMALL = st.floats(-10, 10)


def sentence(*phases):
    """Return the sentence on runs through these phases, of 100 points."""
    return teaching.sentence(BOWL, phases, 100)


def critical_told(text):
    """Return the critical rate in a sentence."""
    return float(re.search(r"every learning rate above \*\*(.+?)\*\*", text)[1].replace("−", "-"))


def test_sentence_names_the_critical_rate():
    assert sentence(Phase((0.1, 0.2, 0.3))) == (
        "On this data every learning rate above **0.25** diverges."
    )


def test_sentence_is_about_the_last_phase():
    text = sentence(Phase(0.3, rule=Momentum(0.5)), Phase(0.1), Phase(0.2))
    assert text.startswith("Phase 3: on this data every learning rate above **0.25** diverges.")


@pytest.mark.parametrize(
    ("rule", "critical", "words"),
    [
        # (2 + 2β) / 8, and with Nesterov's lookahead that over 1 + 2β.
        (Momentum(0.5), 0.375, "with momentum 0.5"),
        (Nesterov(0.5), 0.1875, "with momentum 0.5"),
        (Momentum(0.0), 0.25, "On this data every"),
    ],
)
def test_sentence_names_the_limit_with_momentum(rule, critical, words):
    text = sentence(Phase((0.01, 0.1), rule=rule))
    assert critical_told(text) == critical
    assert words in text


@pytest.mark.parametrize(
    "rule", [Momentum(0.0), Momentum(0.5), Momentum(0.9), Nesterov(0.5), Nesterov(0.9)]
)
def test_critical_rate_of_the_sentence_parts_runs_that_diverge_from_those_that_do_not(rule):
    quadratic = Quadratic.of(*POINTS)
    critical = critical_told(teaching.sentence(quadratic, [Phase(0.1, rule=rule)], 100))
    below, above = (
        excess_losses(POINTS, *loop(POINTS, [Phase(share * critical, 1_000, rule)]))
        for share in (0.97, 1.03)
    )
    assert below[-1] < 1e-9 * below[0]
    assert above[-1] > 1e9 * above[0]


def test_sentence_says_that_nobody_knows_with_adam_and_rmsprop():
    for rule in (Adam(), RMSprop()):
        text = sentence(Phase((0.1, 0.2), rule=rule))
        assert f"**{rule.title}**" in text
        assert "no critical rate" in text
        assert "0.25" not in text


def test_adam_and_rmsprop_take_steps_about_as_long_as_the_rate_says():
    # What the sentence claims, seen in the first step from any steepness: Adam's is the rate
    # itself, RMSprop's the rate over √(1 - rho). In NumPy, from the formulas.
    for scale in (1e-3, 1.0, 1e3):
        gradient = 2 * scale * np.array([3.0, -4.0])
        adam = gradient / (np.sqrt(gradient**2) + 1e-7)
        rmsprop = gradient / np.sqrt(0.1 * gradient**2 + 1e-7)
        assert np.abs(adam) == pytest.approx([1, 1], rel=1e-3)
        assert np.abs(rmsprop) == pytest.approx([10**0.5] * 2, rel=0.02)


def test_sentence_says_how_many_points_a_mini_batch_sees():
    text = sentence(Phase((0.1, 0.2), batch_size=10))
    assert critical_told(text) == 0.25
    assert "With **10** of 100 they scatter" in text
    assert "converges" not in text  # that is not certain any more


@pytest.mark.parametrize(
    "schedule", [StepDecay(), ExponentialDecay(), CosineDecay(), LinearWarmup()]
)
def test_sentence_names_the_schedule_instead_of_the_zones(schedule):
    text = sentence(Phase((0.1, 0.3), schedule=schedule))
    assert text.endswith(f"**{schedule.title}** changes the rate from step to step.")
    assert critical_told(text) == 0.25


def test_sentence_of_mini_batches_comes_before_that_of_a_schedule():
    assert "scatter" in sentence(Phase(0.1, schedule=CosineDecay(), batch_size=5))


RULES = st.sampled_from([Phase(0.1).rule, Momentum(), Nesterov(), RMSprop(), Adam()])
SCHEDULES = st.sampled_from([Phase(0.1).schedule, StepDecay(), CosineDecay(), LinearWarmup()])


@given(
    st.builds(data.make_line, SMALL, SMALL, st.integers(2, 50), st.floats(0, 1), st.integers(0, 9)),
    st.lists(st.floats(1e-12, 1e6), min_size=1, max_size=3),
    RULES,
    SCHEDULES,
    st.sampled_from([None, 1]),
    st.integers(1, 3),
)
def test_sentence_has_words_for_every_phase(line, learning_rates, rule, schedule, size, count):
    one = Phase(learning_rates, 200, rule, schedule, size)
    text = teaching.sentence(Quadratic.of(line.x, line.y), [one] * count, line.x.size)
    assert text.endswith(".")
    assert text.count("**") % 2 == 0
    assert not {"nan", "None", "inf"} & set(re.findall(r"\w+", text))
    assert text.startswith(f"Phase {count}: on " if count > 1 else "On ")


def test_explanation_holds_the_eigenvalues_and_the_edges_of_the_zones():
    text = teaching.explanation(BOWL)
    for words in ("**2** (flat)", "**8** (steep)", "up to 0.125", "above 0.25"):
        assert words in text


def test_explanation_holds_the_eigenvalues_of_numpy():
    x, y = POINTS
    design = np.stack([x, np.ones_like(x)], axis=1)
    wanted = np.linalg.eigvalsh(2 / x.size * design.T @ design)
    text = teaching.explanation(Quadratic.of(x, y))
    shown = re.search(r"λ is \*\*(\S+)\*\* \(flat\) and \*\*(\S+)\*\* \(steep\)", text).groups()
    assert [float(number) for number in shown] == pytest.approx(wanted.tolist(), rel=5e-4)


def test_explanation_has_formulas_and_a_table_that_markdown_can_read():
    text = teaching.explanation(BOWL)
    assert text.count("$$") % 2 == 0
    rows = [line for line in text.splitlines() if line.startswith("|")]
    assert {row.count("|") for row in rows} == {4}


# ---------------------------------------------------------------- scaling


def test_scaling_is_offered_in_a_long_valley_alone():
    near, far = ([0.0, 1.0], [1.0, 2.0]), ([2000.0, 2001.0], [1.0, 2.0])
    raw = Scaling()
    assert teaching.scaling_note(Quadratic.of(*near), raw, Quadratic.of(*near)) is None
    note = teaching.scaling_note(Quadratic.of(*far), raw, Quadratic.of(*far))
    assert "With x standardised κ is **1**, the critical rate **1**" in note


def test_scaling_note_tells_both_condition_numbers_and_both_critical_rates():
    x, y = np.array([10.0, 20.0, 30.0]), np.array([1.0, 2.0, 4.0])
    scaling = Scaling.of(x, y, "standardised")
    unscaled, quadratic = Quadratic.of(x, y), Quadratic.of(*scaling.points(x, y))
    values = np.linalg.eigvalsh(2 / 3 * np.array([[x @ x, x.sum()], [x.sum(), 3]]))
    note = teaching.scaling_note(quadratic, scaling, unscaled)
    assert f"κ from **{number(values[1] / values[0])}** to **1**" in note
    assert f"from **{number(2 / values[1])}** to **1**" in note


def test_scaling_note_is_given_where_raw_data_has_no_bowl():
    scaling = Scaling(1e18, 1.0)
    note = teaching.scaling_note(Quadratic.of([-1.0, 1.0], [0.0, 1.0]), scaling, None)
    assert note.startswith("Scaling took κ from so much that no number holds it to **1**")
