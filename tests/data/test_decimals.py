"""The decimal mark of a column: told only by what cannot be read otherwise, and the same at any speed."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linreg.data.files.columns.cells import column
from linreg.data.files.columns.decimals import Marks


@pytest.mark.parametrize(
    ("cell", "point", "comma"),
    [
        ("1.5", True, False),
        ("1,5", False, True),
        ("1.234,5", False, True),
        ("1,234.5", True, False),
        ("1.234.567", False, True),
        ("1,234,567", True, False),
        ("0.123", True, False),
        ("0,123", False, True),
        ("1234.567", True, False),
        ("€ 1,25", False, True),
        ("(1,25)", False, True),
        ("−1,25 %", False, True),
        ("1.234", False, False),
        ("1,234", False, False),
        ("1234", False, False),
        ("12.05.2020", False, False),
        ("v1.2", False, False),
        ("3.", False, False),  # may be an ordinal
        ("3,", False, False),
    ],
)
def test_marks_are_told_only_by_what_cannot_be_read_otherwise(cell, point, comma):
    marks = Marks.of(column(["7", cell]))
    assert marks.point == ((1, cell) if point else None)
    assert marks.comma == ((1, cell) if comma else None)


def test_marks_of_parts_count_on():
    first, second = Marks.of(column(["1"])), Marks.of(column(["2", "1,5"]))
    assert (first | second.at([1, 2])).comma == (2, "1,5")


def claims(cells: list[str]) -> tuple:
    """Return the first point and the first comma that is no mark between thousands, cell by cell."""
    found = []
    for mark, other in (".,", ",."):
        mark, other = re.escape(mark), re.escape(other)
        patterns = (
            rf"\d*{mark}(\d{{1,2}}|\d{{4,}})",
            rf"(0\d*|\d{{4,}})?{mark}\d{{3}}",
            rf"[1-9]\d{{0,2}}((?:{other}|'| )\d{{3}})+{mark}\d*",
            rf"[1-9]\d{{0,2}}({other}\d{{3}}){{2,}}",
        )
        proofs = [
            (row, cell)
            for row, cell in enumerate(cells)
            if any(re.fullmatch(pattern, cell.lstrip("+-")) for pattern in patterns)
        ]
        found.append(proofs[0] if proofs else None)
    return tuple(found)


@given(st.lists(st.text("0123.,", max_size=9) | st.just("x"), max_size=12), st.integers(0, 300))
def test_marks_are_those_of_every_cell_looked_at_alone(cells, plain_above):
    cells = ["1234"] * plain_above + cells
    marks = Marks.of(column(cells))
    assert (marks.point, marks.comma) == claims(cells)


def test_proof_is_found_far_below_what_is_looked_at_first():
    cells = ["1.234"] * 20_000 + ["1.5"]
    assert Marks.of(column(cells)).point == (20_000, "1.5")
    assert Marks.of(column([*cells, "x"])[5:]).point == (19_995, "1.5")
    assert Marks.of(column(cells[:-1])).either_point == (0, "1.234")


def test_marks_are_the_first_row_of_each_kind_wherever_it_stands():
    cells = ["7"] * 10_000 + ["$1,234", "12", "-2,345", "1.234.567"]
    marks = Marks.of(column(cells))
    assert (marks.either_comma, marks.comma) == ((10_000, "$1,234"), (10_003, "1.234.567"))
    assert (marks.point, marks.groups) == (None, (10_003, "1.234.567"))
