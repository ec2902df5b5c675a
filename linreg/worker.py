"""Where training runs: a process of its own, or a Dask cluster. TensorFlow never enters this one.

Once Keras has been imported, Streamlit clears its session and collects all garbage after every
rerun, with the interpreter locked; and importing it takes seconds. So the page submits, and shows
the predicted runs until the answer is there.
"""

import os
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from functools import cache
from threading import Lock
from typing import Any

from loky import ProcessPoolExecutor
from loky.process_executor import BrokenProcessPool
from numpy.typing import ArrayLike

from linreg import checks
from linreg.history import MAX_RECORDS, History, join
from linreg.summary import four_points

DASK = "LINREG_DASK"
CONNECT_TIMEOUT = 5  # seconds


class WorkerError(RuntimeError):
    """Training could not be done where it runs; the message says why, for the reader."""


def _train(settings: dict[str, Any]) -> tuple[History, History]:
    """Train in the worker: return the history, and the one with its opening filled in."""
    from linreg import training

    whole = training.train(**settings)
    if settings["num_steps"] <= MAX_RECORDS:
        return whole, whole
    return whole, join(training.train(**{**settings, "num_steps": MAX_RECORDS}), whole)


def _be_modest() -> None:
    """Let the page's process go first: loading TensorFlow keeps a core busy for seconds."""
    os.nice(5)


_pool: list[ProcessPoolExecutor] = []  # the one in use, if any
_pool_lock = Lock()


def _submit_local(settings: dict[str, Any]) -> Future:
    """Submit to this server's one worker process; start it, or another if it has died.

    Not loky's reusable executor: that is one for each thread, and Streamlit runs every rerun in a
    thread of its own.
    """
    with _pool_lock:
        if _pool:
            try:
                return _pool[0].submit(_train, settings)
            except BrokenProcessPool:
                _pool.clear()
        _pool.append(ProcessPoolExecutor(max_workers=1, timeout=None, initializer=_be_modest))
        return _pool[0].submit(_train, settings)


@cache
def _threads() -> ThreadPoolExecutor:
    """Return the threads that wait for a cluster, so that no reader's page does."""
    return ThreadPoolExecutor(max_workers=4, thread_name_prefix="linreg-dask")


@cache
def _client(address: str):
    from distributed import Client

    return Client(address, timeout=CONNECT_TIMEOUT, set_as_default=False)


def _train_on_cluster(address: str, settings: dict[str, Any]) -> tuple[History, History]:
    return _client(address).get_executor(pure=False).submit(_train, settings).result()


def submit(
    x: ArrayLike,
    y: ArrayLike,
    learning_rates: list[float],
    num_steps: int,
    initial_weight: float,
    initial_bias: float,
) -> Future:
    """Start training and return at once; `collect` takes the result.

    Only the four points that stand for all of them travel. Arguments are those of
    `training.train`, and are checked here, where the page can show what is wrong.

    Raises:
        ValueError: If an argument lies outside its interval.
    """
    four_x, four_y = four_points(x, y)
    settings = {
        "x": four_x,
        "y": four_y,
        "learning_rates": checks.learning_rates(learning_rates),
        "num_steps": checks.num_steps(num_steps),
        "initial_weight": checks.number("initial_weight", initial_weight),
        "initial_bias": checks.number("initial_bias", initial_bias),
    }
    address = os.environ.get(DASK)
    if address:
        return _threads().submit(_train_on_cluster, address, settings)
    return _submit_local(settings)


def collect(future: Future, timeout: float) -> tuple[History, History]:
    """Return the history, and the same with every one of its first 2,000 steps.

    Args:
        future: From `submit`.
        timeout: Seconds to wait.

    Raises:
        TimeoutError: If the result is not there yet.
        WorkerError: If it will never be. The next `submit` starts a new worker.
    """
    try:
        return future.result(timeout)
    except TimeoutError:
        if future.done():  # a connection's own time-out, not ours
            raise WorkerError(_cluster_trouble()) from None
        raise
    except BrokenProcessPool as death:
        raise WorkerError(
            f"The process that trains was ended from outside ({_exit(death)})."
        ) from death
    except (OSError, ImportError, CancelledError) as trouble:
        raise WorkerError(f"{_cluster_trouble()} ({trouble})") from trouble


def _exit(death: BrokenProcessPool) -> str:
    """Return what is known of how the process ended, in a few words."""
    text = str(death)
    return text[text.find("{") + 1 : text.find("}")] if "{" in text else type(death).__name__


def _cluster_trouble() -> str:
    return f"The Dask cluster at {os.environ.get(DASK, 'the given address')} does not answer."
