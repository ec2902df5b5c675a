"""How a learning rate changes from step to step: as a multiple of the rate that was set.

Names, parameters and formulas are those of Keras's schedules. The multiples are plain numbers, made
here once for the trainer and the theory; a test holds them against Keras's own.
"""

from dataclasses import dataclass, fields
from typing import ClassVar

import numpy as np

from linreg import checks


@dataclass(frozen=True)
class Constant:
    """The rate stays as it was set."""

    kind: ClassVar[str] = "constant"
    title: ClassVar[str] = "Constant"

    def __post_init__(self) -> None:
        for field in fields(self):
            checks.parameter(field.name, getattr(self, field.name))

    def multiples(self, step: np.ndarray) -> np.ndarray:
        """Return by what the rate is multiplied in the update after each of these steps.

        Args:
            step: Whole numbers ≥ 0, counted from the start of the phase, shape (num_steps,).
        """
        return np.ones(step.shape)


@dataclass(frozen=True)
class ExponentialDecay(Constant):
    """The rate falls by the same factor in every step, to decay_rate after decay_steps.

    Source:
        `keras.optimizers.schedules.ExponentialDecay`.
    """

    kind: ClassVar[str] = "exponential_decay"
    title: ClassVar[str] = "Exponential decay"
    decay_steps: int = 50
    decay_rate: float = 0.5

    def multiples(self, step: np.ndarray) -> np.ndarray:
        """Return decay_rate ** (step / decay_steps).

        Example:
            >>> ExponentialDecay(decay_steps=1).multiples(np.arange(4))
            array([1.   , 0.5  , 0.25 , 0.125])
        """
        return self.decay_rate ** (step / self.decay_steps)


@dataclass(frozen=True)
class StepDecay(ExponentialDecay):
    """The rate falls to a share of itself after every so many steps.

    Source:
        `keras.optimizers.schedules.ExponentialDecay(…, staircase=True)`.
    """

    kind: ClassVar[str] = "step_decay"
    title: ClassVar[str] = "Step decay"

    def multiples(self, step: np.ndarray) -> np.ndarray:
        """Return decay_rate ** floor(step / decay_steps).

        Example:
            >>> StepDecay(decay_steps=2).multiples(np.arange(5))
            array([1.  , 1.  , 0.5 , 0.5 , 0.25])
        """
        return self.decay_rate ** (step // self.decay_steps)


@dataclass(frozen=True)
class CosineDecay(Constant):
    """The rate falls along half a cosine to alpha times itself, after an optional warm-up from 0.

    Source:
        `keras.optimizers.schedules.CosineDecay`, its warm-up from 0 to the rate that was set.
    """

    kind: ClassVar[str] = "cosine_decay"
    title: ClassVar[str] = "Cosine decay"
    decay_steps: int = 200
    alpha: float = 0.0
    warmup_steps: int = 0

    def multiples(self, step: np.ndarray) -> np.ndarray:
        """Return step / warmup_steps at first, then alpha + (1 - alpha) (1 + cos(π share)) / 2.

        Example:
            >>> CosineDecay(decay_steps=2).multiples(np.arange(4))
            array([1. , 0.5, 0. , 0. ])
        """
        share = np.clip((step - self.warmup_steps) / self.decay_steps, 0, 1)
        decayed = self.alpha + (1 - self.alpha) * (1 + np.cos(np.pi * share)) / 2
        return np.where(step < self.warmup_steps, step / max(self.warmup_steps, 1), decayed)


@dataclass(frozen=True)
class LinearWarmup(Constant):
    """The rate rises evenly from 0 to what was set, and stays there.

    Source:
        `keras.optimizers.schedules.PolynomialDecay` from 0, power 1, with the rate as its end.
    """

    kind: ClassVar[str] = "linear_warmup"
    title: ClassVar[str] = "Linear warm-up"
    warmup_steps: int = 50

    def multiples(self, step: np.ndarray) -> np.ndarray:
        """Return step / warmup_steps, at most 1.

        Example:
            >>> LinearWarmup(warmup_steps=2).multiples(np.arange(4))
            array([0. , 0.5, 1. , 1. ])
        """
        return np.minimum(step / max(self.warmup_steps, 1), 1.0) if self.warmup_steps else step**0.0


Schedule = Constant
SCHEDULES: dict[str, type[Schedule]] = {
    one.kind: one for one in (Constant, StepDecay, ExponentialDecay, CosineDecay, LinearWarmup)
}
