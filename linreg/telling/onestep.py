"""One step with all its numbers: the points it looks at, their gradients, what the update is made of."""

import math
from dataclasses import dataclass

import numpy as np

from linreg.runs.batches import MiniBatches, members, num_batches, seed_of
from linreg.runs.history import History
from linreg.runs.phases import Phase, rates_at
from linreg.runs.rules import Plain

MOST_ROWS = 16  # up to so many points all are shown
FIRST_ROWS = 5  # of more, only the first


@dataclass(frozen=True, eq=False)
class Past:
    """All steps that the update rule remembers, this one last."""

    gradients: np.ndarray  # by weight and by bias, shape (2, num_steps)
    rates: np.ndarray  # of these steps, shape (num_steps,)


@dataclass(frozen=True, eq=False)
class OneStep:
    """A step of one run, from a record to the next."""

    step: int  # how many updates came before
    phase: Phase  # that the update belongs to
    phase_number: int  # counted from 1
    learning_rate: float  # of the update
    weight: float  # before the update, as bias and loss
    bias: float
    loss: float  # of all points
    shown: (
        np.ndarray
    )  # indices of the first few points that the update looks at; of few points, all
    x: np.ndarray  # of these points
    y: np.ndarray
    num_looked_at: int  # points that the update looks at: all, or those of a mini-batch
    num_points: int  # of all
    # By weight and by bias: means of 2·residual·x and of 2·residual over what the update looks at.
    gradient: tuple[float, float]
    # Weight, bias and loss after the update, as measured; None if that step was not recorded.
    reached: tuple[float, float, float] | None
    past: Past | None  # what the update is made of; None after steps that were not recorded
    batch: tuple[int, int] | None  # which mini-batch of which epoch, counted from 1, if any
    is_last: bool  # no step follows

    @property
    def residuals(self) -> np.ndarray:
        """Prediction less y, of the points that are shown."""
        return self.weight * self.x + self.bias - self.y

    @property
    def is_finite(self) -> bool:
        """Whether there is a line."""
        return math.isfinite(self.weight) and math.isfinite(self.bias)


def one_step(
    x: np.ndarray, y: np.ndarray, history: History, run: int, step: int, seed: int
) -> OneStep:
    """Return a step of a run: the recorded one, or the last one recorded before it.

    Args:
        x: Of all points, shape (num_points,).
        y: Likewise.
        history: The runs on them.
        run: Which of them.
        step: Updates made before it, between 0 and the last.
        seed: Of the mini-batches that these runs were trained on.
    """
    record = int(np.searchsorted(history.step, step, side="right")) - 1
    step = int(history.step[record])
    weight, bias = float(history.weight[run, record]), float(history.bias[run, record])
    following = min(record + 1, history.step.size - 1)
    is_last = record == following
    index = int(history.phase[following]) - 1
    phase, batch = history.phases[index], None
    looked_at: slice | np.ndarray = slice(None)
    if phase.batch_size is not None and not is_last:
        made = step - _begin(history, index)
        epoch, number = divmod(made, num_batches(x.size, phase.batch_size))
        batch = number + 1, epoch + 1
        looked_at = members(x.size, phase.batch_size, seed_of(seed, index), made)
    own_x, own_y = x[looked_at], y[looked_at]
    rows = slice(None if own_x.size <= MOST_ROWS else FIRST_ROWS)
    gradients = _gradients(own_x, own_y, np.array([weight]), np.array([bias]))
    rate = rates_at(history.phases, np.minimum([step + 1], history.step[-1]))[run]
    reached = None
    if history.step[following] == step + 1:
        at = run, following
        reached = float(history.weight[at]), float(history.bias[at]), float(history.loss[at])
    past = None
    if not is_last:
        is_plain = type(phase.rule) is Plain
        past = Past(gradients, rate) if is_plain else _past(x, y, history, run, record, seed)
    return OneStep(
        step=step,
        phase=phase,
        phase_number=index + 1,
        learning_rate=float(rate[0]),
        weight=weight,
        bias=bias,
        loss=float(history.loss[run, record]),
        shown=np.arange(x.size)[looked_at][rows],
        x=own_x[rows],
        y=own_y[rows],
        num_looked_at=own_x.size,
        num_points=x.size,
        gradient=(float(gradients[0, 0]), float(gradients[1, 0])),
        reached=reached,
        past=past,
        batch=batch,
        is_last=is_last,
    )


def _begin(history: History, index: int) -> int:
    """Return how many updates came before a phase, which is counted from 0."""
    return sum(phase.num_steps for phase in history.phases[:index])


def _gradients(x: np.ndarray, y: np.ndarray, weight: np.ndarray, bias: np.ndarray) -> np.ndarray:
    """Return the gradients of the loss of several lines, shape (2, num_lines).

    From centred means, since there may be many points and many lines.
    """
    mean_x, mean_y = np.mean(x), np.mean(y)
    away = x - mean_x
    with np.errstate(all="ignore"):
        residual = weight * mean_x + bias - mean_y
        slope = weight * np.mean(away * away) - np.mean(away * (y - mean_y))
        return 2 * np.stack([mean_x * residual + slope, residual])


def _batch_gradients(
    x: np.ndarray, y: np.ndarray, weight: np.ndarray, bias: np.ndarray
) -> np.ndarray:
    """Return the gradient of each line on its own four points, x and y (num_lines, 4)."""
    with np.errstate(all="ignore"):
        residuals = weight[:, None] * x + bias[:, None] - y
        return 2 * np.stack([np.mean(residuals * x, axis=1), np.mean(residuals, axis=1)])


def _past(
    x: np.ndarray, y: np.ndarray, history: History, run: int, record: int, seed: int
) -> Past | None:
    """Return what a rule with a memory makes the update after a record of, if all was recorded."""
    phase_of_next = history.phase[1:]
    last = first = int(phase_of_next[record]) - 1
    kind = history.phases[last].rule.kind
    while first > 0 and history.phases[first - 1].rule.kind == kind:
        first -= 1  # its memory lasts from phase to phase
    begin = int(history.ends[first - 1]) if first else 0
    steps = history.step[begin : record + 1]
    if int(steps[-1] - steps[0]) != record - begin:
        return None
    gradients = []
    for index in range(first, last + 1):
        size = history.phases[index].batch_size
        own = begin + np.flatnonzero(phase_of_next[begin : record + 1] == index + 1)
        lines = history.weight[run, own], history.bias[run, own]
        if size is None:
            gradients.append(_gradients(x, y, *lines))
            continue
        batches = MiniBatches(x, y, size, seed_of(seed, index))
        made = history.step[own] - _begin(history, index)
        batch_x, batch_y = batches.take(int(made[-1]) + 1)
        gradients.append(_batch_gradients(batch_x[made], batch_y[made], *lines))
    rates = rates_at(history.phases, np.arange(steps[0] + 1, steps[-1] + 2))
    return Past(np.concatenate(gradients, axis=1), rates[run])


def last_finite(history: History, run: int) -> int:
    """Return the last recorded step at which weight, bias and loss of a run are finite."""
    parts = history.weight[run], history.bias[run], history.loss[run]
    finite = np.flatnonzero(np.all(np.isfinite(parts), axis=0))
    return int(history.step[finite[-1]]) if finite.size else 0
