"""The laboratory in the browser: it draws the theory by itself, says what a rate does, hands it over."""

import re
from itertools import pairwise

import pytest
from playwright.sync_api import expect

from linreg import data
from linreg.theory import Quadratic
from tests.browser import settle, wait_until_idle

SLIDER = ".st-key-laboratory .share"
TRAIN = ".st-key-laboratory .train"
PICTURE = ".st-key-laboratory svg.marks"
QUADRATIC = Quadratic.of(data.make_line().x, data.make_line().y)
COUNT = """() => {
    window.sent = 0;
    const send = WebSocket.prototype.send;
    WebSocket.prototype.send = function (data) { window.sent++; return send.call(this, data); };
}"""

# Vega leaves the row of each mark with it.
ROWS = """() => [...document.querySelectorAll('.st-key-laboratory svg.marks .mark-symbol path')]
    .map(path => path.__data__ && path.__data__.datum).filter(row => row && 'x_loss' in row)
    .map(row => ({...row, share: Math.log10(row.rate / row.critical)}))"""


def opened(visit, query="", **look):
    """Open the page on the laboratory."""
    page = visit(f"?open=drag{query}", **look)
    page.wait_for_selector(f"{PICTURE} .mark-symbol path", state="attached")
    page.locator(SLIDER).wait_for()
    wait_until_idle(page)
    return page


def drag(page, place):
    """Move the slider, and return the rows of the picture once they have followed."""
    page.locator(SLIDER).fill(str(place))
    page.wait_for_function(f"() => ({ROWS})().some(row => Math.abs(row.share - ({place})) < 1e-6)")
    return page.evaluate(ROWS)


@pytest.mark.parametrize("place", [-2, -0.3, 0.02])
def test_dragging_a_rate_draws_the_theory_without_the_server(visit, place):
    page = opened(visit)
    page.evaluate(COUNT)
    rows = {int(row["step"]): row for row in drag(page, place) if row["in_loss"]}
    loss = QUADRATIC.path(QUADRATIC.critical_learning_rate * 10**place, list(range(61))).loss
    drawn = loss[loss <= 100 * loss[0]].tolist()  # further up is off the picture
    assert sorted(rows) == list(range(len(drawn)))
    assert [rows[step]["loss"] for step in sorted(rows)] == pytest.approx(drawn, rel=1e-6)
    assert page.evaluate("() => window.sent") == 0
    assert page.faults == []


def test_server_is_told_of_the_button_alone(visit):
    page = opened(visit)
    page.evaluate(COUNT)
    page.locator(TRAIN).click()
    page.wait_for_url("**good=0.674**")
    assert page.evaluate("() => window.sent") > 0  # what the test above counts does count


def test_rate_is_handed_over_again_after_another_was_set(visit):
    page = opened(visit)
    page.locator(TRAIN).click()
    page.wait_for_url("**good=0.674**")
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


def test_rate_is_dragged_and_handed_over_by_keyboard_alone(visit):
    page = opened(visit)
    page.locator(SLIDER).focus()
    for _ in range(5):
        page.keyboard.press("ArrowRight")
    page.keyboard.press("Tab")
    expect(page.locator(TRAIN)).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url("**good=0.756**")
    assert page.get_by_role("button", name="Train “Good” at this rate").count() == 1


@pytest.mark.parametrize(
    ("place", "zone"),
    [
        (-3, "crawls"),
        (-0.31, "direct"),
        (-0.05, "overshoots, still converges"),
        (0, "bounces for ever"),
        (0.01, "diverges"),
        (0.3, "diverges"),
    ],
)
def test_zone_and_factors_are_told_to_eye_and_ear(visit, place, zone):
    page = opened(visit)
    drag(page, place)
    told = page.locator(".st-key-laboratory .zone").text_content()
    assert told.partition(":")[0] == zone
    aloud = page.locator(SLIDER).get_attribute("aria-valuetext")
    assert aloud.endswith(f": {told}")
    rate = QUADRATIC.critical_learning_rate * 10**place
    assert float(re.match(r"η = (\S+) = ", aloud)[1].replace("−", "-")) == pytest.approx(
        rate, rel=5e-3
    )
    factors = page.locator(".st-key-laboratory .factors").text_content().rstrip(".")
    steep, flat = (float(one.replace("−", "-")) for one in re.findall(r"[+−][\d.]+", factors))
    assert steep == pytest.approx(1 - rate * QUADRATIC.eigenvalues[1], rel=1e-3, abs=1e-4)
    assert flat == pytest.approx(1 - rate * QUADRATIC.eigenvalues[0], rel=1e-3)


@pytest.mark.parametrize("width", [390, 1280])
def test_run_that_leaves_ends_in_a_mark_with_its_step(visit, width):
    page = opened(visit, width=width)
    drag(page, 0.3)
    loss = QUADRATIC.path(QUADRATIC.critical_learning_rate * 10**0.3, list(range(9))).loss
    first = next(step for step in range(9) if loss[step] > 100 * loss[0])
    told = page.locator(f"{PICTURE} text", has_text="out at step").all_text_contents()
    assert told == [f"▲ out at step {first}", "▲ out at step 1", "▲ out at step 1"]
    boxes = [one.bounding_box() for one in page.locator(f"{PICTURE} text", has_text="▲").all()]
    assert all(one["x"] + one["width"] < other["x"] for one, other in pairwise(boxes))
    drag(page, -0.05)
    assert page.locator(f"{PICTURE} text", has_text="out at step").count() == 0
