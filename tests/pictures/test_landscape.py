"""The landscape: ellipses on which the loss is what it is said to be, paths, factors, places."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from linreg import data
from linreg.data import samples
from linreg.pictures import landscape
from linreg.pictures.landscape import Box, rows
from linreg.pictures.playback import frame_records
from linreg.runs.phases import Phase
from linreg.runs.rules import Adam, Momentum
from linreg.theory import Quadratic
from tests.runs import excess_losses, trained

TITLES = ["Too small", "Good", "Too large"]
LESSON = data.make_line()
POINTS = LESSON.x, LESSON.y
RATES = 0.0047, 0.51, 0.82
SMALL = st.floats(-10, 10)
# With equal axes the box is at most so much wider or higher than it is high or wide.
WIDER, OTHER = {"weight": 5, "bias": 2}, {"weight": "bias", "bias": "weight"}


def tables(points=POINTS, phase=None, weight=0.0, bias=-1.0):
    """Return the tables of a landscape, read back."""
    history = trained(points, [phase or Phase(RATES, 200)], weight, bias)
    made = rows(TITLES, Quadratic.of(*points), history)
    return {
        name: {k: np.array(v) for k, v in pa.ipc.open_stream(table).read_all().to_pydict().items()}
        for name, table in made.items()
    }


@pytest.mark.parametrize("name", [None, *samples.SAMPLES])
def test_every_contour_has_one_loss(name):
    line = samples.load(name) if name else LESSON
    points = line.x, line.y
    rate = Quadratic.of(*points).critical_learning_rate
    contours = tables(points, Phase((0.01 * rate, 0.5 * rate, 1.1 * rate), 50))["contours"]
    initial = excess_losses(points, np.array([0.0]), np.array([-1.0]))[0]
    excess = excess_losses(points, contours["weight"], contours["bias"])
    expected = initial * landscape.LEVELS[contours["level"]]
    np.testing.assert_allclose(excess, expected, rtol=1e-5)
    assert np.all(excess[contours["level"] == 0] > 0.99 * initial)


def test_paths_begin_at_the_start_and_stay_near():
    made = tables()
    paths = made["paths"]
    first = paths["step"] == 0
    assert paths["weight"][first].tolist() == [0.0] * 3
    assert paths["bias"][first].tolist() == [-1.0] * 3
    assert set(paths["run"]) == set(TITLES)
    assert paths["step"][paths["run"] == "Too large"].max() < 50  # it has left


def test_runs_are_at_each_frame_where_they_were_measured_while_that_may_be_drawn():
    made, history = tables(), trained(POINTS, [Phase(RATES, 200)])
    rows, edges = made["frames"], made["box"]
    shown = frame_records(history.step)
    for run, title in enumerate(TITLES):
        of_run = rows["run"] == title
        records = shown[rows["frame"][of_run]]
        assert rows["weight"][of_run].tolist() == history.weight[run, records].tolist()
        assert rows["bias"][of_run].tolist() == history.bias[run, records].tolist()
        inside = np.ones(shown.size, bool)
        for values, name in ((history.weight, "weight"), (history.bias, "bias")):
            half = max(np.ptp(edges[name]), WIDER[name] * np.ptp(edges[OTHER[name]])) / 2
            inside &= np.abs(values[run, shown] - edges[name].mean()) <= half
        assert rows["frame"][of_run].tolist() == np.flatnonzero(inside).tolist()
    assert set(rows["run"][rows["frame"] == rows["frame"].max()]) == {"Too small", "Good"}


def test_path_has_no_two_marks_on_one_pixel_and_its_ends():
    paths, edges = tables()["paths"], tables()["box"]
    for title in TITLES:
        of_run = paths["run"] == title
        assert paths["frame"][of_run][0] == paths["step"][of_run][0] == 0
        moves = [
            np.abs(np.diff(paths[name][of_run])) / np.ptp(edges[name])
            for name in ("weight", "bias")
        ]
        assert np.all(np.maximum(*moves) > 1e-5)
    good = paths["run"] == "Good"
    assert good.sum() < 60  # of 200 steps
    assert paths["weight"][good][-1] == pytest.approx(np.polyfit(*POINTS, 1)[0], abs=0.005)


def test_box_holds_the_start_and_the_minimum_with_room():
    edges, points = tables()["box"], tables()["points"]
    for name in ("weight", "bias"):
        assert np.all((points[name] > edges[name][0]) & (points[name] < edges[name][1]))
        assert edges[name].mean() == pytest.approx(points[name][1])


def test_eigenvectors_pass_the_minimum_along_the_curvatures_of_numpy():
    made = tables()
    axes, minimum = made["axes"], made["points"]
    x = LESSON.x
    hessian = 2 * np.array([[np.mean(x * x), x.mean()], [x.mean(), 1]])
    _, vectors = np.linalg.eigh(hessian)
    for index in range(2):
        along = np.array([axes["along_weight"][index], axes["along_bias"][index]])
        assert abs(along @ vectors[:, index]) == pytest.approx(1)
        assert along[1] > 0  # its name stands at the upper end
    for name in ("weight", "bias"):
        assert axes[name].tolist() == [minimum[name][1]] * 2


def test_legend_tells_each_run_what_a_step_multiplies_its_errors_by():
    legend = tables()["legend"]
    assert legend["run"].tolist() == TITLES
    hessian = 2 * np.array([[np.mean(LESSON.x**2), LESSON.x.mean()], [LESSON.x.mean(), 1]])
    flat, steep = np.linalg.eigvalsh(hessian)
    for rate, text in zip(RATES, legend["factors"].tolist(), strict=True):
        told = [line.replace("−", "-").split(" × ") for line in text.split("\n")]
        assert [name for name, _ in told] == ["steep", "flat"]
        expected = [1 - rate * steep, 1 - rate * flat]
        assert [float(value) for _, value in told] == pytest.approx(expected, rel=5e-4)


def test_legend_tells_no_factors_where_there_are_none():
    made = tables(phase=Phase((0.01, 0.1, 0.5), 20, rule=Adam()))
    assert made["legend"]["factors"].tolist() == [""] * 3


@pytest.mark.parametrize("rates", [(2.0, 3.0, 50.0), (0.5, 1.0, 1e6)])
def test_path_of_a_run_that_leaves_has_the_step_inside_and_the_step_outside(rates):
    history = trained(POINTS, [Phase(rates, 200)])
    box = Box.of(Quadratic.of(*POINTS), history)
    inside = box.shows(history.weight, history.bias)
    paths = tables(phase=Phase(rates, 200))["paths"]
    for run in np.flatnonzero(~inside.all(axis=1)):
        first = int((~inside[run]).argmax())
        row = np.flatnonzero((paths["run"] == TITLES[run]) & (paths["step"] == first))
        assert row.size == 1
        before = [paths[f"{name}_before"][row[0]] for name in ("weight", "bias")]
        assert before == [history.weight[run, first - 1], history.bias[run, first - 1]]


def test_path_leaves_at_its_own_step_even_of_a_run_of_many():
    critical = Quadratic.of(*POINTS).critical_learning_rate
    phase = Phase((0.1, 0.5, 1.0005 * critical), 2000)
    history = trained(POINTS, [phase])
    outside = ~Box.of(Quadratic.of(*POINTS), history).shows(history.weight, history.bias)
    first = int(outside[2].argmax())
    assert first > 0
    paths = tables(phase=phase)["paths"]
    assert first in paths["step"][paths["run"] == "Too large"]


def test_factors_are_those_of_numpy():
    quadratic = Quadratic.of(*POINTS)
    x = LESSON.x
    flat, steep = np.linalg.eigvalsh(2 * np.array([[np.mean(x * x), x.mean()], [x.mean(), 1]]))
    rows = landscape.factors(quadratic, Phase(RATES))
    assert [row[0] for row in rows] == ["flat", "steep"]
    for row, curvature in zip(rows, (flat, steep), strict=True):
        told = [float(text.replace("−", "-")) for text in row[1:]]
        assert told == pytest.approx([curvature, *(1 - np.array(RATES) * curvature)], rel=5e-4)


def test_factors_of_momentum_swing_and_adam_has_none():
    quadratic = Quadratic.of(*POINTS)
    assert "swings, 0.949" in landscape.factors(quadratic, Phase(RATES, rule=Momentum()))[1][2]
    assert landscape.factors(quadratic, Phase(RATES, rule=Adam())) is None


def test_places_to_click_cover_the_box_and_differ_from_click_to_click():
    places = tables()["places"]
    for name, count in zip(("across", "up"), landscape.GRID, strict=True):
        assert np.unique(places[name]).tolist() == pytest.approx(np.linspace(0, 1, count))
    history = trained(POINTS, [Phase(RATES, 5)])
    later = rows(TITLES, Quadratic.of(*POINTS), history, turn=3)["places"]
    assert set(pa.ipc.open_stream(later).read_all()["turn"].to_pylist()) == {3}


@given(
    st.builds(
        data.make_line, SMALL, SMALL, st.integers(2, 30), st.floats(0, 1), st.integers(0, 99)
    ),
    SMALL,
    SMALL,
    st.sampled_from([1e-6, 0.5, 1.0, 5.0, 1e6]),
)
def test_nothing_that_is_not_finite_leaves_the_tables(line, weight, bias, share):
    points = line.x, line.y
    rate = share * Quadratic.of(*points).critical_learning_rate
    rates = tuple(np.clip([rate / 10, rate, 2 * rate], 1e-12, 1e6).tolist())
    for table in tables(points, Phase(rates, 60), weight, bias).values():
        for column in table.values():
            assert column.dtype.kind in "OUb" or np.isfinite(column).all()


def test_box_of_runs_that_start_in_the_minimum_has_a_size():
    quadratic = Quadratic.of([-1.0, 1.0], [1.0, 5.0])
    history = trained(([-1.0, 1.0], [1.0, 5.0]), [Phase(RATES, 10)], 2.0, 3.0)
    box = Box.of(quadratic, history)
    assert box.half_weight > 0
    assert box.half_bias > 0
