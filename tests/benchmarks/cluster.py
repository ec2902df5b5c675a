"""What a second worker of a Dask cluster brings: the same work on one and on two.

    python -m tests.benchmarks.cluster

The map's 256 rates, and the trainings of many sessions at once, through `LINREG_DASK`. The workers
are processes of this machine, which needs as many free cores.
"""

import os
import statistics
import time

import numpy as np
from distributed import LocalCluster

from linreg import data
from linreg.runs.phases import Phase
from linreg.training.processes import cluster as dask
from linreg.training.processes import worker

LINE = data.make_line()
MAP = Phase(np.geomspace(1e-3, 0.7, 256), 200_000)
SESSIONS = 40


def submit(phase: Phase, seed: int = 0) -> worker.Job:
    """Send one training."""
    return worker.submit(LINE.x, LINE.y, [phase], (0.0, -1.0), seed)


def train_map() -> None:
    """Train all rates of the map."""
    worker.collect(submit(MAP), 300)


def train_sessions() -> None:
    """Train what as many readers ask for at once: 20,000 steps of mini-batches each."""
    rng = np.random.default_rng(0)
    jobs = [
        submit(Phase((0.005, *rng.uniform(0.1, 0.7, 2)), 20_000, batch_size=10), seed)
        for seed in range(SESSIONS)
    ]
    for job in jobs:
        worker.collect(job, 300)


def measure(num_workers: int) -> dict[str, float]:
    """Return the median seconds of each kind of work on a cluster of so many workers."""
    with LocalCluster(
        n_workers=num_workers, threads_per_worker=1, dashboard_address="127.0.0.1:0"
    ) as cluster:
        os.environ[worker.DASK] = cluster.scheduler_address
        medians = {}
        for name, work in (("the map, 256 × 200,000", train_map), ("sessions", train_sessions)):
            work()  # loads TensorFlow, and compiles
            work()
            times = []
            for _ in range(5):
                begin = time.perf_counter()
                work()
                times.append(time.perf_counter() - begin)
            medians[name] = statistics.median(times)
        dask.at(cluster.scheduler_address).drop()
    return medians


def main() -> None:
    """Print the table."""
    one, two = measure(1), measure(2)
    print("| work | one worker | two workers | times as fast |\n|---|---|---|---|")
    for name, spent in one.items():
        label = f"{SESSIONS} sessions × 3 × 20,000, mini-batches" if name == "sessions" else name
        print(f"| {label} | {spent:.2f} s | {two[name]:.2f} s | {spent / two[name]:.2f} |")


if __name__ == "__main__":
    main()
