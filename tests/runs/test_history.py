"""The record of runs: which steps it holds, when it counts as diverged, how it is printed."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from linreg.runs.history import (
    Band,
    History,
    drawn_steps,
    joined,
    printed_every,
    printout,
    record_steps,
    report_line,
)
from linreg.runs.phases import Phase
from linreg.runs.schedules import Constant, CosineDecay, LinearWarmup, StepDecay

LENGTHS = st.lists(st.integers(1, 100_000), min_size=1, max_size=20)
SHORT = st.lists(st.integers(1, 30), min_size=1, max_size=5)
SCHEDULES = st.sampled_from(
    [Constant(), StepDecay(3, 0.5), CosineDecay(10, 0.1, 2), LinearWarmup(4)]
)


def in_turn(*lengths, rates=(0.1,)):
    """Return phases of these lengths, the rates of each a tenth above those before it."""
    multiples = 1.1 ** np.arange(len(lengths))
    return tuple(
        Phase(np.multiply(rates, multiple), length)
        for length, multiple in zip(lengths, multiples, strict=True)
    )


def history(step, loss):
    """Return a history of one phase with these steps and losses, its other numbers their own."""
    loss = np.array(loss, dtype=float)
    phases = in_turn(int(step[-1]), rates=np.arange(1.0, len(loss) + 1))
    return History(phases, np.array(step), loss + 1, loss + 2, loss)


def counted(num_steps, every=1, rates=2):
    """Return a history whose loss at step k is rate + k."""
    step = np.arange(0, num_steps + 1, every)
    return history(step, np.arange(rates)[:, None] + step)


# ---------------------------------------------------------------- which steps


@given(st.integers(1, 2_000))
def test_record_steps_holds_every_step_up_to_two_thousand(num_steps):
    assert record_steps(in_turn(num_steps)).tolist() == list(range(num_steps + 1))


@given(st.integers(2_001, 2_000_000))
def test_record_steps_holds_2001_evenly_spaced_steps_beyond(num_steps):
    step = record_steps(in_turn(num_steps))
    assert (step.size, step[0], step[-1]) == (2_001, 0, num_steps)
    # Each is its exact place, rounded to a whole step.
    assert np.all(np.abs(step - np.arange(2_001) * (num_steps / 2_000)) <= 0.5 + 1e-6)


@given(LENGTHS)
def test_record_steps_holds_the_end_of_every_phase(lengths):
    step = record_steps(in_turn(*lengths))
    assert {sum(lengths[: count + 1]) for count in range(len(lengths))} <= set(step.tolist())


@given(LENGTHS)
def test_record_steps_adds_only_ends_to_the_evenly_spaced(lengths):
    step = record_steps(in_turn(*lengths))
    alone = record_steps(in_turn(sum(lengths)))
    assert set(step.tolist()) - set(alone.tolist()) <= set(np.cumsum(lengths).tolist())
    assert set(alone.tolist()) <= set(step.tolist())


@given(LENGTHS)
def test_record_steps_ascends_without_repeating_a_step(lengths):
    assert np.diff(record_steps(in_turn(*lengths))).min() >= 1


@given(LENGTHS)
def test_drawn_steps_holds_the_opening_of_every_phase(lengths):
    step = set(drawn_steps(in_turn(*lengths)).tolist())
    early, begin = 2_000 // len(lengths), 0
    for length in lengths:
        assert set(range(begin, begin + min(early, length) + 1)) <= step
        begin += length


@given(LENGTHS)
def test_drawn_steps_holds_all_that_is_recorded_and_ends_with_it(lengths):
    phases = in_turn(*lengths)
    step, recorded = drawn_steps(phases), record_steps(phases)
    assert set(recorded.tolist()) <= set(step.tolist())
    assert (step[0], step[-1]) == (0, sum(lengths))


@given(LENGTHS)
def test_drawn_steps_are_never_many_more_than_twice_the_records(lengths):
    # 2,001 evenly spaced, an end for each phase, and 2,000 divided among their openings.
    assert drawn_steps(in_turn(*lengths)).size <= 4_001 + 2 * len(lengths)


# ---------------------------------------------------------------- what holds at a step


@given(SHORT, st.data())
def test_rate_is_that_of_the_update_that_led_to_the_record(lengths, drawn):
    phases = tuple(
        Phase((0.1 * (k + 1), 0.3 / (k + 1)), length, schedule=drawn.draw(SCHEDULES))
        for k, length in enumerate(lengths)
    )
    updates = [
        [rate * float(phase.schedule.multiples(np.array([k]))[0]) for rate in phase.learning_rates]
        for phase in phases
        for k in range(phase.num_steps)  # a schedule begins with its phase
    ]
    step = np.unique([0, *drawn.draw(st.lists(st.integers(0, sum(lengths)))), sum(lengths)])
    blank = np.zeros((2, step.size))
    runs = History(phases, step, blank, blank, blank)
    expected = np.array([updates[max(k - 1, 0)] for k in step]).T  # step 0 has that of the first
    np.testing.assert_allclose(runs.rate, expected, rtol=1e-15)  # the same two factors


@given(SHORT)
def test_phase_counts_from_one_and_belongs_to_the_update_before_the_record(lengths):
    step = np.arange(sum(lengths) + 1)
    blank = np.zeros((1, step.size))
    runs = History(in_turn(*lengths), step, blank, blank, blank)
    updates = [count + 1 for count, length in enumerate(lengths) for _ in range(length)]
    assert runs.phase.tolist() == [1, *updates]


@given(LENGTHS)
def test_ends_are_the_records_that_the_phases_end_with(lengths):
    step = record_steps(in_turn(*lengths))
    blank = np.zeros((1, step.size))
    runs = History(in_turn(*lengths), step, blank, blank, blank)
    assert step[runs.ends].tolist() == [sum(lengths[: k + 1]) for k in range(len(lengths))]


def test_learning_rates_are_what_the_last_phase_was_set_to():
    phases = Phase((0.1, 0.2), 1), Phase((0.3, 0.4), 1, schedule=StepDecay(1, 0.5))
    blank = np.zeros((2, 3))
    assert History(phases, np.arange(3), blank, blank, blank).learning_rates.tolist() == [0.3, 0.4]


@given(st.lists(st.integers(0, 40), min_size=1, unique=True).map(sorted))
def test_at_keeps_the_records_of_these_steps_only(steps):
    runs = counted(40).at(np.array(steps))
    assert runs.step.tolist() == steps
    expected = np.add([[0], [1]], steps)  # the loss of `counted`, for two runs
    np.testing.assert_array_equal([runs.loss, runs.weight - 1, runs.bias - 2], [expected] * 3)


def test_at_keeps_inf_and_nan():
    runs = history([0, 1, 2], [[1, math.inf, math.nan]]).at(np.array([1, 2]))
    np.testing.assert_array_equal(runs.loss, [[math.inf, math.nan]])


def test_at_keeps_the_phases_and_the_same_records_of_the_band():
    whole = counted(4, rates=1)
    band = Band(whole.loss - 0.5, whole.loss, whole.loss + 0.5)
    runs = History(whole.phases, whole.step, whole.weight, whole.bias, whole.loss, band)
    kept = runs.at(np.array([1, 4]))
    assert kept.phases == whole.phases
    assert [part.tolist() for part in (kept.band.low, kept.band.mean, kept.band.high)] == [
        *([[0.5, 3.5]], [[1.0, 4.0]], [[1.5, 4.5]])
    ]


def test_at_has_no_band_when_there_is_none():
    assert counted(4).at(np.array([0, 4])).band is None


def test_parts_are_joined_in_their_order_with_their_bands():
    whole = counted(4)
    columns = whole.weight, whole.bias, whole.loss
    band = Band(whole.loss - 0.5, whole.loss, whole.loss + 0.5)
    parts = [
        History(
            whole.phases,
            whole.step,
            *(column[[run]] for column in columns),
            Band(*(part[[run]] for part in band)),
        )
        for run in (0, 1)
    ]
    one = joined(whole.phases, parts)
    np.testing.assert_array_equal([one.weight, one.bias, one.loss], columns)
    np.testing.assert_array_equal(one.band, band)


def with_mini_batches(*sizes, num_steps=4):
    """Return a run of such phases whose band has the mean loss k at step k."""
    phases = tuple(Phase(0.1, num_steps, batch_size=size) for size in sizes)
    step = record_steps(phases)
    mean = np.array([step], dtype=float)
    return History(phases, step, mean, mean, mean, Band(mean - 1, mean, mean + 1))


def test_noise_floor_is_the_mean_of_the_band_over_the_second_half_of_its_phase():
    # Steps 1 … 4 and 5 … 8: from the middle on 2, 3, 4 and 6, 7, 8.
    runs = with_mini_batches(10, 10)
    assert [runs.noise_floor(phase).tolist() for phase in (0, 1)] == [[3.0], [7.0]]


def test_noise_floor_of_a_phase_of_one_step_is_the_loss_after_it():
    assert with_mini_batches(10, 10, num_steps=1).noise_floor(1).tolist() == [2.0]


def test_noise_floor_is_none_in_a_phase_that_looks_at_all_points():
    runs = with_mini_batches(None, 10)
    assert runs.noise_floor(0) is None
    assert runs.noise_floor(1) is not None


def test_noise_floor_is_none_when_there_is_no_band():
    assert counted(4).noise_floor(0) is None


# ---------------------------------------------------------------- when a run has diverged


@pytest.mark.parametrize("loss", [1.0 + 1e-6, 2.0, math.inf, math.nan])
def test_history_has_diverged_where_the_loss_has_grown_or_is_no_number(loss):
    assert history([0, 1], [[1.0, loss]]).diverged.tolist() == [[False, True]]


@pytest.mark.parametrize("loss", [0.0, 0.5, 1.0, 1.0 + 1e-15])
def test_history_has_not_diverged_where_the_loss_has_not_grown(loss):
    assert history([0, 1], [[1.0, loss]]).diverged.tolist() == [[False, False]]


def test_history_diverges_each_run_by_its_own_start():
    runs = history([0, 1, 2], [[1.0, 5.0, 0.5], [10.0, 5.0, 11.0]])
    assert runs.diverged.tolist() == [[False, True, False], [False, False, True]]


def test_history_has_not_diverged_where_a_loss_of_zero_shows_the_rounding_of_its_line():
    # A rounding of a weight of 1 is 1e-16, and its square a loss of 1e-32.
    assert history([0, 1], [[0.0, 1e-31]]).diverged.tolist() == [[False, False]]


def test_history_has_diverged_where_a_loss_of_zero_shows_more_than_rounding():
    assert history([0, 1], [[0.0, 1e-20]]).diverged.tolist() == [[False, True]]


# ---------------------------------------------------------------- the printout


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
    step = record_steps(in_turn(num_steps))
    lines = printout(history(step, [step]), run=0).splitlines()
    assert len(lines) <= 102
    assert lines[0].startswith("Step 0,")
    assert lines[-1].startswith(f"Step {num_steps},")


@pytest.mark.parametrize("num_steps", [2_000, 3_001, 12_345, 2_000_000])
def test_printout_has_even_gaps_as_near_as_the_records_allow(num_steps):
    step = record_steps(in_turn(num_steps))
    lines = printout(history(step, [step]), run=0).splitlines()[:-1]
    printed = np.array([int(line.split()[1][:-1]) for line in lines])
    wanted = np.arange(len(lines)) * printed_every(num_steps)
    assert np.abs(printed - wanted).max() <= np.diff(step).max() / 2


def test_printout_says_in_one_line_since_when_nothing_is_finite():
    # Above where it began from step 7 on; beyond all numbers from step 45 on.
    loss = [*[5.0] * 7, *[9.0] * 38, *[math.inf] * 5, *[math.nan] * 51]
    lines = printout(history(np.arange(101), [loss]), run=0).splitlines()
    assert lines == [
        *("Step 0, Loss: 5", "Step 20, Loss: 9", "Step 40, Loss: 9"),
        "Diverged at step 7, nothing finite from step 45 on.",
    ]


def test_printout_shows_a_loss_that_overflows_and_comes_back():
    text = printout(history([0, 20, 40], [[1, math.inf, 2]]), run=0)
    assert text.splitlines()[1:] == ["Step 20, Loss: inf", "Step 40, Loss: 2"]


def test_noise_floor_of_a_long_phase_is_that_of_its_second_half():
    # Every early step is recorded, so that half of the records are not half of the steps.
    phases = (Phase(0.1, 100_000, batch_size=1),)
    step = drawn_steps(phases)
    loss = np.where(step < 50_000, 1.0, 3.0)[None]
    history = History(phases, step, loss, loss, loss, Band(loss, loss, loss))
    assert history.noise_floor(0).tolist() == pytest.approx([3.0])
