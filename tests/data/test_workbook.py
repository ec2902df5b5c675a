"""Workbooks: every digit of every number, the right sheet, and plain words for whatever else is sent."""

import io
import re
import struct
import subprocess
import sys
import time
import zipfile
from dataclasses import replace
from datetime import date, timedelta
from threading import BoundedSemaphore

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from linreg.data.files import csvfile, datafile
from linreg.data.files.books import sheetrows, workbook
from tests import ROOT
from tests.properties import examples, in_proportion
from tests.workbooks import (
    MAIN,
    XLS_PRICES,
    XLS_RATES,
    Raw,
    error,
    members,
    ods,
    packed,
    saying,
    sheet,
    styled,
    xls,
    xlsx,
)

GOOD = [["x", "y"], [0.1, 2], [0.30000000000000004, 3.5], [5e-3, 1.234]]
LIMITS = workbook.Limits(1_000_000, 10_000_000, 500_000_000, 20)  # little of each


def read(data: bytes, name: str | None = None, mark: str | None = None):
    """Return the columns that are suggested of a sheet, and how it is laid out."""
    opened = workbook.opened(data, workbook.PAGE, name)
    found = workbook.laid_out(opened.text)
    return csvfile.read(opened.text, found, *found.suggested(), mark), found


def column(values) -> bytes:
    """Return a workbook with these cells as y, beside whole numbers."""
    return xlsx({"A": [["x", "y"], *([k, value] for k, value in enumerate(values, 1))]})


def serial(day: date) -> int:
    """Return a day as spreadsheets store it."""
    return (day - date(1899, 12, 30)).days


# ---------------------------------------------------------------- numbers


@examples(50)
@given(
    values=st.lists(
        st.floats(min_value=-1e99, max_value=1e99, allow_nan=False), min_size=2, max_size=30
    )
)
def test_numbers_arrive_with_all_their_digits(values):
    columns, _ = read(column(values))
    assert columns.y.tolist() == values
    assert columns.dropped == ()


@pytest.mark.parametrize("made", [xlsx, ods])
def test_either_kind_of_workbook_is_read(made):
    columns, found = read(made({"A": GOOD}))
    assert found.names == ("x", "y")
    assert [columns.x.tolist(), columns.y.tolist()] == [
        [0.1, 0.30000000000000004, 5e-3],
        [2, 3.5, 1.234],
    ]


def test_old_workbook_is_read():
    opened = workbook.opened(xls(), workbook.PAGE)
    found = workbook.laid_out(opened.text)
    columns = csvfile.read(opened.text, found, 1, 2)
    assert (columns.x.tolist(), columns.y.tolist()) == (XLS_PRICES, XLS_RATES)
    assert csvfile.read(opened.text, found, 0, 1).x.tolist() == [0, 1, 3]


def test_stored_numbers_leave_no_doubt_of_their_decimal_mark():
    assert read(column([1.234, 5.678, 9.012]))[0].notes == ()


def test_decimal_commas_in_text_stand_beside_stored_numbers():
    columns, _ = read(column(["1,5", 2.25, "4,125", 1234.5]))
    assert columns.y.tolist() == [1.5, 2.25, 4.125, 1234.5]


def test_text_that_can_be_read_in_two_ways_is_asked_about_whatever_is_stored_beside_it():
    data = column(["1,234", 2.25, "4,125"])
    with pytest.raises(ValueError, match=r"decimal mark must be clear, got 1,234 in row 2"):
        read(data)
    assert read(data, mark=",")[0].y.tolist() == [1.234, 2.25, 4.125]
    assert read(data, mark=".")[0].y.tolist() == [1234, 2.25, 4125]


def test_cells_follow_the_rules_of_csv():
    wrong = [error("#N/A"), error("#DIV/0!"), None, "n/a", "gone", float("inf")]
    columns, _ = read(column([1, " 2 ", "€ 3", *wrong, 4, "Total"]))
    assert columns.y.tolist() == [1, 2, 3, 4]
    kinds = {part.reason: part.rows for part in columns.dropped}
    assert kinds["with a missing value"] == (5, 6, 7)
    assert kinds["with a number that is infinite or too large"] == (10,)
    assert kinds["with something that is no number"] == (9, 12)


def test_percentages_are_as_they_are_stored_and_text_in_hundredths():
    stored = [styled(0.45, "percent"), styled(0.5, "percent")]
    assert read(column(stored))[0].y.tolist() == [0.45, 0.5]
    assert read(column(["45%", "50 %"]))[0].y.tolist() == [0.45, 0.5]


def test_true_and_false_are_one_and_nought_and_do_not_mix_with_numbers():
    columns, _ = read(column([True, False, True]))
    assert columns.y.tolist() == [1, 0, 1]
    assert columns.notes == ("True is read as 1, false as 0.",)
    with pytest.raises(ValueError, match="one kind of number"):
        read(column([True, False, 3]))


# ---------------------------------------------------------------- dates and times


@pytest.mark.parametrize("since_1904", [False, True])
def test_days_count_from_the_first_one(since_1904):
    first, days = date(2024, 2, 27), [0, 1, 2, 3, 40]
    from_1904 = 1462 * since_1904  # days between the two systems
    rows = [[styled(serial(first) + day - from_1904, "date"), day * 2.5] for day in days]
    columns, _ = read(xlsx({"A": [["day", "y"], *rows]}, since_1904=since_1904))
    assert columns.x.tolist() == days
    assert columns.notes == ("x is days since 2024-02-27, the first of the column.",)


def test_moments_are_seconds_and_so_are_times_and_durations(subtests):
    for style, begin in (("datetime", serial(date(2024, 3, 1))), ("time", 0), ("duration", 1)):
        with subtests.test(style=style):
            seconds = [21_600, 21_601, 25_200, 43_200]
            cells = [styled(begin + one / 86_400, style) for one in seconds]
            rows = [[cell, k] for k, cell in enumerate(cells)]
            columns, _ = read(xlsx({"A": [["t", "y"], *rows]}))
            assert columns.x.tolist() == [one - 21_600 for one in seconds]


def test_dates_in_cells_and_in_text_are_one_column():
    day = date(2024, 1, 31)
    cells = [styled(serial(day), "date"), "01.02.2024", f"{day + timedelta(2)}"]
    rows = [[cell, k] for k, cell in enumerate(cells)]
    assert read(xlsx({"A": [["day", "y"], *rows]}))[0].x.tolist() == [0, 1, 2]


# ---------------------------------------------------------------- where the table stands


def test_rows_count_as_the_spreadsheet_shows_them():
    rows = [["x", "y"], [1, 2], ["", ""], [3, 4], [None, 5]]
    merged = '<mergeCells count="1"><mergeCell ref="C3:D3"/></mergeCells>'
    columns, found = read(
        xlsx({"A": sheet([["Prices of a year"], [], *rows, [], []], 3, 2, merged)})
    )
    assert found.names == ("x", "y")
    assert columns.x.tolist() == [1, 3]
    assert [part.rows for part in columns.dropped] == [(7, 9)]


def test_text_that_cells_share_is_read():
    shared = (
        f'<sst xmlns="{MAIN}"><si><t>year</t></si><si><r><t>pri</t></r><r><t>ce</t></r></si></sst>'
    )
    cells = [[Raw(f'<c r="{{}}" t="s"><v>{k}</v></c>') for k in (0, 1)], [1990, 1.5], [1995, 2]]
    parts = members({"A": cells}) | {"xl/sharedStrings.xml": shared}
    assert read(packed(parts))[1].names == ("year", "price")


def test_what_would_break_a_row_of_text_does_not():
    head = ['a "quoted"\tname', "b\nover two lines", "=1+1"]
    columns, found = read(xlsx({"A": [head, [1, 2, '"'], [3, 4, "\t\n"], [5, 7, 'x"y']]}))
    assert found.names == ('a "quoted" name', "b over two lines", "=1+1")
    assert (columns.x.tolist(), columns.y.tolist()) == ([1, 3, 5], [2, 4, 7])


def test_commas_and_semicolons_in_text_separate_nothing():
    rows = [["a,b;c", k, f"{k},{k};{k}", 2 * k + 0.5] for k in range(6)]
    columns, found = read(xlsx({"A": [["place", "x", "what", "y"], *rows]}))
    assert found.names == ("place", "x", "what", "y")
    assert columns.y.tolist() == [0.5, 2.5, 4.5, 6.5, 8.5, 10.5]


def test_numbers_as_names_are_written_as_one_writes_them():
    found = workbook.laid_out(
        workbook.opened(xlsx({"A": [[0.5, 2.25], [1, 2], [3, 4]]}), LIMITS).text, has_names=True
    )
    assert found.names == ("0.5", "2.25")


@pytest.mark.parametrize("name", ["12e5", "10e-1", "1e999", "00e-2", "٣e-1"])
def test_text_that_looks_like_a_number_stays_as_it_is(name):
    assert workbook.shown(name) == name
    opened = workbook.opened(xlsx({"A": [[name, "y"], [1, 2], [3, 4]]}), LIMITS)
    assert workbook.laid_out(opened.text, has_names=True).names == (name, "y")


@examples(200)
@given(value=st.floats(allow_nan=False, allow_infinity=False))
def test_every_stored_number_is_shown_as_one_writes_it(value):
    shown = workbook.shown(sheetrows.number(value))
    assert float(shown) == value
    assert "e" not in shown or shown == repr(value)


def test_data_in_rows_is_turned():
    rows = [["x", *range(1, 9)], ["y", *(k / 4 for k in range(8))]]
    columns, found = read(xlsx({"A": rows}))
    assert found.names == ("x", "y")
    assert columns.y.tolist() == [k / 4 for k in range(8)]


# ---------------------------------------------------------------- which sheet

SEVERAL = {
    "Read me": [["This book", "holds prices"], ["of", "wheat"]],
    "Nothing": [],
    "Chart": None,
    "Aside": [[1, 2], [3, 4]],
    "Prices": GOOD,
    "More": [["a", "b"], [1, 2], [3, 5]],
}


def test_first_sheet_with_two_columns_of_numbers_is_taken_and_the_others_are_named():
    opened = workbook.opened(xlsx(SEVERAL, hidden=["Aside"]), workbook.PAGE)
    assert [sheet.name for sheet in opened.sheets] == [
        "Read me",
        "Nothing",
        "Prices",
        "More",
        "Aside",
    ]
    assert opened.sheets[opened.taken].name == "Prices"
    assert opened.notes == (
        "The sheet “Prices” is read; “Read me”, “Nothing”, “More”, “Aside (hidden)” wait: choose under "
        "“Sheet” (in the terminal: --sheet NAME).",
    )


def test_hidden_sheet_is_taken_where_no_other_has_numbers():
    opened = workbook.opened(xlsx({"A": [["only", "words"]], "B": GOOD}, hidden=["B"]), LIMITS)
    assert opened.sheets[opened.taken].name == "B"


def test_only_sheet_needs_no_note():
    assert workbook.opened(xlsx({"A": GOOD}), LIMITS).notes == ()


def test_sheet_is_taken_by_its_name():
    assert read(xlsx(SEVERAL), "More")[0].y.tolist() == [2, 5]
    with pytest.raises(ValueError, match=r"one of 'Read me', .*'More', got 'Mine'"):
        read(xlsx(SEVERAL), "Mine")


def test_sheet_that_cannot_be_read_is_passed_over_and_said():
    data = xlsx({"Broken": sheet([[1, 2]]).replace("<c ", '<c t="s" '), "Whole": GOOD})
    opened = workbook.opened(data, LIMITS)
    assert opened.sheets[opened.taken].name == "Whole"
    assert "“Broken” is passed over: The file must be a whole workbook" in opened.notes[1]


def test_sheet_that_lets_its_reader_panic_is_passed_over():
    far = '<row r="4294967295"><c r="ZZZZZZ4294967295"><v>1</v></c></row></sheetData>'
    data = xlsx({"Far": sheet([[1]]).replace("</sheetData>", far), "Whole": GOOD})
    opened = workbook.opened(data, LIMITS)
    assert opened.sheets[opened.taken].name == "Whole"
    assert "“Far” is passed over" in opened.notes[1]


def test_of_many_sheets_that_cannot_be_read_a_few_are_said():
    broken = sheet([[1, 2]]).replace("<c ", '<c t="s" ')
    opened = workbook.opened(xlsx({f"{k}": broken for k in range(9)} | {"A": GOOD}), LIMITS)
    assert ["passed over" in note for note in opened.notes] == [False, True, True, True, False]
    assert opened.notes[-1] == "So are 6 more sheets."


def test_sheets_are_told_up_to_a_number_and_length():
    opened = workbook.opened(xlsx({"A": GOOD, "é" * 300: [], **SEVERAL}), LIMITS)
    assert opened.sheets[1].name == "é" * 255
    names = [f"{k}" for k in range(1001)]
    assert len(workbook.opened(xlsx({name: GOOD for name in names[:-1]}), LIMITS).sheets) == 1000
    with pytest.raises(ValueError, match="at most 1,000 sheets, got 1,001"):
        workbook.opened(xlsx({name: GOOD for name in names}), LIMITS)


def test_words_alone_are_refused_as_those_of_a_csv_are():
    with pytest.raises(ValueError, match="must hold numbers, got 'red' in row 2"):
        read(xlsx({"A": [["a", "b"], ["red", 1], ["blue", 2]]}))


# ---------------------------------------------------------------- what is refused


def changed(parts: dict, name: str, content: str | bytes) -> bytes:
    """Return a workbook of which one part is another."""
    return packed(parts | {name: content})


FAR = '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
BOOK = members({"A": GOOD})
PATH = "xl/worksheets/sheet1.xml"
LOCKED = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2000) + "EncryptedPackage".encode("utf-16-le")
ODS_LOCK = (
    '<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml">'
    '<manifest:encryption-data manifest:checksum="x"/></manifest:file-entry>'
)
REFUSED = {
    "nothing behind its first bytes": (b"PK\x03\x04", "damaged or cut off"),
    "cut off": (xlsx({"A": GOOD})[:-40], "damaged or cut off"),
    "an empty archive": (packed({}), "ZIP archive of something else"),
    "another archive": (packed({"a.csv": "x,y\n1,2\n"}), "ZIP archive of something else"),
    "a letter": (packed({"word/document.xml": ""}), "a word processor's document"),
    "a binary workbook": (packed({"xl/workbook.bin": ""}), r"Save it as \.xlsx"),
    "no sheet": (xlsx({}), "no such sheet"),
    "empty sheets": (xlsx({"A": [], "B": [[None]]}), "no such sheet"),
    "one column": (xlsx({"A": [[1], [2]]}), "no such sheet"),
    "a password": (LOCKED, "without a password"),
    "a password of OpenDocument": (ods({"A": GOOD}, ODS_LOCK), "without a password"),
    "an older container": (LOCKED[:8] + bytes(3000), "damaged or cut off"),
    "no XML": (changed(BOOK, PATH, "x,y\n1,2"), "cut off"),
    "XML that does not end": (changed(BOOK, PATH, sheet(GOOD)[:-60]), "cut off"),
    "cells far apart": (
        changed(BOOK, PATH, sheet([[1]]).replace("</sheetData>", FAR)),
        "its cells lie too far apart",
    ),
    "more than it may unpack to": (changed(BOOK, "xl/media/a.bmp", bytes(11_000_000)), "10 MB"),
    "said to be more": (saying(xlsx({"A": GOOD}), 2**31), "10 MB"),
    "more than it says": (
        saying(changed(BOOK, PATH, sheet(GOOD) + " " * 9_000_000), 1000),
        "larger than it says",
    ),
    "letters of three bytes": (
        xlsx({"A": [["x", "y"], [1, "あ" * 400_000]]}),
        "at most 1 MB as text",
    ),
    "long rows": (xlsx({"A": [["x", "y"], [1, "a" * 2_000_000]]}), "at most 1 MB as text"),
}


@pytest.mark.parametrize(("data", "says"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_read_is_refused_in_words(data, says):
    with pytest.raises(ValueError, match=says) as refusal:
        workbook.opened(data, LIMITS)
    assert f"{refusal.value}".isprintable()


def test_archive_with_a_password_is_refused():
    data = bytearray(xlsx({"A": GOOD}))
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        place = data.find(signature)
        data[place + offset : place + offset + 2] = struct.pack("<H", 1)
    with pytest.raises(ValueError, match="without a password"):
        workbook.opened(bytes(data), LIMITS)


def test_reader_that_takes_too_long_is_ended():
    parts = members({f"{k}": [] for k in range(300)})  # names for one and the same sheet
    parts[PATH] = sheet([]).replace("<sheetData>", f"<sheetData>{'<row/>' * 1_000_000}")
    related = "xl/_rels/workbook.xml.rels"
    parts[related] = re.sub(r"sheet\d+\.xml", "sheet1.xml", parts[related])
    begin = time.monotonic()
    with pytest.raises(ValueError, match="1 seconds of computing"):
        workbook.opened(packed(parts), replace(LIMITS, seconds=1))
    assert time.monotonic() - begin < 10


def test_reader_that_computes_nothing_is_ended_by_the_clock(monkeypatch, tmp_path):
    sleeps = tmp_path / "sleeps"
    sleeps.write_text("#!/bin/sh\nexec sleep 60\n")
    sleeps.chmod(0o755)
    monkeypatch.setattr(sys, "executable", f"{sleeps}")
    begin = time.monotonic()
    with pytest.raises(ValueError, match="takes more"):
        workbook.opened(xlsx({"A": GOOD}), replace(LIMITS, seconds=1))
    assert time.monotonic() - begin < 10


@pytest.mark.parametrize(
    "read", [workbook.opened, lambda *of: workbook.nth(*of, 0)], ids=["any sheet", "one sheet"]
)
def test_workbook_that_waits_too_long_for_its_turn_is_refused_and_read_later(monkeypatch, read):
    monkeypatch.setattr(workbook, "_TURNS", BoundedSemaphore(1))
    data = xlsx({"A": GOOD})
    with workbook._turn(LIMITS), pytest.raises(workbook.Busy, match="Try again in a moment"):
        read(data, replace(LIMITS, seconds=0))
    for _ in range(2):
        assert read(data, LIMITS).taken == 0
    with pytest.raises(ValueError, match="damaged"):
        read(data[:-40], LIMITS)
    assert read(data, LIMITS).taken == 0


def test_memory_of_the_reader_is_bounded():
    apart = '<row r="10000"><c r="ZZ10000"><v>1</v></c></row></sheetData>'  # 7 million cells of 24 bytes
    data = changed(BOOK, PATH, sheet([[1]]).replace("</sheetData>", apart))
    with pytest.raises(ValueError, match=r"at most 0\.1 GB"):
        workbook.opened(data, replace(LIMITS, memory=100_000_000))
    with pytest.raises(ValueError, match="as text"):
        workbook.opened(data, LIMITS)


def test_reader_is_told_nothing_it_does_not_need(monkeypatch, tmp_path):
    told, reader = tmp_path / "told", tmp_path / "reader"
    reader.write_text(f'#!/bin/sh\nenv > {told}\nexec {sys.executable} "$@"\n')
    reader.chmod(0o755)
    monkeypatch.setattr(sys, "executable", f"{reader}")
    monkeypatch.setenv("A_SECRET", "kept from it")
    assert workbook.opened(xlsx({"A": GOOD}), LIMITS).taken == 0
    assert "PATH=" in told.read_text()
    assert "A_SECRET" not in told.read_text()


def test_reader_writes_no_file(tmp_path):
    pytest.importorskip("resource")
    script = (
        "import sys\nfrom linreg.data.files.books import sheetrows\nsheetrows.limit(10**9, 10)\n"
        "try:\n    with open(sys.argv[1], 'w') as file:\n        file.write('x')\n"
        "except OSError:\n    print('refused')\n"
    )
    words = [sys.executable, "-c", script, f"{tmp_path / 'file'}"]
    assert subprocess.check_output(words, cwd=ROOT) == b"refused\n"


def test_limit_that_a_system_cannot_set_leaves_the_others(monkeypatch):
    resource, bounded = pytest.importorskip("resource"), []

    def set_limit(kind, most):  # of this process, which must stay as it is
        if kind == resource.RLIMIT_AS:
            raise ValueError("current limit exceeds maximum limit")  # as macOS says
        bounded.append(kind)

    monkeypatch.setattr(resource, "setrlimit", set_limit)
    sheetrows.limit(10**9, 10)
    assert {resource.RLIMIT_CPU, resource.RLIMIT_CORE} <= {*bounded}


HUNGRY = sheet([[1]]).replace("</sheetData>", FAR)
WORDS = [["This book", "holds prices"], ["of", "wheat"]]


@pytest.mark.parametrize("before", [{}, {"Notes": WORDS}, {"Empty": []}], ids=["first", *"WE"])
def test_sheet_that_takes_too_much_is_passed_over_and_said(before):
    opened = workbook.opened(xlsx(before | {"Hungry": HUNGRY, "A": GOOD, "B": GOOD}), LIMITS)
    assert opened.sheets[opened.taken].name == "A"
    assert "“Hungry” is passed over: The workbook must take at most" in opened.notes[1]


@pytest.mark.parametrize("before", [{"Notes": WORDS}, {"Notes": WORDS, "Empty": []}])
def test_words_are_taken_where_only_sheets_follow_that_take_too_much(before):
    opened = workbook.opened(xlsx(before | {"Hungry": HUNGRY, "More": HUNGRY}), LIMITS)
    assert opened.sheets[opened.taken].name == "Notes"
    assert [name for name, _ in opened.passed] == ["Hungry", "More"]


def test_sheet_that_is_taken_because_time_is_up_is_said_to_be(monkeypatch):
    times = iter([0, 0, LIMITS.seconds])
    monkeypatch.setattr(workbook, "monotonic", lambda: next(times))
    opened = workbook.opened(xlsx({"Notes": WORDS, "A": GOOD, "B": GOOD}), LIMITS)
    assert opened.sheets[opened.taken].name == "Notes"
    assert opened.notes[1].startswith("“A” is passed over: Time was up before it")


def tried(data: bytes) -> None:
    """Read whatever this is; nothing but a refusal in words may come out."""
    said = ""
    try:
        opened = workbook.opened(data, LIMITS)
        found = workbook.laid_out(opened.text)
        columns = csvfile.read(opened.text, found, *found.suggested())
        assert np.isfinite([columns.x, columns.y]).all()
    except ValueError as refusal:
        said = f"{refusal}"
    assert said.isprintable()


MADE = {"xlsx": xlsx(SEVERAL), "ods": ods({"Notes": [["a", "b"]], "A": GOOD}), "xls": xls()}


@pytest.mark.parametrize("data", MADE.values(), ids=MADE)
def test_changed_bytes_come_to_a_table_or_to_words(data):
    random = np.random.default_rng(1)
    for _ in range(in_proportion(20)):
        bytes_of_it = bytearray(data)
        for place in random.integers(len(data), size=random.integers(1, 6)):
            bytes_of_it[place] = random.integers(256)
        end = random.integers(len(data)) if random.random() < 0.1 else len(data)
        tried(bytes(bytes_of_it[:end]))


@examples(40)
@given(data=st.data())
def test_changed_parts_come_to_a_table_or_to_words(data):
    name = data.draw(st.sampled_from([PATH, "xl/workbook.xml", "xl/styles.xml"]))
    text = BOOK[name]
    for _ in range(data.draw(st.integers(1, 4))):
        begin = data.draw(st.integers(0, len(text)))
        end = data.draw(st.integers(begin, min(begin + 20, len(text))))
        other = data.draw(
            st.sampled_from(["", "<", '"', "9" * 12, "-1", "A0", "e", "</row>", "ZZZ9"])
        )
        text = text[:begin] + other + text[end:]
    tried(changed(BOOK, name, text))


# ---------------------------------------------------------------- in the terminal


@pytest.fixture
def book(tmp_path):
    """Write a workbook under a name that does not say what it is."""

    def written(data: bytes, name="prices.csv"):
        path = tmp_path / name
        path.write_bytes(data)
        return path

    return written


def test_terminal_knows_a_workbook_by_its_bytes(book):
    read = datafile.summarise(book(xlsx(SEVERAL, hidden=["Aside"])))
    assert (read.names, read.num_points) == (("x", "y"), 3)
    assert "The sheet “Prices” is read" in read.notes[0]
    weight, bias = np.polyfit([row[0] for row in GOOD[1:]], [row[1] for row in GOOD[1:]], 1)
    assert np.polyfit(read.x, read.y, 1) == pytest.approx([weight, bias], rel=1e-9)


def test_terminal_takes_another_sheet_columns_and_names(book):
    path = book(xlsx(SEVERAL))
    read = datafile.summarise(path, "b", "a", sheet="More")
    assert (read.names, read.num_points) == (("b", "a"), 2)
    assert datafile.summarise(path, sheet="More", has_names=False).dropped[0].rows == (1,)


def test_sheet_of_what_has_none_is_refused(book):
    with pytest.raises(ValueError, match="`--sheet` must come with a workbook"):
        datafile.summarise(book(b"x,y\n1,2\n2,3\n"), sheet="A")


def test_reader_of_workbooks_is_loaded_in_its_own_process_alone():
    script = (
        "import sys\n"
        "from linreg.data.files import datafile\n"
        "from linreg.data.files.books import workbook\n"
        "from tests.workbooks import xlsx\n"
        "workbook.opened(xlsx({'A': [[1, 2], [3, 4]]}), workbook.PAGE)\n"
        "assert 'python_calamine' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=True)


def test_workbooks_for_tests_are_whole_archives():
    for name in ("xlsx", "ods"):
        with zipfile.ZipFile(io.BytesIO(MADE[name])) as archive:
            assert archive.testzip() is None
