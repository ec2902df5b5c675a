"""One's own data on the page: used or refused, and what was chosen for one not taken for the next."""

import pytest

from linreg.data.files import csvfile
from linreg.data.files.text import rawtext
from tests.page import made, open_page, paste, refusals, source, trained, upload

ASKS = b"x;y\n1,234;2\n5,678;4\n9,012;5\n"
POINTS = b"x,y\n1.234,2\n5.678,4\n9.012,5\n"


def choose(page, key: str, value):
    """Choose one of several."""
    return page.selectbox(key=key).set_value(value).run()


def read(page):
    """Return what was read of the reader's own data."""
    assert not page.exception
    return page.session_state["own"].columns


# ---------------------------------------------------------------- used or refused


def test_uploaded_file_trains_and_stays_out_of_the_address():
    page = trained(upload(open_page(data="file"), b"year,price\n1990,1\n1995,2\n2000,\n2005,4\n"))
    assert not page.exception
    assert "3 of 4 rows are used" in source(page)
    assert dict(page.query_params) == {"data": "file"}


def test_pasted_rows_train():
    page = paste(open_page(data="pasted"), "x\ty\n1\t2,5\n2\t3,5\n3\t5\n")
    assert not trained(page).exception
    assert page.session_state["own"].columns.y.tolist() == [2.5, 3.5, 5]


UNUSABLE = [
    (b"", "empty file"),
    (b"x,y\n", "nothing below row 1"),
    (b"PK\x03\x04", "a whole workbook"),
    (b"x,y\n1,2\n", "two different values"),
    (b"x,y\n5,2\n5,3\n", "two different values"),
    (b"a,b\nred,1\nblue,2\n", "Choose other columns"),
    (b"x;y\n1;1.234\n2;5.678\n", "Choose the decimal mark"),
]


def test_a_file_that_cannot_be_used_is_refused_and_the_next_one_is_taken(subtests):
    page = open_page(data="file")
    for content, says in UNUSABLE:
        with subtests.test(says=says):
            upload(page, content)
            assert not page.exception
            assert says in refusals(page)[0]
            trained(upload(page, b"x,y\n1,2\n2,3\n3,5\n"))
            assert not refusals(page)
            assert read(page).y.tolist() == [2, 3, 5]


def test_pasted_nonsense_is_refused(subtests):
    page = open_page(data="pasted")
    for text in ("hello", "1", "1\n2\n3", "a,b", "\0\0\0", '"', "#", "sep=;", ",\n,\n,"):
        with subtests.test(text=text):
            paste(page, text)
            assert not page.exception
            assert refusals(page)
            paste(page, "x,y\n1,2\n2,3\n3,5\n")
            assert not refusals(page)


def test_pasted_blanks_at_the_start_count():
    page = paste(open_page(data="pasted"), "y\n1\t2\n2\t3\n3\t5\n")
    assert "got 1 in row 1 and 2 in the next" in refusals(page)[0]
    page = paste(page, "\ty\n1\t2\n2\t3\n3\t5\n")
    assert page.session_state["layout"].names == ("column 1", "y")


def test_points_too_far_out_for_any_rate_are_refused_and_can_be_scaled():
    page = paste(open_page(data="pasted"), "x,y\n1e25,1\n2e25,2\n3e25,4\n")
    assert not page.exception
    assert "Standardise x" in refusals(page)[0]
    page.selectbox(key="scale").set_value("standardised").run()
    assert not trained(page).exception


def test_refused_file_is_read_once(monkeypatch):
    page = upload(open_page(data="file"), b"x;y\n1;1.234\n2;5.678\n")
    assert refusals(page)
    monkeypatch.setattr(csvfile, "read", None)  # would be called again
    page.number_input(key="initial_bias").set_value(2.0).run()
    assert not page.exception
    assert "Choose the decimal mark" in refusals(page)[0]


def test_rows_that_were_taken_away_can_be_pasted_again():
    page = paste(open_page(data="pasted"), POINTS.decode())
    page = paste(page, "")
    assert page.session_state["own"] is None
    assert read(paste(page, POINTS.decode())).x.tolist() == [1.234, 5.678, 9.012]


def test_one_row_is_not_called_rows():
    page = paste(open_page(data="pasted"), "x,y\n1,2\n")
    assert any("The only row is used." in part.value for part in page.html)


@pytest.mark.parametrize("scale", ["raw", "centred"])
def test_standardising_is_offered_where_the_valley_is_long_whatever_the_scale(scale):
    page = paste(open_page(data="pasted", scale=scale), "x,y\n0.001,1\n0.002,2\n0.004,4\n")
    assert not page.exception
    assert [button.key for button in page.button if button.key == "standardise"]


def test_standardising_is_not_offered_twice():
    page = open_page(data="pasted", scale="standardised", scaled="x")
    page = paste(page, "x,y\n0.001,1\n0.002,2\n0.004,4\n")
    assert not page.exception
    assert not [button.key for button in page.button if button.key == "standardise"]


# ---------------------------------------------------------------- one after the other


def test_another_file_suggests_its_own_columns():
    page = upload(open_page(data="file"), b"a,b,c\n1,2,3\n2,3,5\n")
    page.selectbox(key="x_column").set_value(2).run()
    assert page.session_state["own"].chosen == (2, 1)
    page = upload(page, b"x,y\n1,2\n2,3\n", "other.csv")
    assert not page.exception
    assert page.session_state["own"].chosen == (0, 1)


def test_a_file_that_is_taken_away_leaves_nothing_behind():
    page = trained(upload(open_page(data="file"), b"x,y\n1,2\n2,3\n3,5\n"))
    page.file_uploader(key="upload").set_value(None).run()
    assert not page.exception
    assert page.session_state["own"] is None
    assert made(page, "own_problem") is None


def test_own_data_is_as_before_after_a_look_at_other_data():
    page = upload(open_page(data="file"), b"a,b,c\n1,2,3\n2,3,5\n")
    page.selectbox(key="x_column").set_value(2).run()
    page.selectbox(key="data").set_value("line").run()
    assert made(trained(page), "older")[0].points.line is not None
    page.selectbox(key="data").set_value("file").run()
    assert page.session_state["own"].chosen == (2, 1)
    assert "mine.csv" in source(page)
    page.button(key="forget_file").click().run()
    assert not page.exception
    assert page.session_state["own"] is None


def test_decimal_mark_chosen_for_one_file_is_not_taken_for_the_next():
    page = choose(upload(open_page(data="file"), ASKS), "mark", ",")
    assert read(page).x.tolist() == [1.234, 5.678, 9.012]
    page = upload(page, POINTS, "next.csv")
    assert read(page).x.tolist() == [1.234, 5.678, 9.012]
    assert page.selectbox(key="mark").value == "auto"


def test_first_row_chosen_for_one_file_is_not_taken_for_the_next():
    page = choose(upload(open_page(data="file"), b"2019,2020\n1,2\n3,5\n"), "first_row", "names")
    assert read(page).x.tolist() == [1, 3]
    page = upload(page, b"1,2\n3,5\n4,9\n", "next.csv")
    assert read(page).x.tolist() == [1, 3, 4]


def test_what_was_chosen_for_a_file_stays_while_it_is_the_same():
    page = choose(upload(open_page(data="file"), ASKS), "mark", ",")
    page = choose(choose(page, "data", "line"), "data", "file")
    assert page.selectbox(key="mark").value == ","
    assert read(page).x.tolist() == [1.234, 5.678, 9.012]


def test_what_was_chosen_for_a_file_is_not_taken_for_pasted_rows():
    page = choose(upload(open_page(data="file"), ASKS), "mark", ",")
    page = paste(choose(page, "data", "pasted"), POINTS.decode())
    assert read(page).x.tolist() == [1.234, 5.678, 9.012]


def test_chosen_mark_stays_with_pasted_rows_and_it_is_said_where_they_show_another():
    page = choose(paste(open_page(data="pasted"), ASKS.decode()), "mark", ",")
    assert not any("as chosen" in note for note in read(page).notes)
    page = paste(page, "x;y\n1.5;2\n5.678;4\n9.012;5\n")
    assert "The comma is read as the decimal mark, as chosen" in " ".join(read(page).notes)


def test_file_is_decoded_and_checked_once(monkeypatch):
    decoded, opened = [], rawtext.opened
    monkeypatch.setattr(rawtext, "opened", lambda data: decoded.append(data) or opened(data))
    page = upload(open_page(data="file"), b"x;y\n1;2,5\n2;3,5\n3;5\n")
    assert page.session_state["own"].columns.x.tolist() == [1, 2, 3]
    assert len(decoded) == 1
