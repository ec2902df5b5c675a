"""A workbook on the page: its sheets to choose from, kept while it is there, and refused in words."""

from contextlib import contextmanager
from dataclasses import replace

import streamlit

from linreg.data.files import csvfile
from linreg.data.files.books import workbook
from linreg.page.controls import own, sheets
from tests.page import click, open_page, open_tab, refusals, source, trained, upload
from tests.page.test_data import choose, read
from tests.workbooks import error, styled, xlsx

SHEETS = {
    "Notes": [["of", "wheat"]],
    "Prices": [["year", "price"], [1990, 1.5], [1995, "2,5"], [2000, error("#N/A")], [2005, 4.125]],
    "Rates": [["a", "b", "c"], [1, 2.5, 3], [2, 3.5, 5], [4, 5.5, 7]],
}
BOOK = xlsx(SHEETS)
LIMITS = workbook.PAGE
BROKEN = xlsx({"A": [["x", "y"], [1, 2]]})[:-30]


def open_book(data=BOOK, name="prices.xlsx"):
    """Open the page with a workbook."""
    return upload(open_page(data="file"), data, name)


def open_page_of_kept_runs(page):
    """Open the part of the page in which runs are kept."""
    return trained(open_tab(page, "compare"))


def is_asked(page) -> bool:
    """Return whether there are sheets to choose from."""
    return any(one.key == "sheet" for one in page.selectbox)


def test_workbook_trains_and_says_which_sheet_is_read():
    page = trained(open_book())
    assert read(page).x.tolist() == [1990, 1995, 2005]
    assert "3 of 4 rows are used" in source(page)
    assert "prices.xlsx, sheet Prices" in source(page)
    assert "The sheet “Prices” is read; “Notes”, “Rates” wait" in source(page)
    assert page.selectbox(key="sheet").options == ["Notes", "Prices", "Rates"]
    assert dict(page.query_params) == {"data": "file"}


def test_another_sheet_suggests_its_own_columns_and_trains():
    page = choose(open_book(), "y_column", 0)
    page = choose(page, "sheet", 2)
    assert page.session_state["own"].chosen == (0, 1)
    assert read(page).y.tolist() == [2.5, 3.5, 5.5]
    assert "prices.xlsx, sheet Rates" in source(trained(page))
    page = choose(page, "y_column", 2)
    assert read(page).y.tolist() == [3, 5, 7]


def test_one_sheet_is_not_asked_about():
    page = open_book(xlsx({"A": SHEETS["Rates"]}))
    assert read(page).y.tolist() == [2.5, 3.5, 5.5]
    assert not is_asked(page)
    assert "sheet" not in source(page)


def test_sheet_without_a_table_is_refused_and_another_one_can_be_chosen():
    page = choose(open_book(xlsx(SHEETS | {"Empty": []})), "sheet", 3)
    assert not page.exception
    assert "The sheet “Empty” must hold a table" in refusals(page)[0]
    page = choose(page, "sheet", 0)
    assert "must hold rows of numbers" in refusals(page)[0]
    page = choose(page, "sheet", 1)
    assert not refusals(page)
    assert read(page).y.tolist() == [1.5, 2.5, 4.125]


def test_sheet_stays_while_the_file_is_the_same_and_not_for_the_next():
    page = choose(open_book(), "sheet", 2)
    page = choose(choose(page, "data", "line"), "data", "file")
    assert page.selectbox(key="sheet").value == 2
    assert read(page).y.tolist() == [2.5, 3.5, 5.5]
    page = upload(page, BOOK, "next.xlsx")
    assert page.selectbox(key="sheet").value == 1
    assert read(page).x.tolist() == [1990, 1995, 2005]


def test_what_was_said_of_one_sheet_is_not_of_another():
    page = choose(choose(open_book(), "mark", ","), "first_row", "names")
    page = choose(page, "sheet", 2)
    assert [page.selectbox(key=key).value for key in ("mark", "first_row")] == ["auto", "auto"]


def test_text_file_after_a_workbook_has_no_sheets():
    page = upload(open_book(), b"x,y\n1,2\n2,3\n3,5\n")
    assert read(page).y.tolist() == [2, 3, 5]
    assert not is_asked(page)
    assert "sheet" not in source(page)


def test_workbook_that_cannot_be_read_is_refused_once_and_nothing_of_the_last_file_is_shown(
    monkeypatch,
):
    page = upload(open_book(), BROKEN, "broken.xlsx")
    assert not page.exception
    assert "damaged or cut off" in refusals(page)[0]
    assert page.session_state["layout"] is None
    monkeypatch.setattr(workbook, "opened", None)  # would be called again
    page.number_input(key="initial_bias").set_value(2.0).run()
    assert not page.exception
    assert "damaged or cut off" in refusals(page)[0]
    page = upload(page, b"x,y\n1,2\n2,3\n3,5\n")
    assert read(page).y.tolist() == [2, 3, 5]


def test_rows_are_read_when_something_is_chosen_and_at_no_other_time(monkeypatch):
    page = open_book()
    monkeypatch.setattr(workbook, "_read", None)  # would be called again
    page.number_input(key="initial_bias").set_value(2.0).run()
    assert read(page).y.tolist() == [1.5, 2.5, 4.125]


def test_workbook_waits_for_others_and_is_read_once_they_are(monkeypatch):
    with monkeypatch.context() as patched:
        patched.setattr(workbook, "PAGE", replace(workbook.PAGE, seconds=0))
        with workbook._turn(LIMITS), workbook._turn(LIMITS):
            page = open_book()
    assert not page.exception
    assert "Try again in a moment" in refusals(page)[0]
    page.run()
    assert read(page).y.tolist() == [1.5, 2.5, 4.125]
    with monkeypatch.context() as patched:
        patched.setattr(workbook, "PAGE", replace(workbook.PAGE, seconds=0))
        with workbook._turn(LIMITS), workbook._turn(LIMITS):
            page = choose(page, "sheet", 2)
    assert "Try again in a moment" in refusals(page)[0]
    page.run()
    assert read(page).y.tolist() == [2.5, 3.5, 5.5]


def ending_once():
    """Return a stand-in for what is drawn, at which a run ends as a click would end it, once."""
    runs = []

    @contextmanager
    def drawn(*_):
        runs.append(1)
        if len(runs) == 1:
            streamlit.rerun()
        yield

    return drawn


def test_run_that_ends_while_a_workbook_is_looked_at_leaves_nothing_half_known(monkeypatch):
    monkeypatch.setattr(sheets, "_patience", ending_once())
    page = open_book()
    assert not refusals(page)
    assert read(page).y.tolist() == [1.5, 2.5, 4.125]


def test_run_that_ends_while_a_sheet_is_read_leaves_nothing_half_known(monkeypatch):
    page = open_book()
    monkeypatch.setattr(sheets, "_patience", ending_once())
    page = choose(page, "sheet", 2)
    assert not page.exception
    assert read(page).y.tolist() == [2.5, 3.5, 5.5]


def test_run_that_ends_while_columns_are_read_leaves_no_older_numbers(monkeypatch):
    page = choose(open_book(), "sheet", 2)
    drawn, read_columns = ending_once(), csvfile.read

    def read_with_a_bar(*how):
        with drawn():
            how[-1](1)
        return read_columns(*how)

    monkeypatch.setattr(own, "LARGE", 0)
    monkeypatch.setattr(csvfile, "read", read_with_a_bar)
    page = choose(page, "y_column", 2)
    assert read(page).y.tolist() == [3, 5, 7]


def test_first_rows_are_shown_as_the_spreadsheet_shows_them():
    page = open_book(
        xlsx({"A": [["day", "y"], [styled(45000, "date"), 0.125], [styled(45002, "date"), 3]]})
    )
    page.session_state["preview"] = True
    page.run()
    shown = page.container(key="preview_table").html[0].value
    assert "0.125" in shown
    assert "e-" not in shown
    assert "2023-03-15" in shown


def test_run_kept_on_a_sheet_comes_back_with_that_sheet():
    page = choose(open_page_of_kept_runs(open_book()), "sheet", 2)
    page = click(trained(page), "keep_good")
    link = page.query_params
    again = trained(upload(open_page(**link), BOOK, "renamed.xlsx"))
    again = open_page_of_kept_runs(again)
    assert "Data of your own is missing" in refusals(again)[0]
    assert not refusals(trained(choose(again, "sheet", 2)))


def test_link_names_the_sheet_that_the_receiver_needs():
    page = trained(choose(open_book(), "sheet", 2))
    page = trained(open_tab(page, "take"))
    assert any(
        "prices.xlsx, sheet Rates" in part.value for part in page.html if "needs" in part.value
    )
