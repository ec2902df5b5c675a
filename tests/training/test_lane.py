"""A process of its own: real ones, killed, stopped, idle; what they owe, and what they know."""

import os
import signal
import time

import pytest
from loky.process_executor import BrokenProcessPool, ShutdownExecutorError

from linreg.training.processes.lane import Lane
from tests.patience import PATIENCE, until


@pytest.fixture
def lane():
    made = Lane(niceness=0, idle=None, patience=3.0)
    yield made
    if made._worker is not None:
        made._worker.pool.shutdown(kill_workers=True)
        made._worker.pulse.close()


def is_gone(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


def test_busy_process_is_not_taken_for_a_stopped_one(lane):
    job = lane.submit(time.sleep, 2 * lane.patience)
    until(job.is_done)
    assert job.future.result() is None


def test_stopped_process_is_ended_and_another_does_what_comes_next(lane):
    first = lane.submit(os.getpid).future.result(PATIENCE)
    os.kill(first, signal.SIGSTOP)
    stuck = lane.submit(os.getpid)
    until(stuck.is_done)
    with pytest.raises((ShutdownExecutorError, BrokenProcessPool)):
        stuck.future.result(0)
    assert lane.submit(os.getpid).future.result(PATIENCE) != first
    until(lambda: is_gone(first))


def test_stopped_process_is_found_however_many_keep_asking(lane):
    first = lane.submit(os.getpid).future.result(PATIENCE)
    os.kill(first, signal.SIGSTOP)
    silent = lane._worker
    until(lambda: lane.submit(os.getpid).worker is not silent)
    until(lambda: is_gone(first))
    assert lane.submit(os.getpid).future.result(PATIENCE) != first


def test_process_stopped_at_its_start_is_replaced_too(lane):
    job = lane.submit(time.sleep, 60)
    until(lambda: lane._worker.pool._processes)
    (pid,) = lane._worker.pool._processes
    os.kill(pid, signal.SIGSTOP)
    until(job.is_done)
    assert lane.submit(os.getpid).future.result(PATIENCE) != pid


def test_process_that_ended_for_lack_of_work_comes_back_and_is_not_taken_for_a_stopped_one():
    lane = Lane(niceness=0, idle=0.5, patience=1.5)
    first = lane.submit(os.getpid).future.result(PATIENCE)
    until(lambda: is_gone(first))
    time.sleep(2 * lane.patience)  # silent, and owes nothing
    job = lane.submit(os.getpid)
    until(job.is_done)
    assert job.future.result() != first
    lane._worker.pool.shutdown()
    lane._worker.pulse.close()


def test_closed_lane_leaves_no_process_and_no_file(lane):
    pid = lane.submit(os.getpid).future.result(PATIENCE)
    pulse = lane._worker.pulse.name
    lane.close()
    until(lambda: is_gone(pid))
    assert not os.path.exists(pulse)
    late = lane.submit(os.getpid)  # a page that tries again while its server ends
    with pytest.raises(ShutdownExecutorError):
        late.future.result(PATIENCE)
    assert late.num_ahead() == 0
    assert lane._worker is None


def test_jobs_know_how_many_are_before_them(lane):
    jobs = [lane.submit(time.sleep, 0.5) for _ in range(3)]
    assert [job.num_ahead() for job in jobs] == [0, 1, 2]
    until(jobs[0].is_done)
    until(lambda: jobs[2].num_ahead() == 1)
    jobs[2].withdraw()
    until(jobs[1].is_done)
    until(lambda: lane._worker.owed == {})


def test_withdrawn_jobs_are_before_no_other(lane):
    running, *waiting = [lane.submit(time.sleep, 0.3) for _ in range(6)]
    for job in waiting:
        job.withdraw()
    assert any(job.future.cancelled() for job in waiting)  # the first may have been handed over
    assert running.future.result(PATIENCE) is None
    until(lambda: lane._worker.owed == {})
    assert lane.submit(time.sleep, 0.3).num_ahead() == 0


def test_process_knows_what_it_has_compiled_until_it_dies(lane):
    assert lane.known == frozenset()
    lane.submit(abs, -1, compiles=frozenset({"abs"})).future.result(PATIENCE)
    until(lambda: lane.known == {"abs"})
    with pytest.raises(ValueError, match="invalid"):
        lane.submit(int, "x", compiles=frozenset({"int"})).future.result(PATIENCE)
    job = lane.submit(os._exit, 1, compiles=frozenset({"exit"}))
    with pytest.raises(BrokenProcessPool):
        job.future.result(PATIENCE)
    assert lane.known == {"abs"}
    job.forget()
    assert lane.known == frozenset()
