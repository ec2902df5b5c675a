"""What the page says of the theory: one sentence above the runs, and how it all works."""

from collections.abc import Sequence

from linreg.data.scaling import Scaling
from linreg.runs.phases import Phase
from linreg.telling.advice import LONG_VALLEY
from linreg.theory import Quadratic, Zone
from linreg.theory.dynamics import Dynamics
from linreg.words import number


def scaling_note(quadratic: Quadratic, scaling: Scaling, unscaled: Quadratic | None) -> str | None:
    """Return what scaling has done to this data, or would do; None where it would do little.

    Args:
        quadratic: The loss of the points that are trained on.
        scaling: What was done to them.
        unscaled: The loss of the original points; None if they differ too little to have one.
    """
    kappa, critical = quadratic.condition_number, quadratic.critical_learning_rate
    if not scaling.is_raw:
        before = "from so much that no number holds it to"
        if unscaled is not None:
            before = f"from **{number(unscaled.condition_number)}** to"
        rates = "" if unscaled is None else f"from **{number(unscaled.critical_learning_rate)}** "
        return (
            f"Scaling took κ {before} **{number(kappa)}**, and the critical rate {rates}to "
            f"**{number(critical)}**. Weight, bias and loss are in scaled units; the table and the "
            "CSV give the original ones too."
        )
    if kappa < LONG_VALLEY:
        return None
    return (
        f"κ, the steepest curvature over the flattest, is **{number(kappa)}** on this data: at half the "
        f"critical rate, where the steep error is gone at once, a step takes a share of only "
        f"{number(1 / kappa)} off the flat one. With x standardised κ is **1**, the critical rate "
        "**1**, and a rate of ½ takes both at once."
    )


def sentence(
    quadratic: Quadratic, phases: Sequence[Phase], num_points: int, has_floor: bool = False
) -> str:
    """Return where this data's critical rate is.

    Where there is no critical rate, or it does not decide, return why. Of mini-batches it is said
    whether how far they scatter is known.
    """
    phase = phases[-1]
    where = f"Phase {len(phases)}: on" if len(phases) > 1 else "On"
    if not phase.rule.is_linear:
        return (
            f"{where} this data as on any, **{phase.rule.title}** takes steps about as long as the "
            "rate says, however steep the loss is: there is no critical rate, and nobody can "
            "predict the path. All numbers are measured."
        )
    dynamics = Dynamics(quadratic, phase.rule)
    momentum = f" with momentum {number(dynamics.momentum)}" if dynamics.momentum else ""
    critical = f"{where} this data{momentum} every learning rate above "
    critical += f"**{number(dynamics.critical_learning_rate)}** diverges"
    if phase.batch_size is not None:
        return (
            f"{critical}, if each step sees all points. With **{phase.batch_size:,}** of "
            f"{num_points:,} they scatter: no step can be predicted"
            + (", but how far they scatter can." if has_floor else ".")
        )
    if not phase.is_constant:
        return f"{critical}. **{phase.schedule.title}** changes the rate from step to step."
    return f"{critical}."


def explanation(quadratic: Quadratic) -> str:
    """Return the formulas that predict a run and the four zones, with this data's numbers."""
    flat, steep = quadratic.eigenvalues
    edges = [number(1 / steep), number(2 / steep)]
    return (
        "The loss of a line is a bowl, steep in one direction and flat across it. Gradient descent "
        "takes the slope at its place and steps downhill by a learning rate's worth of it:\n\n"
        r"$$L(w, b) = \frac1n \sum_i (w x_i + b - y_i)^2 \qquad"
        r" (w, b) \leftarrow (w, b) - \eta\, \nabla L$$"
        "\n\nAlong each of the two directions a step multiplies the error, the distance to the "
        "minimum, by a fixed factor. So every run can be predicted, and it is the steep direction "
        "that sets the limit:\n\n"
        r"$$\text{error}_k = (1 - \eta \lambda)^k\, \text{error}_0 \qquad"
        r" \eta_\text{critical} = \frac{2}{\lambda_\text{max}}$$"
        f"\n\nOn this data λ is **{number(flat)}** (flat) and **{number(steep)}** (steep); the loss "
        "is the plain mean, and with a factor ½ in front every limit would double.\n\n"
        "| learning rate η | factor of the steep error | what happens |\n|:--|:--|:--|\n"
        f"| up to {edges[0]} | 0 to 1 | {Zone.CONVERGES} |\n"
        f"| {edges[0]} to {edges[1]} | −1 to 0 | {Zone.OVERSHOOTS} |\n"
        f"| exactly {edges[1]} | −1 | {Zone.BOUNCES} |\n"
        f"| above {edges[1]} | below −1 | {Zone.DIVERGES} |\n\n"
        "With **momentum** β the limit moves to (2 + 2β) / λ, with **Nesterov's** to "
        "(2 + 2β) / ((1 + 2β) λ); the error and its velocity are multiplied by a 2 × 2 matrix, and "
        "where its roots are complex the run swings. On a **schedule** the factors change from step "
        "to step, and the path is their product. **Mini-batches** follow the same path on average "
        "and scatter around it. **RMSprop** and **Adam** follow no formula.\n\n"
        "What the verdicts call the excess loss, or the gap, is the loss above the least possible "
        "one. A run has **converged** when its loss and its line are there: a thousandth of the "
        "initial excess loss left, and no more than 1 % of the variance of y; and 1 % of the way to "
        "the minimum. The loss alone would not do: where one direction is steep and the other flat, "
        "it falls at once along the steep one, and along the flat one the line has not moved. The "
        "exact solution needs no steps at all; but the same loop, with other predictions, trains "
        "networks with thousands of weights, for which there is none. This is the loop, and the "
        "runs above are trained with its `predict` and `mean_squared_error`:"
    )
