"""A process of its own that does one job after the other, replaced when it has died or stopped."""

import logging
import os
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field
from tempfile import NamedTemporaryFile
from threading import Lock, Thread
from time import monotonic, sleep
from typing import IO

# Else it ends a process at 300 MB, unannounced.
os.environ.setdefault("LOKY_MAX_MEMORY_LEAK_SIZE", "1e12")

from loky import ProcessPoolExecutor, set_loky_pickler
from loky.process_executor import BrokenProcessPool, ShutdownExecutorError

# Everything sent is a module's own, and cloudpickle takes ten times as long.
set_loky_pickler("pickle")

log = logging.getLogger("linreg.worker")

BEAT = 1.0  # seconds between two signs of life


def _settle_in(server: int, niceness: int, pulse: str) -> None:
    """Let the page's process go first, show that this one lives, and do not outlive the other."""
    os.nice(niceness)

    def beat() -> None:
        with suppress(FileNotFoundError):  # another process has taken the place of this one
            while os.getppid() == server:
                os.utime(pulse)
                sleep(BEAT)
        os._exit(0)

    Thread(target=beat, daemon=True).start()


@dataclass(eq=False)
class Worker:
    """A process, what it owes, and when it was last heard of."""

    pool: ProcessPoolExecutor  # of this one process
    pulse: IO  # a file that the process touches while it lives, and while the file is there
    # What it has compiled, for whoever keeps account of it; of one that ends when it is idle, what
    # the ones before it had compiled too.
    known: set = field(default_factory=set)
    owed: dict[Future, None] = field(default_factory=dict)  # jobs without an answer, in order
    _beat: int = 0
    _heard: float = field(default_factory=monotonic)

    @classmethod
    def start(cls, niceness: int, idle: float | None) -> "Worker":
        """Start a process; it loads nothing yet."""
        pulse = NamedTemporaryFile(prefix="linreg-")  # noqa: SIM115, lives as long as the process
        arguments = os.getpid(), niceness, pulse.name
        pool = ProcessPoolExecutor(
            max_workers=1, timeout=idle, initializer=_settle_in, initargs=arguments
        )
        return cls(pool, pulse)

    def silent(self) -> float:
        """Return for how many seconds nothing has been heard of it."""
        beat = os.fstat(self.pulse.fileno()).st_mtime_ns
        if beat != self._beat:
            self._beat, self._heard = beat, monotonic()
        return monotonic() - self._heard


class Lane:
    """One process that works, started when it is needed.

    Not loky's reusable executor: that is one for each thread, and Streamlit runs every rerun in a
    thread of its own.
    """

    def __init__(self, niceness: int, idle: float | None, patience: float = 20.0) -> None:
        """Start nothing yet.

        Args:
            niceness: Of the process; loading TensorFlow keeps a core busy for seconds.
            idle: Seconds without work after which the process ends; None for never.
            patience: Seconds without a sign of life after which it counts as stopped.
        """
        self._niceness, self._idle, self.patience = niceness, idle, patience
        self._lock = Lock()
        self._worker: Worker | None = None
        self._is_closed = False

    @property
    def known(self) -> frozenset:
        """What the process has compiled."""
        with self._lock:
            return frozenset(self._worker.known if self._worker else ())

    def submit(
        self, work: Callable, *arguments: object, compiles: frozenset = frozenset()
    ) -> "Job":
        """Start work in the process.

        Args:
            work: A module's own function, to be called with the arguments.
            compiles: What the process will have compiled afterwards.

        Returns:
            The job; its future fails if the process dies or is replaced.
        """
        self.replace_if_stopped()
        with self._lock:
            if self._is_closed:  # a process begun now would be left behind
                refused = Future()
                refused.set_exception(ShutdownExecutorError("The server ends."))
                return Job(refused, self, None)
            if self._worker is None:
                self._worker = Worker.start(self._niceness, self._idle)
            worker = self._worker
            if not worker.owed:  # it may have ended: begin to listen
                worker._heard = monotonic()
        try:
            future = worker.pool.submit(work, *arguments)
        except (BrokenProcessPool, ShutdownExecutorError) as death:
            future = Future()  # it died between two runs: whoever collects hears of it
            future.set_exception(death)
        with self._lock:
            worker.owed[future] = None

        def note(done: Future) -> None:
            with self._lock:
                del worker.owed[done]
                if not done.cancelled() and done.exception() is None:
                    worker.known |= compiles

        future.add_done_callback(note)  # after it was noted as owed: it may be called at once
        return Job(future, self, worker)

    def forget(self, worker: Worker) -> bool:
        """Let the next submit start another process; return whether this was still the one in use."""
        with self._lock:
            if self._worker is not worker:
                return False
            self._worker = None
            worker.pulse.close()
            return True

    def end(self, worker: Worker) -> bool:
        """End a process; what else it had to do fails. Return whether it was still the one in use."""
        is_in_use = self.forget(worker)
        if is_in_use:
            worker.pool.shutdown(wait=False, kill_workers=True)
        return is_in_use

    def close(self) -> None:
        """End the process, if there is one, and start no other: the server ends."""
        with self._lock:
            self._is_closed = True
            worker = self._worker
        if worker is not None:
            self.end(worker)

    def replace_if_stopped(self) -> None:
        """End a process that owes an answer and shows no life."""
        with self._lock:
            worker = self._worker
            if worker is None or not worker.owed or worker.silent() < self.patience:
                return
        if self.end(worker):
            log.error(
                "The process that trains has shown no sign of life for %g seconds, and owed %d "
                "answers. Another takes its place.",
                self.patience,
                len(worker.owed),
            )


@dataclass(frozen=True, eq=False)
class Job:
    """Work on its way."""

    future: Future  # of the result
    lane: Lane  # where it runs
    worker: Worker | None  # that runs it; None where the server ends and none is started

    def is_done(self) -> bool:
        """Return whether there is anything to collect; a process that has stopped is replaced."""
        self.lane.replace_if_stopped()
        return self.future.done()

    def num_ahead(self) -> int:
        """Return how many others the process does before this one."""
        with self.lane._lock:
            before = list(self.worker.owed) if self.worker else []
        return before.index(self.future) if self.future in before else 0

    def withdraw(self) -> None:
        """Do without the result; what has begun goes on to its end."""
        self.future.cancel()

    def forget(self) -> bool:
        """Let another process take the next job: this one has died. Return whether that is news."""
        return self.lane.forget(self.worker)

    def end(self) -> bool:
        """End the process, so that another takes the next job. Return whether that is news."""
        return self.lane.end(self.worker)
