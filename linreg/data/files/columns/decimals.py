"""Which decimal mark a column shows: what can only be one, and what may group thousands as well."""

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from linreg.data.files.columns.cells import CURRENCY, EXPONENT, holds, plain, tidy

SLICES = 256, 8_192  # rows to look at before all of them: a proof comes early, if at all


def _decimal_proof(mark: str, other: str) -> str:
    """Return the pattern of undecorated numbers in which `mark` can only be the decimal mark."""
    mark, other = rf"\{mark}", rf"\{other}"
    return "|".join(
        rf"^(?:{pattern})$"
        for pattern in (
            rf"\d*{mark}(?:\d{{1,2}}|\d{{4,}}){EXPONENT}",  # not three digits behind it, nor none
            rf"(?:0\d*|\d{{4,}})?{mark}\d{{3}}{EXPONENT}",  # not one to three before it
            rf"\d{{1,3}}{mark}\d{{3}}[eE][+-]?\d+",
            rf"[1-9]\d{{0,2}}(?:(?:{other}|'| )\d{{3}})+{mark}\d*",
            rf"[1-9]\d{{0,2}}(?:{other}\d{{3}}){{2,}}",  # the other one groups thousands
        )
    )


_PROOF = {".": _decimal_proof(".", ","), ",": _decimal_proof(",", ".")}
_EITHER = {mark: rf"^[1-9]\d{{0,2}}\{mark}\d{{3}}$" for mark in (".", ",")}
_GROUPS = "|".join(  # what can only be thousands with the other mark between them
    rf"^[1-9]\d{{0,2}}(?:\{mark}\d{{3}})+\{other}\d*$|^[1-9]\d{{0,2}}(?:\{mark}\d{{3}}){{2,}}$"
    for mark, other in (".,", ",.")
)
_DAY = r"^0[1-9]\.(?:0[1-9]|1[0-2])$"
_UNDECORATED = {mark: rf"^[+-]?\d*\{mark}?\d*$" for mark in (".", ",")}
Claim = tuple[int, str] | None  # a row and its cell


class Marks(NamedTuple):
    """What a column shows of its decimal mark: for each claim the first row that makes it."""

    point: Claim = None  # the point can only be the decimal mark
    comma: Claim = None  # likewise the comma
    either_point: Claim = None  # may group thousands as well; not sought where `point` tells
    either_comma: Claim = None  # likewise
    groups: Claim = None  # one of them can only group thousands
    day: Claim = None  # a number with a point looks like a day and a month; among the first rows

    @classmethod
    def of(cls, text: pa.Array) -> "Marks":
        """Look at a column; rows count from 0.

        Example:
            >>> Marks.of(pa.array(["1.234", "2,5"])).comma
            (1, '2,5')
        """
        seen = [mark for mark in ".," if holds(text, mark)]
        if not seen:
            return cls()
        if len(seen) == 1 and plain(text, seen[0]) is not None:
            return cls._of_undecorated(text, text, seen[0])
        tidied = tidy(text)
        is_bare = np.asarray(pc.match_substring_regex(tidied, _UNDECORATED[seen[0]]))
        bare, others = pa.array(is_bare), pa.array(~is_bare)
        one = cls._of_undecorated(tidied.filter(bare), text.filter(bare), seen[0])
        other = cls._of_decorated(tidied.filter(others), text.filter(others))
        return one.at(np.flatnonzero(is_bare)) | other.at(np.flatnonzero(~is_bare))

    @classmethod
    def _of_undecorated(cls, text: pa.Array, written: pa.Array, mark: str) -> "Marks":
        """Return what digits with no other mark than this one show."""
        proof = _first(text, written, _PROOF[mark])
        either = None if proof else _first(text, written, _EITHER[mark])
        if mark == ",":
            return cls(comma=proof, either_comma=either)
        rows = slice(0, SLICES[-1])
        return cls(proof, either_point=either, day=_first(text[rows], written[rows], _DAY))

    @classmethod
    def _of_decorated(cls, text: pa.Array, written: pa.Array) -> "Marks":
        """Return what cells of any kind show."""
        has_mark = pc.match_substring_regex(text, "[.,]")
        rows = np.flatnonzero(np.asarray(has_mark))
        text, written = text.filter(has_mark), written.filter(has_mark)
        bare = pc.replace_substring_regex(text, rf"{CURRENCY}|[ ()%]+$|^[-+ (]+", "")
        bare = pc.replace_substring_regex(bare, rf"^[-+ ]+|{CURRENCY}| +$", "")
        patterns = _PROOF["."], _PROOF[","], _EITHER["."], _EITHER[","], _GROUPS
        return cls(*(_first(bare, written, pattern) for pattern in patterns)).at(rows)

    def at(self, rows: Sequence[int] | np.ndarray) -> "Marks":
        """Return the same of a column of which only these rows were looked at."""
        return Marks(*(seen and (int(rows[seen[0]]), seen[1]) for seen in self))

    def __or__(self, other: "Marks") -> "Marks":
        """Return what either shows, the first row of each claim."""
        claims = zip(self, other, strict=True)
        return Marks(*(min(one, two) if one and two else one or two for one, two in claims))


def _first(text: pa.Array, written: pa.Array, pattern: str) -> Claim:
    """Return the first row that fits, and its cell as it was written; a sign before it is no matter."""
    ends = [0, *(rows for rows in SLICES if rows < len(text)), len(text)]
    for begin, end in pairwise(ends):
        unsigned = pc.utf8_ltrim(text[begin:end], "+-")
        row = pc.index(pc.match_substring_regex(unsigned, pattern), value=True).as_py()
        if row >= 0:
            return begin + row, written[begin + row].as_py()
    return None
