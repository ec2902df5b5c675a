"""The rates on offer are round, suit any data, and the suggested three do what they are called."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from linreg import data
from linreg.runs.rules import Adam, Momentum, Nesterov, Plain, RMSprop
from linreg.theory import Quadratic, Zone, rates
from linreg.theory.dynamics import Dynamics
from tests.later import training

CRITICAL = st.floats(1e-9, 1e4)
POINTS = st.lists(st.tuples(*[st.floats(-1000, 1000)] * 2), min_size=2, max_size=20).filter(
    lambda points: np.std(np.array(points)[:, 0]) > 1e-3
)
SHARES_KEPT = st.floats(0, 0.999)  # by momentum


@given(POINTS)
def test_reference_of_plain_steps_is_two_over_the_largest_eigenvalue(points):
    x, y = np.array(points).T
    design = np.stack([x, np.ones_like(x)], axis=1)
    largest = np.linalg.eigvalsh(2 / x.size * design.T @ design)[1]
    reference = rates.reference(Quadratic.of(x, y), Plain())
    assert reference == pytest.approx(2 / largest, rel=1e-12)


@given(POINTS, SHARES_KEPT)
def test_reference_of_momentum_is_its_own_critical_rate(points, kept):
    quadratic = Quadratic.of(*np.array(points).T)
    plain = rates.reference(quadratic, Plain())
    # Heavy ball: (2 + 2β) / λ; Nesterov: (2 + 2β) / ((1 + 2β) λ). Plain: 2 / λ.
    expected = [plain * (1 + kept), plain * (1 + kept) / (1 + 2 * kept)]
    references = [rates.reference(quadratic, rule(kept)) for rule in (Momentum, Nesterov)]
    assert references == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("rule", [Adam(), RMSprop()])
@given(POINTS, st.floats(-1000, 1000), st.floats(-1000, 1000))
def test_reference_of_scaled_rules_is_the_longer_way_from_the_start(rule, points, weight, bias):
    x, y = np.array(points).T
    quadratic = Quadratic.of(x, y)
    way = max(abs(quadratic.weight - weight), abs(quadratic.bias - bias))
    assert rates.reference(quadratic, rule, (weight, bias)) == min(max(way, 1e-6), 1e4)


@pytest.mark.parametrize("rule", [Adam(), RMSprop()])
def test_reference_is_still_a_rate_when_the_start_is_the_minimum(rule):
    quadratic = Quadratic.of([-1.0, 1.0], [1.0, 5.0])
    assert rates.reference(quadratic, rule, (2.0, 3.0)) > 0


@given(CRITICAL)
def test_grid_covers_the_window_around_the_critical_rate(critical):
    grid = rates.grid(critical)
    # Up to the next round rate, which can be 15 % further (from 1.3 to 1.5).
    assert grid[0] <= 1.16e-4 * critical
    assert grid[-1] >= 10 * critical


@given(CRITICAL)
def test_grid_does_not_go_far_beyond_the_window(critical):
    grid = rates.grid(critical)
    assert grid[0] >= 0.99e-4 * critical
    assert grid[-1] <= 11.6 * critical


@given(CRITICAL)
def test_grid_goes_up_by_about_a_tenth_at_a_time(critical):
    grid = rates.grid(critical)
    ratio = grid[1:] / grid[:-1]
    assert ratio.min() > 1.05
    assert ratio.max() < 1.16


@given(CRITICAL)
def test_grid_holds_rates_of_two_digits(critical):
    grid = rates.grid(critical)
    assert grid.tolist() == [float(f"{rate:.1e}") for rate in grid]


@given(CRITICAL, st.floats(1e-13, 1e7))
def test_nearest_is_the_rate_of_the_least_ratio(critical, learning_rate):
    grid = rates.grid(critical)
    chosen = rates.nearest(grid, learning_rate)
    apart = [max(rate / learning_rate, learning_rate / rate) for rate in grid]
    assert max(chosen / learning_rate, learning_rate / chosen) == pytest.approx(min(apart))
    assert chosen in grid


@pytest.mark.parametrize("rate", [1e-9, 0.00123, 0.51, 0.99, 1.0, 9.9, 47.0])
def test_nudge_changes_the_second_digit_by_one(rate):
    first = f"{rate:.1e}"
    second = f"{float(first) + rates.nudge(rate):.1e}"
    digits = [round(float(text) / rates.nudge(rate)) for text in (first, second)]
    assert digits[1] - digits[0] == 1
    assert 10 <= digits[0] <= 99


@given(POINTS)
def test_suggestions_lie_where_their_names_say_whatever_the_data(points):
    quadratic = Quadratic.of(*np.array(points).T)
    critical = quadratic.critical_learning_rate
    share = {name: rate / critical for name, rate in rates.suggestions(quadratic).items()}
    # Neighbours are up to 1.5 / 1.3 apart: half of that to the nearest, all of it to the next.
    apart = 1.5 / 1.3
    assert 0.006 / apart**0.5 <= share["too_small"] <= 0.006 * apart**0.5
    assert 2 / 3 / apart**0.5 <= share["good"] <= 2 / 3 * apart**0.5
    assert 1.04 <= share["too_large"] <= 1.04 * apart


@given(POINTS)
def test_suggestions_lie_in_three_zones_whatever_the_data(points):
    quadratic = Quadratic.of(*np.array(points).T)
    zones = [Dynamics(quadratic).zone(rate) for rate in rates.suggestions(quadratic).values()]
    assert zones == [Zone.CONVERGES, Zone.OVERSHOOTS, Zone.DIVERGES]


@given(POINTS)
def test_suggestions_are_on_the_grid_one_for_each_run(points):
    quadratic = Quadratic.of(*np.array(points).T)
    suggested = rates.suggestions(quadratic)
    assert tuple(suggested) == rates.RUNS
    assert set(suggested.values()) <= set(rates.grid(quadratic.critical_learning_rate).tolist())


@pytest.mark.parametrize("rule", [Momentum, Nesterov])
@given(POINTS, SHARES_KEPT)
def test_suggestions_with_momentum_are_two_stable_rates_and_one_that_is_not(rule, points, kept):
    quadratic = Quadratic.of(*np.array(points).T)
    limit = 2 * (1 + kept) / quadratic.eigenvalues[1]
    if rule is Nesterov:
        limit /= 1 + 2 * kept
    too_small, good, too_large = rates.suggestions(quadratic, rule(kept)).values()
    assert 0 < too_small < good < limit
    # The next round rate, which can be 15 % further (from 1.3 to 1.5).
    assert 1.04 <= too_large / limit <= 1.04 * 1.16


@given(POINTS, st.floats(0, 0.9))
def test_suggestions_with_momentum_are_as_slow_as_without_when_too_small(points, kept):
    # In one direction momentum adds up 1 / (1 − β) steps.
    quadratic = Quadratic.of(*np.array(points).T)
    plain, heavy = (
        rates.suggestions(quadratic, rule)["too_small"] for rule in (Plain(), Momentum(kept))
    )
    # Each is moved to the nearest round rate, by half of 15 % at the most.
    assert 1 / 1.16 <= heavy / (1 - kept) / plain <= 1.16


@pytest.mark.parametrize("size", [1e-3, 1.0, 1e3])
@pytest.mark.parametrize("rule", [Plain(), Momentum(), Nesterov(), Adam(), RMSprop()])
def test_suggestions_show_three_different_pictures_whatever_the_rule_and_the_size(rule, size):
    # The lesson's line and start, all of it so many times as high.
    line = data.make_line(0.1 * size, 0.5 * size, noise=0.01 * size)
    quadratic, start = Quadratic.of(line.x, line.y), (0.0, -size)
    suggested = rates.suggestions(quadratic, rule, start)
    runs = training.train(line.x, line.y, suggested.values(), 200, start, rule=rule)
    excess = quadratic.excess_loss(runs.weight, runs.bias)
    excess /= excess[0, 0]
    too_small, good, too_large = excess
    reached = [np.flatnonzero(run <= 1e-3)[:1].tolist() or [np.inf] for run in excess]
    # In the lesson's 200 steps: the good one has arrived, and before the small one; the large one
    # has been ten times as high as it began.
    assert good.min() <= 1e-3
    assert reached[1] < reached[0]
    assert too_large.max() > 10
    assert too_small.max() <= 1
