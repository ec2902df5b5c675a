"""A file of any size for the terminal: read in batches, of which six sums are kept.

The mean squared error knows the points by these sums alone, so four points stand for all of them.
"""

import io
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import parquet

from linreg.data.files import totals
from linreg.data.files.books import workbook
from linreg.data.files.columns.cells import column, listed, printable
from linreg.data.files.columns.decimals import Marks
from linreg.data.files.csvfile import (
    Dropped,
    Tally,
    anew,
    dates_of,
    day_doubts,
    layout_doubts,
    mark_of,
    marks_of,
    texts,
)
from linreg.data.files.progress import Progress
from linreg.data.files.tables.layout import Layout, layout_of, unique
from linreg.data.files.text import quotes, rawtext
from linreg.data.files.text.rows import SAMPLE_BYTES
from linreg.data.summary import Sums

BATCH = 16_000_000  # bytes, and of Parquet BATCH // 16 rows
HEAD = 2 * SAMPLE_BYTES  # bytes to find the layout from
PARQUET = ".parquet", ".pq"
MAX_KEPT = 16_000_000  # points, of 16 bytes; of more the file is read once more
PASSES = 4  # over a large file: what it is, its quoted cells, its sums, what a line leaves
Blocks = Iterable[tuple[bytes, int]]  # whole rows, and how many stand before them
Wanted = tuple[str | None, str | None]  # names of columns
_NUMBERS = pa.types.is_integer, pa.types.is_floating, pa.types.is_decimal, pa.types.is_boolean


@dataclass(frozen=True, eq=False)
class Summary:
    """What is kept of a file."""

    x: np.ndarray  # of the four points, shape (4,)
    y: np.ndarray  # likewise
    names: tuple[str, str]  # of the columns
    num_points: int  # rows with a number in both columns
    dropped: tuple[Dropped, ...]  # what was left out
    notes: tuple[str, ...]  # what else a reader should know of how the numbers were read
    waiting: tuple[str, ...] = ()  # names of the other columns


def summarise(
    path: Path,
    x: str | None = None,
    y: str | None = None,
    mark: str | None = None,
    has_names: bool | None = None,
    names_row: int | None = None,
    sheet: str | None = None,
) -> Summary:
    """Read two columns of a CSV or Parquet file, whatever its size, or of a workbook.

    Args:
        path: Of the file; one that begins as Parquet does, or is named so, is read as such.
        x: Name of the column; None for the first one that holds numbers.
        y: Likewise, for the second.
        mark: The decimal mark of a CSV file, "." or ","; None to find out.
        has_names: Whether the first row of a CSV file names the columns; None to find out.
        names_row: The row of a CSV file that names them, as an editor counts; None to find out.
        sheet: Name of a workbook's sheet; None for the first one with two columns of numbers.

    Raises:
        ValueError: If it cannot be read without guessing; the message names the row.
        OSError: If there is no such file.
    """
    with path.open("rb") as file:
        head = file.read(8)
    is_parquet = head.startswith(b"PAR1\x15") or path.suffix.lower() in PARQUET
    if workbook.is_packed(head):
        return _of_text(_sheet(path, sheet), (x, y), mark, has_names, names_row)
    if sheet is not None:
        raise ValueError("`--sheet` must come with a workbook: other files have no sheets.")
    if is_parquet and (mark, has_names, names_row) != (None, None, None):
        raise ValueError(
            "`--decimal` and `--first-row` must be left out with Parquet, which says both itself."
        )
    if is_parquet:
        return _of_parquet(path, (x, y))
    with closing(Progress(printable(path.name), PASSES * path.stat().st_size)) as progress:
        return _of_text(_text(path, progress), (x, y), mark, has_names, names_row)


class Points:
    """The points of a file: their sums, and themselves as long as they are not too many."""

    def __init__(self) -> None:
        """Begin without points."""
        self.sums = Sums()
        self.kept: list[tuple[np.ndarray, np.ndarray]] | None = []

    def add(self, x: np.ndarray, y: np.ndarray) -> None:
        """Take more points into account."""
        self.sums.add(x, y)
        if self.sums.num_points > MAX_KEPT:
            self.kept = None
        elif self.kept is not None:
            self.kept.append((x, y))


@dataclass(frozen=True)
class Text:
    """A file as text."""

    # Begins to read it, in blocks of whole rows; a small file is one block.
    blocks: Callable[[], Blocks]
    has_quotes: bool  # whether any cell is quoted
    notes: tuple[str, ...]  # what a reader should know of its encoding, or of the sheet it was
    lay_out: Callable[..., Layout] = layout_of


def _of_text(
    text: Text, chosen: Wanted, mark: str | None, has_names: bool | None, names_row: int | None
) -> Summary:
    """Return what is kept of a file of text."""
    found = text.lay_out(_head(text.blocks()), has_names, names_row)
    found = replace(found, notes=(*text.notes, *found.notes))
    has_quotes = text.has_quotes or found.form.names is not None  # which is written anew

    tail = b""

    def blocks() -> Blocks:
        nonlocal tail
        tail = b""
        for block, before in text.blocks():
            plain = found.form.rewritten(block)
            tail = (tail + plain[-totals.TAIL :])[-totals.TAIL :]
            yield plain, before

    columns = _chosen(found.names, found.suggested(), chosen)
    names = found.names[columns[0]], found.names[columns[1]]
    doubts, has_breaks = layout_doubts(blocks() if has_quotes else (), found, columns)

    def parts(counted: Tally) -> Iterator[tuple[pa.Array, pa.Array]]:
        stream = pa.PythonFile(_Stream(blocks()), "r")
        return texts(stream, found, columns, counted, has_breaks)

    def is_quoted(cell: str) -> bool:
        return has_quotes and any(f'"{cell}"'.encode() in block for block, _ in blocks())

    def read(mark: str, points: Points, tally: Tally) -> Iterator[tuple[pa.Array, pa.Array]]:
        for part in parts(tally):
            tally.look(*part)
            points.add(*tally.keep(*part, mark=mark))
            yield part

    # With the likely mark, so that most files need no reading for the marks alone.
    shown = [Marks.of(column(found.columns()[index])).comma for index in columns]
    first = mark or ("," if any(shown) else ".")
    fresh = partial(Tally, names, found.num_before)
    points, tally = Points(), fresh(doubts=doubts, dates=dates_of(found, columns))
    marks = marks_of(read(first, points, tally))
    label = totals.label(tail, found.delimiter, columns)  # all blocks have just been read
    mark = mark or mark_of(marks, found, tally, is_quoted)
    tally.doubts += day_doubts(marks, mark, tally)
    if mark != first or any(one and one.settled() != one.day_first for one in tally.dates):
        points, tally = Points(), fresh(doubts=tally.doubts, dates=anew(tally.dates))
        for _ in read(mark, points, tally):
            pass
    tally.label = label
    again = fresh(dates=anew(tally.dates))
    once_more = (again.keep(*part, mark=mark) for part in parts(again))
    summary = _summary(points, tally, len(found.names), once_more)
    return replace(summary, waiting=found.waiting(columns))


def _summary(points: Points, tally: Tally, num_columns: int, parts: Iterable) -> Summary:
    """Return the summary; points that are not kept are read once more, for what their line leaves."""
    tally.check()
    sums = points.sums
    x, y = sums.four_points(parts if points.kept is None else points.kept)
    return Summary(x, y, tally.names, sums.num_points, tally.dropped(num_columns), tally.notes())


def _chosen(names: tuple[str, ...], suggested: tuple[int, int], wanted: Wanted) -> tuple[int, int]:
    """Return which columns have these names; without them, the suggested ones."""
    for option, name in zip(("--x", "--y"), wanted, strict=True):
        if name is not None and name not in names:
            raise ValueError(f"`{option}` must be one of {listed(names)}, got {name!r}.")
    pairs = zip(wanted, suggested, strict=True)
    x, y = (other if name is None else names.index(name) for name, other in pairs)
    return x, y


# ---------------------------------------------------------------- CSV


def _text(path: Path, progress: Progress) -> Text:
    """Return a file as text.

    Raises:
        ValueError: If it is empty or no text, or its quotation marks do not fit.
    """
    if path.stat().st_size <= rawtext.MAX_BYTES:
        raw = path.read_bytes()
        whole, notes = rawtext.opened(raw)
        return Text(lambda: [(whole, 0)], b'"' in whole, notes)
    begin, end = _table_within(path)

    def written() -> Blocks:
        return quotes.whole_rows(_pieces(path, begin, end, progress))

    encoding, has_quotes = _checked(written())
    if not has_quotes:
        progress.add(end - begin)  # one pass less

    def blocks() -> Blocks:
        for block, before in written():
            yield rawtext.block_of(block, encoding), before

    notes = () if encoding == "utf-8" else (rawtext.GUESSED,)
    return Text(blocks, has_quotes, notes, partial(layout_of, is_whole=False))


def _sheet(path: Path, name: str | None) -> Text:
    """Return a sheet of a workbook as text.

    Raises:
        ValueError: If it cannot be read, or there is none of this name.
    """
    limits = workbook.TERMINAL
    if (size := path.stat().st_size) > limits.unpacked:
        raise ValueError(
            f"The workbook must have at most {limits.unpacked // 1_000_000:,} MB, got "
            f"{size / 1e6:,.0f} MB. Save the sheet as CSV."
        )
    opened = workbook.opened(path.read_bytes(), limits, name)
    has_quotes = b'"' in opened.text
    return Text(lambda: [(opened.text, 0)], has_quotes, opened.notes, workbook.laid_out)


def _head(blocks: Blocks) -> bytes:
    """Return the first rows of a file."""
    head = b""
    for block, _ in blocks:
        head += block
        if len(head) >= HEAD:
            break
    return head


def _table_within(path: Path) -> tuple[int, int]:
    """Return where a large file's table begins and ends, without byte order marks and blank lines."""
    with path.open("rb") as file:
        head = file.read(1_000)
        rawtext.refuse_what_is_no_table(head)
        begin = 0
        while head[begin:].startswith(rawtext.MARK):
            begin += len(rawtext.MARK)
        end = file.seek(0, io.SEEK_END)
        while end > begin:
            file.seek(max(begin, end - BATCH))
            piece = file.read(end - file.tell())
            if left := piece.rstrip(b"\r\n "):
                return begin, end - len(piece) + len(left)
            end -= len(piece)
    raise ValueError("The file must hold a table, got an empty file.")


def _pieces(path: Path, begin: int, end: int, progress: Progress) -> Iterator[bytes]:
    with path.open("rb") as file:
        file.seek(begin)
        while piece := file.read(min(BATCH, end - file.tell())):
            yield piece
            progress.add(len(piece))


def _checked(blocks: Blocks) -> tuple[str, bool]:
    """Read a large file once; return its encoding, UTF-8 or else cp1252, and whether it has quotes.

    Raises:
        ValueError: If it is in UTF-16 or -32, holds a NUL byte, or its quotation marks do not fit.
    """
    has_quotes = False

    def checked() -> Iterator[bytes]:
        nonlocal has_quotes
        for block, before in blocks:
            if (nul := block.find(b"\0")) >= 0:
                row = before + quotes.num_rows(block[:nul]) + 1
                raise ValueError(f"The file must be UTF-8 text, got a NUL byte in row {row:,}.")
            if b'"' in block:
                has_quotes = True
                quotes.refuse_broken(quotes.without_blanks(block), before)
            yield block

    left = checked()
    encoding = "utf-8" if rawtext.is_utf8(left) else "cp1252"
    for _ in left:  # the rest, where one block has been enough
        pass
    return encoding, has_quotes


class _Stream(io.RawIOBase):
    """Blocks of text as a file, for Arrow."""

    def __init__(self, blocks: Blocks):
        self._blocks, self._left = iter(blocks), memoryview(b"")

    def readable(self) -> bool:
        """Return that this can be read."""
        return True

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes, at most as many; none at the end."""
        if not self._left:
            self._left = memoryview(next(self._blocks, (b"", 0))[0])
        size = len(self._left) if size < 0 else size
        piece, self._left = self._left[:size], self._left[size:]
        return piece.tobytes()


# ---------------------------------------------------------------- Parquet


def _of_parquet(path: Path, wanted: Wanted) -> Summary:
    try:
        file = parquet.ParquetFile(path)
    except pa.ArrowInvalid as trouble:
        said = printable(str(trouble), 200)
        raise ValueError(f"The file must be Parquet, got something else ({said}).") from None
    fields = list(file.schema_arrow)
    own = [one.name for one in fields]  # which need not differ
    names = unique(own)
    numeric = [k for k, one in enumerate(fields) if any(holds(one.type) for holds in _NUMBERS)]
    if len(names) < 2:
        raise ValueError(f"The table must have two columns or more, got {len(names)}.")
    first, second, *_ = dict.fromkeys([*numeric, *range(len(names))])
    chosen = _chosen(names, (first, second), wanted)
    for index in chosen:
        if index not in numeric:
            kind = printable(str(fields[index].type))  # of a struct with a stranger's names
            raise ValueError(f"`{names[index]}` must hold numbers, got {kind}.")
    tally, points = Tally((names[chosen[0]], names[chosen[1]]), 0), Points()

    def parts(counted: Tally) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        read = list({own[index] for index in chosen})
        for batch in file.iter_batches(BATCH // 16, columns=read):
            places = [_place(batch.schema.names, own, index) for index in chosen]
            columns = [pc.cast(batch.column(k), pa.float64(), safe=False) for k in places]
            yield counted.keep(*columns)
            progress.add(batch.num_rows)

    with closing(Progress(printable(path.name), 2 * file.metadata.num_rows)) as progress:
        for part in parts(tally):
            points.add(*part)
        return _summary(points, tally, len(names), parts(Tally(tally.names, 0)))


def _place(read: list[str], names: list[str], index: int) -> int:
    """Return where a column stands among those that were read; names may be there twice."""
    alike = names[:index].count(names[index])
    return [k for k, name in enumerate(read) if name == names[index]][alike]
