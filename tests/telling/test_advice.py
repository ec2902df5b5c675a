"""Advice helps when it is followed: every run is trained again with what was advised."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from linreg import checks, data
from linreg.runs.phases import Phase, checked
from linreg.runs.rules import Adam, Momentum, Nesterov, Plain, RMSprop
from linreg.runs.schedules import Constant, CosineDecay, ExponentialDecay, LinearWarmup
from linreg.telling import advice
from linreg.theory import TOLERANCE, Quadratic, Zone, rates
from linreg.theory.dynamics import Dynamics
from tests.properties import examples
from tests.runs import loop, short_of_goal, told

# x = ±2: H = [[8, 0], [0, 2]], so the weight is the steep direction, the bias the flat one, and
# the critical rate is 1/4. The minimum is at weight 2, bias 3, with no loss.
STEEP = [-2.0, 2.0], [-1.0, 7.0]
LESSON = data.make_line()
LINE = LESSON.x, LESSON.y
SMALL = st.floats(-10, 10)
POINTS = st.lists(st.tuples(SMALL, SMALL), min_size=2, max_size=20).filter(
    lambda points: np.std(np.array(points)[:, 0]) > 0.1
)
START = 0.0, -1.0


def follow(run, start=START):
    """Return the phases and the start after the button was pressed, as the page does it."""
    *before, last = run.facts.phases
    action, value = run.advice.action, run.advice.value
    at_that_rate = {"learning_rates": (value,)}
    match action:
        case "learning_rate":
            return (*before, replace(last, **at_that_rate)), start
        case "train_on":
            return (*before, last, replace(last, **at_that_rate)), start
        case "start_over":
            return (replace(run.facts.phases[0], **at_that_rate),), start
        case "num_steps":
            return (*before, replace(last, num_steps=value)), start
        case "constant":
            return (*before, replace(last, **at_that_rate, schedule=Constant())), start
        case "initial_bias":
            return run.facts.phases, (start[0], value)
    raise AssertionError(action)


def of(points, phases, start=START):
    """Return the verdict on a run that was trained."""
    return told(points, *phases, weight=start[0], bias=start[1])


def after(points, run, start=START):
    """Return the verdict on the run that does what was advised."""
    return of(points, *follow(run, start))


# ---------------------------------------------------------------- plain steps


@examples(12)
@given(POINTS, SMALL, SMALL, st.floats(1e-4, 0.4), st.floats(0, 0.9))
def test_advice_to_train_longer_ends_in_the_minimum(points, weight, bias, share, part):
    points, start = np.array(points).T, (weight, bias)
    quadratic = Quadratic.of(*points)
    rate = share * quadratic.critical_learning_rate
    needed = quadratic.steps_each(quadratic.goal(start), np.array([rate]), start)[0]
    assume(1 < needed <= checks.MAX_STEPS)
    num_steps = max(1, int(part * needed))
    run = of(points, [Phase(rate, num_steps)], start)
    assert run.outcome == "too slow"
    if run.advice.action == "scale":  # scaled, it needs a few
        assert advice.is_flat_left(run.facts)
        return
    assert run.advice.action == "num_steps"
    assert num_steps < run.advice.value <= checks.MAX_STEPS
    assert after(points, run, start).outcome == "converged"


@example([(0.0, 0.5), (1.0, 0.0)], 0.0, 0.0, 9.125, 125)  # ends just below the largest float64
@given(POINTS, SMALL, SMALL, st.floats(1.0, 20.0), st.integers(1, 300))
def test_advice_to_stay_below_the_critical_rate_ends_in_the_minimum(
    points, weight, bias, share, num_steps
):
    points, start = np.array(points).T, (weight, bias)
    quadratic = Quadratic.of(*points)
    run = of(points, [Phase(share * quadratic.critical_learning_rate, num_steps)], start)
    assume(run.outcome != "at the minimum")
    assert run.advice.action == "learning_rate"
    assert Dynamics(quadratic).zone(run.advice.value).is_stable
    goal, rate = quadratic.goal(start), np.array([run.advice.value])
    needed = quadratic.steps_each(goal, rate, start)[0]
    assume(needed <= checks.MAX_STEPS)
    assert of(points, [Phase(run.advice.value, int(needed))], start).outcome == "converged"


@given(POINTS, SMALL, SMALL, st.floats(0.01, 0.9999))
def test_advice_to_take_the_fastest_rate_needs_fewer_steps(points, weight, bias, share):
    points, start = np.array(points).T, (weight, bias)
    rate = share * Quadratic.of(*points).critical_learning_rate
    run = of(points, [Phase(rate, 2_000)], start)
    assume(run.outcome == "converged" and "fastest" in run.advice.text)
    then = after(points, run, start)
    assert then.outcome == "converged"
    assert then.facts.measured.steps[1] < run.facts.measured.steps[1]
    assert f"needs {then.facts.measured.steps[1]:,} step" in run.advice.text


def test_advice_from_the_fastest_rate_goes_to_the_edge_which_overshoots():
    bowl = Quadratic.of(*STEEP)
    best, _ = Dynamics(bowl).fastest(bowl.goal(), rates.grid(0.25))
    run = of(STEEP, [Phase(best, 200)])
    assert "No round rate is faster" in run.advice.text
    assert Dynamics(Quadratic.of(*STEEP)).zone(run.advice.value) is Zone.OVERSHOOTS


def test_advice_from_the_edge_goes_over_it_where_the_run_jumps_out():
    # From the weight's side alone 0.24 is as fast as the run can be told to be: nothing is faster
    # than a start whose steep error is 0 and whose flat one wants the largest rate.
    edge = float(rates.grid(0.25)[rates.grid(0.25) < 0.25 * 0.999][-1])
    run = of(STEEP, [Phase(edge, 200)], (2.0, 0.0))
    assert "over the edge" in run.advice.text
    assert Dynamics(Quadratic.of(*STEEP)).zone(run.advice.value) is Zone.DIVERGES


@given(st.integers(-9, 9), st.integers(-9, 9), st.integers(2, 50))
def test_advice_to_start_elsewhere_leaves_the_minimum(weight, bias, n):
    x = np.arange(float(n))
    points, start = (x, weight * x + bias), (weight, bias)
    # Below the critical rate, or the rounding of the start would grow: for x to 49 it is 1.2e-3.
    rate = Quadratic.of(*points).critical_learning_rate / 2
    run = of(points, [Phase(rate, 5)], start)
    assert (run.outcome, run.advice.action) == ("at the minimum", "initial_bias")
    assert after(points, run, start).outcome != "at the minimum"


def test_advice_for_a_hopeless_rate_is_one_that_needs_fewer_steps():
    # The smallest rate on the flattest direction needs more steps than the page can do.
    run = of(STEEP, [Phase(1e-9, 200)])
    assert Quadratic.of(*STEEP).steps_to(1e-3, 1e-9) > checks.MAX_STEPS
    assert after(STEEP, run).outcome == "converged"


# ---------------------------------------------------------------- momentum


RULES = st.one_of(
    st.builds(Momentum, st.sampled_from([0.0, 0.5, 0.9, 0.98])),
    st.builds(Nesterov, st.sampled_from([0.0, 0.5, 0.9, 0.98])),
)


@examples(12)
@given(POINTS, RULES, st.floats(1e-3, 0.9), st.floats(0, 0.9))
def test_advice_to_train_longer_with_momentum_ends_in_the_minimum(points, rule, share, part):
    points = np.array(points).T
    rate = share * Dynamics(Quadratic.of(*points), rule).critical_learning_rate
    run = of(points, [Phase(rate, 200, rule)])
    needed = run.facts.foretold.steps
    assume(needed is not None and 1 < needed <= checks.MAX_STEPS)
    run = of(points, [Phase(rate, max(1, int(part * needed)), rule)])
    assert run.advice.action == "num_steps"  # though a swing may be further out just then
    assert after(points, run).outcome == "converged"


@pytest.mark.parametrize("rule", [Momentum(0.9), Momentum(0.5), Nesterov(0.9), Nesterov(0.5)])
@pytest.mark.parametrize("share", [1.001, 1.1, 4])
def test_advice_to_stay_below_the_critical_rate_with_momentum_ends_in_the_minimum(rule, share):
    rate = share * Dynamics(Quadratic.of(*LINE), rule).critical_learning_rate
    run = of(LINE, [Phase(rate, 400, rule)])
    assert "Stay below the critical rate" in run.advice.text
    assert after(LINE, run).outcome == "converged"


@pytest.mark.parametrize("rule", [Momentum(0.9), Momentum(0.5), Nesterov(0.9), Nesterov(0.5)])
@pytest.mark.parametrize("share", [0.02, 0.3, 0.97])
def test_advice_to_take_the_fastest_rate_with_momentum_needs_as_many_steps_as_it_says(rule, share):
    rate = share * Dynamics(Quadratic.of(*LINE), rule).critical_learning_rate
    run = of(LINE, [Phase(rate, 2_000, rule)])
    assert "fastest" in run.advice.text
    short = short_of_goal(LINE, *loop(LINE, follow(run)[0]))
    steps = int(np.flatnonzero(short > 1)[-1]) + 1
    assert steps < run.facts.measured.steps[1]
    assert f"needs {steps:,} step" in run.advice.text


# ---------------------------------------------------------------- schedules


@pytest.mark.parametrize(
    "schedule",
    [ExponentialDecay(5), CosineDecay(20), LinearWarmup(2_000)],
    ids=lambda one: one.kind,
)
def test_advice_to_keep_a_rate_constant_comes_closer(schedule):
    run = of(LINE, [Phase(0.3, 60, schedule=schedule)])
    assert (run.outcome, run.advice.action) == ("too slow", "constant")
    then = after(LINE, run)
    assert then.facts.measured.excess_loss_left < run.facts.measured.excess_loss_left


@pytest.mark.parametrize("schedule", [LinearWarmup(50), CosineDecay(400)], ids=lambda one: one.kind)
def test_advice_for_a_schedule_that_diverges_ends_in_a_run_that_does_not(schedule):
    run = of(LINE, [Phase(1.0, 200, schedule=schedule)])
    assert run.outcome == "diverged"
    assert after(LINE, run).outcome != "diverged"


def test_advice_to_keep_the_rate_constant_needs_as_many_steps_as_it_says():
    run = of(LINE, [Phase(0.3, 400, schedule=ExponentialDecay(200))])
    assert run.outcome == "converged"
    assert f" needs {after(LINE, run).facts.measured.steps[1]} steps." in run.advice.text


# ---------------------------------------------------------------- several phases


@pytest.mark.parametrize("rule", [Plain(), Momentum(0.5), Nesterov(0.5)])
def test_advice_to_train_the_last_phase_longer_ends_in_the_minimum(rule):
    run = of(LINE, [Phase(0.05, 20), Phase(0.01, 20, rule)])
    assert (run.outcome, run.advice.action) == ("too slow", "num_steps")
    assert after(LINE, run).outcome == "converged"


def test_advice_to_start_over_needs_as_many_steps_as_it_says():
    run = of(LINE, [Phase(0.05, 200), Phase(0.1, 200)])
    assert run.advice.action == "start_over"
    then = after(LINE, run)
    assert then.outcome == "converged"
    assert then.facts.measured.steps[1] < run.facts.measured.steps[1]
    assert f"alone needs {then.facts.measured.steps[1]:,} steps" in run.advice.text


@pytest.mark.parametrize(
    "first", [Phase(0.05, 60), Phase(0.05, 200), Phase(0.05, 120, Momentum(0.9))]
)
def test_advice_to_start_over_keeps_its_promise_when_the_first_phase_was_another(first):
    run = of(LINE, [first, Phase(0.02, 2_000, Momentum(0.9))])
    assert run.advice.action == "start_over"
    then = after(LINE, run)
    assert then.outcome == "converged"
    assert f"alone needs {then.facts.measured.steps[1]:,} steps" in run.advice.text


def test_advice_to_start_over_promises_nothing_that_the_first_phase_is_too_short_for():
    run = of(LINE, [Phase(0.05, 5, Momentum(0.9)), Phase(0.02, 2_000, Momentum(0.9))])
    assert run.advice.action == "start_over"
    assert "needs" not in run.advice.text


def test_advice_to_stay_below_the_critical_rate_in_the_last_phase_ends_in_the_minimum():
    run = of(LINE, [Phase(0.05, 20), Phase(0.8, 200)])
    assert run.advice.action == "learning_rate"
    assert after(LINE, run).outcome == "converged"


@pytest.mark.parametrize("rule", [Plain(), Adam()], ids=["plain", "adam"])
def test_advice_for_a_run_lost_in_an_earlier_phase_finds_it_again(rule):
    run = of(LINE, [Phase(1e3, 200), Phase(0.05, 200, rule)])
    assert np.isnan(run.facts.measured.weight)
    for _ in range(10):
        run = after(LINE, run)
    assert run.outcome != "diverged"


# ---------------------------------------------------------------- where no formula says anything


@pytest.mark.parametrize("rule", [Adam(), RMSprop()])
@pytest.mark.parametrize("rate", [1e-5, 1e-4, 1e-3])
def test_advice_for_too_small_a_rate_that_nobody_can_predict_comes_closer(rule, rate):
    run = of(LINE, [Phase(rate, 200, rule)])
    assert run.outcome == "too slow"
    then = after(LINE, run)
    assert then.facts.measured.excess_loss_left < run.facts.measured.excess_loss_left / 10


def presses(points, phases, done, most):
    """Return after how many presses of the button a run is done; more than most if it never is."""
    run, count = of(points, phases), 0
    while not done(run) and count <= most:
        run, count = after(points, run), count + 1
    return count


@pytest.mark.parametrize(
    "phase",
    [
        Phase(5.0, 100, Adam(0.0, 0.5)),
        Phase(5.0, 200, RMSprop()),
        Phase(0.5, 300, RMSprop()),
        Phase(0.8, 200, batch_size=10),
        Phase(3.0, 200, batch_size=10),
        Phase(0.8, 200, batch_size=1),
        Phase(2.0, 200, Momentum(0.9), batch_size=10),
        Phase(1.0, 200, Nesterov(0.9), batch_size=5),
        Phase(1.0, 200, schedule=LinearWarmup(50), batch_size=10),
    ],
)
def test_advice_to_take_a_smaller_rate_finds_one_that_converges(phase):
    run = of(LINE, [phase])
    assert (run.outcome in ("diverged", "jumps about"), run.advice.action) == (
        True,
        "learning_rate",
    )
    # Each press halves the rate at least, and from five times a good one three are enough; from
    # there as much again for a run that is then still on its way.
    assert presses(LINE, [phase], lambda one: one.outcome == "converged", 8) <= 8


@pytest.mark.parametrize("seed", [0, 1, 2])
@pytest.mark.parametrize(
    "phase",
    [
        Phase(0.5, 400, batch_size=10),
        Phase(0.6, 400, batch_size=20),
        Phase(0.05, 400, Momentum(0.9), batch_size=10),
        Phase(0.05, 400, Nesterov(0.9), batch_size=10),
        Phase(0.02, 400, RMSprop()),
        Phase(0.1, 400, Adam(), batch_size=10),
    ],
)
def test_advice_to_train_on_at_a_smaller_rate_comes_closer(phase, seed):
    line = data.make_line(seed=seed)
    run = told((line.x, line.y), phase, seed=seed)
    assert run.outcome in ("converged", "jumps about")
    assert run.advice.action == "train_on"
    then = told((line.x, line.y), *follow(run)[0], seed=seed)
    assert then.facts.measured.left_after[-1] < then.facts.measured.left_after[0] / 2


@pytest.mark.parametrize(
    "phases",
    [[Phase(0.1, 1_200_000, Adam())], [Phase(0.5, 20, batch_size=10)] * 20],
    ids=["too many steps", "too many phases"],
)
def test_advice_to_train_on_can_be_followed(phases):
    checked(follow(of(LINE, phases))[0])


# ---------------------------------------------------------------- the fastest rate


@pytest.mark.parametrize("rule", [Plain(), Momentum(0.5), Momentum(0.9), Nesterov(0.9)])
def test_best_is_the_fastest_of_the_round_rates_that_a_loop_tries(rule):
    quadratic = Quadratic.of(*LINE)
    best = advice.best(quadratic, rule, START)

    def needed(rate):
        short = short_of_goal(LINE, *loop(LINE, [Phase(rate, 300, rule)]))
        above = np.flatnonzero(~(short <= 1))
        return int(above[-1]) + 1  # 301 if not by then

    grid = rates.grid(rates.reference(quadratic, rule))
    tried = {float(rate): needed(rate) for rate in grid if 0.003 < rate < 2}
    assert best.steps == tried[best.rate] == min(tried.values())


@pytest.mark.parametrize("rule", [Adam(), RMSprop()])
def test_best_knows_a_good_rate_but_no_steps_where_no_formula_does(rule):
    best = advice.best(Quadratic.of(*LINE), rule, START)
    assert best.steps is None
    assert told(LINE, Phase(best.rate, 300, rule)).facts.measured.excess_loss_left < TOLERANCE
