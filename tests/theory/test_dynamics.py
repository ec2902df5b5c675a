"""Momentum and Nesterov: limits against TensorFlow, paths, zones and steps against plain loops."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from linreg.runs.rules import Adam, Momentum, Nesterov, Plain, RMSprop
from linreg.theory import Goal, Quadratic, Zone
from linreg.theory.dynamics import Dynamics
from tests.later import training
from tests.properties import examples

ROUND = Quadratic.of([-1.0, 1.0], [1.0, 5.0])  # both eigenvalues 2, minimum (2, 3)
LONG = Quadratic.of([-0.1, 0.1], [0.0, 0.0])  # eigenvalues 0.02 (weight) and 2 (bias), minimum 0
SMALL = st.floats(-10, 10)
POINTS = st.lists(st.tuples(SMALL, SMALL), min_size=2, max_size=20).filter(
    lambda points: np.std(np.array(points)[:, 0]) > 0.1
)
KEPT = st.one_of(st.sampled_from([0.0, 0.5, 0.9, 0.99]), st.floats(0, 0.999))
RULES = st.sampled_from([Momentum, Nesterov])
SHARES = st.one_of(st.sampled_from([0.999, 0.5]), st.floats(0.01, 0.999))  # of the critical rate
TOLERANCES = st.sampled_from([0.5, 0.1, 1e-3, 1e-6])


def hessian(x):
    """Return 2/n XᵀX, with the columns x and 1."""
    design = np.stack([x, np.ones_like(x)], axis=1)
    return 2 / x.size * design.T @ design


def limit(rule, largest_eigenvalue):
    """Return the limit that the literature gives; TensorFlow is asked for it below."""
    limit = (2 + 2 * rule.momentum) / largest_eigenvalue
    return limit / (1 + 2 * rule.momentum) if isinstance(rule, Nesterov) else limit


def descend(x, y, rule, rates, weight, bias):
    """Return weight and bias after each update, one for each rate, on the raw points."""
    line, velocity, looped = np.array([weight, bias]), np.zeros(2), [(weight, bias)]
    for rate in rates:
        residual = line[0] * x + line[1] - y
        gradient = 2 * np.array([np.mean(residual * x), np.mean(residual)])
        velocity = rule.momentum * velocity - rate * gradient
        ahead = isinstance(rule, Nesterov)
        line = line + (rule.momentum * velocity - rate * gradient if ahead else velocity)
        looped.append(tuple(line))
    return np.array(looped).T


def errors_of_one_direction(rule, scaled, error=1.0):
    """Give the error along one eigenvector after each step, rate · eigenvalue being `scaled`."""
    velocity = 0.0
    while True:
        yield error
        velocity = rule.momentum * velocity - scaled * error
        error += rule.momentum * velocity - scaled * error if is_ahead(rule) else velocity


def is_ahead(rule):
    """Return whether a step looks ahead."""
    return isinstance(rule, Nesterov)


def excess_of_a_loop(rule, values, rate, errors):
    """Give the excess loss after each step, starting with step 0."""
    first, second = (
        errors_of_one_direction(rule, rate * float(value), float(error))
        for value, error in zip(values, errors, strict=True)
    )
    for flat, steep in zip(first, second, strict=True):
        yield (values[0] * flat * flat + values[1] * steep * steep) / 2


def excess_loss(rule, quadratic, rate, start, num_steps):
    """Return the excess loss of a loop, shape (num_steps + 1,)."""
    values, errors = quadratic.eigenvalues.tolist(), quadratic.errors(*start).tolist()
    looped = excess_of_a_loop(rule, values, rate, errors)
    return np.array(list(itertools.islice(looped, num_steps + 1)))


def steps_to_stay(excess, target):
    """Return the step after the last one above the target."""
    above = np.flatnonzero(excess > target)
    return int(above[-1]) + 1 if above.size else 0


# ---------------------------------------------------------------- the limits


@pytest.mark.parametrize("rule", [Momentum, Nesterov])
@pytest.mark.parametrize("kept", [0.0, 0.5, 0.9, 0.99])
@examples(15)
@given(POINTS)
def test_critical_rate_is_where_tensorflow_stops_converging(rule, kept, points):
    x, y = np.array(points).T
    quadratic, rule = Quadratic.of(x, y), rule(kept)
    critical = Dynamics(quadratic, rule).critical_learning_rate
    # From one unit up the steep direction, since the flat one may need millions of steps.
    steep = np.linalg.eigh(hessian(x)).eigenvectors[:, 1]
    start = np.array([quadratic.weight, quadratic.bias]) + steep
    run = training.train(x, y, np.array([0.999, 1.001]) * critical, 20_000, start, rule=rule)
    error = np.hypot(run.weight[:, -1] - quadratic.weight, run.bias[:, -1] - quadratic.bias)
    # The slowest, β = 0, changes by a factor of 1 ∓ 0.002 a step: e^∓40 in all.
    assert error[0] < 1e-6
    assert not error[1] < 1e6  # or nan


@given(POINTS, RULES, KEPT)
def test_critical_rate_is_the_one_of_the_literature(points, rule, kept):
    x, y = np.array(points).T
    expected = limit(rule(kept), np.linalg.eigvalsh(hessian(x))[1])
    critical = Dynamics(Quadratic.of(x, y), rule(kept)).critical_learning_rate
    assert critical == pytest.approx(expected, rel=1e-12)


def test_critical_rate_is_the_one_computed_by_hand():
    # x = 0, 1: large eigenvalue (3 + √5) / 2, so 2 / it = 3 − √5; 1 + β = 1.5, 1 + 2β = 2.
    unit = Quadratic.of([0.0, 1.0], [0.0, 0.0])
    rates = [Dynamics(unit, rule(0.5)).critical_learning_rate for rule in (Momentum, Nesterov)]
    assert rates == pytest.approx([1.5 * (3 - 5**0.5), 0.75 * (3 - 5**0.5)], rel=1e-15)


@given(POINTS, RULES, KEPT)
def test_matrices_have_their_largest_root_at_minus_one_at_the_critical_rate(points, rule, kept):
    dynamics = Dynamics(Quadratic.of(*np.array(points).T), rule(kept))
    roots = np.linalg.eigvals(dynamics.matrices(dynamics.critical_learning_rate)[1])
    # The two roots are at least 1 − β apart, which divides their rounding.
    assert np.abs(roots + 1).min() <= 1e-14 / (1 - kept)
    assert np.abs(roots).max() <= 1 + 1e-14 / (1 - kept)


@given(POINTS, RULES, KEPT, st.sampled_from([1e-3, 1e-4, 1e-6]))
def test_matrices_have_all_roots_inside_the_unit_circle_only_below_the_critical_rate(
    points, rule, kept, apart
):
    dynamics = Dynamics(Quadratic.of(*np.array(points).T), rule(kept))
    below, above = (
        np.abs(np.linalg.eigvals(dynamics.matrices(share * dynamics.critical_learning_rate))).max()
        for share in (1 - apart, 1 + apart)
    )
    assert below < 1 < above


@given(POINTS, RULES, KEPT, st.floats(1e-6, 3.0))
def test_roots_are_those_of_numpy_eigvals(points, rule, kept, share):
    dynamics = Dynamics(Quadratic.of(*np.array(points).T), rule(kept))
    rate = share * dynamics.critical_learning_rate
    roots = dynamics.roots(rate)
    for ours, matrix in zip(roots, dynamics.matrices(rate), strict=True):
        theirs = np.linalg.eigvals(matrix)
        gaps = (np.abs(ours - order).max() for order in (theirs, theirs[::-1]))
        # Two equal roots feel the square root of a rounding of numbers of up to 1 + |z|².
        assert min(gaps) <= 1e-7 * max(1.0, np.abs(matrix).max())


@given(POINTS, RULES, KEPT, st.floats(1e-6, 3.0))
def test_roots_come_with_the_larger_in_size_first(points, rule, kept, share):
    dynamics = Dynamics(Quadratic.of(*np.array(points).T), rule(kept))
    sizes = np.abs(dynamics.roots(share * dynamics.critical_learning_rate))
    assert np.all(sizes[:, 0] >= sizes[:, 1] * (1 - 1e-12))


def test_roots_of_plain_steps_are_the_factors_and_zero():
    # Factors 1 − 0.02 · 0.75 and 1 − 2 · 0.75.
    np.testing.assert_allclose(
        Dynamics(LONG, Plain()).roots(0.75), [[0.985, 0], [-0.5, 0]], rtol=1e-14
    )


@pytest.mark.parametrize("rule", [Adam(), RMSprop()])
def test_dynamics_refuses_a_rule_without_a_formula_by_its_name(rule):
    with pytest.raises(ValueError, match=f"`rule` must be plain, .* got {rule.kind}"):
        Dynamics(ROUND, rule)


# ---------------------------------------------------------------- the path


def scale(quadratic, rule, share, kept, looped):
    """Return what roundings are a share of: the largest parameter so far, grown as errors grow.

    A rounding of the velocity goes on for 1 / (1 - β) steps, so it moves the line by as many times
    itself. An unstable step multiplies every error, a rounding too, by its largest root; that
    matters for starts so near the minimum that the run stays there for a while.
    """
    smallest = max(1.0, abs(quadratic.weight), abs(quadratic.bias))
    largest = np.maximum(np.maximum.accumulate(np.abs(looped).max(axis=0)), smallest)
    dynamics = Dynamics(quadratic, rule)
    matrices = dynamics.matrices(share * dynamics.critical_learning_rate)
    growth = max(1.0, np.abs(np.linalg.eigvals(matrices)).max())
    return np.maximum(largest, smallest * growth ** np.arange(looped.shape[1])) / (1 - kept)


@given(POINTS, SMALL, SMALL, RULES, KEPT, st.floats(0.01, 1.5))
def test_path_by_powers_is_the_one_of_a_plain_loop(points, weight, bias, rule, kept, share):
    x, y = np.array(points).T
    quadratic, rule = Quadratic.of(x, y), rule(kept)
    dynamics = Dynamics(quadratic, rule)
    rate = share * dynamics.critical_learning_rate
    states = dynamics.after(np.array([rate]), dynamics.rest(1, (weight, bias)), np.arange(61))
    line = quadratic.at(np.moveaxis(states[0, :, :, 0], 0, -1))[:2]
    looped = descend(x, y, rule, [rate] * 60, weight, bias)
    gap = np.abs(line - looped).max(axis=0)
    assert np.all(gap <= 1e-9 * scale(quadratic, rule, share, kept, looped))


@given(POINTS, SMALL, SMALL, RULES, KEPT, st.floats(0.01, 1.5), st.randoms())
def test_path_through_a_schedule_is_the_one_of_a_plain_loop(
    points, weight, bias, rule, kept, share, random
):
    x, y = np.array(points).T
    quadratic, rule = Quadratic.of(x, y), rule(kept)
    dynamics = Dynamics(quadratic, rule)
    rate = share * dynamics.critical_learning_rate
    # Any multiples up to 1, since they are of no one schedule; any records, the last among them.
    multiples = np.array([random.choice([0.0, random.random(), 1.0]) for _ in range(60)])
    steps = np.array(sorted(random.sample(range(1, 61), random.randint(1, 60))))
    states = dynamics.through(
        np.array([rate]), dynamics.rest(1, (weight, bias)), steps, multiples[: steps[-1]]
    )
    line = quadratic.at(np.moveaxis(states[0, :, :, 0], 0, -1))[:2]
    looped = descend(x, y, rule, rate * multiples, weight, bias)
    gap = np.abs(line - looped[:, steps]).max(axis=0)
    # No step multiplies by more than one at the full rate does, or than stopping a velocity may.
    assert np.all(gap <= 1e-9 * scale(quadratic, rule, share, kept, looped)[steps] * 2**0.5)


@given(RULES, KEPT, st.floats(0.01, 1.5), st.integers(1, 3_000))
def test_path_through_equal_multiples_is_the_path_by_powers(rule, kept, share, num_steps):
    dynamics = Dynamics(LONG, rule(kept))
    rates = np.array([share, share / 2]) * dynamics.critical_learning_rate
    start = dynamics.rest(2, (3.0, -1.0))
    # Two orders of the same products, each of norm up to 1 / (1 − β).
    steps = np.unique(np.append(np.arange(1, num_steps, 7), num_steps))
    through = dynamics.through(rates, start, steps, np.ones(num_steps))[..., 0]
    after = dynamics.after(rates, start, steps)[..., 0]
    size = np.maximum.accumulate(np.abs(after), axis=-1).max(axis=1, keepdims=True)
    known = np.broadcast_to(size < 1e150, after.shape)  # beyond that a square overflows
    scale = np.broadcast_to(np.maximum(size, 3), after.shape)[known]
    assert np.all(np.abs(through[known] - after[known]) <= 1e-9 / (1 - kept) * scale)


@given(KEPT, RULES, st.integers(0, 50), st.integers(0, 50))
def test_path_goes_on_from_error_and_velocity_as_if_it_had_never_stopped(kept, rule, one, more):
    dynamics = Dynamics(LONG, rule(kept))
    rates = np.array([0.3, 0.9]) * dynamics.critical_learning_rate
    start = dynamics.rest(2, (3.0, -1.0))
    stopped = dynamics.after(rates, start, np.array([one]))[:, :, 0]
    resumed = dynamics.after(rates, stopped, np.array([more]))
    whole = dynamics.after(rates, start, np.array([one + more]))
    np.testing.assert_allclose(resumed, whole, rtol=0, atol=1e-12 / (1 - kept))


@pytest.mark.parametrize("rule", [Momentum(0.0), Nesterov(0.0)])
def test_path_without_momentum_gives_the_velocity_of_its_last_step(rule):
    # Keras keeps it: a next phase with momentum starts from it. ROUND at 0.25: the weight's error
    # goes from -2 to -1 to -0.5, so the last step is 0.5.
    dynamics = Dynamics(ROUND, rule)
    states = dynamics.after(np.array([0.25]), dynamics.rest(1, (0.0, 3.0)), np.array([2]))
    weight = np.abs(states[0, :, 0]).max(axis=0)  # the other direction has no error
    assert weight.tolist() == [0.5, 0.5]


@pytest.mark.parametrize("rule", [Plain(), Momentum(0.9), Nesterov(0.9)])
def test_path_stays_in_the_minimum_at_every_rate(rule):
    dynamics = Dynamics(ROUND, rule)
    rates = np.array([0.1, 1.0, 1e6])
    states = dynamics.after(rates, dynamics.rest(3, (2.0, 3.0)), np.array([0, 1, 1_000_000]))
    assert np.all(states == 0)


@pytest.mark.parametrize("rule", [Plain(), Momentum(0.9), Nesterov(0.9)])
def test_path_through_a_schedule_stays_in_the_minimum_at_every_rate(rule):
    dynamics = Dynamics(ROUND, rule)
    rates = np.array([0.1, 1.0, 1e6])
    states = dynamics.through(rates, dynamics.rest(3, (2.0, 3.0)), np.array([1, 500]), np.ones(500))
    assert np.all(states == 0)


# ---------------------------------------------------------------- the zones


def sides_of_a_long_run(rule, scaled, num_steps=3_000):
    """Return on which side the steep error is after each step, from 1 and without velocity."""
    error, velocity, sides = 1.0, 0.0, []
    for _ in range(num_steps):
        sides.append(error)
        velocity = rule.momentum * velocity - scaled * error
        error += rule.momentum * velocity - scaled * error if is_ahead(rule) else velocity
        size = max(abs(error), abs(velocity), 1e-300)  # every step is linear: keep it a number
        error, velocity = error / size, velocity / size
    return np.sign(sides)


def distance_to_a_double_root(rule, scaled):
    """Return how far the square under the root is from 0, where a rounding decides."""
    one, kept = scaled, rule.momentum
    if is_ahead(rule):
        return abs((1 + kept) ** 2 * (1 - one) ** 2 - 4 * kept * (1 - one))
    return abs((1 + kept - one) ** 2 - 4 * kept)


@example(Momentum, 0.9, 0.001)
@example(Momentum, 0.9, 0.5)
@example(Momentum, 0.5, 0.99)
@example(Nesterov, 0.5, 0.01)
@example(Nesterov, 0.9, 0.3)
@example(Nesterov, 0.9, 0.9)
@given(RULES, st.one_of(st.just(0.0), st.floats(0.01, 0.99)), st.floats(0.001, 0.999))
def test_zone_is_what_a_long_run_does(rule, kept, share):
    rule = rule(kept)
    scaled = share * limit(rule, 1.0)
    assume(distance_to_a_double_root(rule, scaled) > 1e-5)
    zone = Dynamics(ROUND, rule).zone(scaled / 2)  # its eigenvalue is 2
    sides = sides_of_a_long_run(rule, scaled)
    # What a swing is, and a side, shows in the long run: Nesterov's smaller root dies out first.
    changes = np.flatnonzero(sides[1:] * sides[:-1] < 0)
    if zone is Zone.CONVERGES:
        assert changes.size == 0
    elif zone is Zone.OVERSHOOTS:
        assert changes[-1_000:].tolist() == list(range(1_999, 2_999))
    else:
        assert zone is Zone.SWINGS
        swing = Dynamics(ROUND, rule).swing(scaled / 2)
        # Half a swing from change to change; the first and the last may be cut.
        assert changes.size == pytest.approx(2 * sides.size / swing, abs=2)


@given(RULES, st.floats(0.01, 0.99), st.floats(0.001, 0.999))
def test_swing_is_none_unless_the_zone_swings(rule, kept, share):
    dynamics = Dynamics(ROUND, rule(kept))
    rate = share * dynamics.critical_learning_rate
    assert (dynamics.swing(rate) is None) == (dynamics.zone(rate) is not Zone.SWINGS)


def test_swing_is_the_one_found_by_hand():
    # z² − (1 + β − h) z + β with β = ¼ and h = 5/4 is z² + ¼: roots ±i/2, four steps a swing.
    assert Dynamics(ROUND, Momentum(0.25)).swing(0.625) == pytest.approx(4.0, rel=1e-15)


@pytest.mark.parametrize("rule", [Plain(), Momentum(0.5), Nesterov(0.5), Momentum(0.99)])
@pytest.mark.parametrize(
    ("share", "zone"), [(1 + 1e-6, Zone.DIVERGES), (1.0, Zone.BOUNCES), (1e6, Zone.DIVERGES)]
)
def test_zone_at_and_above_the_critical_rate_is_to_bounce_and_to_diverge(rule, share, zone):
    dynamics = Dynamics(ROUND, rule)
    assert dynamics.zone(share * dynamics.critical_learning_rate) is zone


@pytest.mark.parametrize("rule", [Plain(), Momentum(0.5), Nesterov(0.5), Momentum(0.99)])
def test_zone_just_below_the_critical_rate_is_to_overshoot(rule):
    # The root that leaves the unit circle leaves it at -1, so the error changes side each step.
    dynamics = Dynamics(ROUND, rule)
    assert dynamics.zone((1 - 1e-6) * dynamics.critical_learning_rate) is Zone.OVERSHOOTS


@given(POINTS, st.floats(1e-6, 3.0))
def test_zone_of_plain_steps_is_the_one_of_the_theory(points, share):
    quadratic = Quadratic.of(*np.array(points).T)
    rate = share * quadratic.critical_learning_rate
    assume(abs(share - 0.5) > 1e-9)  # there the factor is 0, and its sign a rounding
    assert Dynamics(quadratic, Plain()).zone(rate) is Dynamics(quadratic).zone(rate)


# ---------------------------------------------------------------- the steps needed


def steps_of(dynamics, target, rate, start):
    """Return the steps of one rate, as an int or None."""
    steps = dynamics.steps_to_stay(Goal(target), np.array([rate]), dynamics.rest(1, start))[0]
    return int(steps) if np.isfinite(steps) else None


def assert_stays_from(steps, excess, target):
    """Hold steps against a loop that goes on for long: outside one step before, inside from then on.

    Where the excess all but touches the target, a rounding decides; either side is right.
    """
    least, most = (steps_to_stay(excess, target * share) for share in (1 + 1e-6, 1 - 1e-6))
    if least == excess.size:
        assert steps >= excess.size
    else:
        assert least <= steps
        assert steps <= most or most == excess.size


@given(POINTS, SMALL, SMALL, RULES, KEPT.filter(lambda kept: kept < 0.99), SHARES, TOLERANCES)
def test_steps_to_stay_is_the_step_after_the_last_of_a_loop_above_the_target(
    points, weight, bias, rule, kept, share, tolerance
):
    quadratic, rule = Quadratic.of(*np.array(points).T), rule(kept)
    assume(quadratic.distance(weight, bias) > 1e-3)  # nearer, the loop's own start is rounding
    dynamics, start = Dynamics(quadratic, rule), (weight, bias)
    rate = share * dynamics.critical_learning_rate
    target = tolerance * float(quadratic.excess_loss(*start))
    steps = steps_of(dynamics, target, rate, start)
    assert steps is not None
    # A swing's square shrinks by at least 0.99 a step, to 2e-9 in 2,000: it does not come back.
    looped = excess_loss(rule, quadratic, rate, start, min(steps, 3_000) + 2_000)
    assert_stays_from(steps, looped, target)


@pytest.mark.parametrize("rule", [Momentum, Nesterov])
@pytest.mark.parametrize("kept", [0.9, 0.99, 0.998, 0.999])
@pytest.mark.parametrize("tolerance", [1e-3, 1e-6])
@pytest.mark.parametrize("share", [0.001, 0.1, 0.6, 0.999])
def test_steps_to_stay_waits_for_the_last_swing(rule, kept, tolerance, share):
    # A swing's square shrinks by β a step: 1e-6 takes 14,000 steps at 0.999. Nesterov's flat
    # direction takes 8,000 at the smallest share.
    dynamics = Dynamics(LONG, rule(kept))
    rate = share * dynamics.critical_learning_rate
    start = 10.0, 1.0  # an excess loss of 1 in either direction
    steps = steps_of(dynamics, 2 * tolerance, rate, start)
    looped = excess_loss(rule(kept), LONG, rate, start, 40_000)
    assert_stays_from(steps, looped, 2 * tolerance)


def test_steps_to_stay_is_the_number_found_by_hand():
    # β = ¼ and h = 5/4: z² = −¼, errors 1, −¼, −¼, 1/16, 1/16, … The first step is within 0.1, and
    # the third within 0.05.
    swings, whole = Dynamics(ROUND, Momentum(0.25)), float(ROUND.excess_loss(0.0, 3.0))
    steps = [steps_of(swings, share * whole, 0.625, (0.0, 3.0)) for share in (0.1, 0.05)]
    assert steps == [1, 3]


def test_steps_to_stay_does_not_count_a_run_through_the_minimum():
    # h = 1 and β = ½: z² − ½ z + ½, errors 1, 0, −½, −¼, ⅛, 0.19, 0.03, … The first step lands in
    # the minimum, and the velocity carries the run out of it: 0.0625 in the third, then 0.035.
    target = 0.05 * float(ROUND.excess_loss(0.0, 3.0))
    assert steps_of(Dynamics(ROUND, Momentum(0.5)), target, 0.5, (0.0, 3.0)) == 4


@pytest.mark.parametrize(
    ("rule", "rate", "steps"),
    [
        (Momentum(0.25), 0.125, 6),  # (z − ½)²: errors 1, 0.75, 0.5, 0.3125, … (1 + k/2) / 2^k
        (Momentum(0.0), 0.5, 1),  # z²: the first step lands in the minimum
        (Nesterov(0.5), 0.5, 2),  # z²: 1 − 1.5, and then there
    ],
)
def test_steps_to_stay_is_the_one_found_by_hand_when_the_two_roots_are_equal(rule, rate, steps):
    # 0.0625 = (1 + k/2) / 2^k at k = 6; its square is 0.0039, the one before 0.0120.
    target = 0.01 * float(ROUND.excess_loss(0.0, 3.0))
    assert steps_of(Dynamics(ROUND, rule), target, rate, (0.0, 3.0)) == steps


@pytest.mark.parametrize("rule", [Plain(), Momentum(0.5), Momentum(0.9), Nesterov(0.9)])
@pytest.mark.parametrize("share", [1e-3, 4e-4, 1 - 1e-4])
def test_steps_to_stay_is_that_of_a_loop_of_many_thousands(rule, share):
    # The flat direction is 100 times as slow: at 4e-4 of the limit of plain steps 400,000 steps.
    dynamics, start = Dynamics(LONG, rule), (10.0, 1.0)
    rate = share * dynamics.critical_learning_rate
    steps = steps_of(dynamics, 2e-3, rate, start)
    twin = Momentum(0.0) if type(rule) is Plain else rule
    looped = excess_loss(twin, LONG, rate, start, min(steps, 1_000_000) + 1_000)
    # One step changes the excess by a share of 1e-5 or more, and its rounding is 1e-16 · 4e5.
    assert steps == steps_to_stay(looped, 2e-3)


def test_steps_to_stay_counts_far_beyond_any_loop():
    # h = 2e-9 (weight and bias alike), β = ½: 1 − z ≈ h / (1 − β) = 4e-9, and z^2k = 1e-3.
    dynamics = Dynamics(ROUND, Momentum(0.5))
    target = 1e-3 * float(ROUND.excess_loss(0.0, -1.0))
    steps = steps_of(dynamics, target, 1e-9, (0.0, -1.0))
    assert steps == pytest.approx(np.log(1000) / 8e-9, rel=1e-6)


@pytest.mark.parametrize("rule", [Plain(), Momentum(0.5), Momentum(0.99), Nesterov(0.9)])
@pytest.mark.parametrize("share", [1.0, 1 + 1e-8, 1 + 1e-4, 1.5])
def test_steps_to_stay_is_never_at_and_above_the_critical_rate(rule, share):
    # Even though a steep error of 1e-8 at first leaves the excess small for a long time.
    dynamics = Dynamics(LONG, rule)
    rate = share * dynamics.critical_learning_rate
    assert steps_of(dynamics, 1e-3, rate, (10.0, 1e-8)) is None


@given(POINTS, SMALL, SMALL, RULES, KEPT, TOLERANCES)
def test_steps_to_stay_of_several_rates_are_those_of_each(
    points, weight, bias, rule, kept, tolerance
):
    quadratic = Quadratic.of(*np.array(points).T)
    assume(quadratic.distance(weight, bias) > 1e-3)
    dynamics = Dynamics(quadratic, rule(kept))
    rates = np.array([0.01, 0.5, 0.99, 1.2]) * dynamics.critical_learning_rate
    target = tolerance * float(quadratic.excess_loss(weight, bias))
    together = dynamics.steps_to_stay(Goal(target), rates, dynamics.rest(4, (weight, bias)))
    alone = [steps_of(dynamics, target, rate, (weight, bias)) for rate in rates]
    assert together.tolist() == [math.inf if steps is None else steps for steps in alone]


@given(RULES, KEPT, st.floats(0.01, 0.99), st.integers(1, 60), TOLERANCES)
def test_steps_to_stay_of_a_run_under_way_are_fewer_by_what_it_has_made(
    rule, kept, share, made, tolerance
):
    dynamics = Dynamics(LONG, rule(kept))
    rates = np.array([share]) * dynamics.critical_learning_rate
    start, target = dynamics.rest(1, (10.0, 1.0)), 2 * tolerance
    whole = dynamics.steps_to_stay(Goal(target), rates, start)[0]
    under_way = dynamics.after(rates, start, np.array([made]))[:, :, 0]
    # By velocity too. A rounding may decide where the excess all but touches the target.
    left = dynamics.steps_to_stay(Goal(target), rates, under_way)[0]
    assert left == pytest.approx(max(whole - made, 0), abs=1)


@pytest.mark.parametrize("rule", [Plain(), Momentum(0.9), Nesterov(0.9)])
def test_steps_to_stay_is_none_needed_from_the_minimum(rule):
    assert steps_of(Dynamics(ROUND, rule), 1e-3, 0.1, (2.0, 3.0)) == 0


@given(POINTS, SMALL, SMALL, RULES, KEPT.filter(lambda kept: kept < 0.99), SHARES, TOLERANCES)
def test_steps_to_stay_wait_for_the_line_where_the_loss_is_there_before(
    points, weight, bias, rule, kept, share, tolerance
):
    quadratic, rule = Quadratic.of(*np.array(points).T), rule(kept)
    assume(quadratic.distance(weight, bias) > 1e-3)
    dynamics, start = Dynamics(quadratic, rule), (weight, bias)
    rates = np.array([share]) * dynamics.critical_learning_rate
    goal, rest = quadratic.goal(start, tolerance), dynamics.rest(1, start)
    both = dynamics.steps_to_stay(goal, rates, rest)
    loss = dynamics.steps_to_stay(Goal(goal.excess_loss), rates, rest)
    line = dynamics.steps_to_stay(Goal(np.inf, goal.distance), rates, rest)
    assert both == np.maximum(loss, line)


# ---------------------------------------------------------------- the fastest


@given(POINTS, SMALL, SMALL, RULES, KEPT.filter(lambda kept: kept < 0.99), TOLERANCES)
def test_fastest_is_never_beaten_by_another_candidate(points, weight, bias, rule, kept, tolerance):
    quadratic, rule = Quadratic.of(*np.array(points).T), rule(kept)
    assume(quadratic.distance(weight, bias) > 1e-3)
    dynamics, start = Dynamics(quadratic, rule), (weight, bias)
    candidates = dynamics.critical_learning_rate * np.array([0.03, 0.1, 0.3, 0.6, 0.9, 1.0, 1.1])
    rate, steps = dynamics.fastest(quadratic.goal_of_loss(start, tolerance), candidates, start)
    target = tolerance * float(quadratic.excess_loss(*start))
    bounds = []
    for candidate in candidates[:5]:  # the last two are not stable
        looped = excess_loss(rule, quadratic, candidate, start, 3_000)
        bounds.append([steps_to_stay(looped, target * hair) for hair in (1 + 1e-6, 1 - 1e-6)])
    least, most = np.min(bounds, axis=0)
    assert rate in candidates[:5]
    assert least <= min(steps, 3_001) <= most


@pytest.mark.parametrize("rule", [Momentum(0.99), Momentum(0.999), Nesterov(0.99)])
def test_fastest_is_never_beaten_when_all_candidates_swing_for_long(rule):
    # Every one needs hundreds or thousands of steps, and some are within 1e-6 long before they stay.
    dynamics, start = Dynamics(LONG, rule), (10.0, 1.0)
    candidates = np.array([0.001, 0.003, 0.97, 0.98, 0.99]) * dynamics.critical_learning_rate
    looped = [excess_loss(rule, LONG, rate, start, 30_000) for rate in candidates]
    steps = [steps_to_stay(excess, 2e-6) for excess in looped]
    assert min(steps) > 200
    best = candidates[np.argmin(steps)], min(steps)
    assert dynamics.fastest(LONG.goal_of_loss(start, 1e-6), candidates, start) == best


@pytest.mark.parametrize("rule", [Momentum(0.5), Nesterov(0.5)])
def test_fastest_never_returns_an_unstable_rate(rule):
    dynamics = Dynamics(ROUND, rule)
    candidates = np.array([0.9, 1.0, 1.1]) * dynamics.critical_learning_rate
    assert dynamics.fastest(ROUND.goal(), candidates)[0] == candidates[0]


@pytest.mark.parametrize("rule", [Momentum(0.5), Nesterov(0.5)])
def test_fastest_is_the_middle_one_of_equally_fast_rates(rule):
    # From the minimum all need 0 steps.
    candidates = np.array([0.1, 0.2, 0.3, 0.4, 0.6])
    assert Dynamics(ROUND, rule).fastest(ROUND.goal((2.0, 3.0)), candidates, (2.0, 3.0)) == (0.3, 0)


@pytest.mark.parametrize("rule", [Plain(), Momentum(0.5), Nesterov(0.5)])
def test_fastest_refuses_candidates_of_which_none_is_stable(rule):
    with pytest.raises(ValueError, match="`candidates` must hold a learning rate below"):
        Dynamics(ROUND, rule).fastest(ROUND.goal(), np.array([2.0, 3.0]))
