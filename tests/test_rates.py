"""The rates on offer are round, suit any data, and the suggested three do what they are called."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from linreg import rates
from linreg.theory import Quadratic, Zone

CRITICAL = st.floats(1e-9, 1e4)
POINTS = st.lists(st.tuples(*[st.floats(-1000, 1000)] * 2), min_size=2, max_size=20).filter(
    lambda points: np.std(np.array(points)[:, 0]) > 1e-3
)


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
    zones = [quadratic.zone(rate) for rate in rates.suggestions(quadratic).values()]
    assert zones == [Zone.CONVERGES, Zone.OVERSHOOTS, Zone.DIVERGES]


@given(POINTS)
def test_suggestions_are_on_the_grid_one_for_each_run(points):
    quadratic = Quadratic.of(*np.array(points).T)
    suggested = rates.suggestions(quadratic)
    assert tuple(suggested) == rates.RUNS
    assert set(suggested.values()) <= set(rates.grid(quadratic.critical_learning_rate).tolist())
