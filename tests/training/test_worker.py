"""Where training runs: the real worker process, killed and replaced, and a real Dask cluster."""

import logging
import os
import re
import resource
import signal
import time
from pathlib import Path

import numpy as np
import pytest
from distributed import LocalCluster

from linreg import data
from linreg.runs.history import drawn_steps
from linreg.runs.phases import Phase
from linreg.runs.rules import RULES, Adam, Momentum
from linreg.runs.schedules import Constant, CosineDecay, StepDecay
from linreg.training.processes import cluster as dask
from linreg.training.processes import worker
from tests.browser import run_alone
from tests.later import training
from tests.patience import PATIENCE, until

LINE = data.make_line()
RATES = [0.005, 0.5, 0.8]


def submit(*phases, num_steps=200, seed=0):
    return worker.submit(LINE.x, LINE.y, phases or [Phase(RATES, num_steps)], (0.0, -1.0), seed)


def train_here(*phases, seed=0):
    return training.train_phases(LINE.x, LINE.y, phases, (0.0, -1.0), seed, is_detailed=True)


@pytest.fixture
def sent(monkeypatch):
    """Return what would be sent to the worker, and send nothing."""
    settings = []
    for lane in (worker.QUICK, worker.SLOW):
        monkeypatch.setattr(lane, "submit", lambda _, sent, **compiles: settings.append(sent))
    return settings


def kill_and_wait(pid):
    """Kill the worker, and wait until its server has noticed."""
    os.kill(pid, signal.SIGKILL)
    until(lambda: worker.QUICK._worker.pool._flags.broken is not None)


def worker_pid():
    """Return which process trains next; one that has just begun has not loaded TensorFlow yet."""
    return worker.QUICK.submit(os.getpid).future.result(PATIENCE)


WAYS = {
    "plain": [Phase(RATES, 200)],
    "phases": [Phase(RATES, 50), Phase((0.01, 0.1, 0.2), 3_000, Momentum(0.5), StepDecay())],
    "adam": [Phase(RATES, 100, Adam())],
}


@pytest.mark.parametrize("phases", WAYS.values(), ids=WAYS)
def test_worker_returns_what_the_trainer_returns(phases):
    history, here = worker.collect(submit(*phases), PATIENCE), train_here(*phases)
    # The worker trains on four points of four points: the same loss up to rounding.
    assert np.allclose(history.loss, here.loss, rtol=1e-9)
    assert history.phases == tuple(phases)


@pytest.mark.parametrize("phases", WAYS.values(), ids=WAYS)
def test_worker_records_the_steps_to_draw(phases):
    history = worker.collect(submit(*phases), PATIENCE)
    assert history.step.tolist() == drawn_steps(phases).tolist()
    assert history.band is None


def test_worker_records_every_early_step_of_a_long_run():
    step = worker.collect(submit(num_steps=2_000_000), PATIENCE).step
    assert step[:2001].tolist() == list(range(2001))
    assert step[-1] == 2_000_000
    assert np.all(np.diff(step) > 0)


@pytest.mark.parametrize("seed", [0, 7])
def test_worker_trains_on_the_mini_batches_of_the_seed(seed):
    phases = Phase(RATES, 20), Phase(RATES, 40, batch_size=10)
    history, here = (
        worker.collect(submit(*phases, seed=seed), PATIENCE),
        train_here(*phases, seed=seed),
    )
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
        ("initial_weight", {"start": (float("nan"), 0.0)}),
        ("initial_bias", {"start": (0.0, 1e7)}),
        ("seed", {"seed": -1}),
        ("seed", {"seed": 2**32}),
        ("num_steps", {"phases": [Phase(np.geomspace(1e-3, 1, 256), 300_000)]}),
    ],
)
def test_submit_refuses_bad_arguments_before_anything_is_sent(sent, name, bad):
    good = {"phases": [Phase(RATES)], "start": (0.0, -1.0), "seed": 0}
    with pytest.raises(ValueError, match=f"`{name}"):
        worker.submit(LINE.x, LINE.y, **(good | bad))
    assert sent == []


def test_worker_is_one_process_for_all_runs():
    first = worker_pid()
    assert np.isfinite(worker.collect(submit(), PATIENCE).loss[1]).all()
    assert worker_pid() == first != os.getpid()


def test_worker_says_so_when_it_was_killed_and_is_replaced_on_the_next_run():
    first = worker_pid()
    running = worker.QUICK.submit(time.sleep, PATIENCE)
    os.kill(first, signal.SIGKILL)
    with pytest.raises(worker.WorkerError, match="SIGKILL"):
        worker.collect(running, PATIENCE)
    history = worker.collect(submit(), PATIENCE)
    assert np.isfinite(history.loss[1]).all()
    assert worker_pid() != first


def test_worker_that_died_between_two_runs_is_told_of_once_and_replaced():
    kill_and_wait(worker_pid())
    with pytest.raises(worker.WorkerError, match="ended from outside"):
        worker.collect(submit(), PATIENCE)
    assert worker.QUICK.submit(abs, -1).future.result(PATIENCE) == 1


def test_collect_does_not_wait_longer_than_told_and_can_be_asked_again():
    worker.collect(submit(num_steps=2_000_000), PATIENCE)
    running = submit(num_steps=2_000_000)  # tens of milliseconds
    with pytest.raises(TimeoutError):
        worker.collect(running, 0)
    assert worker.collect(running, PATIENCE).step[-1] == 2_000_000


def test_long_training_has_a_process_of_its_own_and_holds_up_no_other():
    quick = worker_pid()
    slow = worker.SLOW.submit(os.getpid).future.result(PATIENCE)
    assert slow != quick
    worker.collect(submit(num_steps=2_000_000), PATIENCE)
    assert worker.SLOW.submit(os.getpid).future.result(PATIENCE) == slow
    busy = worker.SLOW.submit(time.sleep, PATIENCE)
    assert np.isfinite(worker.collect(submit(), PATIENCE).loss[1]).all()
    assert not busy.is_done()
    os.kill(slow, signal.SIGKILL)
    with pytest.raises(worker.WorkerError, match="SIGKILL"):
        worker.collect(busy, PATIENCE)
    assert worker_pid() == quick


def test_process_that_has_stopped_is_replaced_and_its_reader_told(monkeypatch, caplog):
    first = worker_pid()
    monkeypatch.setattr(worker.QUICK, "patience", 2.0)
    os.kill(first, signal.SIGSTOP)
    stuck = submit()
    assert not stuck.is_done()
    with pytest.raises(TimeoutError):
        worker.collect(stuck, 0.1)
    until(stuck.is_done)
    with pytest.raises(worker.WorkerError, match="no longer answered"):
        worker.collect(stuck, 10)
    assert caplog.text.count("no sign of life for 2 seconds") == 1
    assert worker_pid() != first


def test_process_without_memory_fails_and_another_takes_its_place():
    first = worker_pid()
    status = Path(f"/proc/{first}/status").read_text(encoding="ascii")
    used = int(re.search(r"VmSize:\s+(\d+)", status)[1]) * 1024
    resource.prlimit(first, resource.RLIMIT_AS, (used, resource.RLIM_INFINITY))
    with pytest.raises(worker.WorkerError, match="not enough memory"):
        worker.collect(worker.QUICK.submit(bytes, 10**9), PATIENCE)
    assert worker_pid() != first


def in_the_log(caplog):
    """Return what the log has of failures, each with its traceback."""
    records = [one for one in caplog.records if one.name == "linreg.worker"]
    return [logging.Formatter().format(one) for one in records]


@pytest.fixture
def fresh_log(caplog, monkeypatch):
    """Let nothing have failed yet."""
    monkeypatch.setattr(worker, "_logged", {})
    return caplog


def test_failure_of_two_readers_is_in_the_log_once_with_the_workers_traceback(fresh_log):
    for _ in range(2):
        with pytest.raises(worker.WorkerError, match="TypeError: bad operand"):
            worker.collect(worker.QUICK.submit(abs, "x"), PATIENCE)
    with pytest.raises(worker.WorkerError, match="ValueError: invalid"):
        worker.collect(worker.QUICK.submit(int, "x"), PATIENCE)
    first, second = in_the_log(fresh_log)
    assert first.startswith("Training failed where it runs (TypeError: bad operand")
    assert "process_executor.py" in first  # where it ran
    assert "ValueError: invalid" in second


def test_failure_that_trainings_own_code_has_hidden_is_in_the_log_with_its_place(fresh_log):
    with pytest.raises(worker.WorkerError, match="RuntimeError: TypeError"):
        worker.collect(worker.QUICK.submit(worker._train, {"nonsense": 1}), PATIENCE)
    (told,) = in_the_log(fresh_log)
    assert "training.train_phases(**settings)" in told
    assert "direct cause" in told


def test_each_death_is_in_the_log_once_however_many_waited(fresh_log):
    for _ in range(2):
        pid = worker_pid()
        waiting = [worker.QUICK.submit(time.sleep, PATIENCE) for _ in range(3)]
        os.kill(pid, signal.SIGKILL)
        for job in waiting:
            with pytest.raises(worker.WorkerError, match="SIGKILL"):
                worker.collect(job, PATIENCE)
    told = in_the_log(fresh_log)
    assert len(told) == 2
    assert all("ended from outside (SIGKILL" in one for one in told)
    assert all("Traceback" in one or "TerminatedWorkerError" in one for one in told)


def test_failure_is_told_again_when_it_lasts(fresh_log, monkeypatch):
    for now in (0.0, worker.SILENCE, 1.5 * worker.SILENCE, 2.5 * worker.SILENCE):
        monkeypatch.setattr(worker, "monotonic", lambda now=now: now)
        worker.log_once("It fails.")
    assert in_the_log(fresh_log) == ["It fails."] * 2
    assert len(worker._logged) == 1


def test_withdrawn_training_is_not_begun():
    worker_pid()
    running, *waiting = [worker.QUICK.submit(time.sleep, 0.3) for _ in range(6)]
    for job in waiting:
        job.withdraw()
    assert sum(job.future.cancelled() for job in waiting) >= 3  # two may have been handed over
    assert running.future.result(PATIENCE) is None


def test_training_that_has_to_compile_much_first_holds_up_no_other():
    worker.collect(submit(), PATIENCE)
    rules = [rule() for rule in list(RULES.values())[:2]]
    many = submit(
        *(
            Phase(RATES, 150, rule, schedule)
            for rule in rules
            for schedule in (Constant(), CosineDecay())
        )
    )
    assert many.lane is worker.SLOW
    for seed in range(20):
        assert np.isfinite(worker.collect(submit(seed=seed), PATIENCE).loss[1]).all()
    assert not many.is_done()
    assert worker.collect(many, PATIENCE).step[-1] == 600


def test_process_ends_with_its_server():
    script = (
        "import os, signal\n"
        "from linreg.training.processes import worker\n"
        "if __name__ == '__main__':\n"
        "    print(worker.QUICK.submit(os.getpid).future.result(300), flush=True)\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    status, said = run_alone(script)
    assert status == -signal.SIGKILL
    until(lambda: not Path(f"/proc/{said.strip()}").exists())


@pytest.fixture(scope="module")
def cluster():
    with LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address="127.0.0.1:0", host="127.0.0.1"
    ) as made:
        yield made


@pytest.fixture
def on_cluster(cluster, monkeypatch):
    monkeypatch.setenv(worker.DASK, cluster.scheduler_address)
    yield cluster
    dask.at(cluster.scheduler_address).drop()


def executed(cluster):
    """Return how many tasks each worker of a cluster has done."""
    client = dask.at(cluster.scheduler_address).client()
    return client.run(lambda dask_worker: dask_worker.state.executed_count)


def test_worker_trains_on_a_dask_cluster(on_cluster):
    phases = Phase(RATES, 20), Phase(RATES, 20, batch_size=10)
    history = worker.collect(submit(*phases), PATIENCE)
    assert np.allclose(history.loss, train_here(*phases).loss, rtol=1e-9)


@pytest.mark.parametrize("batch_size", [None, 10])
def test_many_rates_are_spread_over_the_workers_and_come_back_in_order(on_cluster, batch_size):
    rates = np.geomspace(1e-3, 1, 256)
    phases = [Phase(rates, 20), Phase(rates / 2, 20, batch_size=batch_size)]
    before = executed(on_cluster)
    history = worker.collect(submit(*phases), PATIENCE)
    here = train_here(*phases)
    assert history.phases == here.phases
    assert np.array_equal(history.step, here.step)
    assert np.allclose(history.loss, here.loss, rtol=1e-9)
    if batch_size:
        assert np.allclose(history.band.mean, here.band.mean, rtol=1e-9)
    after = executed(on_cluster)
    assert all(after[name] > count for name, count in before.items())


def test_worker_of_a_cluster_lost_while_it_trains_costs_a_retry_and_no_error(on_cluster):
    worker.collect(submit(), PATIENCE)
    client = dask.at(on_cluster.scheduler_address).client()
    jobs = [submit(Phase(RATES, 150_000, batch_size=10)) for _ in range(2)]  # seconds each
    while len(busy := [name for name, keys in client.processing().items() if keys]) < 2:
        time.sleep(0.01)
    os.kill(client.run(os.getpid, workers=busy[:1])[busy[0]], signal.SIGKILL)
    for job in jobs:
        assert worker.collect(job, PATIENCE).step[-1] == 150_000


def test_withdrawn_trainings_leave_the_cluster(on_cluster):
    client = dask.at(on_cluster.scheduler_address).client()

    def num_tasks():
        return client.run_on_scheduler(lambda dask_scheduler: len(dask_scheduler.tasks))

    jobs = [submit(Phase(RATES, 150_000, batch_size=10)) for _ in range(4)]  # seconds each
    until(lambda: num_tasks() == 4)
    for job in jobs:
        job.withdraw()
    until(lambda: num_tasks() == 0)


def test_worker_says_so_when_no_cluster_answers(monkeypatch):
    monkeypatch.setattr(dask, "CONNECT_TIMEOUT", 1)
    monkeypatch.setenv(worker.DASK, "tcp://127.0.0.1:9")  # nobody listens there
    with pytest.raises(worker.WorkerError, match=r"tcp://127\.0\.0\.1:9 does not answer"):
        worker.collect(submit(), PATIENCE)
