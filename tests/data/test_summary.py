"""Four points have the loss of all of them, for every line; bad columns are refused."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from linreg.data.summary import Moments, Sums, around, four_points

LINES = [(0.0, -1.0), (0.1, 0.5), (0.1001, 0.4998), (-3.0, 2.0), (1e6, -1e6)]
# Not so near to 0 that the line through two points is too steep for a number.
NUMBERS = st.floats(-1e6, 1e6).map(lambda number: number if abs(number) > 1e-50 else 0.0)
POINTS = st.lists(st.tuples(NUMBERS, NUMBERS), min_size=1, max_size=40)
SIZES = st.floats(-10, 10)
SPREADS = st.floats(0.1, 10)


def exact_loss(x, y, weight, bias):
    """Return the mean squared error, summed without any rounding."""
    return math.fsum((weight * x + bias - y) ** 2) / x.size


def squared_scale(x, y, weight, bias):
    """Return the mean square of the terms that cancel in a residual."""
    return math.fsum((abs(weight * x) + abs(bias) + abs(y)) ** 2) / x.size


@pytest.mark.parametrize(("weight", "bias"), LINES)
@pytest.mark.parametrize("n", [1, 2, 3, 100, 1_000_000])
def test_four_points_have_the_loss_of_all_points(n, weight, bias):
    rng = np.random.default_rng(n)
    x = rng.uniform(size=n)
    y = 0.1 * x + 0.5 + 0.01 * rng.normal(size=n)
    expected = exact_loss(x, y, weight, bias)
    # Through one or two points a line can pass exactly: then all is cancellation, and what was
    # squared, before it cancelled, is the only scale there is.
    scale = squared_scale(x, y, weight, bias) if n < 3 else expected
    four_x, four_y = four_points(x, y)
    assert abs(exact_loss(four_x, four_y, weight, bias) - expected) <= 1e-12 * scale


@given(POINTS, NUMBERS, NUMBERS)
def test_four_points_have_the_loss_of_arbitrary_points(points, weight, bias):
    x, y = np.array(points).T
    four = four_points(x, y)
    # A residual is a difference: its rounding is a share of its terms, not of itself.
    scale = squared_scale(x, y, weight, bias)
    gap = exact_loss(*four, weight, bias) - exact_loss(x, y, weight, bias)
    assert abs(gap) <= 1e-12 * scale


@given(POINTS)
def test_four_points_are_four_finite_points(points):
    x, y = four_points(*np.array(points).T)
    assert x.shape == y.shape == (4,)
    assert np.all(np.isfinite([x, y]))


def test_four_points_lie_where_the_hand_puts_them():
    # x = 0, 2: mean 1, spread 1. y = 0, 2, 2, 4 at x = 0, 0, 2, 2: line y = 1 + x, residuals ±1.
    x, y = four_points([0, 0, 2, 2], [0, 2, 2, 4])
    assert (x.tolist(), y.tolist()) == ([0, 0, 2, 2], [0, 2, 2, 4])


def test_four_points_are_one_place_when_all_x_are_equal():
    x, _ = four_points([0.1, 0.1, 0.1], [1.0, 2.0, 3.0])
    assert x.tolist() == [0.1] * 4


@given(st.floats(-1e6, 1e6), st.integers(1, 50))
def test_moments_have_no_spread_when_all_x_are_equal(x, n):
    moments = Moments.of([x] * n, np.arange(n))
    assert (moments.mean_x, moments.spread_x, moments.weight) == (x, 0, 0)


@given(POINTS)
def test_moments_agree_with_numpy(points):
    x, y = np.array(points).T
    moments = Moments.of(x, y)
    # Differences of numbers as large as the largest: a rounding is a share of that one.
    rounding = 1e-14 * np.abs(x).max()
    assert moments.mean_x == pytest.approx(x.mean(), rel=1e-12, abs=rounding)
    assert moments.spread_x == pytest.approx(x.std(), rel=1e-9, abs=rounding)


def test_moments_keep_their_digits_far_from_the_origin():
    # x = 1e8 ± 1 and y = ±3 are exact in float64; the raw sums of squares would lose them all.
    moments = Moments.of([1e8 - 1, 1e8 + 1], [-3.0, 3.0])
    assert moments[:3] == (1e8, 1.0, 3.0)


@pytest.mark.parametrize("function", [Moments.of, four_points])
@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, 1e200])
@pytest.mark.parametrize("column", [0, 1])
def test_columns_are_refused_when_a_square_is_not_finite(function, value, column):
    columns = [[1.0, 2.0], [3.0, 4.0]]
    columns[column][1] = value
    with pytest.raises(ValueError, match="`x` and `y` must be finite numbers"):
        function(*columns)


def test_columns_are_refused_when_the_line_through_them_is_too_steep_for_a_number():
    with pytest.raises(ValueError, match="`x` and `y` must be finite numbers"):
        four_points([0.0, 1e-120], [0.0, 1.0])


@pytest.mark.parametrize(("x", "y"), [([], []), ([1.0], [1.0, 2.0]), ([["a"]], [["b"]])])
def test_four_points_refuses_what_is_not_two_columns(x, y):
    with pytest.raises(ValueError, match="`x` and `y` must"):
        four_points(x, y)


@given(st.floats(-1e6, 1e6), st.integers(1, 50), st.integers(1, 9))
def test_sums_have_no_spread_when_all_x_are_equal(x, n, size):
    y = np.arange(n) / 7
    parts = [(np.full(n, x)[k : k + size], y[k : k + size]) for k in range(0, n, size)]
    sums = Sums()
    for part in parts:
        sums.add(*part)
    for four_x, _ in (sums.four_points(), sums.four_points(parts)):
        assert four_x.tolist() == [x] * 4


def moments_of(x, y):
    """Return mean and spread of x, the least-squares weight, mean of y, root of the least loss."""
    weight, bias = np.polyfit(x, y, 1)
    rest = np.sqrt(np.mean((weight * x + bias - y) ** 2))
    return np.array([x.mean(), x.std(), weight, y.mean(), rest])


@given(SIZES, SPREADS, SIZES, SIZES, SPREADS)
def test_around_has_the_moments_it_was_given(mean_x, spread_x, weight, mean_y, rest):
    wanted = np.array([mean_x, spread_x, weight, mean_y, rest])
    # All are up to 10, y up to 120, and a weight divides by a spread of down to 0.1.
    np.testing.assert_allclose(
        moments_of(*around(mean_x, spread_x, weight, mean_y, rest)), wanted, rtol=0, atol=1e-10
    )


def test_around_is_the_mean_alone_when_nothing_spreads():
    x, y = around(2.0, 0.0, 5.0, 3.0, 0.0)
    assert (x.tolist(), y.tolist()) == ([2.0] * 4, [3.0] * 4)


@given(st.lists(st.tuples(SIZES, SPREADS, SIZES, SIZES, SPREADS), min_size=1, max_size=6))
def test_around_of_many_is_around_each_of_them(many):
    x, y = around(*np.array(many).T)
    assert x.shape == y.shape == (len(many), 4)
    for row, one in enumerate(many):
        np.testing.assert_array_equal([x[row], y[row]], around(*one))
