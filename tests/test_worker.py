"""Where training runs: the real worker process, killed and replaced, and a real Dask cluster."""

import os
import signal
import time

import numpy as np
import pytest
from distributed import LocalCluster

from linreg import data, training, worker
from linreg.history import record_steps
from tests.browser import run_alone

LINE = data.make_line()
RATES = [0.005, 0.5, 0.8]


def submit(num_steps=200):
    return worker.submit(LINE.x, LINE.y, RATES, num_steps, 0.0, -1.0)


def kill_and_wait(pid):
    """Kill the worker, and wait until its server has noticed."""
    os.kill(pid, signal.SIGKILL)
    while worker._pool[0]._flags.broken is None:
        time.sleep(0.01)


def worker_pid():
    worker.collect(submit(), 60)
    return worker._pool[0].submit(os.getpid).result(60)


def test_worker_returns_what_the_trainer_returns():
    history, opening = worker.collect(submit(), 60)
    here = training.train(LINE.x, LINE.y, RATES, 200, 0.0, -1.0)
    # The worker trains on four points of four points: the same loss up to rounding.
    assert np.allclose(history.loss, here.loss, rtol=1e-9)
    assert opening.step.tolist() == here.step.tolist()


def test_worker_fills_in_the_opening_of_a_long_run():
    history, drawn = worker.collect(submit(2_000_000), 60)
    assert history.step.tolist() == record_steps(2_000_000).tolist()
    assert drawn.step[:2001].tolist() == list(range(2001))
    assert drawn.step[-1] == 2_000_000
    assert np.all(np.diff(drawn.step) > 0)


def test_worker_is_one_process_for_all_runs():
    assert worker_pid() == worker_pid() != os.getpid()


def test_worker_refuses_bad_arguments_before_anything_is_sent():
    with pytest.raises(ValueError, match="`num_steps` must be"):
        submit(0)


def test_worker_says_so_when_it_was_killed_and_is_replaced_on_the_next_run():
    first = worker_pid()
    running = submit(2_000_000)
    os.kill(first, signal.SIGKILL)
    with pytest.raises(worker.WorkerError, match="SIGKILL"):
        worker.collect(running, 60)
    history, _ = worker.collect(submit(), 60)
    assert np.isfinite(history.loss[1]).all()
    assert worker_pid() != first


def test_worker_that_died_between_two_runs_is_told_of_once_and_replaced():
    kill_and_wait(worker_pid())
    with pytest.raises(worker.WorkerError, match="ended from outside"):
        worker.collect(submit(), 60)
    history, _ = worker.collect(submit(), 60)
    assert np.isfinite(history.loss[1]).all()


def test_collect_does_not_wait_longer_than_told_and_can_be_asked_again():
    worker_pid()
    running = submit(2_000_000)  # tens of milliseconds
    with pytest.raises(TimeoutError):
        worker.collect(running, 0)
    assert worker.collect(running, 60)[0].step[-1] == 2_000_000


def test_submitting_never_imports_tensorflow():
    script = (
        "import sys\n"
        "from linreg import data, worker\n"
        "if __name__ == '__main__':\n"
        "    line = data.make_line()\n"
        "    worker.collect(worker.submit(line.x, line.y, [0.5], 200, 0.0, -1.0), 60)\n"
        "    sys.exit('tensorflow' in sys.modules)\n"
    )
    assert run_alone(script) == 0


def test_worker_trains_on_a_dask_cluster(monkeypatch):
    with LocalCluster(
        n_workers=1, threads_per_worker=1, dashboard_address="127.0.0.1:0", host="127.0.0.1"
    ) as cluster:
        monkeypatch.setenv(worker.DASK, cluster.scheduler_address)
        history, _ = worker.collect(submit(), 120)
        worker._client(cluster.scheduler_address).close()
    here = training.train(LINE.x, LINE.y, RATES, 200, 0.0, -1.0)
    assert np.allclose(history.loss, here.loss, rtol=1e-9)


def test_worker_says_so_when_no_cluster_answers(monkeypatch):
    monkeypatch.setattr(worker, "CONNECT_TIMEOUT", 1)
    monkeypatch.setenv(worker.DASK, "tcp://127.0.0.1:9")  # nobody listens there
    with pytest.raises(worker.WorkerError, match=r"tcp://127\.0\.0\.1:9 does not answer"):
        worker.collect(submit(), 60)
