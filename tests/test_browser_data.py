"""A reader's own data in a real browser: uploads, hostile names, who sees what."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser import SVG, choose, settle, wait_until_idle

GOOD = b"year;price\n1990;1,5\n1995;2,5\n2000;3,25\nn/a;4\n2005;4,5\n"
HOSTILE = ["![i](http://192.0.2.9/a.png)", "<img src=http://192.0.2.9/b.png>", "=1+1", "a.b[c]"]


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


@pytest.fixture
def page(browser):
    context = browser.new_context(viewport={"width": 1400, "height": 1000})
    page = context.new_page()
    page.requests, page.faults = [], []
    page.on("request", lambda request: page.requests.append(request.url))
    page.on("pageerror", lambda error: page.faults.append(str(error)))
    yield page
    context.close()


def test_uploaded_file_is_read_trained_and_described(page, url):
    open_own(page, url, GOOD)
    settle(page)
    told = page.locator("p.source").first.text_content()
    assert "mine.csv: x is year, y is price. 4 of 5 rows are used." in told
    assert "1 with a missing value (row 5)" in told
    assert page.locator(f"{SVG} text", has_text="true line").count() == 0
    assert page.faults == []


def test_uploaded_file_stays_out_of_the_address_and_the_page_says_so(page, url):
    open_own(page, url, GOOD)
    settle(page)
    assert re.sub(r".*/\?", "", page.url) == "data=file"
    assert "not in the address" in page.locator("p.source").first.text_content()
    page.reload()
    page.get_by_text("Drop a CSV or TSV file").wait_for()


def test_uploaded_file_is_seen_by_nobody_else(page, url, browser):
    open_own(page, url, GOOD)
    settle(page)
    other = browser.new_context().new_page()
    open_own(other, url)
    assert "year" not in other.content()
    drop(other, b"a,b\n1,2\n2,5\n3,7\n", "other.csv")
    settle(other)
    assert "x is a, y is b" in other.locator("p.source").first.text_content()
    assert "x is year" in page.locator("p.source").first.text_content()
    other.context.close()


def test_a_strangers_names_are_shown_as_text_and_no_request_leaves_the_page(page, url):
    data = ",".join(HOSTILE) + "\n1,2,3,4\n2,3,4,9\n3,5,6,1\n"
    open_own(page, url, data.encode(), "<b>![x](http://192.0.2.9/n.png).csv")
    settle(page)
    told = page.locator("p.source").first.text_content()
    assert f"x is {HOSTILE[0]}, y is {HOSTILE[1]}." in told
    assert "<b>![x](http" in told
    page.locator(".st-key-preview summary").click()
    page.locator(".st-key-preview_table table").wait_for()
    assert page.locator(".st-key-preview_table th").all_text_contents()[3:7] == HOSTILE
    choose(page, "x_column", HOSTILE[3])
    page.wait_for_function(
        "document.querySelector('p.source').textContent.includes('x is a.b[c], y is')"
    )
    settle(page)
    assert page.locator(f"{SVG} .mark-line path").count() > 0
    assert [request for request in page.requests if "192.0.2.9" in request] == []
    assert page.faults == []


def test_a_strangers_error_is_shown_as_text(page, url):
    data = "![i](http://192.0.2.9/a.png),<b>y</b>\nred,1\nblue,2\n"
    open_own(page, url, data.encode())
    page.locator(".refusal").wait_for()
    assert "![i](http://192.0.2.9/a.png)" in page.locator(".refusal").text_content()
    assert [request for request in page.requests if "192.0.2.9" in request] == []
    drop(page, GOOD)  # and nothing is lost
    settle(page)


def test_two_readings_are_asked_for_and_the_answer_is_taken(page, url):
    open_own(page, url, b"x;y\n1,234;2\n5,678;4\n9,012;5\n")
    page.get_by_text("Choose the decimal mark").wait_for()
    choose(page, "mark", "Comma")
    settle(page)
    page.locator(".st-key-preview summary").click()
    page.locator(".st-key-preview_table table").wait_for()
    first = page.locator(".st-key-preview_table tbody tr").first
    assert first.locator("td").all_text_contents()[:2] == ["1.234", "2"]


def test_answer_for_one_file_is_not_taken_for_the_next(page, url):
    open_own(page, url, b"x;y\n1,234;2\n5,678;4\n9,012;5\n")
    page.get_by_text("Choose the decimal mark").wait_for()
    choose(page, "mark", "Comma")
    settle(page)
    drop(page, b"x,y\n1.234,2\n5.678,4\n9.012,5\n", "next.csv")
    page.locator("p.source", has_text="next.csv").wait_for()
    settle(page)
    expect(page.locator(".st-key-mark input")).to_have_value("Auto")
    page.locator(".st-key-preview summary").click()
    first = page.locator(".st-key-preview_table tbody tr").first
    expect(first.locator("td").first).to_have_text("1.234")


def test_one_click_standardises_and_says_what_it_did(page, url):
    open_own(page, url, GOOD)
    settle(page)
    page.locator(".st-key-standardise button").first.click()
    page.get_by_text("Scaling took κ from").wait_for()
    settle(page)
    assert "scale=standardised" in page.url
    page.get_by_role("tab", name="The three runs").wait_for()
    assert "Weight, original units" in page.locator(".st-key-runs_table").text_content()


@pytest.mark.parametrize("number", range(1, 5))
def test_anscombes_four_are_drawn_with_the_chosen_one_told_apart(page, url, number):
    page.goto(f"{url}/?data=anscombe_{number}")
    settle(page)
    marks = page.locator(".st-key-quartet svg.marks .mark-symbol path")
    expect(marks).to_have_count(44)
    blue = marks.evaluate_all("all => all.map(one => one.getAttribute('fill') === '#0072B2')")
    assert [i // 11 for i, is_blue in enumerate(blue) if is_blue] == [number - 1] * 11


@pytest.mark.parametrize("width", [390, 1400])
@pytest.mark.parametrize("query", ["?data=wheat", "?data=anscombe_4&scale=standardised"])
def test_public_data_fits_its_window(visit, query, width):
    page = visit(query, width=width)
    main = page.locator("[data-testid=stMain]")
    assert main.evaluate("e => e.scrollWidth - e.clientWidth") == 0
    assert page.faults == []
    wait_until_idle(page)
