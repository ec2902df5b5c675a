"""Who may import whom, read from the source: the map in `linreg/__init__.py` is the law."""

import ast
import re
from functools import cache
from pathlib import Path

from tests.conftest import LOADED

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "linreg"
FILES = {path.relative_to(PACKAGE).as_posix(): path for path in sorted(PACKAGE.rglob("*.py"))}
# A folder is one entry of the map, whatever files it holds.
MODULES = sorted({name.removesuffix(".py").split("/")[0] for name in FILES} - {"__init__"})
# What predicts and what measures: comparing the two is worth something only while neither sees the
# other. What both see (schedules, phases) is held against Keras or a loop by a test of its own.
THEORY = ("theory", "dynamics", "noise", "forecast")
TRAINER = ("training", "lesson", "rules", "batches")
PICTURES_AND_WORDS = (
    "charts",
    "fitbox",
    "frames",
    "markup",
    "verdict",
    "facts",
    "advice",
    "teaching",
)
PRODUCT = {"dashboard.py": ROOT / "dashboard.py"} | {f"linreg/{k}": v for k, v in FILES.items()}


@cache
def tree(path: Path) -> ast.Module:
    """Return a file as it is parsed, once."""
    return ast.parse(path.read_text(encoding="utf-8"))


def imported(node: ast.AST) -> set[str]:
    """Return what a statement imports: `package.module` for ours, names for others."""
    if isinstance(node, ast.Import):
        return {alias.name for alias in node.names}
    if isinstance(node, ast.ImportFrom):
        package = "linreg" if node.level else ""
        module = ".".join(filter(None, [package, node.module]))
        return {module, *(f"{module}.{alias.name}" for alias in node.names)}
    return set()


@cache
def imports(path: Path) -> set[str]:
    """Return all that a file imports, lazily too."""
    return {name for node in ast.walk(tree(path)) for name in imported(node)}


def packages(path: Path) -> set[str]:
    """Return the packages that a file imports from."""
    return {name.split(".")[0] for name in imports(path)}


@cache
def ours(name: str) -> set[str]:
    """Return the modules of linreg that a module of linreg imports."""
    paths = [path for file, path in FILES.items() if file.removesuffix(".py").split("/")[0] == name]
    found = {found for path in paths for found in imports(path) if found.startswith("linreg.")}
    return {full.split(".")[1] for full in found} & set(MODULES) - {name}


def seen_from(name: str) -> set[str]:
    """Return the modules of linreg that a module can see, through others too."""
    seen, left = set(), [name]
    while left:
        new = ours(left.pop()) - seen
        seen |= new
        left += new
    return seen


def importers(package: str) -> set[str]:
    """Return the files of the product that import from a package."""
    return {name for name, path in PRODUCT.items() if package in packages(path)}


def test_streamlit_is_imported_by_the_page_only():
    rest = importers("streamlit") - {"dashboard.py"}
    assert all(name.startswith("linreg/page/") for name in rest)


def test_altair_is_imported_by_the_charts_only():
    assert all(name.startswith("linreg/charts/") for name in importers("altair"))


def test_tensorflow_is_imported_by_the_trainers_only():
    trainers = importers("tensorflow") | importers("keras")
    assert "linreg/lesson.py" in trainers
    assert trainers <= {"linreg/lesson.py", "linreg/training.py", "linreg/rules.py"}


def test_reader_of_workbooks_is_imported_where_it_can_end_nobody_else():
    assert importers("python_calamine") == {"linreg/sheetrows.py"}
    assert not seen_from("sheetrows") - {"archives"}


def test_dashboard_is_imported_by_nobody():
    assert importers("dashboard") == set()


def test_page_is_imported_by_the_dashboard_only():
    assert {name for name in MODULES if "page" in ours(name)} == set()


def test_theory_and_trainer_cannot_see_each_other():
    for name in THEORY:
        assert not seen_from(name) & {*TRAINER, "worker"}, name
    for name in TRAINER:
        assert not seen_from(name) & set(THEORY), name


def test_schedules_pictures_and_words_cannot_see_the_trainer():
    assert not seen_from("schedules") & {*TRAINER, *THEORY}
    for name in PICTURES_AND_WORDS:
        assert not seen_from(name) & {*TRAINER, "worker"}, name


def test_tests_of_the_page_load_no_tensorflow_beside_the_worker():
    # Streamlit would collect all garbage after every run of a page: four times as slow.
    loading = {"tensorflow", "keras", "linreg.__main__", *(f"linreg.{name}" for name in TRAINER)}
    for path in (ROOT / "tests").glob("test_page*.py"):
        assert not imports(path) & loading, path.name


def test_package_imports_nothing_when_it_is_imported():
    assert imports(FILES["__init__.py"]) == set()


def test_map_names_every_module_once_and_each_imports_only_modules_above_it():
    text = ast.get_docstring(tree(FILES["__init__.py"]))
    order = re.findall(r"^    (\w+)  +\S", text, re.MULTILINE)
    assert sorted(order) == sorted(MODULES)
    for place, name in enumerate(order):
        assert ours(name) <= set(order[:place]), name


def test_every_module_says_in_its_first_line_what_it_is_for():
    for name, path in FILES.items():
        first = (ast.get_docstring(tree(path)) or "").partition("\n")[0]
        assert first.endswith((".", ":")), name


def undocumented(node: ast.AST, prefix: str = "") -> list[str]:
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
    for name, path in FILES.items():
        assert undocumented(tree(path)) == [], name


def test_collecting_the_tests_loads_no_tensorflow(request):
    assert request.config.stash[LOADED] == set()
