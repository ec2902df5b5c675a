"""The law of the house, read from the source: who may import whom, and that everything says why."""

import ast
import re
import subprocess
import sys
from functools import cache
from graphlib import CycleError, TopologicalSorter

import pytest

import linreg
from tests import ROOT
from tests.conftest import LOADED

GROUND = {"checks", "words"}
# A room and the rooms below it. Theory predicts and training measures: comparing the two is worth
# something only while neither sees the other.
BELOW = {
    "checks": set(),
    "words": set(),
    "data": GROUND,
    "runs": GROUND | {"data"},
    "theory": GROUND | {"data", "runs"},
    "training": GROUND | {"data", "runs"},
    "telling": GROUND | {"data", "runs", "theory"},
    "pictures": GROUND | {"data", "runs", "theory"},
    "sharing": GROUND | {"data", "runs", "theory", "telling", "pictures"},
    "page": GROUND | {"data", "runs", "theory", "training", "telling", "pictures", "sharing"},
    "__main__": GROUND | {"data", "runs", "theory", "training", "telling", "sharing"},
    "dashboard": GROUND | {"data", "runs", "theory", "telling", "pictures", "sharing", "page"},
}
ONLY = {  # what no room but these may ever load
    "streamlit": {"page", "dashboard"},
    "altair": {"pictures"},
    "tensorflow": {"training"},
    "keras": {"training"},
    "loky": {"training", "sharing"},
    "distributed": {"training"},
}
MOST = 13  # modules of one folder
BOOKS = "linreg.data.files.books"


@cache
def tree(path):
    """Return a file as it is parsed, once."""
    return ast.parse(path.read_text(encoding="utf-8"))


def imported(path):
    """Return all that a file imports, lazily too: modules, and names that may be modules."""
    found = set()
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


def modules(root):
    """Return the product's files by the names of their modules."""
    paths = [root / "dashboard.py", *sorted((root / "linreg").rglob("*.py"))]
    parts = [path.relative_to(root).with_suffix("").parts for path in paths]
    names = [".".join(part).removesuffix(".__init__") for part in parts]
    return dict(zip(names, paths, strict=True))


def room(name):
    """Return the room of a module; None of the package itself."""
    first, *rest = name.split(".")
    return first if first == "dashboard" else rest[0] if rest else None


def breaches(root):
    """Return each import that the law forbids, in words."""
    told = []
    for name, path in modules(root).items():
        here = room(name)
        for other in sorted(imported(path)):
            first = other.partition(".")[0]
            there = room(other) if first in ("linreg", "dashboard") else None
            if there not in (None, here) and there not in BELOW.get(here, ()):
                told.append(f"{name} imports {other}")
            if here not in ONLY.get(first, {here}):
                told.append(f"{name} imports {other}")
    return told


def test_rooms_import_only_rooms_below_them():
    assert set(BELOW) == {room(name) for name in modules(ROOT)} - {None}
    assert breaches(ROOT) == []


@pytest.mark.parametrize(
    ("file", "line"),
    [
        ("theory/quadratic.py", "from linreg import training"),
        ("training/trainer.py", "from linreg.theory import Quadratic"),
        ("telling/facts.py", "import linreg.pictures.ratemap"),
        ("data/line.py", "from linreg.runs.phases import Phase"),
        ("checks.py", "from linreg.words import number"),
        ("sharing/kept.py", "def later():\n    import streamlit"),
        ("page/session/runs.py", "from keras.optimizers import SGD"),
        ("runs/phases.py", "import dashboard"),
    ],
)
def test_law_notices_a_line_that_breaks_it(tmp_path, file, line):
    (tmp_path / "dashboard.py").touch()
    path = tmp_path / "linreg" / file
    path.parent.mkdir(parents=True)
    path.write_text(line, encoding="utf-8")
    assert breaches(tmp_path)


FLOORS = ("browser", "html", "server", "session", "controls", "parts")  # of the page, from below


def test_floors_of_the_page_import_only_floors_below_them():
    def floor(name):
        parts = name.split(".")
        return FLOORS.index(parts[2]) if parts[:2] == ["linreg", "page"] and parts[2:] else -1

    for name, path in modules(ROOT).items():
        for other in imported(path):
            assert floor(other) <= floor(name) or name == "dashboard", (name, other)


def test_no_modules_import_each_other_in_a_circle():
    files = modules(ROOT)
    seen = {name: (imported(path) & files.keys()) - {name} for name, path in files.items()}
    TopologicalSorter(seen).prepare()
    with pytest.raises(CycleError):
        TopologicalSorter(seen | {"linreg.words": {"dashboard"}}).prepare()


def alone(script):
    """Run a line in a fresh process, and return what it prints."""
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=ROOT)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


def test_reader_of_workbooks_loads_nothing_else_and_nobody_else_loads_the_library():
    loading = {name for name, path in modules(ROOT).items() if "python_calamine" in imported(path)}
    assert loading == {f"{BOOKS}.sheetrows"}
    loaded = alone(f"import sys, {BOOKS}.sheetrows; print(*sys.modules)").split()
    folders = {"linreg", "linreg.data", "linreg.data.files", BOOKS}
    assert {name for name in loaded if name.startswith("linreg")} - folders == {
        f"{BOOKS}.sheetrows",
        f"{BOOKS}.archives",
    }
    assert not {"numpy", "pyarrow"} & set(loaded)


def test_public_rooms_are_there_without_tensorflow():
    loaded = alone(
        "import sys; from linreg import data, theory, training; "
        "data.make_line, theory.Quadratic; print(*sys.modules)"
    )
    assert not {"tensorflow", "keras"} & set(loaded.split())


def test_tests_of_the_page_load_no_tensorflow_beside_the_worker():
    # Streamlit would collect all garbage after every run of a page: four times as slow.
    loading = {"tensorflow", "keras", "linreg.__main__", "linreg.training.trainer"}
    loading |= {"linreg.training", "linreg.training.train", "linreg.training.train_phases"}
    for path in (ROOT / "tests" / "page").glob("*.py"):
        assert not imported(path) & loading, path.name


def test_map_names_every_room():
    rooms = re.findall(r"^    (\w+)  +\S", linreg.__doc__, re.MULTILINE)
    assert sorted(rooms) == sorted(BELOW.keys() - {"dashboard"})


def test_no_folder_holds_more_than_one_can_take_in():
    for folder in {path.parent for path in (ROOT / "linreg").rglob("*.py")}:
        held = {path.stem for path in folder.glob("*.py")} - {"__init__"}
        assert len(held) <= MOST, folder


def test_every_module_says_in_its_first_line_what_it_is_for():
    for name, path in modules(ROOT).items():
        first = (ast.get_docstring(tree(path)) or "").partition("\n")[0]
        assert first.endswith((".", ":")), name


def undocumented(node, prefix=""):
    """Return the public classes, methods and functions without a docstring."""
    found = []
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, ast.ClassDef | ast.FunctionDef) or child.name.startswith("_"):
            continue
        if not ast.get_docstring(child):
            found.append(prefix + child.name)
        if isinstance(child, ast.ClassDef):
            found += undocumented(child, f"{child.name}.")
    return found


def test_public_functions_and_classes_have_a_docstring():
    for name, path in modules(ROOT).items():
        assert undocumented(tree(path)) == [], name


def test_collecting_the_tests_loads_no_tensorflow(request):
    assert request.config.stash[LOADED] == set()
