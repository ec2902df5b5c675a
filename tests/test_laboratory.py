"""The laboratory's expressions are the theory's closed form, told here by a reader of Vega's language."""

import math
import re

import numpy as np
import pyarrow as pa
import pytest

from linreg import data, samples
from linreg.laboratory import EXPRESSIONS, HIGHEST, LOWEST, NUM_STEPS, laboratory_tables
from linreg.theory import Quadratic

LESSON = data.make_line()
FUNCTIONS = {
    "pow": lambda base, power: math.copysign(1, base) ** power * abs(base) ** power,
    "log": math.log,
    "LN10": math.log(10),
    "abs": abs,
    "clamp": lambda value, low, high: max(low, min(high, value)),
}


def drawn(quadratic, share, start=(0.0, -1.0)):
    """Return the rows of the steps as the browser makes them of the tables, at a slider's place."""
    table = pa.ipc.open_stream(laboratory_tables(quadratic, start)["steps"]).read_all()
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
    path = quadratic.path(rate, np.arange(NUM_STEPS + 1))
    assert [row["loss"] for row in rows] == pytest.approx(path.loss.tolist(), rel=1e-6)
    near = [row for row in rows if abs(row["steep"]) < 60]
    assert len(near) > 3
    size = abs(quadratic.weight) + abs(quadratic.bias) + 1
    for row in near:
        step = int(row["step"])
        assert row["weight"] == pytest.approx(path.weight[step], rel=1e-6, abs=1e-6 * size)
        assert row["bias"] == pytest.approx(path.bias[step], rel=1e-6, abs=1e-6 * size)


@pytest.mark.parametrize("share", [LOWEST, -0.3, HIGHEST])
def test_everything_drawn_stands_in_its_panel(share):
    for row in drawn(Quadratic.of(LESSON.x, LESSON.y), share):
        assert 0 <= row["x_loss"] <= 1
        assert 0 <= row["y_loss"] <= 1
        if row["in_path"]:
            assert 1 <= row["x_path"] <= 2
        if row["in_bowl"]:
            assert 2 <= row["x_bowl"] <= 3
            assert 0 <= row["y_bowl"] <= 1


def test_start_is_drawn_where_it_is():
    first = drawn(Quadratic.of(LESSON.x, LESSON.y), -0.3)[0]
    assert (first["weight"], first["bias"]) == pytest.approx((0.0, -1.0))
    assert first["loss"] == pytest.approx(np.mean((LESSON.y + 1) ** 2))
