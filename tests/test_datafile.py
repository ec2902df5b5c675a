"""Files of any size in the terminal: the same numbers as read at once, and six sums kept."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import parquet

from linreg import datafile, layout
from linreg.summary import Moments, Sums

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


@pytest.mark.parametrize("limit", [layout.MAX_BYTES, 10])
def test_small_and_large_files_are_read_alike(file, monkeypatch, limit):
    monkeypatch.setattr(layout, "MAX_BYTES", limit)
    read = datafile.summarise(file(ROWS))
    assert same_surface(read, X, Y)
    assert (read.names, read.num_points) == (("year", "price"), 3)
    assert [(part.rows, part.example) for part in read.dropped] == [
        ((7,), ""),
        ((4,), ""),
        ((5,), "x"),
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
def test_large_file_is_read_in_its_encoding(file, monkeypatch, encoding):
    monkeypatch.setattr(layout, "MAX_BYTES", 10)
    read = datafile.summarise(file("größe;preis\n1;2,5 €\n2;3,5 €\n3;5 €\n".encode(encoding)))
    assert read.names == ("größe", "preis")
    assert same_surface(read, [1, 2, 3], [2.5, 3.5, 5])


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"x,y\n1,2\n3,\x004\n", "NUL byte in row 3"),
        ("x,y\n1,2\n".encode("utf-16"), "NUL byte in row 1"),
        (b'x,y\n1,"2\n3,4\n', "quotation mark"),
        (b"PK\x03\x04" + bytes(100), "Excel"),
        (b"x;y\n1,234;2\n5,678;4\n", "got 1,234 in row 2"),
    ],
)
def test_large_file_is_refused_as_a_small_one(file, monkeypatch, content, says):
    monkeypatch.setattr(layout, "MAX_BYTES", 10)
    with pytest.raises(ValueError, match=says):
        datafile.summarise(file(content))


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
    monkeypatch.setattr(layout, "MAX_BYTES", 10)
    rows = "".join(f"{a!r},{b!r}\n" for a, b in zip(x.tolist(), y.tolist(), strict=True))
    read = datafile.summarise(file("x,y\n" + rows))
    residual = y - np.polyval(np.polyfit(x, y, 1), x)
    assert Moments.of(read.x, read.y).loss == pytest.approx(np.mean(residual**2), rel=1e-5)
