"""What a run came to: gathered for a table, a download and a comparison."""

import math
from dataclasses import dataclass, field, replace

from linreg.data.scaling import Scaling
from linreg.pictures.stage.curves import Curve, curve_records
from linreg.runs.history import History, record_steps
from linreg.sharing import settings
from linreg.sharing.settings import Values
from linreg.telling.facts import Facts
from linreg.telling.verdict import Verdict
from linreg.theory.dynamics import Dynamics
from linreg.theory.noise import BatchNoise

RAW = Scaling()


@dataclass(frozen=True, eq=False)
class Result:
    """What a run came to, and of what data."""

    facts: Facts
    outcome: str  # in a word
    critical: float | None  # rate of its last rule; None if it has none
    excess: float  # loss after the last step
    error: float  # the parameters' distance from the minimum after the last step
    data: str  # in words
    minimum: tuple[float, float, float]  # weight, bias and loss of the best line
    scaling: Scaling
    curve: Curve = field(repr=False)  # its loss, at the records that a curve is drawn through
    history: History = field(repr=False)  # the run alone, at the steps that a download holds

    @classmethod
    def of(
        cls, noise: BatchNoise, history: History, told: Verdict, data: str, scaling: Scaling = RAW
    ) -> "Result":
        """Gather it for one of several runs: the one that was judged."""
        quadratic, run = noise.quadratic, told.facts.run
        records = curve_records(history.step)
        weight, bias = history.weight[run], history.bias[run]
        excess = float(quadratic.excess_loss(weight[-1], bias[-1]))
        path = quadratic.excess_loss(weight[records], bias[records])
        rule, minimum = told.facts.last.rule, (quadratic.weight, quadratic.bias, quadratic.loss)
        critical = Dynamics(quadratic, rule).critical_learning_rate if rule.is_linear else None
        error = math.hypot(weight[-1] - quadratic.weight, bias[-1] - quadratic.bias)
        curve = Curve(history.step[records], history.loss[run, records], path)
        ends = told.outcome, critical, excess, error
        return cls(told.facts, *ends, data, minimum, scaling, curve, _alone(history, run))

    def is_of_same_data(self, other: "Result") -> bool:
        """Return whether both were trained on the same points, so that their losses compare."""
        return (self.minimum, self.facts.num_points) == (other.minimum, other.facts.num_points)


def _alone(history: History, run: int) -> History:
    """Return one of several runs at the steps that a download holds, and nothing that holds more."""
    kept = history.at(record_steps(history.phases))
    phases = (replace(one, learning_rates=one.learning_rates[run]) for one in kept.phases)
    columns = (column[[run]] for column in (kept.weight, kept.bias, kept.loss))
    return History(tuple(phases), kept.step, *columns)


def data_in_words(values: Values) -> str:
    """Return what the points are.

    Example:
        >>> data_in_words({"seed": 7, "scale": "centred"})
        "lesson's line, seed 7, centred"
        >>> data_in_words({"data": "wheat"})
        'wheat'
    """
    source = values.get("data", "line")
    words = ["lesson's line" if source == "line" else source.replace("_", " ")]
    made_of = [name for name in settings.LINE if settings.has_effect(name, values)]
    words += [f"{k.removeprefix('num_')} {values[k]:.6g}" for k in made_of if k in values]
    if values.get("scale", "raw") != "raw":
        words.append(values["scale"] + ", x and y" * (values.get("scaled") == "xy"))
    words += [f"{k.replace('_', ' ')} {values[k]:.6g}" for k in settings.START if k in values]
    return ", ".join(words)
