"""The runs the page shows: trained, or predicted until TensorFlow has answered."""

from dataclasses import dataclass
from functools import partial
from time import monotonic

import numpy as np
import streamlit as st

from linreg import checks, data, rates, verdict, worker
from linreg.history import MAX_RECORDS, History, record_steps
from linreg.page import DATA, START
from linreg.page.address import rerun_page
from linreg.theory import Quadratic

PATIENCE = 0.5  # seconds a page waits for a warm worker before it shows the prediction
FIRST_PICTURE = 0.25  # seconds that a cold worker leaves to it
LONGEST_WAIT = 120  # seconds until it stops waiting: loading TensorFlow takes a few

state = st.session_state


@dataclass(frozen=True)
class Runs:
    """What there is to show: the runs, what the theory says of them, and the words for them."""

    history: History  # every record, for the downloads
    drawn: History  # with every one of the first 2,000 steps, for all else
    predicted: History  # at the steps of `drawn`
    is_measured: bool
    verdicts: list[verdict.Verdict]


@st.cache_resource(max_entries=16)
def problem(**made_of) -> tuple[data.Dataset, Quadratic]:
    """Make the points and their loss surface; shared by all readers, and never changed."""
    line = data.make_line(**made_of)
    return line, Quadratic.of(line.x, line.y)


def measure(line: data.Dataset, key: tuple) -> tuple[History, History] | None:
    """Return the measured runs, or None while TensorFlow is at work on them."""
    job = state.get("job")
    if job is None or job["key"] != key:
        job = state.job = {"key": key, "result": None, "troubles": [], "since": monotonic()}
        job |= {"send": partial(worker.submit, line.x, line.y, *key[1:]), "sent": None}
    send_when_due(job)
    if job["result"] is None and job["sent"] is not None:
        try:
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


def current_runs(line: data.Dataset, quadratic: Quadratic) -> Runs:
    """Train, or predict until TensorFlow has answered."""
    chosen, num_steps = [state[name] for name in rates.RUNS], state.num_steps
    start = [checks.number(name, state[name]) for name in START]
    key = (tuple(state[name] for name in DATA), tuple(chosen), num_steps, *start)

    def predict(step: np.ndarray) -> History:
        return History(np.array(chosen), step, *quadratic.path(chosen, step, *start))

    measured = measure(line, key)
    if measured is None:
        history = predict(record_steps(num_steps))
        opening = record_steps(min(num_steps, MAX_RECORDS))
        drawn = predicted = predict(np.union1d(opening, history.step))
    else:
        history, drawn = measured
        predicted = predict(drawn.step)
    told = verdict.judge(quadratic, drawn)
    return Runs(history, drawn, predicted, measured is not None, told)


@st.fragment(run_every=0.3)
def show_waiting() -> None:
    """Say that TensorFlow is at work, and draw the page again when there is news."""
    send_when_due(state.job)
    sent, seconds = state.job["sent"], monotonic() - state.job["since"]
    has_given_up = sent is None and state.job["troubles"]
    if has_given_up or (sent and sent.future.done()) or seconds > LONGEST_WAIT:
        rerun_page()
    st.caption(
        ":material/hourglass_top: **Predicted, not trained yet.** TensorFlow is at work "
        f"({seconds:.0f} s); its runs take the place of these."
    )
