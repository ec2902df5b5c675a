"""The runs the page shows: trained, or predicted until TensorFlow has answered."""

from dataclasses import dataclass
from functools import partial

import streamlit as st

from linreg import checks
from linreg.page import START
from linreg.page.data import Problem
from linreg.page.jobs import Training
from linreg.page.phases import current_phases
from linreg.runs.history import History, drawn_steps, record_steps
from linreg.runs.phases import Phase, checked
from linreg.telling import verdict
from linreg.theory import forecast
from linreg.theory.noise import BatchNoise
from linreg.training.processes import worker

state = st.session_state


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


def measure(problem: Problem, key: tuple) -> History | None:
    """Return the measured runs, or None while TensorFlow is at work on them."""
    training = state.get("job")
    if training is None or training.key != key:
        if training is not None:
            training.withdraw()
        points = problem.points
        state.job = training = Training(key, partial(worker.submit, points.x, points.y, *key[1:]))
    return training.collect()


def current_runs(problem: Problem) -> Runs | None:
    """Train, or predict until TensorFlow has answered; None where nobody can predict.

    Raises:
        ValueError: If the settings cannot be trained.
    """
    phases = checked(current_phases(problem.noise.quadratic, problem.points.num_points))
    start = [checks.number(name, state[name]) for name in START]
    key = (problem.key, phases, *start, state.seed)
    measured = measure(problem, key)
    notes = state.job.notes
    shown = notes.get("shown")
    if shown is None or shown.is_measured != (measured is not None):
        shown = notes["shown"] = tell(problem.noise, phases, start, measured)
    return shown


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
    predicted = History(phases, step, *forecast.forecast(noise.quadratic, phases, step, *start))
    expected = predicted
    is_exact = len(forecast.predictable(phases)) == len(phases)
    if not is_exact:
        expected = History(phases, step, *forecast.expectation(noise, phases, step, *start))
    if measured is None and not is_exact:
        return None
    drawn = predicted if measured is None else measured
    told = verdict.judge(noise.quadratic, drawn, expected, noise)
    return Runs(drawn, predicted, expected, measured is not None, told)
