"""The lesson's loop against Keras, which is nobody's here, and against its own printout."""

import doctest
import math
from importlib import import_module

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from linreg import data
from tests.later import keras, lesson, tf
from tests.properties import examples

# Keras keeps its learning rate in float32, where these are exact.
EXACT_RATES = st.sampled_from([2.0**-10, 0.0625, 0.5, 0.75, 1.0, 2.0])
SMALL = st.floats(-10, 10)


def silent(*args, **settings):
    """Fit without a printout."""
    return lesson.fit(*args, **settings, report=lambda line: None)


def fit_with_keras(x, y, learning_rate, num_steps, weight, bias):
    """Return the weight and bias of Keras's own layer, loss and optimizer, in float64."""
    layer = keras.layers.Dense(1, dtype="float64")
    layer.build((None, 1))
    layer.set_weights([np.array([[weight]]), np.array([bias])])
    optimizer = keras.optimizers.SGD(learning_rate)
    mean_squared_error = keras.losses.MeanSquaredError(dtype="float64")
    for _ in range(num_steps):
        with tf.GradientTape() as tape:
            loss = mean_squared_error(y[:, None], layer(x[:, None]))
        gradients = tape.gradient(loss, layer.trainable_variables)
        optimizer.apply(gradients, layer.trainable_variables)
    kernel, constant = layer.get_weights()
    return float(kernel[0, 0]), float(constant[0])


@examples(15)
@given(st.integers(1, 30), st.integers(1, 15), EXACT_RATES, SMALL, SMALL)
def test_fit_ends_where_keras_ends(num_points, num_steps, learning_rate, weight, bias):
    line = data.make_line(2.0, -1.0, num_points, noise=0.5, seed=num_points)
    ours = silent(line.x, line.y, learning_rate, num_steps, (weight, bias))
    theirs = fit_with_keras(line.x, line.y, learning_rate, num_steps, weight, bias)
    # Sums in another order: roundings, which 15 steps above the critical rate multiply as they
    # multiply the parameters.
    assert np.abs(np.subtract(ours, theirs)).max() <= 1e-9 * max(1, *np.abs(theirs))


def test_fit_reaches_the_least_squares_line():
    line = data.make_line()
    expected = np.polyfit(line.x, line.y, 1)
    # 300 steps at two thirds of the critical rate: the flat factor is 0.93, and 0.93³⁰⁰ = 3e-10.
    fitted = silent(line.x, line.y, learning_rate=0.5, num_steps=300)
    assert fitted == pytest.approx(expected, rel=1e-8)


def test_fit_makes_the_step_computed_by_hand():
    # One point (2, 7) and the line 1·x + 1: residual −4, gradients 2 · −4 · 2 and 2 · −4.
    fitted = silent([2.0], [7.0], 0.25, 1, start=(1.0, 1.0))
    assert fitted == (5.0, 3.0)


def test_fit_reports_the_loss_every_twenty_steps_and_after_the_last():
    # x = ±1, y = x: the weight's error starts at −1 and halves at each step, the bias is right.
    lines = []
    lesson.fit([-1, 1], [-1, 1], 0.25, 50, start=(0.0, 0.0), report=lines.append)
    assert lines == [f"Step {k}, Loss: {0.25**k:.6g}" for k in (0, 20, 40, 50)]


def test_fit_prints_when_not_told_otherwise(capsys):
    lesson.fit([0.0], [1.0], num_steps=1, start=(0.0, 1.0))
    assert capsys.readouterr().out == "Step 0, Loss: 0\nStep 1, Loss: 0\n"


def test_fit_returns_inf_or_nan_when_it_has_diverged():
    fitted = silent([-1.0, 1.0], [1.0, 5.0], learning_rate=1e6, num_steps=60)
    assert not any(math.isfinite(value) for value in fitted)


def test_mean_squared_error_has_no_half():
    assert float(lesson.mean_squared_error(tf.constant([1.0, 3.0]), tf.constant([0.0, 0.0]))) == 5.0


@pytest.mark.parametrize(
    ("name", "bad"),
    [
        ("learning_rate", {"learning_rate": 0.0}),
        ("num_steps", {"num_steps": 0}),
        ("initial_weight", {"start": (math.nan, 0.0)}),
        ("initial_bias", {"start": (0.0, 1e7)}),
    ],
)
def test_fit_names_the_argument_it_refuses(name, bad):
    with pytest.raises(ValueError, match=f"`{name}` must be a "):
        silent([0.0], [1.0], **bad)


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_fit_refuses_points_that_are_not_finite(value):
    with pytest.raises(ValueError, match="`x` and `y` must be finite"):
        silent([0.0, value], [1.0, 1.0])


@pytest.mark.parametrize("name", ["lesson", "trainer"])
def test_examples_in_the_docstrings_of_what_loads_tensorflow_hold(name):
    assert doctest.testmod(import_module(f"linreg.training.{name}")).failed == 0
