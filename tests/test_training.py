"""The trainer against the closed form and the lesson's eager loop; and it compiles once."""

import math

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from linreg import data, lesson, training
from linreg.theory import Quadratic

SMALL = st.floats(-10, 10)
POINTS = st.lists(st.tuples(SMALL, SMALL), min_size=2, max_size=20).filter(
    lambda points: np.std(np.array(points)[:, 0]) > 0.1
)
# Multiples of the critical rate: far below, just below, at, just above and far above it.
SHARES = st.one_of(st.sampled_from([0.999999, 1.0, 1.000001, 10.0]), st.floats(1e-3, 3.0))
LINE = data.make_line()
CRITICAL = Quadratic.of(LINE.x, LINE.y).critical_learning_rate


def scale_so_far(quadratic, share, start, step, *parameters):
    """Return what roundings are a share of: the largest parameter so far, grown as errors grow.

    Digits lost on a long way out do not come back, so it is the largest so far. The minimum
    counts, since the closed form adds it. An unstable step multiplies every error, and a rounding
    is one; that matters only for starts so near the minimum that they stay there for a while.
    """
    magnitudes = [np.abs(part) for part in parameters]
    smallest = max(abs(quadratic.weight), abs(quadratic.bias), *map(abs, start))
    largest = np.maximum(np.maximum.accumulate(np.maximum(*magnitudes)), smallest)
    growth = max(1.0, abs(1 - 2 * share))
    with np.errstate(over="ignore"):
        return np.maximum(largest, smallest * np.float64(growth) ** step)


@example([(0.0, 1.0), (1.0, 1.0)], 0.0, 1.0, [3.0, 1.0, 0.5], 2_000)  # starts in the minimum
@example([(0.0, 0.0), (1.0, 1.0)], 0.0, -1.0, [1.001, 1.0, 0.999], 2_000_000)
@settings(max_examples=60)
@given(
    POINTS,
    SMALL,
    SMALL,
    st.lists(SHARES, min_size=3, max_size=3),
    st.sampled_from([1, 2, 57, 200, 2_000, 10_000]),
)
def test_training_follows_the_closed_form(points, weight, bias, shares, num_steps):
    x, y = np.array(points).T
    quadratic = Quadratic.of(x, y)
    rates = np.array(shares) * quadratic.critical_learning_rate
    measured = training.train(x, y, rates, num_steps, weight, bias)
    predicted = quadratic.path(rates, measured.step, weight, bias)
    for run, share in enumerate(shares):
        path = predicted.weight[run], predicted.bias[run]
        with np.errstate(invalid="ignore"):
            scale = scale_so_far(quadratic, share, (weight, bias), measured.step, *path)
        # Below 1e150 even squares are finite, so the run has to be.
        finite = scale < 1e150
        gap = np.abs(
            [measured.weight[run, finite], measured.bias[run, finite]] - np.array(path)[:, finite]
        )
        # 1e-13 for the roundings of a step, and those of thousands of steps add up. 1e-300, since
        # the compiled loop takes numbers below 2e-308 for 0.
        assert np.all(gap <= 1e-9 * scale[finite] + 1e-300)


def test_training_follows_the_closed_form_on_the_lessons_data_to_the_size_of_its_parameters():
    rates = [0.005, 0.5, 0.8]
    measured = training.train(LINE.x, LINE.y, rates, 200)
    predicted = Quadratic.of(LINE.x, LINE.y).path(rates, measured.step)
    for run in range(3):
        for ours, theirs in ((measured.weight, predicted.weight), (measured.bias, predicted.bias)):
            size = np.maximum.accumulate(np.abs(predicted.bias[run]))
            assert np.all(np.abs(ours[run] - theirs[run]) <= 1e-9 * size)


@settings(max_examples=20)
@given(POINTS, SMALL, SMALL, SHARES, st.integers(1, 20))
def test_training_follows_the_lesson_on_the_raw_points(points, weight, bias, share, num_steps):
    x, y = np.array(points).T
    quadratic = Quadratic.of(x, y)
    rate = share * quadratic.critical_learning_rate
    run = training.train(x, y, rate, num_steps, weight, bias)
    taught = lesson.fit(x, y, rate, num_steps, weight, bias, report=lambda line: None)
    path = run.weight[0], run.bias[0]
    scale = scale_so_far(quadratic, share, (weight, bias), run.step, *path)[-1]
    trained = np.array([run.weight[0, -1], run.bias[0, -1]])
    # Four points instead of all: sums in another order. Relative to the parameters so far.
    # 1e-300, since the compiled loop takes numbers below 2e-308 for 0.
    assert np.abs(trained - taught).max() <= 1e-9 * scale + 1e-300


@pytest.mark.parametrize("n", [1, 2, 100, 100_000])
def test_training_follows_the_lesson_for_any_number_of_points(n):
    line = data.make_line(num_points=n, seed=n)
    run = training.train(line.x, line.y, 0.3, 40)
    taught = lesson.fit(line.x, line.y, 0.3, 40, report=lambda text: None)
    assert (run.weight[0, -1], run.bias[0, -1]) == pytest.approx(taught, rel=1e-12)


@given(POINTS, SMALL, SMALL, SHARES)
def test_training_records_the_loss_of_its_own_weight_and_bias(points, weight, bias, share):
    x, y = np.array(points).T
    rate = share * Quadratic.of(x, y).critical_learning_rate
    run = training.train(x, y, rate, 10, weight, bias)
    terms = [
        run.weight[0][:, None] * x,
        run.bias[0][:, None] + 0 * x,
        -y + 0 * run.bias[0][:, None],
    ]
    expected = np.mean(np.sum(terms, axis=0) ** 2, axis=1)
    scale = np.mean(np.sum(np.abs(terms), axis=0) ** 2, axis=1)  # of what cancels in a residual
    assert np.all(np.abs(run.loss[0] - expected) <= 1e-12 * scale)


@pytest.mark.parametrize(("share", "ends_below"), [(0.9999, True), (1.0001, False)])
def test_training_closes_the_gap_just_below_the_critical_rate_only(share, ends_below):
    # The steep error is multiplied by 0.9998 or 1.0002 a step: e^∓20 after 100,000 steps.
    run = training.train(LINE.x, LINE.y, share * CRITICAL, 100_000)
    assert (run.loss[0, -1] < run.loss[0, 0]) == ends_below


# ---------------------------------------------------------------- the record


@pytest.mark.parametrize("num_steps", [1, 2, 199, 200, 201, 1_999, 2_000])
def test_training_records_every_step_up_to_two_thousand(num_steps):
    assert training.train(LINE.x, LINE.y, 0.1, num_steps).step.tolist() == [*range(num_steps + 1)]


@pytest.mark.parametrize("num_steps", [2_001, 3_333, 100_000, 2_000_000])
def test_training_records_2001_steps_beyond_with_the_first_and_the_last(num_steps):
    step = training.train(LINE.x, LINE.y, 0.1, num_steps).step
    assert (step.size, step[0], step[-1]) == (2_001, 0, num_steps)


def test_training_records_the_same_at_a_step_however_far_it_goes():
    short = training.train(LINE.x, LINE.y, 0.1, 2_000)
    long = training.train(LINE.x, LINE.y, 0.1, 4_000)  # records every second step
    np.testing.assert_array_equal(long.weight[:, :1_001], short.weight[:, ::2])


def test_training_records_the_start_at_step_0():
    run = training.train(LINE.x, LINE.y, (0.1, 0.2), 5, initial_weight=3.0, initial_bias=-7.0)
    assert (run.weight[:, 0].tolist(), run.bias[:, 0].tolist()) == ([3.0, 3.0], [-7.0, -7.0])


@pytest.mark.parametrize("num_rates", [1, 2, 256])
def test_training_returns_a_row_for_each_learning_rate(num_rates):
    rates = np.geomspace(1e-3, 1.0, num_rates)
    run = training.train(LINE.x, LINE.y, rates, 10)
    assert run.weight.shape == run.bias.shape == run.loss.shape == (num_rates, 11)
    np.testing.assert_array_equal(run.learning_rates, rates)


def test_training_trains_each_of_many_rates_as_if_it_were_alone():
    rates = [0.005, 0.5, 0.8]
    together = training.train(LINE.x, LINE.y, rates, 50)
    for run, rate in enumerate(rates):
        alone = training.train(LINE.x, LINE.y, rate, 50)
        np.testing.assert_allclose(together.weight[run], alone.weight[0], rtol=1e-13)


def test_training_keeps_inf_and_nan_in_the_record_when_a_run_diverges():
    run = training.train(LINE.x, LINE.y, (0.1, 100.0), 200)
    assert np.all(np.isfinite(run.loss[0]))
    assert run.loss.shape == (2, 201)
    assert not np.isfinite(run.loss[1, -1])
    assert run.diverged[:, -1].tolist() == [False, True]


# ---------------------------------------------------------------- one compilation


def fifty_calls():
    """Return arguments that differ in everything but the number of rates."""
    rng = np.random.default_rng(0)
    counts = [1, 2, 3, 199, 200, 201, 1_999, 2_000, 2_001, 54_321, *rng.integers(1, 5_000, 40)]
    for seed, num_steps in enumerate(counts):
        line = data.make_line(num_points=seed + 1, seed=seed)
        yield line.x, line.y, rng.uniform(0.01, 1.0, 3), int(num_steps), rng.normal(), rng.normal()


def test_training_is_traced_once_for_fifty_different_calls():
    training.train([0.0, 1.0], [0.0, 1.0], (0.1, 0.2, 0.3), 7)
    traces = training.num_traces()
    for arguments in fifty_calls():
        training.train(*arguments)
    assert training.num_traces() == traces


def test_training_gives_the_compiler_two_shapes_for_fifty_different_calls(monkeypatch):
    # A trace serves every shape, but XLA compiles each shape it has not seen.
    compiled, shapes = training._descend, set()

    def watched(*arguments):
        shapes.add(tuple(np.shape(argument) for argument in arguments))
        return compiled(*arguments)

    monkeypatch.setattr(training, "_descend", watched)
    for arguments in fifty_calls():
        training.train(*arguments)
    assert len(shapes) == 2


# ---------------------------------------------------------------- what is refused


@pytest.mark.parametrize(
    ("name", "bad"),
    [
        ("learning_rate", {"learning_rates": (0.1, 0.0)}),
        ("learning_rate", {"learning_rates": math.nan}),
        ("learning_rates", {"learning_rates": []}),
        ("num_steps", {"num_steps": 0}),
        ("num_steps", {"num_steps": 2_000_001}),
        ("initial_weight", {"initial_weight": math.inf}),
        ("initial_bias", {"initial_bias": 1e7}),
    ],
)
def test_training_names_the_argument_it_refuses(name, bad):
    with pytest.raises(ValueError, match=f"`{name}` must "):
        training.train(LINE.x, LINE.y, **bad)


def test_training_runs_when_all_x_are_equal():
    # One place, y = 1 or 3 at x = 2: no single best line, but the least loss is 1.
    run = training.train([2.0, 2.0], [1.0, 3.0], 0.1, 100)
    assert run.loss[0, -1] == pytest.approx(1.0, rel=1e-12)
