"""A reader's own data in a real browser: uploads, hostile names, who sees what, what is asked for."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser import SVG, choose, go_to, overflow, resize, settle, wait_until_idle
from tests.workbooks import xlsx

GOOD = b"year;price\n1990;1,5\n1995;2,5\n2000;3,25\nn/a;4\n2005;4,5\n"
HOSTILE = ["![i](http://192.0.2.9/a.png)", "<img src=http://192.0.2.9/b.png>", "=1+1", "a.b[c]"]
TWO_WAYS = b"x;y\n1,234;2\n5,678;4\n9,012;5\n"  # English thousands, or a comma for the decimals


def open_own(page, url, data=b"", name="mine.csv"):
    """Choose one's own file, and drop one."""
    page.goto(f"{url}/?data=file")
    page.get_by_text("Drop a CSV or TSV file").wait_for()
    if data:
        drop(page, data, name)


def drop(page, data, name="mine.csv"):
    """Give the page a file."""
    upload = page.locator(".st-key-upload input[type=file]")
    upload.set_input_files({"name": name, "mimeType": "text/csv", "buffer": data})


def source(page):
    """Return what the page says of its data."""
    return page.locator("p.source").first.text_content()


@pytest.fixture
def page(windows, url):
    """Lend a window that may ask the page's own server alone, and must not fail."""
    page, asked = windows.take(), []
    page.set_viewport_size({"width": 1400, "height": 1000})
    page.emulate_media(color_scheme="light", reduced_motion="no-preference")

    def note(request):
        asked.append(request.url)

    page.on("request", note)
    yield page
    page.remove_listener("request", note)
    faults = [*page.faults]
    windows.give_back(page)
    assert [one for one in asked if not one.startswith((url, "data:", "blob:"))] == []
    assert faults == []


def test_refused_data_shows_the_reason_instead_of_a_chart(page, url):
    page.goto(f"{url}/?num_points=1")
    page.wait_for_selector("text=two different values")
    wait_until_idle(page)
    assert page.locator(SVG).count() == 0
    assert page.locator("[data-testid=stException]").count() == 0
    page.locator(".st-key-use_points button").click()
    settle(page)


def test_uploaded_file_is_described_stays_out_of_the_address_and_is_seen_by_nobody_else(
    page, url, windows
):
    open_own(page, url, GOOD)
    settle(page)
    assert "mine.csv: x is year, y is price. 4 of 5 rows are used." in source(page)
    assert "1 with a missing value (row 5)" in source(page)
    assert page.locator(f"{SVG} text", has_text="true line").count() == 0
    assert re.sub(r".*/\?", "", page.url) == "data=file"
    assert "not in the address" in source(page)
    other = windows.take()
    open_own(other, url)
    assert "year" not in other.content()
    drop(other, b"a,b\n1,2\n2,5\n3,7\n", "other.csv")
    settle(other)
    assert "x is a, y is b" in source(other)
    assert "x is year" in source(page)
    windows.give_back(other)
    page.bring_to_front()
    page.reload()
    page.get_by_text("Drop a CSV or TSV file").wait_for()


def test_one_click_standardises_and_says_what_it_did(page, url):
    open_own(page, url, GOOD)
    settle(page)
    page.locator(".st-key-standardise button").first.click()
    page.get_by_text("Scaling took κ from").wait_for()
    settle(page)
    assert "scale=standardised" in page.url
    page.get_by_role("tab", name="The three runs").wait_for()
    assert "Weight, original units" in page.locator(".st-key-runs_table").text_content()


def test_a_strangers_error_and_names_are_shown_as_text_and_no_request_leaves_the_page(page, url):
    data = "![i](http://192.0.2.9/a.png),<b>y</b>\nred,1\nblue,2\n"
    open_own(page, url, data.encode())
    page.locator(".refusal").wait_for()
    assert "![i](http://192.0.2.9/a.png)" in page.locator(".refusal").text_content()
    data = ",".join(HOSTILE) + "\n1,2,3,4\n2,3,4,9\n3,5,6,1\n"  # and nothing is lost
    drop(page, data.encode(), "<b>![x](http://192.0.2.9/n.png).csv")
    settle(page)
    assert f"x is {HOSTILE[0]}, y is {HOSTILE[1]}." in source(page)
    assert "<b>![x](http" in source(page)
    page.locator(".st-key-preview summary").click()
    page.locator(".st-key-preview_table table").wait_for()
    assert page.locator(".st-key-preview_table th").all_text_contents()[3:7] == HOSTILE
    choose(page, "x_column", HOSTILE[3])
    page.wait_for_function(
        "document.querySelector('p.source').textContent.includes('x is a.b[c], y is')"
    )
    settle(page)
    assert page.locator(f"{SVG} .mark-line path").count() > 0


def test_two_readings_are_asked_for_and_the_answer_is_not_taken_for_the_next_file(page, url):
    open_own(page, url, TWO_WAYS)
    page.get_by_text("Choose the decimal mark").wait_for()
    choose(page, "mark", "Comma")
    settle(page)
    page.locator(".st-key-preview summary").click()
    first = page.locator(".st-key-preview_table tbody tr").first.locator("td")
    first.first.wait_for()
    assert first.all_text_contents()[:2] == ["1.234", "2"]
    drop(page, b"x,y\n3.456,2\n5.678,4\n9.012,5\n", "next.csv")
    page.locator("p.source", has_text="next.csv").wait_for()
    settle(page)
    expect(page.locator(".st-key-mark input")).to_have_value("Auto")
    if not first.first.is_visible():  # closed, where the page was drawn between the two files
        page.locator(".st-key-preview summary").click()
    expect(first.first).to_have_text("3.456")


def test_sheet_of_a_workbook_is_chosen_by_its_name_whatever_that_is(page, url):
    rows = [["x", "y"], [1, 2.5], [2, 3.5], [4, 6]]
    book = xlsx({"First": rows, HOSTILE[1]: [["day", "price"], *rows[1:]]})
    open_own(page, url, book, "book.xlsx")
    page.locator("p.source", has_text="The sheet “First” is read").wait_for()
    choose(page, "sheet", HOSTILE[1])
    page.locator("p.source", has_text=f"sheet {HOSTILE[1]}: x is day, y is price").wait_for()
    settle(page)
    drop(page, book[:-30], "broken.xlsx")
    page.locator(".refusal", has_text="damaged or cut off").wait_for()
    assert page.locator(".st-key-sheet").count() == 0


BLUE = """() => [...document.querySelectorAll('.st-key-quartet svg.marks .mark-symbol path')]
    .map((one, row) => one.getAttribute('fill') === '#0072B2' ? row : -1).filter(row => row >= 0)"""


def test_public_data_fits_its_window_and_anscombes_four_tell_the_chosen_one_apart(visit, subtests):
    page = visit("?data=wheat", width=390)
    for query in ("?data=wheat", "?data=anscombe_4&scale=standardised"):
        go_to(page, query)
        for width in (390, 1400):
            resize(page, width)
            with subtests.test(query, width=width):
                assert overflow(page) == 0
                assert page.faults == []
    marks = page.locator(".st-key-quartet svg.marks .mark-symbol path")
    for number in range(1, 5):
        go_to(page, f"?data=anscombe_{number}")
        with subtests.test(number=number):
            expect(marks).to_have_count(44)
            rows = [*range(11 * number - 11, 11 * number)]
            page.wait_for_function(f"rows => String(({BLUE})()) === String(rows)", arg=rows)
