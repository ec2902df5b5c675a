"""Where training runs: processes of their own, or a Dask cluster. TensorFlow never enters this one.

Once Keras has been imported, Streamlit clears its session and collects all garbage after every
rerun, with the interpreter locked; and importing it takes seconds. So the page submits, and shows
the predicted runs until the answer is there.

There are two lanes, each a process: what takes long has its own, which ends when it has been idle,
so that one reader's two million steps do not hold up another's two hundred.
"""

import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cache
from threading import Event, Lock, Thread
from time import monotonic, sleep
from typing import Any

import numpy as np
from loky import ProcessPoolExecutor, set_loky_pickler
from loky.process_executor import BrokenProcessPool, ShutdownExecutorError
from numpy.typing import ArrayLike

from linreg import budget, checks
from linreg.data import MAX_SEED
from linreg.history import History, joined
from linreg.phases import Phase, checked
from linreg.summary import four_points

DASK = "LINREG_DASK"
CONNECT_TIMEOUT = 5  # seconds
SHARE = 32  # rates at least, that one worker of a cluster trains
RETRIES = 2  # after a worker was lost
LONGEST_RUN = 60  # seconds on a cluster, the worker's loading of TensorFlow included
_NO_ANSWER = (
    f"The Dask cluster at {{}} does not answer. Start its scheduler, or unset {DASK} to train here."
)


class WorkerError(RuntimeError):
    """Training could not be done where it runs; the message says why, for the reader."""


set_loky_pickler(
    "pickle"
)  # everything sent is a module's own, and cloudpickle takes ten times as long


def _train(settings: dict[str, Any]) -> History:
    """Train in the worker."""
    from linreg import training

    return training.train_phases(**settings)


def _settle_in(server: int, niceness: int) -> None:
    """Let the page's process go first, and do not outlive it: nobody else would end this one."""
    os.nice(niceness)

    def watch() -> None:
        while os.getppid() == server:
            sleep(1)
        os._exit(0)

    Thread(target=watch, daemon=True).start()


class Lane:
    """One process that trains, started when it is needed and replaced when it has died or stopped.

    Not loky's reusable executor: that is one for each thread, and Streamlit runs every rerun in a
    thread of its own.
    """

    def __init__(self, niceness: int, idle: float | None, patience: float) -> None:
        """Start nothing yet.

        Args:
            niceness: Of the process; loading TensorFlow keeps a core busy for seconds.
            idle: Seconds without work after which the process ends; None for never.
            patience: Seconds without an answer after which one that has answered counts as stopped.
        """
        self._niceness, self._idle, self.patience = niceness, idle, patience
        self._lock = Lock()
        self._pool: ProcessPoolExecutor | None = None
        self._waiting = 0  # how many jobs
        self._sign, self._has_answered = 0.0, False  # when it was last heard of

    def submit(self, work: Callable, *arguments: object) -> "Job":
        """Start work in the process."""
        self.replace_if_stopped()
        with self._lock:
            if self._pool is None:
                start = (os.getpid(), self._niceness)
                self._pool = ProcessPoolExecutor(
                    max_workers=1, timeout=self._idle, initializer=_settle_in, initargs=start
                )
                self._waiting, self._has_answered = 0, False
            if not self._waiting:
                self._sign = monotonic()
            pool = self._pool
        try:
            future = pool.submit(work, *arguments)
        except (BrokenProcessPool, ShutdownExecutorError) as death:
            future = Future()  # it died between two runs: whoever collects hears of it
            future.set_exception(death)
            return Job(future, self, pool)
        with self._lock:
            self._waiting += 1
        future.add_done_callback(lambda done: self._note_answer(pool, not done.cancelled()))
        return Job(future, self, pool)

    def _note_answer(self, pool: ProcessPoolExecutor, is_sign: bool) -> None:
        with self._lock:
            if pool is self._pool:
                self._waiting -= 1
                if is_sign:
                    self._sign, self._has_answered = monotonic(), True

    def forget(self, pool: ProcessPoolExecutor | None) -> None:
        """Let the next submit start another process, unless one has been started already."""
        with self._lock:
            if self._pool is pool:
                self._pool = None

    def replace_if_stopped(self) -> None:
        """End a process that owes an answer for too long; what it had to do fails."""
        with self._lock:
            pool, silent = self._pool, monotonic() - self._sign
            patience = self.patience if self._has_answered else max(self.patience, LOADING)
            if pool is None or not self._waiting or silent < patience:
                return
            self._pool = None
        pool.shutdown(wait=False, kill_workers=True)


LOADING = 90  # seconds that a process may take to load TensorFlow
QUICK = Lane(niceness=5, idle=None, patience=20)
SLOW = Lane(niceness=10, idle=60, patience=60)
_answered = Event()  # whether a quick answer has come since the last trouble


@dataclass(frozen=True)
class Job:
    """Training on its way.

    Attributes:
        future: Of the result.
        lane: Where it runs, if on this server.
        pool: The process that runs it, likewise.
    """

    future: Future
    lane: Lane | None
    pool: ProcessPoolExecutor | None

    def is_done(self) -> bool:
        """Return whether there is anything to collect; a process that has stopped is replaced."""
        if self.lane is not None:
            self.lane.replace_if_stopped()
        return self.future.done()

    def withdraw(self) -> None:
        """Do without the result; what has begun goes on to its end."""
        self.future.cancel()


@cache
def _threads() -> ThreadPoolExecutor:
    """Return the threads that wait for a cluster, so that no reader's page does."""
    return ThreadPoolExecutor(max_workers=64, thread_name_prefix="linreg-dask")


@cache
def _client(address: str):
    from distributed import Client

    return Client(address, timeout=CONNECT_TIMEOUT, set_as_default=False)


def _train_on_cluster(address: str, settings: dict[str, Any]) -> History:
    """Train on the cluster: three rates on one of its workers, many rates on all of them.

    A worker that is lost costs a retry, which the scheduler sees to.
    """
    client, phases = _client(address), settings["phases"]
    num_rates = len(phases[0].learning_rates)
    workers = len(client.scheduler_info(n_workers=-1)["workers"])
    parts = np.array_split(np.arange(num_rates), max(1, min(workers, num_rates // SHARE)))
    executor = client.get_executor(pure=False, retries=RETRIES)
    sent = [
        executor.submit(_train, settings | {"phases": tuple(_with_rates(phases, part.tolist()))})
        for part in parts
    ]
    return joined(phases, [one.result(LONGEST_RUN) for one in sent])


def _with_rates(phases: Iterable[Phase], chosen: list[int]) -> Iterator[Phase]:
    for phase in phases:
        yield replace(phase, learning_rates=[phase.learning_rates[rate] for rate in chosen])


def submit(
    x: ArrayLike,
    y: ArrayLike,
    phases: Iterable[Phase],
    initial_weight: float,
    initial_bias: float,
    seed: int,
) -> Job:
    """Start training and return at once; `collect` takes the result.

    Only the four points that stand for all of them travel, unless there are mini-batches. Arguments
    are those of `training.train_phases`, and are checked here, where the page can show what is
    wrong; so is how much work they are.

    Raises:
        ValueError: If an argument lies outside its interval.
    """
    phases, (x, y) = checked(phases), checks.points(x, y)
    budget.check(phases)
    for size in {phase.batch_size for phase in phases} - {None}:
        checks.whole_number("batch_size", size, 1, x.size)
    if all(phase.batch_size is None for phase in phases):
        x, y = four_points(x, y)
    settings = {
        "x": x,
        "y": y,
        "phases": phases,
        "initial_weight": checks.number("initial_weight", initial_weight),
        "initial_bias": checks.number("initial_bias", initial_bias),
        "seed": checks.whole_number("seed", seed, 0, MAX_SEED),
        "is_detailed": True,
    }
    address = os.environ.get(DASK)
    if address:
        return Job(_threads().submit(_train_on_cluster, address, settings), None, None)
    lane = QUICK if budget.num_updates(phases) <= budget.QUICK else SLOW
    return lane.submit(_train, settings)


def collect(job: Job, timeout: float) -> History:
    """Return the history, recorded at `history.drawn_steps`.

    Args:
        job: From `submit`.
        timeout: Seconds to wait.

    Raises:
        TimeoutError: If the result is not there yet.
        WorkerError: If it will never be. The next `submit` starts a new worker.
    """
    try:
        result = job.future.result(timeout)
    except TimeoutError:
        if not job.future.done():
            raise
        trouble = WorkerError(_NO_ANSWER.format(os.environ.get(DASK)))  # the connection's time-out
    except BrokenProcessPool as death:
        job.lane.forget(job.pool)
        trouble = WorkerError(
            f"The process that trains was ended from outside ({_exit(death)}). "
            "Another takes its place."
        )
    except ShutdownExecutorError:
        trouble = WorkerError(
            "The process that trains no longer answered. Another takes its place."
        )
    except (OSError, CancelledError):
        trouble = WorkerError(_NO_ANSWER.format(os.environ.get(DASK)))
    except Exception as failure:  # whatever a worker or a cluster may raise, the page goes on
        trouble = WorkerError(
            f"Training failed where it runs ({type(failure).__name__}: {failure})."
        )
    else:
        if job.lane is not SLOW:
            _answered.set()
        return result
    if job.lane is not SLOW:
        _answered.clear()
    _client.cache_clear()  # a client that has lost its scheduler does not find it again
    raise trouble


def is_warm() -> bool:
    """Return whether a worker has answered, so that the next result is milliseconds away."""
    return _answered.is_set()


def _exit(death: BrokenProcessPool) -> str:
    """Return what is known of how the process ended, in a few words."""
    text = str(death)
    return text[text.find("{") + 1 : text.find("}")] if "{" in text else type(death).__name__
