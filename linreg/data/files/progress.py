"""How much of a large file is read, said in the terminal while it takes its time."""

import sys
from collections.abc import Callable
from time import monotonic
from typing import TextIO

MOMENT = 1.0  # seconds before anything is said
EVERY = 0.2  # seconds from one change of the line to the next
NOW_AND_THEN = 10.0  # likewise of lines that stay, where nothing is a terminal


class Progress:
    """A line that tells how much is read; nothing where it is done in a moment.

    In a terminal one line changes, and is gone at the end; anywhere else a line is added now and then.

    Example:
        >>> seconds = iter([0.0, 0.5, 20.0])
        >>> told = Progress("data.csv", 400, sys.stdout, lambda: next(seconds))
        >>> told.add(100), told.add(100), told.close()
        Reading data.csv: 50 %
        (None, None, None)
    """

    def __init__(
        self,
        name: str,
        total: int,
        out: TextIO | None = None,
        clock: Callable[[], float] = monotonic,
    ):
        """Begin; in the total each byte or row counts as often as it is read."""
        self._name, self._total, self._clock = name, max(total, 1), clock
        self._out = sys.stderr if out is None else out
        self._is_terminal = self._out.isatty()
        self._done, self._written = 0, 0
        first, self._every = (MOMENT, EVERY) if self._is_terminal else (NOW_AND_THEN,) * 2
        self._next = clock() + first

    def add(self, size: int) -> None:
        """Take note of more bytes or rows read."""
        self._done += size
        now = self._clock()
        if now < self._next:
            return
        self._next = now + self._every
        line = f"Reading {self._name}: {min(100 * self._done // self._total, 100)} %"
        if self._is_terminal:
            self._out.write("\r" + line.ljust(self._written))
            self._written = len(line)
        else:
            self._out.write(line + "\n")
        self._out.flush()

    def close(self) -> None:
        """Take the line away, if there is one."""
        if self._written:
            self._out.write("\r" + " " * self._written + "\r")
            self._out.flush()
            self._written = 0
