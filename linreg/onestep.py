"""One step with all its numbers, for a pocket calculator: predictions, residuals, gradient, update."""

import math
from dataclasses import dataclass

import numpy as np

from linreg.formulas import line, told, update
from linreg.history import History
from linreg.markup import table
from linreg.phases import Phase, Plain, rates_at

NUM_ROWS = 5  # points whose prediction and residual are shown


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
        x: Of the first few points, shape (NUM_ROWS,) or fewer.
        y: Likewise.
        num_points: Of all.
        gradient: By weight and by bias: means of 2·residual·x and of 2·residual over all points.
        reached: Weight, bias and loss after the update, as they were measured; None if the next
            step was not recorded, or if there is none.
        past: What the update is made of; None where that is not known: with mini-batches, after
            steps that were not recorded.
        is_last: Whether no step follows.
    """

    step: int
    phase: Phase
    phase_number: int
    learning_rate: float
    weight: float
    bias: float
    loss: float
    x: np.ndarray
    y: np.ndarray
    num_points: int
    gradient: tuple[float, float]
    reached: tuple[float, float, float] | None
    past: Past | None
    is_last: bool

    @property
    def residuals(self) -> np.ndarray:
        """Prediction less y, of the first few points."""
        return self.weight * self.x + self.bias - self.y

    @property
    def is_finite(self) -> bool:
        """Whether there is a line."""
        return math.isfinite(self.weight) and math.isfinite(self.bias)


def one_step(x: np.ndarray, y: np.ndarray, history: History, run: int, step: int) -> OneStep:
    """Return a step of a run: the recorded one, or the last one recorded before it.

    Args:
        x: Of all points, shape (num_points,).
        y: Likewise.
        history: The runs on them.
        run: Which of them.
        step: Updates made before it, between 0 and the last.
    """
    record = int(np.searchsorted(history.step, step, side="right")) - 1
    weight, bias = float(history.weight[run, record]), float(history.bias[run, record])
    following = min(record + 1, history.step.size - 1)
    is_next = history.step[following] == history.step[record] + 1
    gradients = _gradients(x, y, history.weight[run, : record + 1], history.bias[run, : record + 1])
    index = int(history.phase[following]) - 1
    return OneStep(
        int(history.step[record]),
        history.phases[index],
        index + 1,
        float(rates_at(history.phases, history.step[record : record + 1] + 1)[run, 0])
        if following > record
        else float(history.rate[run, record]),
        weight,
        bias,
        float(history.loss[run, record]),
        x[:NUM_ROWS],
        y[:NUM_ROWS],
        x.size,
        (float(gradients[0, -1]), float(gradients[1, -1])),
        tuple(float(part[run, following]) for part in (history.weight, history.bias, history.loss))
        if is_next
        else None,
        _past(history, run, record, gradients),
        record == following,
    )


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


def _past(history: History, run: int, record: int, gradients: np.ndarray) -> Past | None:
    """Return what the update after a record is made of, if all of it was recorded."""
    if record + 1 == history.step.size:
        return None
    index = int(history.phase[record + 1]) - 1
    rule, first = history.phases[index].rule, index
    while first > 0 and history.phases[first - 1].rule.kind == rule.kind:
        first -= 1  # its memory lasts from phase to phase
    chain = history.phases[first : index + 1]
    if type(rule) is Plain:
        begin, chain = record, chain[-1:]
    else:
        begin = int(history.ends[first - 1]) if first else 0
    steps = history.step[begin : record + 1]
    has_gaps = int(steps[-1] - steps[0]) != record - begin
    if has_gaps or any(phase.batch_size is not None for phase in chain):
        return None
    steps_made = np.arange(steps[0] + 1, steps[-1] + 2)
    return Past(gradients[:, begin:], rates_at(history.phases, steps_made)[run])


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
        [f"{k}", told(x), told(y), told(x * one.weight + one.bias), told(residual)]
        for k, (x, y, residual) in enumerate(
            zip(one.x.tolist(), one.y.tolist(), one.residuals.tolist(), strict=True), 1
        )
    ]
    left_out = one.num_points - one.x.size
    parts = [
        f"<p><b>Step {one.step:,}</b>, phase {one.phase_number}: the line is "
        f"{line(one.weight, one.bias)}. A residual is the prediction less y.</p>",
        table(["Point", "x", "y", "Prediction", "Residual r"], rows),
        f"<p>… and {left_out:,} more points.</p>" if left_out else "",
        f"<p>Loss, the mean of r²: <b>{told(one.loss)}</b>.<br>"
        f"Gradient by weight, the mean of 2·r·x: <b>{told(one.gradient[0])}</b>.<br>"
        f"Gradient by bias, the mean of 2·r: <b>{told(one.gradient[1])}</b>.</p>",
    ]
    return "".join(parts) + _update(one)


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
    if one.phase.batch_size is not None:
        parts.append(
            f"This step has looked at a mini-batch of {one.phase.batch_size:,}, and taken the "
            "gradient of its loss; above stands the gradient of all points."
        )
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
