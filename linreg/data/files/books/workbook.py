"""A stranger's workbook in; the rows of one of its sheets as text out, for `csvfile`'s rules for cells."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from math import ceil
from pathlib import Path
from subprocess import DEVNULL, PIPE
from threading import BoundedSemaphore
from time import monotonic

from linreg.data.files.books import sheetrows
from linreg.data.files.columns.cells import listed, printable
from linreg.data.files.tables.heading import Numbered, UnclearNames
from linreg.data.files.tables.layout import Layout, layout_of, unique
from linreg.data.files.text.rawtext import MAX_BYTES

DELIMITER = "\t"
BEHIND = 1_000_000  # the place of no sheet
PASSED = 3  # reasons why sheets before could not be read, in a message
# An archive, an empty one, the container of older workbooks.
_BEGINS = (b"PK\x03\x04", b"PK\x05\x06", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
_NEEDED = (  # of the environment: to find Python's own parts, and its packages
    *("PATH", "SYSTEMROOT", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH"),
    *("PYTHONHOME", "PYTHONPATH", "PYTHONUSERBASE", "HOME", "APPDATA"),
)
_ROOT = Path(__file__).parents[4]  # where the package lies, for the process of its own
_TURNS = BoundedSemaphore(2)  # a class that sends workbooks at once shares the memory of two


@dataclass(frozen=True)
class Limits:
    """What reading a workbook may take."""

    text: int  # bytes of the rows of a sheet
    unpacked: int  # bytes of all that its archive holds
    memory: int  # bytes of the process that reads it
    seconds: int  # of computing, for all sheets; twice as many by the clock, and to wait for a turn


class _TooMuch(ValueError):
    """A workbook, or a sheet of it, takes more than it may."""


class Busy(ValueError):
    """Other workbooks are being read; a little later this one may be."""


PAGE = Limits(MAX_BYTES, 400_000_000, 1_500_000_000, 20)
TERMINAL = Limits(1_000_000_000, 4_000_000_000, 8_000_000_000, 600)


@dataclass(frozen=True)
class Sheet:
    """A sheet of a workbook, but for charts."""

    name: str  # as it stands on its tab; a stranger's text
    is_hidden: bool  # whether the workbook hides it

    def __str__(self) -> str:
        """Return the name as a reader may see it."""
        return printable(self.name) + " (hidden)" * self.is_hidden


@dataclass(frozen=True, eq=False)
class Opened:
    """A workbook of which one sheet was read."""

    sheets: tuple[Sheet, ...]  # all of them, hidden ones last
    taken: int  # which of them was read
    text: bytes  # its rows, with tabs between cells, in UTF-8
    passed: tuple[tuple[str, str], ...] = ()  # names of those that could not be read, and reasons

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader should know of which sheet it is."""
        others = [f"“{sheet}”" for k, sheet in enumerate(self.sheets) if k != self.taken]
        if not others:
            return ()
        more = len(self.passed) - PASSED
        waits = f"{listed(others, str)} wait{'s' * (len(others) == 1)}"
        return (
            f"The sheet “{self.sheets[self.taken]}” is read; {waits}: choose under “Sheet” (in the terminal: "
            "--sheet NAME).",
            *(f"“{printable(name)}” is passed over: {why}" for name, why in self.passed[:PASSED]),
            *[f"So are {more:,} more sheets."] * (more > 0),
        )


def is_packed(data: bytes) -> bool:
    """Return whether a file begins as workbooks do, and other archives too.

    Example:
        >>> is_packed(b"PK\\x03\\x04..."), is_packed(b"x,y")
        (True, False)
    """
    return data.startswith(_BEGINS)


def opened(data: bytes, limits: Limits, name: str | None = None) -> Opened:
    """Read a sheet of a workbook.

    Args:
        data: Of the file.
        limits: What it may take.
        name: Of the sheet; None for the first one with two columns of numbers, hidden ones last, or
            else the first one with two columns.

    Raises:
        Busy: If others are being read for too long.
        ValueError: If it cannot be read, or has no such sheet.
    """
    with _turn(limits):
        if name is None:
            return _first_with_numbers(data, limits)
        told = _read(data, limits, BEHIND, limits.seconds)
    names = [sheet.name for sheet in told.sheets]
    if name not in names:
        raise ValueError(f"`--sheet` must be one of {listed(names)}, got {name!r}.")
    return nth(data, limits, names.index(name))


def _first_with_numbers(data: bytes, limits: Limits) -> Opened:
    """Read the first sheet with two columns of numbers, or else the first one with two columns."""
    until = monotonic() + limits.seconds
    first = known = too_much = None
    passed: tuple[tuple[str, str], ...] = ()
    place, end, alone = 0, 1, False
    while place < end and (left := ceil(until - monotonic())) >= 1:
        if alone:
            known = known or first or _read(data, limits, BEHIND, left)
            end = len(known.sheets)
        try:
            found = _read(data, limits, place, left, alone)
        except _TooMuch as reason:  # of which sheet, is seen where each is read alone
            too_much = reason
            if known is not None:
                passed, place = (*passed, (known.sheets[place].name, f"{reason}")), place + 1
            alone = True
            continue
        end, passed = len(found.sheets), passed + found.passed
        if found.taken < 0:
            place = place + 1 if alone else end
            continue
        if _holds_numbers(found.text):
            return replace(found, passed=passed)
        first, place = first or found, found.taken + 1
    if first is None:
        nothing = "The workbook must hold a table of two columns, got no such sheet."
        raise too_much or ValueError(passed[0][1] if passed else nothing)
    if place < end:
        late = "Time was up before it, and what comes behind, had been looked at for numbers."
        passed = ((first.sheets[place].name, late), *passed)
    return replace(first, passed=passed)


def nth(data: bytes, limits: Limits, place: int) -> Opened:
    """Read the sheet at a place among `Opened.sheets`.

    Raises:
        Busy: If others are being read for too long.
        ValueError: If it cannot be read, or holds nothing.
    """
    with _turn(limits):
        found = _read(data, limits, place, limits.seconds, only=True)
    if found.taken != place:
        nothing = f"The sheet “{found.sheets[place]}” must hold a table of two columns, got none."
        raise ValueError(found.passed[0][1] if found.passed else nothing)
    return found


def _holds_numbers(text: bytes) -> bool:
    """Return whether a sheet has two columns of numbers."""
    with suppress(ValueError):
        return len(layout_of(text, delimiter=DELIMITER).numeric()) >= 2
    return False


@contextmanager
def _turn(limits: Limits) -> Iterator[None]:
    """Wait until there is room for one more reader."""
    if not _TURNS.acquire(timeout=2 * limits.seconds):
        raise Busy("Other workbooks are being read. Try again in a moment.")
    try:
        yield
    finally:
        _TURNS.release()


def _read(data: bytes, limits: Limits, place: int, seconds: int, only: bool = False) -> Opened:
    """Return the first sheet from a place on that has two columns, or that place only; -1 if none."""
    most = limits.text, limits.unpacked, limits.memory, seconds
    words = [sys.executable, "-m", sheetrows.__name__, f"{place}", f"{int(only)}", *map(str, most)]
    too_much = _TooMuch(
        f"The workbook must take at most {limits.memory / 1e9:g} GB of memory and {limits.seconds} seconds of "
        "computing, got one that takes more: it is too large, or its cells lie too far apart. Save the sheet as CSV."
    )
    env = {name: os.environ[name] for name in _NEEDED if name in os.environ}
    try:
        ended = subprocess.run(
            words, input=data, stdout=PIPE, stderr=DEVNULL, cwd=_ROOT, env=env, timeout=2 * seconds
        )
    except subprocess.TimeoutExpired:
        raise too_much from None
    head, _, text = ended.stdout.partition(b"\n")
    if ended.returncode or not head:
        raise too_much
    told = json.loads(head)
    if "refused" in told:
        raise ValueError(printable(told["refused"], 400))
    sheets = tuple(Sheet(*sheet) for sheet in told["sheets"])
    passed = tuple((name, printable(why, 400)) for name, why in told["passed"])
    return Opened(sheets, told["taken"], text, passed)


# ---------------------------------------------------------------- its numbers


def laid_out(text: bytes, has_names: bool | None = None, names_row: int | None = None) -> Layout:
    """Return how a sheet is laid out, as `layout_of` does, with numbers in names as one writes them.

    Raises:
        ValueError: If it is no table.
    """
    try:
        found = layout_of(text, has_names, names_row, delimiter=DELIMITER)
    except UnclearNames as asked:
        raise UnclearNames(f"{asked}", _shown(asked.rows)) from None
    return replace(found, names=unique([*map(shown, found.names)]), top=_shown(found.top))


def _shown(rows: Numbered) -> Numbered:
    return tuple((place, tuple(map(shown, row))) for place, row in rows)


def shown(cell: str) -> str:
    """Return a cell as a spreadsheet would show all its digits; text that only looks like one as it is.

    Example:
        >>> shown("-25e-2"), shown("25"), shown("12e5"), shown("a1e-2")
        ('-0.25', '25', '12e5', 'a1e-2')
    """
    if not re.fullmatch(r"-?\d{1,17}e-?\d{1,3}", cell):
        return cell
    value = float(cell)
    return repr(value) if sheetrows.number(value) == cell else cell
