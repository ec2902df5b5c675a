"""One step with all its numbers, for a pocket calculator: predictions, residuals, gradient, update."""

from dataclasses import dataclass

import numpy as np

from linreg.history import History
from linreg.markup import table
from linreg.phases import Phase, Plain
from linreg.words import number

NUM_ROWS = 5  # points whose prediction and residual are shown
DIGITS = 8  # significant ones: a learner types them in


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

    @property
    def residuals(self) -> np.ndarray:
        """Prediction less y, of the first few points."""
        return self.weight * self.x + self.bias - self.y

    @property
    def is_plain(self) -> bool:
        """Whether the update is the learning rate times this gradient."""
        return type(self.phase.rule) is Plain and self.phase.batch_size is None


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
    with np.errstate(over="ignore", invalid="ignore"):
        residuals = weight * x + bias - y
        gradient = float(np.mean(2 * residuals * x)), float(np.mean(2 * residuals))
    index = int(history.phase[following]) - 1
    return OneStep(
        int(history.step[record]),
        history.phases[index],
        index + 1,
        float(history.rate[run, following]),
        weight,
        bias,
        float(history.loss[run, record]),
        x[:NUM_ROWS],
        y[:NUM_ROWS],
        x.size,
        gradient,
        tuple(float(part[run, following]) for part in (history.weight, history.bias, history.loss))
        if is_next
        else None,
    )


def _told(value: float) -> str:
    """Return a number with as many digits as a pocket calculator takes."""
    text = f"{value:.{DIGITS}g}".replace("-", "−")
    return text.replace("e+0", "e").replace("e+", "e").replace("e−0", "e−").replace("inf", "∞")


def in_words(told: OneStep) -> str:
    """Return the step as HTML: a few rows, the loss, the gradient, the update, what it led to."""
    weight, bias = _told(told.weight), _told(told.bias)
    rows = [
        [f"{k}", _told(x), _told(y), _told(x * told.weight + told.bias), _told(residual)]
        for k, (x, y, residual) in enumerate(
            zip(told.x.tolist(), told.y.tolist(), told.residuals.tolist(), strict=True), 1
        )
    ]
    left_out = told.num_points - told.x.size
    parts = [
        f"<p><b>Step {told.step:,}</b>, phase {told.phase_number}: the line is "
        f"{weight} · x + {bias}. A residual is the prediction less y.</p>",
        table(["Point", "x", "y", "Prediction", "Residual r"], rows),
        f"<p>… and {left_out:,} more points.</p>" if left_out else "",
        f"<p>Loss, the mean of r²: <b>{_told(told.loss)}</b>.<br>"
        f"Gradient by weight, the mean of 2·r·x: <b>{_told(told.gradient[0])}</b>.<br>"
        f"Gradient by bias, the mean of 2·r: <b>{_told(told.gradient[1])}</b>.</p>",
    ]
    return "".join(parts) + _update(told)


def _update(told: OneStep) -> str:
    """Return the update with its numbers, and the value that the next step really had."""
    rate = _told(told.learning_rate)
    lines = []
    for index, (letter, value) in enumerate((("w", told.weight), ("b", told.bias))):
        gradient = told.gradient[index]
        if told.is_plain:
            with np.errstate(over="ignore", invalid="ignore"):
                foretold = value - told.learning_rate * gradient
            line = (
                f"{letter} ← {letter} − η·g = {_told(value)} − {rate} · ({_told(gradient)}) "
                f"= <b>{_told(foretold)}</b>"
            )
        elif told.reached:
            line = f"{letter} ← {_told(value)} + ({_told(told.reached[index] - value)})"
        else:
            line = f"{letter} = {_told(value)}"
        if told.reached:
            line += f"; the next step had <b>{_told(told.reached[index])}</b>"
        lines.append(line)
    if told.reached:
        lines.append(f"The loss there: <b>{_told(told.reached[2])}</b>")
    else:
        lines.append("The next step is not among the recorded ones.")
    return f"<p>{'.<br>'.join(lines)}.</p>{_why_not_plain(told)}"


def _why_not_plain(told: OneStep) -> str:
    if told.is_plain:
        return ""
    if told.phase.batch_size is not None:
        return (
            f"<p>This step has looked at a mini-batch of {told.phase.batch_size:,}, and taken the "
            "gradient of its loss; above stands the gradient of all points.</p>"
        )
    return (
        f"<p>{told.phase.rule.title} makes the update of this gradient, of those before it, and of "
        f"the rate {number(told.learning_rate)}.</p>"
    )
