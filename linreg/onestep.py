"""One step with all its numbers, for a pocket calculator: predictions, residuals, gradient, update."""

import math
from dataclasses import dataclass

import numpy as np

from linreg.batches import MiniBatches, members, num_batches, seed_of
from linreg.formulas import line, told, update
from linreg.history import History
from linreg.markup import table
from linreg.phases import Phase, Plain, rates_at

MANY_ROWS = 16  # of which all are shown; of more points the first few
FEW_ROWS = 5


@dataclass(frozen=True, eq=False)
class Past:
    """All steps that the update rule remembers, this one last.

    Attributes:
        gradients: By weight and by bias, shape (2, num_steps).
        rates: Of these steps, shape (num_steps,).
    """

    gradients: np.ndarray
    rates: np.ndarray


@dataclass(frozen=True, eq=False)
class OneStep:
    """A step of one run, from a record to the next.

    Attributes:
        step: How many updates came before.
        phase: The phase that the update belongs to.
        phase_number: Counted from 1.
        learning_rate: Of the update.
        weight: Before the update; likewise the following.
        bias: Before it.
        loss: Of all points.
        shown: Indices of the first few points that the update looks at; of few points, all.
        x: Of these points, same shape.
        y: Likewise.
        num_looked_at: How many points the update looks at: all, or those of a mini-batch.
        num_points: Of all.
        gradient: By weight and by bias: means of 2·residual·x and of 2·residual over the points that
            the update looks at.
        reached: Weight, bias and loss after the update, as they were measured; None if the next
            step was not recorded, or if there is none.
        past: What the update is made of; None where that is not known: after steps that were not
            recorded.
        batch: Which mini-batch of which epoch the update looks at, both counted from 1; None if it
            looks at all points.
        is_last: Whether no step follows.
    """

    step: int
    phase: Phase
    phase_number: int
    learning_rate: float
    weight: float
    bias: float
    loss: float
    shown: np.ndarray
    x: np.ndarray
    y: np.ndarray
    num_looked_at: int
    num_points: int
    gradient: tuple[float, float]
    reached: tuple[float, float, float] | None
    past: Past | None
    batch: tuple[int, int] | None
    is_last: bool

    @property
    def residuals(self) -> np.ndarray:
        """Prediction less y, of the points that are shown."""
        return self.weight * self.x + self.bias - self.y

    @property
    def is_finite(self) -> bool:
        """Whether there is a line."""
        return math.isfinite(self.weight) and math.isfinite(self.bias)


def one_step(
    x: np.ndarray, y: np.ndarray, history: History, run: int, step: int, seed: int = 0
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
    phase, batch, looked_at = history.phases[index], None, slice(None)
    if phase.batch_size is not None and not is_last:
        made = step - _begin(history, index)
        epoch, number = divmod(made, num_batches(x.size, phase.batch_size))
        batch = number + 1, epoch + 1
        looked_at = members(x.size, phase.batch_size, seed_of(seed, index), made)
    own_x, own_y = x[looked_at], y[looked_at]
    rows = slice(None if own_x.size <= MANY_ROWS else FEW_ROWS)
    gradients = _gradients(own_x, own_y, np.array([weight]), np.array([bias]))
    return OneStep(
        step,
        phase,
        index + 1,
        float(history.rate[run, record])
        if is_last
        else float(rates_at(history.phases, np.array([step + 1]))[run, 0]),
        weight,
        bias,
        float(history.loss[run, record]),
        np.arange(x.size)[looked_at][rows],
        own_x[rows],
        own_y[rows],
        own_x.size,
        x.size,
        (float(gradients[0, 0]), float(gradients[1, 0])),
        tuple(float(part[run, following]) for part in (history.weight, history.bias, history.loss))
        if history.step[following] == step + 1
        else None,
        _past(x, y, history, run, record, seed),
        batch,
        is_last,
    )


def _begin(history: History, index: int) -> int:
    """Return how many updates came before a phase, which is counted from 0."""
    return int(history.step[history.ends[index - 1]]) if index else 0


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
    """Return the gradient of each line on four points of its own, shape (2, num_lines).

    Args:
        x: Shape (num_lines, 4), likewise y.
        y: See x.
        weight: Shape (num_lines,).
        bias: Likewise.
    """
    with np.errstate(all="ignore"):
        residuals = weight[:, None] * x + bias[:, None] - y
        return 2 * np.stack([np.mean(residuals * x, axis=1), np.mean(residuals, axis=1)])


def _past(
    x: np.ndarray, y: np.ndarray, history: History, run: int, record: int, seed: int
) -> Past | None:
    """Return what the update after a record is made of, if all of it was recorded."""
    if record + 1 == history.step.size:
        return None
    last = int(history.phase[record + 1]) - 1
    rule, first, begin = history.phases[last].rule, last, record
    if type(rule) is not Plain:
        while first > 0 and history.phases[first - 1].rule.kind == rule.kind:
            first -= 1  # its memory lasts from phase to phase
        begin = int(history.ends[first - 1]) if first else 0
    steps = history.step[begin : record + 1]
    if int(steps[-1] - steps[0]) != record - begin:
        return None
    gradients = []
    for index in range(first, last + 1):
        phase, before = history.phases[index], _begin(history, index)
        own = np.arange(begin, record + 1)[history.phase[begin + 1 : record + 2] == index + 1]
        lines = history.weight[run, own], history.bias[run, own]
        if phase.batch_size is None:
            gradients.append(_gradients(x, y, *lines))
            continue
        batches = MiniBatches(x, y, phase.batch_size, seed_of(seed, index))
        made = history.step[own] - before
        batch_x, batch_y = batches.take(int(made[-1]) + 1)
        gradients.append(_batch_gradients(batch_x[made], batch_y[made], *lines))
    rates = rates_at(history.phases, np.arange(steps[0] + 1, steps[-1] + 2))
    return Past(np.concatenate(gradients, axis=1), rates[run])


def last_finite(history: History, run: int) -> int:
    """Return the last recorded step at which weight, bias and loss of a run are finite."""
    parts = history.weight[run], history.bias[run], history.loss[run]
    finite = np.flatnonzero(np.all(np.isfinite(parts), axis=0))
    return int(history.step[finite[-1]]) if finite.size else 0


def in_words(one: OneStep) -> str:
    """Return the step as HTML: a few rows, the loss, the gradient, the update, what it led to."""
    if not one.is_finite:
        return (
            f"<p><b>Step {one.step:,}</b>, phase {one.phase_number}: the run has diverged beyond the "
            "largest number that a computer calculates with, about 1.8e308. From there on weight and "
            "bias are ∞, or nan where ∞ is taken from ∞; there is nothing left to check.</p>"
        )
    rows = [
        [f"{k:,}", told(x), told(y), told(x * one.weight + one.bias), told(residual)]
        for k, x, y, residual in zip(
            (one.shown + 1).tolist(),
            one.x.tolist(),
            one.y.tolist(),
            one.residuals.tolist(),
            strict=True,
        )
    ]
    left_out = one.num_looked_at - one.x.size
    over, loss = "", f"Loss, the mean of r²: <b>{told(one.loss)}</b>"
    parts = [
        f"<p><b>Step {one.step:,}</b>, phase {one.phase_number}: the line is "
        f"{line(one.weight, one.bias)}. A residual is the prediction less y.</p>"
    ]
    if one.batch is not None:
        over = " over the mini-batch"
        loss = f"Loss, the mean of r² over all {one.num_points:,} points: <b>{told(one.loss)}</b>"
        parts.append(
            f"<p>The update looks at {_counted(one.num_looked_at)} of {one.num_points:,} only: "
            f"mini-batch {one.batch[0]:,} of epoch {one.batch[1]:,}.</p>"
        )
    parts += [
        table(["Point", "x", "y", "Prediction", "Residual r"], rows),
        f"<p>… and {left_out:,} more points.</p>" if left_out else "",
        f"<p>{loss}.<br>"
        f"Gradient by weight, the mean of 2·r·x{over}: <b>{told(one.gradient[0])}</b>.<br>"
        f"Gradient by bias, the mean of 2·r{over}: <b>{told(one.gradient[1])}</b>.</p>",
    ]
    return "".join(parts) + _update(one)


def _counted(num_points: int) -> str:
    return "1 point" if num_points == 1 else f"{num_points:,} points"


def _update(one: OneStep) -> str:
    """Return the update with its numbers, and the value that the next step really had."""
    if one.is_last:
        return "<p>This is the last step: no update follows.</p>"
    lines = []
    for index, (letter, value) in enumerate((("w", one.weight), ("b", one.bias))):
        if one.past is not None:
            formulas, _ = update(
                letter, one.phase.rule, value, one.past.gradients[index], one.past.rates
            )
        elif one.reached:
            formulas = [f"{letter} ← {told(value)} + ({told(one.reached[index] - value)})"]
        else:
            formulas = [f"{letter} = {told(value)}"]
        if one.reached:
            formulas[-1] += f"; the next step had <b>{told(one.reached[index])}</b>"
        lines += formulas
    if one.reached:
        lines.append(f"The loss there: <b>{told(one.reached[2])}</b>")
    else:
        lines.append("The next step is not among the recorded ones")
    return f"<p>{'.<br>'.join(lines)}.</p>{_remark(one)}"


def _remark(one: OneStep) -> str:
    """Return what the formulas' letters stand for, or why there are no formulas."""
    rule, parts = one.phase.rule, []
    if one.past is not None:
        parts += filter(None, [_LETTERS.get(rule.kind)])
    elif type(rule) is not Plain:
        parts.append(
            f"{rule.title} makes the update of the gradients of all its steps so far. Not all of "
            "them are known here, so its formula has no numbers."
        )
    return "".join(f"<p>{part}</p>" for part in parts)


_LETTERS = {  # of the formulas, by rule
    "momentum": "v is the velocity, 0 before the first step, and β what it keeps of itself.",
    "nesterov": "v is the velocity, 0 before the first step, and β what it keeps of itself; the "
    "update uses it as it will be one step later.",
    "rmsprop": "s is the running mean of the squared gradients, 0 before the first step.",
    "adam": "m and s are the running means of the gradients and of their squares, 0 before the first "
    "step; h makes up for that.",
}
