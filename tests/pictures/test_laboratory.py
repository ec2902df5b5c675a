"""The laboratory's expressions are the theory's closed form, told here by a reader of Vega's language."""

import math
import re

import numpy as np
import pyarrow as pa
import pytest

from linreg import data
from linreg.data import samples
from linreg.pictures import laboratory, ratemap
from linreg.pictures.arrow import PANEL
from linreg.pictures.laboratory import (
    EXPRESSIONS,
    HIGHEST,
    LEVELS,
    LOWEST,
    NUM_STEPS,
    OPENS,
    PANELS,
    ZONES,
    bar_data,
)
from linreg.runs.phases import Phase
from linreg.theory import Quadratic, sweep
from tests.runs import excess_losses, path_of

LESSON = data.make_line()
FUNCTIONS = {
    "pow": lambda base, power: math.copysign(1, base) ** power * abs(base) ** power,
    "log": math.log,
    "LN10": math.log(10),
    "abs": abs,
    "max": max,
    "min": min,
    "clamp": lambda value, low, high: max(low, min(high, value)),
}


def drawn(quadratic, share, start=(0.0, -1.0)):
    """Return the rows of the steps as the browser makes them of the tables, at a slider's place."""
    table = pa.ipc.open_stream(laboratory.rows(quadratic, start)["steps"]).read_all()
    rows = table.to_pylist()
    for row in rows:
        for name, text in EXPRESSIONS.items():
            code = re.sub(r"datum\.(\w+)", r"row['\1']", text).replace("&&", "and")
            row[name] = eval(code, FUNCTIONS | {"row": row, "share": share})
    return rows


@pytest.mark.parametrize("name", [None, "wheat", "anscombe_2"])
@pytest.mark.parametrize("share", [LOWEST, -1.0, -0.3, -0.1, 0.0, 0.01, HIGHEST])
def test_expressions_are_the_path_of_the_theory(name, share):
    line = samples.load(name) if name else LESSON
    quadratic = Quadratic.of(line.x, line.y)
    rows = drawn(quadratic, share)
    rate = quadratic.critical_learning_rate * 10**share
    path = path_of(quadratic, rate, np.arange(NUM_STEPS + 1))
    assert [row["loss"] for row in rows] == pytest.approx(path.loss.tolist(), rel=1e-6)
    near = [row for row in rows if abs(row["steep"]) < 60]
    assert len(near) > 3
    size = abs(quadratic.weight) + abs(quadratic.bias) + 1
    for row in near:
        step = int(row["step"])
        assert row["weight"] == pytest.approx(path.weight[step], rel=1e-6, abs=1e-6 * size)
        assert row["bias"] == pytest.approx(path.bias[step], rel=1e-6, abs=1e-6 * size)


def shown(rows, panel):
    """Return the rows drawn in a panel: to the first outside, which is cut at the edge."""
    out = next((k for k, row in enumerate(rows) if not row[f"in_{panel}"]), len(rows))
    return rows[: out + 1]


@pytest.mark.parametrize("share", [LOWEST, -0.3, 0.01, HIGHEST])
@pytest.mark.parametrize("name", [None, "wheat"])
def test_everything_drawn_stands_in_its_panel(name, share):
    line = samples.load(name) if name else LESSON
    rows = drawn(Quadratic.of(line.x, line.y), share)
    for left, panel in enumerate(PANELS):
        for row in shown(rows, panel):
            assert left - 1e-9 <= row[f"x_{panel}_cut"] <= left + PANEL + 1e-9
            assert -1e-9 <= row[f"y_{panel}_cut"] <= 1 + 1e-9


def test_run_that_stays_is_cut_nowhere():
    for row in drawn(Quadratic.of(LESSON.x, LESSON.y), -0.3):
        for panel in PANELS:
            assert row[f"in_{panel}"]
            for axis in "xy":
                place = row[f"{axis}_{panel}"]
                assert row[f"{axis}_{panel}_cut"] == pytest.approx(place, abs=1e-12)


def test_run_that_leaves_is_cut_at_the_edge_on_its_way():
    rows = drawn(
        Quadratic.of(LESSON.x, LESSON.y), HIGHEST
    )  # each step makes the error 3 times as large
    for left, panel in enumerate(PANELS):
        *inside, last = shown(rows, panel)
        assert not last[f"in_{panel}"]
        x, y = last[f"x_{panel}_cut"], last[f"y_{panel}_cut"]
        edges = x - left, left + PANEL - x, y, 1 - y
        assert min(edges) == pytest.approx(0, abs=1e-9)
        move = [last[f"{axis}_{panel}"] - inside[-1][f"{axis}_{panel}"] for axis in "xy"]
        done = [at - inside[-1][f"{axis}_{panel}"] for axis, at in (("x", x), ("y", y))]
        assert done[0] * move[1] == pytest.approx(done[1] * move[0], abs=1e-9)  # on one line
    path = Quadratic.of(LESSON.x, LESSON.y)
    loss = path_of(path, path.critical_learning_rate * 10**HIGHEST, np.arange(9)).loss
    first = int(np.argmax(loss > 100 * loss[0]))
    assert len(shown(rows, "loss")) == first + 1


def test_laboratory_opens_where_a_run_bounces_visibly():
    rows = drawn(Quadratic.of(LESSON.x, LESSON.y), OPENS)
    assert [np.sign(row["steep"]) == np.sign(rows[0]["steep"]) for row in rows[:6]] == [
        *(True, False) * 3
    ]
    assert 0.6 < abs(rows[1]["steep"] / rows[0]["steep"]) < 0.95


@pytest.mark.parametrize("name", [None, "wheat", "forbes"])
def test_every_contour_has_one_loss_and_ends_at_the_frame_alone(name):
    line = samples.load(name) if name else LESSON
    quadratic = Quadratic.of(line.x, line.y)
    tables = laboratory.rows(quadratic, (0.0, -1.0))
    rows = pa.ipc.open_stream(tables["contours"]).read_all().to_pydict()
    box = pa.ipc.open_stream(tables["steps"]).read_all().to_pylist()[0]
    x, y, piece = (np.array(rows[key]) for key in ("x", "y", "piece"))
    weight = box["low_weight"] + (x - 1) / PANEL * box["wide_weight"]
    bias = box["low_bias"] + y * box["wide_bias"]
    points = line.x, line.y
    initial = excess_losses(points, np.array([0.0]), np.array([-1.0]))[0]
    excess = excess_losses(points, weight, bias)
    expected = initial * np.array(LEVELS)[(piece // 1000).astype(int)]
    np.testing.assert_allclose(excess, expected, rtol=1e-3)
    assert set((piece // 1000).astype(int)) == set(range(len(LEVELS)))
    for one in np.unique(piece):
        at = np.flatnonzero(piece == one)
        ends = [min(x[k] - 1, 1 + PANEL - x[k], y[k], 1 - y[k]) for k in (at[0], at[-1])]
        is_whole = np.hypot(x[at[0]] - x[at[-1]], y[at[0]] - y[at[-1]]) < 1e-9
        first_or_last = at[0] == 0 or piece[at[0] - 1] // 1000 != one // 1000
        first_or_last |= (
            at[-1] == piece.size - 1
            or piece[min(at[-1] + 1, piece.size - 1)] // 1000 != one // 1000
        )
        assert is_whole or first_or_last or max(ends) < 1e-9


def test_zones_are_those_of_the_map():
    quadratic = Quadratic.of(LESSON.x, LESSON.y)
    phase = Phase(tuple(sweep.rates_around(0.7558).tolist()), 200)
    expected = sweep.predicted(quadratic, phase, 1e-3, (0.0, -1.0))
    made = ratemap.rows(
        ["a", "b", "c"], quadratic, phase, 1e-3, expected, expected, None, [], "left"
    )
    zones = pa.ipc.open_stream(made["zones"]).read_all()["zone"].to_pylist()
    # The map has room for their first words.
    assert zones == [zone.partition(",")[0] for zone in ZONES if zone != "bounces for ever"]


def test_slider_is_told_the_constants_of_the_theory():
    quadratic = Quadratic.of(LESSON.x, LESSON.y)
    told = bar_data(quadratic, (0.0, -1.0), 200)
    assert told["critical"] * told["steep"] == pytest.approx(2)
    path, rate = path_of(quadratic, 0.3, [0, 200]), 0.3
    left = [told["flat_loss"], 1 - told["flat_loss"]] @ (
        (1 - rate * np.array([told["flat"], told["steep"]])) ** 400
    )
    assert left == pytest.approx(
        (path.loss[1] - quadratic.loss) / (path.loss[0] - quadratic.loss), rel=1e-6
    )


@pytest.mark.parametrize("name", [None, "wheat"])
def test_ends_of_the_axes_are_labelled_with_what_stands_there(name):
    line = samples.load(name) if name else LESSON
    tables = laboratory.rows(Quadratic.of(line.x, line.y), (0.0, -1.0))
    box = pa.ipc.open_stream(tables["steps"]).read_all().to_pylist()[0]
    labels = pa.ipc.open_stream(tables["ends"]).read_all()["label"].to_pylist()
    assert {"step", "weight", "error ÷ initial", "0", "60"} <= set(labels)
    told = [float(label.rpartition(" ")[2].replace("−", "-")) for label in labels[3:5]]
    ends = [box["low_weight"], box["low_weight"] + box["wide_weight"]]
    assert told == pytest.approx(ends, rel=5e-3)
    loss = next(label for label in labels if label.startswith("loss "))
    assert float(loss[5:]) == pytest.approx(100 * np.mean((line.y + 1) ** 2), rel=5e-3)


def test_start_is_drawn_where_it_is():
    first = drawn(Quadratic.of(LESSON.x, LESSON.y), -0.3)[0]
    assert (first["weight"], first["bias"]) == pytest.approx((0.0, -1.0))
    assert first["loss"] == pytest.approx(np.mean((LESSON.y + 1) ** 2))
