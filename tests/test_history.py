"""The record of a run: which steps it holds, when it counts as diverged, how it is printed."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from linreg.history import History, join, printed_every, printout, record_steps, report_line


def history(step, loss):
    """Return a history with these steps and losses, and numbers of its own for the rest."""
    loss = np.array(loss, dtype=float)
    return History(np.arange(1.0, len(loss) + 1), np.array(step), loss + 1, loss + 2, loss)


def counted(num_steps, every=1, rates=2):
    """Return a history whose loss at step k is rate + k."""
    step = np.arange(0, num_steps + 1, every)
    return history(step, np.arange(rates)[:, None] + step)


@given(st.integers(1, 2_000))
def test_record_steps_holds_every_step_up_to_two_thousand(num_steps):
    assert record_steps(num_steps).tolist() == list(range(num_steps + 1))


@given(st.integers(2_001, 2_000_000))
def test_record_steps_holds_2001_evenly_spaced_steps_beyond(num_steps):
    step = record_steps(num_steps)
    assert (step.size, step[0], step[-1]) == (2_001, 0, num_steps)
    # Each is its exact place, rounded to a whole step.
    assert np.all(np.abs(step - np.arange(2_001) * (num_steps / 2_000)) <= 0.5 + 1e-6)


@pytest.mark.parametrize("num_steps", [0, -1, 2_000_001, 1.5])
def test_record_steps_refuses_what_is_no_number_of_steps(num_steps):
    with pytest.raises(ValueError, match="`num_steps` must be a whole number"):
        record_steps(num_steps)


@pytest.mark.parametrize("loss", [1.0 + 1e-6, 2.0, math.inf, math.nan])
def test_history_has_diverged_where_the_loss_has_grown_or_is_no_number(loss):
    assert history([0, 1], [[1.0, loss]]).diverged.tolist() == [[False, True]]


@pytest.mark.parametrize("loss", [0.0, 0.5, 1.0, 1.0 + 1e-15])
def test_history_has_not_diverged_where_the_loss_has_not_grown(loss):
    assert history([0, 1], [[1.0, loss]]).diverged.tolist() == [[False, False]]


def test_history_diverges_each_run_by_its_own_start():
    runs = history([0, 1, 2], [[1.0, 5.0, 0.5], [10.0, 5.0, 11.0]])
    assert runs.diverged.tolist() == [[False, True, False], [False, False, True]]


def test_join_keeps_every_record_of_the_opening_and_the_rest_of_the_whole():
    joined = join(counted(7), counted(20, every=5))
    assert joined.step.tolist() == [*range(8), 10, 15, 20]


def test_join_takes_each_number_from_the_record_of_its_step():
    joined = join(counted(7), counted(20, every=5))
    expected = [joined.step, joined.step + 1]  # the loss of `counted`, for two runs
    np.testing.assert_array_equal(joined.loss, expected)
    np.testing.assert_array_equal(joined.weight - 1, expected)
    np.testing.assert_array_equal(joined.bias - 2, expected)


def test_join_does_not_repeat_the_step_where_the_two_meet():
    assert join(counted(10), counted(20, every=5)).step.tolist() == [*range(11), 15, 20]


def test_join_returns_the_whole_when_the_opening_reaches_its_end():
    whole = counted(10)
    assert join(counted(10), whole) is whole


def test_join_keeps_inf_and_nan():
    joined = join(history([0, 1], [[1, math.inf]]), history([0, 2], [[1, math.nan]]))
    np.testing.assert_array_equal(joined.loss, [[1, math.inf, math.nan]])


def test_report_line_is_the_lessons():
    assert report_line(180, 0.001) == "Step 180, Loss: 0.001"


def test_printout_has_every_twentieth_step_and_the_last():
    lines = printout(counted(50), run=1).splitlines()
    assert lines == [f"Step {k}, Loss: {k + 1}" for k in (0, 20, 40, 50)]


def test_printout_does_not_print_the_last_step_twice():
    lines = printout(counted(40), run=0).splitlines()
    assert lines == [f"Step {k}, Loss: {k}" for k in (0, 20, 40)]


def test_printout_has_the_first_and_the_last_step_when_there_are_few():
    assert printout(counted(1), run=0).splitlines() == ["Step 0, Loss: 0", "Step 1, Loss: 1"]


@given(st.integers(1, 2_000_000))
def test_printout_has_at_most_102_lines_with_the_first_and_the_last_step(num_steps):
    step = record_steps(num_steps)
    lines = printout(history(step, [step]), run=0).splitlines()
    assert len(lines) <= 102
    assert lines[0].startswith("Step 0,")
    assert lines[-1].startswith(f"Step {num_steps},")


@pytest.mark.parametrize("num_steps", [2_000, 3_001, 12_345, 2_000_000])
def test_printout_has_even_gaps_as_near_as_the_records_allow(num_steps):
    step = record_steps(num_steps)
    lines = printout(history(step, [step]), run=0).splitlines()[:-1]
    printed = np.array([int(line.split()[1][:-1]) for line in lines])
    wanted = np.arange(len(lines)) * printed_every(num_steps)
    assert np.abs(printed - wanted).max() <= np.diff(step).max() / 2


def test_printout_shows_what_has_overflowed():
    text = printout(history([0, 20, 40], [[1, math.inf, math.nan]]), run=0)
    assert text.splitlines()[1:] == ["Step 20, Loss: inf", "Step 40, Loss: nan"]
