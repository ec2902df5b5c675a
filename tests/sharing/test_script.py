"""Exported scripts and notebooks, run in a fresh process: they end where the page's runs ended."""

import json
import math
import re
import subprocess
import sys
from functools import cache, partial

import nbclient
import nbformat
import numpy as np
import pytest

from linreg import data
from linreg.data import samples
from linreg.data.scaling import Scaling
from linreg.runs.history import History
from linreg.runs.phases import Phase
from linreg.runs.rules import Adam, Momentum, Nesterov, RMSprop
from linreg.runs.schedules import CosineDecay, ExponentialDecay, LinearWarmup, StepDecay
from linreg.sharing import script
from linreg.sharing.script import Work
from tests.runs import trained

TITLES = ("Too small", "Good", "Too large")
RATES = 0.0047, 0.51, 0.82
RECIPE = {"weight": 0.1, "bias": 0.5, "noise": 0.01, "num_points": 100, "seed": 0}


def work(*phases, original=None, scale="raw", columns="x", seed=0):
    """Return what a script is made of: runs that TensorFlow has trained."""
    recipe = RECIPE if original is None else None
    original = original or data.make_line()
    scaling = Scaling.of(original.x, original.y, scale, columns)
    history = trained(scaling.points(original.x, original.y), phases, seed=seed)
    return Work(TITLES, original, recipe, scaling, history, seed)


def steep(num_points):
    """Return as many points of a reader's own."""
    rng = np.random.default_rng(1)
    x = rng.normal(3, 2, size=num_points)
    return data.Dataset(x, 2 * x - 1 + rng.normal(size=num_points), names=("a b", "=c"))


WORKS = {
    "plain": partial(work, Phase(RATES, 200)),
    "momentum": partial(work, Phase(RATES, 20, rule=Momentum(0.8))),
    "nesterov": partial(work, Phase(RATES, 20, rule=Nesterov())),
    "rmsprop": partial(work, Phase((0.001, 0.01, 0.3), 20, rule=RMSprop())),
    "adam": partial(
        work, Phase((0.001, 0.1, 1.0), 25, rule=Adam()), Phase((0.1,) * 3, 15, rule=Adam())
    ),
    "step_decay": partial(work, Phase(RATES, 25, schedule=StepDecay(10, 0.5))),
    "exponential_decay": partial(work, Phase(RATES, 25, schedule=ExponentialDecay(10, 0.5))),
    "cosine_decay": partial(work, Phase(RATES, 25, schedule=CosineDecay(15, 0.1, 7))),
    "linear_warmup": partial(work, Phase(RATES, 20, schedule=LinearWarmup(13))),
    "two phases": partial(work, Phase(RATES, 25, rule=Momentum()), Phase((0.1, 0.2, 0.3), 15)),
    "mini-batches": partial(
        work, Phase(RATES, 35, batch_size=30), Phase(RATES, 12, batch_size=7), seed=3
    ),
    "own data": partial(work, Phase((0.001, 0.05, 0.07), 25), original=steep(40)),
    "many points": partial(work, Phase((0.001, 0.05, 0.07), 25), original=steep(5_000)),
    "scaled": partial(
        work, Phase((0.01, 0.5, 1.1), 20), original=samples.load("wheat"), scale="standardised"
    ),
    "both scaled": partial(
        work,
        Phase((0.01, 0.4, 1.1), 20),
        original=samples.load("wheat"),
        scale="standardised",
        columns="xy",
    ),
    "compiled": partial(work, Phase(RATES, 2_001)),
    "overflow": partial(work, Phase((0.5, 1.0, 1e6), 100)),
}
# Their code is that of the scripts, which are all run.
EXECUTED = ["two phases"]


@cache
def made(name):
    """Return one of these works, trained once."""
    return WORKS[name]()


RUN_ALL = """
import contextlib, io, json, runpy, sys
told = {}
for path in sys.argv[1:]:
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        runpy.run_path(path)
    told[path] = out.getvalue()
print(json.dumps(told))
"""


def ends(printed: str) -> list[list[float]]:
    """Return the final weight, bias and loss of each run."""
    found = re.findall(r"^weight (\S+), bias (\S+), loss (\S+)$", printed, re.MULTILINE)
    return [[float(number) for number in line] for line in found]


def assert_same_ends(printed: str, history) -> None:
    """Check what was printed against the last record of each run, to 1e-6 relative.

    Where the true value is 0 rounding is left, 1e-16 of what it is left of: of the other parameter
    and the start, and of the loss at the start. So far below these two zeros are equal.
    """
    told = ends(printed)
    assert len(told) == len(TITLES)
    for run, line in enumerate(told):
        columns = history.weight, history.bias, history.loss
        first, last = ([float(part[run, k]) for part in columns] for k in (0, -1))
        size = max(1.0, *map(abs, (*first[:2], *filter(math.isfinite, last[:2]))))
        floors = 1e-12 * size, 1e-12 * size, 1e-12 * first[2]
        for number, wanted, floor in zip(line, last, floors, strict=True):
            assert number == pytest.approx(wanted, rel=1e-6, abs=floor, nan_ok=True)


@pytest.fixture(scope="module")
def printed(tmp_path_factory):
    """Run every script in one fresh process that knows nothing of this package."""
    folder = tmp_path_factory.mktemp("scripts")
    paths = {name: folder / f"{name.replace(' ', '_')}.py" for name in WORKS}
    for name, path in paths.items():
        path.write_text(script.script(made(name)), encoding="utf-8")
    command = [sys.executable, "-c", RUN_ALL, *map(str, paths.values())]
    ran = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300)
    assert ran.returncode == 0, ran.stderr
    told = json.loads(ran.stdout.splitlines()[-1])
    return {name: told[str(path)] for name, path in paths.items()}


@pytest.mark.parametrize("name", WORKS)
def test_script_ends_where_the_page_ends(printed, name):
    assert_same_ends(printed[name], made(name).history)


def test_script_prints_every_twentieth_step_as_the_lesson_does(printed):
    steps = re.findall(r"^Step (\d+), Loss: ", printed["plain"], re.MULTILINE)
    assert steps == [f"{step}" for step in range(0, 201, 20)] * 3


@pytest.mark.parametrize("name", WORKS)
def test_script_needs_nothing_but_tensorflow_and_numpy(name):
    text = script.script(made(name))
    imported = re.findall(r"^(?:import|from) (\S+)", text, re.MULTILINE)
    assert imported == ["numpy", "tensorflow"]
    assert "GradientTape" in text
    assert "assign" in text


@pytest.mark.parametrize("name", WORKS)
def test_script_says_what_the_page_showed(name):
    history = made(name).history
    assert f"weight {float(history.weight[1, -1])!r}" in script.script(made(name))


def test_script_does_not_quote_a_strangers_names():
    assert "=c" not in script.script(made("own data"))


def test_script_of_mini_batches_of_too_many_points_is_refused():
    many = steep(script.MAX_SHUFFLED + 1)
    with pytest.raises(ValueError, match="`batch_size` must be empty"):
        script.script(work(Phase(RATES, 2, batch_size=5), original=many))


def code_lines(text):
    """Return the lines of a program that are neither blank nor a comment."""
    return [line for line in text.splitlines() if line and not line.startswith("#")]


@pytest.mark.parametrize("name", WORKS)
def test_notebook_is_valid_and_its_code_is_the_script_s_line_by_line(name):
    notebook = nbformat.reads(script.notebook(made(name)), as_version=4)
    nbformat.validate(notebook)
    cells = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    lines = code_lines("\n".join(cells))
    assert len(lines) > 20
    assert lines == code_lines(script.script(made(name)))


@pytest.fixture(scope="module")
def noted(tmp_path_factory):
    """Execute these notebooks in one kernel, since most of a start is loading TensorFlow."""
    cells, own = [], {}
    for name in EXECUTED:
        own[name] = nbformat.reads(script.notebook(made(name)), as_version=4).cells
        for number, cell in enumerate(own[name]):
            cell.id = f"{len(cells)}-{number}"
        # Nothing is left of the one before.
        cells += [nbformat.v4.new_code_cell("%reset -f"), *own[name]]
    everything = nbformat.v4.new_notebook(cells=cells)
    path = str(tmp_path_factory.mktemp("notebooks"))
    nbclient.NotebookClient(
        everything, timeout=120, resources={"metadata": {"path": path}}
    ).execute()
    return {
        name: "".join(
            output.text
            for cell in cells
            if cell.cell_type == "code"
            for output in cell.outputs
            if output.output_type == "stream" and output.name == "stdout"
        )
        for name, cells in own.items()
    }


@pytest.mark.parametrize("name", EXECUTED)
def test_notebook_ends_where_the_page_ends(noted, name):
    assert_same_ends(noted[name], made(name).history)


@pytest.mark.parametrize(
    ("printed", "is_same"),
    [("inf", True), ("-inf", False), ("nan", False), ("1e308", False)],
)
def test_numbers_that_are_none_are_told_apart(printed, is_same):
    three = np.array([[1.0, np.inf]] * 3)
    history = History(Phase(0.1, 1), np.arange(2), three, three, three)
    lines = f"weight {printed}, bias inf, loss inf\n" * 3
    if is_same:
        assert_same_ends(lines, history)
    else:
        with pytest.raises(AssertionError):
            assert_same_ends(lines, history)
