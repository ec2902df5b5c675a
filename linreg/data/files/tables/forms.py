"""The form of a stranger's table, and the same table as rows with delimiters.

Columns of blanks and rows with a delimiter too many are rewritten row for row, a block at a time;
lists and data in rows are made anew, so they have to be there as a whole.
"""

import csv
import io
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from linreg.data.files.columns.cells import column
from linreg.data.files.columns.dates import are_dates
from linreg.data.files.tables.lists import LARGEST, lists_of
from linreg.data.files.tables.prints import refuse_parts
from linreg.data.files.tables.titles import below_title
from linreg.data.files.text.rows import (
    best_delimiter,
    is_filled,
    look,
    numeric_columns,
    sample,
    split_rows,
    usual_width,
    which_are_words,
)

MOST_ROWS = 20  # that can be columns lying down
FEW = 3  # numbers in a row that can be one
_BREAKS = np.frombuffer(b"\r\n", np.uint8)

_ROWS_NOTE = (
    "The {} rows are taken as columns of {:,} numbers each; “row” below counts these. If they are rows, "
    "choose “Numbers” under “First row” (in the terminal: --first-row numbers)."
)


@dataclass(frozen=True)
class Form:
    """How a text holds its table."""

    delimiter: str  # of the text as it is rewritten
    rewritten: Callable[[bytes], bytes] = bytes  # makes whole rows into such with delimiters
    names: tuple[str, ...] | None = None  # of the columns; None where the rows give them
    of_blanks: bool = False  # whether the columns are separated by blanks
    notes: tuple[str, ...] = ()  # what a reader should know of it


def form_of(
    data: bytes, may_lie: bool = True, is_whole: bool = True, delimiter: str | None = None
) -> Form:
    """Find out in which form a text holds its table, from its first part.

    Args as of `layout_of`; `may_lie` says whether rows may be taken as columns.

    Example:
        >>> form_of(b" 1.5   2\\n 3.25  4").rewritten(b" 1.5   2\\n 3.25  4")
        b'1.5\\t2\\n3.25\\t4'
    """
    can_lie = may_lie and is_whole and len(data) <= LARGEST
    if delimiter is not None:
        form = Form(delimiter)
        return (can_lie and _lying(data, form)) or form
    refuse_parts(data[:10_000].decode(errors="ignore"))
    if is_whole and (found := lists_of(data)):
        return _made(found.names, found.columns, found.notes)
    text = sample(data)
    if said := re.match(r"(?i:sep)=([ -~\t])[\r\n]", text):
        return Form(said[1])
    form = Form(best_delimiter(text))
    if _is_of_blanks(text, form.delimiter):
        form = Form("\t", columns_of_blanks, of_blanks=True)
    if can_lie and (lying := _lying(data, form)):
        return lying
    width = 0 if form.of_blanks else _width_without_ends(split_rows(text, form.delimiter))
    return Form(form.delimiter, partial(without_ends, form.delimiter, width)) if width else form


# ---------------------------------------------------------------- blanks


def _is_of_blanks(text: str, delimiter: str) -> bool:
    """Return whether blanks separate the columns: they make numbers of what no delimiter does."""
    if " " not in text and "\t" not in text:
        return False
    rewritten = columns_of_blanks(text.encode()).decode(errors="ignore")
    rows, width, num_blank = _split(rewritten, "\t")
    whole = sum(len(row) == width for row in rows)
    if width < 2 or 2 * whole <= len(rows) - 5 or not num_blank:
        return False
    own, own_width, num_own = _split(text, delimiter)
    if own_width < 2:
        return True
    if delimiter == "\t" and num_own >= 2 and {len(row) for row in own} == {own_width}:
        return False  # a whole table as it stands, some of whose cells are empty
    return num_blank >= 2 and (num_own == 0 or (num_blank == width and num_own < own_width))


def _split(text: str, delimiter: str) -> tuple[list[list[str]], int, int]:
    """Return the rows that are not blank, their usual width, and how many columns are numbers."""
    rows = [row for row in split_rows(text, delimiter) if is_filled(row)]
    body = rows[1:] or rows
    width = usual_width(body)
    return rows, width, len(numeric_columns(body, width))


def columns_of_blanks(data: bytes) -> bytes:
    """Return rows with a tab in place of each run of blanks outside quotation marks.

    Blanks at the ends of a row go, and those behind a comment sign at its beginning.

    Example:
        >>> columns_of_blanks(b'  1   "a b" \\n# x  y')
        b'1\\t"a b"\\n#x\\ty'
    """
    text = np.frombuffer(data, np.uint8).copy()
    if not text.size:
        return data
    is_within = np.cumsum(text == ord('"')) % 2 == 1
    is_blank = ((text == ord(" ")) | (text == ord("\t"))) & ~is_within
    is_break = np.isin(text, _BREAKS)
    edges = np.flatnonzero(np.diff(np.concatenate([[0], is_blank.view(np.int8), [0]])))
    begins, ends = edges[::2], edges[1::2]  # of the runs; a run ends before `ends`
    goes = (begins == 0) | (ends == text.size)
    goes |= is_break[np.maximum(begins - 1, 0)] | is_break[np.minimum(ends, text.size - 1)]
    is_first = np.concatenate([[True], is_break[:-1]])
    is_sign = is_first & ((text == ord("#")) | (text == ord("%")))
    text[is_sign] = ord("#")
    goes |= is_sign[np.maximum(begins - 1, 0)]
    keep = ~is_blank
    keep[begins[~goes]] = True
    text[begins] = ord("\t")
    return text[keep].tobytes()


# ---------------------------------------------------------------- a delimiter too many


def _width_without_ends(rows: list[list[str]]) -> int:
    """Return how many cells rows have without the delimiter that some of them end with; else 0."""
    filled = [row for row in rows if is_filled(row)]
    width = usual_width(filled[1:] or filled)
    usual = [row for row in filled if len(row) == width]
    if width > 2 and all(not row[-1].strip() for row in usual):
        width -= 1
    ending = any(len(row) == width + 1 and not row[-1].strip() for row in filled)
    whole = any(len(row) == width and row[-1].strip() for row in filled)
    return width if width > 1 and ending and whole else 0


def without_ends(delimiter: str, width: int, data: bytes) -> bytes:
    """Return rows of which none has the one delimiter too many at its end.

    Example:
        >>> without_ends(",", 2, b"x,y\\n1,2,\\n3,,\\n4,5,6")
        b'x,y\\n1,2\\n3,\\n4,5,6'
    """
    text = np.frombuffer(data, np.uint8)
    is_outside = np.cumsum(text == ord('"')) % 2 == 0
    places = np.flatnonzero((text == ord(delimiter)) & is_outside)
    breaks = np.append(np.flatnonzero(np.isin(text, _BREAKS) & is_outside), text.size)
    row = np.searchsorted(breaks, places)
    counts = np.bincount(row, minlength=breaks.size)
    is_last = places + 1 == breaks[row]
    return np.delete(text, places[is_last & (counts[row] == width)]).tobytes()


# ---------------------------------------------------------------- lists, and rows for columns


def _made(names: tuple[str, ...], columns: Sequence[Sequence[str]], notes: tuple[str, ...]) -> Form:
    """Return the form of a text of which these columns are all that is read."""
    out = io.StringIO(newline="")
    csv.writer(out, delimiter="\t", lineterminator="\n").writerows(zip(*columns, strict=True))
    written = out.getvalue().rstrip("\n").encode()
    return Form("\t", lambda data: written, names, notes=notes)


def _lying(data: bytes, form: Form) -> Form | None:
    """Return the form of a table of few rows with many numbers each, if it is one."""
    if max(data.count(b"\n"), data.count(b"\r")) > 10 * MOST_ROWS:
        return None
    rows = split_rows(form.rewritten(data).decode(errors="replace"), form.delimiter)
    rows = below_title([row for row in rows if is_filled(row)])
    if rows and all(not row[-1].strip() for row in rows):
        rows = [row[:-1] for row in rows]
    width = len(rows[0]) if rows else 0
    if not 2 <= len(rows) <= MOST_ROWS or {len(row) for row in rows} != {width} or width < FEW:
        return None
    numeric, blank = look(rows, width)
    dates = are_dates(column([cell for row in rows for cell in row])).reshape(-1, width)
    if (dates[:, 0] & ~dates.all(axis=1)).any():  # a row that begins with its date
        return None
    names = [row[0] for row in rows]
    are_named = which_are_words(names)[0 if names[0].strip() else 1 :].all()
    is_long = width - 1 >= FEW and width - 1 > len(rows)
    if numeric.all() and (len(rows) == 2 or (len(rows) <= 4 and width >= 3 * len(rows))):
        names = [""] * len(rows)
    elif are_named and is_long and numeric[0, 1:].all() and (numeric | blank)[:, 1:].all():
        rows = [row[1:] for row in rows]
    else:
        return None
    return _made(tuple(names), rows, (_ROWS_NOTE.format(len(rows), len(rows[0])),))
