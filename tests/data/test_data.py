"""The points are made as the lesson makes them, and nonsense is refused."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from linreg import data

WIDE = st.floats(-1e6, 1e6)


@given(WIDE, WIDE, st.integers(1, 50), st.floats(0, 1e6), st.integers(0, 2**32 - 1))
def test_make_line_returns_as_many_finite_points_as_asked_for(weight, bias, n, noise, seed):
    line = data.make_line(weight, bias, n, noise, seed)
    assert line.x.shape == line.y.shape == (n,)
    assert np.all(np.isfinite(line.x))
    assert np.all(np.isfinite(line.y))


@given(WIDE, WIDE, st.integers(0, 2**32 - 1))
def test_make_line_puts_every_point_on_the_line_when_there_is_no_noise(weight, bias, seed):
    line = data.make_line(weight, bias, 20, 0.0, seed)
    np.testing.assert_array_equal(line.y, weight * line.x + bias)


def test_make_line_spreads_x_evenly_over_zero_to_one():
    x = data.make_line(num_points=100_000).x
    assert 0 <= x.min() < x.max() < 1
    # Each tenth holds 10,000 ± 95 points; 500 is more than five of these standard deviations.
    counts, _ = np.histogram(x, bins=10, range=(0, 1))
    np.testing.assert_allclose(counts, 10_000, atol=500)


def test_make_line_adds_normal_noise_of_the_given_standard_deviation():
    line = data.make_line(weight=2.0, bias=1.0, num_points=100_000, noise=3.0)
    noise = (line.y - 2.0 * line.x - 1.0) / 3.0
    # Of 100,000 normal numbers the mean is 0 ± 0.003, the deviation 1 ± 0.002, and 68.3 ± 0.15 %
    # lie within one deviation; the bounds are five times as wide.
    assert abs(noise.mean()) < 0.016
    assert abs(noise.std() - 1) < 0.012
    assert abs(np.mean(np.abs(noise) < 1) - 0.6827) < 0.0075


def test_make_line_makes_the_same_points_from_the_same_seed():
    one, other = data.make_line(seed=7), data.make_line(seed=7)
    np.testing.assert_array_equal([one.x, one.y], [other.x, other.y])


def test_make_line_makes_other_points_from_another_seed():
    assert not np.any(data.make_line(seed=7).x == data.make_line(seed=8).x)


def test_make_line_moves_the_points_with_the_line_and_keeps_their_noise():
    one, other = data.make_line(weight=0.0, bias=0.0), data.make_line(weight=3.0, bias=2.0)
    # y is about 5 here: its last digit is 1e-15.
    np.testing.assert_allclose(other.y - one.y, 3.0 * one.x + 2.0, rtol=0, atol=1e-14)


def test_make_line_remembers_the_true_line():
    line = data.make_line(weight=2, bias=-3)
    assert line.line == (2.0, -3.0)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("weight", value) for value in (math.nan, math.inf, 1.1e6, "1")),
        *(("bias", value) for value in (math.nan, -math.inf, -1.1e6, None)),
        *(("num_points", value) for value in (0, -1, 1_000_001, 10.0)),
        *(("noise", value) for value in (-0.001, math.nan, math.inf, 1.1e6)),
        *(("seed", value) for value in (-1, 2**32, 0.5)),
    ],
)
def test_make_line_names_the_argument_it_refuses(name, value):
    with pytest.raises(ValueError, match=f"`{name}` must be a "):
        data.make_line(**{name: value})
