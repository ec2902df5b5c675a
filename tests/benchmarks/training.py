"""How fast training is, beside the lesson's eager loop, Keras and a NumPy loop.

    python -m tests.benchmarks.training

Every row does the same work in the same process; the ratios count, not the seconds.
"""

import os
import statistics
import time
from collections.abc import Callable

import numpy as np

from linreg import data, lesson, training
from linreg.lesson import tf
from linreg.phases import Adam, Phase

RATES = (0.005, 0.5, 0.8)
STEPS = 200
START = (0.0, -1.0)


def seconds(work: Callable[[], object], repeats: int) -> float:
    """Return the median time of a call, after one that does not count."""
    work()
    times = []
    for _ in range(repeats):
        begin = time.perf_counter()
        work()
        times.append(time.perf_counter() - begin)
    return statistics.median(times)


def eager(x: np.ndarray, y: np.ndarray) -> None:
    """Train as the lesson does, rate after rate."""
    for rate in RATES:
        lesson.fit(x, y, rate, STEPS, *START, report=lambda line: None)


def keras_fit(x: np.ndarray, y: np.ndarray) -> None:
    """Train with Keras: one dense unit, plain SGD, an epoch of one batch a step."""
    import keras

    for rate in RATES:
        dense = keras.layers.Dense(1, dtype="float64")
        model = keras.Sequential([keras.Input((1,), dtype="float64"), dense])
        model.compile(keras.optimizers.SGD(rate), "mse")
        dense.set_weights([np.full((1, 1), START[0]), np.full(1, START[1])])
        model.fit(x[:, None], y[:, None], batch_size=x.size, epochs=STEPS, shuffle=False, verbose=0)


def keras_in_a_function(
    x: np.ndarray, y: np.ndarray, kind: str, batch_size: int, steps: int
) -> Callable[[float], np.ndarray]:
    """Return what trains at one rate: Keras's optimizer, looped in one compiled `tf.function`."""
    import keras

    keras.config.set_floatx("float64")
    optimizer = getattr(keras.optimizers, kind)(0.1)
    weight, bias = (keras.Variable(value, dtype="float64") for value in START)
    optimizer.build([weight, bias])
    all_x, all_y = tf.constant(x), tf.constant(y)

    @tf.function
    def loop(order):
        losses = tf.TensorArray(tf.float64, steps)
        for step in tf.range(steps):
            chosen_x, chosen_y = tf.gather(all_x, order[step]), tf.gather(all_y, order[step])
            with tf.GradientTape() as tape:
                prediction = lesson.predict(chosen_x, weight.value, bias.value)
                loss = lesson.mean_squared_error(prediction, chosen_y)
            losses = losses.write(step, loss)
            gradients = tape.gradient(loss, [weight.value, bias.value])
            optimizer.apply(gradients, [weight, bias])
        return losses.stack()

    epochs = -(-steps * batch_size // x.size)
    rng = np.random.default_rng(0)
    orders = np.concatenate([rng.permutation(x.size) for _ in range(epochs)])
    order = tf.constant(orders[: steps * batch_size].reshape(steps, batch_size))

    def train(rate: float) -> np.ndarray:
        optimizer.learning_rate.assign(rate)
        for variable in optimizer.variables[2:]:  # all but the step count and the rate
            variable.assign(tf.zeros_like(variable.value))
        optimizer.iterations.assign(0)
        weight.assign(START[0])
        bias.assign(START[1])
        return loop(order).numpy()

    return train


def many_rates(x: np.ndarray, y: np.ndarray) -> None:
    """Print the rows of 256 rates: Adam on all points, and plain steps on mini-batches."""
    rates, steps, measured = np.geomspace(1e-3, 0.5, 256), 1_000, 4
    for title, phase, kind, size in (
        ("Adam", Phase(rates, steps, rule=Adam()), "Adam", x.size),
        ("mini-batches of 10", Phase(rates, steps, batch_size=10), "SGD", 10),
    ):

        def ours(phase=phase, num_shuffles=1) -> object:
            return training.train_phases(x, y, [phase], *START, num_shuffles=num_shuffles)

        one = keras_in_a_function(x, y, kind, size, steps)
        ours_time = seconds(ours, 10)
        keras_time = seconds(lambda one=one: [one(r) for r in rates[:measured]], 1) / measured * 256
        print(f"256 rates × {steps:,} steps × 100 points, {title}")
        rows = [
            (f"Keras in a tf.function ({measured} rates, × 64)", keras_time),
            ("ours", ours_time),
        ]
        if phase.batch_size:
            rows.append(("ours, ten shuffles", seconds(lambda f=ours: f(num_shuffles=10), 5)))
        for name, spent in rows:
            print(f"  {name:42}{spent * 1e3:>12.3f} ms{spent / ours_time:>10.1f} × ours")


def numpy_loop(x: np.ndarray, y: np.ndarray) -> None:
    """Train all rates at once with the gradients written by hand."""
    rates = np.array(RATES)
    weight, bias = np.full(3, START[0]), np.full(3, START[1])
    losses = np.empty((STEPS, 3))
    for step in range(STEPS):
        residual = weight[:, None] * x + bias[:, None] - y  # (num_rates, num_points)
        losses[step] = np.mean(residual**2, axis=1)
        weight = weight - rates * 2 * np.mean(residual * x, axis=1)
        bias = bias - rates * 2 * np.mean(residual, axis=1)


def main() -> None:
    """Print the table."""
    line = data.make_line()
    x, y = line.x, line.y

    def ours(steps: int = STEPS) -> object:
        return training.train(x, y, RATES, steps, *START)

    ours_time = seconds(ours, 300)
    rows = [
        ("the lesson's eager loop", seconds(lambda: eager(x, y), 5)),
        ("Keras fit", seconds(lambda: keras_fit(x, y), 1)),
        ("NumPy loop", seconds(lambda: numpy_loop(x, y), 20)),
        ("ours", ours_time),
    ]
    print(f"three rates × {STEPS} steps × 100 points   ({os.cpu_count()} cores)")
    for name, spent in rows:
        print(f"  {name:26}{spent * 1e3:>12.3f} ms{spent / ours_time:>10.0f} × ours")
    print(f"  goal: the eager loop at least 500 × ours, measured {rows[0][1] / ours_time:.0f}")

    long = seconds(lambda: ours(2_000_000), 10)
    print("three rates × 2,000,000 steps")
    print(f"  {'ours':26}{long * 1e3:>12.3f} ms")
    print(f"  goal: under 200 × our own {STEPS} steps, measured {long / ours_time:.0f}")

    many = data.make_line(num_points=1_000_000)
    whole = seconds(lambda: training.train(many.x, many.y, RATES, STEPS, *START), 30)
    sums = seconds(lambda: (many.x.sum(), many.y.sum()), 30)
    print(f"three rates × {STEPS} steps × 1,000,000 points")
    print(f"  {'ours':26}{whole * 1e3:>12.3f} ms")
    print(f"  {'NumPy sums both arrays':26}{sums * 1e3:>12.3f} ms")
    print(f"  goal: at most 30 × the sums, measured {whole / sums:.1f}")

    many_rates(x, y)


if __name__ == "__main__":
    main()
