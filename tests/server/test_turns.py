"""Turns: one after the other, nobody held up for long, nothing kept by who has failed."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext

import pytest

from linreg.page.server import turns
from linreg.page.server.turns import aside, turn


@pytest.fixture
def patient(monkeypatch):
    """Let a turn last until it is given back."""
    monkeypatch.setattr(turns, "LONGEST", 30.0)


def run_all(works):
    """Do works in a thread each; what fails in one fails here."""
    with ThreadPoolExecutor(len(works)) as threads:
        for future in [threads.submit(work) for work in works]:
            future.result(20)


def test_threads_take_turns(patient):
    inside, most = [], []

    def work():
        with turn():
            inside.append(1)
            most.append(len(inside))
            time.sleep(0.002)
            inside.pop()

    run_all([work] * 20)
    assert most == [1] * 20


def test_who_only_waits_lets_others_have_the_turn(patient):
    waited, went = threading.Event(), threading.Event()

    def wait():
        with turn(), aside():
            waited.set()
            assert went.wait(10)

    def go():
        assert waited.wait(10)
        with turn():
            went.set()

    run_all([wait, go])


def test_long_turn_is_shared():
    began, ended = threading.Event(), threading.Event()

    def stay():
        with turn():
            began.set()
            assert ended.wait(10)  # until the other has had its turn, too

    def go():
        assert began.wait(10)
        with turn():
            ended.set()

    run_all([stay, go])


@pytest.mark.parametrize("is_aside", [False, True])
def test_turn_of_who_failed_is_given_back(patient, is_aside):
    def fail():
        with turn(), aside() if is_aside else nullcontext():
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert turns._is_free.is_set()


def test_long_turn_does_not_end_anothers_when_it_ends_itself(monkeypatch):
    monkeypatch.setattr(turns, "LONGEST", 0.01)
    began, overran, left = (threading.Event() for _ in range(3))

    def stay():
        with turn():
            began.set()
            assert overran.wait(10)
        left.set()

    def go():
        assert began.wait(10)
        with turn():
            overran.set()
            assert left.wait(10)
            assert not turns._is_free.is_set()

    run_all([stay, go])
    assert turns._is_free.is_set()
