"""Cells as numbers: what was written is read, and nothing else is taken for a number."""

import math
import re

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from linreg.data.files.columns.cells import Kind, column, numbers

WELL_FORMED = st.builds(
    lambda *parts: parts,
    st.sampled_from(["", "-", "+", "("]),
    st.sampled_from(["", "$", "€", "EUR "]),
    st.integers(0, 10**9),
    st.sampled_from(["", "other", " ", "'"]),
    st.one_of(st.none(), st.text("0123456789", min_size=1, max_size=6)),
    st.booleans(),
)


@given(WELL_FORMED, st.sampled_from(".,"))
@example(("(", "$", 1234, "other", "5", False), ".")
def test_numbers_reads_what_was_written(written, mark):
    sign, money, whole, grouped, decimals, percent = written
    group = ("." if mark == "," else ",") if grouped == "other" else grouped
    digits = f"{whole:,}".replace(",", group)
    text = money + digits + (mark + decimals if decimals else "") + " %" * percent
    text = f"({text})" if sign == "(" else sign + text
    value = float(f"{whole}.{decimals or 0}") / (100 if percent else 1)
    read = numbers(column([text, "x"]), mark)
    assert read.kinds[0] == Kind.NUMBER
    assert read.values[0] == (-value if sign in ("-", "(") else value)
    assert bool(read.percents[0]) == percent


@given(st.text("0123456789.,'-+()$%eE x", max_size=12), st.sampled_from(".,"))
@example("0,123", ".")
@example("1,23", ".")
@example("1.2.3", ",")
@example("--5", ".")
@example("1e", ".")
@example("5e5%", ".")
def test_numbers_takes_nothing_that_a_strict_reader_would_not(text, mark):
    read = numbers(column([text]), mark)
    if read.kinds[0] != Kind.NUMBER:
        return
    bare = re.sub(r"[-+()$% ']", "", text.strip()).replace("." if mark == "," else ",", "")
    value = abs(float(bare.replace(",", "."))) / (100 if "%" in text else 1)
    assert abs(read.values[0]) == value
    assert (read.values[0] < 0) == (
        value > 0 and ("(" in text or re.match(r"^[^0-9.,]*-", text.strip()) is not None)
    )


@pytest.mark.parametrize(
    ("cell", "kind"),
    [
        ("", Kind.MISSING),
        ("  ", Kind.MISSING),
        ("N/A", Kind.MISSING),
        ("—", Kind.MISSING),
        ("–", Kind.MISSING),
        ("#DIV/0!", Kind.MISSING),
        ("-inf", Kind.INFINITE),
        ("∞", Kind.INFINITE),
        ("1e101", Kind.INFINITE),
        ("1e99999", Kind.INFINITE),
        ("TRUE", Kind.BOOLEAN),
        ("yes", Kind.NO_NUMBER),
        ("0x1F", Kind.NO_NUMBER),
        ("1_000", Kind.NO_NUMBER),
        ("12-", Kind.NO_NUMBER),
        ("1 2", Kind.NO_NUMBER),
        ("12 34", Kind.NO_NUMBER),
        ("0,123", Kind.NO_NUMBER),
        ("1,2345", Kind.NO_NUMBER),
        ("1,23,4", Kind.NO_NUMBER),
        ("٣", Kind.NO_NUMBER),
        ("²", Kind.NO_NUMBER),
        ("5 €/kg", Kind.NO_NUMBER),
        ("50¢", Kind.NO_NUMBER),
        ("2020-01-05", Kind.NO_NUMBER),
        ("12:30", Kind.NO_NUMBER),
    ],
)
def test_cell_that_is_no_number_is_called_what_it_is(cell, kind):
    read = numbers(column([cell, "1.5"]))
    assert Kind(read.kinds[0]) == kind
    assert read.kinds[1] == Kind.NUMBER


@given(st.floats(-1e99, 1e99))
def test_numbers_reads_every_float_to_its_last_digit(value):
    assert numbers(column([repr(value)])).values[0] == value
    assert numbers(column([repr(value).replace(".", ",")]), ",").values[0] == value


@pytest.mark.parametrize(
    ("cells", "currencies"),
    [
        (["$5 USD", "6 USD"], {"USD"}),
        (["€5 EUR", "EUR 6"], {"€"}),
        (["$5", "-$6"], {"$"}),
        (["$5", "€6"], {"$", "€"}),
    ],
)
def test_currencies_are_those_that_were_written(cells, currencies):
    assert numbers(column(cells)).currencies == currencies


@pytest.mark.parametrize(
    ("cell", "value"),
    [("$-5", -5.0), ("€ -1.5", -1.5), ("USD -2", -2.0), ("£−1,234", -1234.0), ("$+4", 4.0)],
)
def test_sign_may_stand_behind_the_sign_of_money(cell, value):
    assert numbers(column([cell])).values.tolist() == [value]


def test_numbers_are_the_same_in_a_column_of_one_or_of_all():
    cells = ["1.5", "-$2", "3 %", "n/a", "(4)", "x", "inf", "1e3", "true"]
    together = numbers(column(cells))
    for row, cell in enumerate(cells):
        alone = numbers(column([cell]))
        assert alone.kinds[0] == together.kinds[row]
        assert alone.values[0] == together.values[row] or math.isnan(together.values[row])


def test_numbers_among_others_keep_their_rows():
    cells = ["1,5", "x", "-2,25", "3 %", "", "1.234,5", "7"]
    read = numbers(column(["9", *cells])[1:], ",")
    np.testing.assert_array_equal(read.values, [1.5, np.nan, -2.25, 0.03, np.nan, 1234.5, 7])
    assert np.flatnonzero(read.percents).tolist() == [3]
    assert [Kind(kind).name for kind in read.kinds[[1, 4]]] == ["NO_NUMBER", "MISSING"]


def test_column_of_plain_numbers_has_no_signs():
    read = numbers(column(["1", "2.5"]))
    assert not read.percents.any()
    assert read.currencies == frozenset()
    assert read.values.dtype == np.float64


@pytest.mark.parametrize("mark", ".,")
def test_numbers_among_others_are_read_as_alone_whatever_part_of_a_column_it_is(mark):
    cells = ["", f"1{mark}5", "n/a", f"-2{mark}25e1", "x", "$3", "4"]
    part = numbers(column(["oops", *cells])[1:], mark)
    expected = [math.nan, 1.5, math.nan, -22.5, math.nan, 3, 4]
    assert np.array_equal(part.values, expected, equal_nan=True)
    assert numbers(column(["x", f"1{mark}5", "2"])[1:], mark).values.tolist() == [1.5, 2]
