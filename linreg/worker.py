"""Where training runs: processes of their own, or a Dask cluster. TensorFlow never enters this one.

Once Keras has been imported, Streamlit clears its session and collects all garbage after every
rerun, with the interpreter locked; and importing it takes seconds. So the page submits, and shows
the predicted runs until the answer is there.

There are two lanes, each a process: what takes long has its own, which ends when it has been idle,
so that one reader's two million steps do not hold up another's two hundred.
"""

import os
from collections.abc import Iterable
from concurrent.futures import CancelledError
from threading import Event
from typing import Any

from loky.process_executor import BrokenProcessPool, ShutdownExecutorError
from numpy.typing import ArrayLike

from linreg import budget, checks, cluster, lane, shapes
from linreg.data import MAX_SEED
from linreg.history import History
from linreg.phases import Phase, checked
from linreg.summary import four_points

DASK = "LINREG_DASK"
QUICK = lane.Lane(niceness=5, idle=None)
SLOW = lane.Lane(niceness=10, idle=60)
Job = lane.Job | cluster.Job
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
        raise kind(f"{name}: {failure}") from None


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
        "initial_weight": checks.number("initial_weight", initial_weight),
        "initial_bias": checks.number("initial_bias", initial_bias),
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
    except TimeoutError:
        if not (job.future.done() and isinstance(job.future.exception(), TimeoutError)):
            raise  # the result may have come just now: the next to ask gets it
        trouble = WorkerError(_NO_ANSWER.format(os.environ.get(DASK)))  # the connection's time-out
    except BrokenProcessPool as death:
        job.forget()
        trouble = WorkerError(
            f"The process that trains was ended from outside ({_exit(death)}). "
            "Another takes its place."
        )
    except MemoryError:
        job.end()  # what it holds, it would not give back
        trouble = WorkerError(
            "The process that trains had not enough memory. Another takes its place."
        )
    except ShutdownExecutorError:
        trouble = WorkerError(
            "The process that trains no longer answered. Another takes its place."
        )
    except cluster.ClusterError as refusal:
        trouble = WorkerError(str(refusal))
    except (OSError, CancelledError):
        trouble = WorkerError(_NO_ANSWER.format(os.environ.get(DASK)))
    except Exception as failure:  # whatever a worker or a cluster may raise, the page goes on
        trouble = WorkerError(
            f"Training failed where it runs ({type(failure).__name__}: {failure})."
        )
    else:
        if _is_where_the_first_run_goes(job):
            _answered.set()
        return result
    if _is_where_the_first_run_goes(job):
        _answered.clear()
    raise trouble


def _is_where_the_first_run_goes(job: Job) -> bool:
    return isinstance(job, cluster.Job) or job.lane is QUICK


def is_warm() -> bool:
    """Return whether a worker has answered, so that the next result is milliseconds away."""
    return _answered.is_set()


def _exit(death: BrokenProcessPool) -> str:
    """Return what is known of how the process ended, in a few words."""
    text = str(death)
    return text[text.find("{") + 1 : text.find("}")] if "{" in text else type(death).__name__
