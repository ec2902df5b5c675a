"""The lesson's loop as taught: eager TensorFlow, a line every 20 steps."""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from numpy.typing import ArrayLike

from linreg import checks
from linreg.runs.history import REPORT_EVERY, report_line
from linreg.runs.model import Line

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")  # a line needs no GPU, and none has to be found


@contextmanager
def _silent_stderr() -> Iterator[None]:
    """Keep off the terminal what a C++ library prints before it reads its log level."""
    kept = os.dup(2)
    with open(os.devnull, "w") as nowhere:
        os.dup2(nowhere.fileno(), 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)


with _silent_stderr():
    import tensorflow as tf


def predict(x: tf.Tensor, weight: tf.Tensor, bias: tf.Tensor) -> tf.Tensor:
    """Return the line's prediction at every x."""
    return weight * x + bias


def mean_squared_error(prediction: tf.Tensor, y: tf.Tensor) -> tf.Tensor:
    """Return the mean over the last axis of the squared residuals, no ½."""
    return tf.reduce_mean(tf.square(prediction - y), axis=-1)


def fit(
    x: ArrayLike,
    y: ArrayLike,
    learning_rate: float = 0.05,
    num_steps: int = 200,
    start: Sequence[float] = Line.start,
    report: Callable[[str], object] = print,
) -> tuple[float, float]:
    """Fit a line to the points by gradient descent, and report the loss every 20 steps.

    Args:
        x, y: Shape (num_points,).
        learning_rate: Between 1e-40 and 1e6.
        num_steps: Between 1 and 2,000,000.
        start: Weight and bias.
        report: Is called with each line of the printout.

    Returns:
        The weight and the bias after the last step; inf or nan where the run diverged.

    Raises:
        ValueError: If an argument lies outside its interval.
    """
    x, y = (tf.constant(column) for column in checks.points(x, y))
    (learning_rate,) = checks.learning_rates(learning_rate)
    weight, bias = (tf.Variable(value, dtype=tf.float64) for value in Line.checked(start))

    for step in range(checks.num_steps(num_steps)):
        with tf.GradientTape() as tape:
            loss = mean_squared_error(predict(x, weight, bias), y)
        if step % REPORT_EVERY == 0:
            report(report_line(step, float(loss)))
        weight_gradient, bias_gradient = tape.gradient(loss, [weight, bias])
        weight.assign_sub(weight_gradient * learning_rate)
        bias.assign_sub(bias_gradient * learning_rate)

    loss = mean_squared_error(predict(x, weight, bias), y)
    report(report_line(num_steps, float(loss)))
    return float(weight), float(bias)
