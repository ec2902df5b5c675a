"""The laboratory in the browser: it draws the theory by itself, says what a rate does, hands it over."""

import re
from itertools import pairwise

import pytest
from playwright.sync_api import expect

from linreg import data
from linreg.theory import Quadratic
from tests.browser import count_messages, lent, num_messages, resize, settle
from tests.runs import path_of

SLIDER = ".st-key-laboratory .share"
TRAIN = ".st-key-laboratory .train"
PICTURE = ".st-key-laboratory svg.marks"
QUADRATIC = Quadratic.of(data.make_line().x, data.make_line().y)

# Vega leaves the row of each mark with it.
ROWS = """() => [...document.querySelectorAll('.st-key-laboratory svg.marks .mark-symbol path')]
    .map(path => path.__data__ && path.__data__.datum).filter(row => row && 'x_loss' in row)
    .map(row => ({...row, share: Math.log10(row.rate / row.critical)}))"""


@pytest.fixture(scope="module")
def page(windows, url):
    """A page that is open on the laboratory; each test moves the slider where it needs it."""
    with lent(windows, f"{url}/?open=drag") as page:
        page.wait_for_selector(f"{PICTURE} .mark-symbol path", state="attached")
        expect(page.locator(SLIDER)).to_have_value("-0.05")
        yield page


def drag(page, place):
    """Move the slider, and return the rows of the picture once they have followed."""
    page.locator(SLIDER).fill(str(place))
    page.wait_for_function(f"() => ({ROWS})().some(row => Math.abs(row.share - ({place})) < 1e-6)")
    return page.evaluate(ROWS)


def read(text):
    return float(text.replace("−", "-"))


def test_dragging_a_rate_draws_the_theory_and_tells_what_it_does_without_the_server(page, subtests):
    count_messages(page)
    for place in (-2, -0.3, 0.02):
        with subtests.test("loss", place=place):
            rows = {int(row["step"]): row for row in drag(page, place) if row["in_loss"]}
            rate = QUADRATIC.critical_learning_rate * 10**place
            loss = path_of(QUADRATIC, rate, list(range(61))).loss
            drawn = loss[loss <= 100 * loss[0]].tolist()  # further up is off the picture
            assert sorted(rows) == list(range(len(drawn)))
            losses = [rows[step]["loss"] for step in sorted(rows)]
            assert losses == pytest.approx(drawn, rel=1e-6)
    for place, zone in (
        (-3, "crawls"),
        (-0.31, "direct"),
        (-0.05, "overshoots, still converges"),
        (0, "bounces for ever"),
        (0.01, "diverges"),
        (0.3, "diverges"),
    ):
        with subtests.test("zone and factors, to eye and ear", place=place):
            drag(page, place)
            told = page.locator(".st-key-laboratory .zone").text_content()
            assert told.partition(":")[0] == zone
            aloud = page.locator(SLIDER).get_attribute("aria-valuetext")
            assert aloud.endswith(f": {told}")
            rate = QUADRATIC.critical_learning_rate * 10**place
            assert read(re.match(r"η = (\S+) = ", aloud)[1]) == pytest.approx(rate, rel=5e-3)
            factors = page.locator(".st-key-laboratory .factors").text_content().rstrip(".")
            steep, flat = map(read, re.findall(r"[+−][\d.]+", factors))
            expected = 1 - rate * QUADRATIC.eigenvalues
            assert steep == pytest.approx(expected[1], rel=1e-3, abs=1e-4)
            assert flat == pytest.approx(expected[0], rel=1e-3)
    assert num_messages(page) == 0
    assert page.faults == []


def test_rate_that_crawls_is_told_with_what_it_leaves(page):
    for place in (-3, -2, -1.3):
        drag(page, place)
        told = page.locator(".st-key-laboratory .zone").text_content()
        share = re.fullmatch(r"crawls: (\S+) % of the excess loss is left after 200 steps", told)[1]
        rate = QUADRATIC.critical_learning_rate * 10**place
        first, last = path_of(QUADRATIC, rate, [0, 200]).loss - QUADRATIC.loss
        assert float(share) == pytest.approx(100 * last / first, rel=0.05)


def test_run_that_leaves_ends_in_a_mark_with_its_step(page, subtests):
    loss = path_of(QUADRATIC, QUADRATIC.critical_learning_rate * 10**0.3, list(range(9))).loss
    first = next(step for step in range(9) if loss[step] > 100 * loss[0])
    for width in (390, 1280):
        resize(page, width)
        with subtests.test(width=width):
            drag(page, 0.3)
            told = page.locator(f"{PICTURE} text", has_text="out at step").all_text_contents()
            assert told == [f"▲ out at step {first}", "▲ out at step 1", "▲ out at step 1"]
            marks = page.locator(f"{PICTURE} text", has_text="▲").all()
            boxes = [one.bounding_box() for one in marks]
            assert all(one["x"] + one["width"] < other["x"] for one, other in pairwise(boxes))
            drag(page, -0.05)
            assert page.locator(f"{PICTURE} text", has_text="out at step").count() == 0


def test_rate_is_handed_over_by_the_button_and_again_after_another_was_set(page, subtests):
    drag(page, -0.05)
    count_messages(page)
    page.locator(TRAIN).click()
    page.wait_for_url("**good=0.674**")
    assert num_messages(page) > 0  # what the first test counts does count
    settle(page)
    entry = page.locator(".st-key-good input")
    entry.fill("0.4")
    entry.press("Enter")
    page.wait_for_url("**good=0.4**")
    settle(page)
    page.locator(TRAIN).click()
    page.wait_for_url("**good=0.674**")
    settle(page)
    assert page.locator(SLIDER).input_value() == "-0.05"
    with subtests.test("by keyboard alone"):
        page.locator(SLIDER).focus()
        for _ in range(5):
            page.keyboard.press("ArrowRight")
        page.keyboard.press("Tab")
        expect(page.locator(TRAIN)).to_be_focused()
        page.keyboard.press("Enter")
        page.wait_for_url("**good=0.756**")
        assert page.get_by_role("button", name="Train “Good” at this rate").count() == 1
