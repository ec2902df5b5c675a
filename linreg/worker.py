"""Where training runs: a process of its own, or a Dask cluster. TensorFlow never enters this one.

Once Keras has been imported, Streamlit clears its session and collects all garbage after every
rerun, with the interpreter locked; and importing it takes seconds. So the page submits, and shows
the predicted runs until the answer is there.
"""

import os
from collections.abc import Iterable
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from threading import Event, Lock
from typing import Any

from loky import ProcessPoolExecutor, set_loky_pickler
from loky.process_executor import BrokenProcessPool
from numpy.typing import ArrayLike

from linreg import checks
from linreg.data import MAX_SEED
from linreg.history import History
from linreg.phases import Phase, checked
from linreg.summary import four_points

DASK = "LINREG_DASK"
CONNECT_TIMEOUT = 5  # seconds
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


def _be_modest() -> None:
    """Let the page's process go first: loading TensorFlow keeps a core busy for seconds."""
    os.nice(5)


_pool: list[ProcessPoolExecutor] = []  # the one in use, if any
_pool_lock = Lock()
_answered = Event()  # since the last trouble


@dataclass(frozen=True)
class Job:
    """Training on its way.

    Attributes:
        future: Of the result; its `done` tells whether there is anything to collect.
        pool: Where it runs, if in this server's own worker.
    """

    future: Future
    pool: ProcessPoolExecutor | None


def _submit_local(settings: dict[str, Any]) -> Job:
    """Submit to this server's one worker process, and start it if there is none.

    Not loky's reusable executor: that is one for each thread, and Streamlit runs every rerun in a
    thread of its own.
    """
    with _pool_lock:
        if not _pool:
            _pool.append(ProcessPoolExecutor(max_workers=1, timeout=None, initializer=_be_modest))
        pool = _pool[0]
    try:
        return Job(pool.submit(_train, settings), pool)
    except BrokenProcessPool as death:  # it died between two runs: whoever collects hears of it
        stillborn: Future = Future()
        stillborn.set_exception(death)
        return Job(stillborn, pool)


def _forget(pool: ProcessPoolExecutor | None) -> None:
    """Let the next submit start another worker, unless one has been started already."""
    with _pool_lock:
        if _pool and _pool[0] is pool:
            _pool.clear()


@cache
def _threads() -> ThreadPoolExecutor:
    """Return the threads that wait for a cluster, so that no reader's page does."""
    return ThreadPoolExecutor(max_workers=4, thread_name_prefix="linreg-dask")


@cache
def _client(address: str):
    from distributed import Client

    return Client(address, timeout=CONNECT_TIMEOUT, set_as_default=False)


def _train_on_cluster(address: str, settings: dict[str, Any]) -> History:
    executor = _client(address).get_executor(pure=False)
    return executor.submit(_train, settings).result(LONGEST_RUN)


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
    wrong.

    Raises:
        ValueError: If an argument lies outside its interval.
    """
    phases, (x, y) = checked(phases), checks.points(x, y)
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
        return Job(_threads().submit(_train_on_cluster, address, settings), None)
    return _submit_local(settings)


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
        _forget(job.pool)
        trouble = WorkerError(
            f"The process that trains was ended from outside ({_exit(death)}). "
            "Another takes its place."
        )
    except (OSError, CancelledError):
        trouble = WorkerError(_NO_ANSWER.format(os.environ.get(DASK)))
    except Exception as failure:  # whatever a worker or a cluster may raise, the page goes on
        trouble = WorkerError(
            f"Training failed where it runs ({type(failure).__name__}: {failure})."
        )
    else:
        _answered.set()
        return result
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
