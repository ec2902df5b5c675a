"""Scaling: there and back, against NumPy, and what standardised training reaches."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from linreg.data.scaling import SCALED, SCALES, Scaling
from linreg.theory import Quadratic
from tests.later import training

WIDE = st.floats(-1e6, 1e6)
UNITS = st.floats(1e-6, 1e6)
SCALINGS = st.builds(Scaling, WIDE, UNITS, WIDE, UNITS)


def points(middle: float, half: float, num_points: int = 200):
    """Return points whose x are within `half` of a middle, around a line."""
    rng = np.random.default_rng(1)
    x = middle + half * rng.uniform(-1, 1, num_points)
    return x, 3.0 * x - 40.0 + rng.normal(size=num_points)


DATA = {"up to 1,000": points(500, 500), "2000 ± 10": points(2000, 10)}


def lstsq(x, y) -> np.ndarray:
    """Return the least-squares line of standardised x, by NumPy alone."""
    standard = (x - x.mean()) / x.std()
    return np.linalg.lstsq(np.stack([standard, np.ones_like(x)], axis=1), y, rcond=None)[0]


@pytest.mark.parametrize(("x", "y"), DATA.values(), ids=DATA)
def test_exact_fit_of_standardised_data_is_numpys(x, y):
    scaled = Scaling.of(x, y, "standardised").points(x, y)
    exact = Quadratic.of(*scaled)
    assert (exact.weight, exact.bias) == pytest.approx(tuple(lstsq(x, y)), rel=1e-9)


@pytest.mark.parametrize(("x", "y"), DATA.values(), ids=DATA)
def test_exact_fit_of_raw_data_is_numpys_on_standardised_data(x, y):
    weight, middle = lstsq(x, y)
    exact = Quadratic.of(x, y)
    expected = weight / x.std(), middle - weight / x.std() * x.mean()
    assert (exact.weight, exact.bias) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize(("x", "y"), DATA.values(), ids=DATA)
@pytest.mark.parametrize("columns", SCALED)
def test_standardised_training_reaches_the_exact_fit_in_original_units(x, y, columns):
    scaling = Scaling.of(x, y, "standardised", columns)
    run = training.train(*scaling.points(x, y), 0.5, 100)
    weight, middle = lstsq(x, y)
    reached = scaling.original(run.weight[0, -1], run.bias[0, -1])
    expected = weight / x.std(), middle - weight / x.std() * x.mean()
    assert reached == pytest.approx(expected, rel=1e-9)
    residual = reached[0] * x + reached[1] - y
    loss = scaling.original_loss(run.loss[0, -1])
    assert loss == pytest.approx(np.mean(residual**2), rel=1e-9)


@pytest.mark.parametrize(("x", "y"), DATA.values(), ids=DATA)
def test_standardised_data_has_a_round_bowl(x, y):
    quadratic = Quadratic.of(*Scaling.of(x, y, "standardised").points(x, y))
    assert quadratic.condition_number == pytest.approx(1, rel=1e-6)
    assert quadratic.critical_learning_rate == pytest.approx(1, rel=1e-6)


@given(SCALINGS, WIDE, WIDE, WIDE)
def test_a_line_passes_the_same_points_in_either_units(scaling, weight, bias, x):
    (there,), (height,) = scaling.points(np.array([x]), np.array([weight * x + bias]))
    scaled = scaling.line(weight, bias)
    size = abs(weight) * (abs(x) + abs(scaling.shift_x)) + abs(bias) + abs(scaling.shift_y)
    assert abs(scaled[0] * there + scaled[1] - height) <= 1e-12 * size / scaling.unit_y + 1e-300


@given(SCALINGS, WIDE, WIDE)
def test_original_brings_a_line_back(scaling, weight, bias):
    there = scaling.line(weight, bias)
    back = scaling.original(*there)
    size = abs(weight * scaling.shift_x) + abs(bias) + abs(scaling.shift_y)
    assert abs(back[0] - weight) <= 1e-12 * abs(weight) + 1e-300
    assert abs(back[1] - bias) <= 1e-12 * size + 1e-300


def test_centred_data_keeps_its_units():
    x, y = DATA["2000 ± 10"]
    there, height = Scaling.of(x, y, "centred").points(x, y)
    np.testing.assert_allclose(there, x - x.mean())
    assert np.array_equal(height, y)


def test_raw_data_stays_the_very_same():
    x, y = DATA["2000 ± 10"]
    assert Scaling.of(x, y, "raw", "xy").points(x, y)[0] is x
    assert Scaling.of(x, y, "raw").is_raw


def test_a_constant_column_is_centred_and_not_divided():
    scaling = Scaling.of([1.0, 2.0], [5.0, 5.0], "standardised", "xy")
    assert scaling.points(np.array([1.0, 2.0]), np.array([5.0, 5.0]))[1].tolist() == [0, 0]


@pytest.mark.parametrize("value", [0.1, 0.7, -1 / 3, 1e-200])
@pytest.mark.parametrize("scale", ["centred", "standardised"])
@pytest.mark.parametrize("n", [3, 10])
def test_a_constant_column_becomes_0_where_its_mean_has_a_rounding(value, scale, n):
    y = np.full(n, value)
    scaling = Scaling.of(np.arange(float(n)), y, scale, "xy")
    assert (scaling.shift_y, scaling.unit_y) == (value, 1.0)
    assert scaling.points(np.arange(float(n)), y)[1].tolist() == [0.0] * n


def test_a_run_that_has_left_all_numbers_stays_so():
    weight, bias = Scaling(3.0, 2.0).original(np.array([np.inf, np.nan]), np.array([1.0, 1.0]))
    assert np.isinf(weight[0])
    assert np.isnan(weight[1])
    assert not np.isfinite(bias).any()


@pytest.mark.parametrize(("scale", "columns"), [("log", "x"), ("raw", "z"), (None, "x")])
def test_what_is_no_scale_is_refused(scale, columns):
    with pytest.raises(ValueError, match="must be one of"):
        Scaling.of([1.0], [1.0], scale, columns)


def test_scales_are_named_as_the_page_names_them():
    assert list(SCALES) == ["raw", "centred", "standardised"]
