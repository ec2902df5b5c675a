"""Where training runs: processes of their own, or a Dask cluster. TensorFlow never enters this one.

Once Keras has been imported, Streamlit clears its session and collects all garbage after every
rerun, with the interpreter locked; and importing it takes seconds. So the page submits, and shows
the predicted runs until the answer is there.

There are two lanes, each a process: what takes long has its own, which ends when it has been idle,
so that one reader's two million steps do not hold up another's two hundred.
"""

import logging
import os
from collections.abc import Iterable, Sequence
from concurrent.futures import CancelledError
from threading import Event
from time import monotonic
from typing import Any

from loky.process_executor import BrokenProcessPool, ShutdownExecutorError
from numpy.typing import ArrayLike

from linreg import checks
from linreg.data import MAX_SEED
from linreg.data.summary import four_points
from linreg.runs.history import History
from linreg.runs.model import Line
from linreg.runs.phases import Phase, checked
from linreg.training import shapes
from linreg.training.processes import budget, cluster, lane

log = logging.getLogger("linreg.worker")

DASK = "LINREG_DASK"
QUICK = lane.Lane(niceness=5, idle=None)
SLOW = lane.Lane(niceness=10, idle=60)
Job = lane.Job | cluster.Job
SILENCE = 3600.0  # seconds for which the same failure is not logged again
_logged: dict[str, float] = {}  # failures, and when they were logged
_answered = Event()  # whether a quick answer has come since the last trouble
_NO_ANSWER = (
    f"The Dask cluster at {{}} does not answer. Start its scheduler, or unset {DASK} to train here."
)


class WorkerError(RuntimeError):
    """Training could not be done where it runs; the message says why, for the reader."""


def _train(settings: dict[str, Any]) -> History:
    """Train in the worker; what it raises can be told without TensorFlow."""
    try:
        from linreg import training

        return training.train_phases(**settings)
    except (ValueError, MemoryError):
        raise
    except Exception as failure:
        name = type(failure).__name__
        kind = MemoryError if name == "ResourceExhaustedError" else RuntimeError
        raise kind(f"{name}: {failure}") from failure  # whose traceback the log shows


def submit(
    x: ArrayLike, y: ArrayLike, phases: Iterable[Phase], start: Sequence[float], seed: int
) -> Job:
    """Start training and return at once; `collect` takes the result.

    Only the four points that stand for all of them travel, unless there are mini-batches. Arguments
    are those of `training.train_phases`, and are checked here, where the page can show what is
    wrong; so is how much work they are.

    Raises:
        ValueError: If an argument lies outside its interval.
    """
    phases, (x, y) = checked(phases), checks.points(x, y)
    num_points = x.size
    for size in {phase.batch_size for phase in phases} - {None}:
        checks.whole_number("batch_size", size, 1, num_points)
    budget.check(phases, num_points)
    if all(phase.batch_size is None for phase in phases):
        x, y = four_points(x, y)
    settings = {
        "x": x,
        "y": y,
        "phases": phases,
        "start": Line.checked(start),
        "seed": checks.whole_number("seed", seed, 0, MAX_SEED),
        "is_detailed": True,
    }
    needed = shapes.needed(phases)
    if address := os.environ.get(DASK):
        is_quick = budget.is_quick(phases, num_points, needed)
        return cluster.submit(address, _train, settings, is_quick)
    is_quick = budget.is_quick(phases, num_points, QUICK.known)
    return (QUICK if is_quick else SLOW).submit(_train, settings, compiles=needed)


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
    except TimeoutError as late:
        if not (job.future.done() and isinstance(job.future.exception(), TimeoutError)):
            raise  # the result may have come just now: the next to ask gets it
        failure = late
    except Exception as other:
        failure = other
    else:
        if _is_where_the_first_run_goes(job):
            _answered.set()
        return result
    if _is_where_the_first_run_goes(job):
        _answered.clear()
    said, is_news = _told(job, failure)
    if is_news:
        log_once(said, failure)
    raise WorkerError(said) from failure


def _told(job: Job, failure: BaseException) -> tuple[str, bool]:
    """Return a failure in words, and whether the log may not have it; see to the next worker."""
    match failure:
        case BrokenProcessPool():
            how = _exit(failure)
            said = f"The process that trains was ended from outside ({how}). "
            return said + "Another takes its place.", job.forget()
        case MemoryError():  # what the process holds, it would not give back
            said = "The process that trains had not enough memory. Another takes its place."
            return said, job.end()
        case ShutdownExecutorError():  # whoever ended it has told why
            return "The process that trains no longer answered. Another takes its place.", False
        case cluster.ClusterError():
            return str(failure), True
        case OSError() | CancelledError():  # the connection's time-out is one, too
            return _NO_ANSWER.format(os.environ.get(DASK)), True
    # Whatever a worker or a cluster may raise, the page goes on.
    return f"Training failed where it runs ({type(failure).__name__}: {failure}).", True


def log_once(said: str, failure: BaseException | None = None) -> None:
    """Write what has failed to the server's log, once for all who wait for the same.

    The log shows the traceback of the failure, that in the worker included.
    """
    now = monotonic()
    for old in [old for old, since in _logged.copy().items() if now - since > SILENCE]:
        _logged.pop(old, None)
    is_death = isinstance(failure, BrokenProcessPool | MemoryError)  # each is another process's
    if is_death or said not in _logged:
        _logged[said] = now
        log.error(said, exc_info=failure)


def _is_where_the_first_run_goes(job: Job) -> bool:
    return isinstance(job, cluster.Job) or job.lane is QUICK


def is_warm() -> bool:
    """Return whether a worker has answered, so that the next result is milliseconds away."""
    return _answered.is_set()


def _exit(death: BrokenProcessPool) -> str:
    """Return what is known of how the process ended, in a few words."""
    text = str(death)
    return text[text.find("{") + 1 : text.find("}")] if "{" in text else type(death).__name__
