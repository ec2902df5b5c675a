"""One step in numbers that can be checked with a pocket calculator."""

import re

import numpy as np
import pytest

from linreg import data, onestep
from linreg.onestep import in_words, one_step
from linreg.phases import Adam, Phase
from tests.runs import trained

LINE = data.make_line()
POINTS = LINE.x, LINE.y
RATES = 0.0047, 0.51, 0.82


def told(step, run=1, *phases):
    history = trained(POINTS, phases or [Phase(RATES, 50)])
    return one_step(*POINTS, history, run, step), history


@pytest.mark.parametrize("step", [0, 3, 49])
@pytest.mark.parametrize("run", [0, 1, 2])
def test_plain_update_is_the_one_that_tensorflow_made(step, run):
    one, history = told(step, run)
    for index, before in enumerate((one.weight, one.bias)):
        foretold = before - one.learning_rate * one.gradient[index]
        assert foretold == pytest.approx(one.reached[index], rel=1e-9)
    assert one.loss == pytest.approx(np.mean((one.weight * LINE.x + one.bias - LINE.y) ** 2))
    assert one.reached[2] == history.loss[run, step + 1]


def test_residuals_are_predictions_less_y():
    one, _ = told(3)
    expected = one.weight * LINE.x[:5] + one.bias - LINE.y[:5]
    np.testing.assert_array_equal(one.residuals, expected)


def test_words_hold_the_numbers_of_the_step():
    one, _ = told(3)
    html = in_words(one)
    assert html.count("<tr>") == 6
    assert "95 more points" in html
    numbers = [float(text.replace("−", "-")) for text in re.findall(r"<b>(−?[\d.e−]+)</b>", html)]
    wanted = [one.loss, *one.gradient, one.reached[0], one.reached[0], one.reached[1]]
    assert numbers[:6] == pytest.approx([*wanted[:3], *wanted[3:]], rel=1e-6)


def test_last_step_leads_nowhere():
    one, _ = told(50)
    assert one.reached is None
    assert "not among the recorded ones" in in_words(one)


def test_step_between_two_records_is_the_one_before_it():
    one, history = told(9_999, 0, Phase((1e-5,) * 3, 10_000))
    assert one.step in history.step
    assert one.step <= 9_999


def test_first_step_of_a_phase_has_its_rate():
    one, _ = told(20, 1, Phase(RATES, 20), Phase((0.1, 0.2, 0.3), 20))
    assert (one.learning_rate, one.phase_number) == (0.2, 2)


@pytest.mark.parametrize(
    ("phase", "says"),
    [(Phase(RATES, 20, rule=Adam()), "Adam makes"), (Phase(RATES, 20, batch_size=7), "of 7")],
)
def test_words_say_why_the_update_is_another_one(phase, says):
    assert says in in_words(told(3, 1, phase)[0])


def test_words_stay_calm_where_a_run_overflows():
    one, _ = told(80, 2, Phase((0.1, 0.5, 1e6), 100))
    assert "∞" in in_words(one) or "nan" in in_words(one)


def test_few_points_are_all_shown():
    history = trained(([0.0, 1.0], [1.0, 2.0]), [Phase(0.1, 3)])
    one = one_step(np.array([0.0, 1.0]), np.array([1.0, 2.0]), history, 0, 1)
    assert "more points" not in in_words(one)
    assert one.num_points < onestep.NUM_ROWS
