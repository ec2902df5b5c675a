"""Runs for the tests: trained as the worker trains, told of as the page tells."""

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from linreg.runs.history import History, drawn_steps
from linreg.runs.phases import checked
from linreg.telling import verdict
from linreg.theory import Quadratic, forecast
from linreg.theory.dynamics import Dynamics
from linreg.theory.noise import BatchNoise
from tests.later import training


def trained(points, phases, weight=0.0, bias=-1.0, seed=0) -> History:
    """Return the runs through these phases, with every early step of each.

    The same runs are trained once, for all tests that ask for them; nobody changes them.
    """
    columns = (np.asarray(column, float).tobytes() for column in points)
    return _trained(*columns, checked(phases), weight, bias, seed)


@lru_cache(maxsize=256)
def _trained(x: bytes, y: bytes, phases, weight: float, bias: float, seed: int) -> History:
    points = np.frombuffer(x), np.frombuffer(y)
    return training.train_phases(*points, phases, (weight, bias), seed, is_detailed=True)


def predicted(points, phases, weight=0.0, bias=-1.0) -> History:
    """Return where these runs must be, at the same steps."""
    phases = checked(phases)
    step, quadratic = drawn_steps(phases), Quadratic.of(*points)
    return forecast.forecast(quadratic, phases, step, (weight, bias))


class Path(NamedTuple):
    """Where runs must be, without a loop: (num_records,) for one rate, else (num_rates, num_records)."""

    weight: np.ndarray
    bias: np.ndarray
    loss: np.ndarray


def path_of(quadratic, learning_rate, steps, start=(0.0, -1.0)) -> Path:
    """Return where plain gradient descent is after any numbers of steps, from the formula."""
    dynamics, rates = Dynamics(quadratic), np.atleast_1d(learning_rate)
    states = dynamics.after(rates, dynamics.rest(rates.size, start), np.asarray(steps))
    with np.errstate(over="ignore", invalid="ignore"):
        columns = quadratic.at(np.swapaxes(states[..., 0], 1, 2))
    return Path(*(column if np.ndim(learning_rate) else column[0] for column in columns))


def theory(points, history: History) -> tuple[Quadratic, History, BatchNoise]:
    """Return what the theory says of runs: exactly, or with mini-batches on average."""
    noise, phases = BatchNoise.of(*points), history.phases
    start = float(history.weight[0, 0]), float(history.bias[0, 0])
    exact = len(forecast.predictable(phases)) == len(phases)
    expected = (
        forecast.forecast(noise.quadratic, phases, history.step, start)
        if exact
        else forecast.expectation(noise, phases, history.step, start)
    )
    return noise.quadratic, expected, noise


def judged(points, history: History) -> list[verdict.Verdict]:
    """Return the verdicts on runs."""
    quadratic, expected, noise = theory(points, history)
    return verdict.judge(quadratic, history, expected, noise)


def told(points, *phases, weight=0.0, bias=-1.0, seed=0, run=0) -> verdict.Verdict:
    """Return the verdict on one run that was trained through these phases."""
    return judged(points, trained(points, phases, weight, bias, seed))[run]


def excess_losses(points, weight, bias) -> np.ndarray:
    """Return losses above the least possible one: distances between fits, from NumPy alone."""
    x, y = map(np.asarray, points)
    best = np.linalg.lstsq(np.stack([x, np.ones_like(x)], axis=1), y, rcond=None)[0]
    with np.errstate(over="ignore", invalid="ignore"):
        gap = np.multiply.outer(weight - best[0], x) + np.expand_dims(bias - best[1], -1)
        return np.mean(gap**2, axis=-1)


def short_of_goal(points, weight, bias) -> np.ndarray:
    """Return how far lines are from having converged, by NumPy alone: above 1 they have not.

    The largest of the excess loss over a thousandth of the first, over a hundredth of the variance
    of y, and of the squared distance over a ten-thousandth of the first.
    """
    x, y = map(np.asarray, points)
    best = np.linalg.lstsq(np.stack([x, np.ones_like(x)], axis=1), y, rcond=None)[0]
    excess = excess_losses(points, weight, bias)
    with np.errstate(over="ignore", invalid="ignore"):
        away = (np.asarray(weight) - best[0]) ** 2 + (np.asarray(bias) - best[1]) ** 2
        parts = [excess / (1e-3 * excess[..., :1]), away / (1e-4 * away[..., :1])]
        if np.ptp(y) > 0:
            parts.append(excess / (0.01 * np.var(y)))
        return np.max(np.broadcast_arrays(*parts), axis=0)


def loop(points, phases, weight=0.0, bias=-1.0, run=0) -> tuple[np.ndarray, np.ndarray]:
    """Return the weights and biases of one run on all points, by a loop in NumPy alone."""
    (x, y), line = map(np.asarray, points), np.array([weight, bias], float)
    path, before = [line], None
    for phase in phases:
        if phase.rule.kind != before:  # another rule remembers nothing
            velocity, before = np.zeros(2), phase.rule.kind
        kept, ahead = getattr(phase.rule, "momentum", 0.0), phase.rule.kind == "nesterov"
        for k in range(phase.num_steps):
            rate = phase.learning_rates[run] * float(phase.schedule.multiples(np.array([k]))[0])
            residual = line[0] * x + line[1] - y
            step = -rate * 2 * np.array([np.mean(residual * x), np.mean(residual)])
            velocity = kept * velocity + step
            line = line + (kept * velocity + step if ahead else velocity)
            path.append(line)
    return tuple(np.array(path).T)
