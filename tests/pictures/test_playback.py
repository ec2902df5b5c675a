"""The player's frames: which step each shows, and the numbers of that step."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from linreg import data
from linreg.pictures.playback import FRAMES, frame_of, frame_records, player_data
from linreg.pictures.stage.numbers import rows
from linreg.runs.history import drawn_steps
from linreg.runs.phases import Phase
from linreg.runs.rules import Adam, Momentum
from linreg.runs.schedules import CosineDecay
from linreg.theory import Quadratic
from tests.later import lesson, tf
from tests.runs import trained

LINE = data.make_line()
POINTS = LINE.x, LINE.y
RATES = 0.0047, 0.51, 0.82


@given(st.integers(1, 2_000_000))
def test_frames_run_from_the_first_record_to_the_last(num_steps):
    step = drawn_steps([Phase(0.1, num_steps)])
    shown = frame_records(step)
    assert shown.shape == (FRAMES + 1,)
    assert (shown[0], shown[-1]) == (0, step.size - 1)
    assert np.all(np.diff(shown) >= 0)


@given(st.integers(1, FRAMES))
def test_frames_show_every_step_of_a_short_run(num_steps):
    shown = frame_records(drawn_steps([Phase(0.1, num_steps)]))
    assert np.unique(shown).tolist() == list(range(num_steps + 1))


@given(st.integers(FRAMES + 1, 2_000))
def test_frames_show_each_of_the_first_100_steps_of_a_longer_run(num_steps):
    assert frame_records(drawn_steps([Phase(0.1, num_steps)]))[:101].tolist() == list(range(101))


def test_frames_show_each_of_the_first_100_steps_of_the_longest_run():
    step = drawn_steps([Phase(0.1, 2_000_000)])
    shown = step[frame_records(step)]
    assert shown[:101].tolist() == list(range(101))
    assert shown[-1] == 2_000_000


@given(st.integers(FRAMES + 1, 2_000))
def test_frames_pass_the_rest_in_ever_larger_leaps(num_steps):
    leaps = np.diff(frame_records(drawn_steps([Phase(0.1, num_steps)])))[100:]
    assert np.all(np.diff(leaps) >= -1)  # whole steps: a leap can be one less than the one before


@pytest.mark.parametrize("num_steps", [1, 7, 200, 5_000, 2_000_000])
def test_frame_of_a_record_is_the_first_that_shows_it_or_a_later_one(num_steps):
    step = drawn_steps([Phase(0.1, num_steps)])
    shown, first = frame_records(step), frame_of(step)
    assert np.all(shown[first] >= np.arange(step.size))
    assert np.all(shown[first[1:] - 1] < np.arange(1, step.size))


# ---------------------------------------------------------------- the numbers of a step


def numbers(phases, records=None, points=POINTS):
    """Return the numbers of some records of trained runs, each of shape (num_rates, num_frames)."""
    history = trained(points, phases)
    records = np.arange(history.step.size) if records is None else np.array(records)
    table = rows(Quadratic.of(*points), history, records)
    made = {
        name: np.array(column.to_pylist(), dtype=float).reshape(-1, records.size)
        for name, column in table.items()
    }
    return made, history


def recorded_gradient(weight, bias):
    """Return the gradient as the lesson gets it: from a tape."""
    variables = tf.Variable(weight, dtype=tf.float64), tf.Variable(bias, dtype=tf.float64)
    with tf.GradientTape() as tape:
        loss = lesson.mean_squared_error(lesson.predict(tf.constant(LINE.x), *variables), LINE.y)
    return [float(part) for part in tape.gradient(loss, variables)]


def test_gradient_is_the_one_that_tensorflow_records():
    made, history = numbers([Phase(RATES, 30)])
    for run in range(3):
        for k in (0, 1, 17, 30):
            weight, bias = history.weight[run, k], history.bias[run, k]
            expected = recorded_gradient(weight, bias)
            told = made["gradient_weight"][run, k], made["gradient_bias"][run, k]
            assert told == pytest.approx(expected, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize(
    "phase",
    [
        Phase(RATES, 50),
        Phase(RATES, 50, rule=Momentum()),
        Phase(RATES, 50, rule=Adam()),
        Phase(RATES, 50, batch_size=10),
    ],
)
def test_update_leads_to_the_next_step(phase):
    made, history = numbers([phase])
    for name, path in (("weight", history.weight), ("bias", history.bias)):
        reached = made[name] + made[f"update_{name}"]
        np.testing.assert_allclose(reached[:, :-1], path[:, 1:], rtol=1e-12)


def test_update_of_the_last_plain_step_is_the_one_that_would_follow():
    made, _ = numbers([Phase(RATES, 50)])
    longer, _ = numbers([Phase(RATES, 51)])
    for name in ("update_weight", "update_bias"):
        np.testing.assert_allclose(made[name][:, -1], longer[name][:, 50], rtol=1e-6, atol=1e-15)


@pytest.mark.parametrize(
    "phase",
    [
        Phase(RATES, 50, rule=Momentum()),
        Phase(RATES, 50, batch_size=10),
        Phase(RATES, 50, schedule=CosineDecay()),
    ],
)
def test_update_of_the_last_step_is_unknown_where_nobody_can_tell(phase):
    made, _ = numbers([phase])
    assert np.isnan(made["update_weight"][:, -1]).all()
    assert np.isfinite(made["gradient_weight"][:, -1]).all()


def test_update_between_sparse_records_is_that_of_a_plain_step():
    made, history = numbers([Phase((1e-5,) * 3, 100_000)])
    last = history.step.size - 5  # records lie fifty steps apart there
    assert history.step[last + 1] - history.step[last] == 50
    expected = -1e-5 * made["gradient_bias"][0, last]
    assert made["update_bias"][0, last] == expected


def test_numbers_of_a_run_that_overflows_are_null():
    made, _ = numbers([Phase((1e6,) * 3, 100)])
    assert np.isnan(made["mse"][:, -1]).all()
    assert np.isfinite(made["mse"][:, 0]).all()


def test_player_is_told_the_step_and_the_loss_of_each_frame_even_of_a_run_that_overflows():
    history = trained(POINTS, [Phase((0.1, 0.5, 1e6), 200)])
    told = player_data(history)
    assert told["steps"].split() == [str(step) for step in range(FRAMES + 1)]
    for run, text in enumerate(told["losses"]):
        losses = np.array([float(loss) for loss in text.split()])
        finite = np.isfinite(history.loss[run])
        np.testing.assert_allclose(losses[finite], history.loss[run][finite], rtol=6e-3)
        assert np.all(np.isinf(losses[~finite]))
