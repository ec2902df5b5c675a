"""The trainer against the closed form, the lesson's loop and plain ones; and it compiles once."""

import math
from dataclasses import asdict, replace

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from linreg import data
from linreg.runs.history import drawn_steps
from linreg.runs.phases import Phase
from linreg.runs.rules import RULES, Adam, Momentum, Plain
from linreg.runs.schedules import Constant, CosineDecay, ExponentialDecay, LinearWarmup, StepDecay
from linreg.theory import Quadratic
from linreg.training import shapes
from tests.later import lesson, tf, training
from tests.properties import examples
from tests.runs import path_of

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
    measured = training.train(x, y, rates, num_steps, (weight, bias))
    predicted = path_of(quadratic, rates, measured.step, (weight, bias))
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
    predicted = path_of(Quadratic.of(LINE.x, LINE.y), rates, measured.step)
    for run in range(3):
        for ours, theirs in ((measured.weight, predicted.weight), (measured.bias, predicted.bias)):
            size = np.maximum.accumulate(np.abs(predicted.bias[run]))
            assert np.all(np.abs(ours[run] - theirs[run]) <= 1e-9 * size)


@examples(20)
@given(POINTS, SMALL, SMALL, SHARES, st.integers(1, 20))
def test_training_follows_the_lesson_on_the_raw_points(points, weight, bias, share, num_steps):
    x, y = np.array(points).T
    quadratic = Quadratic.of(x, y)
    rate = share * quadratic.critical_learning_rate
    run = training.train(x, y, rate, num_steps, (weight, bias))
    taught = lesson.fit(x, y, rate, num_steps, (weight, bias), report=lambda line: None)
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
    run = training.train(x, y, rate, 10, (weight, bias))
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
    run = training.train(LINE.x, LINE.y, (0.1, 0.2), 5, start=(3.0, -7.0))
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


# ---------------------------------------------------------------- several phases

COLUMNS = ("weight", "bias", "loss")


def assert_same(history, other, rtol=1e-13):
    """Assert that two histories hold the same runs, but for the roundings of another order."""
    np.testing.assert_array_equal(history.step, other.step)
    for name in COLUMNS:
        np.testing.assert_allclose(getattr(history, name), getattr(other, name), rtol)


@pytest.mark.parametrize("rule", [kind() for kind in RULES.values()], ids=RULES)
def test_two_phases_of_200_steps_are_one_of_400(rule):
    rates = (0.001, 0.1, 0.2)
    halves = training.train_phases(LINE.x, LINE.y, [Phase(rates, 200, rule)] * 2)
    assert_same(halves, training.train(LINE.x, LINE.y, rates, 400, rule=rule), rtol=1e-12)


@examples(10)
@given(POINTS, SMALL, SMALL, st.lists(st.tuples(SHARES, st.integers(1, 60)), min_size=1))
def test_phases_follow_the_lesson_trained_on_from_phase_to_phase(points, weight, bias, stretches):
    x, y = np.array(points).T
    critical = Quadratic.of(x, y).critical_learning_rate
    # At most 1, so that what a rounding does stays a rounding.
    phases = [Phase(min(share, 1.0) * critical, num_steps) for share, num_steps in stretches[:5]]
    run = training.train_phases(x, y, phases, (weight, bias))
    size = max(1.0, np.abs([run.weight, run.bias]).max())
    line = (weight, bias)
    for phase, end in zip(phases, np.cumsum([phase.num_steps for phase in phases]), strict=True):
        (rate,) = phase.learning_rates
        line = lesson.fit(x, y, rate, phase.num_steps, line, report=lambda text: None)
        ours = run.weight[0, run.step == end], run.bias[0, run.step == end]
        # At the critical rate roundings last, and those of 300 steps add up.
        assert np.abs(np.subtract(np.ravel(ours), line)).max() <= 1e-10 * size


def test_phases_are_recorded_with_the_end_of_each():
    phases = [Phase(0.1, num_steps) for num_steps in (3_333, 1, 7_000)]
    run = training.train_phases(LINE.x, LINE.y, phases)
    assert {0, 3_333, 3_334, 10_334} <= set(run.step.tolist())
    assert run.weight.shape == run.bias.shape == run.loss.shape == (1, run.step.size)


def test_phases_are_recorded_at_the_steps_that_are_asked_for():
    phases = [Phase(0.1, 1_000), Phase(0.1, 49_000)]
    run = training.train_phases(LINE.x, LINE.y, phases, is_detailed=True)
    np.testing.assert_array_equal(run.step, drawn_steps(phases))
    # The first 2,000 steps are those of a short run.
    short = training.train(LINE.x, LINE.y, 0.1, 2_000)
    np.testing.assert_allclose(run.weight[:, :1_001], short.weight[:, :1_001], rtol=1e-13)


# ---------------------------------------------------------------- mini-batches


def mini_batches(num_points, phases, seed=0):
    """Return which points the first shuffle has in the mini-batch of each step: a list of arrays.

    The order depends on nothing but the seed and sizes, so the trainer itself can be asked: with
    x = 0 everywhere and a rate of ½ each step takes the bias to the mean of its mini-batch's y. Of
    y = 1, 2, 4, 8, … that mean, times a size, names the points in binary. Of mini-batches of all
    points there is nothing to ask.
    """
    asked = [Phase(0.5, phase.num_steps, batch_size=phase.batch_size) for phase in phases]
    y = 2.0 ** np.arange(num_points)
    run = training.train_phases(np.zeros(num_points), y, asked, seed=seed)
    inside, means = [], iter(run.bias[0, 1:])
    for phase in phases:
        per_epoch = -(-num_points // phase.batch_size)
        for k in range(phase.num_steps):
            is_last = k % per_epoch == per_epoch - 1
            size = (num_points - 1) % phase.batch_size + 1 if is_last else phase.batch_size
            total = round(float(next(means)) * size)
            inside.append([point for point in range(num_points) if total >> point & 1])
            assert len(inside[-1]) == size
    return inside


def descend(x, y, batches, rates, rule, weight, bias):
    """Return weight and bias after each step of a plain loop, shape (2, num_steps + 1)."""
    line, velocity = np.array([weight, bias]), np.zeros(2)
    kept = getattr(rule, "momentum", 0.0)
    looped = [line]
    for inside, rate in zip(batches, rates, strict=True):
        residual = line[0] * x[inside] + line[1] - y[inside]
        gradient = 2 * np.array([np.mean(residual * x[inside]), np.mean(residual)])
        velocity = kept * velocity - rate * gradient
        line = line + velocity
        looped.append(line)
    return np.array(looped).T


@given(
    st.integers(1, 30),
    st.floats(0, 1),
    st.integers(0, 2**32 - 1),
    st.sampled_from([Plain(), Momentum(0.5)]),
    st.floats(0.01, 0.3),
    SMALL,
    SMALL,
)
def test_mini_batches_are_trained_as_in_a_plain_loop(
    num_points, share, seed, rule, rate, weight, bias
):
    batch_size = 1 + round(share * (num_points - 1))
    line = data.make_line(2.0, -1.0, num_points, noise=0.5, seed=num_points)
    phases = [Phase(rate, 100, rule, batch_size=batch_size)]
    run = training.train_phases(line.x, line.y, phases, (weight, bias), seed)
    batches = mini_batches(num_points, phases, seed)
    looped = descend(line.x, line.y, batches, [rate] * 100, rule, weight, bias)
    # Four points instead of those of the mini-batch: roundings, which no step here multiplies by
    # much, since x < 1 and all rates lie below the critical one of any single point.
    gap = np.abs(np.array([run.weight[0], run.bias[0]]) - looped).max()
    assert gap <= 1e-10 * max(1.0, np.abs(looped).max())


def test_mini_batches_take_a_schedule_and_another_order_in_every_phase():
    line = data.make_line(2.0, -1.0, 17, noise=0.5)
    phases = [
        Phase(0.2, 90, Plain(), StepDecay(30, 0.5), 5),
        Phase(0.1, 60, Momentum(0.5), Constant(), 1),
        Phase(0.1, 90, Momentum(0.5), LinearWarmup(45), 5),
    ]
    run = training.train_phases(line.x, line.y, phases)
    batches = mini_batches(17, phases)
    assert batches[:90] != batches[150:]
    first = descend(
        line.x, line.y, batches[:90], np.repeat([0.2, 0.1, 0.05], 30), Plain(), 0.0, -1.0
    )
    rates = [*[0.1] * 60, *(0.1 * k / 45 for k in range(45)), *[0.1] * 45]
    rest = descend(line.x, line.y, batches[90:], rates, Momentum(0.5), *first[:, -1])
    expected = np.concatenate([first, rest[:, 1:]], axis=1)
    np.testing.assert_allclose([run.weight[0], run.bias[0]], expected, rtol=1e-10)


@pytest.mark.parametrize("rule", [kind() for kind in RULES.values()], ids=RULES)
def test_mini_batches_of_all_points_train_as_all_points_do(rule):
    ways = {"rule": rule, "schedule": ExponentialDecay(100, 0.5)}
    batches = training.train(LINE.x, LINE.y, 0.01, 200, **ways, batch_size=100)
    whole = training.train(LINE.x, LINE.y, 0.01, 200, **ways)
    assert_same(batches, whole, rtol=1e-9)  # sums in another order


def test_mini_batches_record_the_loss_on_all_points():
    run = training.train(LINE.x, LINE.y, 0.3, 50, batch_size=3)
    lines = run.weight[0][:, None] * LINE.x + run.bias[0][:, None]
    np.testing.assert_allclose(run.loss[0], np.mean((lines - LINE.y) ** 2, axis=1), rtol=1e-12)


def test_mini_batches_are_the_same_for_all_rates():
    together = training.train(LINE.x, LINE.y, (0.01, 0.3), 200, batch_size=5)
    for run, rate in enumerate((0.01, 0.3)):
        alone = training.train(LINE.x, LINE.y, rate, 200, batch_size=5)
        np.testing.assert_allclose(together.weight[run], alone.weight[0], rtol=1e-12)


def test_mini_batches_are_the_same_for_the_same_seed():
    phases = [Phase(0.3, 200, batch_size=5)]
    run, again = (training.train_phases(LINE.x, LINE.y, phases, seed=7) for _ in range(2))
    for name in COLUMNS:
        np.testing.assert_array_equal(getattr(run, name), getattr(again, name))


def test_mini_batches_are_others_for_another_seed():
    phases = [Phase(0.3, 200, batch_size=5)]
    runs = [training.train_phases(LINE.x, LINE.y, phases, seed=seed) for seed in (0, 1, 2**32 - 1)]
    finals = {float(run.weight[0, -1]) for run in runs}
    assert len(finals) == 3


# ---------------------------------------------------------------- the band


@examples(10)
@given(
    st.integers(1, 30), st.integers(1, 30), st.integers(0, 2**32 - 1), st.sampled_from([1, 2, 10])
)
def test_band_contains_its_mean_and_the_run(num_points, batch_size, seed, num_shuffles):
    line = data.make_line(2.0, -1.0, num_points, noise=0.5, seed=num_points)
    phases = [Phase((0.1, 0.5), 50), Phase((0.1, 0.5), 50, batch_size=min(num_points, batch_size))]
    run = training.train_phases(line.x, line.y, phases, seed=seed, num_shuffles=num_shuffles)
    low, mean, high = run.band.low, run.band.mean, run.band.high
    assert low.shape == mean.shape == high.shape == run.loss.shape == (2, 101)
    assert np.all((low <= run.loss) & (run.loss <= high))
    # The mean of ten equal numbers can be off by a rounding.
    assert np.all((low <= mean * (1 + 1e-15)) & (mean <= high * (1 + 1e-15)))


def test_band_is_as_narrow_as_its_run_before_the_first_mini_batch():
    phases = [Phase(0.5, 50), Phase(0.5, 50, batch_size=5)]
    band = training.train_phases(LINE.x, LINE.y, phases).band
    np.testing.assert_array_equal(band.low[:, :51], band.high[:, :51])
    assert np.all(band.low[:, 51:] < band.high[:, 51:])


def test_band_is_that_of_as_many_shuffles_as_are_asked_for():
    phases = [Phase(0.3, 200, batch_size=5)]
    one, three, ten = (
        training.train_phases(LINE.x, LINE.y, phases, num_shuffles=number) for number in (1, 3, 10)
    )
    np.testing.assert_array_equal(one.band.low, one.band.high)
    # The run is the first shuffle, however many follow.
    np.testing.assert_allclose(one.loss, ten.loss, rtol=1e-12)
    assert np.mean(three.band.high - three.band.low) < np.mean(ten.band.high - ten.band.low)


def test_band_holds_the_mean_of_its_shuffles():
    phases = [Phase(0.3, 200, batch_size=5)]
    two, three = (
        training.train_phases(LINE.x, LINE.y, phases, num_shuffles=number).band for number in (2, 3)
    )
    np.testing.assert_allclose(two.mean, (two.low + two.high) / 2, rtol=1e-14)
    # Where a third shuffle widens the band, it is the new end, and counts as much as the others.
    below, above = three.low < two.low * (1 - 1e-9), three.high > two.high * (1 + 1e-9)
    third = np.where(below, three.low, three.high)
    widened = below | above
    assert np.sum(widened) > 50
    expected = (two.low + two.high + third) / 3
    np.testing.assert_allclose(three.mean[widened], expected[widened], rtol=1e-12)


def test_band_keeps_inf_and_nan_when_runs_diverge():
    run = training.train(LINE.x, LINE.y, (0.1, 1e6), 500, batch_size=5)
    assert np.isfinite([run.band.low[0], run.band.mean[0], run.band.high[0]]).all()
    assert not np.isfinite([run.band.low[1, -1], run.band.mean[1, -1], run.band.high[1, -1]]).any()


def test_history_has_no_band_without_mini_batches():
    assert training.train_phases(LINE.x, LINE.y, [Phase(0.1), Phase(0.2)]).band is None


# ---------------------------------------------------------------- part by part

LONG = {
    "schedule": Phase((0.001, 0.1), 700, schedule=CosineDecay(500, 0.1, 30)),
    "mini-batches": Phase((0.001, 0.1), 700, batch_size=7),
    "adam": Phase((0.001, 0.01), 700, Adam(), StepDecay(90), 7),
}


@pytest.mark.parametrize(
    ("name", "slots"),
    [
        ("schedule", (1,)),
        ("schedule", (699,)),
        ("mini-batches", (3, 50)),
        ("adam", (7,)),
        ("adam", (699,)),
    ],
    ids=str,
)
def test_phase_trained_in_parts_ends_as_in_one_go(monkeypatch, name, slots):
    phase = LONG[name]
    phases = [Phase(phase.learning_rates, 20, phase.rule), phase]
    at_once = training.train_phases(LINE.x, LINE.y, phases)
    monkeypatch.setattr(shapes, "SLOTS", slots)
    parts = training.train_phases(LINE.x, LINE.y, phases)
    # Compiled for another size, a sum may round otherwise, and a power of Adam's too.
    assert_same(parts, at_once, rtol=1e-10)


@pytest.mark.parametrize("num_steps", [20_000, 20_001, 45_678])
def test_phase_of_more_than_20000_steps_follows_a_plain_loop_with_a_schedule(num_steps):
    schedule = CosineDecay(num_steps, 0.25)
    line = data.make_line(num_points=3)
    run = training.train(line.x, line.y, 0.01, num_steps, rule=Momentum(0.5), schedule=schedule)
    share = np.arange(num_steps) / num_steps
    rates = 0.01 * (0.25 + 0.75 * (1 + np.cos(np.pi * share)) / 2)
    batches = [[0, 1, 2]] * num_steps
    looped = descend(line.x, line.y, batches, rates, Momentum(0.5), 0.0, -1.0)
    # Every step shrinks what roundings the steps before it left.
    assert np.abs([run.weight[0], run.bias[0]] - looped[:, run.step]).max() <= 1e-12


@pytest.mark.parametrize("phase", LONG.values(), ids=LONG)
def test_phase_of_more_than_20000_steps_ends_as_in_one_go(monkeypatch, phase):
    phases = [replace(phase, num_steps=45_678)]
    parts = training.train_phases(LINE.x, LINE.y, phases)
    monkeypatch.setattr(shapes, "SLOTS", (50_000,))
    at_once = training.train_phases(LINE.x, LINE.y, phases)
    # Likewise. Of 2,000 records, so those between two parts are among them.
    assert_same(parts, at_once, rtol=1e-10)


# ---------------------------------------------------------------- one compilation


def fifty_calls():
    """Return arguments that differ in everything but the number of rates."""
    rng = np.random.default_rng(0)
    counts = [1, 2, 3, 199, 200, 201, 1_999, 2_000, 2_001, 54_321, *rng.integers(1, 5_000, 40)]
    for seed, num_steps in enumerate(counts):
        line = data.make_line(num_points=seed + 1, seed=seed)
        yield line.x, line.y, rng.uniform(0.01, 1.0, 3), int(num_steps), rng.normal(size=2)


def fifty_changes(kind, is_scheduled, is_noisy):
    """Return arguments that differ in everything but the rule, the number of rates, and these."""
    rng = np.random.default_rng(1)
    bounds = {"momentum": 0.999, "rho": 0.9999, "beta_1": 0.9999, "beta_2": 0.99999, "epsilon": 1}

    def phase(num_steps, num_points):
        return Phase(
            tuple(rng.uniform(0.01, 0.1, 3)),
            num_steps,
            kind(**{name: rng.uniform(1e-6, bounds[name]) for name in asdict(kind())}),
            CosineDecay(int(rng.integers(1, 900)), rng.uniform(), int(rng.integers(0, 90)))
            if is_scheduled
            else Constant(),
            int(rng.integers(1, num_points + 1)) if is_noisy else None,
        )

    counts = [1, 2, 199, 200, 201, 1_999, 2_000, 2_001, 20_000, 20_001, 54_321]
    for seed, num_steps in enumerate([*counts, *rng.integers(1, 5_000, 39).tolist()]):
        line = data.make_line(num_points=seed + 1, seed=seed)
        phases = [phase(num_steps, seed + 1), phase(17 * seed + 1, seed + 1)]
        yield line.x, line.y, phases, rng.normal(size=2), seed


# Every rule, with everything; and everything there is to leave out.
VARIANTS = [(Adam, True, True), (Plain, True, True), (Plain, True, False), (Plain, False, True)]
VARIANTS += [(Plain, False, False)]


def test_training_is_traced_once_for_fifty_different_calls():
    training.train([0.0, 1.0], [0.0, 1.0], (0.1, 0.2, 0.3), 7)
    traces = training.num_traces()
    for arguments in fifty_calls():
        training.train(*arguments)
    assert training.num_traces() == traces


@pytest.mark.parametrize("kind", RULES.values(), ids=RULES)
def test_training_is_traced_once_a_rule_whatever_its_numbers_and_the_schedule_are(kind):
    training.train([0.0, 1.0], [0.0, 1.0], (0.1, 0.2, 0.3), 7, rule=kind())
    traces = training.num_traces()
    assert 1 <= traces <= len(RULES)
    for is_scheduled, is_noisy in ((False, False), (True, True)):
        for arguments in [*fifty_changes(kind, is_scheduled, is_noisy)][:5]:
            training.train_phases(*arguments)
    assert training.num_traces() == traces


def shapes_given_to_the_compiler(monkeypatch, train, calls):
    """Return the shapes that the compiled functions see in some calls, by kind of rule.

    They are not run: what they would return has the right shape, and holds zeros.
    """
    shapes = set()

    def watched(kind):
        def descend(*arguments):
            shapes.add((kind, *(np.shape(argument) for argument in arguments)))
            state, capacity = arguments[7], len(arguments[9])
            _, num_parameters, num_shuffles, num_rates, _ = np.shape(state)
            recorded = tf.zeros((capacity + 1, num_parameters, num_rates), tf.float64)
            losses = tf.zeros((capacity + 1, num_shuffles, num_rates), tf.float64)
            return recorded, losses, tf.constant(state)

        return descend

    monkeypatch.setattr("linreg.training.trainer._compiled", watched)
    for arguments in calls:
        train(*arguments)
    return shapes


def test_training_gives_the_compiler_two_shapes_for_fifty_different_calls(monkeypatch):
    # A trace serves every shape, but XLA compiles each shape it has not seen.
    shapes = shapes_given_to_the_compiler(monkeypatch, training.train, fifty_calls())
    assert len(shapes) == 2


@pytest.mark.parametrize(("kind", "is_scheduled", "is_noisy"), VARIANTS)
def test_training_gives_the_compiler_few_shapes_for_fifty_changes(
    monkeypatch, kind, is_scheduled, is_noisy
):
    calls = fifty_changes(kind, is_scheduled, is_noisy)
    shapes = shapes_given_to_the_compiler(monkeypatch, training.train_phases, calls)
    # Up to 200 or 2,000 records; with data of their own, as many steps, or up to 20,000 with
    # either: a step is recorded at most once.
    assert 1 <= len(shapes) <= (5 if is_scheduled or is_noisy else 2)


# ---------------------------------------------------------------- what is refused


@pytest.mark.parametrize(
    ("name", "bad"),
    [
        ("learning_rate", {"learning_rates": (0.1, 0.0)}),
        ("learning_rate", {"learning_rates": math.nan}),
        ("learning_rates", {"learning_rates": []}),
        ("num_steps", {"num_steps": 0}),
        ("num_steps", {"num_steps": 2_000_001}),
        ("initial_weight", {"start": (math.inf, 0.0)}),
        ("initial_bias", {"start": (0.0, 1e7)}),
        ("start", {"start": 3.0}),
        ("start", {"start": (0.0, 0.0, 0.0)}),
    ],
)
def test_training_names_the_argument_it_refuses(name, bad):
    with pytest.raises(ValueError, match=f"`{name}` must "):
        training.train(LINE.x, LINE.y, **bad)


@pytest.mark.parametrize(
    ("name", "bad"),
    [
        ("phases", {"phases": []}),
        ("phases", {"phases": [Phase(0.1)] * 21}),
        ("learning_rates", {"phases": [Phase(0.1), Phase((0.1, 0.2))]}),
        ("num_steps", {"phases": [Phase(0.1, 1_000_001)] * 2}),
        ("batch_size", {"phases": [Phase(0.1, 10, batch_size=101)]}),
        ("batch_size", {"phases": [Phase(0.1), Phase(0.1, 10, batch_size=101)]}),
        ("seed", {"seed": -1}),
        ("seed", {"seed": 2**32}),
        ("seed", {"seed": 0.5}),
        ("initial_weight", {"start": (math.nan, 0.0)}),
        ("initial_bias", {"start": (0.0, "0")}),
    ],
)
def test_training_in_phases_names_the_argument_it_refuses(name, bad):
    with pytest.raises(ValueError, match=f"^`{name}`.* must "):
        training.train_phases(LINE.x, LINE.y, **{"phases": [Phase(0.1)], **bad})


def test_training_takes_a_mini_batch_of_as_many_points_as_there_are_and_says_how_many_that_is():
    training.train(LINE.x, LINE.y, 0.1, 1, batch_size=100)
    with pytest.raises(ValueError, match=r"`batch_size` must .* 1 and 100, got 101"):
        training.train(LINE.x, LINE.y, 0.1, 1, batch_size=101)


def test_training_runs_when_all_x_are_equal():
    # One place, y = 1 or 3 at x = 2: no single best line, but the least loss is 1.
    run = training.train([2.0, 2.0], [1.0, 3.0], 0.1, 100)
    assert run.loss[0, -1] == pytest.approx(1.0, rel=1e-12)


@pytest.mark.parametrize("num_shuffles", [0, -1, 2.5, 10_001])
def test_training_refuses_a_number_of_shuffles_that_is_none(num_shuffles):
    with pytest.raises(ValueError, match="`num_shuffles` must "):
        training.train_phases(
            LINE.x, LINE.y, [Phase(0.1, 5, batch_size=1)], num_shuffles=num_shuffles
        )
