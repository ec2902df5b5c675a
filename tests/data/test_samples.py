"""The public data sets: the published figures, and what they are said to teach."""

import csv
import subprocess
import sys

import numpy as np
import pytest

from linreg.data import samples
from linreg.data.samples import SAMPLES, load
from linreg.theory import Quadratic
from tests import ROOT
from tests.later import training

QUARTET = [name for name in SAMPLES if name.startswith("anscombe")]


def published(name: str) -> np.ndarray:
    """Return a set's figures as they stand in its file, shape (2, num_points)."""
    sample = SAMPLES[name]
    with (samples.FOLDER / sample.file).open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return np.array([[float(row[column]) for row in rows] for column in sample.columns])


@pytest.mark.parametrize("name", SAMPLES)
def test_sample_has_the_published_figures(name):
    line = load(name)
    x, y = published(name)
    assert line.x.tolist() == x.tolist()
    if name in QUARTET:  # published to two decimals
        assert np.array_equal(np.round(line.y, 2), y)
        assert np.abs(line.y - y).max() < 0.002
    else:
        assert line.y.tolist() == y.tolist()


@pytest.mark.parametrize("name", SAMPLES)
def test_sample_says_what_it_teaches_and_where_it_is_from(name):
    sample = SAMPLES[name]
    assert sample.lesson.endswith(".")
    assert any(year.isdigit() for year in sample.source.replace("(", " ").replace(")", " ").split())


def test_anscombes_four_have_the_same_six_sums():
    sums = [
        [x.size, x.sum(), x @ x, y.sum(), x @ y, y @ y]
        for x, y in ((load(name).x, load(name).y) for name in QUARTET)
    ]
    np.testing.assert_allclose(sums, [sums[0]] * 4, rtol=1e-13)
    # and those are Anscombe's own: y = 3 + 0.5 x
    assert np.polyfit(load(QUARTET[0]).x, load(QUARTET[0]).y, 1) == pytest.approx(
        [0.5, 3], abs=2e-3
    )


def test_anscombes_four_train_alike_and_look_unlike():
    runs = [training.train(load(n).x, load(n).y, [1e-4, 0.01, 0.0109], 500) for n in QUARTET]
    for run in runs[1:]:
        np.testing.assert_allclose(run.weight, runs[0].weight, rtol=1e-9)
        np.testing.assert_allclose(run.loss, runs[0].loss, rtol=1e-9)
    assert len({tuple(load(name).y.round(1)) for name in QUARTET}) == 4


@pytest.mark.parametrize(
    ("name", "low", "high"),
    [
        ("old_faithful", 158, 160),
        ("wheat", 1e9, 2e9),
        ("forbes", 1e7, 1e8),
        ("telephone", 1e11, 1e12),
    ],
)
def test_condition_number_is_what_the_lesson_says(name, low, high):
    x, y = published(name)
    mean, square = x.mean(), (x * x).mean()
    values = np.linalg.eigvalsh(
        2 * np.array([[square, mean], [mean, 1]], dtype=np.longdouble).astype(float)
    )
    assert low < Quadratic.of(x, y).condition_number < high
    if name == "old_faithful":  # of the others NumPy's small eigenvalue is rounding
        assert Quadratic.of(x, y).condition_number == pytest.approx(values[1] / values[0], rel=1e-9)


def test_six_wrong_rows_move_the_line_of_the_telephone_calls():
    x, y = published("telephone")
    wrong = (x >= 1964) & (x <= 1969)
    with_them, without = np.polyfit(x, y, 1)[0], np.polyfit(x[~wrong], y[~wrong], 1)[0]
    assert wrong.sum() == 6
    assert with_them > 3.8 * without


ADDED = """
import sys
from pathlib import Path
from linreg.data import samples

samples.FOLDER = Path(sys.argv[1])
samples.SAMPLES["mine"] = samples.Sample(
    "My own", "mine.csv", ("a", "b"), "It teaches much.", "Measured."
)  # all that adding it takes

from linreg.page.session.problems import public_problem
from linreg.sharing import settings
from linreg.sharing.result import data_in_words

values, _, problems = settings.read({"data": "mine"})
assert (values, problems) == ({"data": "mine"}, [])
problem = public_problem(values)
assert problem.points.names == ("a", "b")
assert (problem.quadratic.weight, problem.quadratic.bias) == (2.0, 1.0)
assert settings.SETTINGS["data"].options["mine"] == "My own"
assert data_in_words(values) == "mine"
"""


def test_data_set_is_added_by_a_file_and_an_entry(tmp_path):
    (tmp_path / "mine.csv").write_text("a,b\n0,1\n1,3\n2,5\n", encoding="utf-8")
    ran = subprocess.run(
        [sys.executable, "-c", ADDED, tmp_path], cwd=ROOT, text=True, stderr=subprocess.PIPE
    )
    assert ran.returncode == 0, ran.stderr[-2000:]
