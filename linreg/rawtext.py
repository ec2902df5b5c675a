"""A stranger's bytes as text: what is no table, in which encoding, whether its quotation marks fit.

A file of any size goes through the same checks, whole or in blocks of whole rows.
"""

import codecs
import io
import re
from collections.abc import Iterable, Iterator

import numpy as np

from linreg.cells import Kind, column, numbers

MAX_BYTES = 50_000_000
PIECE = 1_000_000  # bytes to look at at a time
LONGEST = 32_000_000  # bytes of a row, quoted cells with their line breaks included
MARK = b"\xef\xbb\xbf"  # a byte order mark in UTF-8

_SIGNATURES = {  # of files that are no text
    b"PK\x03\x04": "a ZIP archive or an Excel workbook. Save the sheet as CSV",
    b"PK\x05\x06": "a ZIP archive with nothing in it. Save the sheet as CSV",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook. Save the sheet as CSV",
    b"PAR1": "a Parquet file. Read it in the terminal: python -m linreg --data FILE",
    b"\x1f\x8b": "compressed with gzip. Unpack it first",
    b"BZh": "compressed with bzip2. Unpack it first",
    b"\xfd7zXZ": "compressed with xz. Unpack it first",
    b"\x28\xb5\x2f\xfd": "compressed with zstd. Unpack it first",
    b"\x04\x22\x4d\x18": "compressed with lz4. Unpack it first",
    b"7z\xbc\xaf": "a 7z archive. Unpack it first",
    b"Rar!\x1a": "a RAR archive. Unpack it first",
    b"\x89PNG": "an image. Choose a table",
    b"\xff\xd8\xff": "an image. Choose a table",
    b"GIF8": "an image. Choose a table",
    b"%PDF": "a PDF document. Save its table as CSV",
    b"SQLite format 3": "a database. Export the table as CSV",
    b"\x89HDF": "an HDF5 file. Export the table as CSV",
    b"{\\rtf": "a word processor's document. Save its table as CSV",
}
_WEB = b"<!doctype", b"<html", b"<?xml", b"<svg", b"<table"
_TAR_MODE = re.compile(rb"[0-7]{6,7}[ \0]{1,2}")  # behind the 100 bytes of the name
_ENDS = np.frombuffer(b",;\t|\r\n", np.uint8)  # what may stand before and behind a quoted cell
_BLANK = ord(" ")
MAX_SUSPECTS = 100_000  # lines within quoted cells to look at, should they look like rows


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
    while data.startswith(MARK):
        data = data.removeprefix(MARK)
    data = data.rstrip(b"\r\n ")
    if not data.strip():
        raise ValueError("The file must hold a table, got an empty file.")
    if (nul := data.find(b"\0")) >= 0:
        raise ValueError(
            f"The file must be text, got a NUL byte in row {_row_at(data, nul)}. If it is "
            "UTF-16, save it as UTF-8."
        )
    is_unicode = is_utf8(data[k : k + PIECE] for k in range(0, len(data), PIECE))
    return block_of(data, "utf-8" if is_unicode else "cp1252")


def block_of(data: bytes, encoding: str, before: int = 0) -> bytes:
    """Return whole rows as UTF-8, every quoted cell right behind its delimiter.

    Args:
        data: Of the file.
        encoding: UTF-8 or cp1252, in which a few bytes stand for nothing.
        before: How many rows of the file stand before these.

    Raises:
        ValueError: If the quotation marks do not fit.

    Example:
        >>> block_of(b'1, "2"', "utf-8")
        b'1,"2"'
    """
    if encoding != "utf-8":
        data = data.decode(encoding, errors="replace").encode()
    if b'"' not in data:
        return data
    if data.count(b'"') % 2:
        raise ValueError(
            "Every quoted cell must end with a quotation mark, got one in row "
            f"{before + _open_quote(data):,} that does not end."
        )
    data = _without_blanks(data)
    _refuse_broken_quotes(data, before)
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
    if head.startswith(b"RIFF") and b"\0" in head:
        raise ValueError("The file must be text, got an image, a sound or a film. Choose a table.")
    if head[257:262] == b"ustar" or _TAR_MODE.fullmatch(head[100:108]):
        raise ValueError("The file must be text, got a tar archive. Unpack it first.")
    if head.lstrip().lower().startswith(_WEB):
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


# ---------------------------------------------------------------- rows and quotation marks


def whole_rows(pieces: Iterable[bytes]) -> Iterator[tuple[bytes, int]]:
    """Return the same bytes in blocks that end where a row does, and how many rows stand before.

    Raises:
        ValueError: If a row does not end.

    Example:
        >>> list(whole_rows([b'1,"2', b'\\n3"\\n4,', b"5"]))
        [(b'1,"2\\n3"\\n', 0), (b'4,5', 2)]
    """
    left, before = b"", 0
    for piece in pieces:
        left += piece
        if end := _last_end(left):
            yield left[:end], before
            before += num_rows(left[:end])
            left = left[end:]
        elif len(left) > LONGEST:
            raise ValueError(
                f"A row must have at most {LONGEST // 1_000_000} MB, got a longer one from row "
                f"{before + 1:,} on. Is a quotation mark missing?"
            )
    if left:
        yield left, before


def _last_end(data: bytes) -> int:
    """Return the place behind the last row that ends outside quotation marks, 0 if none does."""
    text = np.frombuffer(data, np.uint8)
    quotes = np.flatnonzero(text == ord('"'))
    for end in b"\n\r":
        ends = np.flatnonzero(text[: text.size - (end == ord("\r"))] == end)
        ends = ends[np.searchsorted(quotes, ends) % 2 == 0]
        if ends.size:
            return int(ends[-1]) + 1
    return 0


def num_rows(data: bytes) -> int:
    """Return how many rows end within these bytes, as an editor counts."""
    return max(data.count(b"\n"), data.count(b"\r"))


def _row_at(data: bytes, place: int) -> int:
    """Return the row of a byte."""
    return 1 + num_rows(data[:place])


def _open_quote(data: bytes) -> int:
    """Return the row in which a quoted cell begins that does not end there or in the next one."""
    is_open, place = False, 0
    for row, line in enumerate(io.BytesIO(data), 1):
        if line.count(b'"') % 2:
            is_open, place = not is_open, row if not is_open else place
            if not is_open and row > place + 1:  # one that spans so much began where this one ends
                return place
    return place


def _quoted(text: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the places of the quotation marks around each quoted cell; a doubled one is within."""
    marks = np.flatnonzero(text == ord('"'))
    opening, closing = marks[: marks.size // 2 * 2].reshape(-1, 2).T
    apart = closing[:-1] + 1 != opening[1:]
    return opening[np.append(True, apart)[: opening.size]], closing[
        np.append(apart, True)[: opening.size]
    ]


def _is_end(text: np.ndarray, places: np.ndarray) -> np.ndarray:
    """Return at which places a cell begins or ends: a delimiter, a line break, or beyond the text."""
    is_outside = (places < 0) | (places >= text.size)
    return is_outside | np.isin(text[np.clip(places, 0, text.size - 1)], _ENDS)


def _without_blanks(data: bytes) -> bytes:
    """Return rows without the blanks between a delimiter and a quoted cell, as in 1, "2"."""
    text = np.frombuffer(data, np.uint8)
    opening, closing = _quoted(text)
    is_behind_blank = (opening > 0) & (text[opening - 1] == _BLANK)
    if not is_behind_blank.any():
        return data
    opening, closing = opening[is_behind_blank], closing[is_behind_blank]
    before, behind = opening - 1, closing + 1
    for _ in range(10):  # blanks, which is more than anyone sets
        before = np.where((before >= 0) & (text[before] == _BLANK), before - 1, before)
        is_blank = text[np.minimum(behind, text.size - 1)] == _BLANK
        behind = np.where((behind < text.size) & is_blank, behind + 1, behind)
    are_cells = _is_end(text, before) & _is_end(text, behind)
    change = np.zeros(text.size + 1, np.int8)
    change[before[are_cells] + 1] += 1
    change[opening[are_cells]] -= 1
    return text[np.cumsum(change, dtype=np.int8)[:-1] == 0].tobytes()


def _refuse_broken_quotes(data: bytes, before: int) -> None:
    """Raise ValueError where a quoted cell goes on behind its closing quotation mark.

    An opening mark too many, and another one rows below, would swallow all rows in between.
    """
    text = np.frombuffer(data, np.uint8)
    opening, closing = _quoted(text)
    is_broken = _is_end(text, opening - 1) & ~_is_end(text, closing + 1)
    for begin, end in zip(opening[is_broken].tolist(), closing[is_broken].tolist(), strict=True):
        if text[end + 1] != _BLANK or b"\n" in data[begin:end]:
            raise ValueError(
                f"A quoted cell must end with its quotation mark, got one in row "
                f"{before + _row_at(data, begin):,} with more behind the mark in row "
                f"{before + _row_at(data, end):,}. Mend the quotation marks."
            )


def line_breaks(blocks: Iterable[tuple[bytes, int]], delimiter: str, width: int) -> tuple[int, int]:
    """Return how many quoted cells hold line breaks, and the row of the first one.

    Two lone quotation marks, as they stand for “ditto”, make one cell of the rows between them, by
    the letter of CSV.

    Args:
        blocks: Whole rows as `block_of` returns them, and how many rows stand before each.
        delimiter: Between two cells.
        width: How many cells a row has.

    Raises:
        ValueError: If such a cell holds what looks like a row of this table.

    Example:
        >>> line_breaks([(b'x,y\\n1,"two\\nlines"', 0)], ",", 2)
        (1, 2)
    """
    count = first = 0
    for data, before in blocks:
        if b'"' not in data:
            continue
        text = np.frombuffer(data, np.uint8)
        breaks = np.flatnonzero((text == ord("\n")) | (text == ord("\r")))
        opening, closing = _with_breaks(text, breaks, delimiter)
        if opening.size and not count:
            first = before + _row_at(data, opening[0])
        count += opening.size
        begins, ends = _held_lines(text, breaks, (opening, closing), delimiter)
        place = _like_row(data, begins, ends, delimiter, width)
        if place is not None:
            cell = np.searchsorted(closing, place)
            begin, end = (before + _row_at(data, at[cell]) for at in (opening, closing))
            raise ValueError(
                f"A quoted cell must end with its quotation mark, got one from row {begin:,} to row "
                f"{end:,} with a whole row in it. Mend the quotation marks."
            )
    return count, first


def _with_breaks(text: np.ndarray, breaks: np.ndarray, delimiter: str) -> tuple:
    """Return the places of the quotation marks around each quoted cell that holds line breaks."""
    opening, closing = _quoted(text)
    holds = np.searchsorted(breaks, opening) != np.searchsorted(breaks, closing)
    holds &= _is_end(text, opening - 1) | (text[opening - 1] == ord(delimiter))
    return opening[holds], closing[holds]


def _held_lines(text: np.ndarray, breaks: np.ndarray, cells: tuple, delimiter: str) -> tuple:
    """Return where the lines within quoted cells begin and end.

    A lone mark between two delimiters is no such cell: of 3,",4 above 5,",6 the line is the whole
    first row.
    """
    opening, closing = cells
    cell = np.searchsorted(opening, breaks, side="right") - 1
    is_within = (cell >= 0) & (breaks < closing[cell]) if opening.size else np.zeros(0, bool)
    begins = np.concatenate([opening + 1, breaks[is_within] + 1])
    last = np.concatenate([closing, closing[cell[is_within]]])
    lone = opening[(text[opening + 1] == ord(delimiter)) & (text[closing - 1] == ord(delimiter))]
    above = np.searchsorted(breaks, lone) - 1
    begins = np.append(begins, np.where(above < 0, 0, breaks[above] + 1))
    last = np.append(last, np.full(lone.size, text.size))
    following = np.append(breaks, text.size)[np.searchsorted(breaks, begins)]
    return begins, np.minimum(following, last)


def _like_row(
    data: bytes, begins: np.ndarray, ends: np.ndarray, delimiter: str, width: int
) -> int | None:
    """Return where the first of these lines begins that has all cells of a row, one a number."""
    delimiters = np.flatnonzero(np.frombuffer(data, np.uint8) == ord(delimiter))
    held = np.searchsorted(delimiters, ends) - np.searchsorted(delimiters, begins)
    suspects = np.flatnonzero(held == width - 1)[:MAX_SUSPECTS]
    if not suspects.size:
        return None
    texts = [
        cell.decode(errors="replace")
        for begin, end in zip(begins[suspects].tolist(), ends[suspects].tolist(), strict=True)
        for cell in data[begin:end].split(delimiter.encode())
    ]
    kinds = [numbers(column(texts), mark).kinds for mark in ".,"]
    has_number = np.reshape(np.any(np.equal(kinds, Kind.NUMBER), axis=0), (-1, width)).any(axis=1)
    return int(begins[suspects[has_number]].min()) if has_number.any() else None
