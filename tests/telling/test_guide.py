"""The lesson's ending: every number it tells is measured, and what it claims is so."""

import re
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from linreg import data
from linreg.data import samples
from linreg.data.scaling import Scaling
from linreg.runs.history import Band
from linreg.runs.phases import checked
from linreg.runs.rules import Adam
from linreg.sharing.settings import PHASE, phase
from linreg.telling import guide
from linreg.telling.guide import BATCH_SIZE, SMALLER, STEPS
from linreg.theory import Quadratic, rates
from linreg.theory.noise import BatchNoise
from tests.properties import examples
from tests.runs import excess_losses, judged, trained

SMALL = st.floats(-10, 10)
LINES = st.builds(
    data.make_line, SMALL, SMALL, st.integers(3, 40), st.floats(0.01, 1), st.integers(0, 99)
)
LESSON = data.make_line()


def phases_of(line):
    """Return the guide's phases for these points, as the page makes them."""
    quadratic = Quadratic.of(line.x, line.y)
    suggested = rates.suggestions(quadratic)
    return [
        phase(values, suggested, line.x.size)
        for values in guide.phases(BatchNoise.of(line.x, line.y))
    ]


def run_through(line, phases=None, seed=0):
    """Return the runs through the guide, and what is known of them."""
    points = line.x, line.y
    history = trained(points, phases or phases_of(line), seed=seed)
    return history, [one.facts for one in judged(points, history)]


def gaps_left(line, history):
    """Return what is left of each run's gap after each phase, counted again, (num_rates, 4).

    Of mini-batches the mean over all shuffles and the last half of the phase.
    """
    excess = excess_losses((line.x, line.y), history.weight, history.bias)
    least = np.mean((line.y - np.polyval(np.polyfit(line.x, line.y, 1), line.x)) ** 2)
    scattered = history.band.mean - least
    left = [excess[:, 200], excess[:, 400]]
    left += [scattered[:, begin + 100 : begin + 201].mean(axis=1) for begin in (400, 600)]
    return np.array(left).T / excess[:, :1]


def shares_told(text):
    """Return the shares in a sentence with the rates they were left at."""
    found = re.findall(r"(under )?(\S+?) (%|times) at (\S+?)(?:,| and|\.$|\. |:|$)", text)
    assert len(found) == 3, text
    return [
        (bool(under), float(number.replace("−", "-")) / (100 if unit == "%" else 1))
        for under, number, unit, _ in found
    ]


# ---------------------------------------------------------------- what it sets


@given(LINES)
def test_guide_sets_only_what_a_reader_can_set(line):
    for values in guide.phases(BatchNoise.of(line.x, line.y)):
        for name, value in values.items():
            assert PHASE[name].parse(repr(value)) == value


@given(LINES)
def test_guide_takes_three_rates_below_the_critical_one(line):
    quadratic = Quadratic.of(line.x, line.y)
    for one in phases_of(line):
        low, middle, high = one.learning_rates
        assert low < middle < high < quadratic.critical_learning_rate


@given(LINES)
def test_guide_trains_on_looks_at_mini_batches_and_takes_a_smaller_rate(line):
    first, on, noisy, smaller = phases_of(line)
    assert first == on
    assert replace(noisy, batch_size=None) == first
    assert smaller.batch_size == noisy.batch_size
    ratio = np.divide(noisy.learning_rates, smaller.learning_rates)
    assert ratio == pytest.approx([SMALLER] * 3, rel=0.06)  # the nearest of 24 a decade
    assert {one.num_steps for one in (first, on, noisy, smaller)} == {STEPS}


@pytest.mark.parametrize("num_points", [40, 100, 10**5])
def test_guide_takes_mini_batches_of_ten(num_points):
    line = data.make_line(num_points=num_points)
    *_, third, fourth = guide.phases(BatchNoise.of(line.x, line.y))
    assert third["batch_size"] == fourth["batch_size"] == BATCH_SIZE


@pytest.mark.parametrize("name", samples.SAMPLES)
def test_guide_settles_at_every_rate_on_a_dozen_points_too(name):
    line = samples.load(name)
    x, y = Scaling.of(line.x, line.y, "standardised").points(line.x, line.y)
    noise = BatchNoise.of(x, y)
    suggested = rates.suggestions(noise.quadratic)
    phases = [phase(values, suggested, x.size) for values in guide.phases(noise)]
    for known in run_through(data.Dataset(x, y), phases)[1]:
        assert max(known.measured.left_after) < 1
        assert known.measured.left_after[3] < known.measured.left_after[2] or known.run == 0


# ---------------------------------------------------------------- when it is told


def test_guide_knows_its_own_runs():
    _, known = run_through(LESSON)
    assert guide.is_guide(known, BatchNoise.of(LESSON.x, LESSON.y))


@pytest.mark.parametrize(
    "change",
    [
        lambda phases: phases[:3],
        lambda phases: [*phases, phases[-1]],
        lambda phases: [*phases[:3], replace(phases[3], num_steps=199)],
        lambda phases: [*phases[:3], replace(phases[3], batch_size=None)],
        lambda phases: [*phases[:2], replace(phases[2], batch_size=9), phases[3]],
        lambda phases: [*phases[:3], replace(phases[3], learning_rates=(0.005, 0.05, 0.07))],
    ],
    ids=["three", "five", "fewer steps", "all points", "smaller batches", "another rate"],
)
def test_guide_is_not_told_of_other_runs(change):
    _, known = run_through(LESSON, change(phases_of(LESSON)))
    assert not guide.is_guide(known, BatchNoise.of(LESSON.x, LESSON.y))


def test_guide_is_not_told_of_runs_that_step_otherwise():
    *before, last = phases_of(LESSON)
    _, known = run_through(LESSON, [*before, replace(last, rule=Adam())])
    assert not guide.is_guide(known, BatchNoise.of(LESSON.x, LESSON.y))


# ---------------------------------------------------------------- what it tells


def assert_told_as_measured(line, seed):
    """Check every number of the sentences against the losses of the runs."""
    history, known = run_through(line, seed=seed)
    left = gaps_left(line, history)
    told = guide.stages(known)
    for index, (_, text) in enumerate(told):
        for run, (is_under, number) in enumerate(shares_told(text)):
            if is_under:
                assert left[run, index] < 1e-11 + 1e-13  # losses are subtracted: rounding
            else:  # two digits
                assert number == pytest.approx(left[run, index], rel=0.051, abs=1e-12)
    closer = re.findall(r"(\S+) times(?: closer|\.)", told[3][1])
    wanted = left[1:, 2] / left[1:, 3]
    assert [float(number) for number in closer] == pytest.approx(wanted.tolist(), rel=0.051)


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_guide_tells_what_was_measured_on_the_lessons_data(seed):
    assert_told_as_measured(data.make_line(seed=seed), seed)


@examples(15)
@given(LINES)
def test_guide_tells_what_was_measured_on_other_data(line):
    assert_told_as_measured(line, seed=0)


def test_guide_tells_how_many_points_a_step_sees():
    _, known = run_through(LESSON)
    assert "sees 10 of the 100 points" in guide.stages(known)[2][1]


def test_guide_names_the_rates_that_were_set():
    _, known = run_through(LESSON)
    for one, (_, text) in zip(phases_of(LESSON), guide.stages(known), strict=True):
        assert re.findall(r" at (\d[\d.]*\d)", text) == [f"{rate:g}" for rate in one.learning_rates]


@pytest.mark.parametrize("seed", range(5))
def test_guide_is_right_that_mini_batches_keep_the_runs_away_and_a_smaller_rate_does_less(seed):
    line = data.make_line(seed=seed)
    _, (_, *fast) = run_through(line, seed=seed)  # the slow one is still on its way
    for facts in fast:
        _, before, noisy, smaller = facts.measured.left_after
        assert before < smaller < noisy / 10


@pytest.mark.parametrize("seed", range(5))
def test_guide_is_right_that_a_larger_rate_jumps_wider(seed):
    line = data.make_line(seed=seed)
    _, (_, good, too_large) = run_through(line, seed=seed)
    assert good.measured.left_after[2] < too_large.measured.left_after[2]


def test_guide_does_not_say_that_runs_are_kept_away_when_they_are_not():
    line = data.make_line(noise=0.0)
    _, known = run_through(line)
    assert max(facts.measured.left_after[2] for facts in known[1:]) < 1e-20
    assert "keep away" not in guide.stages(known)[2][1]


def test_gaps_of_mini_batches_are_means_over_all_shuffles():
    history, known = run_through(LESSON)
    twice = Band(history.band.low, 2 * history.band.mean, history.band.high)
    again = judged((LESSON.x, LESSON.y), replace(history, band=twice))
    assert again[1].facts.measured.left_after[:2] == known[1].measured.left_after[:2]
    assert again[1].facts.measured.left_after[2] > known[1].measured.left_after[2]


def test_guide_of_many_points_with_one_far_away_can_be_trained():
    rng = np.random.default_rng(0)
    x = rng.normal(size=100_000)
    x[0] = 1e6  # mini-batches scatter so much that only large ones settle
    made = phases_of(data.Dataset(x, 2 * x + rng.normal(size=x.size)))
    assert len(checked(made)) == 4
    assert made[-1].batch_size is not None
