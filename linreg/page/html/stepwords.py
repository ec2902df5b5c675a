"""One step as HTML: a few rows, the loss, the gradient, the update with its numbers, what it led to."""

from linreg.page.html.markup import table
from linreg.runs.rules import Plain
from linreg.telling.formulas import line, told, update
from linreg.telling.onestep import OneStep


def in_words(one: OneStep) -> str:
    """Return the step as HTML: a few rows, the loss, the gradient, the update, what it led to."""
    if not one.is_finite:
        return (
            f"<p><b>Step {one.step:,}</b>, phase {one.phase_number}: the run has diverged beyond the "
            "largest number that a computer calculates with, about 1.8e308. From there on weight and "
            "bias are ∞, or nan where ∞ is taken from ∞; there is nothing left to check.</p>"
        )
    columns = (column.tolist() for column in (one.shown + 1, one.x, one.y, one.residuals))
    rows = [
        [f"{k:,}", told(x), told(y), told(x * one.weight + one.bias), told(residual)]
        for k, x, y, residual in zip(*columns, strict=True)
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
        only = "only " * (one.num_looked_at < one.num_points)
        parts.append(
            f"<p>The update looks at {only}{one.num_looked_at:,} of the {one.num_points:,} points: "
            f"mini-batch {one.batch[0]:,} of epoch {one.batch[1]:,} of this phase.</p>"
        )
    parts += [
        table(["Point", "x", "y", "Prediction", "Residual r"], rows),
        f"<p>… and {left_out:,} more points.</p>" if left_out else "",
        f"<p>{loss}.<br>"
        f"Gradient by weight, the mean of 2·r·x{over}: <b>{told(one.gradient[0])}</b>.<br>"
        f"Gradient by bias, the mean of 2·r{over}: <b>{told(one.gradient[1])}</b>.</p>",
    ]
    return "".join(parts) + _update(one)


def _update(one: OneStep) -> str:
    """Return the update with its numbers, and the value that the next step really had."""
    if one.is_last:
        return "<p>This is the last step: no update follows.</p>"
    lines = []
    for index, (letter, value) in enumerate((("w", one.weight), ("b", one.bias))):
        if one.past is not None:
            past = one.past.gradients[index], one.past.rates
            formulas, _ = update(letter, one.phase.rule, value, *past)
        elif one.reached:
            formulas = [f"{letter} ← {told(value)} + ({told(one.reached[index] - value)})"]
        else:
            formulas = [f"{letter} = {told(value)}"]
        if one.reached:
            formulas[-1] += f"; the next step had <b>{told(one.reached[index])}</b>"
        lines += formulas
    if one.reached:
        over = f", over all {one.num_points:,} points" if one.batch else ""
        lines.append(f"The loss there{over}: <b>{told(one.reached[2])}</b>")
    else:
        lines.append("The next step is not among the recorded ones")
    return f"<p>{'.<br>'.join(lines)}.</p>{_remark(one)}"


def _remark(one: OneStep) -> str:
    """Return what the formulas' letters stand for, or why there are no formulas."""
    rule, remark = one.phase.rule, ""
    if one.past is not None:
        remark = rule.remark
    elif type(rule) is not Plain:
        remark = (
            f"{rule.title} makes the update of the gradients of all its steps so far. Not all of "
            "them are known here, so its formula has no numbers."
        )
    return f"<p>{remark}</p>" if remark else ""
