"""Runs with what the theory says of them, and the words for both."""

from dataclasses import dataclass

from linreg.runs.history import History, drawn_steps, record_steps
from linreg.runs.phases import Phase
from linreg.telling import facts, verdict
from linreg.theory import forecast
from linreg.theory.noise import BatchNoise


@dataclass(frozen=True)
class Runs:
    """What there is to show: the runs, what the theory says of them, and the words for them."""

    drawn: History  # with every early step of each phase
    predicted: History  # at the same steps; nan where no prediction is exact
    expected: History  # the same, and what mini-batches do on average
    is_measured: bool
    verdicts: list[verdict.Verdict]

    @property
    def history(self) -> History:
        """The runs at the steps that a download holds."""
        return self.drawn.at(record_steps(self.drawn.phases))


def tell(
    noise: BatchNoise, phases: tuple[Phase, ...], start: list[float], measured: History | None
) -> Runs | None:
    """Return the runs with what the theory says, and the words for both.

    Args:
        noise: What is known of the data.
        phases: What is trained.
        start: Weight and bias.
        measured: What was measured; None for the prediction, if there is one.
    """
    step = drawn_steps(phases)
    predicted = forecast.forecast(noise.quadratic, phases, step, start)
    expected, drawn = predicted, measured or predicted
    if not facts.is_foretold(phases):
        if measured is None:
            return None
        expected = forecast.expectation(noise, phases, step, start)
    told = verdict.judge(noise.quadratic, drawn, expected, noise)
    return Runs(drawn, predicted, expected, measured is not None, told)
