"""How a stranger's file is laid out: its encoding, its delimiter, where its names stand."""

import codecs
import csv
import io
import re
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from linreg.cells import Kind, column, numbers

MAX_BYTES = 50_000_000
MAX_COLUMNS = 1_000
BLOCK = 1_000_000  # bytes to look at at a time
SAMPLE_BYTES, SAMPLE_ROWS = 1_000_000, 200  # to find out how the file is laid out
DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
csv.field_size_limit(MAX_BYTES)  # else a long cell would be refused in words of the library's
MARKS = {".": "point", ",": "comma"}

_SIGNATURES = {  # of files that are no text
    b"PK\x03\x04": "a ZIP archive or an Excel workbook. Save the sheet as CSV",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook. Save the sheet as CSV",
    b"PAR1": "a Parquet file. Read it in the terminal: python -m linreg --data FILE",
    b"\x1f\x8b": "compressed with gzip. Unpack it first",
    b"BZh": "compressed with bzip2. Unpack it first",
    b"\xfd7zXZ": "compressed with xz. Unpack it first",
    b"7z\xbc\xaf": "a 7z archive. Unpack it first",
    b"\x89PNG": "an image. Choose a table",
    b"\xff\xd8\xff": "an image. Choose a table",
    b"GIF8": "an image. Choose a table",
    b"%PDF": "a PDF document. Save its table as CSV",
    b"SQLite format 3": "a database. Export the table as CSV",
    b"\x89HDF": "an HDF5 file. Export the table as CSV",
    b"{\\rtf": "a word processor's document. Save its table as CSV",
}


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
        rows = [row for row in self.rows if len(row) == len(self.names)]
        return [list(column) for column in zip(*rows, strict=True)]

    def numeric(self) -> list[int]:
        """Return which columns hold numbers in at least half of the first rows."""
        return [
            index
            for index, cells in enumerate(self.columns())
            if 2 * np.sum(_are_numbers(cells)) >= np.sum(~_are_blank(cells)) > 0
        ]

    def suggested(self) -> tuple[int, int]:
        """Return the two columns to begin with, x and y."""
        own = [index for index in self.numeric() if not re.match(r"column \d", self.names[index])]
        chosen = [*own, *self.numeric(), *range(len(self.names))]
        chosen = list(dict.fromkeys(chosen))
        return chosen[0], chosen[1]


# ---------------------------------------------------------------- bytes to text


def text_of(data: bytes) -> bytes:
    """Return a file's text as UTF-8 without a byte order mark, and without blank lines at its end.

    Raises:
        ValueError: If the file is empty, or is no text.
    """
    if len(data) > MAX_BYTES:
        raise ValueError(
            f"The file must be at most {MAX_BYTES // 1_000_000} MB, got {len(data) / 1e6:.0f} MB. "
            "Larger ones are read in the terminal: python -m linreg --data FILE"
        )
    refuse_what_is_no_table(data[:1_000])
    encoding = _unicode(data)
    if encoding:
        try:
            data = data.decode(encoding).encode()
        except UnicodeError:
            raise ValueError(
                f"The file begins as {encoding.upper()} and does not go on so."
            ) from None
    data = data.removeprefix(b"\xef\xbb\xbf").rstrip(b"\r\n ")
    if not data.strip():
        raise ValueError("The file must hold a table, got an empty file.")
    if (nul := data.find(b"\0")) >= 0:
        raise ValueError(
            f"The file must be text, got a NUL byte in row {_row_at(data, nul)}. If it is "
            "UTF-16, save it as UTF-8."
        )
    if not is_utf8(data[k : k + BLOCK] for k in range(0, len(data), BLOCK)):
        data = data.decode("cp1252", errors="replace").encode()  # a few bytes stand for nothing
    if data.count(b'"') % 2:
        raise ValueError(
            f"Every quoted cell must end with a quotation mark, got one in row {_open_quote(data)} "
            "that does not end."
        )
    _refuse_broken_quotes(data)
    return data


def is_utf8(blocks: Iterable[bytes]) -> bool:
    """Return whether bytes that come in blocks are UTF-8 together."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for block in blocks:
            decoder.decode(block)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def refuse_what_is_no_table(head: bytes) -> None:
    """Raise ValueError if the first bytes of a file are those of something else."""
    for signature, kind in _SIGNATURES.items():
        if head.startswith(signature):
            raise ValueError(f"The file must be text, got {kind}.")
    if head.lstrip().lower().startswith((b"<!doctype", b"<html", b"<?xml")):
        raise ValueError("The file must be a table, got a web page. Save the table itself.")


def _unicode(data: bytes) -> str | None:
    """Return the Unicode encoding that a file shows in its first bytes, other than UTF-8."""
    for mark, encoding in (
        (b"\xff\xfe\0\0", "utf-32"),
        (b"\0\0\xfe\xff", "utf-32"),
        (b"\xff\xfe", "utf-16"),
        (b"\xfe\xff", "utf-16"),
    ):
        if data.startswith(mark):
            return encoding
    head = data[:1000]
    if len(head) >= 4 and head[1::2].count(0) > 0.7 * len(head[1::2]) and 0 not in head[::2]:
        return "utf-16-le"
    if len(head) >= 4 and head[::2].count(0) > 0.7 * len(head[::2]) and 0 not in head[1::2]:
        return "utf-16-be"
    return None


def _row_at(data: bytes, place: int) -> int:
    """Return the row of a byte."""
    before = data[:place]
    return 1 + max(before.count(b"\n"), before.count(b"\r"))


def _open_quote(data: bytes) -> int:
    """Return the row in which a quoted cell begins that does not end there or in the next one."""
    is_open, place = False, 0
    for row, line in enumerate(io.BytesIO(data), 1):
        if line.count(b'"') % 2:
            is_open, place = not is_open, row if not is_open else place
            if not is_open and row > place + 1:  # one that spans so much began where this one ends
                return place
    return place


def _refuse_broken_quotes(data: bytes) -> None:
    """Raise ValueError where a quoted cell goes on behind its closing quotation mark.

    An opening mark too many, and another one rows below, would swallow all rows in between.
    """
    text = np.frombuffer(data, np.uint8)
    opening, closing = np.flatnonzero(text == ord('"')).reshape(-1, 2).T
    ends = np.frombuffer(b',;\t|\r\n"', np.uint8)
    begins_cell = (opening == 0) | np.isin(text[opening - 1], ends)
    goes_on = ~np.isin(text[np.minimum(closing + 1, text.size - 1)], ends)
    goes_on &= closing + 1 < text.size
    for begin, end in zip(*(at[begins_cell & goes_on] for at in (opening, closing)), strict=True):
        if text[end + 1] != ord(" ") or b"\n" in data[begin:end]:
            raise ValueError(
                f"A quoted cell must end with its quotation mark, got one in row "
                f"{_row_at(data, begin)} with more behind the mark in row {_row_at(data, end)}. "
                "Mend the quotation marks."
            )


# ---------------------------------------------------------------- layout


def _are_numbers(cells: list[str]) -> np.ndarray:
    """Return which cells are numbers, infinite or not, or true or false, with either mark."""
    kinds = [numbers(column(cells), mark).kinds for mark in MARKS]
    return np.isin(kinds, (Kind.NUMBER, Kind.BOOLEAN, Kind.INFINITE)).any(axis=0)


def _are_blank(cells: list[str]) -> np.ndarray:
    return numbers(column(cells)).kinds == Kind.MISSING


def layout_of(data: bytes, has_names: bool | None = None) -> Layout:
    """Find out how a file is laid out, from its first rows.

    Args:
        data: As `text_of` returns it.
        has_names: Whether the first row holds the names of the columns; None to find out: it does
            unless all its cells are numbers.

    Raises:
        ValueError: If there is no table with two columns and a row of data.

    Example:
        >>> layout = layout_of(b"year;price\\n1990;1,5\\n")
        >>> layout.delimiter, layout.names, layout.rows
        (';', ('year', 'price'), (('1990', '1,5'),))
    """
    text = data[:SAMPLE_BYTES]
    if len(data) > SAMPLE_BYTES:
        text = text[: max(text.rfind(b"\n"), text.rfind(b"\r")) + 1] or text
    text = text.decode(errors="ignore")
    said = re.match(r"(?i:sep)=([ -~\t])[\r\n]", text)
    delimiter = said[1] if said else _delimiter(text)
    rows = _split(text, delimiter)
    first = 1 if said else 0
    while first < len(rows) - 1 and _is_beside(rows, first):
        first += 1
    width = _width(rows[first + 1 :] or rows[first:])
    title = None
    while first < len(rows) - 1 and _is_title(rows, first, width):
        title = first if any(rows[first]) else None
        first += 1
    head = [cell.strip() for cell in rows[first]] or [""]
    if title is not None and _are_numbers(head).any():
        raise ValueError(
            f"Every row must have as many cells as the one above it, got {len(rows[title])} in row "
            f"{title + 1} and {len(head)} in the next. Name every column, and quote cells that hold "
            f"a {DELIMITERS.get(delimiter, delimiter)}."
        )
    is_like_data = _is_like(head, rows[first + 1 :])
    if has_names is None:
        has_names = not np.all(_are_numbers(head) | _are_blank(head)) or head[0].startswith("#")
        has_names |= _counts_below(head, rows[first + 1 :])
        notes = (_TAKEN_AS_NAMES,) * (has_names and is_like_data)
    else:
        notes = ()
    body = rows[first + has_names :]
    if not any(body) and len(rows) == SAMPLE_ROWS:
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
    if width > MAX_COLUMNS:
        raise ValueError(f"The table must have at most {MAX_COLUMNS:,} columns, got {width:,}.")
    if has_names and (len(head) < width or any(head[width:])):
        raise ValueError(
            f"Row {first + 1}, which holds the names, must have as many cells as the rows below it, "
            f"got {len(head)} and {width}. Name every column, and quote cells that hold a "
            f"{DELIMITERS.get(delimiter, delimiter)}."
        )
    names = head[:width] if has_names else [""] * width
    numbered = [(first + has_names + k, row) for k, row in enumerate(body, 1) if any(row)]
    return Layout(
        delimiter,
        _unique(names),
        first + has_names,
        has_names,
        tuple(tuple(row) for _, row in numbered),
        tuple(number for number, _ in numbered),
        notes,
    )


_TAKEN_AS_NAMES = (
    "The first row is taken as the names of the columns, though it looks like the rows below it. "
    "If it is data, put a row of names above it, or say so on the page under “First row”."
)


def _is_title(rows: list[list[str]], first: int, width: int) -> bool:
    """Return whether a row is blank, or a title above a table of this width."""
    if len(rows[first]) <= 1 < width:
        return True
    filled = [cell for cell in rows[first] if cell.strip()]
    below = next((row for row in rows[first + 1 :] if any(cell.strip() for cell in row)), [])
    if not filled:
        return bool(below)
    named = len(below) == width and not (_are_numbers(below) | _are_blank(below)).any()
    return len(filled) == 1 < width and named and not _are_numbers(filled).any()


def _is_like(head: list[str], rows: list[list[str]]) -> bool:
    """Return whether a row has numbers and other cells just where the rows below it have them."""
    below = [row for row in rows if len(row) == len(head)]
    if not below or head[0].startswith("#"):
        return False
    shares = [np.mean(_are_numbers(list(cells))) for cells in zip(*below, strict=True)]
    are_numbers = _are_numbers(head)
    return bool(are_numbers.any() and np.all(are_numbers == (np.array(shares) > 0.5)))


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
    has_data = (_are_numbers(below) | _are_blank(below)).any()
    return len(rows[first]) != len(below) or not has_data or bool(_are_numbers(others).any())


def _delimiter(text: str) -> str:
    """Return the delimiter that makes the most regular table, with the most numbers in it.

    One that splits the first row as it splits the others goes before one that does not: 1,5;a;2,5
    below x;name;y. A comma goes last, since it may stand in numbers.
    """

    def regularity(delimiter: str) -> tuple[bool, float, int]:
        rows = [row for row in _split(text, delimiter) if any(row)]
        head, rows = rows[:1], rows[1:] or rows  # the first may hold names
        width = _width(rows)
        if width < 2:
            return False, 0.0, 0
        cells = [cell for row in rows if len(row) == width for cell in row[:50]]
        regular = sum(len(row) == width for row in rows) / len(rows)
        share = float(np.mean(_are_numbers(cells) | _are_blank(cells)))
        return regular > 0.5 and len(head[0]) == width, regular * (share + 1e-3), width

    return max(reversed(DELIMITERS), key=regularity)


def _split(text: str, delimiter: str) -> list[list[str]]:
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        return [row for row, _ in zip(reader, range(SAMPLE_ROWS), strict=False)]
    except csv.Error as trouble:
        raise ValueError(f"The file must be a table, got something else ({trouble}).") from None


def _width(rows: list[list[str]]) -> int:
    """Return how many cells most rows have; blank ones are not asked."""
    widths = [len(row) for row in rows if row]
    return max(set(widths), key=widths.count) if widths else 0


def _unique(names: list[str]) -> tuple[str, ...]:
    """Return names that differ, and none of which is blank."""
    made: list[str] = []
    for index, name in enumerate(names):
        name = "".join(filter(str.isprintable, name)).removeprefix("#").strip()
        name = name or f"column {index + 1}"
        again, wanted = 2, name
        while name in made:
            name, again = f"{wanted} ({again})", again + 1
        made.append(name)
    return tuple(made)
