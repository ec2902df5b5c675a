"""Arguments are refused in words that name the argument, the rule and the value."""

import math

import pytest

from linreg import checks

NOT_NUMBERS = [math.nan, math.inf, -math.inf, "1", None, True, 1 + 0j, [1.0]]


@pytest.mark.parametrize("value", [-2, 3, 0, -1.5, 2.999])
def test_number_returns_every_value_in_the_interval_as_a_float(value):
    result = checks.number("weight", value, low=-2, high=3)
    assert (type(result), result) == (float, value)


@pytest.mark.parametrize("value", [*NOT_NUMBERS, -2.0001, 3.0001])
def test_number_refuses_what_is_not_in_the_interval(value):
    with pytest.raises(ValueError, match=r"`weight` must be a number between -2 and 3, got "):
        checks.number("weight", value, low=-2, high=3)


def test_number_shows_the_refused_value():
    with pytest.raises(ValueError, match=r"got 'a few'\."):
        checks.number("weight", "a few")


@pytest.mark.parametrize("value", [1, 5, 10])
def test_whole_number_returns_every_value_in_the_interval(value):
    assert checks.whole_number("seed", value, 1, 10) == value


@pytest.mark.parametrize("value", [*NOT_NUMBERS, 0, 11, 2.0])
def test_whole_number_refuses_what_is_not_whole_and_in_the_interval(value):
    with pytest.raises(ValueError, match=r"`seed` must be a whole number between 1 and 10, got "):
        checks.whole_number("seed", value, 1, 10)


@pytest.mark.parametrize(
    ("x", "y"),
    [
        ([], []),
        ([1.0], [1.0, 2.0]),
        ([[1.0, 2.0]], [[1.0, 2.0]]),
        (1.0, 2.0),
        (["a"], [1.0]),
        ([None], [1j]),
        ([[1.0], [1.0, 2.0]], [1.0, 2.0]),
    ],
)
def test_points_refuses_what_is_not_two_columns_of_numbers(x, y):
    with pytest.raises(ValueError, match="`x` and `y` must"):
        checks.points(x, y)


def test_points_accepts_whole_numbers():
    x, y = checks.points([1, 2], (3, 4))
    assert (x.dtype, y.dtype, x.tolist(), y.tolist()) == (float, float, [1, 2], [3, 4])


@pytest.mark.parametrize("value", [1e-40, 1e6])
def test_learning_rates_accepts_both_ends_of_the_interval(value):
    assert checks.learning_rates([value]).tolist() == [value]


@pytest.mark.parametrize("value", [0.0, -0.1, 1e-41, 1.1e6, math.nan, math.inf, "fast", None])
def test_learning_rates_refuses_one_bad_rate_among_good_ones(value):
    with pytest.raises(ValueError, match="`learning_rate` must be a number between"):
        checks.learning_rates([0.1, value])


def test_learning_rates_refuses_none_at_all():
    with pytest.raises(ValueError, match="at least one"):
        checks.learning_rates([])


@pytest.mark.parametrize("value", [1, 2_000_000])
def test_num_steps_accepts_both_ends_of_the_interval(value):
    assert checks.num_steps(value) == value


@pytest.mark.parametrize("value", [0, -1, 2_000_001, 1.5, math.nan, None])
def test_num_steps_refuses_what_lies_outside(value):
    with pytest.raises(ValueError, match="`num_steps` must be a whole number between 1 and"):
        checks.num_steps(value)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, 1e101])
def test_points_refuses_one_bad_number_among_good_ones(value):
    with pytest.raises(ValueError, match="`x` and `y` must be finite numbers"):
        checks.points([1.0, value], [1.0, 2.0])
