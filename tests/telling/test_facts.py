"""What is known of a run is so: counted again from its losses, or computed by hand."""

import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from linreg import data
from linreg.data import samples
from linreg.runs.history import Band, History
from linreg.runs.phases import Phase
from linreg.runs.rules import Adam, Momentum, Nesterov, RMSprop
from linreg.runs.schedules import CosineDecay, ExponentialDecay, LinearWarmup
from linreg.telling import facts
from linreg.theory import TOLERANCE, Goal, Quadratic, Zone
from tests.runs import excess_losses, judged, loop, predicted, short_of_goal, theory, trained

# x = ±2: H = [[8, 0], [0, 2]], so the weight is the steep direction, the bias the flat one, and
# the critical rate is 1/4. The minimum is at weight 2, bias 3, with no loss.
STEEP = [-2.0, 2.0], [-1.0, 7.0]
BOWL = Quadratic.of(*STEEP)
LINE = data.make_line()
POINTS_OF_LINE = LINE.x, LINE.y
SMALL = st.floats(-10, 10)
POINTS = st.lists(st.tuples(SMALL, SMALL), min_size=2, max_size=20).filter(
    lambda points: np.std(np.array(points)[:, 0]) > 0.1
)


def known(points, *phases, weight=0.0, bias=-1.0, seed=0, run=0):
    """Return what is known of one run that was trained through these phases."""
    history = trained(points, phases, weight, bias, seed)
    quadratic, expected, noise = theory(points, history)
    return facts.gather(quadratic, history, expected, noise)[run]


def stays_within(share_left, mark):
    """Return the first step from which on a share is never above the mark; one too far if none."""
    above = np.flatnonzero(~(share_left <= mark))
    return int(above[-1]) + 1 if above.size else 0


def history_of(excess, phases=None, band=None):
    """Return a run on STEEP whose excess loss is this: the bias alone is off, by its root."""
    excess = np.atleast_2d(np.array(excess, float))
    phases = phases or (Phase([0.1] * len(excess), excess.shape[1] - 1),)
    weight = np.full(excess.shape, 2.0)  # the bias's eigenvalue is 2: excess loss error²
    step = np.arange(excess.shape[1])
    return History(phases, step, weight, 3.0 - np.sqrt(excess), excess, band)


# ---------------------------------------------------------------- when the gap was closed


@pytest.mark.parametrize(
    ("excess", "reached"),
    [
        ([1, 0.5, 1e-4, 1e-5], (1, 2)),
        ([1, 1e-4, 0.5, 1e-4, 1e-5], (2, 3)),  # it came back once
        ([1, 1e-4, 1e-5, 0.5], None),  # and is outside at the end
        ([1, 1e-4, math.nan, 1e-4], (2, 3)),
        ([1, 1e-4, 1e-4, math.inf], None),
        ([1, 0.5, 0.4], None),
        ([1, 0.5, TOLERANCE * 0.999], (1, 2)),
        ([1, 0.5, TOLERANCE * 1.001], None),
        ([0, 0, 0], (0, 0)),
    ],
)
def test_reached_between_counts_from_when_the_excess_loss_stays(excess, reached):
    assert facts.reached_between(BOWL, Goal(TOLERANCE), history_of(excess)) == [reached]


def test_reached_between_tells_every_run_for_itself():
    history = history_of([[1, 1e-4, 1e-4], [1, 1, 1e-4], [1, 1, 1]])
    assert facts.reached_between(BOWL, Goal(TOLERANCE), history) == [(0, 1), (1, 2), None]


@given(POINTS, SMALL, SMALL, st.floats(0.001, 3.0), st.integers(1, 300))
def test_facts_count_the_steps_that_a_plain_search_of_the_losses_finds(
    points, weight, bias, share, num_steps
):
    points = x, y = np.array(points).T
    quadratic = Quadratic.of(x, y)
    assume(quadratic.distance(weight, bias) > 1e-3)
    rate = share * quadratic.critical_learning_rate
    run = known(points, Phase(rate, num_steps), weight=weight, bias=bias)
    line = loop(points, [Phase(rate, num_steps)], weight, bias)
    excess = excess_losses(points, *line)
    with np.errstate(over="ignore"):
        relative = excess / (1e-3 * excess[0])
    assume(1e-3 * excess[0] > 1e-20 * np.mean(y**2))  # else rounding alone is within
    for steps, left in (
        (run.measured.loss_steps, relative),
        (run.measured.steps, short_of_goal(points, *line)),
    ):
        # Two ways to compute a loss differ by rounding: either side of the mark is right there.
        early, late = stays_within(left, 1 + 1e-5), stays_within(left, 1 - 1e-5)
        assert early <= (num_steps + 1 if steps is None else steps[1]) <= late


WAYS = [
    [Phase(0.05, 300, Momentum(0.9))],
    [Phase(0.1, 300, Momentum(0.5))],
    [Phase(0.05, 300, Nesterov(0.9))],
    [Phase(0.18, 300, Nesterov(0.5))],
    [Phase(0.01, 30), Phase(0.1, 200)],
    [Phase(0.3, 5), Phase(0.02, 300)],
    [Phase(0.2, 3), Phase(0.02, 300, Momentum(0.8))],
    [Phase(0.05, 20, Momentum(0.9)), Phase(0.05, 300, Momentum(0.9))],
    [Phase(0.2, 300, schedule=ExponentialDecay(30, 0.5))],
    [Phase(0.2, 300, schedule=LinearWarmup(100))],
    [Phase(0.1, 300, schedule=CosineDecay(100, 0.01))],
]


@pytest.mark.parametrize("phases", WAYS)
def test_facts_count_the_steps_of_every_way_to_step_as_a_loop_in_numpy_does(phases):
    line = loop(STEEP, phases)
    excess = excess_losses(STEEP, *line)
    run = known(STEEP, *phases)
    wanted = stays_within(excess / excess[0], TOLERANCE)
    assert wanted < len(excess)
    assert (run.foretold.loss_steps, run.measured.loss_steps) == (wanted, (wanted - 1, wanted))
    wanted = stays_within(short_of_goal(STEEP, *line), 1)
    assert wanted < len(excess)
    assert (run.foretold.steps, run.measured.steps) == (wanted, (wanted - 1, wanted))


def test_facts_do_not_call_a_swing_that_is_inside_for_a_while_arrived():
    # Half a swing takes it through the minimum, where it is for a few steps.
    swing = [Phase(0.002, 400, Momentum(0.95))]
    left = short_of_goal(STEEP, *loop(STEEP, swing, bias=3.0))
    passing, wanted = int(np.flatnonzero(left <= 1)[0]), stays_within(left, 1)
    assert passing + 10 < wanted  # else this is no swing
    run = known(STEEP, Phase(0.002, passing, Momentum(0.95)), bias=3.0)
    assert (run.foretold.steps, run.measured.steps) == (wanted, None)


def test_facts_name_the_records_between_which_the_gap_was_closed():
    # Of 6,000 steps every third is recorded, beside every one of the first 2,000.
    run = known(([-1.0, 1.0], [1.0, 5.0]), Phase(0.0005, 6_000))
    # Each step leaves 0.999 of the way, and 0.999² of the gap: 1e-3 of the gap is left at
    # k = ln(1000) / (2 · 0.0010005) = 3452.2, and 1e-2 of the way at ln(100) / 0.0010005 = 4602.9.
    assert run.measured.loss_steps == (3450, 3453)
    assert run.foretold.loss_steps == 3453
    assert run.measured.steps == (4602, 4605)
    assert run.foretold.steps == 4603


def test_facts_predict_no_steps_where_a_schedule_ends_before():
    run = known(STEEP, Phase(0.01, 100, schedule=ExponentialDecay(5)))
    assert (run.foretold.steps, run.measured.steps, run.foretold.is_exact) == (None, None, True)


@pytest.mark.parametrize(
    "phase",
    [
        Phase(0.1, 60, Adam()),
        Phase(0.1, 60, RMSprop()),
        Phase(0.1, 60, batch_size=1),
        Phase(0.1, 60, Momentum(), batch_size=1),
    ],
)
@pytest.mark.parametrize("before", [[], [Phase(0.1, 10)]])
def test_facts_predict_nothing_where_no_formula_does(phase, before):
    run = known(STEEP, *before, phase)
    assert (run.foretold.is_exact, run.foretold.steps, run.foretold.zone) == (False, None, None)


def test_facts_predict_nothing_after_a_phase_that_nobody_can_predict():
    run = known(STEEP, Phase(0.1, 10, Adam()), Phase(0.1, 10))
    assert (run.foretold.is_exact, run.foretold.steps) == (False, None)


def test_facts_agree_with_the_prediction_when_the_prediction_is_judged():
    phases = [Phase((0.01, 0.2, 0.3), 50), Phase((0.01, 0.02, 0.1), 50, Momentum(0.5))]
    of_prediction = judged(STEEP, predicted(STEEP, phases))
    measured = judged(STEEP, trained(STEEP, phases))
    assert [one.headline for one in of_prediction] == [one.headline for one in measured]


# ---------------------------------------------------------------- how it went


def test_facts_say_what_is_left_of_the_gap_and_of_the_distance():
    # From weight 2 the flat error alone: 0.9 a step at rate 0.05, so 0.9² and 0.9⁴ in two steps.
    run = known(STEEP, Phase(0.05, 2), weight=2.0)
    assert run.measured.distance_left == pytest.approx(0.81, rel=1e-12)
    assert run.measured.excess_loss_left == pytest.approx(0.6561, rel=1e-12)


def test_facts_say_what_each_phase_left_of_the_gap():
    # The flat error alone: 0.9 a step, then 0.8.
    run = known(STEEP, Phase(0.05, 2), Phase(0.1, 1), weight=2.0)
    assert run.measured.left_after == pytest.approx((0.9**4, 0.9**4 * 0.8**2), rel=1e-12)
    assert run.measured.excess_loss_left == pytest.approx(run.measured.left_after[-1], rel=1e-12)


def test_facts_name_the_largest_excess_loss_on_the_way():
    # The steep error alone: −3 times in the first step, 9 times its loss, and then 0.
    run = known(STEEP, Phase(0.5, 1), Phase(0.125, 1), bias=3.0)
    assert run.measured.peak == pytest.approx(9, rel=1e-12)
    assert run.measured.left_after == pytest.approx((9, 0), rel=1e-12)


def test_facts_have_a_peak_of_1_where_the_loss_only_falls():
    assert known(STEEP, Phase(0.05, 50)).measured.peak == 1


def test_facts_have_no_finite_peak_where_the_numbers_end():
    assert known(STEEP, Phase(100.0, 500)).measured.peak == math.inf


def test_facts_of_a_run_beyond_all_numbers_have_no_finite_share_left():
    run = known(STEEP, Phase(1e6, 500))
    assert not math.isfinite(run.measured.weight)
    assert not any(
        left <= 1 for left in (run.measured.excess_loss_left, run.measured.distance_left)
    )
    assert not any(left <= 1 for left in run.measured.errors_left)


def test_facts_name_the_step_at_which_the_numbers_end():
    # The steep factor is −10 and the initial loss ½ · 8 · 2² = 16: 16 · 100¹⁵³ = 1.6e307 is a
    # float64, 16 · 100¹⁵⁴ is not.
    assert known(STEEP, Phase(1.375, 200), bias=3.0).measured.overflow_step == 154
    assert known(STEEP, Phase(1.375, 153), bias=3.0).measured.overflow_step is None


def test_facts_know_the_rate_and_the_steps_of_the_run_they_are_of():
    run = known(STEEP, Phase((0.1, 0.2), 5), Phase((0.01, 0.02), 7), run=1)
    assert (run.run, run.learning_rate, run.num_steps) == (1, 0.02, 12)


@pytest.mark.parametrize(
    ("phase", "zone"),
    [
        (Phase(0.1, 5), Zone.CONVERGES),
        (Phase(0.2, 5), Zone.OVERSHOOTS),
        (Phase(0.25, 5), Zone.BOUNCES),
        (Phase(0.3, 5), Zone.DIVERGES),
        (Phase(0.3, 5, Momentum(0.5)), Zone.SWINGS),  # its limit is (2 + 2 · 0.5) / 8 = 0.375
        (Phase(0.38, 5, Momentum(0.5)), Zone.DIVERGES),
        (Phase(0.19, 5, Nesterov(0.5)), Zone.DIVERGES),  # half of that
        (Phase(0.1, 5, schedule=LinearWarmup(3)), None),
    ],
)
def test_facts_hold_the_zone_of_the_last_phase(phase, zone):
    assert known(STEEP, Phase(0.1, 5), phase).foretold.zone is zone


def test_facts_of_a_run_that_stays_in_the_minimum_need_no_steps():
    run = known(STEEP, Phase(0.1, 20), weight=2.0, bias=3.0)
    assert (run.measured.at_minimum, run.foretold.steps, run.measured.steps) == (True, 0, (0, 0))
    assert run.measured.left_after == (0.0,)


def test_facts_of_a_run_that_rounding_drove_from_the_minimum_do_not_say_it_stayed():
    # Critical is 0.25: rounding doubles every few steps.
    run = known(STEEP, Phase(0.3, 400), weight=2.0, bias=3.0 + 1e-15)
    assert not run.measured.at_minimum
    assert run.measured.diverged
    low, high = run.measured.steps or (0, 0)
    assert low <= high


# ---------------------------------------------------------------- mini-batches


def test_measured_floor_is_the_mean_of_all_shuffles_over_the_second_half_of_the_phase():
    phases = Phase(0.1, 2), Phase(0.1, 4, batch_size=1)
    mean = np.array([[16.0, 9.0, 8.0, 7.0, 6.0, 5.0, 4.0]])
    # The second half of steps 2 to 6 begins at 4: (6 + 5 + 4) / 3 = 5.
    history = history_of([16, 9, 8, 7, 6, 3, 1], phases, Band(mean / 2, mean, mean * 2))
    quadratic, expected, noise = theory(STEEP, history)
    (run,) = facts.gather(quadratic, history, expected, noise)
    assert run.measured.floor == pytest.approx(5)
    assert run.measured.left_after == pytest.approx((8 / 16, 5 / 16))
    assert run.measured.excess_loss_left == pytest.approx(1 / 16)  # of the run itself, at its end


@pytest.mark.parametrize(("rate", "batch_size"), [(0.5, 10), (0.3, 5), (0.1, 20)])
def test_measured_floor_is_the_expected_one_once_the_runs_have_settled(rate, batch_size):
    run = known(POINTS_OF_LINE, Phase(rate, 4_000, batch_size=batch_size))
    assert run.foretold.is_settled
    # Ten shuffles, 2,000 steps each; neighbouring steps are not independent: some 5 % of scatter.
    assert run.measured.floor == pytest.approx(run.foretold.floor, rel=0.2)


@pytest.mark.parametrize(
    "phase",
    [
        Phase(0.1, 20),
        Phase(0.1, 20, Momentum(), batch_size=10),
        Phase(0.1, 20, Adam(), batch_size=10),
        Phase(0.1, 20, schedule=LinearWarmup(5), batch_size=10),
        Phase(5.0, 20, batch_size=10),  # far above the critical rate: no floor
    ],
)
def test_facts_expect_no_floor_where_there_is_none_or_no_formula(phase):
    run = known(POINTS_OF_LINE, phase)
    assert (run.foretold.floor, run.foretold.is_settled) == (None, False)


def test_facts_measure_no_floor_of_a_phase_on_all_points():
    run = known(POINTS_OF_LINE, Phase(0.5, 20, batch_size=10), Phase(0.5, 20))
    assert run.measured.floor is None


@pytest.mark.parametrize(
    ("rate", "num_steps", "is_settled"), [(0.005, 200, False), (0.5, 200, True)]
)
def test_run_is_settled_when_the_path_is_below_the_floor_by_the_middle(rate, num_steps, is_settled):
    run = known(POINTS_OF_LINE, Phase(rate, num_steps, batch_size=10))
    half = loop(POINTS_OF_LINE, [Phase(rate, num_steps // 2)])
    on_the_way = excess_losses(POINTS_OF_LINE, *half)[-1]  # on average, all points lead the way
    assert run.foretold.is_settled == is_settled == (on_the_way <= run.measured.floor)


def test_run_settles_over_several_phases():
    slow, phase = Phase(0.1, 400), Phase(0.1, 20, batch_size=10)
    assert not known(POINTS_OF_LINE, phase).foretold.is_settled
    assert known(POINTS_OF_LINE, slow, phase).foretold.is_settled


# ---------------------------------------------------------------- runs that hover


@pytest.mark.parametrize(
    ("phase", "is_hovering"),
    [
        (Phase(0.1, 300, Adam()), False),  # arrives
        (Phase(0.0001, 300, Adam()), False),  # on its way
        (Phase(5.0, 300, RMSprop()), True),  # steps as long as the rate says, for ever
        (Phase(0.3, 300), False),  # predicted: the theory says more
    ],
)
def test_run_hovers_when_it_goes_up_and_down_and_comes_no_closer(phase, is_hovering):
    assert known(POINTS_OF_LINE, phase).measured.is_hovering == is_hovering


def test_run_is_judged_hovering_by_its_last_phase_alone():
    assert not known(
        POINTS_OF_LINE, Phase(5.0, 300, RMSprop()), Phase(0.5, 300)
    ).measured.is_hovering


# ---------------------------------------------------------------- measured against predicted


NEAR_ORIGIN = Quadratic.of([-1.0, 1.0], [-1e-9, 1e-9])  # its minimum is (1e-9, 0)


def run_of(weight, bias):
    """Return a history of one run with these weights and biases."""
    weight, bias = np.array([weight], dtype=float), np.array([bias], dtype=float)
    step = np.arange(weight.size)
    return History((Phase(0.1, max(1, weight.size - 1)),), step, weight, bias, weight**2)


def test_largest_difference_is_zero_between_a_history_and_itself():
    history = trained(STEEP, [Phase((0.01, 0.3, 1e6), 200)])
    assert facts.largest_difference(NEAR_ORIGIN, history, history) == 0


@pytest.mark.parametrize("parameter", ["weight", "bias"])
@pytest.mark.parametrize("k", [0, 1, 2])
def test_largest_difference_finds_one_relative_millionth_anywhere(parameter, k):
    right = {"weight": [2.0, 2.0, 2.0], "bias": [2.0, 2.0, 2.0]}
    measured = right | {parameter: [2.0] * k + [2.0 * (1 + 1e-6)] + [2.0] * (2 - k)}
    gap = facts.largest_difference(NEAR_ORIGIN, run_of(**measured), run_of(**right))
    assert gap == pytest.approx(1e-6, rel=1e-6)


def test_largest_difference_is_relative_to_the_largest_parameter_so_far():
    # 1e-3 off after having been at 100, and before ever being there.
    assert facts.largest_difference(
        NEAR_ORIGIN, run_of([100, 1 + 1e-3], [0, 0]), run_of([100, 1], [0, 0])
    ) == pytest.approx(1e-5)
    assert facts.largest_difference(
        NEAR_ORIGIN, run_of([1 + 1e-3, 100], [0, 0]), run_of([1, 100], [0, 0])
    ) == pytest.approx(1e-3)


def test_largest_difference_leaves_out_what_is_no_number():
    gap = facts.largest_difference(
        NEAR_ORIGIN, run_of([1, math.inf], [1, math.nan]), run_of([1, 1e99], [1, 1])
    )
    assert gap == 0


def test_largest_difference_is_that_of_the_predictable_phases_alone():
    phases = [Phase(0.1, 30, Momentum(0.5)), Phase(0.1, 30, Adam())]
    measured, exact = trained(STEEP, phases), predicted(STEEP, phases)
    assert np.isnan(exact.weight[0, -1])
    assert 0 < facts.largest_difference(Quadratic.of(*STEEP), measured, exact) < 1e-12


def test_largest_difference_is_rounding_through_every_predictable_way():
    # float64 keeps 16 digits; a few hundred steps that all shrink the error lose few of them.
    for phases in WAYS:
        gap = facts.largest_difference(
            Quadratic.of(*STEEP), trained(STEEP, phases), predicted(STEEP, phases)
        )
        assert gap < 1e-11


PLACES = {name: samples.load(name) for name in samples.SAMPLES} | {"line": data.make_line()}


@pytest.mark.parametrize("name", PLACES)
@pytest.mark.parametrize("start", [(0.0, 0.0), (0.0, -1.0), (0.0, 2.0)])
def test_difference_from_a_plain_loop_is_rounding_from_the_origin_too(name, start):
    points = PLACES[name].x, PLACES[name].y
    quadratic = Quadratic.of(*points)
    phases = [Phase(0.4 * quadratic.critical_learning_rate, 200)]
    exact = predicted(points, phases, *start)
    measured = run_of(*loop(points, phases, *start))
    assert facts.largest_difference(quadratic, measured, exact) < 1e-11


@pytest.mark.parametrize("start", [(0.0, 0.0), (1e-17, 0.0)])
def test_difference_is_rounding_from_a_minimum_that_is_the_origin_but_for_rounding(start):
    # Twice the same points, mirrored: the best line is y = 0, and what is found is 1e-17 of it.
    x = np.array([0.1, 0.2, 0.7, 1.1, 0.1, 0.2, 0.7, 1.1])
    points = x, np.array([0.3, 0.1, 0.7, 0.2, -0.3, -0.1, -0.7, -0.2])
    quadratic = Quadratic.of(*points)
    phases = [Phase(0.4 * quadratic.critical_learning_rate, 50)]
    measured = run_of(*loop(points, phases, *start))
    gap = facts.largest_difference(quadratic, measured, predicted(points, phases, *start))
    assert gap < 1e-12
