"""The bar of rates in the browser: handles by pointer and keyboard, and what they set."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser import settle, wait_until_idle

BAR = ".st-key-ratebar"


def handle(page, name):
    return page.locator(f".ratebar .handle.{name}")


def stands_at(page, name, rate):
    """Wait until a run has a rate everywhere: in the address, in its field, on the bar."""
    page.wait_for_url(re.compile(rf"[?&]{name}={re.escape(rate)}(&|$)"))
    wait_until_idle(page)
    expect(page.locator(f".st-key-{name} input[data-testid=stNumberInputField]")).to_have_value(
        rate
    )
    expect(handle(page, name)).to_have_attribute("aria-valuenow", rate)


def middle(box):
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def test_handle_is_dragged_and_trained_when_it_is_let_go(visit):
    page = visit()
    x, y = middle(handle(page, "good").bounding_box())
    critical = page.locator(".ratebar .critical").bounding_box()["x"]
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move((x + critical) / 2, y, steps=3)
    expect(handle(page, "good")).not_to_have_attribute("aria-valuenow", "0.51")
    assert "good=" not in page.url  # nothing is sent before
    page.mouse.move(critical + 40, y, steps=3)
    page.mouse.up()
    page.wait_for_url("**good=*")
    settle(page)
    rate = handle(page, "good").get_attribute("aria-valuenow")
    assert 0.7558 < float(rate) < 1.5
    stands_at(page, "good", rate)
    expect(page.locator(".st-key-head_good .outcome")).to_have_text("diverged")
    expect(handle(page, "good")).to_have_attribute("aria-valuetext", f"{rate}, diverges")


def test_handle_is_moved_by_keys(visit):
    page = visit()
    handle(page, "good").focus()
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    stands_at(page, "good", "0.54")
    page.keyboard.press("PageDown")
    stands_at(page, "good", "0.27")
    expect(handle(page, "good")).to_be_focused()


def test_click_beside_the_handles_moves_the_nearest(visit):
    page = visit()
    x, y = middle(handle(page, "too_large").bounding_box())
    page.mouse.click(x + 60, y)
    page.wait_for_url("**too_large=*")
    assert not re.search("(good|too_small)=", page.url)


@pytest.mark.parametrize(
    "query", ["?rule=adam", "?batch_size=10", "?rule=momentum", "?too_large=1000000"]
)
def test_bar_has_its_place_for_every_way_to_step(visit, query):
    page = visit(query)
    track = page.locator(".ratebar .track").bounding_box()
    for name in ("too_small", "good", "too_large"):
        x, _ = middle(handle(page, name).bounding_box())
        assert track["x"] - 1 <= x <= track["x"] + track["width"] + 1
    assert page.faults == []
