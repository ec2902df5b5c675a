"""Many rates at once: theory and training agree, and nothing beats the fewest steps found."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from linreg import data
from linreg.data import samples
from linreg.runs.phases import Phase
from linreg.runs.rules import Adam, Momentum, Nesterov, Plain, RMSprop
from linreg.runs.schedules import CosineDecay
from linreg.theory import Quadratic, rates, sweep
from linreg.theory.dynamics import Dynamics
from tests.later import training
from tests.properties import examples
from tests.runs import loop, short_of_goal

LESSON = data.make_line()
QUADRATIC = Quadratic.of(LESSON.x, LESSON.y)
START = 0.0, -1.0
RULES = [Plain(), Momentum(0.5), Momentum(), Nesterov()]
SMALL = st.floats(-10, 10)


def both(phase, tolerance=1e-3, line=LESSON):
    """Return what must come, and what came, of the rates of a phase."""
    quadratic = Quadratic.of(line.x, line.y)
    history = training.train_phases(line.x, line.y, [phase], START, is_detailed=True)
    expected = sweep.predicted(quadratic, phase, tolerance, START)
    return expected, sweep.measured(quadratic, history, tolerance)


def wide(rule, num_steps=200, line=LESSON, **ways):
    """Return a phase with the rates of a map."""
    critical = Dynamics(Quadratic.of(line.x, line.y), rule).critical_learning_rate
    return Phase(tuple(sweep.rates_around(critical).tolist()), num_steps, rule, **ways)


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("num_steps", [1, 20, 200, 1_000])
def test_256_runs_agree_with_the_theory(rule, num_steps):
    expected, seen = both(wide(rule, num_steps))
    there = np.isfinite(expected.left) & np.isfinite(seen.left)
    assert there.sum() > 200
    shown = there & (expected.left > 1e-14)  # below it float64 has no digits of the loss
    np.testing.assert_allclose(seen.left[shown], expected.left[shown], rtol=1e-9)
    assert np.all(seen.left[there & ~shown] < 1.1e-14)


@pytest.mark.parametrize("rule", RULES)
def test_steps_that_256_runs_needed_are_those_predicted(rule):
    expected, seen = both(wide(rule, 300))
    arrived = np.isfinite(seen.steps)
    assert arrived.sum() > 50
    # A swing may be inside at the last step and outside once more.
    np.testing.assert_array_equal(
        seen.steps[expected.steps <= 300], expected.steps[expected.steps <= 300]
    )
    assert np.all(expected.steps[~arrived] > 300)


def test_schedule_is_predicted_to_its_end_alone():
    expected, seen = both(wide(Plain(), 200, schedule=CosineDecay(200)))
    below = expected.learning_rates < QUADRATIC.critical_learning_rate  # above, rounding grows
    np.testing.assert_array_equal(expected.steps[below], seen.steps[below])
    assert np.isnan(expected.steps[below]).any()
    assert np.isfinite(expected.steps[below]).any()


def test_schedule_from_the_minimum_needs_no_step_at_any_rate():
    flat = Quadratic.of([0.0, 1.0, 2.0], [-1.0, -1.0, -1.0])
    phase = Phase((0.1, 0.5), 60, schedule=CosineDecay())
    assert sweep.predicted(flat, phase, 1e-3, START).steps.tolist() == [0, 0]


def test_nobody_predicts_adam_or_mini_batches():
    assert sweep.predicted(QUADRATIC, Phase(0.1, rule=Adam()), 1e-3, START) is None
    assert sweep.predicted(QUADRATIC, Phase(0.1, batch_size=5), 1e-3, START) is None


def test_run_that_leaves_all_numbers_never_arrives():
    expected, seen = both(Phase((0.5, 1e6), 200))
    assert not np.isfinite(seen.left[1])
    assert np.isnan(seen.steps[1])
    assert expected.steps[1] == np.inf


def random_rates(critical, seed, count=1_000):
    """Return stable rates: half anywhere, half near the limit by a random number of digits."""
    rng, half = np.random.default_rng(seed), count // 2
    return critical * np.concatenate([rng.uniform(0, 1, half), 1 - 10 ** rng.uniform(-9, 0, half)])


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("tolerance", [0.1, 1e-3])
def test_fewest_steps_is_beaten_by_none_of_many_random_rates(rule, tolerance):
    _, fewest = sweep.fewest_steps(QUADRATIC, rule, tolerance, START)
    critical = Dynamics(QUADRATIC, rule).critical_learning_rate
    # With momentum each rate is searched step by step: milliseconds.
    tried = random_rates(critical, 0, 1_000 if rule == Plain() else 200)
    expected = sweep.predicted(QUADRATIC, Phase(tuple(tried.tolist()), 1, rule), tolerance, START)
    assert expected.steps.min() >= fewest


@pytest.mark.parametrize("name", samples.SAMPLES)
@pytest.mark.parametrize("tolerance", [0.1, 1e-3, 1e-4])
def test_fewest_steps_is_beaten_by_no_random_rate_on_long_valleys(name, tolerance):
    line = samples.load(name)
    quadratic = Quadratic.of(line.x, line.y)
    rate, fewest = sweep.fewest_steps(quadratic, Plain(), tolerance, START)
    goal = quadratic.goal(START, tolerance)
    assert quadratic.steps_each(goal, np.array([rate]), START) == fewest
    for seed in range(5):
        tried = random_rates(quadratic.critical_learning_rate, seed)
        expected = sweep.predicted(quadratic, Phase(tuple(tried.tolist()), 1), tolerance, START)
        assert expected.steps.min() >= fewest


@pytest.mark.parametrize("name", ["anscombe_1", "old_faithful"])
def test_fewest_steps_with_momentum_is_beaten_by_no_random_rate_on_long_valleys(name):
    line = samples.load(name)
    quadratic = Quadratic.of(line.x, line.y)
    _, fewest = sweep.fewest_steps(quadratic, Momentum(), 1e-3, START)
    tried = random_rates(Dynamics(quadratic, Momentum()).critical_learning_rate, 0, 400)
    phase = Phase(tuple(tried.tolist()), 1, Momentum())
    assert sweep.predicted(quadratic, phase, 1e-3, START).steps.min() >= fewest


@pytest.mark.parametrize("direction", [0, 1])
def test_fewest_steps_are_found_from_a_start_without_error_along_one_direction(direction):
    bowl = Quadratic.of([-2.0, 2.0], [-1.0, 7.0])  # eigenvalues 2 and 8 along the axes
    start = [(bowl.weight, 0.0), (0.0, bowl.bias)][direction]  # only the flat, only the steep one
    rate, fewest = sweep.fewest_steps(bowl, Plain(), 1e-3, start)
    # The steep error is gone after one step at 1/8; the flat one has its factor 1 - 2 · 0.25 = 0.5
    # at the limit, and 0.5⁷ < 1e-2 of the way.
    assert (fewest, rate) == ((7, pytest.approx(0.25)), (1, pytest.approx(0.125)))[direction]


@examples(20)
@given(
    st.builds(
        data.make_line, SMALL, SMALL, st.integers(3, 40), st.floats(0, 1), st.integers(0, 99)
    ),
    st.integers(0, 2**32 - 1),
)
def test_fewest_steps_is_beaten_by_no_random_rate_on_any_line(line, seed):
    quadratic = Quadratic.of(line.x, line.y)
    if quadratic.is_minimum(*START):
        return
    _, fewest = sweep.fewest_steps(quadratic, Plain(), 1e-3, START)
    tried = random_rates(quadratic.critical_learning_rate, seed)
    expected = sweep.predicted(quadratic, Phase(tuple(tried.tolist()), 1), 1e-3, START)
    assert expected.steps.min() >= fewest


def test_rate_with_the_fewest_steps_needs_as_many_in_a_loop():
    rate, fewest = sweep.fewest_steps(QUADRATIC, Plain(), 1e-3, START)
    points = LESSON.x, LESSON.y
    short = short_of_goal(points, *loop(points, [Phase(rate, 50)]))
    assert np.flatnonzero(short <= 1)[0] == fewest == 41


def test_rates_around_are_even_on_the_logarithm():
    spread = sweep.rates_around(3.0)
    assert spread.size == sweep.NUM_RATES
    np.testing.assert_allclose(np.diff(np.log(spread)), np.log(spread[1] / spread[0]))
    assert spread[0] < 3.0 < spread[-1]


@pytest.mark.parametrize(
    "rule", [Plain(), Momentum(), Momentum(0.99), Nesterov(), Adam(), RMSprop()], ids=repr
)
def test_suggested_rates_lie_well_inside_the_sweep(rule):
    reference = rates.reference(QUADRATIC, rule, START)
    suggested = rates.suggestions(QUADRATIC, rule, START).values()
    inside = sweep.rates_around(reference, suggested)
    assert inside.size == sweep.NUM_RATES
    assert inside[0] < 0.8 * min(suggested)
    assert inside[-1] > 1.25 * max(suggested)


def test_sweep_is_as_wide_as_the_reader_s_rates_as_long_as_a_slider_could_set_them():
    narrow = sweep.rates_around(0.75)
    np.testing.assert_array_equal(sweep.rates_around(0.75, [0.005, 0.5, 0.8]), narrow)
    np.testing.assert_array_equal(sweep.rates_around(0.75, [1e-30, 1e6]), narrow)
    assert sweep.rates_around(0.75, [0.0001, 7.4])[0] < 0.0001
    assert sweep.rates_around(0.75, [0.0001, 7.4])[-1] > 7.4


def shortest_of_goal(points, start, tolerance, steps):
    """Return by how much the best rate misses a goal after so many steps, by NumPy alone.

    The larger share of what loss and distance may be, over all rates that converge. In the rate it
    is convex, as each part is, so that halving thirds finds the least.
    """
    x, y = points
    columns = np.stack([x, np.ones_like(x)], axis=1)
    best = np.linalg.lstsq(columns, y, rcond=None)[0]
    eigenvalues, directions = np.linalg.eigh(2 / x.size * columns.T @ columns)
    errors = ((start - best) @ directions) ** 2
    allowed = min(tolerance * (errors @ eigenvalues) / 2, 10 * tolerance * np.var(y))
    parts = errors * eigenvalues / 2 / allowed, errors / (0.1 * tolerance * errors.sum())

    def missed(rate):
        left = (1 - rate * eigenvalues) ** (2 * steps)
        return max(left @ part for part in parts)

    low, high = 0.0, 2 / eigenvalues[1]
    for _ in range(200):
        third = (high - low) / 3
        if missed(low + third) < missed(high - third):
            high -= third
        else:
            low += third
    return missed((low + high) / 2)


def test_no_rate_at_all_needs_fewer_than_the_fewest_steps():
    for seed in range(100):
        rng = np.random.default_rng(seed)
        x = rng.normal(rng.choice([0, 0, 1, 3]), 10 ** rng.uniform(-0.5, 0.5), rng.integers(3, 40))
        points = x, rng.normal(0, 3) * x + rng.normal(0, 3, x.size)
        start, tolerance = rng.normal(0, 10, 2), 10 ** rng.uniform(-4, -0.3)
        quadratic = Quadratic.of(*points)
        _, fewest = sweep.fewest_steps(quadratic, Plain(), tolerance, tuple(start.tolist()))
        assert shortest_of_goal(points, start, tolerance, fewest) <= 1 + 1e-9
        assert fewest == 1 or shortest_of_goal(points, start, tolerance, fewest - 1) > 1 - 1e-9


def test_sweep_from_within_rounding_of_the_minimum_leaves_no_share_of_rounding():
    start = np.nextafter(QUADRATIC.weight, 1), np.nextafter(QUADRATIC.bias, 1)
    phase = Phase(np.array([0.1, 0.5, 0.9]) * QUADRATIC.critical_learning_rate, 200)
    history = training.train_phases(LESSON.x, LESSON.y, [phase], start, is_detailed=True)
    for told in (
        sweep.predicted(QUADRATIC, phase, 1e-3, start),
        sweep.measured(QUADRATIC, history, 1e-3),
    ):
        assert np.all(told.left < 1e-9)
