"""Dates and times: days or seconds since the first one, as the calendar of Python counts them."""

import contextlib
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from linreg.data.files import datafile
from linreg.data.files.columns.cells import Kind, column
from linreg.data.files.columns.dates import Dates
from tests.cases import CASES
from tests.data.test_csvfile import read

# name: cells, what they are since the first one, what is said
WRITTEN = {
    "iso": (["2024-01-31", "2024-02-01", "2024-03-01"], [0, 1, 30], "days since 2024-01-31,"),
    "with a time": (
        ["2024-01-31 10:00", "2024-01-31T10:00:30", "2024-02-01 10:00:00.5"],
        [0, 30, 86_400.5],
        "seconds since 2024-01-31 10:00:00,",
    ),
    "at midnight": (
        ["2024-01-31 00:00:00", "2024-02-02 00:00:00"],
        [0, 2],
        "days since 2024-01-31,",
    ),
    "german": (["31.01.2024", "1.2.2024", "01.03.2024"], [0, 1, 30], "days since 2024-01-31,"),
    "american": (["01/31/2024", "2/1/2024", "03/01/2024"], [0, 1, 30], "days since 2024-01-31,"),
    "british": (["31/01/2024", "01/02/2024", "01/03/2024"], [0, 1, 30], "days since 2024-01-31,"),
    "slashes, year first": (["2024/01/31", "2024/02/01"], [0, 1], "days since 2024-01-31,"),
    "times": (["10:30:15", "10:30:15.5", "11:00:00"], [0, 0.5, 1785], "seconds since 10:30:15,"),
    "times without seconds": (
        ["00:00", "00:01", "01:00"],
        [0, 60, 3600],
        "seconds since 00:00:00,",
    ),
    "noon": (
        ["1/31/2024 11:59 AM", "1/31/2024 12:00 PM", "1/31/2024 1:00 pm"],
        [0, 60, 3660],
        "seconds since 2024-01-31 11:59:00,",
    ),
    "zones": (
        ["2024-01-31T10:00:00Z", "2024-01-31T12:00:00+01:00"],
        [0, 3600],
        "seconds since 2024-01-31 10:00:00,",
    ),
    "leap year": (["2000-02-28", "2000-03-01", "1900-03-01"], [0, 2, -36_523], "since 2000-02-28,"),
}


@pytest.mark.parametrize(("cells", "since", "said"), WRITTEN.values(), ids=WRITTEN)
def test_column_of_dates_is_read_as_what_has_gone_by(cells, since, said):
    rows = "".join(f"{cell};{row}\n" for row, cell in enumerate(cells))
    columns = read(f"when;y\n{rows}".encode())
    assert columns.x.tolist() == since
    assert columns.y.tolist() == [*range(len(cells))]
    assert len(columns.notes) == 1
    assert f"x is {said}"[-len(said) :] in columns.notes[0]


MOMENTS = st.datetimes(datetime(1600, 1, 1), datetime(2399, 12, 31)).map(
    lambda moment: moment.replace(microsecond=0)
)


@given(
    st.lists(MOMENTS, min_size=1, max_size=20),
    st.sampled_from(["%Y-%m-%d %H:%M:%S", "%d.%m.%Y %H:%M:%S", "%m/%d/%Y %I:%M:%S %p"]),
)
def test_moments_in_any_way_of_writing_are_as_far_apart_as_they_were(moments, written):
    moments = [datetime(2024, 1, 31, 10, 0, 1), *moments]  # which tells day and month apart
    cells = [moment.strftime(written) for moment in moments]
    cells = [
        cell.replace(f"{m.year % 10000}", f"{m.year:04}", 1)
        for cell, m in zip(cells, moments, strict=True)
    ]
    dates = Dates.of(cells)
    got = dates.read(column(cells)).values
    assert got.tolist() == [(moment - moments[0]).total_seconds() for moment in moments]


@given(st.lists(st.text("0123./-: TZapm+", max_size=22), max_size=8))
def test_any_text_is_a_date_that_exists_or_none(cells):
    dates = Dates.of(["2024-01-31", *cells, "2024-01-31"] + ["2024-01-31"] * len(cells))
    read = dates.read(column(["2024-01-31", *cells]))
    assert np.isfinite(read.values[read.kinds == Kind.NUMBER]).all()
    assert np.isnan(read.values[read.kinds != Kind.NUMBER]).all()


@pytest.mark.parametrize(
    ("cells", "days", "order"),
    [
        (["01/02/2024", "02/02/2024"], [0, 31], "01/02/2024 is read as month, day, year"),
        (["01.02.2024", "02.02.2024"], [0, 1], "01.02.2024 is read as day, month, year"),
    ],
)
def test_order_that_no_row_tells_is_said(cells, days, order):
    columns = read(f"when;y\n{cells[0]};1\n{cells[1]};2\n".encode())
    assert columns.x.tolist() == days
    assert order in columns.notes[0] + columns.notes[1]


def test_order_that_only_the_last_row_tells_is_that_of_all(tmp_path):
    begin = datetime(2024, 1, 1, tzinfo=UTC)
    days = [0, 1, 2, 3, 4, 5, 6, 7] * 40 + [12]  # the 13th is no month
    rows = [f"{(begin + timedelta(day)):%d/%m/%Y},{day * 2}" for day in days]
    data = "\n".join(["when,y", *rows])
    assert read(data.encode()).x.tolist() == days
    path = tmp_path / "dates.csv"
    path.write_text(data)
    summary = datafile.summarise(path)
    assert np.polyfit(summary.x, summary.y, 1) == pytest.approx([2, 0], abs=1e-12)
    assert summary.notes == read(data.encode()).notes


def test_times_that_go_back_are_said(tmp_path):
    data = "t,y\n23:59:50,1\n23:59:55,2\n00:00:00,3\n00:00:05,4\n"
    path = tmp_path / "times.csv"
    path.write_text(data)
    for notes in (read(data.encode()).notes, datafile.summarise(path).notes):
        assert "go back at 00:00:00" in notes[1]


@pytest.mark.parametrize(
    ("data", "x", "y"),
    [
        (b"day,y\n2020-01-05,1\n,5\n2020-01-06,2\nlater,3\n", [0, 1], [1, 2]),
        (b"2020-01-05,1\n2020-01-07,2\n", [0, 2], [1, 2]),  # without names
        (b"y,day\n1,2020-01-05\n2,2020-01-06\n", [0, 1], [1, 2]),  # x is when
        (b"day,x,y\n2020-01-05,1,2\n2020-01-06,3,4\n", [1, 3], [2, 4]),  # what is measured first
    ],
)
def test_dates_stand_among_other_cells(data, x, y):
    columns = read(data)
    assert (columns.x.tolist(), columns.y.tolist()) == (x, y)


def test_day_without_a_year_is_not_silently_a_number():
    columns = read(b"when;y\n01.02;1\n02.02;2\n03.02;4\n")
    assert columns.x.tolist() == [1.02, 2.02, 3.02]
    assert any("01.02" in note and "If it is a day" in note for note in columns.notes)
    assert read(b"x;y\n1.02;1\n12.02;2\n").notes == ()


@given(st.text("0123./-:,;\n", max_size=80))
def test_any_near_dates_are_read_or_refused(text):
    with contextlib.suppress(ValueError):
        columns = read(text.encode())
        assert np.isfinite([columns.x, columns.y]).all()


@pytest.mark.parametrize(
    ("name", "x", "said"),
    [
        ("dates.csv", [0, 1, 2, 3, 4, 5], "x is days since 2024-01-01"),
        ("times.csv", [0, 5, 10, 15, 20, 25], "x is seconds since 00:00:00"),
    ],
)
def test_public_case_is_read_as_what_has_gone_by(name, x, said):
    path = CASES / name
    columns = read(path.read_bytes())
    assert columns.x.tolist() == x
    assert columns.y.tolist() == [2.1, 3.9, 5.2, 6.8, 9.1, 12.4]
    summary = datafile.summarise(path)
    line = np.polyfit(x, [2.1, 3.9, 5.2, 6.8, 9.1, 12.4], 1)
    assert np.polyfit(summary.x, summary.y, 1) == pytest.approx(line)
    assert columns.notes[0].startswith(said)
    assert summary.notes == columns.notes
