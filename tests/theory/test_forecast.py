"""The central claim: what is predicted is what TensorFlow measures, through all phases."""

import numpy as np
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from linreg import data
from linreg.runs.phases import Phase
from linreg.runs.rules import Adam, Momentum, Nesterov, Plain, RMSprop
from linreg.runs.schedules import Constant, CosineDecay, ExponentialDecay, LinearWarmup, StepDecay
from linreg.theory import Goal, Quadratic
from linreg.theory.dynamics import Dynamics
from linreg.theory.forecast import expectation, forecast, last_missed, predictable, steps_to_stay
from linreg.theory.noise import BatchNoise
from tests.later import training

SMALL = st.floats(-10, 10)
POINTS = st.lists(st.tuples(SMALL, SMALL), min_size=2, max_size=20).filter(
    lambda points: np.std(np.array(points)[:, 0]) > 0.1
)
KEPT = st.one_of(st.sampled_from([0.0, 0.5, 0.9, 0.99]), st.floats(0, 0.99))
RULES = st.one_of(st.just(Plain()), st.builds(Momentum, KEPT), st.builds(Nesterov, KEPT))
SCHEDULES = st.one_of(
    st.just(Constant()),
    st.builds(StepDecay, st.integers(1, 100), st.floats(0.01, 1)),
    st.builds(ExponentialDecay, st.integers(1, 100), st.floats(0.01, 1)),
    st.builds(CosineDecay, st.integers(1, 300), st.floats(0, 1), st.integers(0, 100)),
    st.builds(LinearWarmup, st.integers(0, 300)),
)
# Of the critical rate of the phase's own rule: far below, just below, at, just above, well above.
SHARES = st.one_of(st.sampled_from([1e-3, 0.999999, 1.0, 1.000001]), st.floats(1e-3, 1.5))
STRETCHES = st.lists(
    st.tuples(RULES, SCHEDULES, st.tuples(SHARES, SHARES), st.sampled_from([1, 2, 7, 60, 200])),
    min_size=1,
    max_size=4,
)
LINE = data.make_line()
QUADRATIC = Quadratic.of(LINE.x, LINE.y)
NOISE = BatchNoise.of(LINE.x, LINE.y)
CRITICAL = QUADRATIC.critical_learning_rate


def phases_of(quadratic, stretches):
    """Return phases whose rates are these shares of the critical one."""
    return tuple(
        Phase(
            np.multiply(shares, Dynamics(quadratic, rule).critical_learning_rate),
            num_steps,
            rule,
            schedule,
        )
        for rule, schedule, shares, num_steps in stretches
    )


def growth_of_roundings(quadratic, phases, run):
    """Return to what a rounding of size 1 may have grown after each step, shape (num_steps + 1,).

    A rounding is an error, and errors grow as the steps say: with momentum even where they shrink
    in the end, since a velocity goes on for 1 / (1 - momentum) steps. A new one comes in each step,
    so the growth never falls below that of the newest, and what has once been lost stays lost: it
    is the largest so far.
    """
    fresh = np.stack([np.eye(2), np.eye(2)])  # (direction, error and velocity, either one alone)
    spread, largest, before = fresh, [1.0], None
    for phase in phases:
        if type(phase.rule) is not before:
            before = type(phase.rule)
            spread = np.stack([spread[:, 0], fresh[:, 1]], axis=1)  # another rule forgets velocity
        rates = phase.learning_rates[run] * phase.schedule.multiples(np.arange(phase.num_steps))
        for scaled in np.multiply.outer(rates, quadratic.eigenvalues)[..., None]:  # (2, 1)
            kept = getattr(phase.rule, "momentum", 0.0)
            error, velocity = spread[:, 0], spread[:, 1]
            velocity = kept * velocity - scaled * error
            ahead = isinstance(phase.rule, Nesterov)
            error = error + (kept * velocity - scaled * error if ahead else velocity)
            spread = np.clip(np.stack([error, velocity], axis=1), -1e200, 1e200)
            size = np.abs(spread).max(axis=(1, 2), keepdims=True)
            spread = np.where(size < 1, fresh, spread)
            largest.append(max(largest[-1], float(size.max())))
    return np.array(largest)


def scale_so_far(quadratic, phases, run, start, *parameters):
    """Return what roundings are a share of: the largest parameter so far, grown as errors grow.

    As in `test_training`: digits lost on a long way out do not come back, and the minimum counts,
    since the closed form adds it. What momentum changes stands in `growth_of_roundings`.
    """
    smallest = max(abs(quadratic.weight), abs(quadratic.bias), *map(abs, start))
    magnitudes = np.abs(parameters)
    largest = np.maximum(np.fmax.accumulate(np.fmax(*magnitudes)), smallest)
    largest = np.where(np.isfinite(magnitudes).all(axis=0), largest, np.inf)
    return np.maximum(largest, smallest * growth_of_roundings(quadratic, phases, run))


def assert_follows(measured, predicted, quadratic, start):
    """Hold what was measured at every step against what was predicted."""
    for run in range(measured.learning_rates.size):
        path = np.array([predicted.weight[run], predicted.bias[run]])
        scale = scale_so_far(quadratic, measured.phases, run, start, *path)
        # Below 1e150 even squares are finite, so the run has to be.
        finite = np.maximum.accumulate(scale) < 1e150
        line = np.array([measured.weight[run], measured.bias[run]])
        gap = np.abs(line[:, finite] - path[:, finite])
        # 1e-13 for the roundings of a step, and those of hundreds of steps add up. 1e-300, since
        # the compiled loop takes numbers below 2e-308 for 0.
        assert np.all(gap <= 1e-9 * scale[finite] + 1e-300)


# ---------------------------------------------------------------- predicted is measured


def columns(runs):
    """Return weight, bias and loss of runs."""
    return runs.weight, runs.bias, runs.loss


@example([(0.0, 1.0), (1.0, 1.0)], 0.0, 1.0, [(Momentum(0.9), Constant(), (1.5, 0.5), 200)])
@example(
    [(0.0, 0.0), (1.0, 1.0)],
    0.0,
    -1.0,
    [
        (Momentum(0.9), Constant(), (0.5, 1.1), 60),
        (Momentum(0.5), StepDecay(20, 0.5), (0.5, 1.1), 60),
        (Nesterov(0.99), CosineDecay(60, 0.1, 10), (0.5, 1.1), 60),
        (Plain(), LinearWarmup(30), (0.5, 1.1), 60),
    ],
)
@given(POINTS, SMALL, SMALL, STRETCHES)
def test_forecast_is_what_tensorflow_measures_through_all_phases(points, weight, bias, stretches):
    x, y = np.array(points).T
    quadratic = Quadratic.of(x, y)
    phases = phases_of(quadratic, stretches)
    measured = training.train_phases(x, y, phases, (weight, bias))
    predicted = forecast(quadratic, phases, measured.step, (weight, bias))
    assert_follows(measured, predicted, quadratic, (weight, bias))


@pytest.mark.parametrize("rule", [Plain(), Momentum(0.9), Nesterov(0.9), Momentum(0.99)])
@pytest.mark.parametrize(
    "schedule",
    [
        Constant(),
        StepDecay(50, 0.5),
        ExponentialDecay(50, 0.5),
        CosineDecay(200, 0.0, 20),
        LinearWarmup(50),
    ],
)
def test_forecast_is_what_tensorflow_measures_on_the_lessons_data_for_each_rule_and_schedule(
    rule, schedule
):
    critical = Dynamics(QUADRATIC, rule).critical_learning_rate
    phases = [Phase(np.multiply([0.006, 2 / 3, 1.04], critical), 200, rule, schedule)]
    measured = training.train_phases(LINE.x, LINE.y, phases)
    predicted = forecast(QUADRATIC, phases, measured.step)
    assert_follows(measured, predicted, QUADRATIC, (0.0, -1.0))


@pytest.mark.parametrize("rule", [Plain(), Momentum(0.9), Nesterov(0.99)])
@pytest.mark.parametrize(
    "schedule",
    [
        Constant(),
        StepDecay(20_000, 0.5),
        ExponentialDecay(30_000, 0.1),
        CosineDecay(100_000, 0.01, 5_000),
        LinearWarmup(50_000),
    ],
)
def test_forecast_is_what_tensorflow_measures_for_a_hundred_thousand_steps(rule, schedule):
    critical = Dynamics(QUADRATIC, rule).critical_learning_rate
    # The smallest is still on its way, and the largest all but bounces. At the limit itself, and
    # momentum 0.99, a rounding of the matrix moves its root by 400 times itself, for ever: 1e-7.
    phases = [Phase(np.multiply([1e-5, 0.5, 0.9999], critical), 100_000, rule, schedule)]
    measured = training.train_phases(LINE.x, LINE.y, phases)
    predicted = forecast(QUADRATIC, phases, measured.step)
    # Relative to the largest parameter so far: what is below the limit lets no rounding grow.
    for ours, theirs in ((measured.weight, predicted.weight), (measured.bias, predicted.bias)):
        size = np.maximum.accumulate(np.abs(predicted.bias), axis=1)
        assert np.all(np.abs(ours - theirs) <= 1e-9 * size)


@given(POINTS, SMALL, SMALL, STRETCHES)
def test_forecast_gives_the_loss_of_its_own_weight_and_bias(points, weight, bias, stretches):
    x, y = np.array(points).T
    quadratic = Quadratic.of(x, y)
    phases = phases_of(quadratic, stretches)
    step = np.arange(sum(phase.num_steps for phase in phases) + 1)
    path = forecast(quadratic, phases, step, (weight, bias))
    known = np.fmax(np.abs(path.weight), np.abs(path.bias)) < 1e150
    line = path.weight[known][:, None], path.bias[known][:, None]
    expected = np.mean((line[0] * x + line[1] - y) ** 2, axis=1)
    # A residual is a difference: its rounding is a share of its terms.
    scale = np.mean((np.abs(line[0] * x) + np.abs(line[1]) + np.abs(y)) ** 2, axis=1)
    assert np.all(np.abs(path.loss[known] - expected) <= 1e-9 * scale)


def test_forecast_starts_where_the_runs_start():
    path = forecast(QUADRATIC, [Phase((0.1, 0.2), 5, Momentum())], np.arange(6), (3.0, -7.0))
    np.testing.assert_allclose(path.weight[:, 0], 3.0, rtol=1e-14)
    np.testing.assert_allclose(path.bias[:, 0], -7.0, rtol=1e-14)


@given(STRETCHES, st.data())
def test_forecast_at_some_steps_is_that_of_every_step(stretches, drawn):
    # As far as 1.5 times the limit goes in 800 steps, numbers overflow; compare those that do not.
    phases = phases_of(QUADRATIC, stretches)
    every = np.arange(sum(phase.num_steps for phase in phases) + 1)
    some = np.unique([0, *drawn.draw(st.lists(st.sampled_from(every.tolist())))])
    whole, part = forecast(QUADRATIC, phases, every), forecast(QUADRATIC, phases, some)
    for run in range(2):
        path = np.array([whole.weight[run], whole.bias[run]])
        scale = scale_so_far(QUADRATIC, phases, run, (0.0, -1.0), *path)[some]
        known = scale < 1e150
        gap = np.abs([part.weight[run], part.bias[run]] - path[:, some])
        assert np.all(gap[:, known] <= 1e-9 * scale[known])


def test_forecast_keeps_the_velocity_of_a_phase_without_momentum_as_keras_does():
    phases = [Phase(0.2, 3, Momentum(0.0)), Phase(0.2, 20, Momentum(0.9))]
    measured = training.train_phases(LINE.x, LINE.y, phases)
    predicted = forecast(QUADRATIC, phases, measured.step)
    np.testing.assert_allclose(predicted.weight, measured.weight, rtol=0, atol=1e-12)


def test_forecast_forgets_the_velocity_when_the_rule_changes():
    phases = [Phase(0.3, 3, Momentum(0.9)), Phase(0.3, 1), Phase(0.3, 3, Momentum(0.9))]
    measured = training.train_phases(LINE.x, LINE.y, phases)
    line = float(measured.weight[0, 4]), float(measured.bias[0, 4])
    afresh = training.train_phases(LINE.x, LINE.y, phases[2:], line)
    predicted = forecast(QUADRATIC, phases, measured.step)
    np.testing.assert_allclose(predicted.weight[:, 4:], afresh.weight, rtol=0, atol=1e-12)


def test_forecast_keeps_the_velocity_when_the_rule_stays():
    # Another momentum is not another rule. With its velocity lost the second phase is another one.
    phases = [Phase(0.3, 3, Momentum(0.9)), Phase(0.1, 5, Momentum(0.5))]
    measured = training.train_phases(LINE.x, LINE.y, phases)
    predicted = forecast(QUADRATIC, phases, measured.step)
    line = float(measured.weight[0, 3]), float(measured.bias[0, 3])
    afresh = forecast(QUADRATIC, phases[1:], np.arange(6), line)
    assert np.abs(afresh.bias - measured.bias[:, 3:]).max() > 0.1
    np.testing.assert_allclose(predicted.bias, measured.bias, rtol=0, atol=1e-12)


# ---------------------------------------------------------------- as far as it goes


@pytest.mark.parametrize(
    "unknown",
    [
        Phase(0.3, 20, Adam()),
        Phase(0.3, 20, RMSprop()),
        Phase(0.3, 20, batch_size=10),
        Phase(0.3, 20, Momentum(), batch_size=10),
    ],
)
def test_forecast_is_what_is_measured_before_the_first_unpredictable_phase_and_nan_from_it_on(
    unknown,
):
    phases = [Phase(0.3, 10), Phase(0.2, 10, Momentum()), unknown, Phase(0.1, 10)]
    measured = training.train_phases(LINE.x, LINE.y, phases)
    predicted = forecast(QUADRATIC, phases, measured.step)
    for ours, theirs in zip(columns(measured), columns(predicted), strict=True):
        np.testing.assert_allclose(theirs[:, :21], ours[:, :21], rtol=1e-9, atol=1e-15)
        assert np.all(np.isnan(theirs[:, 21:]))


def test_forecast_knows_the_start_alone_when_the_first_phase_is_unpredictable():
    path = forecast(QUADRATIC, [Phase(0.1, 3, Adam()), Phase(0.1, 3)], np.arange(7), (2.0, 1.0))
    assert path.weight[0, 0] == pytest.approx(2.0, rel=1e-14)
    assert np.all(np.isnan([part[:, 1:] for part in columns(path)]))


def test_predictable_are_the_phases_before_the_first_that_is_not():
    known = Phase(0.1, 1), Phase(0.1, 1, Nesterov(), StepDecay())
    assert tuple(predictable([*known, Phase(0.1, 1, Adam()), *known])) == known
    assert tuple(predictable(known)) == known


# ---------------------------------------------------------------- the steps needed

STABLE = st.floats(0.05, 0.99)
CALM = st.one_of(
    st.just(Plain()),
    st.builds(Momentum, st.floats(0, 0.9)),
    st.builds(Nesterov, st.floats(0, 0.9)),
)


def arrivals(quadratic, history, tolerance):
    """Return for each run the step after the last one above the tolerance, None if the last is."""
    excess = quadratic.excess_loss(history.weight, history.bias)
    above = [np.flatnonzero(~(one <= tolerance * one[0])) for one in excess]
    found = [int(steps[-1]) + 1 if steps.size else 0 for steps in above]
    return [None if steps == excess.shape[1] else steps for steps in found]


@given(
    POINTS,
    SMALL,
    SMALL,
    st.lists(
        st.tuples(CALM, SCHEDULES, st.tuples(STABLE, STABLE), st.sampled_from([1, 7, 60])),
        min_size=1,
        max_size=3,
    ),
    st.sampled_from([0.1, 1e-3, 1e-6]),
)
def test_steps_to_stay_is_the_last_arrival_in_what_tensorflow_measures(
    points, weight, bias, stretches, tolerance
):
    x, y = np.array(points).T
    quadratic = Quadratic.of(x, y)
    assume(quadratic.distance(weight, bias) > 1e-3)  # nearer, the start itself is rounding
    phases = phases_of(quadratic, stretches)
    step = np.arange(sum(phase.num_steps for phase in phases) + 1)
    path = forecast(quadratic, phases, step, (weight, bias))
    goal = quadratic.goal_of_loss((weight, bias), tolerance)
    predicted = steps_to_stay(quadratic, goal, path)
    # At a constant rate the last phase is followed beyond its end: what is left of a swing's square
    # shrinks by 0.9 a step or faster, so 1,500 more show all of them.
    *rest, (rule, schedule, shares, num_steps) = stretches
    more = 1_500 if phases[-1].is_constant else 0
    longer = phases_of(quadratic, [*rest, (rule, schedule, shares, num_steps + more)])
    measured = training.train_phases(x, y, longer, (weight, bias))
    # Where the excess all but touches the tolerance, a rounding decides; either side is right.
    least, most = (arrivals(quadratic, measured, tolerance * hair) for hair in (1.00001, 0.99999))
    for ours, early, late in zip(predicted, least, most, strict=True):
        if ours is None or ours > measured.step[-1]:
            assert late is None
            assert ours is not None or not more  # on its way at least
        else:
            assert early is not None
            assert early <= ours
            assert late is None or ours <= late


def steps_of(phases, tolerance=1e-3, start=(0.0, -1.0)):
    """Return the steps that the lesson's data need, from a forecast of every step."""
    step = np.arange(sum(phase.num_steps for phase in phases) + 1)
    path = forecast(QUADRATIC, phases, step, start)
    return steps_to_stay(QUADRATIC, QUADRATIC.goal_of_loss(start, tolerance), path)


def test_steps_to_stay_counts_anew_what_a_later_phase_undoes():
    # Both have arrived in the first phase; the second one is then driven out, and comes back.
    phases = [Phase((0.5, 0.5), 20), Phase((0.5, 1.0), 100), Phase((0.5, 0.5), 100)]
    measured = training.train_phases(LINE.x, LINE.y, phases)
    expected = arrivals(QUADRATIC, measured, 1e-3)
    assert expected[0] < 20
    assert 120 < expected[1] < 220
    assert steps_of(phases) == expected


@pytest.mark.parametrize("rule", [Plain(), Momentum(0.9), Nesterov(0.9)])
@pytest.mark.parametrize("share", [1.0, 1.000001, 1.04])
def test_steps_to_stay_is_never_when_the_last_rate_is_too_large(rule, share):
    critical = Dynamics(QUADRATIC, rule).critical_learning_rate
    first = Phase(0.5 * critical, 200, rule)  # arrives, and all but nothing is left to grow
    assert steps_of([first, Phase(share * critical, 5, rule)]) == [None]


def test_steps_to_stay_is_never_on_a_schedule_that_ends_too_early():
    assert steps_of([Phase(0.5, 200, schedule=StepDecay(1, 0.5))]) == [None]


@pytest.mark.parametrize("phases", [[Phase(0.3, 5)], [Phase(0.3, 5), Phase(0.3, 5, Momentum())]])
def test_steps_to_stay_is_none_needed_from_the_minimum(phases):
    bowl = Quadratic.of([-1.0, 1.0], [1.0, 5.0])  # minimum at weight 2, bias 3, to the last bit
    step = np.arange(sum(phase.num_steps for phase in phases) + 1)
    path = forecast(bowl, phases, step, (2.0, 3.0))
    assert steps_to_stay(bowl, bowl.goal((2.0, 3.0)), path) == [0]


def test_last_missed_counts_what_is_no_number_as_missed():
    bowl = Quadratic.of([-1.0, 1.0], [-1.0, 1.0])  # minimum at weight 1, bias 0: error² each
    error = np.sqrt([[4.0, 0.5, np.nan, 0.5], [4.0, 0.5, 0.5, np.inf], [0.5, 0.5, 0.5, 0.5]])
    zero = np.zeros(error.shape)
    for goal in (Goal(1.0), Goal(np.inf, 1.0), Goal(1.0, 1.0)):
        assert last_missed(bowl, goal, 1.0 + error, zero).tolist() == [2, 3, -1]
    assert last_missed(bowl, Goal(1.0, 0.6), 1.0 + error, zero).tolist() == [3, 3, 3]


# ---------------------------------------------------------------- what is expected of mini-batches

NUM_SEEDS = 60


def test_expectation_is_the_mean_path_of_many_shuffles():
    phases = [Phase((0.1, 0.4), 60, batch_size=10), Phase((0.05, 0.2), 60, batch_size=25)]
    runs = [
        training.train_phases(LINE.x, LINE.y, phases, seed=seed, num_shuffles=1)
        for seed in range(NUM_SEEDS)
    ]
    expected = expectation(NOISE, phases, runs[0].step)
    for name in ("weight", "bias"):
        measured = np.array([getattr(run, name) for run in runs])
        error = measured.std(axis=0, ddof=1) / NUM_SEEDS**0.5
        # Five standard errors: four would be passed by chance once in 16,000 numbers, and these
        # are 480. A path of rates 2 % larger fails.
        gap = np.abs(measured.mean(axis=0) - getattr(expected, name))
        assert np.all(gap <= 5 * error + 1e-12)


def test_expectation_is_the_path_of_all_points_while_mini_batches_are_trained():
    phases = [Phase(0.3, 20), Phase(0.2, 20, batch_size=10), Phase(0.1, 20)]
    whole = [Phase(0.3, 20), Phase(0.2, 20), Phase(0.1, 20)]
    expected = expectation(NOISE, phases, np.arange(61))
    path = forecast(QUADRATIC, whole, np.arange(61))
    np.testing.assert_array_equal([expected.weight, expected.bias], [path.weight, path.bias])


def test_expectation_has_the_floor_above_the_path_in_phases_of_mini_batches_only():
    phases = [Phase(0.3, 20), Phase(0.2, 20, batch_size=10), Phase(0.1, 20)]
    whole = [Phase(0.3, 20), Phase(0.2, 20), Phase(0.1, 20)]
    above = expectation(NOISE, phases, np.arange(61)).loss[0]
    above -= forecast(QUADRATIC, whole, np.arange(61)).loss[0]
    assert np.all(above[:21] == 0)
    assert above[21:41] == pytest.approx(NOISE.floor(0.2, 10), rel=1e-9)
    assert np.all(above[41:] == 0)


@pytest.mark.parametrize("batch_size", [7, 10, 50])
def test_expectation_of_the_loss_is_the_mean_of_the_band_in_the_long_run(batch_size):
    phases = [Phase((0.2, 0.5), 800, batch_size=batch_size)]
    measured = training.train_phases(LINE.x, LINE.y, phases, num_shuffles=200)
    expected = expectation(NOISE, phases, measured.step)
    # From step 400 on a flat error of 1 has shrunk to (1 − 0.2 · 0.14)^400 = 1e-5, a loss of 1e-11.
    late = measured.step > 400
    left, predicted = (
        part[:, late].mean(axis=1) - QUADRATIC.loss for part in (measured.band.mean, expected.loss)
    )
    # 200 shuffles over 400 steps, of which some 10 to 20 are independent: 2 % of the excess. The
    # rest is that the floor takes the mini-batches' Hessians for independent.
    assert left == pytest.approx(predicted, rel=0.1)


def test_expectation_is_the_forecast_when_every_step_looks_at_all_points():
    phases = [Phase((0.1, 0.4), 20, Momentum()), Phase((0.1, 0.4), 20, schedule=StepDecay())]
    step = np.arange(41)
    averaged, exact = expectation(NOISE, phases, step), forecast(QUADRATIC, phases, step)
    assert averaged.phases == exact.phases == tuple(phases)
    np.testing.assert_array_equal(columns(averaged), columns(exact))


def test_expectation_has_no_loss_where_the_rate_of_mini_batches_changes():
    phases = [Phase(0.3, 5), Phase(0.2, 5, schedule=StepDecay(2, 0.5), batch_size=10)]
    expected = expectation(NOISE, phases, np.arange(11))
    assert expected.phases == tuple(phases)
    assert np.all(np.isfinite([expected.weight, expected.bias]))
    assert np.isfinite(expected.loss[0]).tolist() == [True] * 6 + [False] * 5


def test_expectation_has_no_loss_where_no_floor_is_expected():
    expected = expectation(NOISE, [Phase((0.2, 0.7), 5, batch_size=1)], np.arange(6))
    assert np.all(np.isfinite(expected.loss[0]))
    assert np.all(np.isnan(expected.loss[1, 1:]))


@pytest.mark.parametrize("unknown", [Adam(), RMSprop(), Momentum()])
def test_expectation_is_nan_from_mini_batches_of_other_rules_on(unknown):
    phases = [Phase(0.3, 5), Phase(0.2, 5, unknown, batch_size=10), Phase(0.1, 5)]
    expected = np.array(columns(expectation(NOISE, phases, np.arange(16))))
    assert np.all(np.isfinite(expected[..., :6]))
    assert np.all(np.isnan(expected[..., 6:]))
