"""Rows and quotation marks: where a row ends, and what quoted cells swallow.

Works on bytes in which ASCII is ASCII, whole or in blocks of whole rows.
"""

import io
from collections.abc import Iterable, Iterator

import numpy as np

from linreg.data.files.columns.cells import Kind, column, numbers

LONGEST = 32_000_000  # bytes of a row, quoted cells with their line breaks included
MAX_SUSPECTS = 100_000  # lines within quoted cells to look at, should they look like rows
_ENDS = np.frombuffer(b",;\t|\r\n", np.uint8)  # what may stand before and behind a quoted cell
_BLANK, _MARK = ord(" "), ord('"')


def whole_rows(pieces: Iterable[bytes]) -> Iterator[tuple[bytes, int]]:
    """Return the same bytes in blocks that end where a row does, and how many rows stand before.

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
    for end in (b"\n", b"\r"):
        place = data.rfind(end, 0, len(data) - (end == b"\r"))  # \n may follow the last \r
        marks = data.count(b'"', 0, max(place, 0))
        while place >= 0 and marks % 2:
            before = data.rfind(end, 0, data.rfind(b'"', 0, place))  # up to there all are odd
            marks -= data.count(b'"', max(before, 0), place)
            place = before
        if place >= 0:
            return place + 1
    return 0


def num_rows(data: bytes) -> int:
    """Return how many rows end within these bytes, as an editor counts."""
    return max(data.count(b"\n"), data.count(b"\r"))


def row_at(data: bytes, place: int) -> int:
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


def _quoted(marks: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the places of the quotation marks around each quoted cell; a doubled one is within."""
    opening, closing = marks[: marks.size // 2 * 2].reshape(-1, 2).T
    apart = closing[:-1] + 1 != opening[1:]
    is_first, is_last = np.append(True, apart), np.append(apart, True)
    return opening[is_first[: opening.size]], closing[is_last[: opening.size]]


def _is_end(text: np.ndarray, places: np.ndarray) -> np.ndarray:
    """Return at which places a cell begins or ends: a delimiter, a line break, or beyond the text."""
    is_outside = (places < 0) | (places >= text.size)
    return is_outside | np.isin(text[np.clip(places, 0, text.size - 1)], _ENDS)


def without_blanks(data: bytes) -> bytes:
    """Return rows without the blanks between a delimiter and a quoted cell.

    Example:
        >>> without_blanks(b'1, "2"')
        b'1,"2"'
    """
    if b" " not in data or b' "' not in data:  # the first is found out much sooner
        return data
    text = np.frombuffer(data, np.uint8)
    opening, closing = _quoted(np.flatnonzero(text == _MARK))
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


def refuse_broken(data: bytes, before: int = 0) -> None:
    """Refuse a quoted cell that does not end, or that goes on behind its quotation mark.

    An opening mark too many, and another one rows below, would swallow all rows in between. `before`
    these whole rows stand so many others in the file.
    """
    if b'"' not in data:
        return
    text = np.frombuffer(data, np.uint8)
    marks = np.flatnonzero(text == _MARK)
    if marks.size % 2:
        raise ValueError(
            "Every quoted cell must end with a quotation mark, got one in row "
            f"{before + _open_quote(data):,} that does not end."
        )
    opening, closing = _quoted(marks)
    is_broken = _is_end(text, opening - 1) & ~_is_end(text, closing + 1)
    for begin, end in zip(opening[is_broken].tolist(), closing[is_broken].tolist(), strict=True):
        if text[end + 1] != _BLANK or b"\n" in data[begin:end]:
            raise ValueError(
                f"A quoted cell must end with its quotation mark, got one in row "
                f"{before + row_at(data, begin):,} with more behind the mark in row "
                f"{before + row_at(data, end):,}. Mend the quotation marks."
            )


def line_breaks(blocks: Iterable[tuple[bytes, int]], delimiter: str, width: int) -> tuple[int, int]:
    """Return how many quoted cells hold line breaks, and the row of the first one.

    Two lone quotation marks, as they stand for “ditto”, make one cell of the rows between them, by
    the letter of CSV: raise ValueError if such a cell holds what looks like a row of this width.
    `blocks` are whole rows as `rawtext.block_of` returns them, and how many rows stand before each.

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
        marks = np.flatnonzero(text == _MARK)
        if not (np.searchsorted(marks, breaks) & 1).any():  # every line break ends a row
            continue
        opening, closing = _quoted(marks)
        holds = np.searchsorted(breaks, opening) != np.searchsorted(breaks, closing)
        holds &= _is_end(text, opening - 1) | (text[opening - 1] == ord(delimiter))
        opening, closing = opening[holds], closing[holds]
        if opening.size and not count:
            first = before + row_at(data, opening[0])
        count += opening.size
        begins, ends = _held_lines(text, breaks, (opening, closing), delimiter)
        place = _like_row(data, begins, ends, delimiter, width)
        if place is not None:
            cell = np.searchsorted(closing, place)
            begin, end = (before + row_at(data, at[cell]) for at in (opening, closing))
            raise ValueError(
                f"A quoted cell must end with its quotation mark, got one from row {begin:,} to row "
                f"{end:,} with a whole row in it. Mend the quotation marks."
            )
    return count, first


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
