"""A column of text as numbers: decimal marks, thousands, currencies, percent; what is missing.

Everything works on whole columns, with Arrow's compute functions: a million rows take no loop of
Python's, and other readers' pages go on meanwhile.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

MAX_LISTED = 20  # names in a message
LARGEST = 1e100  # whose square is still a number

# ---------------------------------------------------------------- the grammar, in RE2

CURRENCY = "(?:[$€£¥₹₩₽₺₫₪₴₦฿]|USD|EUR|GBP|CHF|JPY|CNY|INR|CAD|AUD)"
_SIGN_OF = {"EUR": "€", "GBP": "£"}
_CODES_OF = {"$": {"USD", "CAD", "AUD"}, "¥": {"JPY", "CNY"}}  # which a sign alone can stand for
EXPONENT = r"(?:[eE][+-]?\d+)?"
_GROUPED = {  # whole digits, with what may stand between thousands
    mark: rf"(?:[1-9]\d{{0,2}}(?:{group}\d{{3}})+|[1-9]\d{{0,2}}(?: \d{{3}})+"
    rf"|[1-9]\d{{0,2}}(?:'\d{{3}})+{lakh}|\d+)"
    # As in India, with commas alone: 1.10.200 is no number.
    for mark, group, lakh in ((".", ",", r"|[1-9]\d?(?:,\d{2})+,\d{3}"), (",", r"\.", ""))
}


def _number(mark: str) -> str:
    """Return the pattern of a number with this decimal mark and whatever decorates it."""
    point = rf"\{mark}"
    body = rf"(?:{_GROUPED[mark]}(?:{point}\d*)?|{point}\d+){EXPONENT}"
    after = f"(?: ?(?:{CURRENCY}|%))?"
    before = rf"(?:[+-]? ?(?:{CURRENCY} ?)?|{CURRENCY} ?[+-]?)"
    return rf"^(?:{before}{body}{after}|\((?:{CURRENCY} ?)?{body}{after}\))$"


_PLAIN = {  # without thousands or anything else around the digits
    mark: rf"^-?(?:\d+\{mark}?\d*|\{mark}\d+){EXPONENT}$" for mark in (".", ",")
}
_NUMBER = {mark: _number(mark) for mark in (".", ",")}
_INFINITE = r"^[+-]?(?:inf|infinity|∞|1\.#inf)$"
_MISSING = pa.array(
    [
        *("", "na", "n/a", "#n/a", "<na>", "nan", "+nan", "-nan", "1.#qnan", "null", "#null!"),
        *("none", "nil", "nat", "-", "--", "---", "—", "?", ".", "..", "...", "missing", "nd"),
        *("n.d.", r"\n", "#div/0!", "#value!", "#ref!", "#num!", "#name?"),
    ]
)


class Kind(IntEnum):
    """What a cell holds."""

    NUMBER = 0
    MISSING = 1
    INFINITE = 2
    NO_NUMBER = 3
    BOOLEAN = 4


@dataclass(frozen=True)
class Cells:
    """A column as numbers."""

    values: np.ndarray  # shape (num_rows,), nan where there is none; 1 and 0 for true and false
    kinds: np.ndarray  # of each cell, as `Kind`, shape (num_rows,)
    percents: np.ndarray  # whether it ends with a percent sign, and was divided by 100; likewise
    currencies: frozenset[str]  # the signs of money seen in the column


def tidy(text: pa.Array) -> pa.Array:
    """Return cells without surrounding blanks, with one kind of blank, minus and apostrophe."""
    text = pc.utf8_trim_whitespace(text)
    if pc.all(pc.string_is_ascii(text)).as_py() in (True, None):
        return text
    for pattern, one in (("[\u00a0\u2007\u2009\u202f]", " "), ("[−–]", "-"), ("’", "'")):
        text = pc.replace_substring_regex(text, pattern, one)
    return text


def printable(text: str, longest: int = 40) -> str:
    """Return a stranger's text without what a terminal could obey, and no longer than one reads.

    Example:
        >>> printable("\x1b[31mred")
        '[31mred'
    """
    text = "".join(filter(str.isprintable, text[: 4 * longest]))
    return text if len(text) <= longest else text[: longest - 1] + "…"


def listed(names: Sequence[str], shown: Callable[[str], str] = repr) -> str:
    """Return names to choose from, the first of them where they are many.

    Example:
        >>> listed(["x", "y"])
        "'x', 'y'"
    """
    return ", ".join(map(shown, names[:MAX_LISTED])) + ", …" * (len(names) > MAX_LISTED)


def one_currency(signs: set[str]) -> bool:
    """Return whether signs and codes of money can all stand for one currency.

    Example:
        >>> one_currency({"$", "USD"}), one_currency({"$", "€"}), one_currency({"USD", "CAD"})
        (True, False, False)
    """
    codes = signs - {sign for sign in signs if _CODES_OF.get(sign, set()) & signs}
    return len(codes) <= 1


def column(texts: list[str]) -> pa.Array:
    """Return texts as a column."""
    return pa.array(texts, pa.string())


def of_values(values: pa.Array) -> Cells:
    """Return a column that holds float64 already; null and nan are missing."""
    values = np.array(pc.fill_null(values, np.nan), dtype=np.float64)
    kinds = np.where(np.abs(values) <= LARGEST, Kind.NUMBER, Kind.INFINITE).astype(np.int8)
    kinds[np.isnan(values)] = Kind.MISSING
    return Cells(values, kinds, np.zeros(values.size, bool), frozenset())


def numbers(text: pa.Array, mark: str = ".") -> Cells:
    """Return a column of text as numbers.

    Args:
        text: Strings, as they stand in the file; or float64 already.
        mark: The decimal mark, "." or ",". The other one may group thousands, as may blanks and
            apostrophes.

    Example:
        >>> numbers(pa.array(["1.5", "$1,234", "−3", "(2)", "50 %", "n/a"])).values.tolist()
        [1.5, 1234.0, -3.0, -2.0, 0.5, nan]
        >>> numbers(pa.array(["1.234,5", "1e-2"]), ",").values.tolist()
        [1234.5, 0.01]
    """
    values = text if pa.types.is_float64(text.type) else plain(text, mark)
    if values is not None:
        return of_values(values)
    text = tidy(text)
    is_plain = pc.match_substring_regex(text, _PLAIN[mark])
    values = pc.if_else(is_plain, text, "nan")
    cells = of_values(pc.cast(_with_points(values) if mark == "," else values, pa.float64()))
    others = ~np.asarray(is_plain)
    decorated = _decorated(text.filter(pa.array(others)), mark)
    for part in ("values", "kinds", "percents"):
        getattr(cells, part)[others] = getattr(decorated, part)
    return replace(cells, currencies=decorated.currencies)


def plain(text: pa.Array, mark: str) -> pa.Array | None:
    """Return a column in which every cell is digits with a decimal mark, as float64; else None.

    Arrow reads such a column in a twentieth of the time that patterns take.

    Example:
        >>> plain(pa.array(["1,5", "-2e3"]), ",").tolist(), plain(pa.array(["1,234.5"]), ",")
        ([1.5, -2000.0], None)
    """
    if mark == ",":
        if holds(text, "."):
            return None
        text = _with_points(text)
    try:
        values = pc.cast(text, pa.float64())
    except pa.ArrowInvalid:
        return None
    return values if np.isfinite(np.asarray(values)).all() else None  # nan and inf are words


def holds(text: pa.Array, mark: str) -> bool:
    """Return whether any cell of a column has this character.

    Example:
        >>> holds(pa.array(["1", "2,5"]), ","), holds(pa.array(["1", "2,5"])[:1], ",")
        (True, False)
    """
    _, offsets, data = text.buffers()
    if data is None or not len(text):
        return False
    ends = np.frombuffer(offsets, np.int32)
    begin, end = int(ends[text.offset]), int(ends[text.offset + len(text)])
    return mark.encode() in data.slice(begin, end - begin).to_pybytes()


def _with_points(text: pa.Array) -> pa.Array:
    """Return a column with points in place of commas."""
    valid, offsets, data = text.buffers()
    if data is None:
        return text
    points = pa.py_buffer(data.to_pybytes().translate(bytes.maketrans(b",", b".")))
    return pa.Array.from_buffers(text.type, len(text), [valid, offsets, points], offset=text.offset)


def _decorated(text: pa.Array, mark: str) -> Cells:
    def where(pattern: str, **more) -> np.ndarray:
        return np.asarray(pc.match_substring_regex(text, pattern, **more))

    is_number, lowered = where(_NUMBER[mark]), pc.utf8_lower(text)
    is_negative, is_percent = where(r"^\(|^[^0-9.,]*-"), is_number & where("%")
    money = pc.if_else(
        is_number, pc.replace_substring_regex(text, "[^A-Z\\p{Sc}]|E[+-]?\\d+", ""), ""
    )
    seen = set(pc.unique(money).to_pylist()) - {""}
    seen = {sign[-3:] if sign[-3:].isalpha() else sign for sign in seen}  # $5 USD is one in USD
    currencies = frozenset(_SIGN_OF.get(sign, sign) for sign in seen)
    bare = pc.replace_substring_regex(text, f"{CURRENCY}|[ '()%{'.' if mark == ',' else ','}]", "")
    bare = pc.replace_substring_regex(bare, "^[+-]+", "")
    bare = pc.replace_substring(bare, ",", ".") if mark == "," else bare
    values = np.array(pc.cast(pc.if_else(is_number, bare, "nan"), pa.float64()), dtype=np.float64)
    values = np.where(is_negative, -values, values)
    values = np.where(is_percent, values / 100, values)
    kinds = np.full(len(text), Kind.NO_NUMBER, np.int8)
    kinds[np.asarray(pc.is_in(lowered, _MISSING))] = Kind.MISSING
    kinds[where(_INFINITE, ignore_case=True)] = Kind.INFINITE
    kinds[is_number] = Kind.NUMBER
    kinds[is_number & ~(np.abs(values) <= LARGEST)] = Kind.INFINITE
    is_true = np.asarray(pc.equal(lowered, "true"))
    is_boolean = is_true | np.asarray(pc.equal(lowered, "false"))
    kinds[is_boolean] = Kind.BOOLEAN
    values = np.where(is_boolean, is_true, values)
    return Cells(values, kinds, is_percent, currencies)
