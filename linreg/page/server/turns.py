"""Turns: the pages of many readers are worked out one after the other, and none holds up the rest.

Python runs one thread at a time. Thirty that all want to run spend a third of the server's time on
handing over. So each waits for its turn, and a turn that takes long is shared from then on.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

LONGEST = 0.05  # seconds that the next one waits: twice what a page takes

_line = threading.Lock()  # held by the next one
_is_free = threading.Event()
_is_free.set()
_last: list[object] = [None]  # whose turn it is
_own = threading.local()


@contextmanager
def turn() -> Iterator[None]:
    """Do the work inside when it is this thread's turn."""
    _take()
    try:
        yield
    finally:
        _give()


@contextmanager
def aside() -> Iterator[None]:
    """Let others have the turn while this thread only waits for something."""
    _give()
    try:
        yield
    finally:
        _take()


def _take() -> None:
    with _line:
        _is_free.wait(LONGEST)
        _is_free.clear()
        _last[0] = _own.turn = object()


def _give() -> None:
    if _last[0] is _own.turn:  # else it took too long, and another has the turn
        _is_free.set()
