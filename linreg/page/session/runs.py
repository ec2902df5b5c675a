"""The runs the page shows: trained, or predicted until TensorFlow has answered."""

from functools import partial

import streamlit as st

from linreg import checks
from linreg.page.session.jobs import Training
from linreg.page.session.phases import current_phases
from linreg.runs.history import History
from linreg.runs.phases import checked
from linreg.sharing.settings import START
from linreg.telling.told import Runs, tell
from linreg.theory.problem import Problem
from linreg.training.processes import worker

state = st.session_state


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
    phases = checked(current_phases(problem.quadratic, problem.points.num_points))
    start = [checks.number(name, state[name]) for name in START]
    key = (problem.key, phases, *start, state.seed)
    measured = measure(problem, key)
    notes = state.job.notes
    shown = notes.get("shown")
    if shown is None or shown.is_measured != (measured is not None):
        shown = notes["shown"] = tell(problem.noise, phases, start, measured)
    return shown
