"""`pip install .`: all files come along, and the public names load where there is no TensorFlow."""

import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

from tests import ROOT

LOADS_ALL = """
from importlib.util import find_spec
from linreg import data, theory, training
from linreg.data.samples import SAMPLES, load
assert find_spec("tensorflow") is None
for name in SAMPLES:
    points = load(name)
    print(name, theory.Quadratic.of(points.x, points.y).critical_learning_rate)
"""


def run(*words, cwd):
    """Run a command of this Python's, and return what it prints."""
    ran = subprocess.run([*map(str, words)], cwd=cwd, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


def test_wheel_holds_all_files_and_loads_every_sample_in_an_empty_environment(tmp_path):
    source, empty = tmp_path / "source", tmp_path / "empty"
    cached = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "linreg", source / "linreg", ignore=cached)
    for name in ("pyproject.toml", "requirements.txt", "README.md"):
        shutil.copy(ROOT / name, source)
    pip = sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"
    run(*pip, "wheel", "--no-deps", "--no-build-isolation", "-w", tmp_path, source, cwd=tmp_path)
    (wheel,) = tmp_path.glob("*.whl")
    run(sys.executable, "-m", "venv", "--without-pip", empty, cwd=tmp_path)
    (site,) = empty.glob("lib/*/site-packages")
    run(*pip, "install", "--no-deps", "--target", site, wheel, cwd=tmp_path)
    for name in ("numpy", "numpy.libs"):  # the one package that a sample needs
        if (here := Path(sysconfig.get_path("purelib"), name)).exists():
            (site / name).symlink_to(here)
    told = run(empty / "bin" / "python", "-I", "-c", LOADS_ALL, cwd=tmp_path).splitlines()
    assert len(told) == len(set(told)) >= 8

    def held(folder):
        found = (path.relative_to(folder) for path in (folder / "linreg").rglob("*"))
        return {path for path in found if path.suffix and path.suffix != ".pyc"}

    assert held(site) == held(ROOT)
