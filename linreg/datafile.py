"""A file of any size for the terminal: read in batches, of which six sums are kept.

The mean squared error knows the points by these sums alone, so four points stand for all of them.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import parquet

from linreg import layout
from linreg.csvfile import Dropped, Tally, mark_of, marks_of, texts
from linreg.summary import Sums

BATCH = 16_000_000  # bytes, and of Parquet BATCH // 16 rows
Batches = Iterator[tuple[pa.Array, pa.Array]]


@dataclass(frozen=True, eq=False)
class Summary:
    """What is kept of a file.

    Attributes:
        x: Of the four points, shape (4,).
        y: Likewise.
        names: Of the columns.
        num_points: Rows with a number in both columns.
        dropped: What was left out.
        notes: What else a reader should know of how the numbers were read.
    """

    x: np.ndarray
    y: np.ndarray
    names: tuple[str, str]
    num_points: int
    dropped: tuple[Dropped, ...]
    notes: tuple[str, ...]


def summarise(
    path: Path, x: str | None = None, y: str | None = None, mark: str | None = None
) -> Summary:
    """Read two columns of a CSV or Parquet file, whatever its size.

    Args:
        path: Of the file; one whose name ends with .parquet is read as such.
        x: Name of the column; None for the first one that holds numbers.
        y: Likewise, for the second.
        mark: The decimal mark of a CSV file, "." or ","; None to find out.

    Raises:
        ValueError: If it cannot be read without guessing; the message names the row.
        OSError: If there is no such file.
    """
    if path.suffix == ".parquet":
        return _of_parquet(path, x, y)
    found, batches = _csv(path)
    first, second = _chosen(found.names, found.suggested(), x, y)
    tally = Tally((found.names[first], found.names[second]), found.num_before)
    if mark is None:
        trial = Tally(tally.names, tally.num_before)
        mark = mark_of(marks_of(batches(found, (first, second), trial)), found, trial)
        tally.doubts += trial.doubts
    tally.doubts += found.notes
    sums = Sums()
    for part in batches(found, (first, second), tally):
        sums.add(*tally.keep(*part, mark))
    again = Tally(tally.names, tally.num_before)
    parts = (again.keep(*part, mark) for part in batches(found, (first, second), again))
    return _summary(sums, tally, len(found.names), parts)


def _summary(sums: Sums, tally: Tally, num_columns: int, parts: Iterable) -> Summary:
    """Return the summary; the points are read once more, for what their line leaves."""
    tally.check()
    x, y = sums.four_points(parts)
    return Summary(x, y, tally.names, sums.num_points, tally.dropped(num_columns), tally.notes())


def _chosen(
    names: tuple[str, ...], suggested: tuple[int, int], x: str | None, y: str | None
) -> tuple[int, int]:
    """Return which columns have these names."""
    chosen = []
    for option, name, other in (("--x", x, suggested[0]), ("--y", y, suggested[1])):
        if name is not None and name not in names:
            shown = ", ".join(repr(known) for known in names[:20]) + ", …" * (len(names) > 20)
            raise ValueError(f"`{option}` must be one of {shown}, got {name!r}.")
        chosen.append(other if name is None else names.index(name))
    return chosen[0], chosen[1]


# ---------------------------------------------------------------- CSV


def _csv(path: Path) -> tuple[layout.Layout, Callable[..., Batches]]:
    """Return how a file is laid out, and what reads two of its columns in batches."""
    if path.stat().st_size <= layout.MAX_BYTES:
        data = layout.text_of(path.read_bytes())
        return layout.layout_of(data), lambda *ways: texts(pa.BufferReader(data), *ways)
    encoding = _checked(path)
    with path.open("rb") as file:
        head = file.read(layout.SAMPLE_BYTES + 10).decode(encoding, errors="ignore")
    found = layout.layout_of(head.removeprefix("\ufeff").encode())
    return found, lambda *ways: texts(pa.OSFile(str(path)), *ways, encoding)


def _checked(path: Path) -> str:
    """Read a large file once, and return its encoding: UTF-8, or else cp1252.

    Raises:
        ValueError: If it is in UTF-16 or -32, holds a NUL byte, or a quoted cell does not end.
    """
    quotes = rows = 0

    def blocks() -> Iterator[bytes]:
        nonlocal quotes, rows
        while block := file.read(BATCH):
            if (nul := block.find(b"\0")) >= 0:
                row = rows + block[:nul].count(b"\n") + 1
                raise ValueError(f"The file must be UTF-8 text, got a NUL byte in row {row:,}.")
            quotes, rows = quotes + block.count(b'"'), rows + block.count(b"\n")
            yield block

    with path.open("rb") as file:
        layout.refuse_what_is_no_table(file.read(1_000))
        file.seek(0)
        left = blocks()
        encoding = "utf-8" if layout.is_utf8(left) else "cp1252"
        for _ in left:  # the rest, where one block has been enough
            pass
    if quotes % 2:
        raise ValueError(
            "Every quoted cell must end with a quotation mark, got an odd number of these marks."
        )
    return encoding


# ---------------------------------------------------------------- Parquet


def _of_parquet(path: Path, x: str | None, y: str | None) -> Summary:
    try:
        file = parquet.ParquetFile(path)
    except pa.ArrowInvalid as trouble:
        raise ValueError(f"The file must be Parquet, got something else ({trouble}).") from None
    fields = list(file.schema_arrow)
    names = tuple(one.name for one in fields)
    numeric = [index for index, one in enumerate(fields) if _holds_numbers(one.type)]
    if len(names) < 2:
        raise ValueError(f"The table must have two columns or more, got {len(names)}.")
    chosen = _chosen(names, tuple([*numeric, *range(len(names))][:2]), x, y)
    for index in chosen:
        if index not in numeric:
            raise ValueError(f"`{names[index]}` must hold numbers, got {fields[index].type}.")
    wanted = [names[index] for index in chosen]
    tally, sums = Tally((wanted[0], wanted[1]), 0), Sums()

    def parts(counted: Tally) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        for batch in file.iter_batches(BATCH // 16, columns=list(dict.fromkeys(wanted))):
            columns = [pc.cast(batch.column(name), pa.float64(), safe=False) for name in wanted]
            yield counted.keep_values(*columns)

    for part in parts(tally):
        sums.add(*part)
    return _summary(sums, tally, len(names), parts(Tally(tally.names, 0)))


def _holds_numbers(kind: pa.DataType) -> bool:
    return any(
        holds(kind)
        for holds in (
            pa.types.is_integer,
            pa.types.is_floating,
            pa.types.is_decimal,
            pa.types.is_boolean,
        )
    )
