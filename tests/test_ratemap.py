"""The map of rates: zones where the theory says, values inside the axis, grades that hold."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linreg import data, ratemap, sweep, training
from linreg.phases import Adam, Momentum, Phase, Plain
from linreg.ratemap import VIEWS, map_tables, marks
from linreg.sweep import Sweep
from linreg.theory import Quadratic
from tests.runs import excess_losses, loop

LESSON = data.make_line()
POINTS = LESSON.x, LESSON.y
QUADRATIC = Quadratic.of(*POINTS)
CRITICAL = QUADRATIC.critical_learning_rate
TITLES = ["Too small", "Good", "Too large"]
START = 0.0, -1.0
RATES = tuple(sweep.rates_around(CRITICAL).tolist())


def tables(phase, view="left", rates=(0.0047, 0.51, 0.82), tolerance=1e-3):
    """Return the tables of a map, read back."""
    history = training.train_phases(*POINTS, [phase], *START)
    own = training.train_phases(*POINTS, [Phase(rates, phase.num_steps, phase.rule)], *START)
    made = map_tables(
        TITLES,
        QUADRATIC,
        phase,
        tolerance,
        sweep.predicted(QUADRATIC, phase, tolerance, START),
        sweep.measured(QUADRATIC, history, tolerance),
        sweep.measured(QUADRATIC, own, tolerance),
        marks(QUADRATIC, phase, tolerance, START),
        view,
    )
    return {name: pa.ipc.open_stream(table).read_all().to_pydict() for name, table in made.items()}


def test_zones_meet_at_the_edges_that_the_theory_names():
    zones = tables(Phase(RATES, 200))["zones"]
    assert zones["zone"] == ["crawls", "direct", "overshoots, still converges", "diverges"]
    assert zones["low"][2:] == pytest.approx([CRITICAL / 2, CRITICAL])
    assert zones["edge"] == ["", "arrives in time", "1 / λmax", "2 / λmax"]
    assert zones["high"][:-1] == zones["low"][1:]


def test_rates_arrive_in_time_from_the_edge_on_that_says_so():
    edge = tables(Phase(RATES, 200))["zones"]["low"][1]
    for rate, arrives in ((0.95 * edge, False), (1.05 * edge, True)):
        excess = excess_losses(POINTS, *loop(POINTS, [Phase(rate, 200)]))
        assert (excess[-1] <= 1e-3 * excess[0]) == arrives


def test_zones_of_momentum_end_at_its_own_limit():
    phase = Phase(RATES, 200, Momentum(0.5))
    zones = tables(phase)["zones"]
    assert zones["zone"] == ["crawls", "converges", "diverges"]
    assert zones["low"][-1] == pytest.approx(CRITICAL * 1.5)


def test_adam_has_no_zones_no_curve_and_no_marks():
    made = tables(Phase(RATES, 50, Adam()))
    assert made["zones"]["zone"] == ["no zones: nobody can predict these runs"]
    assert made["curve"]["rate"] == made["marks"]["rate"] == []
    assert len(made["seen"]["rate"]) == sweep.NUM_RATES


@pytest.mark.parametrize("view", VIEWS)
def test_measured_dots_lie_on_the_curve(view):
    made = tables(Phase(RATES, 200), view)
    curve = dict(zip(made["curve"]["rate"], made["curve"]["value"], strict=True))
    seen = zip(made["seen"]["rate"], made["seen"]["value"], made["seen"]["off"], strict=True)
    on_it = [(value, curve[rate]) for rate, value, off in seen if not off and rate in curve]
    assert len(on_it) > 50
    ours, theirs = np.array(on_it).T
    np.testing.assert_allclose(ours, theirs, rtol=1e-9, atol=1.1e-14)


@pytest.mark.parametrize("view", VIEWS)
def test_runs_are_named_and_told_in_words(view):
    made = tables(Phase(RATES, 200), view)["runs"]
    assert made["run"] == TITLES
    assert made["rate"] == [0.0047, 0.51, 0.82]
    assert made["off"] == ([False, False, True] if view == "left" else [True, False, True])
    words = {"left": "of the excess loss left", "steps": "18 steps"}[view]
    assert words in made["text"][1]


@settings(max_examples=30, deadline=None)
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


def test_marks_are_graded_by_the_steps_that_a_loop_takes():
    for mark in marks(QUADRATIC, Phase(0.1), 1e-3, START):
        assert mark.share == pytest.approx(mark.learning_rate / CRITICAL)
        if mark.steps is None or mark.steps > 20_000:
            continue
        excess = excess_losses(POINTS, *loop(POINTS, [Phase(mark.learning_rate, mark.steps)]))
        assert excess[-1] <= 1e-3 * excess[0]
        assert mark.steps == 0 or excess[-2] > 1e-3 * excess[0]
        assert mark.grade.startswith(f"{mark.share:.2g} × critical: safe")


def test_asymptotic_optimum_is_not_the_fastest():
    named = {mark.name: mark for mark in marks(QUADRATIC, Phase(0.1), 1e-3, START)}
    flat, steep = np.linalg.eigvalsh(
        2 * np.array([[np.mean(LESSON.x**2), LESSON.x.mean()], [LESSON.x.mean(), 1]])
    )
    optimum = named["2 / (λmin + λmax)"]
    assert optimum.learning_rate == pytest.approx(2 / (flat + steep))
    assert optimum.steps > 2 * named["fewest steps"].steps


def test_only_the_fewest_steps_are_marked_with_momentum():
    assert [mark.name for mark in marks(QUADRATIC, Phase(0.1, rule=Momentum()), 1e-3, START)] == [
        "fewest steps"
    ]


def test_nothing_is_marked_where_there_is_nothing_to_train():
    start = QUADRATIC.weight, QUADRATIC.bias
    assert marks(QUADRATIC, Phase(0.1, rule=Plain()), 1e-3, start) == []
