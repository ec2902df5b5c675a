"""The same training as others write it: each peer as its own users would.

Every function takes x and y, the rates, the number of steps, and how many steps apart the history
is kept. It returns weights, biases and losses at those steps, each (num_rates, num_records), the
start included. All begin at START and compute in float64.
"""

from tests.benchmarks.pytorch import torch  # before TensorFlow

# isort: split

from collections.abc import Callable, Sequence
from functools import cache

import jax
import jax.numpy as jnp
import keras
import numpy as np

from linreg import training
from linreg.training.lesson import mean_squared_error, predict, tf

START = (0.0, -1.0)
jax.config.update("jax_enable_x64", True)
keras.config.set_floatx("float64")  # else it rounds the rate to 8 digits
Histories = tuple[np.ndarray, np.ndarray, np.ndarray]


def ours(x: np.ndarray, y: np.ndarray, rates: Sequence[float], steps: int, every: int) -> Histories:
    """Train with `linreg.training`, which chooses its records itself, the same ones."""
    history = training.train(x, y, rates, steps, START)
    return history.weight, history.bias, history.loss


def eager(
    x: np.ndarray, y: np.ndarray, rates: Sequence[float], steps: int, every: int
) -> Histories:
    """Train with the lesson's loop, rate after rate."""
    x, y = tf.constant(x), tf.constant(y)
    runs = []
    for rate in rates:
        weight, bias = (tf.Variable(value, dtype=tf.float64) for value in START)
        kept = []
        for step in range(steps):
            with tf.GradientTape() as tape:
                loss = mean_squared_error(predict(x, weight, bias), y)
            if step % every == 0:
                kept.append((float(weight), float(bias), float(loss)))
            weight_gradient, bias_gradient = tape.gradient(loss, [weight, bias])
            weight.assign_sub(weight_gradient * rate)
            bias.assign_sub(bias_gradient * rate)
        loss = mean_squared_error(predict(x, weight, bias), y)
        kept.append((float(weight), float(bias), float(loss)))
        runs.append(kept)
    return tuple(np.moveaxis(runs, 2, 0))


class _Keep(keras.callbacks.Callback):
    """Keeps weight and bias at the beginning of every so manieth epoch."""

    def __init__(self, every: int) -> None:
        super().__init__()
        self.every, self.kept = every, []

    def on_epoch_begin(self, epoch: int, logs: dict | None = None) -> None:
        if epoch % self.every == 0:
            self.kept.append([float(part.squeeze()) for part in self.model.get_weights()])


def keras_fit(
    x: np.ndarray, y: np.ndarray, rates: Sequence[float], steps: int, every: int
) -> Histories:
    """Train a dense unit with `fit`: plain SGD, an epoch of one batch a step."""
    runs = []
    for rate in rates:
        dense = keras.layers.Dense(1, dtype="float64")
        model = keras.Sequential([keras.Input((1,), dtype="float64"), dense])
        model.compile(keras.optimizers.SGD(rate), keras.losses.MeanSquaredError(dtype="float64"))
        dense.set_weights([np.full((1, 1), START[0]), np.full(1, START[1])])
        keep = _Keep(every)
        told = model.fit(
            x[:, None],
            y[:, None],
            batch_size=x.size,
            epochs=steps,
            shuffle=False,
            verbose=0,
            callbacks=[keep],
        )
        last = [float(part.squeeze()) for part in model.get_weights()]
        losses = told.history["loss"][::every]
        losses.append(float(np.mean((last[0] * x + last[1] - y) ** 2)))
        runs.append(
            [(*parts, loss) for parts, loss in zip([*keep.kept, last], losses, strict=True)]
        )
    return tuple(np.moveaxis(runs, 2, 0))


@cache
def _keras_loop(every: int) -> Callable:
    optimizer = keras.optimizers.SGD(0.1)
    weight, bias = (keras.Variable(value, dtype="float64") for value in START)
    optimizer.build([weight, bias])

    @tf.function
    def loop(x, y, records):
        kept = tf.TensorArray(tf.float64, records + 1)
        for record in tf.range(records):
            loss = mean_squared_error(predict(x, weight.value, bias.value), y)
            kept = kept.write(record, tf.stack([weight.value, bias.value, loss]))
            for _ in tf.range(every):
                with tf.GradientTape() as tape:
                    loss = mean_squared_error(predict(x, weight.value, bias.value), y)
                gradients = tape.gradient(loss, [weight.value, bias.value])
                optimizer.apply(gradients, [weight, bias])
        loss = mean_squared_error(predict(x, weight.value, bias.value), y)
        return kept.write(records, tf.stack([weight.value, bias.value, loss])).stack()

    def train(x, y, rate: float, records: int) -> np.ndarray:
        optimizer.learning_rate.assign(rate)
        weight.assign(START[0])
        bias.assign(START[1])
        return loop(x, y, tf.constant(records)).numpy()

    return train


def keras_in_a_function(
    x: np.ndarray, y: np.ndarray, rates: Sequence[float], steps: int, every: int
) -> Histories:
    """Train with Keras's optimizer, looped in one compiled `tf.function`, rate after rate."""
    x, y, train = tf.constant(x), tf.constant(y), _keras_loop(every)
    return tuple(np.moveaxis([train(x, y, rate, steps // every) for rate in rates], 2, 0))


def pytorch(
    x: np.ndarray, y: np.ndarray, rates: Sequence[float], steps: int, every: int
) -> Histories:
    """Train with PyTorch's autograd and its SGD, rate after rate."""
    x, y = torch.from_numpy(x), torch.from_numpy(y)
    runs = []
    for rate in rates:
        weight, bias = (
            torch.tensor(value, dtype=torch.float64, requires_grad=True) for value in START
        )
        optimizer = torch.optim.SGD([weight, bias], lr=rate)
        kept = []
        for step in range(steps):
            optimizer.zero_grad()
            loss = ((weight * x + bias - y) ** 2).mean()
            if step % every == 0:
                kept.append((weight.item(), bias.item(), loss.item()))
            loss.backward()
            optimizer.step()
        loss = ((weight * x + bias - y) ** 2).mean()
        kept.append((weight.item(), bias.item(), loss.item()))
        runs.append(kept)
    return tuple(np.moveaxis(runs, 2, 0))


@cache
def _jax_loop(records: int, every: int) -> Callable:
    def mse(line, x, y):
        return jnp.mean((line[0] * x + line[1] - y) ** 2)

    def run(rate, x, y):
        def step(line, _):
            return line - rate * jax.grad(mse)(line, x, y), None

        def record(line, _):
            after, _ = jax.lax.scan(step, line, length=every)
            return after, (*line, mse(line, x, y))

        last, kept = jax.lax.scan(record, jnp.array(START), length=records)
        return jnp.stack([*kept]), jnp.stack([*last, mse(last, x, y)])

    return jax.jit(jax.vmap(run, in_axes=(0, None, None)))


def jax_all_at_once(
    x: np.ndarray, y: np.ndarray, rates: Sequence[float], steps: int, every: int
) -> Histories:
    """Train with JAX: `jit` of a `vmap` over the rates of a `scan` over the steps."""
    kept, last = _jax_loop(steps // every, every)(np.asarray(rates), x, y)
    return tuple(np.moveaxis(np.concatenate([kept, np.asarray(last)[:, :, None]], 2), 1, 0))


def numpy_all_at_once(
    x: np.ndarray, y: np.ndarray, rates: Sequence[float], steps: int, every: int
) -> Histories:
    """Train all rates at once in NumPy, the gradients by hand."""
    rates = np.asarray(rates)
    weight, bias = np.full(rates.size, START[0]), np.full(rates.size, START[1])
    kept = np.empty((3, rates.size, steps // every + 1))
    for step in range(steps + 1):
        residual = weight[:, None] * x + bias[:, None] - y  # (num_rates, num_points)
        if step % every == 0:
            kept[:, :, step // every] = weight, bias, np.mean(residual**2, axis=1)
        weight = weight - rates * 2 * np.mean(residual * x, axis=1)
        bias = bias - rates * 2 * np.mean(residual, axis=1)
    return tuple(kept)


ONE_BY_ONE = (eager, keras_fit, keras_in_a_function, pytorch)  # rate after rate
PEERS: dict[str, Callable[..., Histories]] = {
    "the lesson's eager loop": eager,
    "Keras `fit`": keras_fit,
    "Keras optimizer in a `tf.function`": keras_in_a_function,
    "PyTorch": pytorch,
    "JAX (`jit`, `vmap`, `scan`)": jax_all_at_once,
    "NumPy, all rates at once": numpy_all_at_once,
}
