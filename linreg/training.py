"""The trainer: all learning rates at once, in one compiled function."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import ArrayLike

from linreg import checks
from linreg.history import MAX_RECORDS, History, record_steps
from linreg.lesson import mean_squared_error, predict, tf
from linreg.summary import four_points

CAPACITIES = (200, MAX_RECORDS)  # records; two shapes to compile, so that a short run stays cheap
SCALAR = tf.TensorSpec((), tf.float64)


@tf.function(
    autograph=False,
    jit_compile=True,
    input_signature=[
        tf.TensorSpec((4,), tf.float64),
        tf.TensorSpec((4,), tf.float64),
        tf.TensorSpec((None,), tf.float64),
        SCALAR,
        SCALAR,
        tf.TensorSpec((None,), tf.int32),
        tf.TensorSpec((), tf.int32),
    ],
)
def _descend(x, y, learning_rates, initial_weight, initial_bias, steps_per_record, num_records):
    """Return weight, bias and loss, each (capacity + 1, num_rates), filled up to num_records.

    Tensors in and few shapes: a Python number would be compiled in, and compiled again for the
    next one. The two trip counts vary, and they are tensors; steps_per_record is (capacity,).
    """
    rates = learning_rates[:, None]  # (num_rates, 1), against the four points

    def step(i, weight, bias):
        with tf.GradientTape() as tape:
            tape.watch((weight, bias))
            loss = mean_squared_error(predict(x, weight, bias), y)  # (num_rates,)
        weight_gradient, bias_gradient = tape.gradient(loss, (weight, bias))
        return i + 1, weight - rates * weight_gradient, bias - rates * bias_gradient

    def record(k, weight, bias, weights, biases):
        trips = steps_per_record[k]
        _, weight, bias = tf.while_loop(lambda i, *_: i < trips, step, (0, weight, bias))
        return k + 1, weight, bias, weights.write(k + 1, weight), biases.write(k + 1, bias)

    def start(value):
        first = tf.fill(tf.shape(rates), value)
        capacity = tf.shape(steps_per_record)[0]
        records = tf.TensorArray(tf.float64, capacity + 1, element_shape=(None, 1))
        return first, records.write(0, first)

    (weight, weights), (bias, biases) = start(initial_weight), start(initial_bias)
    *_, weights, biases = tf.while_loop(
        lambda k, *_: k < num_records, record, (0, weight, bias, weights, biases)
    )
    weights, biases = weights.stack(), biases.stack()  # (records, num_rates, 1)
    losses = mean_squared_error(predict(x, weights, biases), y)  # (records, num_rates)
    return weights[..., 0], biases[..., 0], losses


def train(
    x: ArrayLike,
    y: ArrayLike,
    learning_rates: float | Iterable[float] = 0.05,
    num_steps: int = 200,
    initial_weight: float = 0.0,
    initial_bias: float = -1.0,
) -> History:
    """Fit a line to the points by gradient descent, once for each learning rate.

    The gradients come from TensorFlow's tape over the lesson's own `predict` and
    `mean_squared_error`, in float64, on the four points that stand for all of them: a step costs
    the same for a hundred points as for a million, and nothing is compiled again for other data,
    rates or steps (once for each new *number* of rates).

    Args:
        x: Shape (num_points,), num_points ≥ 1.
        y: Shape (num_points,).
        learning_rates: One or several, each between 1e-12 and 1e6.
        num_steps: Between 1 and 2,000,000.
        initial_weight: Where every run's weight starts.
        initial_bias: Where every run's bias starts.

    Returns:
        Every step up to 2,000; beyond that 2,001 evenly spaced records.

    Raises:
        ValueError: If an argument lies outside its interval.
    """
    rates = checks.learning_rates(learning_rates)
    step = record_steps(num_steps)
    num_records = step.size - 1
    capacity = next(size for size in CAPACITIES if size >= num_records)
    steps_per_record = np.zeros(capacity, np.int32)
    steps_per_record[:num_records] = np.diff(step)
    recorded = _descend(
        *four_points(x, y),
        rates,
        checks.number("initial_weight", initial_weight),
        checks.number("initial_bias", initial_bias),
        steps_per_record,
        np.int32(num_records),
    )
    return History(rates, step, *(part.numpy()[: step.size].T for part in recorded))


def num_traces() -> int:
    """Return how often the trainer has been traced, for the test that it happens once."""
    return _descend.experimental_get_tracing_count()
