"""Strangers' files: for each the right numbers, or an error that names the row and what to do."""

import contextlib
import csv
import gzip
import io
import tarfile
import time
import zipfile
from dataclasses import replace
from itertools import dropwhile

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import parquet

from linreg.data.files import csvfile
from linreg.data.files.tables import layout
from linreg.data.files.text import rawtext
from tests.properties import examples

UTF8_BOM = b"\xef\xbb\xbf"


def read(data: bytes, x=None, y=None, mark=None, has_names=None) -> csvfile.Columns:
    """Read a file as the page does."""
    text, notes = rawtext.opened(data)
    found = layout.layout_of(text, has_names)
    found = replace(found, notes=(*notes, *found.notes))
    first, second = found.suggested()
    return csvfile.read(text, found, first if x is None else x, second if y is None else y, mark)


def zipped() -> bytes:
    """Return an archive, as a renamed Excel workbook is one."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("x.csv", "x,y\n1,2\n")
    return out.getvalue()


def tarred() -> bytes:
    """Return an archive of the other kind."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("x.csv"))
    return out.getvalue()


def parquet_bytes() -> bytes:
    """Return a Parquet file."""
    out = io.BytesIO()
    parquet.write_table(pa.table({"x": [1.0], "y": [2.0]}), out)
    return out.getvalue()


# name: bytes, x, y, rows dropped
GOOD = {
    "plain": (b"x,y\n1,2\n3,4\n", [1, 3], [2, 4], []),
    "no end of line": (b"x,y\n1,2\n3,4", [1, 3], [2, 4], []),
    "windows": (b"x,y\r\n1,2\r\n3,4\r\n", [1, 3], [2, 4], []),
    "old mac": (b"x,y\r1,2\r3,4\r", [1, 3], [2, 4], []),
    "utf-8 with mark": (UTF8_BOM + b"x,y\n1,2\n3,4\n", [1, 3], [2, 4], []),
    "utf-8 mark, no names": (UTF8_BOM + b"1,2\n3,4\n", [1, 3], [2, 4], []),
    "utf-16": ("größe;y\n1,5;2\n3;4\n".encode("utf-16"), [1.5, 3], [2, 4], []),
    "utf-16 big": ("\ufeffx\ty\n1\t2\n3\t4\n".encode("utf-16-be"), [1, 3], [2, 4], []),
    "utf-16 without mark": ("x,y\n1,2\n3,4\n".encode("utf-16-le"), [1, 3], [2, 4], []),
    "utf-32": ("x,y\n1,2\n3,4\n".encode("utf-32"), [1, 3], [2, 4], []),
    "cp1252": ("Größe;Preis in €\n1;2 €\n3;4 €\n".encode("cp1252"), [1, 3], [2, 4], []),
    "cp1252 blanks": ("x;y\n1\xa0234,5;2\n3;4\n".encode("cp1252"), [1234.5, 3], [2, 4], []),
    "semicolon": (b"x;y\n1;2\n3;4\n", [1, 3], [2, 4], []),
    "tab": (b"x\ty\n1\t2\n3\t4\n", [1, 3], [2, 4], []),
    "bar": (b"x|y\n1|2\n3|4\n", [1, 3], [2, 4], []),
    "sep line": (b"sep=;\nx;y\n1;2\n;5\n3;4\n", [1, 3], [2, 4], [4]),
    "sep line, odd one": (b"sep=^\r\nx^y\r\n1^2\r\n3^4\r\n", [1, 3], [2, 4], []),
    "decimal comma": (b"x;y\n1,5;2,25\n3,5;4\n", [1.5, 3.5], [2.25, 4], []),
    "decimal comma, quoted": (b'x,y\n"1,5","2,25"\n"3,5",4\n', [1.5, 3.5], [2.25, 4], []),
    "decimal comma, tabs": (b"x\ty\n1,5\t2\n3\t4,5\n", [1.5, 3], [2, 4.5], []),
    "comma thousands": (b'x,y\n"1,234.5",2\n"12,345",4\n', [1234.5, 12345], [2, 4], []),
    "comma millions": (b'x,y\n"1,234,567",2\n"2,345",4\n', [1234567, 2345], [2, 4], []),
    "point thousands": (b"x;y\n1.234,5;2\n1.234;4\n", [1234.5, 1234], [2, 4], []),
    "told by the other column": (b"x;y\n1,234;0,5\n5,678;0,7\n", [1.234, 5.678], [0.5, 0.7], []),
    "told by a third column": (b"x;y;z\n1.234;5;0,5\n5.678;7;0,7\n", [1234, 5678], [5, 7], []),
    "three decimals": (b"x,y\n1.234,2\n3.456,4\n", [1.234, 3.456], [2, 4], []),
    "apostrophes": (b"x;y\n1'234;2\n3;4\n", [1234, 3], [2, 4], []),
    "swiss": ("x;y\n1’234.5;2\n3;4\n".encode(), [1234.5, 3], [2, 4], []),
    "thin blanks": ("x;y\n1\u202f234,5;2\n3;4\n".encode(), [1234.5, 3], [2, 4], []),
    "lakhs": (b'x,y\n"12,34,567",2\n3,4\n', [1234567, 3], [2, 4], []),
    "percent": (b"x,y\n1,50%\n3,12.5 %\n", [1, 3], [0.5, 0.125], []),
    "dollars": (b'x,y\n1,"$1,200.50"\n3,-$4\n', [1, 3], [1200.5, -4], []),
    "euros": ("x;y\n1;1.200,50 €\n3;€ 4,5\n".encode(), [1, 3], [1200.5, 4.5], []),
    "codes": (b"x,y\n1,EUR 5\n3,6 EUR\n", [1, 3], [5, 6], []),
    "accountants": (b"x,y\n1,(5)\n3,6\n", [1, 3], [-5, 6], []),
    "unicode minus": ("x,y\n−1,2\n3,–4\n".encode(), [-1, 3], [2, -4], []),
    "exponents": (b"x,y\n1e3,2\n3E-2,+4\n", [1000, 0.03], [2, 4], []),
    "bare points": (b"x,y\n.5,2\n3.,4\n", [0.5, 3], [2, 4], []),
    "blanks around": (b"x , y\n 1 , 2\n3 ,4 \n", [1, 3], [2, 4], []),
    "missing": (b"x,y\n1,2\nNA,3\n4,\n5,NULL\n#N/A,1\n-,6\n7,8\n", [1, 7], [2, 8], [3, 4, 5]),
    "nan and inf": (b"x,y\n1,2\nnan,3\ninf,3\n4,-Infinity\n1e999,5\n7,8\n", [1, 7], [2, 8], [3, 4]),
    "text among numbers": (b"x,y\n1,2\nabc,3\n5,6\nTotal,8\n", [1, 5], [2, 6], [3, 5]),
    "hex and underscores": (b"x,y\n1,2\n0x10,3\n1_000,4\n5,6\n", [1, 5], [2, 6], [3, 4]),
    "no names": (b"1,2\n3,4\n", [1, 3], [2, 4], []),
    "no names, first one missing": (b"1,NA\n3,4\n5,6\n", [3, 5], [4, 6], [1]),
    "row names of pandas": (b",x,y\n0,1,2\n1,3,4\n", [1, 3], [2, 4], []),
    "row names of R": (b'"","x","y"\n"a",1,2\n"b",3,4\n', [1, 3], [2, 4], []),
    "same names": (b"x,x\n1,2\n3,4\n", [1, 3], [2, 4], []),
    "blank names": (b"a,,\n1,2,x\n3,4,x\n", [1, 3], [2, 4], []),
    "delimiter at every end": (b"x,y,\n1,2,\n3,4,\n", [1, 3], [2, 4], []),
    "delimiter at the end of rows only": (b"x,y\n1,2,\n3,4,\n", [1, 3], [2, 4], []),
    "ragged": (b"x,y\n1,2\n3\n4,5,6\n7,8\n", [1, 7], [2, 8], [3, 4]),
    "blank lines": (b"x,y\n\n1,2\n\n\n3,4\n\n\n", [1, 3], [2, 4], [2, 4, 5]),
    "quoted": (b'"x","y"\n"1","2"\n"3","4"\n', [1, 3], [2, 4], []),
    "quoted lines": (b'x,y,note\n1,2,"two\nlines"\n3,4,"say ""hi"", he"\n', [1, 3], [2, 4], []),
    "inches": (b'x,y,z\n1,2,5"\n3,4,6"\n', [1, 3], [2, 4], []),
    "comments": (b"# made by hand\n# twice\nx,y\n1,2\n3,4\n", [1, 3], [2, 4], []),
    "numpy": (b"# x,y\n1.5,2\n3,4\n", [1.5, 3], [2, 4], []),
    "a title": (b"Table 1\n\nx,y\n1,2\n3,4\n", [1, 3], [2, 4], []),
    "booleans": (b"x,y\ntrue,2\nFalse,4\n", [1, 0], [2, 4], []),
    "beyond 2^53": (b"x,y\n9007199254740993,2\n3,4\n", [9007199254740992, 3], [2, 4], []),
    "500 digits": (b"x,y\n" + b"1" * 500 + b",2\n3,4\n5,6\n", [3, 5], [4, 6], [2]),
    "injections": (b"=1+1,<b>x</b>\n1,2\n3,4\n", [1, 3], [2, 4], []),
    "one row": (b"x,y\n1,2\n", [1], [2], []),
    "text first": (b"name,x,y\nbob,1,2\nann,3,4\n", [1, 3], [2, 4], []),
    "byte order mark twice": (UTF8_BOM * 2 + b"1,2\n3,4\n", [1, 3], [2, 4], []),
    "blanks before quotes": (b'"x", "y"\n"1", "2"\n"3",  "4"\n', [1, 3], [2, 4], []),
    "blanks before decimals": (b'x, y\n1, "2,5"\n3, "4,5"\n', [1, 3], [2.5, 4.5], []),
    "blank before a word": (b'x,y,t\n1,2, "tall" man\n3,4, "b"\n', [1, 3], [2, 4], []),
    "dollars twice": (b"x,y\n1,$5 USD\n3,$6\n5,7 USD\n", [1, 3, 5], [5, 6, 7], []),
    "as many short rows": (b"x,y\n" + b"1,2\n3\n" * 5, [1] * 5, [2] * 5, [3, 5, 7]),
    "like a tar": (
        b"x;yy\n1;2\n" + b"3;4\n" * 22 + b";;\n1234567 ;5\n",
        [1, *[3] * 22, 1234567],
        [2, *[4] * 22, 5],
        [25],
    ),
    "titles": (
        b"Report A,,\nMade by B,,\n,,\nx,y,z\n1,2,3\n3,4,6\n",
        [1, 3],
        [2, 4],
        [],
    ),
    "count of pandas": (b"Unnamed: 0,x,y\n0,1,2\n1,3,4\n", [1, 3], [2, 4], []),
    "german text with commas": (
        "ort;x;y\nKöln, West;1,5;2\nBonn, Ost;2,5;3\n".encode(),
        [1.5, 2.5],
        [2, 3],
        [],
    ),
}


@pytest.mark.parametrize(("data", "x", "y", "dropped"), GOOD.values(), ids=GOOD)
def test_file_gives_its_numbers_and_names_the_rows_left_out(data, x, y, dropped):
    columns = read(data)
    assert columns.x.tolist() == x
    assert columns.y.tolist() == y
    assert columns.num_rows == len(x) + sum(part.count for part in columns.dropped)
    assert set(dropped) <= {row for part in columns.dropped for row in part.rows}
    assert bool(dropped) == bool(columns.dropped)


# name: bytes, what the message says
BAD = {
    "empty": (b"", "empty file"),
    "blank": (b"\n \n\r\n", "empty file"),
    "only a mark": (UTF8_BOM, "empty file"),
    "only names": (b"x,y\n", "nothing below row 1"),
    "one column": (b"x\n1\n2\n", "two columns or more, got one. Separate them by comma"),
    "words": (b"a,b\nred,blue\ngreen,pink\n", "must hold numbers, got 'red' in row 2"),
    "dates of two orders": (
        b"day,y\n31.01.2020,1\n01.31.2020,2\n",
        "one order, got 31.01.2020 in row 2 and 01.31.2020 in row 3. Write the year first",
    ),
    "no date": (b"day,y\n2020-02-30,1\n2020-02-31,2\n", "got '2020-02-30' in row 2"),
    "nowhere both": (b"x,y\n1,\n,2\n", "a number in the same row"),
    "zip": (zipped(), "Excel workbook. Save the sheet as CSV"),
    "gzip": (gzip.compress(b"x,y\n1,2\n"), "gzip. Unpack it first"),
    "parquet": (parquet_bytes(), "Parquet file. Read it in the terminal"),
    "png": (b"\x89PNG\r\n\x1a\n" + bytes(100), "an image"),
    "jpeg": (b"\xff\xd8\xff\xe0" + bytes(100), "an image"),
    "web page": (b"<!DOCTYPE html><table><tr><td>1</table>", "a web page"),
    "nul": (b"x,y\n1,2\n3,\x004\n", "NUL byte in row 3"),
    "half utf-16": (b"\xff\xfex\x00,\x00y\x00\n", "must be UTF-16 throughout"),
    "open quote": (b'x,y\n1,"2\n3,4\n5,6\n', "one in row 2"),
    "either comma": (b"x;y\n1,234;2\n5,678;4\n", "got 1,234 in row 2 of `x`.*Choose the decimal"),
    "either point": (b"x;y\n1;1.234\n2;5.678\n", "got 1.234 in row 2 of `y`.*Choose the decimal"),
    "quoted among commas": (
        b'x,y\n1,"1.234"\n2,"5.678"\n',
        "got 1.234 in row 2 of `y`.*Choose the",
    ),
    "both marks": (b"x;y\n1.5;2\n3;4,5\n", "got 1.5 in row 2 of `x` and 4,5 in row 3 of `y`"),
    "half percent": (
        b"x,y\n1,50%\n2,0.5\n",
        "one kind of number, got % in row 2 and no % in row 3",
    ),
    "two currencies": ("x,y\n1,$5\n2,€6\n".encode(), "one currency, got [$], €"),
    "half booleans": (b"x,y\ntrue,1\n7,2\n", "got true or false in row 2 and a number in row 3"),
    "names too few": (b"x,y\n1,2,3\n4,5,6\n", "Row 1, .* got 2 and 3"),
    "comma in a comma file": (
        b"x,y\n1,5,2,5\n3,5,4,5\n",
        "got 2 and 4. Name every column, and quote",
    ),
    "zstd": (b"\x28\xb5\x2f\xfd\x04\x58abcdef,\n1,2\n", "zstd. Unpack it first"),
    "webp": (b"RIFF\x24\x00\x00\x00WEBPVP8 ", "an image, a sound or a film"),
    "tar": (b"x.csv" + bytes(95) + b"0000644\0" + bytes(400) + b"x,y\n1,2\n", "a tar archive"),
    "new tar": (tarred(), "a tar archive"),
    "svg": (b"<svg xmlns='http://www.w3.org/2000/svg'><a/></svg>", "a web page"),
    "ordinals": (b"x;rank\n1,234;1.\n2,345;2.\n", "got 1,234 in row 2 of `x`.*Choose"),
    "two dollars": (b"x,y\n1,5 USD\n2,6 CAD\n", "one currency, got CAD, USD"),
    "thousand columns": (b",".join([b"x"] * 1001) + b"\n" + b",".join([b"1"] * 1001), "1,001"),
    "ditto marks": (
        b'x,y,unit\n1,2,cm\n3,4,"\n5,6,"\n7,8,"\n9,10,"\n11,12,in\n',
        "one from row 3 to row 4 with a whole row in it",
    ),
    "ditto marks first": (b't,x,y\n"a,1,2\nb,3,4\nc",5,6\nd,7,9\n', "from row 2 to row 4 with"),
    "ditto marks between": (b'x,t,y\n1,a,2\n3,",4\n5,",6\n', "from row 3 to row 4 with"),
    "ditto marks in text": (b'x\ty\tt\n1\t2\t"\n3\t4\t"\n5\t6\tz\n', "from row 2 to row 3"),
}


@pytest.mark.parametrize(("data", "says"), BAD.values(), ids=BAD)
def test_file_is_refused_in_words_that_say_where_and_what_to_do(data, says):
    with pytest.raises(ValueError, match=says):
        read(data)


# ---------------------------------------------------------------- random tables, random dialects

VALUES = st.one_of(
    st.integers(-(10**7), 10**7).map(float),
    st.floats(-1e6, 1e6).map(lambda value: round(value, 4)),
    st.none(),
)
TABLES = st.lists(st.tuples(VALUES, VALUES), min_size=1, max_size=30).filter(
    lambda rows: any(None not in row for row in rows)
)


@st.composite
def dialects(draw) -> dict:
    """Return how a file is written: any mixture that says itself what its marks are."""
    mark = draw(st.sampled_from(".,"))
    return {
        "mark": mark,
        "group": draw(st.sampled_from(["", " ", "'", "," if mark == "." else "."])),
        "delimiter": draw(st.sampled_from([",", ";", "\t", "|"])),
        "end": draw(st.sampled_from(["\n", "\r\n", "\r"])),
        "encoding": draw(st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1252"])),
        "quotes": draw(st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL])),
        "names": draw(
            st.sampled_from(
                [
                    ["x", "y", "note"],
                    ["größe", "a;b", 'say "x"'],
                    ["Größe, cm", "Preis, €", "Name, Ort"],
                    None,
                ]
            )
        ),
        "minus": draw(st.sampled_from(["-", "\u2212"])),
        "missing": draw(st.sampled_from(["", "NA", "null", "-"])),
        "between": draw(st.sampled_from([0, 3])),  # columns of text
        "note": draw(st.sampled_from(["", "red", "a,b;c|d", "two\nlines"])),
    }


def written(rows, dialect) -> bytes:
    """Write a table as a stranger may, every number in full and with its decimals."""
    minus = dialect["minus"] if dialect["encoding"] != "cp1252" else "-"

    def cell(value: float | None) -> str:
        if value is None:
            return dialect["missing"]
        text = f"{abs(value):,.4f}".replace(".", "!").replace(",", dialect["group"])
        return minus * (value < 0) + text.replace("!", dialect["mark"])

    out = io.StringIO(newline="")
    writer = csv.writer(
        out,
        delimiter=dialect["delimiter"],
        lineterminator=dialect["end"],
        quoting=csv.QUOTE_ALL if "\n" in dialect["note"] else dialect["quotes"],
    )
    between = ["Ulm"] * dialect["between"]
    if dialect["names"]:
        x, y, note = dialect["names"]
        writer.writerow([x, *between, y, note])
    writer.writerows([cell(one), *between, cell(other), dialect["note"]] for one, other in rows)
    return out.getvalue().encode(dialect["encoding"])


@examples(50)
@given(TABLES, dialects())
def test_any_table_in_any_dialect_comes_back_as_it_was_written(rows, dialect):
    has_names = None if dialect["names"] else False
    data = written(rows, dialect)
    if not any(dialect[part] for part in ("names", "missing", "between", "note")):
        rows = [*dropwhile(lambda row: row == (None, None), rows)]  # what is blank above a table
    columns = read(data, 0, 1 + dialect["between"], has_names=has_names)
    whole = [row for row in rows if None not in row]
    assert columns.x.tolist() == [one for one, _ in whole]
    assert columns.y.tolist() == [other for _, other in whole]
    assert columns.num_rows == len(rows)
    assert sum(part.count for part in columns.dropped) == len(rows) - len(whole)


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(data):
    with contextlib.suppress(ValueError):
        columns = read(data)
        assert np.isfinite([columns.x, columns.y]).all()


@given(st.text("01.,;\t|\"'\n\r -%$x", max_size=200))
def test_any_near_table_is_read_or_refused(text):
    with contextlib.suppress(ValueError):
        columns = read(text.encode())
        assert np.isfinite([columns.x, columns.y]).all()


def test_the_reader_can_say_what_the_file_does_not():
    data = b"x;y\n1,234;2\n5,678;4\n"
    assert read(data, mark=",").x.tolist() == [1.234, 5.678]
    assert read(data, mark=".").x.tolist() == [1234, 5678]
    assert read(b"2019,2020\n1,2\n").x.tolist() == [2019, 1]
    assert read(b"2019,2020\n1,2\n", has_names=True).x.tolist() == [1]


def test_a_million_rows_are_read_across_blocks_with_their_row_numbers():
    values = np.arange(1_000_000)
    lines = [f"{value},{value / 8}" for value in values.tolist()]
    lines[700_000], lines[900_000] = "oops", "no,number"
    columns = read(("x,y\n" + "\n".join(lines)).encode())
    kept = np.delete(values, [700_000, 900_000])
    assert np.array_equal(columns.x, kept)
    assert np.array_equal(columns.y, kept / 8)
    assert [part.rows for part in columns.dropped] == [(700_002,), (900_002,)]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("quote", ["", '"'])
def test_rows_are_the_same_wherever_a_block_ends(monkeypatch, end, quote):
    lines = [f"{quote}{row}{quote},{row * 2}" for row in range(200)]
    lines[50] = ""  # a blank row is counted, one made by a line's end in two blocks is not
    for block in range(40, 60):
        monkeypatch.setattr(csvfile, "BLOCK", block)
        columns = read(end.join(["x,y", *lines]).encode())
        assert columns.x.tolist() == [row for row in range(200) if row != 50]
        assert [part.rows for part in columns.dropped] == [(52,)]


# ---------------------------------------------------------------- tables that could be another one


def suggested(data):
    """Return the two columns that a reader begins with."""
    text = rawtext.opened(data).text
    found = layout.layout_of(text)
    return csvfile.read(text, found, *found.suggested())


@pytest.mark.parametrize(
    ("data", "x", "y"),
    [
        (b"x;name;y\n1,5;a;2,5\n3,5;b;4,25\n", [1.5, 3.5], [2.5, 4.25]),
        (b"x\tname\ty\n1,5\ta\t2,5\n3,5\tb\t4,25\n", [1.5, 3.5], [2.5, 4.25]),
        (b"price;city;land;area\n1,5;a;de;2,5\n3,5;b;fr;4\n", [1.5, 3.5], [2.5, 4.0]),
        (b"id;name;city;region;x\n1;a;b;c;1,5\n2;d;e;f;2,5\n", [1.0, 2.0], [1.5, 2.5]),
        (b"Report, 2020\nx;name;y\n1,5;a;2,5\n2,5;b;3,5\n", [1.5, 2.5], [2.5, 3.5]),
        (b"inf,2\n3,4\n5,6\n", [3.0, 5.0], [4.0, 6.0]),
        (b"#name,x,y\nbob,NA,NA\nann,1,2\ntim,3,4\n", [1.0, 3.0], [2.0, 4.0]),
        (b"Sales report,,\n,,\nyear,x,y\n1,2,3\n3,4,5\n", [1.0, 3.0], [2.0, 4.0]),
        (b"SEP=;\nx;y\n1,5;2\n3;4\n", [1.5, 3.0], [2.0, 4.0]),
        (b"x,y\n\xe2\x82\xac5,2\nEUR 3,4\n", [5.0, 3.0], [2.0, 4.0]),
        (b'x,y,t\n1,2,"' + b"a" * 900_000 + b'"\n3,4,b\n', [1.0, 3.0], [2.0, 4.0]),
        (b'x,y\n"1" ,3\n"4",5\n', [1.0, 4.0], [3.0, 5.0]),
        (
            "Gewicht, kg;Name;Ort;Land;Größe, cm\n71,5;Al;Ulm;DE;181,5\n82,5;Bo;Bonn;DE;183,5\n"
            "93,25;Cy;Wien;AT;185,5\n".encode(),
            [71.5, 82.5, 93.25],
            [181.5, 183.5, 185.5],
        ),
        (
            b"Length, cm|Name|Town|Width, cm\n1,5|a|b|2,5\n3,25|c|d|4,5\n",
            [1.5, 3.25],
            [2.5, 4.5],
        ),
        (
            b"Price, $\tName\tTown\tArea, m\n1,500\ta\tb\t2,500.5\n3,400\tc\td\t4,250\n",
            [1500, 3400],
            [2500.5, 4250],
        ),
        (
            b"1,234,567.5;2,345,678.5\n1,234,568;3,345,678\n",
            [1234567.5, 1234568],
            [2345678.5, 3345678],
        ),
        (b"x y\n1,5 2,5\n3,5 4,5\n", [1.5, 3.5], [2.5, 4.5]),
        (b"1,5 2,5\n3,5 4,5\n", [1.5, 3.5], [2.5, 4.5]),
        (b"x,y,tag;kind\n1,2,a;b\n3,4,c;d\n5,7,e;f\n", [1, 3, 5], [2, 4, 7]),
    ],
)
def test_table_is_not_taken_for_another_one(data, x, y):
    columns = suggested(data)
    assert columns.x.tolist() == x
    assert columns.y.tolist() == y


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"x\n1,5\n2,5\n3,75\n", "got 1 in row 1 and 2 in the next"),
        (b"5\n1,2\n3,4\n", "got 1 in row 1 and 2 in the next"),
        (b'x,y,n\n1,2,a\n3,4,"b\n5,6,c\n9,1,"e\n11,12,f\n', "row 3 with more .* in row 5"),
        (b'x,y\n"1,2\n3,4\n"7,8\n9,10\n', "row 2 with more .* in row 4"),
        (b'x,y\n"1"2,3\n4,5\n', "row 2 with more .* in row 2"),
        (b"x;y\n1.10.200;1,5\n1.12.300;2,5\n", "got '1.10.200' in row 2"),
        ("дата;цена\n1;2\n3;4\n".encode("utf-16-le"), "If it is UTF-16, save it as UTF-8"),
        (b"x,y\n1,2\n" * 500 + b'"' + b"a" * 9_000_000 + b'",2\n', "at most 4 MB"),
    ],
)
def test_table_that_could_be_another_one_is_refused(data, said):
    with pytest.raises(ValueError, match=said):
        suggested(data)


@pytest.mark.parametrize(
    ("data", "x", "said"),
    [
        (b"x;y\n0.5;1\n1,234;2\n2.5;3\n", [0.5, 1234, 2.5], "The comma in 1,234 (row 3 of `x`)"),
        (b"x;y\n0,5;1\n1.234;2\n2,5;3\n", [0.5, 1234, 2.5], "The point in 1.234 (row 3 of `x`)"),
        ("größe;y\n1;1\n2;2\n".encode("cp1252"), [1, 2], "read as Windows-1252"),
        ("größe;y\n1;1\n2;2\n".encode("utf-16-le"), [1, 2], "read as UTF-16"),
    ],
)
def test_reading_that_may_be_wrong_is_said(data, x, said):
    columns = read(data)
    assert columns.x.tolist() == x
    assert any(said in note for note in columns.notes)


@pytest.mark.parametrize(
    "data",
    [
        b"x;y\n0.5;1\n1,234.5;2\n2,345;3\n",  # which shows that commas group
        b'x,y\n"1.5","2"\n"1.234","3"\n',
        "größe;y\n1;1\n2;2\n".encode(),
        "größe;y\n1;1\n2;2\n".encode("utf-16"),
    ],
)
def test_reading_that_the_file_itself_tells_is_not_doubted(data):
    assert read(data).notes == ()


def test_count_of_rows_without_a_name_has_the_names_above_the_others():
    columns = suggested(b",1990,1991\n0,1,2\n1,3,4\n")
    assert columns.x.tolist() == [1, 3]
    assert columns.y.tolist() == [2, 4]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"2020-01-01,1.5,2\n2020-01-02,2.5,3\n", "The first row is taken as data"),
        (b"x;y;tag\n1.234;5;31.12\n2.345;7;30.11\n", "decimal mark, as in 31.12"),
        (b"2019,2020\n5.1,6.2\n5.3,6.1\n", "The first row is taken as data"),
        (b"1O,2\n3,4\n5,6\n", "The first row is taken as the names"),
        (b"city,2019,2020\na,5.1,6.2\nb,5.3,6.1\n", "The first row is taken as the names"),
        (
            b"x;y\n1,5;1.234\n2,5;2.345\n",
            "The comma is read as the decimal mark of `y` too, which holds 1.234 in row 2",
        ),
        (
            b"x;y\n1,234;1.5\n2,345;2.5\n",
            "The point is read as the decimal mark of `x` too, which holds 1,234 in row 2",
        ),
        (
            b'x,y,t\n1,2,a\n3,4,"two\nlines"\n5,6,"and\n\nthree"\n',
            "2 cells hold line breaks between quotation marks (first: row 3)",
        ),
        (b"100 200,5\n300 400,7\n500 600,8\n", "thousands separators: 100 200"),
    ],
)
def test_what_was_decided_for_the_reader_is_said(data, said):
    assert any(said in note for note in suggested(data).notes)


@pytest.mark.parametrize(
    "data",
    [
        b"x,y\n1.5,2\n3,4\n",
        b",1990,1991\n0,1,2\n1,3,4\n",  # as pandas writes its row names
        b'x,y,t\n1,2,"a, b"\n3,4,"say ""hi"""\n',
        b"x;y\n1,5;2,25\n2,5;3\n",
    ],
)
def test_nothing_is_said_where_nothing_was_decided(data):
    assert suggested(data).notes == ()


def test_chosen_mark_that_the_columns_contradict_is_said():
    points = b"x,y\n1.5,2\n5.678,4\n"
    assert "as chosen" in read(points, mark=",").notes[0]
    assert read(points, mark=".").notes == ()
    assert read(b"x,y\n1,2\n3,4\n", mark=",").notes == ()


def test_chosen_first_row_that_the_file_contradicts_is_said():
    assert "as chosen" in read(b"1,2\n3,4\n5,6\n", has_names=True).notes[0]
    assert "as chosen" in read(b"x,y\n3,4\n5,6\n", has_names=False).notes[0]
    assert read(b"x,y\n3,4\n5,6\n", has_names=True).notes == ()


def test_same_column_twice_is_said():
    assert "x and y are the same column." in read(b"x,y\n1,2\n3,4\n", 0, 0).notes


def test_words_about_rows_left_out_are_right_for_one_and_for_a_number_too_large():
    columns = read(b"x,y\n1,2\n3\n1e101,3\n4,5\n")
    assert [str(part) for part in columns.dropped] == [
        "1 with 1 cell instead of 2 (row 3)",
        "1 with a number that is infinite or too large (row 4)",
    ]


def test_what_a_terminal_would_obey_is_not_quoted():
    columns = read(b"x,y\n1,2\n\x1b[31mboo\x1b]0;pwn\x07,3\n4,5\n")
    assert columns.dropped[0].example == "[31mboo]0;pwn"
    with pytest.raises(ValueError, match="must hold numbers") as refused:
        read(b"x,y\n\x1b[31mred,2\n\x1b[32mgreen,3\n", 0, 1)
    assert str(refused.value).isprintable()


@pytest.mark.parametrize(
    ("width", "height"), [(10_000, 2), (100_000, 2), (1_001, 200), (1_000, 200)]
)
def test_wide_file_is_read_or_refused_at_once(width, height):
    names = ",".join(f"a{k}" for k in range(width))
    data = "\n".join([names] + [",".join(["1.5"] * width)] * (height - 1)).encode()
    begun = time.process_time()  # whatever else the machine does meanwhile
    with contextlib.suppress(ValueError):
        read(data)
    assert time.process_time() - begun < 10  # a call of Arrow's for every column took 100


def test_ragged_rows_without_number_are_counted_and_not_kept(monkeypatch):
    monkeypatch.setattr(csvfile, "MAX_RAGGED", 100)
    with pytest.raises(ValueError, match=r"Every row must have 2 cells .* got more than 100"):
        read(b"x,y\n" + b"1,2\n" * 300 + b"3\n" * 101)
    assert read(b"x,y\n" + b"1,2\n" * 300 + b"3\n" * 100).dropped[0].count == 100


@given(st.lists(st.booleans(), min_size=1, max_size=60))
def test_rows_are_named_behind_ragged_ones(are_ragged):
    lines = ["3,4,5" if is_ragged else "oops,1" for is_ragged in are_ragged]
    columns = read(("x,y\n" + "7,8\n" * 70 + "\n".join(lines)).encode())
    bad = [row for row, is_ragged in enumerate(are_ragged, 72) if not is_ragged]
    assert [part.rows for part in columns.dropped if part.example] == [tuple(bad[:3])] * bool(bad)


def test_how_much_is_read_is_told_and_ends_with_all_of_it():
    data, told = b"x,y\n" + b"1.5,2\n" * 2_000_000, []
    found = layout.layout_of(data)
    csvfile.read(data, found, 0, 1, progress=told.append)
    assert told == sorted(told)
    assert len(told) >= len(data) // csvfile.BLOCK
    assert told[-1] == len(data)
