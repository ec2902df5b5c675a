"""Dates and times as numbers: days or seconds since the first one of their column."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from linreg.data.files.columns.cells import Cells, Kind, column, numbers, printable, tidy

DAY = 86_400  # seconds
_TIME = r"(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2}(?:\.\d{1,9})?))?(?: ?(?P<half>[AaPp])[Mm])?"
_ZONE = r" ?(?P<zone>Z|[+-]\d{2}:?\d{2})?"
_PARTS = r"(?P<one>\d{1,2})(?P<mark>[-/.])(?P<two>\d{1,2})"
_BEHIND = f"(?:(?:T|,? ){_TIME}{_ZONE})?$"
_YEAR_FIRST = rf"^(?P<year>\d{{4}})(?P<before>[-/.]){_PARTS}{_BEHIND}"
_YEAR_LAST = rf"^{_PARTS}(?P<before>[-/.])(?P<year>\d{{4}}){_BEHIND}"
_MONTHS = (
    "jan(?:uary)?", "feb(?:ruary)?", "mar(?:ch)?", "apr(?:il)?", "may", "june?", "july?", "aug(?:ust)?",
    "sept?(?:ember)?", "oct(?:ober)?", "nov(?:ember)?", "dec(?:ember)?",
)  # fmt: skip
_MONTH = f"(?:{'|'.join(_MONTHS)})"
_NAMED = (  # a day whose month has a name, and the order of its numbers
    (r"(?i)^(\d{{1,2}})[-/. ]?{}[-/., ]? ?(\d{{4}})\b", r"\2-{}-\1"),
    (r"(?i)^{}[-/. ] ?(\d{{1,2}})(?:,? |[-/])(\d{{4}})\b", r"\2-{}-\1"),
    (r"(?i)^(\d{{4}})[-/. ]{}[-/. ](\d{{1,2}})\b", r"\1-{}-\2"),
)
_CLOCK = f"^{_TIME}$"
_DIGITS = "with four digits of the year"
_UNREAD = (  # what looks like a date, and how to write it
    (r"\d{1,2}([-/.])\d{1,2}\1\d{2}(?: .*)?", _DIGITS),
    (rf"(?i)\d{{1,2}}[-/. ]?{_MONTH}[-/. ]?\d{{2}}(?: .*)?", _DIGITS),
    (rf"(?i){_MONTH}[-/.,' ]*(?:\d{{4}}|\d{{2}})|\d{{4}}[-/.]\d{{2}}", "with their days"),
    (r"\d{4}[-/ ]?[WQ]\d{1,2}(?:-\d)?", "with month and day"),
    (r"[^\W\d]{3,12}[.,]? .*\b\d{4}\b.*|\d{1,2}\.? ?[^\W\d]{3,12}[.,]? ?\d{4}\b.*", "in digits"),
)


def remedy(cell: str) -> str:
    """Return what to do about a cell that is no number.

    Example:
        >>> remedy("13/1/24"), remedy("Ulm")
        ('Write dates with four digits of the year, as in 2024-01-13.', 'Choose other columns.')
    """
    for pattern, told in _UNREAD:
        if re.fullmatch(pattern, cell.strip()):
            return f"Write dates {told}, as in 2024-01-13."
    return "Choose other columns."


@dataclass(frozen=True)
class _Moments:
    """Cells as moments: seconds since 1970 or midnight, nan where there is none; likewise their parts."""

    seconds: np.ndarray
    is_clock: np.ndarray  # a time without a date
    has_time: np.ndarray  # another one than midnight
    parts: np.ndarray  # the first two where the year comes last, else 0, shape (2, rows)


def _fields(text: pa.Array, pattern: str) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Return which cells fit, and the numbers and signs in them."""
    found = pc.extract_regex(text, pattern)
    fits = np.asarray(pc.is_valid(found))
    fields = {}
    for part in found.type:
        texts = pc.fill_null(pc.struct_field(found, part.name), "")
        if part.name not in ("before", "mark", "half", "zone"):
            texts = pc.cast(pc.if_else(pc.equal(texts, ""), "0", texts), pa.float64())
        fields[part.name] = np.asarray(texts.to_numpy(zero_copy_only=False))
    return fits, fields


def _clock(fits: np.ndarray, fields: dict, hours: int) -> tuple[np.ndarray, np.ndarray]:
    """Return which times exist, and their seconds since midnight."""
    hour, half = fields["hour"], fields["half"]
    is_half = half != ""
    fits = fits & (hour < hours) & (fields["minute"] < 60) & (fields["second"] < 60)
    fits &= ~is_half | ((hour >= 1) & (hour <= 12))
    hour = np.where(is_half, hour % 12 + 12 * np.isin(half, ("p", "P")), hour)
    return fits, hour * 3600 + fields["minute"] * 60 + fields["second"]


def _days(fits: np.ndarray, year, month, day) -> tuple[np.ndarray, np.ndarray]:
    """Return which dates exist, and their days since 1970."""
    fits = fits & (month >= 1) & (month <= 12) & (day >= 1) & (year >= 1)
    months = np.where(fits, (year - 1970) * 12 + month - 1, 0).astype(np.int64)
    begin = months.astype("datetime64[M]").astype("datetime64[D]")
    days = begin + (day - 1).astype(np.int64)
    fits &= days.astype("datetime64[M]").astype(np.int64) == months
    return fits, days.astype(np.int64).astype(np.float64)


def _offset(zones: np.ndarray) -> np.ndarray:
    """Return the seconds that a zone is ahead."""
    ahead = {zone: 0.0 for zone in ("", "Z")}
    for zone in set(zones.tolist()) - set(ahead):
        sign, digits = zone[0], zone[1:].replace(":", "")
        ahead[zone] = float(sign + "1") * (int(digits[:2]) * 3600 + int(digits[2:]) * 60)
    return np.array([ahead[zone] for zone in zones.tolist()])


def _in_digits(text: pa.Array) -> pa.Array:
    """Return dates whose month has its English name with its number, the year first."""
    for pattern, order in _NAMED:
        if not pc.any(pc.match_substring_regex(text, pattern.format(_MONTH))).as_py():
            continue
        for number, month in enumerate(_MONTHS, 1):
            text = pc.replace_substring_regex(text, pattern.format(month), order.format(number))
    return text


def _moments(text: pa.Array, day_first: bool) -> _Moments:
    text = _in_digits(tidy(text))
    seconds = np.full(len(text), np.nan)
    is_clock, has_time = np.zeros(len(text), bool), np.zeros(len(text), bool)
    parts = np.zeros((2, len(text)))
    if not pc.any(pc.match_substring_regex(text, r"\d[-/:]\d|\d\.\d+\.\d")).as_py():
        return _Moments(seconds, is_clock, has_time, parts)
    for pattern, year_first in ((_YEAR_FIRST, True), (_YEAR_LAST, False)):
        fits, fields = _fields(text, pattern)
        if not fits.any():
            continue
        fits &= fields["mark"] == fields["before"]
        one, two = fields["one"], fields["two"]
        if not year_first:
            parts = np.where(fits, [one, two], parts)
        month, day = (two, one) if day_first and not year_first else (one, two)
        fits, days = _days(fits, fields["year"], month, day)
        fits, clock = _clock(fits, fields, 24)
        seconds = np.where(fits, days * DAY + clock - _offset(fields["zone"]), seconds)
        has_time |= fits & (clock != 0)
    is_clock, clock = _clock(*_fields(text, _CLOCK), 100)
    return _Moments(np.where(is_clock, clock, seconds), is_clock, has_time, parts)


def are_dates(cells: pa.Array) -> np.ndarray:
    """Return which cells are dates or times, day and month in either order.

    Example:
        >>> are_dates(pa.array(["2024-01-31", "31.01.2024", "10:30", "2024-02-30", "1.5"])).tolist()
        [True, True, True, False, False]
    """
    one, other = (np.isfinite(_moments(cells, order).seconds) for order in (True, False))
    return one | other


@dataclass
class Dates:
    """How a column of dates or times is read."""

    day_first: bool  # whether the day stands before the month where the year comes last
    unit: str  # of the numbers: days or seconds
    is_clock: bool  # whether there are times alone
    first: float | None = None  # seconds of the first one that is read, from which the others count
    day_at: tuple[int, str] | None = None  # a row and a cell that shows that the day comes first
    month_at: tuple[int, str] | None = None  # likewise of the month
    either_at: tuple[int, str] | None = None  # a row and a cell in which the year comes last
    back_at: tuple[int, str] | None = None  # a row whose time is before that of the row above it
    _rows: int = field(default=0, repr=False)
    _last: float = field(default=-np.inf, repr=False)

    @classmethod
    def of(cls, cells: list[str]) -> "Dates | None":
        """Return how a column is read that begins so; None if it does not hold dates or times.

        Example:
            >>> Dates.of(["31.01.2024", "1.2.2024"]).unit, Dates.of(["1.5", "2"])
            ('days', None)
        """
        text = column([cell for cell in cells if cell.strip()])
        if not len(text) or 2 * are_dates(text).sum() < len(text):
            return None
        made = cls(True, "days", False)
        made.look(text)
        moments = _moments(text, made.settled())
        is_clock = bool(2 * moments.is_clock.sum() > np.isfinite(moments.seconds).sum())
        unit = "seconds" if is_clock or moments.has_time.any() else "days"
        return cls(made.settled(), unit, is_clock)

    def anew(self) -> "Dates":
        """Return the same before any row is read."""
        return replace(
            self, day_first=self.settled(), first=None, back_at=None, _rows=0, _last=-np.inf
        )

    def look(self, text: pa.Array) -> None:
        """Take note of what more rows show of the order of day and month."""
        parts = _moments(text, self.day_first).parts
        for name, shows in (
            ("day_at", (parts[0] > 12) & (parts[1] <= 12)),
            ("month_at", (parts[1] > 12) & (parts[0] <= 12)),
            ("either_at", parts[0] > 0),
        ):
            if getattr(self, name) is None and shows.any():
                row = int(np.argmax(shows))
                setattr(self, name, (self._rows + row, text[row].as_py()))
        self._rows += len(text)

    def settled(self) -> bool:
        """Return whether the day comes first, by what was seen; of what shows nothing, 01/02 has it last."""
        if self.day_at or self.month_at or not self.either_at:
            return bool(self.day_at) or not self.month_at
        return "/" not in self.either_at[1]

    def read(self, text: pa.Array) -> Cells:
        """Return more rows as numbers."""
        moments = _moments(text, self.day_first)
        fits = np.isfinite(moments.seconds) & (moments.is_clock == self.is_clock)
        seconds = moments.seconds[fits]
        if self.is_clock and seconds.size and self.back_at is None:
            back = np.flatnonzero(np.diff(seconds, prepend=self._last) < 0)
            if back.size:
                row = int(np.flatnonzero(fits)[back[0]])
                self.back_at = row, text[row].as_py()
            self._last = seconds[-1]
        if self.first is None and seconds.size:
            self.first = float(seconds[0])
        others = numbers(text)  # for what is missing
        kinds = np.where(others.kinds == Kind.MISSING, Kind.MISSING, Kind.NO_NUMBER)
        kinds[fits] = Kind.NUMBER
        values = np.full(len(text), np.nan)
        values[fits] = (seconds - (self.first or 0.0)) / (DAY if self.unit == "days" else 1)
        return Cells(values, kinds.astype(np.int8), np.zeros(len(text), bool), frozenset())

    def notes(self, axis: str) -> list[str]:
        """Return what a reader should know of x or y."""
        if self.first is None:
            return []
        since = self._first_text(self.first)
        said = [f"{axis} is {self.unit} since {since}, the first of the column."]
        if self.either_at and not (self.day_at or self.month_at):
            order = "day, month, year" if self.day_first else "month, day, year"
            said.append(
                f"No row tells day and month apart: {printable(self.either_at[1])} is read as {order}. "
                "If that is wrong, write the year first."
            )
        if self.back_at:
            said.append(
                f"The times of {axis} go back at {printable(self.back_at[1])}: all are taken as times of "
                "one day. If midnight lies between, write the dates too."
            )
        return said

    def _first_text(self, first: float) -> str:
        if self.is_clock:
            hours, rest = divmod(first, 3600)
            return f"{hours:02.0f}:{rest // 60:02.0f}:{rest % 60:02.6g}".replace(":0:", ":00:")
        moment = np.datetime64("1970-01-01T00:00:00") + np.timedelta64(round(first), "s")
        text = str(moment).replace("T", " ")
        return text.removesuffix(" 00:00:00") if self.unit == "days" else text

    def check(self, name: str, row_of: Callable[[int], int]) -> None:
        """Raise ValueError if day and month stand in both orders; `row_of` makes rows of the file."""
        if self.day_at and self.month_at:
            (one, day), (other, month) = self.day_at, self.month_at
            raise ValueError(
                f"`{name}` must have day and month in one order, got {printable(day)} in row "
                f"{row_of(one):,} and {printable(month)} in row {row_of(other):,}. Write the year first."
            )
