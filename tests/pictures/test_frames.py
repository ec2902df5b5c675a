"""The tables of the stage: only finite numbers, a row for each frame, exits at the right step."""

import math
import warnings

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from linreg import data
from linreg.pictures.arrow import PANEL
from linreg.pictures.playback import FRAMES
from linreg.pictures.stage import curves, fitbox, stack
from linreg.pictures.stage.bowl import EDGE
from linreg.runs.phases import Phase
from linreg.runs.rules import Adam, Momentum, Nesterov, Plain, RMSprop
from linreg.runs.schedules import CosineDecay, ExponentialDecay, LinearWarmup
from linreg.theory import Quadratic
from tests.properties import examples
from tests.runs import excess_losses, loop, path_of, theory, trained

TITLES = ["Too small", "Good", "Too large"]
LINE = data.make_line()
CRITICAL = Quadratic.of(LINE.x, LINE.y).critical_learning_rate
TOLD = ("weight", "bias", "mse", "gradient_weight", "gradient_bias", "update_weight", "update_bias")
STEEP = data.Dataset(np.array([-2.0, 2.0]), np.array([-1.0, 7.0]), (2.0, 3.0))

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


def read_back(made):
    """Return every table of a stage, by name."""
    return {name: pa.ipc.open_stream(table).read_all() for name, table in made.items()}


def stage(line, *phases, weight=0.0, bias=-1.0, true_line=True, is_measured=True, seed=0):
    """Return every table of a stage, read back, by name and column; and the history."""
    points = line.x, line.y
    history = trained(points, phases, weight, bias, seed)
    quadratic, expected, _ = theory(points, history)
    made = stack.rows(
        TITLES[: len(phases[0].learning_rates)],
        *points,
        line.line if true_line else None,
        quadratic,
        history,
        expected,
        is_measured,
    )
    return read_back(made), history


def tables(line, learning_rates, num_steps, weight=0.0, bias=-1.0, **options):
    """Return the tables of runs with plain steps in one phase; and the history."""
    return stage(line, Phase(learning_rates, num_steps), weight=weight, bias=bias, **options)


def rows_of(table):
    """Return the rows of each run, in order."""
    rows = table.to_pylist()
    return {title: [row for row in rows if row["run"] == title] for title in TITLES}


# ---------------------------------------------------------------- nothing that breaks a chart


@example(data.make_line(noise=0.0), [0.1, 0.5, 1e6], 2_000_000, 0.1, 0.5)  # starts in the minimum
@example(data.make_line(), [0.005, 0.5, 0.8], 1, 0.0, -1.0)
@example(data.make_line(1e6, 1e6, 2, 0.0), [1e-12, 1.0, 1e6], 2_000, -1e6, -1e6)
@example(data.make_line(0.0, 0.0, 2, 0.0), [0.1, 0.5, 1e6], 200, 0.0, 0.0)  # no loss anywhere
@example(
    data.Dataset(np.array([1e6, 1e6 + 2.0**-30]), np.array([0.0, 1.0]), (0.0, 0.0)),
    [1e-12, 1e-6, 1.0],
    200,
    0.0,
    -1.0,
)  # all x nearly equal
@given(LINES, RATES, NUM_STEPS, HUGE, HUGE)
def test_tables_hold_only_finite_numbers_and_losses_above_zero(
    line, rates, num_steps, weight, bias
):
    assert_nothing_breaks_a_chart(tables(line, rates, num_steps, weight, bias)[0])


WAYS = st.lists(
    st.tuples(
        st.sampled_from([Plain(), Momentum(), Nesterov(0.5), RMSprop(), Adam()]),
        st.sampled_from([Phase(0.1).schedule, ExponentialDecay(), CosineDecay(), LinearWarmup()]),
        RATES,
        st.sampled_from([1, 60, 200, 3_000]),
        st.sampled_from([None, 1, 2]),
    ),
    min_size=1,
    max_size=3,
)


@example(data.make_line(), [(RMSprop(), Phase(1).schedule, [1e6] * 3, 200, None)], 0.0, -1.0)
@example(data.make_line(), [(Adam(), Phase(1).schedule, [1e6] * 3, 3_000, 1)], 1e6, -1e6)
@example(data.make_line(), [(Momentum(), LinearWarmup(), [0.1, 2, 1e6], 3_000, 2)], 0.0, -1.0)
@example(data.make_line(noise=0.0), [(Plain(), Phase(1).schedule, [0.1, 0.5, 9], 60, 1)], 0.1, 0.5)
@pytest.mark.filterwarnings("ignore:invalid value encountered in subtract")  # see the next test
@examples(8)  # and four chosen ones; most compile
@given(LINES.filter(lambda line: line.x.size > 2), WAYS, HUGE, HUGE)
def test_tables_of_any_way_to_step_hold_only_finite_numbers_and_losses_above_zero(
    line, ways, weight, bias
):
    phases = [Phase(rates, steps, rule, one, size) for rule, one, rates, steps, size in ways]
    made, _ = stage(line, *phases, weight=weight, bias=bias)
    assert_nothing_breaks_a_chart(made)


def test_tables_are_made_without_a_warning_when_mini_batches_go_beyond_all_numbers():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        stage(LINE, Phase((0.1, 0.5, 1e6), 60, batch_size=10))


def assert_nothing_breaks_a_chart(made):
    """Check that every number is finite, and every loss above zero and inside its axis."""
    (low, high), (deep, top) = (made["extent"][axis].to_pylist() for axis in ("loss", "excess"))
    assert 0 < low < high
    assert 0 < deep < top == high
    for name, table in made.items():
        for column in table.column_names:
            if (name, column) in {("frames", told) for told in TOLD}:
                finite = table[column].drop_null()  # only told, not placed: it may be null
                assert np.all(np.isfinite(finite.to_numpy())), (name, column)
                continue
            assert table[column].null_count == 0, (name, column)
            if not pa.types.is_floating(table[column].type):
                continue
            values = table[column].to_numpy()
            assert np.all(np.isfinite(values)), (name, column)
            bottom = {"loss": low, "low": low, "high": low}.get(column)
            bottom = deep if "excess" in column else bottom
            if bottom is not None:
                assert np.all((bottom <= values) & (values <= high)), (name, column)


@example(data.make_line(0.0, 0.0, 2, 1e6), [0.1, 0.2, 0.3], 1, 0.0, 1e6)  # all above the true line
@given(LINES, RATES, NUM_STEPS, HUGE, HUGE)
def test_every_mark_lies_within_the_extent_of_its_axis(line, rates, num_steps, weight, bias):
    made, _ = tables(line, rates, num_steps, weight, bias)
    (bottom, top), (low, high) = (made["extent"][axis].to_pylist() for axis in ("y", "loss"))
    for name in ("frames", "curves", "checks", "loss_exits", "floor"):
        assert all(low <= loss <= high for loss in made[name]["loss"].to_pylist()), name
    slack = 1e-9 * max(abs(bottom), abs(top))  # the ends of a clipped line are computed
    for name, column in (("frames", "y"), ("frames", "y2"), ("points", "y"), ("lines", "y")):
        for y in made[name][column].to_pylist():
            assert bottom - slack <= y <= top + slack, (name, column)


@given(LINES, RATES, NUM_STEPS, HUGE, HUGE)
def test_every_mark_lies_in_the_panel_of_its_run(line, rates, num_steps, weight, bias):
    shown = tables(line, rates, num_steps, weight, bias)[0]["frames"]
    for row in shown.to_pylist():
        left = TITLES.index(row["run"])
        assert row["left"] == left
        for column in ("x", "x2", "u", "middle"):
            assert left - 1e-9 <= row[column] <= left + PANEL + 1e-9, column


# ---------------------------------------------------------------- what the frames hold


@pytest.mark.parametrize("num_runs", [1, 2, 3])
@pytest.mark.parametrize("num_steps", [1, 50, 200, 5_000])
def test_frames_table_has_a_row_for_each_run_and_frame(num_runs, num_steps):
    made, _ = tables(LINE, [0.005, 0.5, 0.8][:num_runs], num_steps)
    rows = zip(*(made["frames"][column].to_pylist() for column in ("run", "frame")), strict=True)
    expected = [(run, k) for run in TITLES[:num_runs] for k in range(FRAMES + 1)]
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
        x = np.array([row["x"] - run, row["x2"] - run]) / PANEL
        y = history.weight[run, row["step"]] * x + history.bias[run, row["step"]]
        np.testing.assert_allclose([row["y"], row["y2"]], y, rtol=0, atol=1e-12)


def test_frames_table_says_when_a_guess_is_above_or_below_the_box():
    # Minimum at weight 0, bias 0; the guess jumps from 1 to −2, 4, −8: out below, out above.
    line = data.Dataset(np.array([-1.0, 1.0]), np.zeros(2), (0.0, 0.0))
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
    middle, unit = PANEL / 2, PANEL / 2 / EDGE
    u = np.array([(first[k]["u"] - middle) / unit for k in range(4)])
    np.testing.assert_allclose(u / u[0], [1, -0.6, 0.36, -0.216], rtol=1e-9)
    assert abs(u[0]) == pytest.approx(1)
    assert [first[k]["height"] for k in range(4)] == pytest.approx((u**2).tolist())


def test_bowl_stands_still_where_the_steep_error_is_rounding_alone():
    # The weight is the steep direction of x = ±2; it starts one rounding away from its minimum.
    made, _ = tables(STEEP, [0.24], 50, weight=np.nextafter(2.0, 3.0), bias=-1.0)
    middle = PANEL / 2
    np.testing.assert_allclose(made["frames"]["u"].to_numpy(), middle, atol=1e-9)


# ---------------------------------------------------------------- where runs leave the chart


@given(LINES, RATES, NUM_STEPS, HUGE, HUGE)
def test_loss_exits_name_the_first_record_above_the_ceiling(line, rates, num_steps, weight, bias):
    made, history = tables(line, rates, num_steps, weight, bias)
    ceiling = curves.CEILING * history.loss[0, 0] or 1.0
    expected = []
    for run, losses in enumerate(history.loss):
        for step, loss in zip(history.step.tolist(), losses.tolist(), strict=True):
            if math.isnan(loss) or loss > ceiling:
                expected.append((TITLES[run], f"off the chart at step {step:,}"))
                break
    exits = made["loss_exits"].to_pylist()
    assert [(row["run"], row["label"].split(", back")[0]) for row in exits] == expected


@given(LINES, RATES, NUM_STEPS, HUGE, HUGE)
def test_loss_exits_are_drawn_where_their_curves_end(line, rates, num_steps, weight, bias):
    made, _ = tables(line, rates, num_steps, weight, bias)
    (top,) = made["extent"]["loss"].to_pylist()[1:]
    curves = rows_of(made["curves"])
    for gone in made["loss_exits"].to_pylist():
        last = curves[gone["run"]][-1]
        assert (gone["step"], gone["loss"], gone["excess"]) == (last["step"], top, top)
        assert last["loss"] == top
        (floor,) = made["floor"]["loss"].to_pylist()  # by so much the excess loss is smaller
        assert (top - floor) * (1 - 1e-9) <= last["excess"] <= top


def test_run_that_leaves_the_chart_and_comes_back_says_when():
    # x = ±1: both factors −2 for 4 steps (4⁴ = 256 times the loss, 4³ = 64 the first above 40),
    # then ½ each step, so the loss is 64, 16, … after 5, 6, … steps.
    line = data.Dataset(np.array([-1.0, 1.0]), np.zeros(2), (0.0, 0.0))
    made, _ = stage(line, Phase(1.5, 4), Phase(0.25, 10))
    (gone,) = made["loss_exits"].to_pylist()
    assert (gone["step"], gone["label"]) == (3, "off the chart at step 3, back at 6")
    curve = rows_of(made["curves"])["Too small"]
    assert [row["step"] for row in curve] == list(range(15))  # along the top meanwhile


def test_loss_exit_is_at_the_step_computed_by_hand():
    # x = ±1: both factors are 1 − 2 · 1.5 = −2, so the loss is 4^k of its start: 16 < 40 < 64.
    line = data.Dataset(np.array([-1.0, 1.0]), np.zeros(2), (0.0, 0.0))
    made, _ = tables(line, [0.25, 0.5, 1.5], 20)
    exits = made["loss_exits"].to_pylist()
    assert [(row["run"], row["step"]) for row in exits] == [("Too large", 3)]
    assert exits[0]["label"] == "off the chart at step 3"


def test_frames_are_on_the_loss_chart_until_the_run_leaves_it():
    line = data.Dataset(np.array([-1.0, 1.0]), np.zeros(2), (0.0, 0.0))
    made, _ = tables(line, [1.5], 6)
    on_chart = {row["step"]: row["on_chart"] for row in reversed(made["frames"].to_pylist())}
    assert on_chart == {k: k < 3 for k in range(7)}  # 4³ times the loss is above 40 times


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
    starts_left = made["frames"]["u"][0].as_py() < PANEL / 2
    goes_right = starts_left == (jumps % 2 == 1)  # an odd number of jumps changes the side
    assert made["bowl_exits"]["u"].to_pylist() == [PANEL if goes_right else 0.0]
    assert made["bowl_exits"]["place"].to_pylist() == ["right" if goes_right else "left"]


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
        assert [row["x"], row["x2"]] == pytest.approx([panel, panel + PANEL])


def test_lines_are_none_when_the_true_line_is_not_known():
    made, _ = tables(LINE, [0.1], 10, true_line=False)
    assert made["lines"].num_rows == 0


def test_checks_lie_on_the_predicted_curves():
    made, _ = tables(LINE, [0.005, 0.5, 0.8], 50)
    quadratic = Quadratic.of(LINE.x, LINE.y)
    rows = made["checks"].to_pylist()
    for row in rows:
        rate = [0.005, 0.5, 0.8][TITLES.index(row["run"])]
        assert row["loss"] == pytest.approx(
            path_of(quadratic, rate, [row["step"]]).loss[0], rel=1e-12
        )
    assert {row["run"] for row in rows} == set(TITLES)


def test_floor_is_the_least_possible_loss():
    made, _ = tables(LINE, [0.1], 10)
    residual = LINE.y - np.polyval(np.polyfit(LINE.x, LINE.y, 1), LINE.x)
    assert made["floor"]["loss"].to_pylist() == pytest.approx([np.mean(residual**2)], rel=1e-9)


def test_floor_says_so_when_it_lies_below_the_axis():
    made, _ = tables(data.make_line(noise=0.0), [0.1], 10)
    assert "below this axis" in made["floor"]["label"][0].as_py()


# ---------------------------------------------------------------- texts at each frame


def texts(made, title):
    """Return the rate and the factor that are shown at each step of a run."""
    return {row["step"]: (row["rate"], row["factor"]) for row in rows_of(made["frames"])[title]}


def test_frames_show_the_rate_and_the_steep_factor_of_each_run():
    # x = ±2: the steep eigenvalue is 8, so the factors are 0.92, −0.6 and −1.4.
    made, _ = tables(STEEP, [0.01, 0.2, 0.3], 10)
    wanted = [("η = 0.01", "× +0.92"), ("η = 0.2", "× −0.6"), ("η = 0.3", "× −1.4")]
    for title, text in zip(TITLES, wanted, strict=True):
        assert set(texts(made, title).values()) == {text}


def test_frames_show_the_rate_of_their_own_phase():
    shown = texts(stage(STEEP, Phase(0.2, 10), Phase(0.01, 10))[0], "Too small")
    assert [shown[step] for step in (0, 10)] == [("η = 0.2", "× −0.6")] * 2
    assert [shown[step] for step in (11, 20)] == [("η = 0.01, phase 2", "× +0.92")] * 2


def test_frames_show_the_rate_that_a_schedule_has_come_to():
    # Half of it left after each 10 steps, evenly: 0.2 · 0.5^(k / 10) in the update to step k + 1.
    made, _ = stage(STEEP, Phase(0.2, 21, schedule=ExponentialDecay(10, 0.5)))
    shown = texts(made, "Too small")
    assert [shown[step][0] for step in (0, 1, 11, 21)] == [
        *("η = 0.2", "η = 0.2"),
        *("η = 0.1", "η = 0.05"),
    ]
    assert shown[11][1] == "× +0.2"  # 1 − 0.1 · 8
    assert shown[21][1] == "× +0.6"


def test_frames_show_by_what_a_swing_shrinks_with_momentum():
    # A complex pair of roots, whose product is the momentum: each is √0.81 in size.
    made, _ = stage(STEEP, Phase(0.02, 10, Momentum(0.81)))
    assert {factor for _, factor in texts(made, "Too small").values()} == {"swings × 0.9"}


@pytest.mark.parametrize(
    "phase", [Phase(0.1, 10, Adam()), Phase(0.1, 10, RMSprop()), Phase(0.1, 10, batch_size=1)]
)
def test_frames_show_no_factor_where_no_formula_says_one(phase):
    made, _ = stage(STEEP, phase)
    assert set(texts(made, "Too small").values()) == {("η = 0.1", "")}


# ---------------------------------------------------------------- curves


@pytest.mark.parametrize("num_steps", [1, 200, 2_000, 50_000])
def test_curves_hold_the_losses_of_their_steps(num_steps):
    made, history = tables(LINE, [0.005, 0.5, 0.7], num_steps)
    at = {step: k for k, step in enumerate(history.step.tolist())}
    for run, rows in enumerate(rows_of(made["curves"]).values()):
        assert len(rows) <= 800
        assert [row["step"] for row in rows][:2] == [0, 1]
        assert rows[-1]["step"] == num_steps
        assert all(row["loss"] == history.loss[run, at[row["step"]]] for row in rows)


def test_curves_end_with_the_first_record_above_the_axis():
    # x = ±1: the loss is 4^k of its start, 16 < 40 < 64.
    line = data.Dataset(np.array([-1.0, 1.0]), np.zeros(2), (0.0, 0.0))
    made, _ = tables(line, [0.25, 0.5, 1.5], 20)
    curves = rows_of(made["curves"])
    assert [row["step"] for row in curves["Too large"]] == [0, 1, 2, 3]
    assert len(curves["Good"]) == 21


def test_curves_hold_the_excess_loss_of_a_loop_in_numpy():
    made, _ = stage(LINE, Phase((0.01, 0.1, 0.5), 30), Phase((0.01, 0.02, 0.05), 30, Momentum()))
    phases = [Phase((0.01, 0.1, 0.5), 30), Phase((0.01, 0.02, 0.05), 30, Momentum())]
    for run, rows in enumerate(rows_of(made["curves"]).values()):
        excess = excess_losses((LINE.x, LINE.y), *loop((LINE.x, LINE.y), phases, run=run))
        shown = np.array([row["excess"] for row in rows])
        assert shown == pytest.approx(excess, rel=1e-6, abs=1e-14 * excess[0])


def test_curves_and_frames_tell_the_same_loss_and_excess_loss():
    made, _ = stage(LINE, Phase((0.01, 0.1, 0.5), 5_000), Phase((0.01, 0.02, 0.9), 500))
    curves = rows_of(made["curves"])
    for title, rows in rows_of(made["frames"]).items():
        on_curve = {row["step"]: (row["loss"], row["excess"]) for row in curves[title]}
        for row in rows:
            if row["on_chart"]:
                assert on_curve[row["step"]] == (row["loss"], row["excess"])


@pytest.mark.parametrize(("is_measured", "kind"), [(True, "measured"), (False, "predicted")])
def test_curves_say_whether_the_runs_were_measured(is_measured, kind):
    made, _ = tables(LINE, [0.1], 10, is_measured=is_measured)
    assert set(made["curves"]["kind"].to_pylist()) == {kind}
    assert (made["checks"].num_rows > 0) == is_measured  # there is nothing else to compare with


def test_excess_axis_ends_below_the_lowest_run_and_not_at_the_least_loss():
    # At 0.01 for 20 steps the run is far from any floor: half of its last excess loss is the end.
    made, _ = tables(LINE, [0.01], 20)
    excess = excess_losses((LINE.x, LINE.y), *loop((LINE.x, LINE.y), [Phase(0.01, 20)]))
    assert made["extent"]["excess"][0].as_py() == pytest.approx(excess[-1] / 2, rel=1e-9)


def test_checks_on_the_excess_axis_lie_on_the_path():
    made, _ = tables(LINE, [0.005, 0.1, 0.5], 50)
    for row in made["checks"].to_pylist():
        rate = [0.005, 0.1, 0.5][TITLES.index(row["run"])]
        path = loop((LINE.x, LINE.y), [Phase(rate, 50)])
        excess = excess_losses((LINE.x, LINE.y), *path)
        assert row["excess"] == pytest.approx(excess[row["step"]], rel=1e-6, abs=1e-14 * excess[0])


def test_checks_end_with_the_last_phase_that_can_be_predicted():
    made, _ = stage(LINE, Phase(0.1, 100), Phase(0.1, 100, Adam()))
    assert 0 < max(made["checks"]["step"].to_pylist()) <= 100


# ---------------------------------------------------------------- several phases


def test_boundaries_stand_where_each_further_phase_begins():
    made, _ = stage(LINE, Phase(0.1, 20), Phase(0.2, 1), Phase(0.3, 5_000))
    assert made["boundaries"].to_pylist() == [
        {"step": 20, "label": "phase 2"},
        {"step": 21, "label": "phase 3"},
    ]


def test_boundaries_are_none_of_one_phase():
    assert tables(LINE, [0.1], 10)[0]["boundaries"].num_rows == 0


# ---------------------------------------------------------------- mini-batches

NOISY = Phase((0.05, 0.5, 0.6), 200, batch_size=10)


def test_band_holds_the_losses_of_all_shuffles_where_there_are_mini_batches():
    made, history = stage(LINE, Phase((0.05, 0.5, 0.6), 50), NOISY)
    curves = rows_of(made["curves"])
    for run, rows in enumerate(rows_of(made["band"]).values()):
        assert [row["step"] for row in rows] == list(range(51, 251))
        for row in rows:
            assert row["low"] == history.band.low[run, row["step"]]
            assert row["high"] == history.band.high[run, row["step"]]
            drawn = curves[TITLES[run]][row["step"]]  # one of the shuffles
            assert row["low"] <= drawn["loss"] <= row["high"]


def test_band_on_the_excess_axis_is_the_loss_above_the_least():
    made, _ = stage(LINE, NOISY)
    residual = LINE.y - np.polyval(np.polyfit(LINE.x, LINE.y, 1), LINE.x)
    least, bottom = np.mean(residual**2), made["extent"]["excess"][0].as_py()
    for row in made["band"].to_pylist():
        for name in ("low", "high"):
            wanted = max(row[name] - least, bottom)
            assert row[f"{name}_excess"] == pytest.approx(wanted, rel=1e-6, abs=1e-15)


def test_band_is_empty_without_mini_batches():
    made, _ = tables(LINE, [0.1, 0.2, 0.3], 10)
    assert (made["band"].num_rows, made["noise_floors"].num_rows) == (0, 0)


def test_noise_floors_are_the_mean_of_all_shuffles_over_the_second_half():
    made, history = stage(LINE, NOISY)
    rows = {row["run"]: row for row in made["noise_floors"].to_pylist()}
    assert set(rows) >= {"Good", "Too large"}
    for title, row in rows.items():
        assert (row["step"], row["until"]) == (100, 200)
        mean = history.band.mean[TITLES.index(title), 100:].mean()
        assert row["loss"] == pytest.approx(mean, rel=1e-12)


def test_noise_floors_leave_out_a_run_that_still_falls():
    made, _ = stage(LINE, Phase((0.005, 0.5, 0.6), 200, batch_size=10))
    assert made["noise_floors"]["run"].to_pylist() == ["Good", "Too large"]


def test_noise_floors_stand_in_each_phase_of_mini_batches():
    smaller = Phase((0.005, 0.05, 0.06), 200, batch_size=10)
    made, _ = stage(LINE, Phase((0.05, 0.5, 0.6), 100), NOISY, smaller)
    good = rows_of(made["noise_floors"])["Good"]
    assert [(row["step"], row["until"]) for row in good] == [(200, 300), (400, 500)]
    assert good[1]["excess"] < good[0]["excess"] / 10
