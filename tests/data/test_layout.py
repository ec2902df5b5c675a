"""How a file is laid out: found from its first rows, and never guessed from less."""

import pytest

from linreg.data.files.tables import layout
from linreg.data.files.tables.layout import layout_of
from linreg.data.files.text import rawtext, rows
from linreg.data.files.text.rawtext import opened


@pytest.mark.parametrize(
    ("text", "delimiter"),
    [
        ("a,b\n1,2\n", ","),
        ("a;b\n1,5;2,5\n", ";"),
        ("a\tb\n1\t2\n", "\t"),
        ("a|b\n1|2\n", "|"),
        ("note;a;b\nx, y;1;2\nz, w;3;4\n", ";"),
        ("a,b\n1.5,2\n3,4;5\n", ","),
        ("1,5;2\n", ";"),
    ],
)
def test_layout_has_the_delimiter_that_makes_a_table(text, delimiter):
    assert layout_of(text.encode()).delimiter == delimiter


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("a,b\n1,2\n", ("a", "b")),
        ("1,2\n3,4\n", ("column 1", "column 2")),
        ("1,b\n3,4\n", ("1", "b")),
        (",b\n3,4\n", ("column 1", "b")),
        ("a,a,a\n1,2,3\n", ("a", "a (2)", "a (3)")),
        ("a,a (2),a\n1,2,3\n", ("a", "a (2)", "a (3)")),
        ("a\u202eb,c\u0007d\n1,2\n", ("ab", "cd")),  # what cannot be printed could lie
        ("true,false\n1,2\n", ("column 1", "column 2")),
    ],
)
def test_layout_names_every_column_once(text, names):
    assert layout_of(text.encode()).names == names


def test_reader_decides_whether_the_first_row_holds_names():
    assert layout_of(b"2019,2020\n1,2\n", has_names=True).names == ("2019", "2020")
    assert layout_of(b"a,b\n1,2\n", has_names=False).rows[0] == ("a", "b")


def test_suggested_columns_are_the_first_with_names_and_numbers():
    assert layout_of(b"name,,x,y\nbob,1,2,3\nann,2,3,4\n").suggested() == (2, 3)
    assert layout_of(b"name,,x\nbob,1,2\nann,2,3\n").suggested() == (2, 1)
    assert layout_of(b"a,b\nred,1\nblue,2\n").suggested() == (1, 0)


def test_layout_looks_at_the_first_rows_only():
    found = layout_of(b"x,y\n" + b"1,2\n" * 1_000_000)
    assert len(found.rows) < rows.SAMPLE_ROWS


@pytest.mark.parametrize(
    "data", [b"x,y\n1,2", "x,y\n1,2".encode("utf-16"), b"\xef\xbb\xbfx,y\n1,2\n\n"]
)
def test_text_is_utf8_without_a_mark_or_an_end(data):
    assert opened(data).text == b"x,y\n1,2"


def test_text_of_windows_is_read_as_such():
    assert opened("Größe €".encode("cp1252")).text == "Größe €".encode()


def test_text_beyond_the_limit_is_refused_with_a_way_out(monkeypatch):
    monkeypatch.setattr(rawtext, "MAX_BYTES", 1_000_000)
    with pytest.raises(ValueError, match=r"at most 1 MB, got 2 MB.*python -m linreg --data"):
        opened(b"1,2\n" * 500_000)


@pytest.mark.parametrize("cut", [1, 2, 3])
def test_blocks_may_cut_a_letter(cut):
    data = "a€b".encode()
    assert rawtext.is_utf8([data[:cut], data[cut:]])
    assert not rawtext.is_utf8([data[:2]])


@pytest.mark.parametrize("names", [["a"] * 1000, ["a", "a (2)"] * 500])
def test_a_thousand_alike_names_are_told_apart(names):
    assert len(set(layout.unique(names))) == 1000


def test_suggested_columns_are_two_where_only_one_holds_numbers():
    assert layout_of(b"name,x\nbob,1\nann,2\n").suggested() == (1, 0)


def test_rows_are_numbered_as_an_editor_counts_blank_ones_among_them():
    found = layout_of(b"x\ty\n1\t2\n\n3\t4\n5\t7")
    assert found.rows == (("1", "2"), ("3", "4"), ("5", "7"))
    assert found.row_numbers == (2, 4, 5)


def test_table_that_begins_too_late_is_refused_as_such():
    with pytest.raises(ValueError, match="within the first 200 rows"):
        layout_of(b"# comment\n" * 250 + b"x,y\n1,2\n")
