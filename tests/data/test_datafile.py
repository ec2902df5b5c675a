"""Files of any size in the terminal: the same numbers as read at once, and six sums kept."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import parquet

from linreg.data.files import datafile
from linreg.data.files.text import quotes, rawtext
from linreg.data.summary import Moments, Sums

ROWS = "year;price\n1990;1,5\n1995;2,5\nn/a;4\n2000;x\n2005;4,5\n2010\n"
X, Y = [1990.0, 1995, 2005], [1.5, 2.5, 4.5]


def same_surface(read, x, y) -> bool:
    """Return whether four points have the least-squares line and the least loss of others."""
    kept, all_of_them = Moments.of(read.x, read.y), Moments.of(x, y)
    return np.allclose(kept, all_of_them, rtol=1e-9, atol=1e-9 * np.var(y))


@pytest.fixture
def file(tmp_path):
    """Write a file and return its path."""

    def written(content: bytes | str, name="data.csv"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return written


@pytest.mark.parametrize("limit", [rawtext.MAX_BYTES, 10])
def test_small_and_large_files_are_read_alike(file, monkeypatch, limit):
    monkeypatch.setattr(rawtext, "MAX_BYTES", limit)
    read = datafile.summarise(file(ROWS))
    assert same_surface(read, X, Y)
    assert (read.names, read.num_points) == (("year", "price"), 3)
    assert [(part.rows, part.example) for part in read.dropped] == [
        ((7,), ""),
        ((4,), ""),
        ((5,), "x"),
    ]


@pytest.mark.parametrize("limit", [rawtext.MAX_BYTES, 10])
def test_mark_that_is_chosen_against_what_the_columns_hold_is_doubted(file, monkeypatch, limit):
    monkeypatch.setattr(rawtext, "MAX_BYTES", limit)
    path = file("x;y\n1,234;2\n2,345;3\n3,45;5\n")
    (doubt,) = datafile.summarise(path, mark=".").notes
    assert "The point is read as the decimal mark, as chosen" in doubt
    assert "by what the columns hold it would be the comma" in doubt
    assert not datafile.summarise(path, mark=",").notes


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
def test_large_file_is_read_in_its_encoding(file, monkeypatch, encoding):
    monkeypatch.setattr(rawtext, "MAX_BYTES", 10)
    read = datafile.summarise(file("größe;preis\n1;2,5 €\n2;3,5 €\n3;5 €\n".encode(encoding)))
    assert read.names == ("größe", "preis")
    assert same_surface(read, [1, 2, 3], [2.5, 3.5, 5])


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"x,y\n1,2\n3,\x004\n", "NUL byte in row 3"),
        ("x,y\n1,2\n".encode("utf-16"), "NUL byte in row 1"),
        (b'x,y\n1,"2\n3,4\n', "quotation mark"),
        (b"PK\x03\x04" + bytes(100), "a whole workbook"),
        (b"x;y\n1,234;2\n5,678;4\n", "got 1,234 in row 2"),
        (b'x,y,n\n1,2,a\n3,4,"b\n5,6,c\n9,1,"e\n11,12,f\n', "row 3 with more .* in row 5"),
        (b'x,y,unit\n1,2,cm\n3,4,"\n5,6,"\n7,8,in\n', "one from row 3 to row 4 with a whole"),
        (b"\n \n\r\n" * 5, "an empty file"),
    ],
)
def test_large_file_is_refused_as_a_small_one(file, monkeypatch, content, says):
    monkeypatch.setattr(rawtext, "MAX_BYTES", 10)
    with pytest.raises(ValueError, match=says):
        datafile.summarise(file(content))


ALIKE = {
    "marks": b"\xef\xbb\xbf\xef\xbb\xbf1,2\n3,4\n5,7\n",
    "no character": b"x;y;t\n1;2;\xe9\n3;4;\x81\n5;7;c\n",
    "trailing lines": b"x,y\n1,2\n3,4\n\n\n  \n",
    "line breaks": b'x,y,t\n1,2,"a\nb"\n3,4,c\nn/a,5,"d\n\ne"\n7,9,"f"\n',
    "blanks": b'"x", "y"\n"1", "2"\n3, 4\n5, "7"\n',
    "old mac": b"x,y\r1,2\r,5\r3,4\r",
    "windows": "größe;y\r\n1,5;2 €\r\n3,25;4\r\n4;\r\n".encode("cp1252"),
}


@pytest.mark.parametrize("data", ALIKE.values(), ids=ALIKE)
@pytest.mark.parametrize(("batch", "most"), [(7, 1_000), (30, 0), (30, 3), (10_000, 1_000)])
def test_large_file_is_read_as_a_small_one_wherever_its_blocks_end(
    file, monkeypatch, data, batch, most
):
    small = datafile.summarise(file(data))
    monkeypatch.setattr(datafile, "MAX_KEPT", most)
    monkeypatch.setattr(rawtext, "MAX_BYTES", 10)
    monkeypatch.setattr(datafile, "BATCH", batch)
    large = datafile.summarise(file(data))
    assert same_surface(large, small.x, small.y)
    assert (large.names, large.num_points) == (small.names, small.num_points)
    assert (large.dropped, large.notes) == (small.dropped, small.notes)


@pytest.mark.parametrize("batch", [1, 5, 64])
@given(data=st.data())
def test_blocks_of_whole_rows_are_the_file_and_end_outside_quotation_marks(batch, data):
    text = data.draw(st.text('a1,"\n\r ', max_size=200)).encode()
    pieces = [text[k : k + batch] for k in range(0, len(text), batch)]
    blocks = list(quotes.whole_rows(pieces))
    assert b"".join(block for block, _ in blocks) == text
    for block, _ in blocks[:-1]:
        assert block.count(b'"') % 2 == 0
        assert block.endswith((b"\n", b"\r"))


def test_row_that_does_not_end_is_refused_and_not_held(monkeypatch):
    monkeypatch.setattr(quotes, "LONGEST", 100)
    with pytest.raises(ValueError, match=r"from row 2 on\. Is a quotation mark missing"):
        list(quotes.whole_rows([b"1,2\n", b'3,"4\n', *[b"5,6\n"] * 30]))


def test_first_row_can_be_said(file):
    path = file("2019,2020\n1,2\n3,5\n")
    assert datafile.summarise(path).num_points == 3
    read = datafile.summarise(path, has_names=True)
    assert (read.names, read.num_points) == (("2019", "2020"), 2)


def test_columns_are_chosen_by_name(file):
    path = file("a,b,c\n1,2,9\n2,4,7\n3,5,1\n")
    assert same_surface(datafile.summarise(path, "c", "a"), [9, 7, 1], [1, 2, 3])
    with pytest.raises(ValueError, match="`--y` must be one of 'a', 'b', 'c', got 'd'"):
        datafile.summarise(path, "a", "d")


def test_decimal_mark_can_be_said(file):
    path = file("x;y\n1,234;2\n5,678;4\n")
    assert same_surface(datafile.summarise(path, mark=","), [1.234, 5.678], [2, 4])


def test_what_was_decided_for_the_reader_is_said_in_the_terminal_too(file):
    read = datafile.summarise(file("day,1.5,2\nmon,1.5,3\ntue,2.5,5\nwed,1,2\n"))
    assert any("taken as the names" in note for note in read.notes)
    read = datafile.summarise(file("x;y;tag\n1.234;5;31.12\n2.345;7;30.11\n"))
    assert any("as in 31.12" in note for note in read.notes)


def test_parquet_is_read_in_batches(file, tmp_path, monkeypatch):
    monkeypatch.setattr(datafile, "BATCH", 16 * 100)
    x = np.arange(1000.0)
    y = 3 * x + np.sin(x)
    table = pa.table({"name": ["a"] * 1000, "x": pa.array(x.astype(int)), "y": pa.array(y)})
    parquet.write_table(table, tmp_path / "data.parquet")
    read = datafile.summarise(tmp_path / "data.parquet")
    assert (read.names, read.num_points) == (("x", "y"), 1000)
    assert same_surface(read, x, y)


def test_parquet_tells_how_many_rows_are_read(tmp_path, monkeypatch):
    told = []
    monkeypatch.setattr(datafile, "BATCH", 16 * 100)
    monkeypatch.setattr(datafile, "MAX_KEPT", 0)
    monkeypatch.setattr(datafile.Progress, "add", lambda self, size: told.append(size))
    parquet.write_table(pa.table({"x": np.arange(250.0), "y": np.arange(250.0)}), tmp_path / "a.pq")
    datafile.summarise(tmp_path / "a.pq")
    assert told == [100, 100, 50] * 2


def test_parquet_rows_without_numbers_are_counted(tmp_path):
    table = pa.table({"x": [1.0, None, 3.0, np.inf, 5.0], "y": [1.0, 2.0, np.nan, 4.0, 9.0]})
    parquet.write_table(table, tmp_path / "data.parquet")
    read = datafile.summarise(tmp_path / "data.parquet")
    assert read.num_points == 2
    assert [(part.count, part.rows) for part in read.dropped] == [(2, (2, 3)), (1, (4,))]


@pytest.mark.parametrize(
    ("table", "says"),
    [
        (pa.table({"x": [1.0]}), "two columns or more, got 1"),
        (pa.table({"x": ["a"], "y": ["b"]}), "`x` must hold numbers, got string"),
    ],
)
def test_parquet_without_numbers_is_refused(tmp_path, table, says):
    parquet.write_table(table, tmp_path / "data.parquet")
    with pytest.raises(ValueError, match=says):
        datafile.summarise(tmp_path / "data.parquet")


def test_parquet_with_one_column_of_numbers_is_refused_and_not_fitted_to_itself(tmp_path):
    table = pa.table({"x": [1.0, 2.0], "name": ["a", "b"]})
    parquet.write_table(table, tmp_path / "data.parquet")
    with pytest.raises(ValueError, match="`name` must hold numbers, got string"):
        datafile.summarise(tmp_path / "data.parquet")


@pytest.mark.parametrize("name", ["DATA.PARQUET", "data.pq", "data.bin", "data"])
def test_parquet_is_known_by_what_it_holds(tmp_path, name):
    parquet.write_table(pa.table({"x": [1.0, 2.0], "y": [3.0, 4.0]}), tmp_path / name)
    assert datafile.summarise(tmp_path / name).num_points == 2


def test_parquet_is_not_told_what_it_says_itself(tmp_path):
    parquet.write_table(pa.table({"x": [1.0, 2.0], "y": [3.0, 4.0]}), tmp_path / "a.pq")
    for told in ({"mark": ","}, {"has_names": True}):
        with pytest.raises(ValueError, match="must be left out with Parquet"):
            datafile.summarise(tmp_path / "a.pq", **told)


def test_parquet_columns_of_one_name_are_told_apart(tmp_path):
    columns = [[1.0, 2, 3], [2.0, 5, 9], [3.0, 3, 7]]
    table = pa.Table.from_arrays([pa.array(one) for one in columns], names=["x", "x", "y"])
    path = tmp_path / "data.parquet"
    parquet.write_table(table, path)
    assert datafile.summarise(path).names == ("x", "x (2)")
    assert same_surface(datafile.summarise(path), columns[0], columns[1])
    assert same_surface(datafile.summarise(path, "y", "x (2)"), columns[2], columns[1])


def test_parquet_names_hold_nothing_that_a_terminal_obeys(tmp_path):
    parquet.write_table(pa.table({"x\x1b[31m": [1.0, 2.0], "y": [3.0, 4.0]}), tmp_path / "a.pq")
    assert datafile.summarise(tmp_path / "a.pq").names == ("x[31m", "y")
    parquet.write_table(pa.table({"x": [{"\x1b[31m": 1.0}], "y": [3.0]}), tmp_path / "a.pq")
    with pytest.raises(ValueError, match="must hold numbers, got struct") as refused:
        datafile.summarise(tmp_path / "a.pq", "x", "y")
    assert str(refused.value).isprintable()


def test_same_column_twice_is_said(file):
    assert "x and y are the same column." in datafile.summarise(file(ROWS), "year", "year").notes


def test_what_only_says_that_it_is_parquet_is_refused(file):
    with pytest.raises(ValueError, match="must be Parquet"):
        datafile.summarise(file("x,y\n1,2\n", "data.parquet"))


POINTS = st.lists(
    st.tuples(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6)), min_size=2, max_size=40
).map(np.array)


@given(POINTS, st.integers(1, 10))
def test_sums_of_batches_are_those_of_all_points(points, size):
    x, y = points.T
    sums = Sums()
    for first in range(0, x.size, size):
        sums.add(x[first : first + size], y[first : first + size])
    four_x, four_y = sums.four_points()
    scale = np.abs(points).max() ** 2 + 1e-300
    for one, other in ((four_x, x), (four_y, y)):
        assert abs(one.mean() - other.mean()) <= 1e-9 * scale**0.5
        assert abs(one.var() - other.var()) <= 1e-9 * scale
    covariance = np.mean((four_x - four_x.mean()) * (four_y - four_y.mean()))
    assert abs(covariance - np.mean((x - x.mean()) * (y - y.mean()))) <= 1e-9 * scale


def test_sums_lose_nothing_far_from_0():
    rng = np.random.default_rng(0)
    x = 1e9 + rng.normal(size=1000)
    y = 2 * (x - 1e9) + rng.normal(size=1000)
    sums = Sums()
    for part in np.array_split(np.stack([x, y]), 7, axis=1):
        sums.add(*part)
    read_x, read_y = sums.four_points()
    assert read_x.std() == pytest.approx(x.std(), rel=1e-6)
    assert Moments.of(read_x, read_y).weight == pytest.approx(Moments.of(x, y).weight, rel=1e-6)


def test_what_the_line_leaves_is_measured_and_not_a_difference(file, monkeypatch):
    rng = np.random.default_rng(0)
    x = rng.uniform(0, 1e4, 1000)
    y = 2 * x + 1e-3 * rng.normal(size=1000)
    monkeypatch.setattr(rawtext, "MAX_BYTES", 10)
    rows = "".join(f"{a!r},{b!r}\n" for a, b in zip(x.tolist(), y.tolist(), strict=True))
    read = datafile.summarise(file("x,y\n" + rows))
    residual = y - np.polyval(np.polyfit(x, y, 1), x)
    assert Moments.of(read.x, read.y).loss == pytest.approx(np.mean(residual**2), rel=1e-5)


@pytest.mark.parametrize("quote", ["", '"'])
@pytest.mark.parametrize("most", [0, 3])  # points that are kept, so that one pass is spared
def test_large_file_tells_how_much_is_read_up_to_the_end(file, monkeypatch, quote, most):
    told = []
    monkeypatch.setattr(datafile, "MAX_KEPT", most)
    monkeypatch.setattr(rawtext, "MAX_BYTES", 10)
    monkeypatch.setattr(datafile.Progress, "add", lambda self, size: told.append(size))
    path = file(f"x,y\n{quote}1{quote},2\n3,4\n5,7\n")
    datafile.summarise(path)
    passes = sum(told) / (path.stat().st_size - 1)  # the last line break is no part of the table
    # One more to find the layout, in which all of it is looked at.
    assert passes == datafile.PASSES + 1 - (most > 0)


def test_decimal_mark_that_only_the_last_row_shows_is_that_of_all(file):
    read = datafile.summarise(file("x;y\n" + "1;2\n2;3\n" * 300 + "3;4,5\n"))
    assert read.num_points == 601
    x, y = [1, 2] * 300 + [3], [2, 3] * 300 + [4.5]
    assert np.polyfit(read.x, read.y, 1) == pytest.approx(np.polyfit(x, y, 1))
    with pytest.raises(ValueError, match=r"got 1.5 in row 2 of `x` and 4,5 in row 3 of `y`"):
        datafile.summarise(file("x;y\n1.5;2\n3;4,5\n"))
