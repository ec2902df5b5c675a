"""Every schedule against Keras's own; what its numbers may be."""

import math

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from linreg.runs.schedules import Constant, CosineDecay, ExponentialDecay, LinearWarmup, StepDecay
from tests.later import Later

KERAS = Later("keras.optimizers.schedules")
LAST = 10_000
# Keras reckons in the precision of the rate, and takes a Python float for a float32.
RATES = st.floats(1e-12, 1e6).map(np.float64)
DECAY_RATES = st.one_of(st.sampled_from([1e-6, 0.5, 1.0]), st.floats(1e-6, 1.0)).map(np.float64)
COUNTS = st.one_of(st.integers(1, 300), st.integers(1, 2_000_000))
STEPS = st.lists(st.integers(0, LAST), max_size=10)


def assert_is(schedule, theirs, rate, steps, *turns):
    """Assert that a rate follows Keras's schedule, at some steps and wherever it takes a turn."""
    around = [turn + away for turn in (0, *turns) for away in (-1, 0, 1)]
    steps = np.unique([step for step in (*steps, *around, LAST) if 0 <= step <= LAST])
    expected = np.array([float(theirs(int(step))) for step in steps])
    # Powers and cosines of two libraries differ in the last digits. Near 0, a cosine and
    # Keras's warm-up are what is left of the rate, so their roundings are a share of that.
    # 1e-300, since TensorFlow takes numbers below 2e-308 for 0.
    loose = rate if isinstance(schedule, CosineDecay | LinearWarmup) else expected
    gap = np.abs(rate * schedule.multiples(steps) - expected)
    assert np.all(gap <= 1e-12 * loose + 1e-300)


@given(COUNTS, DECAY_RATES, RATES, STEPS)
def test_step_decay_is_the_staircase_of_keras(decay_steps, decay_rate, rate, steps):
    theirs = KERAS.ExponentialDecay(rate, decay_steps, decay_rate, staircase=True)
    turns = (decay_steps, 2 * decay_steps, 7 * decay_steps)
    assert_is(StepDecay(decay_steps, decay_rate), theirs, rate, steps, *turns)


@given(COUNTS, DECAY_RATES, RATES, STEPS)
def test_exponential_decay_is_that_of_keras(decay_steps, decay_rate, rate, steps):
    theirs = KERAS.ExponentialDecay(rate, decay_steps, decay_rate)
    assert_is(ExponentialDecay(decay_steps, decay_rate), theirs, rate, steps, decay_steps)


@given(COUNTS, st.floats(0, 1), RATES, STEPS)
def test_cosine_decay_is_that_of_keras(decay_steps, alpha, rate, steps):
    theirs = KERAS.CosineDecay(rate, decay_steps, alpha)
    assert_is(CosineDecay(decay_steps, alpha), theirs, rate, steps, decay_steps)


@example(50, 0.0, 0, np.float64(1), [])  # no warm-up
@example(1, 0.0, 1, np.float64(1), [])
@given(COUNTS, st.floats(0, 1), st.integers(0, 300), RATES, STEPS)
def test_cosine_decay_warms_up_as_that_of_keras(decay_steps, alpha, warmup_steps, rate, steps):
    theirs = KERAS.CosineDecay(
        np.float64(0), decay_steps, alpha, warmup_target=rate, warmup_steps=warmup_steps
    )
    turns = (warmup_steps, warmup_steps + decay_steps)
    assert_is(CosineDecay(decay_steps, alpha, warmup_steps), theirs, rate, steps, *turns)


@given(COUNTS, RATES, STEPS)
def test_linear_warmup_is_the_polynomial_of_keras(warmup_steps, rate, steps):
    theirs = KERAS.PolynomialDecay(np.float64(0), warmup_steps, rate, power=1.0)
    assert_is(LinearWarmup(warmup_steps), theirs, rate, steps, warmup_steps)


@pytest.mark.parametrize("schedule", [Constant(), LinearWarmup(0)])
def test_schedule_leaves_the_rate_as_it_is_without_a_warmup(schedule):
    assert schedule.multiples(np.array([0, 1, 10_000])).tolist() == [1.0, 1.0, 1.0]


@pytest.mark.parametrize(
    ("schedule", "expected"),
    [
        (StepDecay(10, 0.5), [1, 1, 0.5, 0.5, 0.25, 0.25]),
        (ExponentialDecay(10, 0.25), [1, 0.5, 0.25, 0.125, 0.0625, 0.03125]),
        # cos 0, 45, 90, 135, 180 degrees.
        (CosineDecay(20), [1, 0.5 + 0.5**1.5, 0.5, 0.5 - 0.5**1.5, 0, 0]),
        (CosineDecay(10, 0.5, 10), [0, 0.5, 1, 0.75, 0.5, 0.5]),
        (LinearWarmup(20), [0, 0.25, 0.5, 0.75, 1, 1]),
    ],
)
def test_schedule_has_the_multiples_computed_by_hand(schedule, expected):
    # Every fifth step; a cosine of a multiple of π is off by a rounding.
    multiples = schedule.multiples(np.arange(0, 30, 5))
    assert multiples == pytest.approx(expected, rel=1e-15, abs=1e-15)


# ---------------------------------------------------------------- what is refused

WHOLE, SHARE = "a whole number between 1 and 2000000", "a number between 1e-06 and 1"


@pytest.mark.parametrize(
    ("kind", "name", "allowed", "bad"),
    [
        (StepDecay, "decay_steps", WHOLE, 0),
        (StepDecay, "decay_steps", WHOLE, 2_000_001),
        (ExponentialDecay, "decay_steps", WHOLE, 2.5),
        (CosineDecay, "decay_steps", WHOLE, True),
        (StepDecay, "decay_rate", SHARE, 0.0),
        (ExponentialDecay, "decay_rate", SHARE, 1.000001),
        (ExponentialDecay, "decay_rate", SHARE, math.nan),
        (CosineDecay, "alpha", "a number between 0 and 1", -1e-9),
        (CosineDecay, "alpha", "a number between 0 and 1", "0.5"),
        (CosineDecay, "warmup_steps", "a whole number between 0 and 2000000", -1),
        (LinearWarmup, "warmup_steps", "a whole number between 0 and 2000000", None),
    ],
)
def test_schedule_says_what_a_number_may_be_when_it_refuses_it(kind, name, allowed, bad):
    with pytest.raises(ValueError) as refused:  # noqa: PT011
        kind(**{name: bad})
    assert str(refused.value) == f"`{name}` must be {allowed}, got {bad!r}."


@pytest.mark.parametrize(
    ("kind", "name", "value"),
    [
        (StepDecay, "decay_steps", 1),
        (StepDecay, "decay_steps", 2_000_000),
        (ExponentialDecay, "decay_rate", 1e-6),
        (ExponentialDecay, "decay_rate", 1.0),
        (CosineDecay, "alpha", 0.0),
        (CosineDecay, "alpha", 1.0),
        (LinearWarmup, "warmup_steps", 0),
        (LinearWarmup, "warmup_steps", 2_000_000),
    ],
)
def test_schedule_takes_both_ends_of_what_a_number_may_be(kind, name, value):
    assert getattr(kind(**{name: value}), name) == value
