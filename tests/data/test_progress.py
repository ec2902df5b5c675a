"""How much is read: told after a moment, on one line in a terminal, now and then elsewhere."""

import io

import pytest

from linreg.data.files.progress import Progress


class Terminal(io.StringIO):
    """What is written to a terminal."""

    def isatty(self) -> bool:
        """Return that it is one."""
        return True


def told(out, seconds: list[float]) -> str:
    """Return what is written where a quarter is read at each of these seconds, from 0 on."""
    ticks = iter([0.0, *seconds])
    progress = Progress("data.csv", 400, out, lambda: next(ticks))
    for _ in seconds:
        progress.add(100)
    progress.close()
    return out.getvalue()


@pytest.mark.parametrize("out", [Terminal, io.StringIO])
def test_progress_says_nothing_of_what_takes_a_moment(out):
    assert told(out(), [0.1, 0.3, 0.5, 0.9]) == ""


def test_progress_changes_one_line_in_a_terminal_and_takes_it_away():
    parts = told(Terminal(), [0.5, 2.0, 2.1, 3.0]).split("\r")
    shown = ["Reading data.csv: 50 %", "Reading data.csv: 100 %"]
    assert parts == ["", *shown, " " * len(shown[1]), ""]


def test_progress_adds_a_line_now_and_then_elsewhere():
    assert told(io.StringIO(), [5.0, 11.0, 15.0, 30.0]).splitlines() == [
        "Reading data.csv: 50 %",
        "Reading data.csv: 100 %",
    ]
