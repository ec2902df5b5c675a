"""The panel of numbers: those of the step at this frame, run by run."""

import altair as alt
import numpy as np

from linreg.pictures.arrow import Table, finite
from linreg.pictures.common import GREY
from linreg.pictures.layers import data, text
from linreg.pictures.stage.channels import IS_NARROW, heading, this_frame, y_channel
from linreg.runs.history import History
from linreg.runs.rules import Plain
from linreg.theory import Quadratic

# Name, short name where a panel is narrow, column of `frames`.
NUMBERS = (
    ("weight", "w", "weight"),
    ("bias", "b", "bias"),
    ("loss", "L", "mse"),
    ("gradient, weight", "∂w", "gradient_weight"),
    ("gradient, bias", "∂b", "gradient_bias"),
    ("update, weight", "Δw", "update_weight"),
    ("update, bias", "Δb", "update_bias"),
)


def rows(quadratic: Quadratic, history: History, records: np.ndarray) -> Table:
    """Return the numbers of some records, (num_frames,), run by run; null where one is not finite.

    The gradient is that of the loss on all points. The update is the one that leads to the next
    step: as it was measured, or `-learning_rate * gradient` where the next step is not recorded and
    plain steps go on; null where nobody knows.
    """
    weight, bias = history.weight, history.bias
    following = np.minimum(records + 1, history.step.size - 1)
    is_next = history.step[following] == history.step[records] + 1
    phase = history.phases[-1]
    goes_on = type(phase.rule) is Plain and phase.batch_size is None and phase.is_constant
    goes_on &= history.phase[following] == len(history.phases)
    with np.errstate(all="ignore"):
        gradient = quadratic.gradient(weight[:, records], bias[:, records])
        measured = np.stack([part[:, following] - part[:, records] for part in (weight, bias)], -1)
        foretold = -history.learning_rates[:, None, None] * gradient
        unknown = np.where(goes_on[None, :, None], foretold, np.nan)
        update = np.where(is_next[None, :, None], measured, unknown)
    line = weight[:, records], bias[:, records], history.loss[:, records]
    numbers = *line, *np.moveaxis(gradient, -1, 0), *np.moveaxis(update, -1, 0)
    columns = [column for *_, column in NUMBERS]
    return {name: finite(one.ravel()) for name, one in zip(columns, numbers, strict=True)}


def drawing(across: alt.Scale) -> alt.LayerChart:
    """The numbers of the step at this frame, under each panel."""
    plain, power = (
        f"({IS_NARROW} ? '{a}' : '{b}')" for a, b in ((".3~g", ".4~g"), (".2~e", ".3~e"))
    )
    is_plain = "datum.{0} == 0 || abs(datum.{0}) >= 0.001"  # as elsewhere on the page
    one = f"isValid(datum.{{0}}) ? format(datum.{{0}}, {is_plain} ? {plain} : {power}) : '–'"
    values = " + '\\n' + ".join(f"({one.format(column)})" for _, _, column in NUMBERS)
    long, short = ("\\n".join(names) for names in list(zip(*NUMBERS, strict=True))[:2])
    x = alt.X("left:Q", scale=across, axis=None)
    y = y_channel("left", " ", alt.Scale(), labels=False, ticks=False, grid=False, domain=False)
    style = {"align": "left", "baseline": "top", "lineBreak": "\n", "lineHeight": 19}
    panels, top, right = data("panels"), alt.YValue(0), {"expr": f"{IS_NARROW} ? 26 : 130"}
    names = panels.transform_calculate(names=f"{IS_NARROW} ? '{short}' : '{long}'")
    told = this_frame().transform_calculate(values=values)
    return alt.layer(
        panels.mark_point(opacity=0).encode(x, y),
        text(names, "names", x, top, **style, color=GREY),
        text(told, "values", x, top, **style, dx=right, color="currentColor"),
        height=19 * len(NUMBERS),
        title=heading("This step: gradient of all points, update to the next"),
    )
