"""Which row holds the names of a stranger's table, and what stands above and beside the table."""

from dataclasses import dataclass

import numpy as np

from linreg.data.files.columns.cells import printable
from linreg.data.files.tables.titles import are_counts, below_titles, names_or_data
from linreg.data.files.text.rows import (
    DELIMITERS,
    is_filled,
    look,
    usual_width,
    which_are_numbers,
    which_are_words,
    whole,
)

SHOWN, BELOW = 12, 4  # rows to choose from, and of these from the likely names on
LONGEST = 60  # letters of each
WORDS = 3  # in a line that no column would have for a name

_OTHERWISE = "If another row holds the names, choose it under “First row” (in the terminal: --first-row 3, say)."
_LINES_ABOVE = "{} taken as lines above a table without names. " + _OTHERWISE
_LOWER = "Row {} is taken as the names of the columns; what stands above is not read. " + _OTHERWISE
_AS_CHOSEN = (
    "Row {} names the columns, as chosen, from the left: cells in it {}, in the rows below it {}."
)
_NUMBERS_CHOSEN = (
    "Row {} names the columns, as chosen, though none of it is words; it and what stands above are no "
    "points."
)
_COMMAS = " If the comma is the decimal mark, put semicolons or tabs between the columns."
_BESIDE = "The table begins beside {}: what stands there is not read."
Numbered = tuple[tuple[int, tuple[str, ...]], ...]  # rows, each with its number as an editor counts


class UnclearNames(ValueError):
    """Which row holds the names cannot be known, and may be asked: the reason, and rows to choose from."""

    @property
    def rows(self) -> Numbered:
        """The first rows that hold anything: an argument, since the page raises it anew from these."""
        return self.args[1]

    def __str__(self) -> str:
        """Return the reason."""
        return self.args[0]


@dataclass(frozen=True)
class Heading:
    """Where the data of a table begins, and what names its columns."""

    first: int  # the first row of the table, from 0: the names where there are any
    names: tuple[str, ...] | None  # of the columns, as they stand; None if no row holds them
    notes: tuple[str, ...] = ()  # what a reader should know of it
    beside: tuple[int, ...] = ()  # columns of what was written beside the table


def named_in(rows: list[list[str]], row: int, delimiter: str) -> Heading:
    """Return the heading with the names in a row that a reader has chosen, be they too few or many."""
    table = _Table.of(rows, row, delimiter)
    notes: tuple[str, ...] = ()
    try:
        names = table.named(row)
    except UnclearNames:
        names = tuple(cell.strip().removeprefix("#") for cell in rows[row])
        notes = (_AS_CHOSEN.format(row + 1, len(names), table.width),)
    if not which_are_words(rows[row]).any():
        notes = (*notes, _NUMBERS_CHOSEN.format(row + 1))
    return Heading(row, names, notes, table.beside())


def _remedy(delimiter: str) -> str:
    kind = DELIMITERS.get(delimiter, delimiter or "blank")
    return (
        f"Name every column, and quote cells that hold a {kind}; or say which row holds the names."
    )


def rows_about(rows: list[list[str]], place: int) -> Numbered:
    """Return rows that hold anything, numbered as an editor counts: the first ones, or those about a place.

    Example:
        >>> [number for number, _ in rows_about([["a"], [], *[["b"]] * 40], 30)]
        [23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34]
    """
    filled = [(number, tuple(row)) for number, row in enumerate(rows, 1) if is_filled(row)]
    above = sum(number <= place for number, _ in filled)
    begin = max(0, above + BELOW - SHOWN)
    return tuple(filled[begin : begin + SHOWN])


def in_words(row: tuple[str, ...]) -> str:
    """Return a stranger's row as text to choose it by.

    Example:
        >>> in_words(("Time", "", "Volt"))
        'Time, , Volt'
    """
    return printable(", ".join(cell.strip() for cell in row).rstrip(", "), LONGEST)


def heading_of(rows: list[list[str]], start: int, chosen: bool | None, delimiter: str) -> Heading:
    """Find out which row holds the names, from `start` on; raise UnclearNames if that cannot be known.

    Args:
        rows: The first ones of the text.
        start: The first that can be the table's.
        chosen: Whether the first row of the table holds the names, if a reader has said so.
        delimiter: Between two cells, "" where blanks separate the columns.
    """
    first, title = below_titles(rows, start)
    table = _Table.of(rows, first, delimiter)
    beside = table.beside()
    if chosen is None and (lower := _lower_names(table, first)) is not None:
        return Heading(lower, table.named(lower), (_LOWER.format(lower + 1),), beside)
    if title is not None and not which_are_numbers(rows[first]).any():
        title = None  # what stands below it can be the names
    may_be_lines = title is not None or table.is_narrow(first)
    if chosen is None and table.begin is not None and may_be_lines:
        above = [k for k in range(start, table.begin) if is_filled(rows[k])]
        if above and table.are_lines(above, table.begin):
            count = f"The {len(above)} rows above row {table.begin + 1} are"
            only = f"The row above row {table.begin + 1} is"
            note = _LINES_ABOVE.format(count if len(above) > 1 else only)
            return Heading(table.begin, None, (note,), beside)
    if title is not None and chosen is not False:
        reason = (
            f"Every row must have as many cells as the one above it, got {len(rows[title])} in row "
            f"{title + 1} and {len(rows[first])} in the next. {_remedy(delimiter)}"
        )
        if len(rows[title]) == 1 and len(rows[first]) == 2 and delimiter == ",":
            reason += " If the comma is the decimal mark, this is one column; two are needed."
        raise UnclearNames(reason, rows_about(rows, first))
    head = [cell.strip() for cell in rows[first]] or [""]
    has_names, notes = names_or_data(head, rows[first + 1 :], chosen)
    if has_names and chosen is None and beside and table.begin == first:
        has_names, notes = False, ()
    if beside:
        notes = (*notes, _BESIDE.format(f"columns 1 to {len(beside)}"))
    return Heading(first, table.named(first) if has_names else None, notes, beside)


@dataclass(frozen=True)
class _Table:
    """What is known of a table before its names are.

    `numeric` are the columns of numbers, `filled` those that hold anything, both in the lower half
    of the rows looked at; `begin` is the first row that has numbers there and no words; `delimiter`
    is "" where blanks separate the columns.
    """

    rows: list[list[str]]
    delimiter: str
    width: int
    numeric: list[int]
    filled: list[int]
    begin: int | None

    @classmethod
    def of(cls, rows: list[list[str]], first: int, delimiter: str) -> "_Table":
        width = usual_width(rows[first + 1 :] or rows[first:])
        seen = whole(filter(is_filled, rows[first:]), width)
        if width < 1 or not seen:
            return cls(rows, delimiter, width, [], [], None)
        numbers, blank = look(seen, width)
        half = slice(len(seen) // 2, None)
        numeric = np.flatnonzero(numbers[half].mean(axis=0) > 0.5)
        filled = np.flatnonzero(~blank[half].all(axis=0))
        clean = numbers[:, numeric].any(axis=1) & (numbers | blank)[:, numeric].all(axis=1)
        begin = rows.index(seen[int(np.argmax(clean))], first) if clean.any() else None
        return cls(rows, delimiter, width, numeric.tolist(), filled.tolist(), begin)

    def is_narrow(self, row: int) -> bool:
        """Return whether a row has another width than the table."""
        return bool(self.rows[row]) and len(self.rows[row]) != self.width

    def words_above_numbers(self, row: int) -> bool:
        """Return whether words stand above all columns of numbers."""
        cells = self.rows[row]
        if not self.numeric or len(cells) <= max(self.numeric):
            return False
        return bool(which_are_words([cells[k] for k in self.numeric]).all())

    def is_like_names(self, row: int) -> bool:
        """Return whether a row names all columns of numbers, each otherwise, and nothing else."""
        cells = [cell.strip() for cell in self.rows[row]]
        named = [cells[k] for k in self.numeric if k < len(cells)]
        others = [cell for k, cell in enumerate(cells) if k not in self.filled]
        return self.words_above_numbers(row) and len({*named}) == len(named) and not any(others)

    def beside(self) -> tuple[int, ...]:
        """Return the columns up to an empty one that are blank in most rows below."""
        empty = [k for k in range(self.width) if k not in self.filled]
        if len(self.numeric) < 2 or not empty or empty[-1] > self.numeric[0]:
            return ()
        rows = whole(self.rows, self.width)
        separates = [k for k in empty if not any(row[k].strip() for row in rows)]
        left = range(separates[-1] + 1 if separates else 0)
        return tuple(left) if len(left) > 1 and not {*left} & {*self.filled} else ()

    def named(self, row: int) -> tuple[str, ...]:
        """Return the names in a row; where they are one fewer, the first column names the rows."""
        names, width = [cell.strip() for cell in self.rows[row]], self.width
        while len(names) > width and not names[-1]:
            names.pop()
        below = [cells for cells in self.rows[row + 1 :] if len(cells) == width]
        if len(names) == width - 1 and self._are_named([cells[0].strip() for cells in below]):
            names = ["", *names]
        if len(names) > width and width - 1 not in self.filled:  # the names of something else
            names = [name if k in self.filled else "" for k, name in enumerate(names[:width])]
        if len(names) != width and below:
            are_halves = self.delimiter == "," and width == 2 * len(names)
            raise UnclearNames(
                f"Row {row + 1}, which holds the names, must have as many cells as the rows below it, "
                f"got {len(names)} and {width}. {_remedy(self.delimiter)}{_COMMAS * are_halves}",
                rows_about(self.rows, row),
            )
        return tuple(name.removeprefix("#") for name in names)

    def _are_named(self, first: list[str]) -> bool:
        """Return whether the first cells name their rows, as R and pandas write them."""
        if not self.delimiter or which_are_words(first).all():
            return bool(first)
        return self.delimiter != "," and are_counts(first)

    def are_lines(self, above: list[int], begin: int) -> bool:
        """Return whether rows above the data are lines of text and not the names of columns."""
        last = self.rows[above[-1]]
        is_line = len(last) == 1
        if not self.delimiter:
            is_line = len(last) > self.width + 1 or last[0].startswith("#") or "//" in last[0]
        is_apart = len(above) > 1 or not is_filled(self.rows[begin - 1])
        return is_line and (is_apart or sum(len(cell.split()) for cell in last) >= WORDS)


def _lower_names(table: _Table, first: int) -> int | None:
    """Return a row below the first one that names the columns better than that one; None if none."""
    begin, rows = table.begin, table.rows
    if begin is None or begin <= first or (begin == first + 1 and not table.is_narrow(first)):
        return None
    bottom = begin
    while bottom > first and not is_filled(rows[bottom - 1]):
        bottom -= 1
    top = bottom
    while top > first and is_filled(rows[top - 1]):
        top -= 1
    block = range(top, bottom)
    like = [k for k in block if table.is_like_names(k)]
    if like:
        is_good = first in block and table.is_like_names(first)
        if is_good and like[-1] == bottom - 1 and len(like) < len(block):
            return like[-1]  # what stands above it says something of the table, line by line
        return None if is_good or like[0] == first else like[0]
    wider = [k for k in block if table.words_above_numbers(k) and len(rows[k]) > table.width]
    is_last = wider[-1:] == [bottom - 1] and not table.words_above_numbers(first)
    return wider[-1] if len(wider) > 1 or is_last else None
