"""A file of any size for the terminal: read in batches, of which six sums are kept.

The mean squared error knows the points by these sums alone, so four points stand for all of them.
"""

import io
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import parquet

from linreg.data.files import csvfile, totals
from linreg.data.files.books import workbook
from linreg.data.files.columns.cells import column, listed, printable
from linreg.data.files.columns.decimals import Marks
from linreg.data.files.csvfile import Tally
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
Text = tuple[Callable[[], Blocks], Layout, bool]  # and whether any cell is quoted
Points = Iterable[tuple[np.ndarray, np.ndarray]]  # x and y, part by part
Wanted = tuple[str | None, str | None]  # names of columns
_NUMBERS = pa.types.is_integer, pa.types.is_floating, pa.types.is_decimal, pa.types.is_boolean


@dataclass(frozen=True, eq=False)
class Summary:
    """What is kept of a file."""

    x: np.ndarray  # of the four points, shape (4,)
    y: np.ndarray  # likewise
    names: tuple[str, str]  # of the columns
    num_points: int  # rows with a number in both columns
    dropped: tuple[csvfile.Dropped, ...]  # what was left out
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
    first_row = {"has_names": has_names, "names_row": names_row}
    if workbook.is_packed(head):
        return _of_text(*_sheet(path, sheet, first_row), (x, y), mark)
    if sheet is not None:
        raise ValueError("`--sheet` must come with a workbook: other files have no sheets.")
    if is_parquet and (mark, has_names, names_row) != (None, None, None):
        raise ValueError(
            "`--decimal` and `--first-row` must be left out with Parquet, which says both itself."
        )
    if is_parquet:
        return _of_parquet(path, (x, y))
    with closing(Progress(printable(path.name), PASSES * path.stat().st_size)) as progress:
        return _of_text(*_text(path, progress, first_row), (x, y), mark)


def _of_text(
    text: Callable[[], Blocks], found: Layout, has_quotes: bool, wanted: Wanted, mark: str | None
) -> Summary:
    """Return what is kept of a file of text, of which `text` begins to read the blocks."""
    has_quotes |= found.form.names is not None  # which is written anew
    tail = b""

    def blocks() -> Blocks:
        nonlocal tail
        tail = b""
        for block, before in text():
            plain = found.form.rewritten(block)
            tail = (tail + plain[-totals.TAIL :])[-totals.TAIL :]
            yield plain, before

    columns = _chosen(found.names, found.suggested(), wanted)
    doubts, has_breaks = csvfile.layout_doubts(blocks() if has_quotes else (), found, columns)

    def is_quoted(cell: str) -> bool:
        return has_quotes and any(f'"{cell}"'.encode() in block for block, _ in blocks())

    def read(tally: Tally, mark: str, looks: bool = False) -> Points:
        stream = pa.PythonFile(_Stream(blocks()), "r")
        for part in csvfile.texts(stream, found, columns, tally, has_breaks):
            if looks:
                tally.look(*part)
            yield tally.keep(*part, mark=mark)

    # With the likely mark, so that most files need no reading for the marks alone.
    shown = [Marks.of(column(found.columns()[index])).comma for index in columns]
    first = mark or ("," if any(shown) else ".")
    tally = Tally.of(found, columns, doubts)
    sums, kept = _gathered(read(tally, first, looks=True))
    label = totals.label(tail, found.delimiter, columns)  # all blocks have just been read
    mark = csvfile.settled(mark, found, tally, is_quoted)
    dated = [axis.dates for axis in tally.axes if axis.dates]
    if mark != first or any(one.settled() != one.day_first for one in dated):
        tally = tally.anew()
        sums, kept = _gathered(read(tally, mark))
    tally.label = label
    summary = _summary(sums, kept or read(tally.anew(), mark), tally, len(found.names))
    return replace(summary, waiting=found.waiting(columns))


def _gathered(points: Points) -> tuple[Sums, list]:
    """Return the sums of all points, and the points themselves; none where they are too many."""
    sums, kept = Sums(), []
    for x, y in points:
        sums.add(x, y)
        kept.append((x, y))
        if sums.num_points > MAX_KEPT:
            kept.clear()
    return sums, kept


def _summary(sums: Sums, points: Points, tally: Tally, num_columns: int) -> Summary:
    """Return the summary; points that are not kept are read once more, for what their line leaves."""
    tally.check()
    x, y = sums.four_points(points)
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


def _text(path: Path, progress: Progress, first_row: dict) -> Text:
    """Return a file as text, and how it is laid out."""
    if path.stat().st_size <= rawtext.MAX_BYTES:
        return _whole(rawtext.opened(path.read_bytes()), layout_of, first_row)
    begin, end = _table_within(path)

    def written() -> Blocks:
        return quotes.whole_rows(_pieces(path, begin, end, progress))

    encoding, has_quotes = _checked(written())
    if not has_quotes:
        progress.add(end - begin)  # one pass less

    def blocks() -> Blocks:
        for block, before in written():
            yield rawtext.block_of(block, encoding), before

    head = b""
    for block, _ in blocks():
        head += block
        if len(head) >= HEAD:
            break
    found = layout_of(head, **first_row, is_whole=False)
    notes = () if encoding == "utf-8" else (rawtext.GUESSED,)
    return blocks, replace(found, notes=(*notes, *found.notes)), has_quotes


def _whole(
    opened: rawtext.Opened | workbook.Opened, lay_out: Callable[..., Layout], first_row: dict
) -> Text:
    """Return text that is there as a whole, in one block."""
    text, found = opened.text, lay_out(opened.text, **first_row)
    return lambda: [(text, 0)], replace(found, notes=(*opened.notes, *found.notes)), b'"' in text


def _sheet(path: Path, name: str | None, first_row: dict) -> Text:
    """Return a sheet of a workbook as text."""
    limits = workbook.TERMINAL
    if (size := path.stat().st_size) > limits.unpacked:
        raise ValueError(
            f"The workbook must have at most {limits.unpacked // 1_000_000:,} MB, got "
            f"{size / 1e6:,.0f} MB. Save the sheet as CSV."
        )
    return _whole(workbook.opened(path.read_bytes(), limits, name), workbook.laid_out, first_row)


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
    """Read a large file once; return its encoding, UTF-8 or else cp1252, and whether it has quotes."""
    encoding, has_quotes = "utf-8", False
    for block, before in blocks:
        if (nul := block.find(b"\0")) >= 0:
            row = before + quotes.row_at(block, nul)
            raise ValueError(f"The file must be UTF-8 text, got a NUL byte in row {row:,}.")
        has_quotes |= b'"' in block
        quotes.refuse_broken(quotes.without_blanks(block), before)
        if encoding == "utf-8" and not rawtext.is_utf8([block]):  # no letter goes on in another row
            encoding = "cp1252"
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
    tally = Tally([csvfile.Axis(names[index]) for index in chosen], 0)

    def read(tally: Tally) -> Points:
        for batch in file.iter_batches(BATCH // 16, columns=list({own[k] for k in chosen})):
            places = [_place(batch.schema.names, own, index) for index in chosen]
            columns = [pc.cast(batch.column(k), pa.float64(), safe=False) for k in places]
            yield tally.keep(*columns)
            progress.add(batch.num_rows)

    with closing(Progress(printable(path.name), 2 * file.metadata.num_rows)) as progress:
        sums, kept = _gathered(read(tally))
        return _summary(sums, kept or read(tally.anew()), tally, len(names))


def _place(read: list[str], names: list[str], index: int) -> int:
    """Return where a column stands among those that were read; names may be there twice."""
    alike = names[:index].count(names[index])
    return [k for k, name in enumerate(read) if name == names[index]][alike]
