"""The pace of a connection: what is let through, what is cut off, and what is said."""

import asyncio

import pytest

from linreg.page.server import pace
from linreg.page.server.pace import Paced
from tests.reader import run


class Clock:
    """A clock that is set by hand."""

    def __init__(self, monkeypatch):
        """Take the place of the real one."""
        self.now = 1000.0
        monkeypatch.setattr(pace, "monotonic", lambda: self.now)


@pytest.fixture
def clock(monkeypatch):
    return Clock(monkeypatch)


def visit(clock, times, frame=b"x", **limits):
    """Send a message at each of these times; return what arrived, and what was sent back."""
    coming, arrived, sent = iter(times), [], []

    async def receive():
        at = next(coming, None)
        if at is None:
            return {"type": "websocket.disconnect", "code": 1000}
        clock.now = 1000.0 + at
        return {"type": "websocket.receive", "bytes": frame}

    async def send(message):
        sent.append(message)

    async def application(scope, receive, send):
        while (message := await receive())["type"] != "websocket.disconnect":
            arrived.append(message)
        await send({"type": "websocket.send", "bytes": b"late"})

    run(Paced(application, **limits)({"type": "websocket"}, receive, send))
    return len(arrived), sent


def test_slider_that_is_dragged_for_an_hour_is_let_through(clock):
    num = 30 * 3600
    arrived, sent = visit(clock, (k / 30 for k in range(num)))
    assert arrived == num
    assert [message["type"] for message in sent] == ["websocket.send"]


def test_flood_is_cut_off_in_words_and_nothing_is_sent_after_them(clock, caplog):
    arrived, sent = visit(clock, [0.0] * 10_000, per_second=10, at_once=50)
    assert arrived == 50
    assert [(one["type"], one["code"], one["reason"]) for one in sent] == [
        ("websocket.close", 1008, pace.REASON)
    ]
    assert len(pace.REASON.encode()) <= 123  # what a close frame holds
    assert caplog.text.count("cut off") == 1


@pytest.mark.parametrize(("per_second", "is_let_through"), [(10, True), (10.5, False)])
def test_pace_itself_is_let_through_and_a_higher_one_is_not(clock, per_second, is_let_through):
    arrived, _ = visit(clock, (k / per_second for k in range(2_000)), per_second=10, at_once=50)
    assert (arrived == 2_000) == is_let_through


def test_who_was_silent_has_saved_up_no_more_than_the_limit(clock):
    arrived, _ = visit(clock, [0.0, *[1e6] * 100], per_second=10, at_once=50)
    assert arrived == 51


def test_large_messages_are_cut_off_before_they_fill_the_memory(clock):
    arrived, sent = visit(clock, [0.0] * 100, frame=bytes(20 * 2**20))
    assert arrived * 20 <= 80  # MiB
    assert [one["type"] for one in sent] == ["websocket.close"]


def test_reader_of_the_longest_pasted_rows_moves_what_streamlit_sends_five_times_a_second(clock):
    rows = bytes(3_000_000)  # a million letters of three bytes, in every message
    num = 5 * 600
    arrived, _ = visit(clock, (k / 5 for k in range(num)), frame=rows)
    assert arrived == num


def test_who_does_not_read_why_is_dropped_all_the_same(clock, monkeypatch):
    monkeypatch.setattr(pace, "LONGEST", 0.01)
    ended = []

    async def receive():
        return {"type": "websocket.receive", "bytes": b"x"}

    async def send(message):
        await asyncio.Event().wait()

    async def application(scope, receive, send):
        while (message := await receive())["type"] != "websocket.disconnect":
            pass
        ended.append(message["code"])

    run(Paced(application, at_once=5)({"type": "websocket"}, receive, send))
    assert ended == [1008]


def test_what_is_no_websocket_is_passed_on_as_it_is():
    passed = []

    async def application(*call):
        passed.append(call)

    call = {"type": "http"}, object(), object()
    run(Paced(application)(*call))
    assert passed == [call]
