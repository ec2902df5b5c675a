"""A rule is one class: its step in plain arithmetic is what trains, and a new one is known everywhere."""

import subprocess
import sys
from dataclasses import astuple

import numpy as np
import pytest

from linreg import data
from linreg.runs.phases import Phase
from linreg.runs.rules import RULES
from tests import ROOT
from tests.runs import trained

LINE = data.make_line()


@pytest.mark.parametrize("kind", RULES.values(), ids=RULES)
def test_step_taken_with_numpy_is_the_one_that_tensorflow_takes(kind):
    rate = 0.3 if kind.is_linear else 0.003
    line, memory = np.array([0.0, -1.0]), (np.zeros(2),) * len(kind.memories)
    path = [line]
    for made in range(1, 101):
        residual = line[0] * LINE.x + line[1] - LINE.y
        gradient = 2 * np.array([np.mean(residual * LINE.x), np.mean(residual)])
        change, *memory = kind.step(gradient, rate, made, *memory, *astuple(kind()))
        line = line + change
        path.append(line)
    history = trained((LINE.x, LINE.y), [Phase(rate, 100, kind())])
    measured = np.stack([history.weight[0], history.bias[0]], axis=-1)
    np.testing.assert_allclose(measured, path, rtol=1e-11)


ADDED = '''
from dataclasses import dataclass
from typing import ClassVar
import numpy as np
from linreg.runs import rules
from linreg.runs.hyperparameters import Hyperparameter, with_default


@dataclass(frozen=True)
class Signed(rules.Plain):
    """As far as the rate says, whichever way the mean of the gradients points."""

    kind: ClassVar[str] = "signed"
    title: ClassVar[str] = "Signed"
    is_linear: ClassVar[bool] = False
    memories: ClassVar[dict[str, str]] = {"mean": "m"}
    keep: float = with_default(0.5, Hyperparameter(0.0, 0.9, "Keep", "How much of it stays.", 0.1, "k"))

    @staticmethod
    def step(gradient, rate, made, mean, keep):
        """Return the rate with the sign of m, after m ← k·m + (1 - k)·g."""
        mean = keep * mean + (1 - keep) * gradient
        return -rate * mean / (mean**2) ** 0.5, mean


rules.RULES["signed"] = Signed  # all that adding it takes

from linreg import data, training
from linreg.data.scaling import Scaling
from linreg.runs import Phase
from linreg.sharing import settings
from linreg.sharing.script import Work, script
from linreg.telling import verdict
from linreg.telling.formulas import update
from linreg.telling.told import tell
from linreg.theory.noise import BatchNoise

values, _, problems = settings.read({"rule": "signed", "keep": "0.25", "num_steps": "60"})
assert (settings.rule(values), problems) == (Signed(0.25), [])
assert settings.write(values, [], set())["keep"] == "0.25"
refused = settings.read({"rule": "signed", "keep": "1"})[2]
assert "`keep` in the address must be a number between 0 and 0.9" in refused[0]

line = data.make_line()
phase = settings.phase(values, {"too_small": 1e-4, "good": 0.01, "too_large": 0.3}, 100)
history = training.train_phases(line.x, line.y, [phase])
at, mean = np.array([0.0, -1.0]), np.zeros(2)
for _ in range(60):
    residual = at[0] * line.x + at[1] - line.y
    mean = 0.25 * mean + 0.75 * 2 * np.array([np.mean(residual * line.x), np.mean(residual)])
    at = at - 0.01 * np.sign(mean)
assert np.allclose([history.weight[1, -1], history.bias[1, -1]], at, rtol=1e-12)

told = tell(BatchNoise.of(line.x, line.y), (phase,), [0.0, -1.0], history)
assert len(told.verdicts) == 3
lines, _ = update("w", Signed(), 1.0, np.array([2.0]), np.array([0.1]))
assert lines[0].startswith("m ← k·m + (1 − k)·g = 0.5 · 0 + (1 − 0.5) · (2) = <b>1</b>")

work = Work(("a", "b", "c"), line, None, Scaling(), history, 0)
printed = []
exec(script(work), {"print": lambda *words: printed.append(" ".join(words)), "__name__": "made"})
last = [one for one in printed if one.startswith("weight ")][1]
assert f"weight {at[0]:.9g}"[:14] in last, (last, at)
'''


def test_rule_is_added_by_one_class_alone(tmp_path):
    file = tmp_path / "added.py"
    file.write_text(ADDED, encoding="utf-8")
    ran = subprocess.run(
        [sys.executable, file],
        cwd=ROOT,
        env={"PYTHONPATH": str(ROOT)},
        text=True,
        stderr=subprocess.PIPE,
    )
    assert ran.returncode == 0, ran.stderr[-2000:]
