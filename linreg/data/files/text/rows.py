"""The first rows of a stranger's text, split into cells, and which of these are numbers."""

import csv
import io
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TypeVar

import numpy as np

from linreg.data.files.columns.cells import Kind, column, numbers
from linreg.data.files.columns.dates import are_dates
from linreg.data.files.text.rawtext import MAX_BYTES

SAMPLE_BYTES, SAMPLE_ROWS = 1_000_000, 200  # to find out how the file is laid out
SAMPLE_CELLS = 20_000  # of a wide table fewer rows are looked at
MAX_BLANK = 20_000  # rows, which do not count as one of these
DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
MARKS = {".": "point", ",": "comma"}
Row = TypeVar("Row", bound=Sequence[str])
csv.field_size_limit(MAX_BYTES)  # else a long cell would be refused in words of the library's


def look(rows: list, width: int) -> tuple[np.ndarray, np.ndarray]:
    """Return which cells are numbers, with either mark, and which are blank, row by row.

    Infinite, true or false, and dates are numbers too. All are looked at in one go: a call for each
    column of a wide table would take minutes.
    """
    cells = column([cell for row in rows for cell in row])
    kinds = np.array([numbers(cells, mark).kinds for mark in MARKS])
    are_numbers = np.isin(kinds, (Kind.NUMBER, Kind.BOOLEAN, Kind.INFINITE)).any(axis=0)
    are_numbers |= are_dates(cells)
    shape = len(rows), width
    return are_numbers.reshape(shape), (kinds[0] == Kind.MISSING).reshape(shape)


def which_are_numbers(cells: list[str]) -> np.ndarray:
    """Return which cells are numbers."""
    return look([cells], len(cells))[0][0]


def which_are_words(cells: list[str]) -> np.ndarray:
    """Return which cells are neither numbers nor blank."""
    are_numbers, are_blank = look([cells], len(cells))
    return ~(are_numbers | are_blank)[0]


def sample(data: bytes) -> str:
    """Return the first rows as text, the last one whole."""
    text = data[:SAMPLE_BYTES]
    if len(data) > SAMPLE_BYTES:
        text = text[: max(text.rfind(b"\n"), text.rfind(b"\r")) + 1] or text
    return text.decode(errors="ignore")


def best_delimiter(text: str) -> str:
    """Return the delimiter that makes the most regular table, with the most numbers in a row.

    One that splits the first row as it splits the others goes before one that does not: 1,5;a;2,5
    below x;name;y. A comma may stand in numbers and in names, so it goes last, and a number counts
    for as many as commas would make of it: 71,5;Al;Ulm;181,5 has two, and not two times 71 and 5.
    """

    def regularity(delimiter: str) -> tuple[bool, float, float]:
        rows = [row for row in split_rows(text, delimiter) if any(row)]
        head, rows = rows[:1], rows[1:] or rows  # the first may hold names
        width = usual_width(rows)
        if width < 2:
            return False, 0.0, 0.0
        whole = [row[:50] for row in rows if len(row) == width]
        are_numbers, are_blank = look(whole, min(width, 50))
        pieces = [[1 + (delimiter != ",") * cell.count(",") for cell in row] for row in whole]
        count = float(np.sum(np.where(are_numbers, pieces, are_blank))) / len(whole)
        regular = len(whole) / len(rows)
        return regular > 0.5 and len(head[0]) == width, regular * count, regular

    return max(reversed(DELIMITERS), key=regularity)


def split_rows(text: str, delimiter: str) -> list[list[str]]:
    """Return the first rows that hold anything, as many as are looked at, and the blank ones between.

    Raises:
        ValueError: If the text cannot be split.
    """
    rows: list[list[str]] = []
    num_filled = 0
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter):
            rows.append(row)
            num_filled += is_filled(row)
            if num_filled == SAMPLE_ROWS or len(rows) - num_filled == MAX_BLANK:
                break
        return rows
    except csv.Error as trouble:
        raise ValueError(f"The file must be a table, got something else ({trouble}).") from None


def is_filled(row: list[str]) -> bool:
    """Return whether a row holds anything but blanks."""
    return any(cell.strip() for cell in row)


def numeric_columns(rows: list[list[str]], width: int) -> list[int]:
    """Return which columns are numbers in most rows of this width, blanks aside."""
    whole = [row[:50] for row in rows if len(row) == width and is_filled(row)]
    numeric, blank = look(whole, min(width, 50))
    enough = 2 * numeric.sum(axis=0) > (~blank).sum(axis=0)
    return np.flatnonzero(enough & numeric.any(axis=0)).tolist()


def usual_width(rows: list[list[str]]) -> int:
    """Return how many cells most rows have, the more of two; blank ones are not asked."""
    widths = Counter(len(row) for row in rows if row)
    return max(widths, key=lambda width: (widths[width], width), default=0)


def whole(rows: Iterable[Row], width: int) -> list[Row]:
    """Return the rows of this width, as many as are looked at."""
    return [row for row in rows if len(row) == width][: max(10, SAMPLE_CELLS // max(width, 1))]
