"""How a gradient becomes an update: plain, momentum, Nesterov, RMSprop, Adam, as Keras steps.

Each rule takes the gradient of one parameter, what it remembers of it, the learning rate, its own
numbers in the order of its fields in `phases`, and the step counted from 1. It returns what is added
to the parameter, and the new memory.
"""

from collections.abc import Callable

from linreg.training.lesson import tf

Memory = tuple[tf.Tensor, ...]


def plain(gradient, memory: Memory, learning_rate, numbers, step):
    """Return -η·g.

    Source:
        `keras.optimizers.SGD`.
    """
    return -learning_rate * gradient, memory


def momentum(gradient, memory: Memory, learning_rate, numbers, step):
    """Return the velocity v ← momentum·v - η·g.

    Source:
        `keras.optimizers.SGD(momentum=…)`; the idea is Polyak's (1964).
    """
    velocity = numbers[0] * memory[0] - learning_rate * gradient
    return velocity, (velocity,)


def nesterov(gradient, memory: Memory, learning_rate, numbers, step):
    """Return momentum·v - η·g, after v ← momentum·v - η·g.

    Source:
        `keras.optimizers.SGD(momentum=…, nesterov=True)`.
    """
    velocity = numbers[0] * memory[0] - learning_rate * gradient
    return numbers[0] * velocity - learning_rate * gradient, (velocity,)


def rmsprop(gradient, memory: Memory, learning_rate, numbers, step):
    """Return -η·g / √(v + epsilon), after v ← rho·v + (1 - rho)·g².

    Source:
        `keras.optimizers.RMSprop`.
    """
    rho, epsilon = numbers[0], numbers[1]
    square = rho * memory[0] + (1 - rho) * gradient**2
    return -learning_rate * gradient / tf.sqrt(square + epsilon), (square,)


def adam(gradient, memory: Memory, learning_rate, numbers, step):
    """Return -η·m / (√v + epsilon), with η corrected for means that began at 0.

    m ← m + (1 - beta_1)(g - m), v ← v + (1 - beta_2)(g² - v); η is multiplied by
    √(1 - beta_2^step) / (1 - beta_1^step).

    Source:
        `keras.optimizers.Adam`; Kingma and Ba (2015), arXiv:1412.6980.
    """
    beta_1, beta_2, epsilon = numbers[0], numbers[1], numbers[2]
    mean = memory[0] + (1 - beta_1) * (gradient - memory[0])
    square = memory[1] + (1 - beta_2) * (gradient**2 - memory[1])
    corrected = learning_rate * tf.sqrt(1 - beta_2**step) / (1 - beta_1**step)
    return -corrected * mean / (tf.sqrt(square) + epsilon), (mean, square)


UPDATES: dict[str, tuple[Callable, int]] = {  # with how many numbers it remembers of a parameter
    "plain": (plain, 0),
    "momentum": (momentum, 1),
    "nesterov": (nesterov, 1),
    "rmsprop": (rmsprop, 1),
    "adam": (adam, 2),
}
