"""A stranger's CSV in; two columns of numbers out, or an error that says what to do.

Arrow's reader splits the rows, every cell a text; what a number is, `cells` decides. So no cell is
guessed at, and what is left out is counted and named by its row. Rows count as an editor or a
spreadsheet shows them: from 1, the header and blank lines among them.
"""

import re
from array import array
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import reduce

import numpy as np
import pyarrow as pa
from pyarrow import csv as arrow_csv

from linreg.data.files import totals
from linreg.data.files.columns.cells import Kind, column, numbers, one_currency, printable
from linreg.data.files.columns.dates import Dates, remedy
from linreg.data.files.columns.decimals import Marks
from linreg.data.files.tables.layout import Layout
from linreg.data.files.text.quotes import line_breaks
from linreg.data.files.text.rows import MARKS

MAX_ROWS = 5_000_000
MAX_RAGGED = 1_000_000  # rows of another width
BLOCK = 4_000_000  # bytes of the file at a time


@dataclass(frozen=True)
class Dropped:
    """Rows that were left out, and why."""

    reason: str  # in a few words
    count: int  # how many
    rows: tuple[int, ...]  # the first of them, as an editor counts
    example: str = ""  # what one of them holds, if that helps; a stranger's text

    def __str__(self) -> str:
        """Return how many rows were left out and which, for this reason."""
        rows = ", ".join(f"{row:,}" for row in self.rows) + ", …" * (self.count > len(self.rows))
        example = f": {self.example}" if self.example else ""
        return f"{self.count:,} {self.reason} (row{'s' * (self.count > 1)} {rows}{example})"


@dataclass(frozen=True, eq=False)
class Columns:
    """Two columns of a file as numbers."""

    x: np.ndarray  # shape (num_rows,), finite
    y: np.ndarray  # shape (num_rows,), finite
    num_rows: int  # of the file, those that were dropped among them
    dropped: tuple[Dropped, ...]  # what was left out
    notes: tuple[str, ...]  # what else a reader should know of how the numbers were read
    mark: str  # the decimal mark that they were read with
    dates: tuple[Dates | None, ...] = (None, None)  # how x and y were read, if they are such

    def cells(self, which: int, texts: list[str]) -> np.ndarray:
        """Return cells of x (0) or y (1) as the numbers they were read as, nan where there is none."""
        dates = self.dates[which]
        return (dates.read(column(texts)) if dates else numbers(column(texts), self.mark)).values


@dataclass
class Axis:
    """One of two columns: how it is read, and what was seen of it so far."""

    name: str
    dates: Dates | None = None  # how it is read, if it holds dates or times
    marks: Marks = field(default_factory=Marks)  # what it shows of its decimal mark
    signs: dict[str, int] = field(default_factory=dict)  # to the first row of each


@dataclass
class Tally:
    """What was seen of two columns so far: what was left out, and what must not be mixed."""

    axes: list[Axis]
    num_before: int
    num_looked: int = 0  # rows
    num_rows: int = 0  # of those with as many cells as there are columns
    ragged: array = field(default_factory=lambda: array("q"))  # rows of another width
    ragged_cells: tuple[int, int] = (0, 0)  # the fewest and the most that these have
    counts: dict[Kind, int] = field(default_factory=dict)
    seen: dict[Kind, list[tuple[int, str]]] = field(default_factory=dict)
    has_large: bool = False
    doubts: list[str] = field(default_factory=list)  # what was decided for the reader
    last: totals.LastRow = field(default_factory=totals.LastRow)  # of the rows that are used
    label: str = ""  # what calls it a total

    @classmethod
    def of(cls, layout: Layout, columns: tuple[int, int], doubts: list[str]) -> "Tally":
        """Begin with two columns of a file, whose first rows show whether they are dates."""
        first, dated = layout.columns(), layout.dated()
        dates = [Dates.of(first[k]) if k in dated else None for k in columns]
        axes = [Axis(layout.names[k], one) for k, one in zip(columns, dates, strict=True)]
        return cls(axes, layout.num_before, doubts=doubts)

    def anew(self) -> "Tally":
        """Return the same before any row is read, with the order of day and month that was seen."""
        axes = [replace(one, dates=one.dates and one.dates.anew(), signs={}) for one in self.axes]
        return Tally(axes, self.num_before, doubts=self.doubts)

    @property
    def names(self) -> tuple[str, str]:
        """Of x and y."""
        x, y = self.axes
        return x.name, y.name

    def look(self, *texts: pa.Array) -> None:
        """Take note of what more rows show of the decimal mark, and the order of day and month."""
        for axis, text in zip(self.axes, texts, strict=True):
            axis.marks |= Marks.of(text).at(range(self.num_looked, self.num_looked + len(text)))
            if axis.dates:
                axis.dates.look(text)
        self.num_looked += len(texts[0])

    def keep(self, *texts: pa.Array, mark: str = ".") -> tuple[np.ndarray, np.ndarray]:
        """Return the numbers of the rows that have one in both columns, and note the others."""
        columns = [
            axis.dates.read(text) if axis.dates else numbers(text, mark)
            for axis, text in zip(self.axes, texts, strict=True)
        ]
        worst = reduce(np.maximum, (np.where(c.kinds == Kind.BOOLEAN, 0, c.kinds) for c in columns))
        for kind in (Kind.MISSING, Kind.INFINITE, Kind.NO_NUMBER):
            rows = np.flatnonzero(worst == kind)
            self.counts[kind] = self.counts.get(kind, 0) + rows.size
            seen = self.seen.setdefault(kind, [])
            for row in rows[: 3 - len(seen)].tolist():
                text = next(t for t, c in zip(texts, columns, strict=True) if c.kinds[row] == kind)
                seen.append((self.num_rows + row, text[row].as_py()))
        used = worst == Kind.NUMBER
        for axis, cells in zip(self.axes, columns, strict=True):
            counted = used & (cells.values != 0)
            for sign, has in (
                ("%", cells.percents & used),
                ("no %", ~cells.percents & counted),
                ("true or false", (cells.kinds == Kind.BOOLEAN) & used),
                ("a number", (cells.kinds == Kind.NUMBER) & used),
            ):
                if has.any():
                    axis.signs.setdefault(sign, self.num_rows + int(np.argmax(has)))
            for currency in cells.currencies:
                axis.signs.setdefault(currency, self.num_rows)
        x, y = (cells.values[used] for cells in columns)
        if x.size:
            self.last.add(x, y, self.num_rows + int(np.flatnonzero(used)[-1]))
        self.num_rows += worst.size
        self.has_large |= any(bool((np.abs(one) >= 2**53).any()) for one in (x, y))  # without parts
        return x, y

    def row(self, place: int) -> int:
        """Return the row of the file of a row that has as many cells as there are columns."""
        number = self.num_before + 1 + place
        ragged = np.sort(np.array(self.ragged, dtype=np.int64))
        before = ragged - np.arange(ragged.size)  # the row each would have without those above it
        return number + int(np.searchsorted(before, number, side="right"))

    def note_ragged(self, row: arrow_csv.InvalidRow) -> str:
        """Take note of a row of another width, and tell Arrow whether to go on."""
        cells = row.actual_columns
        fewest, most = self.ragged_cells if self.ragged else (cells, cells)
        self.ragged_cells = min(fewest, cells), max(most, cells)
        self.ragged.append(row.number)
        return "skip" if len(self.ragged) <= MAX_RAGGED else "error"

    def check(self) -> None:
        """Raise ValueError if a column mixes what must not be mixed, or nothing is left."""
        for axis in self.axes:
            if axis.dates:
                axis.dates.check(axis.name, self.row)
        for axis in self.axes:
            signs = axis.signs
            for one, other in (("%", "no %"), ("true or false", "a number")):
                if one in signs and other in signs:
                    raise ValueError(
                        f"`{axis.name}` must hold one kind of number, got {one} in row "
                        f"{self.row(signs[one]):,} and {other} in row {self.row(signs[other]):,}."
                    )
            money = set(signs) - {"%", "no %", "true or false", "a number"}
            if not one_currency(money):
                raise ValueError(
                    f"`{axis.name}` must be in one currency, got {', '.join(sorted(money))}. Convert it "
                    "first."
                )
        if self.last.count == 0:
            both = f"`{self.names[0]}` and `{self.names[1]}` must hold"
            if seen := self.seen.get(Kind.NO_NUMBER):
                place, cell = seen[0]
                where = f"{printable(cell)!r} in row {self.row(place):,}"
                raise ValueError(f"{both} numbers, got {where}. {remedy(cell)}")
            raise ValueError(f"{both} a number in the same row, got no such row.")

    def told(self, name: str, claim: tuple[int, str]) -> str:
        """Return a cell of a column, its row and its column in words."""
        return f"{printable(claim[1])} in row {self.row(claim[0]):,} of `{name}`"

    def dropped(self, width: int) -> tuple[Dropped, ...]:
        """Return what was left out."""
        parts = []
        if self.ragged:
            fewest, most = self.ragged_cells
            reason = f"with {fewest} cell{'s' * (fewest != 1)} instead of {width}"
            if fewest != most:
                reason = f"with more or fewer than {width} cells"
            parts.append(Dropped(reason, len(self.ragged), tuple(sorted(self.ragged)[:3])))
        for kind, reason in (
            (Kind.MISSING, "with a missing value"),
            (Kind.INFINITE, "with a number that is infinite or too large"),
            (Kind.NO_NUMBER, "with something that is no number"),
        ):
            if count := self.counts.get(kind, 0):
                rows = tuple(self.row(place) for place, _ in self.seen[kind])
                example = printable(self.seen[kind][0][1]) if kind == Kind.NO_NUMBER else ""
                parts.append(Dropped(reason, count, rows, example))
        return tuple(parts)

    def notes(self) -> tuple[str, ...]:
        """Return what else a reader should know."""
        signs = {sign for axis in self.axes for sign in axis.signs}
        dated = [(name, axis.dates) for name, axis in zip("xy", self.axes, strict=True)]
        of_dates = [note for name, dates in dated if dates for note in dates.notes(name)]
        of_total = self.last.note(self.row(self.last.place), printable(self.label))
        others = {
            of_total: bool(of_total) and not any(axis.dates for axis in self.axes),
            "x and y are the same column.": self.names[0] == self.names[1],
            "Percentages are read as hundredths: 45 % is 0.45.": "%" in signs,
            "True is read as 1, false as 0.": "true or false" in signs,
            "Whole numbers above 2⁵³ are kept to 16 digits.": self.has_large,
        }
        return (*self.doubts, *of_dates, *(note for note, applies in others.items() if applies))


def texts(
    source: pa.NativeFile, layout: Layout, columns: tuple[int, int], tally: Tally, has_breaks: bool
) -> Iterator[tuple[pa.Array, pa.Array]]:
    """Return two columns of a file as text, block by block; rows of another width go to the tally.

    Where no quoted cell holds a line break every line ends a row, and Arrow splits them four times
    as fast.
    """
    every = [f"{index}" for index in range(len(layout.names))]
    wanted = [every[index] for index in columns]
    try:
        reader = arrow_csv.open_csv(
            source,
            read_options=arrow_csv.ReadOptions(
                use_threads=False,  # so that rows are numbered
                block_size=BLOCK,
                column_names=every,
                skip_rows_after_names=layout.num_before,
            ),
            parse_options=arrow_csv.ParseOptions(
                delimiter=layout.delimiter,
                newlines_in_values=has_breaks,
                ignore_empty_lines=False,
                invalid_row_handler=tally.note_ragged,
            ),
            convert_options=arrow_csv.ConvertOptions(
                column_types={name: pa.string() for name in wanted},
                include_columns=list(dict.fromkeys(wanted)),
            ),
        )
        for batch in reader:
            yield batch.column(wanted[0]), batch.column(wanted[1])
    except pa.ArrowInvalid as trouble:
        if len(tally.ragged) > MAX_RAGGED:
            raise ValueError(
                f"Every row must have {len(layout.names)} cells like most of the first ones, got more "
                f"than {MAX_RAGGED:,} that have not."
            ) from None
        if "straddling object" in str(trouble):
            raise ValueError(
                f"A row must have at most {BLOCK // 1_000_000} MB, got a longer one. Is a quotation "
                "mark missing?"
            ) from None
        said = printable(str(trouble), 200)
        raise ValueError(f"The file must be a table, got something else ({said}).") from None


def mark_of(
    layout: Layout, tally: Tally, is_quoted: Callable[[str], bool] = lambda cell: False
) -> str:
    """Return the decimal mark of the columns, and tell the tally what was decided for the reader.

    Raise ValueError if they have both, or what they have can be read in two ways. `is_quoted` says
    whether a cell stands between quotation marks, as decimal commas do among commas.
    """
    named = [(axis.name, axis.marks) for axis in tally.axes]
    point = next(((name, seen.point) for name, seen in named if seen.point), None)
    comma = next(((name, seen.comma) for name, seen in named if seen.comma), None)
    if point and comma:
        raise ValueError(
            f"The decimal mark must be the same everywhere, got {tally.told(*point)} and "
            f"{tally.told(*comma)}. Make them alike, or choose the decimal mark."
        )
    if point or comma:
        mark = "." if point else ","
        _doubt_what_is_decided(mark, tally)
        return mark
    seen = Marks.of(column([cell for cells in layout.columns() for cell in cells]))
    shown = seen.point or seen.comma
    if shown and not (seen.point and seen.comma):
        mark = "." if seen.point else ","
        if any(own.either_point or own.either_comma for _, own in named):
            cell = printable(shown[1])
            tally.doubts.append(f"The {MARKS[mark]} is read as the decimal mark, as in {cell}.")
        return mark
    for name, own in named:
        either = own.either_comma or own.either_point
        if either and (own.either_comma or layout.delimiter != "," or is_quoted(either[1])):
            raise ValueError(
                f"The decimal mark must be clear, got {tally.told(name, either)}, and nothing that "
                "tells a decimal mark from one between thousands. Choose the decimal mark (in the "
                "terminal: --decimal comma)."
            )
    return "."


def _doubt_what_is_decided(mark: str, tally: Tally) -> None:
    """Say where one column's decimal mark decides how another number, or the other column, is read."""
    word, thousands = MARKS[mark], MARKS["," if mark == "." else "."]
    axes = [(a.name, a.marks, a.marks.point or a.marks.comma) for a in tally.axes]
    for (name, _, proof), (other, seen, own_proof) in (axes, reversed(axes)):
        either = seen.either_point or seen.either_comma
        if proof and either and not own_proof:
            tally.doubts.append(
                f"The {word} is read as the decimal mark of `{other}` too, which holds "
                f"{printable(either[1])} in row {tally.row(either[0]):,} and nothing clearer, since it "
                f"is that of `{name}`, as in {printable(proof[1])}."
            )
    for name, own, proof in dict.fromkeys(axes):
        either = own.either_comma if mark == "." else own.either_point
        if proof and either and not own.groups:
            tally.doubts.append(
                f"The {thousands} in {printable(either[1])} (row {tally.row(either[0]):,} of `{name}`) is "
                f"read as one between thousands, since the {word} is the decimal mark, as in "
                f"{printable(proof[1])}. If it is not, mend that cell."
            )


def settled(
    mark: str | None, layout: Layout, tally: Tally, is_quoted: Callable[[str], bool]
) -> str:
    """Return the decimal mark, as chosen or as `mark_of` finds it, and note what a reader may doubt."""
    if mark is None:
        mark = mark_of(layout, tally, is_quoted)
    else:
        _doubt_the_chosen(mark, layout, tally)
    seen = {axis.name: axis.marks.day for axis in tally.axes if mark == "."}
    tally.doubts += [
        f"{tally.told(name, day)} is read as a number. If it is a day, write it with its year."
        for name, day in seen.items()
        if day
    ]
    return mark


def _doubt_the_chosen(mark: str, layout: Layout, tally: Tally) -> None:
    """Say where a chosen decimal mark is not the one that the columns show."""
    with suppress(ValueError):  # that is why it was chosen
        found = mark_of(layout, replace(tally, doubts=[]))
        if found != mark and any(any(axis.marks) for axis in tally.axes):
            tally.doubts.append(
                f"The {MARKS[mark]} is read as the decimal mark, as chosen; by what the columns hold it "
                f"would be the {MARKS[found]}."
            )


def layout_doubts(
    blocks: Iterable[tuple[bytes, int]], layout: Layout, columns: tuple[int, int]
) -> tuple[list[str], bool]:
    """Return what a reader should know of how rows and cells were told apart; whether cells hold rows.

    The blocks are as `quotes.line_breaks` takes them.
    """
    doubts = [*layout.notes]
    count, first = line_breaks(blocks, layout.delimiter, len(layout.names))
    if count:
        cells = "1 cell holds" if count == 1 else f"{count:,} cells hold"
        doubts.append(f"{cells} line breaks between quotation marks (first: row {first:,}).")
    for index in dict.fromkeys(columns if layout.delimiter == "," else ()):
        grouped = r"\s*[1-9]\d{0,2}(?: \d{3})+(?:\.\d*)?\s*"
        if seen := [cell for cell in layout.columns()[index] if re.fullmatch(grouped, cell)]:
            doubts.append(
                f"Blanks in a number of `{layout.names[index]}` are read as thousands separators: "
                f"{printable(seen[0])}. If they separate columns, put commas or tabs there."
            )
    return doubts, count > 0


def read(
    data: bytes,
    layout: Layout,
    x: int,
    y: int,
    mark: str | None = None,
    progress: Callable[[int], None] | None = None,
) -> Columns:
    """Return two columns of a file as numbers; rows without both are left out, and counted.

    Args:
        data: The text of what `rawtext.opened` returns.
        layout: Of the same file.
        x: Which column, counted from 0.
        y: Likewise.
        mark: The decimal mark, "." or ","; None to find out.
        progress: Called now and then with the bytes read so far.

    Raises:
        ValueError: If a column cannot be read without guessing; the message names the row.

    Example:
        >>> from linreg.data.files.tables.layout import layout_of
        >>> data = b"x,y\\n1,2\\n3,\\n5,6\\n"
        >>> columns = read(data, layout_of(data), 0, 1)
        >>> columns.x.tolist(), columns.dropped[0].rows
        ([1.0, 5.0], (3,))
    """
    data = layout.form.rewritten(data)
    doubts, has_breaks = layout_doubts([(data, 0)], layout, (x, y))
    tally = Tally.of(layout, (x, y), doubts)
    source, told = pa.BufferReader(data), progress or (lambda done: None)
    parts, kept = [], []
    for part in texts(source, layout, (x, y), tally, has_breaks):
        tally.look(*part)
        parts.append(part)
        told(source.tell() // 2)
    if tally.num_looked > MAX_ROWS:
        raise ValueError(
            f"The file must have at most {MAX_ROWS:,} rows, got {tally.num_looked:,}. Larger ones are "
            "read in the terminal: python -m linreg --data FILE"
        )
    tally.axes = tally.anew().axes
    mark = settled(mark, layout, tally, lambda cell: f'"{cell}"'.encode() in data)
    tally.label = totals.label(data[-totals.TAIL :], layout.delimiter, (x, y))
    for count, part in enumerate(parts, 1):
        kept.append(tally.keep(*part, mark=mark))
        told(len(data) * (len(parts) + count) // (2 * len(parts)))
    tally.check()
    x_values, y_values = map(np.concatenate, zip(*kept, strict=True))
    parts.clear()
    pa.default_memory_pool().release_unused()  # what a large file took, for the next reader
    num_rows = tally.num_rows + len(tally.ragged)
    said = tally.dropped(len(layout.names)), tally.notes()
    return Columns(x_values, y_values, num_rows, *said, mark, tuple(a.dates for a in tally.axes))
