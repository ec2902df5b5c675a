"""One step in numbers that can be checked with a pocket calculator."""

import math
import re

import numpy as np
import pytest

from linreg import data
from linreg.page.html.stepwords import in_words
from linreg.runs.phases import Phase
from linreg.runs.rules import Adam, Momentum, Nesterov, RMSprop
from linreg.runs.schedules import StepDecay
from linreg.telling import formulas, onestep
from linreg.telling.onestep import one_step
from tests.runs import loop, trained

LINE = data.make_line()
POINTS = LINE.x, LINE.y
RATES = 0.0047, 0.51, 0.82


def told(step, run=1, *phases, seed=0):
    history = trained(POINTS, phases or [Phase(RATES, 50)], seed=seed)
    return one_step(*POINTS, history, run, step, seed), history


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
    html = in_words(one)
    assert "This is the last step" in html
    assert "next step" not in html
    assert ".." not in html


def test_step_whose_next_one_was_not_recorded_says_so_in_one_sentence():
    one, _ = told(9_000, 0, Phase((1e-5,) * 3, 10_000))
    assert "The next step is not among the recorded ones.</p>" in in_words(one)


def test_line_has_one_sign():
    assert "0 · x − 1." in in_words(told(0)[0])
    assert "+ −" not in in_words(told(0)[0])


def test_step_between_two_records_is_the_one_before_it():
    one, history = told(9_999, 0, Phase((1e-5,) * 3, 10_000))
    assert one.step in history.step
    assert one.step <= 9_999


def test_first_step_of_a_phase_has_its_rate():
    one, _ = told(20, 1, Phase(RATES, 20), Phase((0.1, 0.2, 0.3), 20))
    assert (one.learning_rate, one.phase_number) == (0.2, 2)


RULES = {
    "momentum": Momentum(0.8),
    "nesterov": Nesterov(0.8),
    "rmsprop": RMSprop(0.8),
    "adam": Adam(0.8, 0.95),
}


def calculated(formula):
    """Return what a pocket calculator makes of a formula's numbers, and what stands behind them."""
    numbers, result = re.search(r"= ([^=]*) = <b>(.*?)</b>", formula).groups()
    keys = {"−": "-", "·": "*", "²": "**2", "^": "**", "√(": "sqrt("}
    for sign, key in keys.items():
        numbers = numbers.replace(sign, key)
    numbers = re.sub(r"√([\d.e-]+)", r"sqrt(\1)", numbers)
    return eval(numbers, {"sqrt": math.sqrt}), float(result.replace("−", "-"))


@pytest.mark.parametrize("sizes", [(None, None), (7, None), (None, 7), (7, 30)], ids=str)
@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
@pytest.mark.parametrize("step", [0, 7, 25])
@pytest.mark.parametrize("run", [0, 1])
def test_formulas_of_a_rule_are_confirmed_by_a_calculator_and_by_tensorflow(rule, step, run, sizes):
    """Step 25 is in a second phase, whose memory begins in the first; its schedule moves the rate.

    The sizes are those of the mini-batches of both phases.
    """
    rates = (0.01, 0.1, 0.2)
    phases = (
        Phase(rates, 20, rule=rule, batch_size=sizes[0]),
        Phase(rates, 20, rule=rule, schedule=StepDecay(3, 0.5), batch_size=sizes[1]),
    )
    one, _ = told(step, run, *phases)
    html = in_words(one)
    formulas = re.findall(r"[wbvsmh] (?:←|=) [^;]*?</b>", html.split("by bias")[1])
    assert len(formulas) == 2 * {"rmsprop": 2, "adam": 4}.get(rule.kind, 2)
    for formula in formulas:
        assert not re.search(r"[·/+−] −", formula), formula  # no calculator takes two signs
        pressed, shown = calculated(formula)
        assert pressed == pytest.approx(shown, rel=1e-6)
    for index, letter in enumerate("wb"):
        (last,) = [part for part in formulas if part.startswith(f"{letter} ←")]
        assert calculated(last)[1] == pytest.approx(one.reached[index], rel=1e-7)


def test_velocity_is_that_of_a_loop_in_numpy():
    one, _ = told(7, 1, Phase(RATES, 20, rule=Momentum(0.8)))
    weight, _ = loop(POINTS, [Phase(RATES, 20, rule=Momentum(0.8))], run=1)
    before, moved = (f"{part:.8g}".replace("-", "−") for part in (weight[7], np.diff(weight)[7]))
    moved = f"({moved})" if moved.startswith("−") else moved
    assert f"w + v = {before} + {moved}" in in_words(one)


def test_update_of_a_mini_batch_is_the_one_that_tensorflow_made_from_its_points():
    phases = Phase(RATES, 20), Phase(RATES, 30, batch_size=7)
    one, _ = told(38, 1, *phases, seed=5)
    made = 38 - 20
    assert one.batch == (made % 15 + 1, made // 15 + 1)
    assert one.num_looked_at == one.x.size == 7
    x, y = LINE.x[one.shown], LINE.y[one.shown]
    residual = one.weight * x + one.bias - y
    by_hand = 2 * np.mean(residual * x), 2 * np.mean(residual)
    for before, gradient, reached in zip(
        (one.weight, one.bias), by_hand, one.reached[:2], strict=True
    ):
        assert before - one.learning_rate * gradient == pytest.approx(reached, rel=1e-9)


def test_mini_batches_of_another_seed_are_others():
    one, _ = told(3, 1, Phase(RATES, 20, batch_size=7), seed=1)
    other, _ = told(3, 1, Phase(RATES, 20, batch_size=7), seed=2)
    assert set(one.shown) != set(other.shown)


def test_words_tell_the_mini_batch_its_points_and_the_loss_of_all():
    one, _ = told(16, 1, Phase(RATES, 20, batch_size=7))
    html = in_words(one)
    assert "only 7 of the 100 points: mini-batch 2 of epoch 2 of this phase." in html
    assert html.count("<tr>") == 8
    assert "more points" not in html
    assert f"over all 100 points: <b>{formulas.told(one.loss)}</b>" in html
    assert html.count("over the mini-batch: <b>") == 2
    assert all(f">{point + 1}</th>" in html for point in one.shown)


def test_last_mini_batch_of_an_epoch_has_what_is_left():
    pair = [told(step, 1, Phase(RATES, 20, batch_size=99))[0] for step in (4, 5)]
    assert [part.num_looked_at for part in pair] == [99, 1]
    assert "only 1 of the 100 points" in in_words(pair[1])
    assert "… and 94 more points." in in_words(pair[0])


def test_mini_batch_of_all_points_is_not_called_only_some():
    html = in_words(told(3, 1, Phase(RATES, 20, batch_size=100))[0])
    assert "looks at 100 of the 100 points: mini-batch 1 of epoch 4" in html


def test_last_step_has_no_mini_batch():
    one, _ = told(20, 1, Phase(RATES, 20, batch_size=7))
    assert (one.batch, one.num_looked_at) == (None, 100)
    assert "mini-batch" not in in_words(one)


def test_early_step_of_many_mini_batches_is_known_and_a_late_one_says_what_is_missing():
    phase = Phase((1e-3,) * 3, 10_000, rule=Momentum(0.8), batch_size=7)
    assert told(1_500, 1, phase)[0].past is not None
    one, _ = told(9_000, 1, phase)
    assert one.past is None
    html = in_words(one)
    assert "Not all of them are known here" in html
    assert "over the mini-batch: <b>" in html
    assert (one.step, one.batch, one.num_looked_at) == (9_000, (1, 601), 7)


def test_rule_with_steps_that_were_not_recorded_has_no_numbers():
    html = in_words(told(9_000, 0, Phase((1e-5,) * 3, 10_000, rule=Momentum()))[0])
    assert "has no numbers" in html


def test_update_without_a_formula_is_what_leads_to_the_next_step():
    """Not every step of the long first phase was recorded, so nobody knows the velocity."""
    phases = Phase((1e-3,) * 3, 10_000, rule=Momentum(0.5)), Phase(RATES, 20, rule=Momentum(0.5))
    one, history = told(10_003, 1, *phases)
    assert one.past is None
    updates = re.findall(
        r"([wb]) ← (\S+) \+ \((\S+)\); the next step had <b>(\S+)</b>", in_words(one)
    )
    assert [letter for letter, *_ in updates] == ["w", "b"]
    record = np.searchsorted(history.step, 10_003)
    for (_, *texts), column in zip(updates, (history.weight, history.bias), strict=True):
        before, change, after = (float(text.replace("−", "-")) for text in texts)
        assert change == pytest.approx(np.diff(column[1])[record], rel=1e-6)
        assert before + change == pytest.approx(after, rel=1e-7)


def test_run_without_numbers_says_why_and_where_the_last_ones_are():
    one, history = told(3_000, 2, Phase((0.1, 0.5, 1e6), 3_000))
    html = in_words(one)
    assert "diverged beyond the largest number" in html
    assert "<table" not in html
    step = onestep.last_finite(history, 2)
    finite = np.isfinite(history.weight[2]) & np.isfinite(history.bias[2])
    finite &= np.isfinite(history.loss[2])
    record = np.searchsorted(history.step, step)
    assert finite[record]
    assert not finite[record + 1 :].any()
    assert "<table" in in_words(told(step, 2, Phase((0.1, 0.5, 1e6), 3_000))[0])


def test_few_points_are_all_shown():
    history = trained(([0.0, 1.0], [1.0, 2.0]), [Phase(0.1, 3)])
    one = one_step(np.array([0.0, 1.0]), np.array([1.0, 2.0]), history, 0, 1, 0)
    assert "more points" not in in_words(one)
    assert one.x.size == one.num_points == 2


class Awkward:
    """A step whose lines begin with a minus in every way."""

    @staticmethod
    def step(gradient, rate, made):
        one = (-rate + gradient) * rate
        two = (-gradient) ** 2
        three = (-rate * gradient) ** 2
        four = -(rate + gradient) / rate
        five = -rate * gradient / (rate - (gradient - rate))
        return (one + two + three + four + five,)


def test_formulas_keep_a_minus_where_it_belongs():
    numbers = {"gradient": 3.0, "rate": 0.25}
    for _, formula in formulas._lines(Awkward.step)[:-1]:
        text = formulas._in_numbers(formula, numbers)
        pressed, _ = calculated(f" = {text} = <b>0</b>")
        assert pressed == pytest.approx(formulas._worth(formula, numbers), rel=1e-12), text


def test_step_with_lines_that_no_formula_tells_is_refused():
    def step(gradient, rate, made):
        rate *= 2
        return (-rate * gradient,)

    with pytest.raises(ValueError, match="got rate"):
        formulas._lines(step)
