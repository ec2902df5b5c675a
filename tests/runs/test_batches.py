"""Mini-batches: epochs that leave no point out, and the loss of the points that are in them."""

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from linreg.runs import batches
from linreg.runs.batches import MiniBatches

MAX_CODED = 30  # points: the mean of powers of 2 must tell them apart in spite of its roundings
NUMBERS = st.floats(-1e6, 1e6)
WHOLE = st.integers(-1_000, 1_000)  # two x are equal or apart; for nearly equal ones see below
SMALL = st.floats(-10, 10)
OFFSETS = st.sampled_from([0.0, 1.0, -1e6, 1e6])
SEEDS = st.integers(0, 2**32 - 1)


@st.composite
def sizes(draw, max_points=MAX_CODED):
    """Draw a number of points, and a batch size: one, some or all of them."""
    num_points = draw(st.integers(1, max_points))
    return num_points, draw(st.one_of(st.sampled_from([1, num_points]), st.integers(1, num_points)))


def points(num_points, offset=0.0):
    """Return noisy points around a line, x evenly apart and in no order, beginning at an offset."""
    rng = np.random.default_rng(num_points)
    x = offset + 10 * rng.permutation(num_points) / num_points
    return x, 3 * (x - offset) + rng.normal(size=num_points)


def sizes_of(num_points, batch_size, num_steps):
    """Return how many points each mini-batch has, shape (num_steps,)."""
    epoch = [batch_size] * (num_points // batch_size)
    if num_points % batch_size:
        epoch.append(num_points % batch_size)
    return np.resize(epoch, num_steps)


def decoded(num_points, batch_size, seed, num_steps):
    """Return which points are in each mini-batch: a list of arrays.

    The order depends on nothing but the seed and the two sizes. So the mini-batches of the points
    x = 1, 2, 4, 8, … tell it: the sum of a mini-batch's x, in binary, names its points.
    """
    coded = 2.0 ** np.arange(num_points)
    x, _ = MiniBatches(coded, coded, batch_size, [seed]).take(num_steps)
    sums = np.round(x.mean(axis=1) * sizes_of(num_points, batch_size, num_steps)).astype(int)
    return [np.flatnonzero((total >> np.arange(num_points)) & 1) for total in sums.tolist()]


def assert_same_loss(four_x, four_y, x, y, weight, bias):
    """Assert that four points have the loss of some points, for a line.

    A residual is a difference, and so is a covariance: roundings are a share of the squares of
    what is subtracted, and of the mean that was subtracted first.
    """
    expected = np.mean((weight * x + bias - y) ** 2)
    scale = np.mean((np.abs(weight * x) + abs(bias) + np.abs(y)) ** 2)
    assert abs(np.mean((weight * four_x + bias - four_y) ** 2) - expected) <= 1e-12 * scale


# ---------------------------------------------------------------- which points


@given(sizes(), SEEDS, st.sampled_from([1, 40, batches.AT_ONCE]))
def test_members_are_those_whose_loss_is_trained_on(size, seed, at_once):
    wanted = decoded(*size, seed, 40)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(batches, "AT_ONCE", at_once)
        for step in (0, 1, 7, 39):
            found = batches.members(*size, [seed], step)
            assert sorted(found.tolist()) == wanted[step].tolist()


# ---------------------------------------------------------------- the loss


@example((7, 3), 0, 1e6, 3.0, -3e6)
@given(sizes(), SEEDS, OFFSETS, SMALL, NUMBERS)
def test_mini_batch_has_the_loss_of_its_points_for_every_line(size, seed, offset, weight, bias):
    x, y = points(size[0], offset)
    four_x, four_y = MiniBatches(x, y, size[1], [seed]).take(40)
    for k, inside in enumerate(decoded(*size, seed, 40)):
        assert_same_loss(four_x[k], four_y[k], x[inside], y[inside], weight, bias)


@given(st.lists(st.tuples(WHOLE, NUMBERS), min_size=1, max_size=MAX_CODED), SMALL, NUMBERS)
def test_mini_batch_has_the_loss_of_a_strangers_points(columns, weight, bias):
    x, y = np.array(columns, float).T
    batch_size = max(1, x.size // 3)
    four_x, four_y = MiniBatches(x, y, batch_size, [5]).take(10)
    # Differences from the mean of all points are computed first: it sets the scale of roundings.
    for k, inside in enumerate(decoded(x.size, batch_size, 5, 10)):
        scale = (abs(weight) * np.abs(x).max() + abs(bias) + np.abs(y).max()) ** 2
        expected = np.mean((weight * x[inside] + bias - y[inside]) ** 2)
        gap = np.mean((weight * four_x[k] + bias - four_y[k]) ** 2) - expected
        assert abs(gap) <= 1e-12 * scale


def test_mini_batch_has_the_loss_of_its_points_when_their_x_are_nearly_equal():
    # The first two meet in a mini-batch of some seed; the loss of y = 0 there is (1² + 1²) / 2.
    losses = []
    for place in np.linspace(0.3, 0.9, 61):
        x, y = np.array([place, place + 1e-8, -1.0, 1.0]), np.array([1.0, -1.0, 0.0, 0.0])
        four_x, four_y = MiniBatches(x, y, 2, [2]).take(2)
        together = np.isclose(four_x.mean(axis=1), place)
        losses.extend(np.mean(four_y[together] ** 2, axis=1))
    assert losses == pytest.approx([1.0] * 61, rel=1e-9)


def test_mini_batch_keeps_its_small_loss_a_million_away_from_zero():
    # The residuals are about 1. Squares of 1e6, had they been summed, would leave 4 digits of them.
    x, y = points(30, offset=1e6)
    four_x, four_y = MiniBatches(x, y, 5, [0]).take(12)
    for k, inside in enumerate(decoded(30, 5, 0, 12)):
        residual = 3 * (x[inside] - 1e6) - y[inside]
        ours = 3 * (four_x[k] - 1e6) - four_y[k]
        # x itself has 1e-10 left of it at 1e6.
        assert np.mean(ours**2) == pytest.approx(np.mean(residual**2), rel=1e-8)


@pytest.mark.parametrize("offset", [0.0, 1e6])
def test_mini_batch_of_one_is_one_point_four_times(offset):
    x, y = points(20, offset)
    four_x, four_y = MiniBatches(x, y, 1, [3]).take(20)
    order = np.argsort(four_x[:, 0])
    for corner in range(4):  # up to the rounding of a mean that is subtracted and added again
        np.testing.assert_allclose(four_x[order, corner], np.sort(x), rtol=1e-15, atol=1e-15)
        np.testing.assert_allclose(four_y[order, corner], y[np.argsort(x)], rtol=0, atol=1e-14)


def test_mini_batch_of_all_points_is_the_same_in_every_step():
    x, y = points(30)
    four_x, four_y = MiniBatches(x, y, 30, [0]).take(100)
    # Sums in another order.
    np.testing.assert_allclose(four_x, np.tile(four_x[0], (100, 1)), rtol=1e-13)
    np.testing.assert_allclose(four_y, np.tile(four_y[0], (100, 1)), rtol=1e-13)


def test_mini_batch_of_equal_x_is_one_place():
    four_x, four_y = MiniBatches(np.full(6, 0.1), np.arange(6.0), 2, [0]).take(9)
    assert np.all(four_x == 0.1)
    assert np.all(np.isfinite(four_y))


# ---------------------------------------------------------------- the order


@given(sizes(), SEEDS)
def test_epoch_holds_every_point_once(size, seed):
    num_points, batch_size = size
    per_epoch = -(-num_points // batch_size)
    inside = decoded(num_points, batch_size, seed, 5 * per_epoch)
    for begin in range(0, 5 * per_epoch, per_epoch):
        drawn = np.concatenate(inside[begin : begin + per_epoch])
        assert sorted(drawn.tolist()) == [*range(num_points)]


@given(sizes(), SEEDS)
def test_epoch_ends_with_a_smaller_mini_batch_when_points_do_not_come_out_even(size, seed):
    num_points, batch_size = size
    per_epoch = -(-num_points // batch_size)
    counts = [inside.size for inside in decoded(num_points, batch_size, seed, 3 * per_epoch)]
    assert counts == sizes_of(num_points, batch_size, 3 * per_epoch).tolist()


@pytest.mark.parametrize("num_points", [1_000, 1_500_000])  # more than are shuffled at a time
def test_epoch_has_the_loss_of_all_points(num_points):
    x, y = points(num_points)
    batch_size = num_points * 2 // 5  # 2/5, 2/5 and 1/5
    four_x, four_y = MiniBatches(x, y, batch_size, [0]).take(6)
    losses = np.mean((0.5 * four_x + 1.0 - four_y) ** 2, axis=1).reshape(2, 3)
    expected = np.mean((0.5 * x + 1.0 - y) ** 2)
    assert losses @ [0.4, 0.4, 0.2] == pytest.approx([expected, expected], rel=1e-12)


def test_epochs_have_orders_of_their_own():
    inside = decoded(20, 1, 0, 100)
    orders = {tuple(np.concatenate(inside[k : k + 20]).tolist()) for k in range(0, 100, 20)}
    assert len(orders) == 5


def test_epoch_begins_with_every_point_about_as_often_as_with_any_other():
    # 4,000 epochs of 4 points: 1,000 each, with a standard deviation of √(4000·¼·¾) = 27.
    first = np.concatenate(decoded(4, 1, 0, 16_000)[::4])
    assert np.abs(np.bincount(first) - 1_000).max() < 5 * 27


# ---------------------------------------------------------------- the seed


@given(sizes(), SEEDS, st.lists(st.integers(1, 90), min_size=1, max_size=5))
def test_taking_bit_by_bit_is_the_same_as_taking_all_at_once(size, seed, counts):
    x, y = points(size[0])
    batches = MiniBatches(x, y, size[1], [seed])
    bits = [batches.take(count) for count in counts]
    at_once = MiniBatches(x, y, size[1], [seed]).take(sum(counts))
    np.testing.assert_array_equal(np.concatenate([x for x, _ in bits]), at_once[0])
    np.testing.assert_array_equal(np.concatenate([y for _, y in bits]), at_once[1])


@pytest.mark.parametrize(("num_points", "batch_size"), [(100, 1), (100, 7), (100, 100), (3, 2)])
def test_taking_1_and_3_and_700_is_taking_704(num_points, batch_size):
    x, y = points(num_points)
    batches = MiniBatches(x, y, batch_size, [0, 1, 2])
    bits = [batches.take(count)[0] for count in (1, 3, 700)]
    at_once = MiniBatches(x, y, batch_size, [0, 1, 2]).take(704)[0]
    np.testing.assert_array_equal(np.concatenate(bits), at_once)


def test_taking_goes_on_in_an_epoch_of_many_points_that_has_been_begun():
    x, y = points(1_500_000)
    batches = MiniBatches(x, y, 500_000, [0])
    bits = [batches.take(count)[0] for count in (1, 4, 2)]
    np.testing.assert_array_equal(np.concatenate(bits), MiniBatches(x, y, 500_000, [0]).take(7)[0])


@pytest.mark.parametrize("other", [[1, 2, 4], [1, 3, 3], [0, 2, 3], [1, 2]])
def test_another_seed_gives_other_mini_batches(other):
    x, y = points(100)
    taken = MiniBatches(x, y, 10, [1, 2, 3]).take(5)[0]
    assert not np.any(np.isclose(taken, MiniBatches(x, y, 10, other).take(5)[0]).all(axis=1))
