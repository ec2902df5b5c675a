"""The runs the page shows: trained, or predicted until TensorFlow has answered."""

from dataclasses import dataclass
from functools import partial
from time import monotonic

import streamlit as st

from linreg import checks, forecast, verdict, worker
from linreg.history import History, drawn_steps, record_steps
from linreg.noise import BatchNoise
from linreg.page import START
from linreg.page.address import rerun_page
from linreg.page.data import Problem
from linreg.page.phases import current_phases
from linreg.page.turns import aside
from linreg.phases import Phase, checked

PATIENCE = 0.5  # seconds a page waits for a warm worker before it shows the prediction
FIRST_PICTURE = 1.0  # seconds that a cold worker leaves to it
LONGEST_WAIT = 120  # seconds until it stops waiting: loading TensorFlow takes a few

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
    job = state.get("job")
    if job is None or job["key"] != key:
        if job and job["sent"]:
            job["sent"].withdraw()
        job = state.job = {"key": key, "result": None, "troubles": [], "since": monotonic()}
        job |= {
            "send": partial(worker.submit, problem.points.x, problem.points.y, *key[1:]),
            "sent": None,
        }
    send_when_due(job)
    if job["result"] is None and job["sent"] is not None:
        try:
            with aside():
                job["result"] = worker.collect(job["sent"], PATIENCE if worker.is_warm() else 0)
        except TimeoutError:
            if monotonic() - job["since"] > LONGEST_WAIT:
                job["troubles"].append("TensorFlow has not answered for two minutes.")
                job["sent"] = None
        except worker.WorkerError as trouble:
            job["troubles"].append(str(trouble))
            job["sent"] = job["send"]() if len(job["troubles"]) == 1 else None
    return job["result"]


def send_when_due(job: dict) -> None:
    """Start training: at once if the worker is there, and else when the first picture is drawn.

    Loading TensorFlow takes a core for seconds, which the reader's browser may be waiting for.
    """
    is_due = worker.is_warm() or monotonic() - job["since"] > FIRST_PICTURE
    if job["sent"] is None and is_due and not job["troubles"]:
        job["sent"] = job["send"]()


def forget_job() -> None:
    """Train again, from the reader's own click."""
    state.job = None


def current_runs(problem: Problem) -> Runs | None:
    """Train, or predict until TensorFlow has answered; None where nobody can predict.

    Raises:
        ValueError: If the settings cannot be trained.
    """
    phases = checked(current_phases(problem.noise.quadratic, problem.points.num_points))
    start = [checks.number(name, state[name]) for name in START]
    key = (problem.key, phases, *start, state.seed)
    measured = measure(problem, key)
    shown = state.job.get("shown")
    if shown is None or shown.is_measured != (measured is not None):
        shown = state.job["shown"] = tell(problem.noise, phases, start, measured)
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


@st.fragment(run_every=0.5)
def show_pending(text: str) -> None:
    """Say that the map is on its way, and draw the page again when it is there."""
    job = state.get("sweep")
    if job and job["history"] is None and job["sent"].is_done():
        rerun_page()
    st.caption(f":material/hourglass_top: {text}")


@st.fragment(run_every=0.3)
def show_waiting(text: str) -> None:
    """Say that TensorFlow is at work, and draw the page again when there is news."""
    send_when_due(state.job)
    sent, seconds = state.job["sent"], monotonic() - state.job["since"]
    has_given_up = sent is None and state.job["troubles"]
    if has_given_up or (sent and sent.is_done()) or seconds > LONGEST_WAIT:
        rerun_page()
    st.caption(f":material/hourglass_top: {text.format(seconds=f'{seconds:.0f} s')}")
