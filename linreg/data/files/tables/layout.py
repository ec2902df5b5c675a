"""How a stranger's table is laid out: its delimiter, its width, where its names stand."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from linreg.data.files.columns.cells import column, printable
from linreg.data.files.columns.dates import are_dates
from linreg.data.files.tables.forms import Form, form_of
from linreg.data.files.tables.heading import (
    SHOWN,
    Heading,
    Numbered,
    heading_of,
    named_in,
    rows_about,
)
from linreg.data.files.text.rows import (
    MAX_BLANK,
    SAMPLE_ROWS,
    is_filled,
    look,
    sample,
    split_rows,
    usual_width,
    whole,
)

MAX_COLUMNS = 1_000
FIRST_ROW = {"auto": "Auto", "names": "Names", "numbers": "Numbers"}  # or a row that holds names


@dataclass(frozen=True)
class Layout:
    """How a file is laid out."""

    delimiter: str  # between two cells
    names: tuple[str, ...]  # of the columns, each different, none blank
    num_before: int  # rows before the first one of the data
    rows: tuple[tuple[str, ...], ...]  # the first rows of the data that are not blank, as text
    row_numbers: tuple[int, ...]  # of these, as an editor counts
    notes: tuple[str, ...]  # what a reader should know of how the layout was found
    beside: tuple[int, ...]  # columns of what was written beside the table, not offered first
    form: Form  # how the file holds the table; makes whole rows of it into rows with delimiters
    top: Numbered  # rows to choose the names from; none where the table was made anew

    def columns(self) -> list[list[str]]:
        """Return the first rows column by column; rows of another width are left out."""
        whole = self._whole()
        return [[row[index] for row in whole] for index in range(len(self.names))]

    def _whole(self) -> list[tuple[str, ...]]:
        return whole(self.rows, len(self.names))

    def numeric(self) -> list[int]:
        """Return which columns hold numbers or dates in at least half of the first rows."""
        are_numbers, are_blank = look(self._whole(), len(self.names))
        enough = 2 * are_numbers.sum(axis=0) >= (~are_blank).sum(axis=0)
        found = np.flatnonzero(enough & ~are_blank.all(axis=0)).tolist()
        return [index for index in found if index not in self.beside]

    def dated(self) -> list[int]:
        """Return which of these hold dates or times."""
        whole, width = self._whole(), len(self.names)
        dates = are_dates(column([cell for row in whole for cell in row])).reshape(-1, width)
        filled = np.array([[bool(cell.strip()) for cell in row] for row in whole])
        enough = 2 * dates.sum(axis=0) >= filled.sum(axis=0)
        return [index for index in self.numeric() if enough[index] and dates[:, index].any()]

    def waiting(self, chosen: tuple[int, int]) -> tuple[str, ...]:
        """Return the names of the other columns that hold anything."""
        others = [k for k in range(len(self.names)) if k not in (*chosen, *self.beside)]
        whole = self._whole()
        return tuple(self.names[k] for k in others if any(row[k].strip() for row in whole))

    def suggested(self) -> tuple[int, int]:
        """Return the two columns to begin with, x and y; what only counts the rows comes later."""
        numeric, dated = self.numeric(), self.dated()
        plain = [index for index in numeric if index not in dated]
        own = [index for index in plain if not re.match(_NO_NAME, self.names[index])]
        measured = own or plain
        if len(measured) == 1 and dated:  # else what is measured goes before when
            return dated[0], measured[0]
        x, y, *_ = dict.fromkeys([*own, *plain, *dated, *range(len(self.names))])
        return x, y


_NO_NAME = r"(?:column|Unnamed:) \d"  # ours, and pandas' for the count of its rows


def layout_of(
    data: bytes,
    has_names: bool | None = None,
    names_row: int | None = None,
    is_whole: bool = True,
    delimiter: str | None = None,
) -> Layout:
    """Find out how a file is laid out, from its first rows.

    Args:
        data: The text of what `rawtext.opened` returns.
        has_names: Whether the first row holds the names of the columns; None to find out: it does
            unless all its cells are numbers.
        names_row: The row that holds the names, as an editor counts; None to find out.
        is_whole: Whether this is the whole file; of a part, rows are never taken as columns.
        delimiter: Between two cells, where it is known, as of a sheet; None to find out.

    Raises:
        UnclearNames: If it cannot be known which row holds the names.
        ValueError: If there is no table with two columns and a row of data.

    Example:
        >>> layout = layout_of(b"year;price\\n1990;1,5\\n")
        >>> layout.delimiter, layout.names, layout.rows
        (';', ('year', 'price'), (('1990', '1,5'),))
    """
    form = form_of(data, has_names is None and names_row is None, is_whole, delimiter)
    if form.names is not None:  # made anew as a whole
        rows = split_rows(sample(form.rewritten(data)), form.delimiter)
        return _laid_out(form, rows, Heading(0, None), form.names)
    text = sample(form.rewritten(sample(data).encode()))
    rows, between = split_rows(text, form.delimiter), "" if form.of_blanks else form.delimiter
    if (width := usual_width(rows)) > MAX_COLUMNS:
        raise ValueError(f"The table must have at most {MAX_COLUMNS:,} columns, got {width:,}.")
    if names_row is not None:
        if not 1 <= names_row <= len(rows):
            raise ValueError(
                f"The row of the names must be between 1 and {len(rows)}, got {names_row}."
            )
        heading = named_in(rows, names_row - 1, between)
    else:
        is_said = re.match(r"(?i:sep)=[ -~\t][\r\n]", text) is not None
        heading = heading_of(rows, int(is_said), has_names, between)
    body = rows[heading.first + (heading.names is not None) :]
    num_filled = sum(map(is_filled, rows))
    is_cut = num_filled == SAMPLE_ROWS or len(rows) - num_filled == MAX_BLANK
    width = _width_of(body, heading.first, is_cut, names_row is not None)
    if heading.names is None and (form.delimiter, width) == (",", 2):
        _refuse_decimal_commas(body, heading.first)
    names = (*(heading.names or ()), *[""] * width)
    return _laid_out(form, rows, heading, names[:width])


def first_row(told: str) -> dict[str, bool | int]:
    """Return what a reader has said of the first row, as `layout_of` takes it.

    Args:
        told: One of FIRST_ROW, or the number of the row that holds the names.

    Raises:
        ValueError: If it is neither.

    Example:
        >>> first_row("auto"), first_row("numbers"), first_row("3")
        ({}, {'has_names': False}, {'names_row': 3})
    """
    if told in FIRST_ROW:
        return {} if told == "auto" else {"has_names": told == "names"}
    if re.fullmatch("[1-9][0-9]{0,8}", told):
        return {"names_row": int(told)}
    raise ValueError(
        f"The first row must be told by one of {', '.join(FIRST_ROW)} or the number of the row that "
        f"holds the names, got {told!r}."
    )


def waiting_note(names: Sequence[str]) -> str:
    """Return which other columns wait to be chosen; nothing if there are none.

    Example:
        >>> waiting_note(["a", "b"])
        '2 other columns are not used: a, b.'
    """
    if not names:
        return ""
    more = f" and {len(names) - SHOWN:,} more" * (len(names) > SHOWN)
    count = "1 other column is" if len(names) == 1 else f"{len(names):,} other columns are"
    return f"{count} not used: {', '.join(map(printable, names[:SHOWN]))}{more}."


def _laid_out(
    form: Form, rows: list[list[str]], heading: Heading, names: tuple[str, ...]
) -> Layout:
    before = heading.first + (heading.names is not None)
    numbered = [(number, row) for number, row in enumerate(rows, 1) if number > before and any(row)]
    return Layout(
        form.delimiter,
        unique(names),
        before,
        tuple(tuple(row) for _, row in numbered),
        tuple(number for number, _ in numbered),
        (*form.notes, *heading.notes),
        heading.beside,
        form,
        rows_about(rows, heading.first) if form.names is None else (),
    )


def _width_of(body: list[list[str]], first: int, is_cut: bool, is_chosen: bool) -> int:
    """Return how many columns the rows of the data have; refuse none and one."""
    is_body = any(map(is_filled, body))
    if not is_body and is_cut:
        raise ValueError(f"The table must begin within the first {SAMPLE_ROWS} rows.")
    if not is_body:
        raise ValueError(
            "The file must hold rows of numbers, got nothing below row "
            f"{first + 1}, which holds the names{' as chosen: choose another one' * is_chosen}."
        )
    width = usual_width(body)
    if width < 2:
        raise ValueError(
            "The table must have two columns or more, got one. Separate them by comma, semicolon, tab "
            "or bar, or by blanks."
        )
    return width


def _refuse_decimal_commas(rows: list[list[str]], first: int) -> None:
    """Refuse one column of numbers with decimal commas, which commas would make two of.

    All that stands before the comma is one number, or what stands behind begins with a 0 as only
    decimals do.
    """
    cells = [row for row in rows if is_filled(row)]
    are_whole = all(len(row) == 2 and re.fullmatch(r"-?\d+,\d+", ",".join(row)) for row in cells)
    if len(cells) < 2 or not are_whole:
        return
    is_constant = len({row[0] for row in cells}) == 1
    if is_constant or any(re.fullmatch(r"0\d+", row[1]) for row in cells):
        raise ValueError(
            "The table must have two columns or more, got one column of numbers with decimal commas "
            f"({','.join(cells[0])} in row {first + 1}). Put the other column beside it, separated by "
            "semicolon or tab; if these are two columns, separate them so, too."
        )


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
