"""Training on a Dask cluster: one connection, shares of many rates, no start for what is withdrawn."""

from collections.abc import Callable
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cache
from threading import Lock
from time import monotonic

import numpy as np

from linreg.runs.history import History, joined

CONNECT_TIMEOUT = 5  # seconds
SHARE = 32  # rates at least, that one worker trains
LONGEST_RUN = 110  # seconds, waiting for others and loading TensorFlow included; pages wait for 120
QUICK_FIRST = 10  # Dask's priority of what is quick


class ClusterError(RuntimeError):
    """The cluster cannot train; the message says why, for the reader."""


class Cluster:
    """A connection to the scheduler at an address, made when it is needed and made anew when lost."""

    def __init__(self, address: str) -> None:
        """Connect to nothing yet."""
        self.address = address
        self._lock, self._client = Lock(), None

    def client(self):
        """Return the one client of this process.

        Raises:
            OSError: If nobody answers.
        """
        from distributed import Client

        with self._lock:
            if self._client is None:
                self._client = Client(self.address, timeout=CONNECT_TIMEOUT, set_as_default=False)
            return self._client

    def drop(self, lost: object = None) -> None:
        """Close the connection: one that has lost its scheduler does not find it again.

        Of the client that found out, since a newer one stays; None for whichever there is.
        """
        with self._lock:
            client = self._client
            if client is None or lost not in (None, client):
                return
            self._client = None
        client.close(timeout=1)


@cache
def at(address: str) -> Cluster:
    """Return the cluster at an address."""
    return Cluster(address)


@cache
def _threads() -> ThreadPoolExecutor:
    """Return the threads that wait for a cluster, so that no reader's page does."""
    return ThreadPoolExecutor(max_workers=256, thread_name_prefix="linreg-dask")


@dataclass(eq=False)
class Job:
    """Training on its way."""

    future: Future = field(default_factory=Future)  # of the result
    tasks: list = field(default_factory=list)  # what the cluster was asked for
    client: object = None  # of the connection that they went through

    def is_done(self) -> bool:
        """Return whether there is anything to collect."""
        return self.future.done()

    def num_ahead(self) -> int:
        """Return 0: a cluster does not tell."""
        return 0

    def withdraw(self) -> None:
        """Do without the result; what has begun on a worker goes on to its end."""
        self.future.cancel()
        self.stop()

    def stop(self) -> None:
        """Let the cluster forget its tasks."""
        for task in self.tasks:
            with suppress(Exception):  # a connection that is lost has nothing left to forget
                task.cancel()

    def forget(self) -> bool:
        """Do nothing: the cluster replaces its workers itself. Return True: nobody else has told."""
        return True

    end = forget


def submit(address: str, train: Callable, settings: dict, is_quick: bool) -> Job:
    """Start training: three rates on one of the workers, many rates on all of them.

    A worker that is lost costs a retry, which the scheduler sees to
    (`distributed.scheduler.allowed-failures`).

    Args:
        address: Of the scheduler.
        train: A module's own function of the settings, which returns a History.
        settings: With `phases`.
        is_quick: Whether it goes before what is not.
    """
    job = Job()
    _threads().submit(_run, job, at(address), train, settings, is_quick)
    return job


def _run(job: Job, cluster: Cluster, train: Callable, settings: dict, is_quick: bool) -> None:
    """Send it, wait for it, and put what comes of it into the job."""
    result, failure = None, None
    try:
        result = _train(job, cluster, train, settings, is_quick)
    except (OSError, CancelledError) as lost:
        if not job.future.cancelled():
            cluster.drop(job.client)
        failure = lost
    except BaseException as other:
        failure = other
    if job.future.set_running_or_notify_cancel():
        if failure is None:
            job.future.set_result(result)
        else:
            job.future.set_exception(failure)


def _train(job: Job, cluster: Cluster, train: Callable, settings: dict, is_quick: bool) -> History:
    client, phases = cluster.client(), settings["phases"]
    job.client = client
    workers = len(client.scheduler_info(n_workers=-1)["workers"])
    if not workers:
        raise ClusterError(f"The Dask cluster at {cluster.address} has no workers. Start some.")
    rates = np.array([phase.learning_rates for phase in phases])  # (num_phases, num_rates)
    num_shares = max(1, min(workers, rates.shape[1] // SHARE))
    priority = QUICK_FIRST if is_quick else 0
    for part in np.array_split(rates, num_shares, axis=1):
        pairs = zip(phases, part, strict=True)
        share = settings | {"phases": [replace(one, learning_rates=some) for one, some in pairs]}
        job.tasks.append(client.submit(train, share, pure=False, priority=priority))
    if job.future.cancelled():  # withdrawn meanwhile
        job.stop()
        raise CancelledError
    deadline = monotonic() + LONGEST_RUN
    try:
        shares = [task.result(max(0.0, deadline - monotonic())) for task in job.tasks]
    except TimeoutError:
        job.stop()
        raise ClusterError(
            f"The Dask cluster at {cluster.address} has not trained within {LONGEST_RUN} seconds. "
            "It may need more workers."
        ) from None
    return joined(phases, shares)
