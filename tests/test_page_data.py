"""One's own data on the page, file after file: what was chosen for one is not taken for the next."""

import pytest
from streamlit.testing.v1 import AppTest

from tests.browser import ROOT

ASKS = b"x;y\n1,234;2\n5,678;4\n9,012;5\n"
POINTS = b"x,y\n1.234,2\n5.678,4\n9.012,5\n"


def open_page(**params) -> AppTest:
    """Open the page with these settings."""
    page = AppTest.from_file(str(ROOT / "dashboard.py"), default_timeout=60)
    for name, value in params.items():
        page.query_params[name] = value
    return page.run()


def upload(page: AppTest, content: bytes, name: str = "mine.csv") -> AppTest:
    """Give the page a file."""
    return page.file_uploader(key="upload").set_value((name, content, "text/csv")).run()


def paste(page: AppTest, text: str) -> AppTest:
    """Give the page rows."""
    return page.text_area(key="paste").set_value(text).run()


def choose(page: AppTest, key: str, value) -> AppTest:
    """Choose one of several."""
    return page.selectbox(key=key).set_value(value).run()


def read(page: AppTest):
    """Return what was read of the reader's own data."""
    assert not page.exception
    return page.session_state["own"].columns


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
