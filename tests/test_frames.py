"""The tables of the stage: only finite numbers, a row for each frame, exits at the right step."""

import math

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from linreg import data, fitbox, frames, training
from linreg.history import MAX_RECORDS, History, join, record_steps
from linreg.theory import Quadratic

TITLES = ["Too small", "Good", "Too large"]
LINE = data.make_line()
CRITICAL = Quadratic.of(LINE.x, LINE.y).critical_learning_rate

HUGE = st.one_of(st.sampled_from([0.0, 1e6, -1e6]), st.floats(-1e6, 1e6))
LINES = st.builds(
    data.make_line,
    weight=HUGE,
    bias=HUGE,
    num_points=st.sampled_from([2, 3, 100, 1_000]),
    noise=st.sampled_from([0.0, 1e-9, 0.01, 1e6]),
    seed=st.integers(0, 5),
)
NUM_STEPS = st.sampled_from([1, 2, 49, 50, 51, 100, 101, 2_000, 2_001, 50_000, 2_000_000])
RATES = st.lists(
    st.one_of(
        st.sampled_from([1e-12, 1e6, CRITICAL, 1.001 * CRITICAL]),
        st.floats(-6, 3).map(lambda power: 10.0**power),
    ),
    min_size=3,
    max_size=3,
)


def train_as_the_page_does(line, learning_rates, num_steps, weight, bias):
    """Return a history with every one of the first 2,000 steps, and the closed form of it."""
    settings = {"initial_weight": weight, "initial_bias": bias}
    history = training.train(line.x, line.y, learning_rates, num_steps, **settings)
    if num_steps > MAX_RECORDS:
        opening = training.train(line.x, line.y, learning_rates, MAX_RECORDS, **settings)
        history = join(opening, history)
    path = Quadratic.of(line.x, line.y).path(learning_rates, history.step, weight, bias)
    return history, History(history.learning_rates, history.step, *path)


def tables(line, learning_rates, num_steps, weight=0.0, bias=-1.0, true_line=True):
    """Return every table of the stage, read back, by name and column; and the history."""
    history, predicted = train_as_the_page_does(line, learning_rates, num_steps, weight, bias)
    made = frames.stage_tables(
        TITLES[: len(learning_rates)],
        line.x,
        line.y,
        (line.weight, line.bias) if true_line else None,
        Quadratic.of(line.x, line.y),
        history,
        predicted,
        is_measured=True,
    )
    return {name: pa.ipc.open_stream(table).read_all() for name, table in made.items()}, history


# ---------------------------------------------------------------- nothing that breaks a chart


@example(data.make_line(noise=0.0), [0.1, 0.5, 1e6], 2_000_000, 0.1, 0.5)  # starts in the minimum
@example(data.make_line(), [0.005, 0.5, 0.8], 1, 0.0, -1.0)
@example(data.make_line(1e6, 1e6, 2, 0.0), [1e-12, 1.0, 1e6], 2_000, -1e6, -1e6)
@example(data.make_line(0.0, 0.0, 2, 0.0), [0.1, 0.5, 1e6], 200, 0.0, 0.0)  # no loss anywhere
@example(
    data.Dataset(np.array([1e6, 1e6 + 2.0**-30]), np.array([0.0, 1.0]), 0.0, 0.0),
    [1e-12, 1e-6, 1.0],
    200,
    0.0,
    -1.0,
)  # all x nearly equal
@settings(max_examples=60)
@given(LINES, RATES, NUM_STEPS, HUGE, HUGE)
def test_tables_hold_only_finite_numbers_and_losses_above_zero(
    line, rates, num_steps, weight, bias
):
    for name, table in tables(line, rates, num_steps, weight, bias)[0].items():
        for column in table.column_names:
            assert table[column].null_count == 0, (name, column)
            if pa.types.is_floating(table[column].type):
                assert np.all(np.isfinite(table[column].to_numpy())), (name, column)
            if column == "loss":
                assert np.all(table[column].to_numpy() > 0), name


@example(data.make_line(0.0, 0.0, 2, 1e6), [0.1, 0.2, 0.3], 1, 0.0, 1e6)  # all above the true line
@settings(max_examples=30)
@given(LINES, RATES, NUM_STEPS, HUGE, HUGE)
def test_every_mark_lies_within_the_extent_of_its_axis(line, rates, num_steps, weight, bias):
    made, _ = tables(line, rates, num_steps, weight, bias)
    (bottom, top), (low, high) = (made["extent"][axis].to_pylist() for axis in ("y", "loss"))
    for name in ("frames", "checks", "loss_exits", "floor"):
        assert all(low <= loss <= high for loss in made[name]["loss"].to_pylist()), name
    slack = 1e-9 * max(abs(bottom), abs(top))  # the ends of a clipped line are computed
    for name, column in (("frames", "y"), ("frames", "y2"), ("points", "y"), ("lines", "y")):
        for y in made[name][column].to_pylist():
            assert bottom - slack <= y <= top + slack, (name, column)


@settings(max_examples=30)
@given(LINES, RATES, NUM_STEPS, HUGE, HUGE)
def test_every_mark_lies_in_the_panel_of_its_run(line, rates, num_steps, weight, bias):
    shown = tables(line, rates, num_steps, weight, bias)[0]["frames"]
    for row in shown.to_pylist():
        left = TITLES.index(row["run"])
        assert row["left"] == left
        for column in ("x", "x2", "u", "middle"):
            assert left - 1e-9 <= row[column] <= left + fitbox.PANEL + 1e-9, column


# ---------------------------------------------------------------- which record a frame shows


@given(st.integers(1, 2_000_000))
def test_frames_run_from_the_first_record_to_the_last(num_steps):
    step = record_steps(num_steps)
    shown = frames.frame_records(step)
    assert shown.shape == (frames.FRAMES + 1,)
    assert (shown[0], shown[-1]) == (0, step.size - 1)
    assert np.all(np.diff(shown) >= 0)


@given(st.integers(1, frames.FRAMES))
def test_frames_show_every_step_of_a_short_run(num_steps):
    shown = frames.frame_records(record_steps(num_steps))
    assert np.unique(shown).tolist() == list(range(num_steps + 1))


@given(st.integers(frames.FRAMES + 1, 2_000))
def test_frames_show_each_of_the_first_50_steps_of_a_longer_run(num_steps):
    assert frames.frame_records(record_steps(num_steps))[:51].tolist() == list(range(51))


def test_frames_show_each_of_the_first_50_steps_of_the_longest_run():
    history, _ = train_as_the_page_does(LINE, [0.1], 2_000_000, 0.0, -1.0)
    shown = history.step[frames.frame_records(history.step)]
    assert shown[:51].tolist() == list(range(51))
    assert shown[-1] == 2_000_000


@given(st.integers(frames.FRAMES + 1, 2_000))
def test_frames_pass_the_rest_in_ever_larger_leaps(num_steps):
    leaps = np.diff(frames.frame_records(record_steps(num_steps)))[50:]
    assert np.all(np.diff(leaps) >= -1)  # whole steps: a leap can be one less than the one before


# ---------------------------------------------------------------- what the frames hold


@pytest.mark.parametrize("num_runs", [1, 2, 3])
@pytest.mark.parametrize("num_steps", [1, 50, 200, 5_000])
def test_frames_table_has_a_row_for_each_run_and_frame(num_runs, num_steps):
    made, _ = tables(LINE, [0.005, 0.5, 0.8][:num_runs], num_steps)
    rows = zip(*(made["frames"][column].to_pylist() for column in ("run", "frame")), strict=True)
    expected = [(run, k) for run in TITLES[:num_runs] for k in range(frames.FRAMES + 1)]
    assert list(rows) == expected


def test_frames_table_holds_the_loss_of_its_step():
    made, history = tables(LINE, [0.005, 0.5, 0.7], 200)
    for row in made["frames"].to_pylist():
        assert row["loss"] == history.loss[TITLES.index(row["run"]), row["step"]]


def test_frames_table_holds_the_guess_of_its_step():
    made, history = tables(LINE, [0.005, 0.5, 0.7], 200)
    for row in made["frames"].to_pylist():
        if row["outside"] != 0:
            continue
        run = TITLES.index(row["run"])
        # The fit's box is x from 0 to 1 here, drawn over a panel's width.
        x = np.array([row["x"] - run, row["x2"] - run]) / fitbox.PANEL
        y = history.weight[run, row["step"]] * x + history.bias[run, row["step"]]
        np.testing.assert_allclose([row["y"], row["y2"]], y, rtol=0, atol=1e-12)


def test_frames_table_says_when_a_guess_is_above_or_below_the_box():
    # Minimum at weight 0, bias 0; the guess jumps from 1 to −2, 4, −8: out below, out above.
    line = data.Dataset(np.array([-1.0, 1.0]), np.zeros(2), 0.0, 0.0)
    made, _ = tables(line, [1.5], 3, weight=0.0, bias=1.0)
    outside = {row["step"]: row["outside"] for row in made["frames"].to_pylist()}
    assert outside == {0: 0, 1: -1, 2: 1, 3: -1}


def test_frames_table_leaves_a_guess_that_is_no_number_off_the_chart():
    made, history = tables(LINE, [1e6], 2_000)
    assert np.isnan(history.weight[0, -1])
    assert made["frames"].to_pylist()[-1]["outside"] == 1


def test_bowl_shows_the_steep_error_jump_from_side_to_side():
    # Factor −0.6 a step, of an initial error drawn at one initial error from the middle.
    made, _ = tables(LINE, [0.8 * CRITICAL], 50)
    rows = made["frames"].to_pylist()
    first = {row["step"]: row for row in reversed(rows)}
    middle, unit = fitbox.PANEL / 2, fitbox.PANEL / 2 / frames.EDGE
    u = np.array([(first[k]["u"] - middle) / unit for k in range(4)])
    np.testing.assert_allclose(u / u[0], [1, -0.6, 0.36, -0.216], rtol=1e-9)
    assert abs(u[0]) == pytest.approx(1)
    assert [first[k]["height"] for k in range(4)] == pytest.approx((u**2).tolist())


# ---------------------------------------------------------------- where runs leave the chart


@settings(max_examples=40)
@given(LINES, RATES, NUM_STEPS, HUGE, HUGE)
def test_loss_exits_name_the_first_record_above_the_ceiling(line, rates, num_steps, weight, bias):
    made, history = tables(line, rates, num_steps, weight, bias)
    ceiling = frames.CEILING * history.loss[0, 0] or 1.0
    expected = []
    for run, losses in enumerate(history.loss):
        for step, loss in zip(history.step.tolist(), losses.tolist(), strict=True):
            if math.isnan(loss) or loss > ceiling:
                expected.append((TITLES[run], f"off the chart at step {step:,}"))
                break
    exits = made["loss_exits"].to_pylist()
    assert [(row["run"], row["label"]) for row in exits] == expected


@settings(max_examples=40)
@given(LINES, RATES, NUM_STEPS, HUGE, HUGE)
def test_loss_exits_are_drawn_where_their_curves_end(line, rates, num_steps, weight, bias):
    made, _ = tables(line, rates, num_steps, weight, bias)
    (top,) = made["extent"]["loss"].to_pylist()[1:]
    shown = [row for row in made["frames"].to_pylist() if row["on_chart"]]
    for gone in made["loss_exits"].to_pylist():
        last = [row for row in shown if row["run"] == gone["run"]][-1]
        assert (gone["step"], gone["loss"]) == (last["step"], top)
        assert last["loss"] == top


def test_loss_exit_is_at_the_step_computed_by_hand():
    # x = ±1: both factors are 1 − 2 · 1.5 = −2, so the loss is 4^k of its start: 16 < 40 < 64.
    line = data.Dataset(np.array([-1.0, 1.0]), np.zeros(2), 0.0, 0.0)
    made, _ = tables(line, [0.25, 0.5, 1.5], 20)
    exits = made["loss_exits"].to_pylist()
    assert [(row["run"], row["step"]) for row in exits] == [("Too large", 3)]
    assert exits[0]["label"] == "off the chart at step 3"


def test_frames_are_on_the_loss_chart_up_to_the_one_at_which_the_run_leaves_it():
    line = data.Dataset(np.array([-1.0, 1.0]), np.zeros(2), 0.0, 0.0)
    made, _ = tables(line, [1.5], 6)
    on_chart = {row["step"]: row["on_chart"] for row in reversed(made["frames"].to_pylist())}
    assert on_chart == {k: k <= 3 for k in range(7)}


@pytest.mark.parametrize(
    ("share", "step"),
    [
        (0.3, None),
        (0.99, None),
        (1.1, 3),  # factor −1.2: 1.2² = 1.44 < 1.6 < 1.728
        (1.2, 2),  # factor −1.4: 1.4 < 1.6 < 1.96
        (1.5, 1),  # factor −2
        (1e4, 1),
    ],
)
def test_bowl_exit_is_at_the_step_computed_by_hand(share, step):
    made, _ = tables(LINE, [share * CRITICAL], 60)
    labels = made["bowl_exits"]["label"].to_pylist()
    assert labels == ([] if step is None else [f"out at step {step}"])


@pytest.mark.parametrize(("share", "jumps"), [(1.1, 3), (1.2, 2)])
def test_bowl_exit_is_on_the_side_the_run_jumps_to(share, jumps):
    made, _ = tables(LINE, [share * CRITICAL], 60)
    starts_left = made["frames"]["u"][0].as_py() < fitbox.PANEL / 2
    goes_right = starts_left == (jumps % 2 == 1)  # an odd number of jumps changes the side
    assert made["bowl_exits"]["u"].to_pylist() == [fitbox.PANEL if goes_right else 0.0]
    assert made["bowl_exits"]["place"].to_pylist() == ["right" if goes_right else "left"]


@settings(max_examples=40)
@given(LINES, RATES, NUM_STEPS, HUGE, HUGE)
def test_runs_that_are_shown_outside_the_bowl_have_an_exit(line, rates, num_steps, weight, bias):
    made, _ = tables(line, rates, num_steps, weight, bias)
    shown = made["frames"].to_pylist()
    expected = [run for run in TITLES if not all(r["in_bowl"] for r in shown if r["run"] == run)]
    assert made["bowl_exits"]["run"].to_pylist() == expected


# ---------------------------------------------------------------- the smaller tables


def test_points_are_thinned_for_drawing_and_keep_the_first_and_the_last():
    line = data.make_line(num_points=10_000)
    made, _ = tables(line, [0.1, 0.2, 0.3], 10)
    y = made["points"]["y"].to_numpy().reshape(3, -1)
    assert y.shape[1] == fitbox.MAX_POINTS
    assert (y[:, 0].tolist(), y[:, -1].tolist()) == ([line.y[0]] * 3, [line.y[-1]] * 3)


def test_lines_hold_the_true_line_once_a_panel():
    made, _ = tables(data.make_line(weight=2.0, bias=1.0), [0.1, 0.2, 0.3], 10)
    for panel, row in enumerate(made["lines"].to_pylist()):
        assert [row["y"], row["y2"]] == pytest.approx([1.0, 3.0])  # at x = 0 and x = 1
        assert [row["x"], row["x2"]] == pytest.approx([panel, panel + fitbox.PANEL])


def test_lines_are_none_when_the_true_line_is_not_known():
    made, _ = tables(LINE, [0.1], 10, true_line=False)
    assert made["lines"].num_rows == 0


def test_checks_lie_on_the_predicted_curves():
    made, _ = tables(LINE, [0.005, 0.5, 0.8], 50)
    quadratic = Quadratic.of(LINE.x, LINE.y)
    rows = made["checks"].to_pylist()
    for row in rows:
        rate = [0.005, 0.5, 0.8][TITLES.index(row["run"])]
        assert row["loss"] == pytest.approx(quadratic.path(rate, [row["step"]]).loss[0], rel=1e-12)
    assert {row["run"] for row in rows} == set(TITLES)


def test_floor_is_the_least_possible_loss():
    made, _ = tables(LINE, [0.1], 10)
    residual = LINE.y - np.polyval(np.polyfit(LINE.x, LINE.y, 1), LINE.x)
    assert made["floor"]["loss"].to_pylist() == pytest.approx([np.mean(residual**2)], rel=1e-9)


def test_floor_says_so_when_it_lies_below_the_axis():
    made, _ = tables(data.make_line(noise=0.0), [0.1], 10)
    assert "below this axis" in made["floor"]["label"][0].as_py()


def test_panels_show_the_rate_and_the_steep_factor_of_each_run():
    # x = ±2: the steep eigenvalue is 8, so the factors are 0.92, −0.6 and −1.4.
    line = data.Dataset(np.array([-2.0, 2.0]), np.array([-1.0, 7.0]), 2.0, 3.0)
    made, _ = tables(line, [0.01, 0.2, 0.3], 10)
    assert made["panels"]["rate"].to_pylist() == ["η = 0.01", "η = 0.2", "η = 0.3"]
    assert made["panels"]["factor"].to_pylist() == ["× +0.92", "× −0.6", "× −1.4"]


def test_frames_table_says_whether_the_runs_were_measured():
    history, predicted = train_as_the_page_does(LINE, [0.1], 10, 0.0, -1.0)
    quadratic = Quadratic.of(LINE.x, LINE.y)
    for is_measured, kind in ((True, "measured"), (False, "predicted")):
        made = frames.stage_tables(
            ["Good"], LINE.x, LINE.y, None, quadratic, history, predicted, is_measured
        )
        shown = pa.ipc.open_stream(made["frames"]).read_all()
        assert set(shown["kind"].to_pylist()) == {kind}
