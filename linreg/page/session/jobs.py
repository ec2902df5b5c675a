"""Training that a part of the page waits for: sent, collected, sent once more, given up with a way on."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial
from time import monotonic

import streamlit as st

from linreg.page.server.guard import guarded
from linreg.page.server.turns import aside
from linreg.page.session import made, phases, rerun_page, state
from linreg.runs.history import History
from linreg.runs.phases import Phase, checked
from linreg.telling.told import Runs, tell
from linreg.theory.problem import Problem
from linreg.training.processes import worker

PATIENCE = 0.5  # seconds a page waits for a warm worker before it shows what it has
FIRST_PICTURE = 1.0  # seconds that a cold worker leaves to it
LONGEST_WAIT = 120  # seconds until it stops waiting, once no other training is ahead
LATE = "TensorFlow has not answered for two minutes."
TRIES = 2
AGAIN = {  # of a training: what begins it again, the key of that, what is said where it was lost
    "job": ("Train again", "train_again", "Training was interrupted"),
    "sweep": ("Train the map again", "map_again", "The map was interrupted"),
}


@dataclass(eq=False)
class Training:
    """What was asked of a worker, and what has come of it."""

    key: object  # of what is trained: with another one this training is of no use
    send: Callable[[], worker.Job]  # called again where a worker was lost
    result: History | None = None
    troubles: list[str] = field(default_factory=list)  # for the reader
    since: float = field(default_factory=monotonic)  # when the wait began
    _job: worker.Job | None = None
    _was_behind: float = 0.0  # when others were last seen ahead of it

    @property
    def has_ended(self) -> bool:
        """Whether nothing more will come of it, by itself."""
        return self.result is not None or (self._job is None and bool(self.troubles))

    def has_news(self) -> bool:
        """Return whether it is time to draw the page again."""
        try:
            self._send_when_due()
        except ValueError:  # the page shows why when it collects
            return True
        is_done = self._job is not None and self._job.is_done()
        return self.has_ended or is_done or self._is_over_due()

    def collect(self) -> History | None:
        """Return the runs, or None while they are on their way, or if they will not come.

        Raises:
            ValueError: If they cannot be trained.
        """
        self._send_when_due()
        if self._job is not None:
            try:
                with aside():
                    self.result = worker.collect(self._job, PATIENCE if worker.is_warm() else 0)
                self._job = None
            except TimeoutError:
                if self._is_over_due():
                    self.withdraw()
                    self.troubles.append(LATE)
                    worker.log_once(LATE)
            except worker.WorkerError as trouble:
                self.troubles.append(str(trouble))
                self._job = self.send() if len(self.troubles) < TRIES else None
        return self.result

    def withdraw(self) -> None:
        """Do without it."""
        if self._job is not None:
            self._job.withdraw()
            self._job = None

    def told_wait(self) -> str:
        """Return for how long it has been under way, and what is done before it."""
        seconds = f"{monotonic() - self.since:.0f} s"
        ahead = self._job.num_ahead() if self._job is not None else 0
        return f"{seconds}, {ahead} before it" if ahead else seconds

    def _send_when_due(self) -> None:
        """Start training: at once if the worker is there, and else when the first picture is drawn.

        Loading TensorFlow takes a core for seconds, which the reader's browser may be waiting for.
        """
        is_due = worker.is_warm() or monotonic() - self.since > FIRST_PICTURE
        if self._job is None and is_due and not self.has_ended:
            self._job = self.send()

    def _is_over_due(self) -> bool:
        if self._job is not None and self._job.num_ahead():
            self._was_behind = monotonic()
        return monotonic() - max(self.since, self._was_behind) > LONGEST_WAIT


def training(name: str, problem: Problem, through: Iterable[Phase]) -> Training:
    """Return the session's training of this name; begin it in the place of another one.

    Raises:
        ValueError: If it cannot be trained through these phases.
    """
    key, points = (problem.key, checked(through), phases.start(), state.seed), problem.points
    known = made.known(name)
    if known is None or known.key != key:
        made.drop(name)
        known = Training(key, partial(worker.submit, points.x, points.y, *key[1:]))
        made.put(name, key, known)
    return known


def current_runs(problem: Problem) -> Runs | None:
    """Train, or predict until TensorFlow has answered; None where nobody can predict.

    Raises:
        ValueError: If the settings cannot be trained.
    """
    current = phases.current_phases(problem)
    job = training("job", problem, current)
    measured, known = job.collect(), (problem.noise, current, phases.start())
    key = job.key, measured is not None
    return made.once("shown", key, lambda: tell(*known, measured))


def show_training(name: str, text: str, ended: str = "") -> None:
    """Say that a training is under way, as `show_waiting` does; or offer to begin it again."""
    job, (again, key, _) = made.known(name), AGAIN[name]
    show_trouble(name)
    if not job.has_ended:
        show_waiting(job, text)
        return
    if ended:
        st.caption(ended)
    st.button(again, key=key, on_click=made.drop, args=(name,))


def show_trouble(name: str) -> None:
    """Say what went wrong last with a training, if anything did."""
    if troubles := made.known(name).troubles:
        st.warning(troubles[-1], title=AGAIN[name][2])


@st.fragment(run_every=0.3)
def show_waiting(training: Training, text: str) -> None:
    """Say that training is under way, for how long in the place of `{wait}`, until there is news."""
    with guarded():
        if training.has_news():
            rerun_page()
        st.caption(f":material/hourglass_top: {text.format(wait=training.told_wait())}")
