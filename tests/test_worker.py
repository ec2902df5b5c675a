"""Where training runs: the real worker process, killed and replaced, and a real Dask cluster."""

import os
import signal
import time

import numpy as np
import pytest
from distributed import LocalCluster

from linreg import data, training, worker
from linreg.history import drawn_steps
from linreg.phases import Adam, Momentum, Phase
from linreg.schedules import StepDecay
from tests.browser import run_alone

LINE = data.make_line()
RATES = [0.005, 0.5, 0.8]


def submit(*phases, num_steps=200, seed=0):
    return worker.submit(LINE.x, LINE.y, phases or [Phase(RATES, num_steps)], 0.0, -1.0, seed)


def train_here(*phases, seed=0):
    return training.train_phases(LINE.x, LINE.y, phases, 0.0, -1.0, seed, is_detailed=True)


@pytest.fixture
def sent(monkeypatch):
    """Return what would be sent to the worker, and send nothing."""
    settings = []
    monkeypatch.setattr(worker, "_submit_local", settings.append)
    return settings


def kill_and_wait(pid):
    """Kill the worker, and wait until its server has noticed."""
    os.kill(pid, signal.SIGKILL)
    while worker._pool[0]._flags.broken is None:
        time.sleep(0.01)


def worker_pid():
    worker.collect(submit(), 60)
    return worker._pool[0].submit(os.getpid).result(60)


WAYS = {
    "plain": [Phase(RATES, 200)],
    "phases": [Phase(RATES, 50), Phase((0.01, 0.1, 0.2), 3_000, Momentum(0.5), StepDecay())],
    "adam": [Phase(RATES, 100, Adam())],
}


@pytest.mark.parametrize("phases", WAYS.values(), ids=WAYS)
def test_worker_returns_what_the_trainer_returns(phases):
    history, here = worker.collect(submit(*phases), 60), train_here(*phases)
    # The worker trains on four points of four points: the same loss up to rounding.
    assert np.allclose(history.loss, here.loss, rtol=1e-9)
    assert history.phases == tuple(phases)


@pytest.mark.parametrize("phases", WAYS.values(), ids=WAYS)
def test_worker_records_the_steps_to_draw(phases):
    history = worker.collect(submit(*phases), 60)
    assert history.step.tolist() == drawn_steps(phases).tolist()
    assert history.band is None


def test_worker_records_every_early_step_of_a_long_run():
    step = worker.collect(submit(num_steps=2_000_000), 60).step
    assert step[:2001].tolist() == list(range(2001))
    assert step[-1] == 2_000_000
    assert np.all(np.diff(step) > 0)


@pytest.mark.parametrize("seed", [0, 7])
def test_worker_trains_on_the_mini_batches_of_the_seed(seed):
    phases = Phase(RATES, 20), Phase(RATES, 40, batch_size=10)
    history, here = worker.collect(submit(*phases, seed=seed), 60), train_here(*phases, seed=seed)
    assert np.array_equal(history.weight, here.weight)  # the same points, so to the last bit
    assert np.array_equal(history.band.mean, here.band.mean)


def test_worker_is_sent_four_points_when_every_step_sees_all(sent):
    submit(Phase(RATES, 20), Phase(RATES, 20, Adam()))
    x, y = sent[0]["x"], sent[0]["y"]
    assert x.size == y.size == 4
    # They have the loss of all points, for any line: here y = 0.
    assert np.mean(y**2) == pytest.approx(np.mean(LINE.y**2), rel=1e-12)


def test_worker_is_sent_all_points_when_a_phase_has_mini_batches(sent):
    submit(Phase(RATES, 20), Phase(RATES, 20, batch_size=10), Phase(RATES, 20))
    assert np.array_equal(sent[0]["x"], LINE.x)
    assert np.array_equal(sent[0]["y"], LINE.y)


@pytest.mark.parametrize(
    ("name", "bad"),
    [
        ("phases", {"phases": []}),
        ("phases", {"phases": [Phase(RATES, 1)] * 21}),
        ("num_steps", {"phases": [Phase(RATES, 1_500_000)] * 2}),
        ("learning_rates", {"phases": [Phase(RATES), Phase(0.1)]}),
        ("batch_size", {"phases": [Phase(RATES, 10, batch_size=101)]}),
        ("initial_weight", {"initial_weight": float("nan")}),
        ("initial_bias", {"initial_bias": 1e7}),
        ("seed", {"seed": -1}),
        ("seed", {"seed": 2**32}),
    ],
)
def test_submit_refuses_bad_arguments_before_anything_is_sent(sent, name, bad):
    good = {"phases": [Phase(RATES)], "initial_weight": 0.0, "initial_bias": -1.0, "seed": 0}
    with pytest.raises(ValueError, match=f"`{name}"):
        worker.submit(LINE.x, LINE.y, **(good | bad))
    assert sent == []


def test_worker_is_one_process_for_all_runs():
    assert worker_pid() == worker_pid() != os.getpid()


def test_worker_says_so_when_it_was_killed_and_is_replaced_on_the_next_run():
    first = worker_pid()
    running = submit(num_steps=2_000_000)
    os.kill(first, signal.SIGKILL)
    with pytest.raises(worker.WorkerError, match="SIGKILL"):
        worker.collect(running, 60)
    history = worker.collect(submit(), 60)
    assert np.isfinite(history.loss[1]).all()
    assert worker_pid() != first


def test_worker_that_died_between_two_runs_is_told_of_once_and_replaced():
    kill_and_wait(worker_pid())
    with pytest.raises(worker.WorkerError, match="ended from outside"):
        worker.collect(submit(), 60)
    history = worker.collect(submit(), 60)
    assert np.isfinite(history.loss[1]).all()


def test_collect_does_not_wait_longer_than_told_and_can_be_asked_again():
    worker_pid()
    running = submit(num_steps=2_000_000)  # tens of milliseconds
    with pytest.raises(TimeoutError):
        worker.collect(running, 0)
    assert worker.collect(running, 60).step[-1] == 2_000_000


def test_submitting_never_imports_tensorflow():
    script = (
        "import sys\n"
        "from linreg import data, worker\n"
        "from linreg.phases import Phase\n"
        "if __name__ == '__main__':\n"
        "    line = data.make_line()\n"
        "    worker.collect(worker.submit(line.x, line.y, [Phase(0.5)], 0.0, -1.0, 0), 60)\n"
        "    sys.exit('tensorflow' in sys.modules)\n"
    )
    assert run_alone(script) == 0


def test_worker_trains_on_a_dask_cluster(monkeypatch):
    with LocalCluster(
        n_workers=1, threads_per_worker=1, dashboard_address="127.0.0.1:0", host="127.0.0.1"
    ) as cluster:
        monkeypatch.setenv(worker.DASK, cluster.scheduler_address)
        phases = Phase(RATES, 20), Phase(RATES, 20, batch_size=10)
        history = worker.collect(submit(*phases), 120)
        worker._client(cluster.scheduler_address).close()
    assert np.allclose(history.loss, train_here(*phases).loss, rtol=1e-9)


def test_worker_says_so_when_no_cluster_answers(monkeypatch):
    monkeypatch.setattr(worker, "CONNECT_TIMEOUT", 1)
    monkeypatch.setenv(worker.DASK, "tcp://127.0.0.1:9")  # nobody listens there
    with pytest.raises(worker.WorkerError, match=r"tcp://127\.0\.0\.1:9 does not answer"):
        worker.collect(submit(), 60)
