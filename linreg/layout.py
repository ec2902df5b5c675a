"""How a stranger's table is laid out: its delimiter, its width, where its names stand."""

import csv
import io
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from linreg.cells import Kind, column, numbers
from linreg.rawtext import MAX_BYTES

MAX_COLUMNS = 1_000
SAMPLE_BYTES, SAMPLE_ROWS = 1_000_000, 200  # to find out how the file is laid out
SAMPLE_CELLS = 20_000  # of a wide table fewer rows are looked at
DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
csv.field_size_limit(MAX_BYTES)  # else a long cell would be refused in words of the library's
MARKS = {".": "point", ",": "comma"}

_SWITCH = "choose “{}” under “First row” (in the terminal: --first-row {})."
_AS_NAMES = (
    "The first row is taken as the names of the columns, though there are numbers among them. If it is "
    "data, " + _SWITCH.format("Numbers", "numbers")
)
_AS_DATA = (
    "The first row is taken as data, as all of it is numbers. If it names the columns, "
    + _SWITCH.format("Names", "names")
)
_CHOSEN_AS_NAMES = "The first row names the columns, as chosen, though all of it is numbers."
_CHOSEN_AS_DATA = "The first row is taken as data, as chosen, though not all of it is numbers."


@dataclass(frozen=True)
class Layout:
    """How a file is laid out.

    Attributes:
        delimiter: Between two cells.
        names: Of the columns, each different, none blank.
        num_before: Rows before the first one of the data.
        has_names: Whether the last of those holds the names.
        rows: The first rows of the data that are not blank, as text.
        row_numbers: Of these, as an editor counts.
        notes: What a reader should know of how the layout was found.
    """

    delimiter: str
    names: tuple[str, ...]
    num_before: int
    has_names: bool
    rows: tuple[tuple[str, ...], ...]
    row_numbers: tuple[int, ...]
    notes: tuple[str, ...] = ()

    def columns(self) -> list[list[str]]:
        """Return the first rows column by column; rows of another width are left out."""
        return [list(column) for column in zip(*self._whole(), strict=True)]

    def _whole(self) -> list[tuple[str, ...]]:
        width = len(self.names)
        return [row for row in self.rows if len(row) == width][: _sampled(width)]

    def numeric(self) -> list[int]:
        """Return which columns hold numbers in at least half of the first rows."""
        are_numbers, are_blank = _look(self._whole(), len(self.names))
        enough = 2 * are_numbers.sum(axis=0) >= (~are_blank).sum(axis=0)
        return np.flatnonzero(enough & ~are_blank.all(axis=0)).tolist()

    def suggested(self) -> tuple[int, int]:
        """Return the two columns to begin with, x and y; what only counts the rows comes later."""
        numeric = self.numeric()
        own = [index for index in numeric if not re.match(_NO_NAME, self.names[index])]
        chosen = list(dict.fromkeys([*own, *numeric, *range(len(self.names))]))
        return chosen[0], chosen[1]


_NO_NAME = r"(?:column|Unnamed:) \d"  # ours, and pandas' for the count of its rows


def _sampled(width: int) -> int:
    """Return how many rows of this width are looked at."""
    return max(10, SAMPLE_CELLS // width)


# ---------------------------------------------------------------- layout


def _look(rows: list, width: int) -> tuple[np.ndarray, np.ndarray]:
    """Return which cells are numbers, with either mark, and which are blank, row by row.

    Infinite, and true or false, are numbers too. All are looked at in one go: a call for each
    column of a wide table would take minutes.
    """
    cells = column([cell for row in rows for cell in row])
    kinds = np.array([numbers(cells, mark).kinds for mark in MARKS])
    are_numbers = np.isin(kinds, (Kind.NUMBER, Kind.BOOLEAN, Kind.INFINITE)).any(axis=0)
    return are_numbers.reshape(-1, width), (kinds[0] == Kind.MISSING).reshape(-1, width)


def _are_numbers(cells: list[str]) -> np.ndarray:
    return _look([cells], len(cells))[0][0] if cells else np.empty(0, bool)


def _are_filled_otherwise(cells: list[str]) -> np.ndarray:
    """Return which cells are neither numbers nor blank."""
    if not cells:
        return np.empty(0, bool)
    are_numbers, are_blank = _look([cells], len(cells))
    return ~(are_numbers | are_blank)[0]


def layout_of(data: bytes, has_names: bool | None = None) -> Layout:
    """Find out how a file is laid out, from its first rows.

    Args:
        data: As `rawtext.text_of` returns it.
        has_names: Whether the first row holds the names of the columns; None to find out: it does
            unless all its cells are numbers.

    Raises:
        ValueError: If there is no table with two columns and a row of data.

    Example:
        >>> layout = layout_of(b"year;price\\n1990;1,5\\n")
        >>> layout.delimiter, layout.names, layout.rows
        (';', ('year', 'price'), (('1990', '1,5'),))
    """
    text = _sample(data)
    said = re.match(r"(?i:sep)=([ -~\t])[\r\n]", text)
    delimiter = said[1] if said else _delimiter(text)
    rows = _split(text, delimiter)
    if (width := _width(rows)) > MAX_COLUMNS:
        raise ValueError(f"The table must have at most {MAX_COLUMNS:,} columns, got {width:,}.")
    first = _first(rows, 1 if said else 0, delimiter)
    head, below = [cell.strip() for cell in rows[first]] or [""], rows[first + 1 :]
    has_names, notes = _names_or_data(head, below, has_names)
    body = rows[first + has_names :]
    width = _width_of(body, first, len(rows) == SAMPLE_ROWS)
    if has_names and (len(head) < width or any(head[width:])):
        raise ValueError(
            f"Row {first + 1}, which holds the names, must have as many cells as the rows below it, "
            f"got {len(head)} and {width}. Name every column, and quote cells that hold a "
            f"{DELIMITERS.get(delimiter, delimiter)}."
        )
    names = [name.strip().removeprefix("#") for name in head[:width]] if has_names else [""] * width
    numbered = [(first + has_names + k, row) for k, row in enumerate(body, 1) if any(row)]
    return Layout(
        delimiter,
        unique(names),
        first + has_names,
        has_names,
        tuple(tuple(row) for _, row in numbered),
        tuple(number for number, _ in numbered),
        notes,
    )


def _sample(data: bytes) -> str:
    """Return the first rows as text, the last one whole."""
    text = data[:SAMPLE_BYTES]
    if len(data) > SAMPLE_BYTES:
        text = text[: max(text.rfind(b"\n"), text.rfind(b"\r")) + 1] or text
    return text.decode(errors="ignore")


def _first(rows: list[list[str]], first: int, delimiter: str) -> int:
    """Return the first row of the table, behind comments and titles.

    Raises:
        ValueError: If what stands above could be the name of a narrower table.
    """
    while first < len(rows) - 1 and _is_beside(rows, first):
        first += 1
    width = _width(rows[first + 1 :] or rows[first:])
    title = None
    while first < len(rows) - 1 and _is_title(rows, first, width):
        title = first if any(rows[first]) else None
        first += 1
    if title is not None and _are_numbers(rows[first]).any():
        raise ValueError(
            f"Every row must have as many cells as the one above it, got {len(rows[title])} in row "
            f"{title + 1} and {len(rows[first])} in the next. Name every column, and quote cells that "
            f"hold a {DELIMITERS.get(delimiter, delimiter)}."
        )
    return first


def _names_or_data(
    head: list[str], below: list[list[str]], chosen: bool | None
) -> tuple[bool, tuple[str, ...]]:
    """Return whether the first row holds names, and what a reader should know of that."""
    counts = _counts_below(head, below)
    found = bool(_are_filled_otherwise(head).any() or head[0].startswith("#") or counts)
    if chosen is not None:
        note = _CHOSEN_AS_NAMES if chosen else _CHOSEN_AS_DATA
        return chosen, (note,) * (chosen != found)
    if not found:
        return found, (_AS_DATA,)
    return found, (_AS_NAMES,) * (not counts and _has_number_above_numbers(head, below))


def _width_of(body: list[list[str]], first: int, is_cut: bool) -> int:
    """Return how many columns the rows of the data have.

    Raises:
        ValueError: If there is no such row, or only one column.
    """
    if not any(body) and is_cut:
        raise ValueError(f"The table must begin within the first {SAMPLE_ROWS} rows.")
    if not any(body):
        raise ValueError(
            "The file must hold rows of numbers, got nothing below row "
            f"{first + 1}, which holds names."
        )
    width = _width(body)
    if width < 2:
        seen = " or ".join([", ".join([*DELIMITERS.values()][:-1]), [*DELIMITERS.values()][-1]])
        raise ValueError(
            f"The table must have two columns or more, got one. Separate them by {seen}."
        )
    return width


def _is_title(rows: list[list[str]], first: int, width: int) -> bool:
    """Return whether a row is blank, or a title above a table of this width."""
    if len(rows[first]) <= 1 < width:
        return True
    filled = [cell for cell in rows[first] if cell.strip()]
    if not filled:
        return any(cell.strip() for row in rows[first + 1 :] for cell in row)
    if len(filled) > 1 or width < 2 or _are_numbers(filled).any():
        return False
    counts = (sum(1 for cell in row if cell.strip()) for row in rows[first + 1 :])
    below = next((first + k for k, count in enumerate(counts, 1) if count > 1), first)  # no title
    return len(rows[below]) == width and bool(_are_filled_otherwise(rows[below]).all())


def _has_number_above_numbers(head: list[str], rows: list[list[str]]) -> bool:
    """Return whether a cell of this row is a number as most cells below it are."""
    below = [row for row in rows if len(row) == len(head)][: _sampled(len(head))]
    if not below:
        return False
    return bool((_are_numbers(head) & (_look(below, len(head))[0].mean(axis=0) > 0.5)).any())


def _counts_below(head: list[str], rows: list[list[str]]) -> bool:
    """Return whether a blank name stands above a column that counts the rows, as pandas writes it."""
    first = [row[0].strip() for row in rows if row]
    counts = ([f"{k + start}" for k in range(len(first))] for start in (0, 1))
    return not head[0] and len(head) > 2 and all(head[1:]) and len(first) > 1 and first in counts


def _is_beside(rows: list[list[str]], first: int) -> bool:
    """Return whether a row is a comment, and not the names of the columns as NumPy writes them."""
    if not rows[first] or not rows[first][0].startswith("#"):
        return False
    below, others = rows[first + 1], rows[first][1:]
    has_data = not _are_filled_otherwise(below).all()
    return len(rows[first]) != len(below) or not has_data or bool(_are_numbers(others).any())


def _delimiter(text: str) -> str:
    """Return the delimiter that makes the most regular table, with the most numbers in a row.

    One that splits the first row as it splits the others goes before one that does not: 1,5;a;2,5
    below x;name;y. A comma may stand in numbers and in names, so it goes last, and a number counts
    for as many as commas would make of it: 71,5;Al;Ulm;181,5 has two, and not two times 71 and 5.
    """

    def regularity(delimiter: str) -> tuple[bool, float, float]:
        rows = [row for row in _split(text, delimiter) if any(row)]
        head, rows = rows[:1], rows[1:] or rows  # the first may hold names
        width = _width(rows)
        if width < 2:
            return False, 0.0, 0.0
        whole = [row[:50] for row in rows if len(row) == width]
        are_numbers, are_blank = _look(whole, min(width, 50))
        pieces = [[1 + (delimiter != ",") * cell.count(",") for cell in row] for row in whole]
        count = float(np.sum(np.where(are_numbers, pieces, are_blank))) / len(whole)
        regular = len(whole) / len(rows)
        return regular > 0.5 and len(head[0]) == width, regular * count, regular

    return max(reversed(DELIMITERS), key=regularity)


def _split(text: str, delimiter: str) -> list[list[str]]:
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        return [row for row, _ in zip(reader, range(SAMPLE_ROWS), strict=False)]
    except csv.Error as trouble:
        raise ValueError(f"The file must be a table, got something else ({trouble}).") from None


def _width(rows: list[list[str]]) -> int:
    """Return how many cells most rows have, the more of two; blank ones are not asked."""
    widths = Counter(len(row) for row in rows if row)
    return max(widths, key=lambda width: (widths[width], width), default=0)


def unique(names: Sequence[str]) -> tuple[str, ...]:
    """Return names that differ, and none of which is blank or holds what cannot be printed.

    Example:
        >>> unique(["x", "", "x"])
        ('x', 'column 2', 'x (2)')
    """
    made: dict[str, int] = {}  # to how often it was wanted
    for index, name in enumerate(names):
        wanted = "".join(filter(str.isprintable, name)).strip() or f"column {index + 1}"
        name = wanted
        while name in made:
            made[wanted] += 1
            name = f"{wanted} ({made[wanted]})"
        made[name] = 1
    return tuple(made)
