"""The map of rates: zones where the theory says, values inside the axis, grades that hold."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from linreg import data
from linreg.pictures import ratemap
from linreg.pictures.ratemap import VIEWS, rows
from linreg.runs.phases import Phase
from linreg.runs.rules import Adam
from linreg.theory import Quadratic, rates, sweep
from linreg.theory.marks import marks
from linreg.theory.sweep import Sweep
from tests.later import training

LESSON = data.make_line()
POINTS = LESSON.x, LESSON.y
QUADRATIC = Quadratic.of(*POINTS)
CRITICAL = QUADRATIC.critical_learning_rate
TITLES = ["Too small", "Good", "Too large"]
START = 0.0, -1.0
RATES = tuple(sweep.rates_around(CRITICAL).tolist())


def tables(phase, view="left", own_rates=(0.0047, 0.51, 0.82), tolerance=1e-3, turn=0):
    """Return the tables of a map, read back."""
    history = training.train_phases(*POINTS, [phase], START)
    own = training.train_phases(*POINTS, [Phase(own_rates, phase.num_steps, phase.rule)], START)
    made = rows(
        TITLES,
        QUADRATIC,
        phase,
        tolerance,
        sweep.predicted(QUADRATIC, phase, tolerance, START),
        sweep.measured(QUADRATIC, history, tolerance),
        sweep.measured(QUADRATIC, own, tolerance),
        marks(QUADRATIC, phase, tolerance, START),
        view,
        turn,
    )
    return {name: pa.ipc.open_stream(table).read_all().to_pydict() for name, table in made.items()}


@pytest.mark.parametrize("ways", [{"rule": Adam()}, {"batch_size": 10}])
def test_measured_runs_stand_alone_where_there_is_no_theory(ways):
    made = tables(Phase(RATES, 50, **ways))
    assert set(made["zones"]["zone"]) == {""}
    assert made["curve"]["rate"] == made["marks"]["rate"] == []
    assert len(made["seen"]["rate"]) == sweep.NUM_RATES


@pytest.mark.parametrize("view", VIEWS)
def test_measured_dots_lie_on_the_curve(view):
    made = tables(Phase(RATES, 200), view)
    curve = dict(zip(made["curve"]["rate"], made["curve"]["value"], strict=True))
    seen = zip(made["seen"]["rate"], made["seen"]["value"], made["seen"]["off"], strict=True)
    on_it = [(value, curve[rate]) for rate, value, off in seen if not off and rate in curve]
    assert len(on_it) > 40
    ours, theirs = np.array(on_it).T
    np.testing.assert_allclose(ours, theirs, rtol=1e-9, atol=1.1e-14)


@pytest.mark.parametrize("view", VIEWS)
def test_runs_are_named_and_told_in_words(view):
    made = tables(Phase(RATES, 200), view)["runs"]
    assert made["run"] == TITLES
    assert made["rate"] == [0.0047, 0.51, 0.82]
    assert made["off"] == ([False, False, True] if view == "left" else [True, False, True])
    words = {"left": "of the excess loss left", "steps": "55 steps"}[view]
    assert words in made["text"][1]


@given(
    st.sampled_from(list(VIEWS)),
    st.lists(st.floats(), min_size=1, max_size=20),
    st.lists(st.one_of(st.sampled_from([np.inf, np.nan]), st.integers(0, 10**15)), min_size=1),
)
def test_nothing_outside_the_axis_leaves_the_tables(view, left, steps):
    size = min(len(left), len(steps))
    shares = np.abs(np.array(left[:size], float))
    rates = np.geomspace(1e-3, 1, size)
    made = Sweep(rates, shares, np.array(steps[:size], float))
    axis = ratemap.Axis.of(200, view)
    for table in (axis.curve(made), axis.points(made)):
        value = np.asarray(table["value"])
        assert np.isfinite(value).all()
        assert np.all((value >= axis.low) & (value <= axis.high))


def test_a_click_anywhere_means_the_round_rate_below_it():
    clicks = tables(Phase(RATES, 200))["clicks"]
    low, rate, high = (np.array(clicks[name]) for name in ("low", "rate", "high"))
    assert (low[0], high[-1]) == (RATES[0], RATES[-1])
    np.testing.assert_array_equal(low[1:], high[:-1])  # no gap, no overlap
    assert np.isin(rate, rates.ALL).all()
    for place in np.geomspace(RATES[0] * 1.1, RATES[-1] / 1.1, 50):
        (bar,) = np.flatnonzero((low < place) & (place <= high))
        assert rate[bar] == rates.nearest(rates.ALL, place)


def test_there_is_something_to_click_before_anything_is_measured():
    phase = Phase(RATES, 2_000_000)
    made = rows(TITLES, QUADRATIC, phase, 1e-3, None, None, None, [], "left")
    clicks = pa.ipc.open_stream(made["clicks"]).read_all().to_pydict()
    assert len(clicks["rate"]) > 90  # 24 a decade


def test_all_that_can_be_clicked_knows_the_turn():
    made = tables(Phase(RATES, 200), turn=7)
    for name in ("clicks", "seen", "runs", "marks"):
        assert set(made[name]["turn"]) == {7}


def test_names_of_runs_stand_on_different_sides_in_the_order_of_their_rates():
    made = tables(Phase(RATES, 200), own_rates=(2.0, 3.0, 0.82))["runs"]
    assert made["side"] == ["middle", "right", "left"]
    assert sorted(tables(Phase(RATES, 200), own_rates=(0.5,) * 3)["runs"]["side"]) == [
        "left",
        "middle",
        "right",
    ]
