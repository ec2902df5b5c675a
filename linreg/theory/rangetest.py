"""The learning-rate range test: the loss while the rate grows, and what three known rules make of it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from linreg.runs.rules import Plain
from linreg.theory.dynamics import Dynamics
from linreg.theory.quadratic import Quadratic

NUM_STEPS = 100
LOWEST, HIGHEST = 1e-7, 10.0  # times 1.32 the critical rate, as on the lesson's data
STOP = 4.0  # times the least loss so far: there the test ends
SMOOTH = 0.98  # share that a mean of the losses keeps from step to step, as in fastai


@dataclass(frozen=True, eq=False)
class RangeTest:
    """One run whose rate grows from step to step; the test ends where the losses explode."""

    learning_rates: np.ndarray  # of each step, ascending, shape (num_steps,)
    losses: np.ndarray  # smoothed, likewise

    def suggestions(self) -> dict[str, float]:
        """Return the rate that each known rule suggests, by its name.

        Source:
            L. N. Smith, “Cyclical Learning Rates for Training Neural Networks” (2017),
            arXiv:1506.01186; the rules as in fastai's `lr_find`: steep, minimum, valley.
        """
        slope = np.diff(self.losses) / np.diff(np.log(self.learning_rates))
        return {
            "steepest": float(self.learning_rates[np.argmin(slope)]),
            "minimum ÷ 10": float(self.learning_rates[np.argmin(self.losses)] / 10),
            "valley": float(self.learning_rates[_valley(self.losses)]),
        }


def range_test(quadratic: Quadratic, start: Sequence[float]) -> RangeTest:
    """Return the range test from a start: predicted exactly, a rate that grows being a schedule."""
    scale = quadratic.critical_learning_rate / 0.756
    rates = scale * np.geomspace(LOWEST, HIGHEST, NUM_STEPS)
    dynamics = Dynamics(quadratic, Plain())
    states = dynamics.through(
        np.array([1.0]), dynamics.rest(1, start), np.arange(1, NUM_STEPS), rates
    )
    with np.errstate(over="ignore", invalid="ignore"):
        *_, (after,) = quadratic.at(np.swapaxes(states[..., 0], 1, 2))
    first = quadratic.loss + float(quadratic.excess_loss(*start))
    losses = _smoothed(np.concatenate([[first], after]))
    exploded = ~(losses <= STOP * np.minimum.accumulate(losses))
    end = int(np.argmax(exploded)) if exploded.any() else NUM_STEPS
    return RangeTest(rates[:end], losses[:end])


def _smoothed(losses: np.ndarray) -> np.ndarray:
    """Return the mean of the losses so far, the later the heavier."""
    mean, made = 0.0, []
    for k, loss in enumerate(losses.tolist(), 1):
        mean = SMOOTH * mean + (1 - SMOOTH) * loss
        made.append(mean / (1 - SMOOTH**k))
    return np.array(made)


def _valley(losses: np.ndarray) -> int:
    """Return a place two thirds, less a sixth, down the longest run of ever smaller losses."""
    longest = np.ones(losses.size, dtype=int)
    for i in range(1, losses.size):
        longest[i] = 1 + max(longest[:i][losses[i] < losses[:i]], default=0)
    end = int(np.argmax(longest))
    start = end - int(longest[end])
    section = (end - start) / 3
    return max(start + int(section) + int(section / 2), 0)
