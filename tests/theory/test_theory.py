"""The theory against linear algebra, exact arithmetic and plain loops; nothing is trained here."""

import math
from decimal import Decimal, localcontext

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from linreg.theory import Goal, Quadratic, Zone
from linreg.theory.dynamics import Dynamics
from tests.runs import path_of

ROUND = Quadratic.of([-1.0, 1.0], [1.0, 5.0])  # both eigenvalues 2, critical rate 1, minimum (2, 3)
SMALL = st.floats(-10, 10)
POINTS = st.lists(st.tuples(SMALL, SMALL), min_size=2, max_size=20).filter(
    lambda points: np.std(np.array(points)[:, 0]) > 0.1
)
TOLERANCES = st.sampled_from([0.5, 0.1, 1e-3, 1e-6])


def hessian(x):
    """Return 2/n XᵀX, with the columns x and 1."""
    design = np.stack([x, np.ones_like(x)], axis=1)
    return 2 / x.size * design.T @ design


def loop(x, y, learning_rate, num_steps, weight, bias):
    """Return excess loss and distance after each step of e ← e − η H e, starting with step 0."""
    design = np.stack([x, np.ones_like(x)], axis=1)
    h = hessian(x)
    error = np.array([weight, bias]) - np.linalg.lstsq(design, y, rcond=None)[0]
    excess, distance = [], []
    with np.errstate(over="ignore", invalid="ignore"):  # above the critical rate
        for _ in range(num_steps + 1):
            excess.append(error @ h @ error / 2)
            distance.append(np.sqrt(error @ error))
            error = error - learning_rate * (h @ error)
    return np.array(excess), np.array(distance)


def excess_of_a_loop(*arguments):
    """Return the excess loss alone."""
    return loop(*arguments)[0]


def first_within(excess, tolerance):
    """Return the first step at which the excess is within tolerance of its start, or None."""
    within = np.flatnonzero(excess <= tolerance * excess[0])
    return int(within[0]) if within.size else None


# ---------------------------------------------------------------- the minimum and the curvature


@given(POINTS)
def test_minimum_is_the_one_of_numpy_lstsq(points):
    x, y = np.array(points).T
    design = np.stack([x, np.ones_like(x)], axis=1)
    expected = np.linalg.lstsq(design, y, rcond=None)[0]
    quadratic = Quadratic.of(x, y)
    # The condition number of the design is at most about 1,000 here, and least squares loses it
    # squared: 1e-16 · 1e6, of the largest numbers in play.
    scale = max(np.abs(expected).max(), np.abs(y).max())
    gap = np.abs([quadratic.weight, quadratic.bias] - expected).max()
    assert gap <= 1e-9 * scale


@given(POINTS)
def test_least_loss_is_the_one_of_numpy_lstsq(points):
    x, y = np.array(points).T
    design = np.stack([x, np.ones_like(x)], axis=1)
    best = np.linalg.lstsq(design, y, rcond=None)[0]
    expected = np.mean((design @ best - y) ** 2)
    # On a perfect fit only rounding is left: residuals of 1e-14 of y.
    assert Quadratic.of(x, y).loss == pytest.approx(expected, rel=1e-9, abs=1e-24 * max(y**2))


@given(POINTS, SMALL, SMALL)
def test_excess_loss_is_the_loss_above_the_least(points, weight, bias):
    x, y = np.array(points).T
    quadratic = Quadratic.of(x, y)
    loss = np.mean((weight * x + bias - y) ** 2)
    # A difference of two losses: its rounding is a share of what was squared.
    scale = np.mean((np.abs(weight * x) + abs(bias) + np.abs(y)) ** 2)
    gap = quadratic.excess_loss(weight, bias) - (loss - quadratic.loss)
    assert abs(gap) <= 1e-9 * max(scale, quadratic.loss)


@given(POINTS)
def test_eigenvalues_are_those_of_numpy_eigh(points):
    x, y = np.array(points).T
    # eigh is right to a rounding of the large eigenvalue, for both.
    expected = np.linalg.eigh(hessian(x)).eigenvalues
    gap = np.abs(Quadratic.of(x, y).eigenvalues - expected).max()
    assert gap <= 1e-13 * expected[1]


@given(POINTS)
def test_directions_are_those_of_numpy_eigh(points):
    x, y = np.array(points).T
    values, vectors = np.linalg.eigh(hessian(x))
    assume(values[1] - values[0] > 1e-3 * values[1])  # else every direction is one
    # Each of ours is orthogonal to the other one of theirs, whatever its sign. The angle between
    # them is a rounding divided by the gap between the eigenvalues, at most 1e-16 / 1e-3.
    across = np.diag(Quadratic.of(x, y).directions.T @ vectors[:, ::-1])
    assert np.abs(across).max() <= 1e-12


@given(POINTS)
def test_directions_are_two_unit_vectors_at_a_right_angle(points):
    q = Quadratic.of(*np.array(points).T).directions
    np.testing.assert_allclose(q.T @ q, np.eye(2), rtol=0, atol=1e-15)


@given(
    st.lists(st.integers(-1000, 1000), min_size=2, max_size=10, unique=True),
    st.sampled_from([2.0**-40, 2.0**-20, 1.0, 2.0**20]),
    st.integers(-(2**10), 2**10),
)
def test_small_eigenvalue_keeps_its_digits_when_all_x_are_nearly_equal(steps, unit, middle):
    x = middle + unit * np.array(steps)  # exact: 10 + 20 + 10 bits at the most are needed
    assume(np.unique(x).size == len(steps))
    with localcontext() as context:
        context.prec = 80
        exact = [Decimal(float(value)) for value in x]
        mean = sum(exact) / len(exact)
        mean_xx = sum(value**2 for value in exact) / len(exact)
        root = ((mean_xx - 1) ** 2 + 4 * mean**2).sqrt()
        expected = float(mean_xx + 1 - root)
    # The mean is rounded once, by up to 1e-13 for x of 1,000; a spread of 2⁻⁴⁰ ≈ 1e-12 · steps
    # feels that in its square.
    rounding = (np.spacing(np.abs(x).max()) / x.std()) ** 2
    eigenvalue = Quadratic.of(x, np.zeros_like(x)).eigenvalues[0]
    assert eigenvalue == pytest.approx(expected, rel=1e-12 + 4 * rounding)


def test_small_eigenvalue_is_the_one_computed_by_hand_for_a_tiny_spread():
    # x = 1 ± s with s = 2⁻²⁴: the determinant is 4 s² = 2⁻⁴⁶ and the sum 4 + 2 s², so the
    # eigenvalues are 4 and 2⁻⁴⁸, each to one part in 2⁴⁸. numpy.linalg.eigh finds no digit of it.
    quadratic = Quadratic.of([1 - 2.0**-24, 1 + 2.0**-24], [0.0, 1.0])
    np.testing.assert_allclose(quadratic.eigenvalues, [2.0**-48, 4.0], rtol=1e-13)
    assert quadratic.condition_number == pytest.approx(2.0**50, rel=1e-13)


@given(st.floats(-1e6, 1e6), st.integers(1, 20))
def test_all_x_equal_is_refused_by_the_name_of_x(x, n):
    with pytest.raises(ValueError, match=r"^`x` must hold at least two different values"):
        Quadratic.of([x] * n, np.arange(n))


def test_critical_learning_rate_is_the_one_computed_by_hand():
    # x = 0, 1: H = [[1, 1], [1, 2]], large eigenvalue (3 + √5) / 2, so 2 / it = 3 − √5.
    critical = Quadratic.of([0.0, 1.0], [0.0, 0.0]).critical_learning_rate
    assert critical == pytest.approx(3 - 5**0.5, rel=1e-15)


# ---------------------------------------------------------------- zones


@pytest.mark.parametrize(
    ("learning_rate", "zone"),
    [
        (1e-12, Zone.CONVERGES),
        (0.499, Zone.CONVERGES),
        (0.5, Zone.CONVERGES),
        (0.501, Zone.OVERSHOOTS),
        (1 - 1e-6, Zone.OVERSHOOTS),
        (1.0, Zone.BOUNCES),
        (1 + 1e-6, Zone.DIVERGES),
        (1e6, Zone.DIVERGES),
    ],
)
def test_zone_is_the_one_the_factor_says(learning_rate, zone):
    assert Dynamics(ROUND).zone(learning_rate) is zone  # factor 1 − 2 · learning_rate


@given(POINTS)
def test_zone_is_to_bounce_at_the_critical_rate_of_any_data(points):
    quadratic = Quadratic.of(*np.array(points).T)
    assert Dynamics(quadratic).zone(quadratic.critical_learning_rate) is Zone.BOUNCES


@pytest.mark.parametrize("zone", Zone)
def test_zone_is_stable_when_its_name_says_that_it_converges(zone):
    assert zone.is_stable == ("converge" in zone)


# ---------------------------------------------------------------- the path


@given(POINTS, SMALL, SMALL, st.floats(0.01, 1.5))
def test_path_is_the_one_of_a_plain_loop(points, weight, bias, share):
    x, y = np.array(points).T
    quadratic = Quadratic.of(x, y)
    rate = share * quadratic.critical_learning_rate
    path = path_of(quadratic, rate, range(51), (weight, bias))
    line, looped = np.array([weight, bias]), []
    for _ in range(51):
        looped.append(line)
        residual = line[0] * x + line[1] - y
        line = line - rate * 2 * np.array([np.mean(residual * x), np.mean(residual)])
    looped = np.array(looped).T
    gap = np.abs([path.weight, path.bias] - looped)
    # Of the largest number so far, the minimum included: the path is the minimum plus an error.
    # The factor 1.5 is for starts in the minimum, where rounding grows by up to 2 a step.
    largest = np.maximum.accumulate(np.abs(looped).max(axis=0))
    scale = np.maximum(largest, max(1.0, abs(quadratic.weight), abs(quadratic.bias)))
    growth = np.maximum(1, abs(1 - 2 * share)) ** np.arange(51)
    assert np.all(gap <= 1e-9 * scale * growth)


@given(POINTS, SMALL, SMALL, st.floats(0.01, 1.5))
def test_path_gives_the_loss_of_its_own_weight_and_bias(points, weight, bias, share):
    x, y = np.array(points).T
    quadratic = Quadratic.of(x, y)
    path = path_of(quadratic, share * quadratic.critical_learning_rate, range(31), (weight, bias))
    residual = path.weight[:, None] * x + path.bias[:, None] - y
    expected = np.mean(residual**2, axis=1)
    scale = np.mean((np.abs(path.weight[:, None] * x) + np.abs(path.bias[:, None])) ** 2, axis=1)
    assert np.all(np.abs(path.loss - expected) <= 1e-9 * (scale + np.mean(y**2)))


def test_path_of_several_rates_has_the_paths_of_each():
    rates, steps = np.array([0.1, 0.9, 1.1]), [0, 1, 10, 1000]
    together = path_of(ROUND, rates, steps, (5.0, -3.0))
    for run, rate in enumerate(rates):
        alone = path_of(ROUND, rate, steps, (5.0, -3.0))
        for one, other in zip(together, alone, strict=True):
            np.testing.assert_allclose(one[run], other, rtol=1e-13)


def test_path_bounces_between_two_places_at_the_critical_rate():
    path = path_of(ROUND, 1.0, [0, 1, 2, 1001], start=(0.0, 3.0))
    assert path.weight.tolist() == [0.0, 4.0, 0.0, 4.0]


@pytest.mark.parametrize(("rate", "shrinks"), [(1 - 1e-5, True), (1 + 1e-5, False)])
def test_path_shrinks_just_below_the_critical_rate_and_grows_just_above(rate, shrinks):
    # |1 − 2 rate| = 1 ∓ 2e-5: after 100,000 steps the error is e^∓2 of the initial one.
    path = path_of(ROUND, rate, [100_000], start=(0.0, 3.0))
    share = abs(path.weight[0] - 2.0) / 2.0
    assert share == pytest.approx(np.exp(-2.0 if shrinks else 2.0), rel=1e-4)


def test_path_leaves_all_bounds_as_inf_or_nan_without_a_warning():
    path = path_of(ROUND, 1e6, [0, 1_000_000])
    assert np.isfinite(path.loss[0])
    assert not np.isfinite(path.loss[1])


def test_path_stays_in_the_minimum_at_every_rate():
    path = path_of(ROUND, [0.1, 1.0, 1e6], [0, 1, 1_000_000], start=(2.0, 3.0))
    assert (np.unique(path.weight), np.unique(path.bias), np.unique(path.loss)) == (2, 3, 0)


# ---------------------------------------------------------------- the steps needed


@given(POINTS, SMALL, SMALL, st.floats(0.01, 3.0), TOLERANCES)
def test_steps_to_is_the_first_step_of_a_loop_within_the_tolerance(
    points, weight, bias, share, tolerance
):
    x, y = np.array(points).T
    quadratic = Quadratic.of(x, y)
    assume(quadratic.distance(weight, bias) > 1e-3)  # nearer, the loop's own start is rounding
    assume(abs(share - 1) > 1e-6)
    # An unstable loop turns a steep error of 0 into one of rounding, which then grows.
    assume(share < 1 or abs(quadratic.errors(weight, bias)[1]) > 1e-3)
    rate = share * quadratic.critical_learning_rate
    steps = quadratic.steps_to(tolerance, rate, (weight, bias))
    excess = excess_of_a_loop(x, y, rate, 300, weight, bias)
    # Where the excess all but touches the tolerance, a rounding decides; either side is right.
    early = first_within(excess, tolerance * (1 + 1e-6))
    late = first_within(excess, tolerance * (1 - 1e-6))
    if early is None:
        assert steps is None or steps > 300
    elif late is None:
        assert steps is None or steps >= early
    else:
        assert steps is not None
        assert early <= steps <= late


def test_steps_to_is_the_number_found_by_hand():
    # Each step leaves (1 − 2 · 0.4)² = 0.04 of the excess: 0.04² > 1e-3 > 0.04³.
    assert ROUND.steps_to(1e-3, 0.4) == 3


@pytest.mark.parametrize("rate", [1.0, 1 + 1e-6, 1.5, 1e6])
def test_steps_to_is_none_at_and_above_the_critical_rate(rate):
    assert ROUND.steps_to(1e-3, rate) is None


def test_steps_to_counts_far_beyond_any_loop_just_below_the_critical_rate():
    # (1 − 2e-9)^2k = 1e-3 at k = ln(1000) / 4e-9.
    steps = ROUND.steps_to(1e-3, 1 - 1e-9)
    assert steps == pytest.approx(np.log(1000) / 4e-9, rel=1e-6)


def test_steps_to_is_found_for_the_smallest_rate():
    # (1 − 2e-12)^2k = 1e-3.
    assert ROUND.steps_to(1e-3, 1e-12) == pytest.approx(np.log(1000) / 4e-12, rel=1e-9)


def test_steps_to_is_found_above_the_critical_rate_when_the_steep_error_is_small_at_first():
    # x = ±2: eigenvalues 2 (bias) and 8 (weight), critical rate 1/4. At 0.26 the bias's excess
    # shrinks by 0.48² a step, the weight's grows by 1.08². From errors 1e-4 and 1 that is
    # 0.23^k + 4e-8 · 1.17^k, within 1e-3 at k = 5.
    steep = Quadratic.of([-2.0, 2.0], [0.0, 0.0])
    assert steep.steps_to(1e-3, 0.26, start=(1e-4, 1.0)) == 5


@given(st.floats(1.001, 1.5), st.floats(1e-6, 0.1), st.floats(0.2, 3.0))
def test_steps_to_finds_the_lowest_point_of_an_unstable_run(share, weight, spread):
    # x = ±spread · 2: eigenvalues 2 (bias) and 8 · spread² (weight), one of them steep. The
    # tolerance is met at the lowest point of the excess alone, if at all after the start.
    values = np.array([8 * spread**2, 2.0])
    rate = share * 2 / values.max()
    start = np.where(values == values.max(), weight, 1.0)  # the steep error is small
    k = np.arange(400)
    with np.errstate(over="ignore"):
        parts = values / 2 * start**2 * (1 - rate * values) ** (2 * k[:, None])
    excess = parts.sum(axis=1)
    lowest = int(np.argmin(excess))
    assume(0 < lowest < 399)
    tolerance = excess[lowest] / excess[0] * (1 + 1e-9)
    assume(1e-15 < tolerance < 1 - 1e-6)
    steps = Quadratic.of([-2 * spread, 2 * spread], [0.0, 0.0]).steps_to(tolerance, rate, start)
    assert steps in (lowest, first_within(excess, tolerance * (1 + 1e-9)))


@pytest.mark.parametrize("rate", [1e-12, 0.4, 1.0, 2.0])
def test_steps_to_is_none_needed_from_the_minimum(rate):
    assert ROUND.steps_to(1e-3, rate, start=(2.0, 3.0)) == 0


@pytest.mark.parametrize("tolerance", [0.0, 1.0, -1.0, np.nan])
def test_steps_to_refuses_a_tolerance_outside_zero_to_one(tolerance):
    with pytest.raises(ValueError, match="`tolerance` must be a number between"):
        ROUND.steps_to(tolerance, 0.1)


@given(POINTS, SMALL, SMALL, TOLERANCES)
def test_fastest_needs_as_few_steps_as_the_best_of_a_search(points, weight, bias, tolerance):
    x, y = np.array(points).T
    quadratic = Quadratic.of(x, y)
    assume(quadratic.distance(weight, bias) > 1e-3)
    candidates = quadratic.critical_learning_rate * np.linspace(0.1, 1.1, 11)
    rate, steps = Dynamics(quadratic).fastest(
        quadratic.goal_of_loss((weight, bias), tolerance), candidates, (weight, bias)
    )
    counts = []
    for candidate in candidates[:9]:  # the last two are not stable
        excess = excess_of_a_loop(x, y, candidate, 300, weight, bias)
        near = [first_within(excess, tolerance * share) for share in (1 + 1e-6, 1 - 1e-6)]
        counts.append([301 if count is None else count for count in near])
    early, late = np.min(counts, axis=0)
    assert rate in candidates[:9]
    assert min(steps, 301) >= early
    assert min(steps, 301) <= late


def test_fastest_is_the_middle_one_of_equally_fast_rates():
    # Factors ±0.12, ±0.1 and ±0.08: their squares are above 1e-3, the fourth powers below.
    assert Dynamics(ROUND).fastest(
        ROUND.goal_of_loss(), np.array([0.44, 0.45, 0.46, 0.54, 0.55, 0.56])
    ) == (
        0.46,
        2,
    )


def test_fastest_never_returns_an_unstable_rate():
    assert Dynamics(ROUND).fastest(ROUND.goal_of_loss(), np.array([0.9, 1.0, 1.1])) == (
        0.9,
        16,
    )  # 0.64^16 < 1e-3 < 0.64^15


# ---------------------------------------------------------------- converged, in loss and line


def test_goal_is_within_a_hundredth_of_the_variance_of_y_and_of_the_way():
    # y = 2x + 3 at ±1: a variance of 4; a start 10 from the minimum is 100 above it.
    goal = ROUND.goal((2.0, 13.0))
    assert goal.excess_loss == pytest.approx(0.01 * np.var([1.0, 5.0]), rel=1e-12)
    assert goal.distance == pytest.approx(0.1, rel=1e-12)
    near = ROUND.goal((2.0, 4.0))  # a thousandth of its excess loss, 1, is less than that
    assert near.excess_loss == pytest.approx(1e-3, rel=1e-12)


def test_goal_of_another_tolerance_moves_with_it():
    # The loss grows with the square of the distance: a hundredth of the one, a tenth of the other.
    goal, finer = ROUND.goal((2.0, 13.0)), ROUND.goal((2.0, 13.0), tolerance=1e-5)
    assert finer.excess_loss == pytest.approx(goal.excess_loss / 100, rel=1e-12)
    assert finer.distance == pytest.approx(goal.distance / 10, rel=1e-12)


@given(POINTS)
def test_variance_is_that_of_y(points):
    x, y = np.array(points).T
    assert Quadratic.of(x, y).variance == pytest.approx(np.var(y), rel=1e-9, abs=1e-24)


@pytest.mark.parametrize("y", [0.0, 0.1, 5.0])
def test_goal_leaves_the_variance_out_where_y_does_not_vary(y):
    # What the variance of equal numbers comes to is rounding, and no run comes that near.
    quadratic = Quadratic.of([0.0, 1.0, 2.0, 4.0, 7.0, 9.0], [y] * 6)
    excess = np.mean((np.array([0.0, 1.0, 2.0, 4.0, 7.0, 9.0]) * 1.0 + 2.0) ** 2)
    assert quadratic.goal((1.0, y + 2.0)).excess_loss == pytest.approx(1e-3 * excess, rel=1e-9)


@given(POINTS, SMALL, SMALL, st.floats(0.01, 0.999), TOLERANCES)
def test_steps_to_the_goal_are_the_first_of_a_loop_with_loss_and_line_there(
    points, weight, bias, share, tolerance
):
    x, y = np.array(points).T
    quadratic = Quadratic.of(x, y)
    assume(quadratic.distance(weight, bias) > 1e-3)
    rate, goal = share * quadratic.critical_learning_rate, quadratic.goal((weight, bias), tolerance)
    steps = quadratic.steps_each(goal, np.array([rate]), (weight, bias))[0]
    excess, away = loop(x, y, rate, 300, weight, bias)
    near = []
    for hair in (1 + 1e-6, 1 - 1e-6):  # where it all but touches, a rounding decides
        there = (excess <= goal.excess_loss * hair) & (away <= goal.distance * hair)
        near.append(int(np.flatnonzero(there)[0]) if there.any() else 301)
    assert near[0] <= min(steps, 301) <= near[1]


def test_unstable_run_whose_loss_has_left_before_its_line_is_there_never_arrives():
    # x = ±2: eigenvalues 2 (bias) and 8 (weight). At 0.26 from (0.1, 1) the squares of the errors
    # are 0.01 · 1.08^2k and 0.48^2k: an excess loss 4w² + b² of 0.0757 at step 3, 0.0769 at step 4
    # and 0.0864 at step 5; a squared distance of 0.0281, 0.0213 and 0.0222.
    steep = Quadratic.of([-2.0, 2.0], [0.0, 0.0])
    line = math.sqrt(0.0215)  # at step 4 alone
    for goal, steps in (
        (Goal(0.09), 3),
        (Goal(math.inf, line), 4),
        (Goal(0.09, line), 4),
        (Goal(0.076, line), math.inf),
    ):
        assert steep.steps_each(goal, np.array([0.26]), (0.1, 1.0))[0] == steps


def test_minimum_is_recognized_within_rounding_and_not_beyond():
    assert ROUND.is_minimum(2.0 + 1e-15, 3.0)
    assert not ROUND.is_minimum(2.0 + 1e-6, 3.0)
