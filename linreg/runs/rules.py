"""The update rules, one class each: its numbers, what it remembers, and its step, as Keras steps.

A step is written once, in plain arithmetic. TensorFlow traces it, tests run it with NumPy, exported
scripts quote it, and "One step" tells it with its numbers (`telling.formulas`, which reads it: one
assignment a line, and what is returned in the last). A rule to be added is one class here, its name
in `RULES`, and a test against whoever else has it.

A step takes, of one parameter: the gradient; the learning rate; how many steps the rule has made,
this one counted; what it remembers, in the order of `memories`, 0 at first; its own numbers, in the
order of its fields. It returns what is added to the parameter, and the memories after it.
"""

from dataclasses import dataclass
from typing import ClassVar

from linreg.runs.hyperparameters import Hyperparameter, check, with_default

_MOMENTUM = Hyperparameter(
    0.0, 0.999, "Momentum", "The share of its velocity that a step keeps: 0 to 0.999.", 0.05, "β"
)
_LASTS = "How long the mean of the {} remembers: 0 to 0.9999."
_BETA_2 = Hyperparameter(
    0.0, 0.99999, "Beta 2", "Likewise of their squares: 0 to 0.99999.", 0.001, "β₂"
)
_EPSILON = Hyperparameter(1e-12, 1.0, "Epsilon", "Keeps a division from being one by 0.", 1e-7, "ε")


@dataclass(frozen=True)
class Plain:
    """Gradient descent as taught: the gradient, times the rate.

    Source:
        `keras.optimizers.SGD`.
    """

    kind: ClassVar[str] = "plain"  # its name in addresses, files and on the command line
    title: ClassVar[str] = "Plain gradient descent"  # on the page
    # Whether a step is a linear map of the gradient and of what is remembered, so that the theory
    # foretells it; of any other rule only what it did is known.
    is_linear: ClassVar[bool] = True
    memories: ClassVar[dict[str, str]] = {}  # of each parameter, by name, with letters in formulas
    letters: ClassVar[dict[str, str]] = {}  # likewise of what its step works out on the way
    remark: ClassVar[str] = ""  # what these letters stand for

    def __post_init__(self) -> None:
        """Refuse numbers that are not allowed."""
        check(self)

    @staticmethod
    def step(gradient, rate, made):
        """Return -η·g."""
        return (-rate * gradient,)


@dataclass(frozen=True)
class Momentum(Plain):
    """A velocity that keeps a share of itself in every step, and gains the plain step.

    Source:
        `keras.optimizers.SGD(momentum=…)`; the idea is Polyak's (1964).
    """

    kind = "momentum"
    title = "Momentum"
    memories: ClassVar[dict[str, str]] = {"velocity": "v"}
    remark = "v is the velocity, 0 before the first step, and β what it keeps of itself."
    momentum: float = with_default(0.9, _MOMENTUM)

    @staticmethod
    def step(gradient, rate, made, velocity, momentum):
        """Return the velocity v ← momentum·v - η·g."""
        velocity = momentum * velocity - rate * gradient
        return velocity, velocity


@dataclass(frozen=True)
class Nesterov(Momentum):
    """Momentum that looks ahead: the step is taken with the velocity of the one after it.

    Source:
        `keras.optimizers.SGD(momentum=…, nesterov=True)`.
    """

    kind = "nesterov"
    title = "Nesterov momentum"
    remark = (
        "v is the velocity, 0 before the first step, and β what it keeps of itself; the update uses "
        "it as it will be one step later."
    )

    @staticmethod
    def step(gradient, rate, made, velocity, momentum):
        """Return momentum·v - η·g, after v ← momentum·v - η·g."""
        velocity = momentum * velocity - rate * gradient
        return momentum * velocity - rate * gradient, velocity


@dataclass(frozen=True)
class RMSprop(Plain):
    """Each gradient divided by the root of its recent mean square.

    Source:
        `keras.optimizers.RMSprop`.
    """

    kind = "rmsprop"
    title = "RMSprop"
    is_linear = False
    memories: ClassVar[dict[str, str]] = {"square": "s"}
    remark = "s is the running mean of the squared gradients, 0 before the first step."
    rho: float = with_default(
        0.9, Hyperparameter(0.0, 0.9999, "Rho", _LASTS.format("squared gradients"), 0.05, "ρ")
    )
    epsilon: float = with_default(1e-7, _EPSILON)

    @staticmethod
    def step(gradient, rate, made, square, rho, epsilon):
        """Return -η·g / √(s + epsilon), after s ← rho·s + (1 - rho)·g²."""
        square = rho * square + (1 - rho) * gradient**2
        return -rate * gradient / (square + epsilon) ** 0.5, square


@dataclass(frozen=True)
class Adam(Plain):
    """The gradients' recent mean, divided by the root of their recent mean square.

    Source:
        `keras.optimizers.Adam`; Kingma and Ba (2015), arXiv:1412.6980.
    """

    kind = "adam"
    title = "Adam"
    is_linear = False
    memories: ClassVar[dict[str, str]] = {"mean": "m", "square": "s"}
    letters: ClassVar[dict[str, str]] = {"corrected": "h"}
    remark = (
        "m and s are the running means of the gradients and of their squares, 0 before the first "
        "step; h makes up for that."
    )
    beta_1: float = with_default(
        0.9, Hyperparameter(0.0, 0.9999, "Beta 1", _LASTS.format("gradients"), 0.05, "β₁")
    )
    beta_2: float = with_default(0.999, _BETA_2)
    epsilon: float = with_default(1e-7, _EPSILON)

    @staticmethod
    def step(gradient, rate, made, mean, square, beta_1, beta_2, epsilon):
        """Return -h·m / (√s + epsilon), with a rate h corrected for means that began at 0."""
        mean = mean + (1 - beta_1) * (gradient - mean)
        square = square + (1 - beta_2) * (gradient**2 - square)
        corrected = rate * (1 - beta_2**made) ** 0.5 / (1 - beta_1**made)
        return -corrected * mean / (square**0.5 + epsilon), mean, square


Rule = Plain
RULES: dict[str, type[Rule]] = {one.kind: one for one in (Plain, Momentum, Nesterov, RMSprop, Adam)}
