"""Tables as programs write them: blanks, lists, data in rows, lines above and beside, totals."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from linreg.data.files import csvfile
from linreg.data.files.tables import heading, layout
from linreg.data.files.text import rawtext
from tests.cases import REFUSED, RIGHT, UNCLEAR, case


def read(data: bytes | str, **told) -> tuple[layout.Layout, csvfile.Columns]:
    """Read a file as the page does."""
    text = rawtext.opened(data if isinstance(data, bytes) else data.encode()).text
    found = layout.layout_of(text, **told)
    return found, csvfile.read(text, found, *found.suggested())


def points(data: bytes | str, **told) -> tuple[list, list]:
    """Return x and y of a file."""
    columns = read(data, **told)[1]
    return columns.x.tolist(), columns.y.tolist()


def notes(data: bytes | str, **told) -> str:
    """Return what is said of how a file was read."""
    return " ".join(read(data, **told)[1].notes)


@pytest.mark.parametrize("name", RIGHT)
def test_case_is_read_as_its_program_meant_it(name):
    names, x, y = RIGHT[name]
    found, columns = read(case(name))
    assert columns.x.tolist() == pytest.approx(x, rel=1e-12)
    assert columns.y.tolist() == pytest.approx(y, rel=1e-12)
    if names:
        assert tuple(found.names[k] for k in found.suggested()) == names


@pytest.mark.parametrize("name", REFUSED)
def test_case_is_refused_for_the_right_reason(name):
    with pytest.raises(ValueError, match=REFUSED[name]):
        read(case(name))


def test_loggers_names_stand_below_what_the_logger_says_of_itself():
    found, columns = read(case("logger-toa5.dat"))
    assert found.names == ("TIMESTAMP", "RECORD", "Ux", "Uy", "co2", "h2o", "Ts", "press")
    assert "Row 2 is taken as the names" in " ".join(columns.notes)
    text = rawtext.opened(case("logger-toa5.dat")).text
    columns = csvfile.read(text, found, 2, 4)
    assert columns.x.tolist() == pytest.approx(np.arange(8) / 10 + 0.46, rel=1e-12)
    assert columns.y.tolist() == pytest.approx(659 + np.arange(8) / 10, rel=1e-12)
    assert [part.rows for part in columns.dropped] == [(3, 4)]


def test_empty_cells_at_the_ends_of_tabs_are_cells():
    found = layout.layout_of(b"x\ty\tnote\n0.5\t1.5\t\n2.5\t3.5\t\n")
    assert found.names == ("x", "y", "note")


# ---------------------------------------------------------------- which row holds the names

UNITS = "Time,Volt\n(s),(V)\n\n0.5,1\n1.5,4\n"


def test_row_of_the_names_is_asked_for_with_the_rows_to_choose_from():
    with pytest.raises(heading.UnclearNames, match="got 2 and 4") as asked:
        read(UNCLEAR)
    assert asked.value.rows[:2] == (
        (1, ("Oscilloscope A", " 12 March")),
        (2, ("channel", "unit", "V")),
    )
    assert [number for number, _ in asked.value.rows] == [1, 2, 3, 4, 5]


def test_rows_to_choose_from_are_few_and_numbered_as_an_editor_counts():
    lines = ["Oscilloscope A, 12 March", "", *["channel,unit,V"] * 5, *["1,2,3,4"] * 50]
    with pytest.raises(heading.UnclearNames) as asked:
        read("\n".join(lines))
    assert [number for number, _ in asked.value.rows] == [1, *range(3, 3 + heading.SHOWN - 1)]


@pytest.mark.parametrize(
    ("row", "names", "x"),
    [
        (1, ("Oscilloscope A", "12 March", "column 3", "column 4"), [1, 5, 7]),
        (2, ("channel", "unit", "V", "column 4"), [1, 5, 7]),
        (3, ("1", "2", "3", "4"), [5, 7]),
    ],
)
def test_chosen_row_holds_the_names_though_they_be_too_few(row, names, x):
    found, columns = read(UNCLEAR, names_row=row)
    assert found.names == names
    assert columns.x.tolist() == x


def test_row_can_be_chosen_where_nothing_is_asked():
    assert read(UNITS)[0].names == ("Time", "Volt")
    found, columns = read(UNITS, names_row=2)
    assert found.names == ("(s)", "(V)")
    assert columns.y.tolist() == [1, 4]


def test_chosen_row_of_numbers_is_taken_and_it_is_said_that_none_of_it_is_a_point():
    told = notes("x,y\n1,2\n2,3\n3,5\n4,9\n", names_row=3)
    assert "Row 3 names the columns, as chosen, though none of it is words" in told
    with pytest.raises(ValueError, match="row 5, which holds the names as chosen: choose another"):
        read(UNCLEAR, names_row=5)


def test_names_of_half_the_columns_make_one_think_of_decimal_commas():
    with pytest.raises(heading.UnclearNames, match="If the comma is the decimal mark"):
        read("x,y\n1,5,2,5\n2,5,3,5\n3,5,5,0\n")


@pytest.mark.parametrize(
    "text",
    [
        "   time [s]  force [N]\n0  1.0  2.0\n1  2.0  3.0\n2  3.0  5.0\n",
        "Title\n1 2 3\n4 5 6\n7 8 9\n",
    ],
)
def test_question_about_columns_of_blanks_speaks_of_blanks(text):
    with pytest.raises(heading.UnclearNames, match="quote cells that hold a blank"):
        read(text)


def test_names_below_what_is_said_of_the_table_line_by_line_are_taken():
    lines = "Record Length,Analog:3500\nSample Interval,1e-5\nVertical Units,V\nSecond,Volt\n"
    found, columns = read(lines + "-0.1,0.5\n-0.2,0.6\n-0.3,0.8\n")
    assert found.names == ("Second", "Volt")
    assert "Row 4 is taken as the names" in " ".join(columns.notes)
    assert columns.x.tolist() == [-0.1, -0.2, -0.3]


LABVIEW = (
    "LabVIEW Measurement\t\nWriter_Version\t2\nSeparator\tTab\n***End_of_Header***\t\n\t\nChannels\t1\n"
    "***End_of_Header***\t\nX_Value\tVoltage\tComment\n0,000\t1,5\n0,001\t1,6\n0,002\t1,8\n"
)


def test_names_of_more_columns_than_the_rows_have_are_asked_about_and_no_axes_exchanged():
    with pytest.raises(heading.UnclearNames, match=r"Row 8, which holds the names, .* got 3 and 2"):
        read(LABVIEW)
    found, columns = read(LABVIEW, names_row=8)
    assert found.names == ("X_Value", "Voltage")
    assert (columns.x.tolist(), columns.y.tolist()) == ([0, 0.001, 0.002], [1.5, 1.6, 1.8])


def test_rows_to_choose_from_are_those_about_the_names_however_far_below_they_stand():
    first, below = LABVIEW.split("\n", 1)
    lines = "".join(f"Channel_{k}\t{k}\n" for k in range(40))
    with pytest.raises(heading.UnclearNames) as asked:
        read(f"{first}\n{lines}{below}" + "0,003\t1,9\n" * 60)
    assert [number for number, _ in asked.value.rows] == [*range(39, 45), *range(46, 52)]


@pytest.mark.parametrize(
    "title", ["Sales per year\n", "Sales per year,,,\n\n", "Sales\nper year\n"]
)
def test_title_above_rows_that_lie_is_a_title(title):
    x, y = points(title + "year,2020,2021,2022\nsales,1,2,4\n")
    assert (x, y) == ([2020, 2021, 2022], [1, 2, 4])


@pytest.mark.parametrize("row", [0, 6, 10**9])
def test_row_that_is_not_there_is_refused(row):
    with pytest.raises(ValueError, match=f"must be between 1 and 5, got {row}"):
        read(UNCLEAR, names_row=row)


@pytest.mark.parametrize("told", ["", "0", "-1", "3.0", "x", "03", "٣", "9" * 20])
def test_first_row_that_says_nothing_is_refused(told):
    with pytest.raises(
        ValueError, match="must be told by one of auto, names, numbers or the number"
    ):
        layout.first_row(told)


@given(st.text("ab01.,;\t|\"'\n -", max_size=120), st.integers(1, 8))
def test_any_row_of_any_text_is_taken_for_the_names_or_refused_in_words(text, row):
    refused = None
    try:
        found, _ = read(text, names_row=row)
    except ValueError as reason:
        refused = reason
    assert not isinstance(refused, heading.UnclearNames)
    assert f"{refused}" if refused else found.num_before == row


# ---------------------------------------------------------------- what is not used, what may be none


@pytest.mark.parametrize(
    ("names", "says"),
    [
        ([], ""),
        (["a"], "1 other column is not used: a."),
        (["a", "b"], "2 other columns are not used: a, b."),
        (["n"] * 14, f"14 other columns are not used: {', '.join('n' * 12)} and 2 more."),
    ],
)
def test_columns_that_wait_are_told(names, says):
    assert layout.waiting_note(names) == says


TOTALS = [
    ("who,x,y\na,1,2\nb,2,3\nTotal,6,10\n", "Row 4, the last one, is called “Total”"),
    ("who,x,y\na,1,2\nb,2,3\nc,3,5\ngrand total:,9,9\n\n,,\n", "is called “grand total:”"),
    ("x;y;who\n1;2;a\n2;3;b\n6;10;Summe\n", "is called “Summe”"),
    ("who,x,y\na,1,2\nb,2,3\nMean,1.5,2.5\n", "is called “Mean”"),
    ("x,y\n1,2\n2,3\n3,5\n6,10\n", "Row 5, the last one, holds the sums of those above it"),
    ("x,y\n0.1,2\n0.2,3\n0.3,5\n0.6,10\n", "holds the sums"),  # not to the last digit
    ("x,y\n-1,2\n-2,3\n-3,5\n-6,10\n", "holds the sums"),
]
NO_TOTALS = [
    "x,y\n1,2\n2,3\n3,5\n",  # of two numbers many a third one is the sum
    "x,y\n1,2\n2,3\n3,5\n6,11\n",
    "x,y\n1,-2\n-1,2\n3,5\n-3,-5\n0,0\n",  # nothing for a sum
    "who,x,y\nTotal,1,2\nb,2,3\nc,3,5\n",  # not the last
    "who,x,y\na,1,2\nb,2,3\nTotal,,10\n",  # left out, and said so
    "who,x,y\na,1,2\nb,2,3\nTotally,3,6\n",
    "who,x,y\na,1,2\nb,2,3\nTotal,12,n/a 1\n",  # left out
    "day,y\n2024-01-01,1\n2024-01-02,2\n2024-01-03,3\n2024-01-04,6\n",
]


@pytest.mark.parametrize(("text", "says"), TOTALS)
def test_last_row_that_may_be_a_total_is_told(text, says):
    assert says in notes(text)


@pytest.mark.parametrize("text", NO_TOTALS)
def test_last_row_like_the_others_is_not_called_a_total(text):
    assert "is used as a point like the others" not in notes(text)


def test_total_below_more_rows_than_one_looks_at_is_told():
    rows = [("a", k, 2 * k) for k in range(1, 3_000)]
    total = ("Total", sum(x for _, x, _ in rows), sum(y for *_, y in rows))
    text = "who,x,y\n" + "\n".join(f"{a},{x},{y}" for a, x, y in [*rows, total])
    assert "Row 3,001, the last one, is called “Total”" in notes(text)
    text = "x,y\n" + "\n".join(f"{x},{y}" for _, x, y in [*rows, total])
    assert "Row 3,001, the last one, holds the sums" in notes(text)
