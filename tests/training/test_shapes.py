"""What a training has to have compiled: as many functions as TensorFlow really compiles."""

import numpy as np
import pytest

from linreg import data
from linreg.runs.phases import Phase
from linreg.runs.rules import Adam, Momentum
from linreg.runs.schedules import CosineDecay, StepDecay
from linreg.training import shapes
from tests.later import training

LINE = data.make_line()
RATES = (0.005, 0.3, 0.4)


def shapes_called(monkeypatch, phases):
    """Return the shapes of the arrays that the trainer really calls its functions with."""
    seen = set()
    compiled = training._compiled

    def watched(kind):
        def call(*tensors):
            seen.add((kind, *(tuple(tensor.shape) for tensor in tensors)))
            return compiled(kind)(*tensors)

        return call

    monkeypatch.setattr("linreg.training.trainer._compiled", watched)
    training.train_phases(LINE.x, LINE.y, phases, is_detailed=True)
    return seen


@pytest.mark.parametrize(
    "phases",
    [
        [Phase(RATES, 200)],
        [Phase(RATES, 150), Phase(RATES, 200)],
        [Phase(RATES, 150), Phase(RATES, 201)],
        [Phase(RATES, 2_000_000)],
        [Phase(RATES, 50_000, schedule=CosineDecay())],
        [Phase(RATES, 200, batch_size=10), Phase(RATES, 10)],
        [Phase(RATES, 3_000, Momentum(0.5), StepDecay(), 10), Phase(RATES, 30_000, batch_size=1)],
        [Phase(RATES, 100, Adam()), Phase(RATES, 100, Adam(), CosineDecay()), Phase(RATES, 100)],
        [Phase(np.geomspace(1e-3, 0.7, 256), 100)],
    ],
)
def test_as_many_functions_are_needed_as_the_trainer_calls_with_other_shapes(monkeypatch, phases):
    assert len(shapes.needed(phases)) == len(shapes_called(monkeypatch, phases))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (Phase(RATES, 10), Phase((0.5, 1.0, 2.0), 200)),
        (Phase(RATES, 10, Momentum(0.1)), Phase(RATES, 200, Momentum(0.9))),
        (Phase(RATES, 10, batch_size=3), Phase(RATES, 200, batch_size=30)),
    ],
)
def test_other_numbers_need_no_other_function(one, other):
    assert shapes.needed([one]) == shapes.needed([other])
