"""How a learning rate changes from step to step: as a multiple of the rate that was set.

Names, parameters and formulas are those of Keras's schedules. The multiples are plain numbers, made
here once for the trainer and the theory; exported scripts quote the functions that make them. A
schedule to be added is one class here, its name in `SCHEDULES`, and a test against whoever has it.
"""

from dataclasses import asdict, dataclass
from typing import ClassVar

import numpy as np

from linreg.checks import MAX_STEPS
from linreg.runs.hyperparameters import Hyperparameter, check, with_default

_DECAY_STEPS = Hyperparameter(1, MAX_STEPS, "Decay steps", "How many steps the decay takes.", 10)
_DECAY_RATE = Hyperparameter(
    1e-6, 1.0, "Decay rate", "What is left of the rate after each so many steps.", 0.05
)
_WARMUP_STEPS = Hyperparameter(
    0, MAX_STEPS, "Warm-up steps", "In how many steps the rate rises from 0.", 10
)


@dataclass(frozen=True)
class Constant:
    """The rate stays as it was set."""

    kind: ClassVar[str] = "constant"
    title: ClassVar[str] = "Constant"

    def __post_init__(self) -> None:
        """Refuse numbers that are not allowed."""
        check(self)

    def multiples(self, step: np.ndarray) -> np.ndarray:
        """Return by what the rate is multiplied in the update after each of these steps.

        Args:
            step: Whole numbers ≥ 0, counted from the start of the phase, shape (num_steps,).
        """
        return self.multiple(step, **asdict(self))

    @staticmethod
    def multiple(step):
        """Return 1, whatever the step."""
        return np.ones(np.shape(step))


@dataclass(frozen=True)
class ExponentialDecay(Constant):
    """The rate falls by the same factor in every step, to decay_rate after decay_steps.

    Source:
        `keras.optimizers.schedules.ExponentialDecay`.
    """

    kind = "exponential_decay"
    title = "Exponential decay"
    decay_steps: int = with_default(50, _DECAY_STEPS)
    decay_rate: float = with_default(0.5, _DECAY_RATE)

    @staticmethod
    def multiple(step, decay_steps, decay_rate):
        """Return decay_rate ** (step / decay_steps).

        Example:
            >>> ExponentialDecay(decay_steps=1).multiples(np.arange(4))
            array([1.   , 0.5  , 0.25 , 0.125])
        """
        return decay_rate ** (step / decay_steps)


@dataclass(frozen=True)
class StepDecay(ExponentialDecay):
    """The rate falls to a share of itself after every so many steps.

    Source:
        `keras.optimizers.schedules.ExponentialDecay(…, staircase=True)`.
    """

    kind = "step_decay"
    title = "Step decay"

    @staticmethod
    def multiple(step, decay_steps, decay_rate):
        """Return decay_rate ** floor(step / decay_steps).

        Example:
            >>> StepDecay(decay_steps=2).multiples(np.arange(5))
            array([1.  , 1.  , 0.5 , 0.5 , 0.25])
        """
        return decay_rate ** (step // decay_steps)


@dataclass(frozen=True)
class CosineDecay(Constant):
    """The rate falls along half a cosine to alpha times itself, after an optional warm-up from 0.

    Source:
        `keras.optimizers.schedules.CosineDecay`, its warm-up from 0 to the rate that was set.
    """

    kind = "cosine_decay"
    title = "Cosine decay"
    decay_steps: int = with_default(200, _DECAY_STEPS)
    alpha: float = with_default(
        0.0, Hyperparameter(0.0, 1.0, "Alpha", "What is left of the rate at the end: 0 to 1.", 0.05)
    )
    warmup_steps: int = with_default(0, _WARMUP_STEPS)

    @staticmethod
    def multiple(step, decay_steps, alpha, warmup_steps):
        """Return step / warmup_steps at first, then alpha + (1 - alpha) (1 + cos(π share)) / 2.

        Example:
            >>> CosineDecay(decay_steps=2).multiples(np.arange(4))
            array([1. , 0.5, 0. , 0. ])
        """
        share = np.clip((step - warmup_steps) / decay_steps, 0, 1)
        decayed = alpha + (1 - alpha) * (1 + np.cos(np.pi * share)) / 2
        return np.where(step < warmup_steps, step / max(warmup_steps, 1), decayed)


@dataclass(frozen=True)
class LinearWarmup(Constant):
    """The rate rises evenly from 0 to what was set, and stays there.

    Source:
        `keras.optimizers.schedules.PolynomialDecay` from 0, power 1, with the rate as its end.
    """

    kind = "linear_warmup"
    title = "Linear warm-up"
    warmup_steps: int = with_default(50, _WARMUP_STEPS)

    @staticmethod
    def multiple(step, warmup_steps):
        """Return step / warmup_steps, at most 1.

        Example:
            >>> LinearWarmup(warmup_steps=2).multiples(np.arange(4))
            array([0. , 0.5, 1. , 1. ])
        """
        return np.minimum((step + (warmup_steps == 0)) / max(warmup_steps, 1), 1.0)


Schedule = Constant
SCHEDULES: dict[str, type[Schedule]] = {
    one.kind: one for one in (Constant, StepDecay, ExponentialDecay, CosineDecay, LinearWarmup)
}
