"""The range test against a loop on the raw points, and its rules against what they are known for."""

import numpy as np
import pytest

from linreg import data
from linreg.theory import Quadratic, rangetest
from linreg.theory.rangetest import range_test

SEEDS = range(20)


def looped(line, rates):
    """Return the losses before each step of a run whose rate grows, by NumPy alone."""
    weight, bias, losses = 0.0, -1.0, []
    for rate in rates:
        residual = weight * line.x + bias - line.y
        losses.append(np.mean(residual**2))
        step = 2 * rate * np.array([np.mean(residual * line.x), np.mean(residual)])
        weight, bias = weight - step[0], bias - step[1]
    return np.array(losses)


@pytest.mark.parametrize("seed", SEEDS)
def test_range_test_is_what_a_loop_does(seed, monkeypatch):
    monkeypatch.setattr(rangetest, "SMOOTH", 0.0)
    line = data.make_line(seed=seed)
    test = range_test(Quadratic.of(line.x, line.y), (0.0, -1.0))
    np.testing.assert_allclose(test.losses, looped(line, test.learning_rates), rtol=1e-9)


def test_range_test_ends_where_the_loss_explodes():
    line = data.make_line()
    quadratic = Quadratic.of(line.x, line.y)
    test = range_test(quadratic, (0.0, -1.0))
    assert test.learning_rates.size < rangetest.NUM_STEPS
    assert test.learning_rates[-1] > quadratic.critical_learning_rate
    assert np.all(test.losses <= rangetest.STOP * np.minimum.accumulate(test.losses))


@pytest.mark.parametrize("seed", SEEDS)
def test_rules_suggest_what_they_are_known_to_suggest(seed):
    line = data.make_line(seed=seed)
    quadratic = Quadratic.of(line.x, line.y)
    suggested = range_test(quadratic, (0.0, -1.0)).suggestions()
    share = {name: rate / quadratic.critical_learning_rate for name, rate in suggested.items()}
    assert 0.1 < share["steepest"] < 0.16
    assert 0.0005 < share["valley"] < 0.01
    assert 0.05 < share["minimum ÷ 10"] < 1


def test_suggestions_follow_the_scale_of_the_data():
    line = data.make_line()
    near = range_test(Quadratic.of(line.x, line.y), (0.0, -1.0)).suggestions()
    quadratic = Quadratic.of(1000 * line.x, line.y)
    far = range_test(quadratic, (0.0, -1.0)).suggestions()
    assert far["steepest"] < 1e-4 * near["steepest"]
    assert 0.01 < far["steepest"] / quadratic.critical_learning_rate < 1


def test_valley_is_two_thirds_less_a_sixth_down_the_longest_fall():
    losses = np.concatenate([np.full(10, 5.0), np.linspace(5, 0, 31)[1:], [9.0]])
    assert rangetest._valley(losses) == 8 + 15  # the fall begins at 9, and is 31 long
