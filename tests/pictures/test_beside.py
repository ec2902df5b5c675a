"""Kept runs beside the three: the losses they had, cut to the axes, with a word where they leave."""

import math
from functools import cache

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from linreg import data
from linreg.pictures.stage import beside, stack
from linreg.pictures.stage.curves import Curve
from linreg.runs.phases import Phase
from tests.runs import theory, trained

LINE = data.make_line()
POINTS = LINE.x, LINE.y
TITLES = ["Too small", "Good", "Too large"]
TOP = 40 * np.mean((-1.0 - LINE.y) ** 2)
LOSSES = st.lists(st.floats(0) | st.just(math.nan), min_size=1, max_size=60)


@cache
def history():
    return trained(POINTS, [Phase((0.1, 0.5, 0.7), 20)])


def curve(losses, every=1):
    losses = np.array(losses, float)
    return Curve(np.arange(losses.size) * every, losses, losses / 2)


def stage(*others):
    """Return the tables of a stage of the lesson's line, with runs beside."""
    quadratic, expected, _ = theory(POINTS, history())
    made = stack.rows(TITLES, *POINTS, None, quadratic, history(), expected, True, list(others))
    return {name: pa.ipc.open_stream(table).read_all().to_pylist() for name, table in made.items()}


def exits(*others):
    """Return what is told of runs that leave the axis of the loss: shape, step, words."""
    rows = stage(*others)["other_exits"]
    return [(r["shape"], r["step"], r["label"]) for r in rows if not r["is_excess"]]


def seen(made, name):
    """Return the steps of a run that the axis of the loss shows, piece by piece."""
    rows = [row for row in made["others"] if row["other"] == name and row["piece"] >= 0]
    pieces = dict.fromkeys(row["piece"] for row in rows)
    return [[row["step"] for row in rows if row["piece"] == piece] for piece in pieces]


# ---------------------------------------------------------------- the numbers that a run had


@example([2.0, 1e3, math.inf, math.nan, 1e-30])
@example([1e-300, 1e300, 1e-300, 1e300])
@example([0.0])
@given(LOSSES)
def test_nothing_is_drawn_at_a_loss_that_the_run_did_not_have(losses):
    made = stage(("one", curve(losses)))
    (low, high), (deep, _) = ([row[axis] for row in made["extent"]] for axis in ("loss", "excess"))
    for row in made["others"]:
        true = losses[row["step"]]
        assert row["told_loss"] == (true if math.isfinite(true) else None)
        for place, had, bottom, piece in (
            ("loss", true, low, "piece"),
            ("excess", true / 2, deep, "excess_piece"),
        ):
            assert bottom <= row[place] <= high
            if row[piece] >= 0 and bottom <= had <= high:
                assert row[place] == had
            elif row[piece] >= 0:  # where the line meets the edge
                assert row[place] == (bottom if had < bottom else high)


@given(LOSSES)
def test_every_run_is_seen_named_or_said_to_be_off_the_chart(losses):
    made = stage(("one", curve(losses)))
    for is_excess in (False, True):
        told = [row for row in made["other_exits"] if row["is_excess"] == is_excess]
        named = [row for row in made["other_names"] if row["is_excess"] == is_excess]
        assert bool(told) != bool(named)
        assert len(named) in (0, 2)  # of them one with the logarithm of the steps


def test_run_of_less_noise_is_drawn_at_its_own_loss():
    calm = data.make_line(noise=1e-3)
    history = trained((calm.x, calm.y), [Phase((0.5,), 20)])
    noisy = data.make_line(noise=0.3)
    here = trained((noisy.x, noisy.y), [Phase((0.1, 0.5, 0.7), 20)])
    quadratic, expected, _ = theory((noisy.x, noisy.y), here)
    made = stack.rows(
        *(TITLES, noisy.x, noisy.y, None, quadratic, here, expected, True),
        [("below", Curve(history.step, history.loss[0], history.loss[0]))],
    )
    rows = pa.ipc.open_stream(made["others"]).read_all().to_pylist()
    assert [row["loss"] for row in rows] == history.loss[0].tolist()


def test_hovers_tell_the_numbers_of_their_step():
    rows = stage(("one", curve([2.0, 1.0, 0.5])))["others"]
    assert [(row["told_loss"], row["told_excess"]) for row in rows] == [
        (2, 1),
        (1, 0.5),
        (0.5, 0.25),
    ]
    assert all(row["hovers"] for row in rows)


# ---------------------------------------------------------------- where a run leaves


def test_run_is_drawn_to_the_end_of_the_axis():
    made = stage(("short", curve([1, 0.5, 0.2])), ("long", curve(np.full(100, 0.3))))
    assert seen(made, "short") == [[0, 1, 2]]
    assert seen(made, "long") == [list(range(21))]
    assert len({row["color"] for row in made["others"]}) == 2


def test_run_that_leaves_at_the_top_has_a_mark_and_the_step():
    wild = "wild", curve(TOP / np.array([8, 4, 2, 0.9, 0.4, 0.2]))
    assert seen(stage(wild), "wild") == [[0, 1, 2, 3]]
    assert exits(wild) == [("triangle-up", 3, "wild: off the chart at step 3")]


def test_run_that_leaves_at_the_bottom_has_a_mark_and_the_step():
    calm = "calm", curve([1.0, 0.5, 1e-30, 1e-31])
    assert exits(calm) == [("triangle-down", 2, "calm: off the chart at step 2")]


def test_run_that_comes_back_is_not_joined_across_the_gap():
    away = "away", curve([1.0, 2 * TOP, 3 * TOP, 2 * TOP, 0.5, 0.4])
    assert seen(stage(away), "away") == [[0, 1], [3, 4, 5]]
    assert exits(away) == [("triangle-up", 1, "away: off the chart at step 1, back at 4")]


def test_run_that_leaves_twice_ends_with_a_mark_too():
    twice = "twice", curve([1.0, 2 * TOP, 0.5, 1.0, 9 * TOP, math.nan])
    assert [row[:2] for row in exits(twice)] == [("triangle-up", 1), ("triangle-up", 4)]


@pytest.mark.parametrize(
    ("losses", "shape"), [([1e9, math.inf, math.nan], "up"), ([1e-30, 0.0, 1e-31], "down")]
)
def test_run_of_which_nothing_is_left_says_so(losses, shape):
    made = stage(("wheat", curve(losses)))
    assert seen(made, "wheat") == []
    (row,) = exits(("wheat", curve(losses)))
    assert (row[0], row[2]) == (f"triangle-{shape}", "wheat: off this chart")


def test_step_between_two_records_is_told_as_the_later_one():
    assert exits(("far", curve([1.0, 1.0, 9 * TOP], every=5))) == [
        ("triangle-up", 10, "far: off the chart by step 10")
    ]


def test_words_of_several_runs_do_not_lie_on_each_other():
    rows = stage(*((f"run {k}", curve([1.0, 9 * TOP])) for k in range(5)))["other_exits"]
    places = [row["dy"] for row in rows if not row["is_excess"]]
    assert min(np.diff(places)) >= 16


def test_words_stand_below_those_of_the_three():
    history = trained(POINTS, [Phase((2.0, 3.0, 4.0), 20)])
    quadratic, expected, _ = theory(POINTS, history)
    made = stack.rows(
        *(TITLES, *POINTS, None, quadratic, history, expected, True),
        [("wild", curve([1.0, 1e9]))],
    )
    tables = [pa.ipc.open_stream(made[name]).read_all() for name in ("loss_exits", "other_exits")]
    three, others = (table["dy"].to_pylist() for table in tables)
    assert min(others) - max(three) >= 16


# ---------------------------------------------------------------- names


def test_names_keep_clear_of_other_curves():
    levels = {"low": 0.05, "middle": 0.5, "high": 5.0}
    made = stage(*((name, curve(np.full(21, level))) for name, level in levels.items()))
    low, high = (row["loss"] for row in made["extent"])
    pixels = 200 / np.log(high / low)
    for row in made["other_names"]:
        if row["is_excess"]:
            continue
        # Words are 13 pixels high: no level but its own may be nearer than half of that.
        up = pixels * np.log(row["loss"] / low) - row["dy"]
        gaps = [abs(up - pixels * np.log(level / low)) for level in levels.values()]
        assert min(gaps) > 6.5


def test_names_keep_clear_of_the_words_about_the_least_loss():
    # They stand at the right, over the least loss: a run beside, a little above, is named elsewhere.
    (floor,) = stage()["floor"]
    rows = stage(("near", curve(np.full(21, 1.5 * floor["loss"]))))["other_names"]
    for row in rows:
        assert row["is_excess"] or row["step"] < 14 or row["dy"] > 0


def test_long_names_are_cut_in_the_chart():
    rows = stage(("n" * 40, curve([1.0, 0.5])))["other_names"]
    assert {row["label"] for row in rows} == {"n" * 17 + "…"}
    assert {row["other"] for row in rows} == {"n" * 40}


def test_no_more_runs_are_drawn_than_have_a_colour():
    rows = stage(*((f"{k}", curve([1.0, 0.5])) for k in range(9)))["others"]
    assert len({row["other"] for row in rows}) == len(beside.COLORS)
