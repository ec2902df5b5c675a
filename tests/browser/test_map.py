"""The map of rates in a browser: what a click sets, and what a hover tells."""

import re

import numpy as np

from linreg.theory import rates
from tests.browser import go_to, resize, settle, wait_until_idle

CHART = ".st-key-map svg.marks"


def opened(visit, query="", **window):
    """Open the page on its map, in sight, with the runs there."""
    page = visit(f"?open=map{query}", **window)
    show(page)
    return page


def show(page, said="256 runs reached"):
    """Bring the map into sight, with what is to be said below it."""
    page.wait_for_selector(f"{CHART} .mark-symbol path", state="attached")
    page.wait_for_selector(f"text={said}")
    wait_until_idle(page)
    page.evaluate("() => document.querySelector('.st-key-map').scrollIntoView({block: 'end'})")


def click(page, across, down):
    """Click at shares of the plot's width and height."""
    box = page.locator(f"{CHART} .background").first.bounding_box()
    page.mouse.click(box["x"] + across * box["width"], box["y"] + down * box["height"])


def rate_of(page, run="good"):
    return float(page.locator(f".st-key-{run} input").input_value())


def set_by_click(page, across, down):
    """Click, and return the rate of the good run once it has changed."""
    before = page.locator(".st-key-good input").input_value()
    click(page, across, down)
    page.wait_for_function(
        "before => document.querySelector('.st-key-good input').value !== before", arg=before
    )
    wait_until_idle(page)
    return rate_of(page)


def type_rate(page, text):
    entry = page.locator(".st-key-good input")
    entry.fill(text)
    entry.press("Enter")
    page.wait_for_url(f"**good={text}**")
    settle(page)


def place(rate):
    return np.argmin(np.abs(np.log(rates.ALL / rate)))


def test_click_means_the_rate_below_it_at_any_height(visit, subtests):
    page = opened(visit, width=1280, height=1000)
    for across, down in ((0.3, 0.5), (0.92, 0.5), (0.6, 0.15), (0.3, 0.9)):
        expected = 0.7558 * 5e-4 * 8_000**across  # from 5e-4 to 4 times the critical rate
        with subtests.test(across=across, down=down):
            found = set_by_click(page, across, down)
            assert abs(place(found) - place(expected)) <= 1
    with subtests.test("where nothing can be trained, too"):
        go_to(page, "?open=map&num_steps=250000")
        show(page, "Take at most 234,375 steps")
        found = set_by_click(page, 0.5, 0.5)
        assert abs(place(found) - place(0.7558 * 5e-4 * 8_000**0.5)) <= 1
    assert page.faults == []


def test_same_place_can_be_clicked_again_and_no_click_is_taken_twice(visit):
    page = opened(visit, width=1280, height=1000)
    first = set_by_click(page, 0.5, 0.4)
    type_rate(page, "0.4")
    wait_until_idle(page)
    assert rate_of(page) == 0.4
    assert set_by_click(page, 0.5, 0.4) == first
    page.locator(".st-key-map_run button", has_text="Too large").click()
    wait_until_idle(page)
    type_rate(page, "0.41")
    click(page, 0.5, 0.4)
    page.wait_for_url(f"**too_large={first:g}**")
    wait_until_idle(page)
    assert rate_of(page) == 0.41


def test_hover_over_a_mark_tells_the_mark(visit):
    page = opened(visit, width=1280, height=1000)
    page.locator(f"{CHART} text:text-is('3')").last.hover()
    told = page.locator("#vg-tooltip-element")
    told.wait_for()
    text = re.sub(r"\s+", " ", told.inner_text())
    assert "steepest" in text
    assert "× critical: safe" in text
    page.mouse.move(0, 0)
    told.wait_for(state="hidden")
    box = page.locator(f"{CHART} text:text-is('3')").last.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 250)  # its line, below its number
    told.wait_for()
    assert "steepest" in told.inner_text()


def test_no_text_on_the_map_touches_another(visit, subtests):
    page = opened(visit, width=1920, height=1000)
    for query in ("", "&data=wheat", "&good=3&too_small=2"):
        go_to(page, f"?open=map{query}")
        page.wait_for_selector("text=256 runs reached")
        for width in (1920, 390) if query else (390, 768, 1280, 1920):
            resize(page, width)
            with subtests.test(query, width=width):
                assert_is_apart(page)


def assert_is_apart(page):
    """See that no text of the map touches another."""
    boxes = page.locator(f"{CHART} .mark-text text").evaluate_all(
        "texts => texts.filter(one => one.textContent)"
        ".map(one => [one.textContent, one.getBoundingClientRect()])"
    )
    assert len(boxes) >= 6
    for index, (text, box) in enumerate(boxes):
        for other, there in boxes[index + 1 :]:
            across = min(box["right"], there["right"]) - max(box["left"], there["left"])
            down = min(box["bottom"], there["bottom"]) - max(box["top"], there["top"])
            assert across <= 1 or down <= 4, (text, other)  # a line is higher than its letters
