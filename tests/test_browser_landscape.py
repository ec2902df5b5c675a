"""The landscape in the browser: clicks that set the start, names that overlap nothing, runs that leave."""

import re

import numpy as np
import pytest

from linreg import data
from linreg.landscape import Box
from linreg.phases import Phase
from linreg.theory import Quadratic
from tests.browser import scrub, settle, wait_until_idle
from tests.runs import trained

PICTURE = ".st-key-landscape svg.marks"
TITLES = ("Too small", "Good", "Too large")


def opened(visit, query="", equal=False, **look):
    """Open the page on the landscape."""
    page = visit(f"?open=landscape{query}", **look)
    page.wait_for_selector(f"{PICTURE} .mark-symbol path", state="attached")
    wait_until_idle(page)
    if equal:
        before = ends(page)
        page.locator(".st-key-landscape label", has_text="Equal axes").locator("input").check()
        page.wait_for_function(
            "([selector, before]) => [...document.querySelectorAll(selector)]"
            ".map(one => one.textContent).join() !== before",
            arg=[f"{PICTURE} .role-axis-label text", ",".join(before)],
        )
    page.locator(".st-key-landscape").evaluate("one => one.scrollIntoView({block: 'center'})")
    return page


def ends(page):
    """Return the numbers along both axes."""
    return page.locator(f"{PICTURE} .role-axis-label text").all_text_contents()


def scale(page, axis):
    """Return two numbers of an axis and where they stand, in pixels."""
    labels = page.locator(f"{PICTURE} .role-axis").nth(axis).locator(".role-axis-label text")
    told = []
    for label in (labels.first, labels.last):
        box = label.bounding_box()
        middle = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        told.append((float(label.text_content().replace("−", "-").replace(",", "")), middle[axis]))
    return told


def place(page, axis, value):
    """Return where a value stands on an axis, in pixels."""
    (low, here), (high, there) = scale(page, axis)
    return here + (value - low) / (high - low) * (there - here)


def chosen(page):
    """Return the start in the address."""
    page.wait_for_url("**initial_weight=**initial_bias=**")
    return [
        float(re.search(rf"initial_{name}=([^&]+)", page.url)[1]) for name in ("weight", "bias")
    ]


@pytest.mark.parametrize(
    ("query", "weight", "bias"), [("", 3.4, 1.0), ("", -3.0, -0.5), ("&data=wheat", -80, -65)]
)
def test_click_sets_the_start_under_the_pointer_with_equal_axes_too(visit, query, weight, bias):
    page = opened(visit, query, equal=True, width=1280)
    x, y = place(page, 0, weight), place(page, 1, bias)
    (low, here), (high, there) = scale(page, 0)
    pixel = abs((high - low) / (there - here))
    page.mouse.click(x, y)
    assert chosen(page) == pytest.approx([weight, bias], abs=13 * pixel)  # half a grid's step
    settle(page)
    assert page.faults == []


def test_second_click_at_one_place_sets_the_start_again(visit):
    page = opened(visit, width=1280)
    x, y = place(page, 0, 0.5), place(page, 1, 1.5)
    page.mouse.click(x, y)
    first = chosen(page)
    settle(page)
    page.go_back()
    page.wait_for_function("() => !location.search.includes('initial_bias')")
    settle(page)
    wait_until_idle(page)
    page.mouse.click(x, y)
    assert chosen(page) == first


def test_start_beyond_what_is_allowed_sets_neither_coordinate_and_says_why(visit):
    page = opened(visit, "&weight=1000&initial_weight=-900", width=1280)
    page.mouse.click(place(page, 0, 2000), place(page, 1, 0))
    page.wait_for_selector("text=must be a number between -1000 and 1000")
    settle(page)
    assert "initial_bias" not in page.url
    assert "initial_weight=-900" in page.url


def boxes(page, wanted):
    """Return the boxes of texts that match, by text."""
    found = page.locator(f"{PICTURE} text").evaluate_all(
        "texts => texts.filter(one => one.textContent).map(one => {"
        " const box = one.getBoundingClientRect();"
        " return [one.textContent, box.left, box.top, box.right, box.bottom]; })"
    )
    return [box for box in found if re.fullmatch(wanted, box[0])]


@pytest.mark.parametrize("query", ["", "&data=wheat", "&rule=adam", "&rule=momentum"])
@pytest.mark.parametrize("width", [390, 1280])
def test_names_overlap_nothing_at_any_step(visit, query, width):
    page = opened(visit, query, width=width)
    for frame in (0, 200):
        scrub(page, frame, frame)
        told = boxes(page, r"Too small|Good|Too large|minimum|(steep|flat) .*|▲ .*")
        assert {"Too small", "Good", "Too large", "minimum"} <= {box[0] for box in told}
        for k, (_, left, top, right, bottom) in enumerate(told):
            for other in told[k + 1 :]:
                apart = right <= other[1] or other[3] <= left or bottom <= other[2] + 2
                assert apart or other[4] <= top + 2, (told[k], other)
            assert right <= width


def exits(page):
    return [box[0] for box in boxes(page, "▲ .*")]


def test_every_run_that_leaves_is_marked_at_the_edge_with_its_step(visit):
    page = opened(visit, "&too_small=2&good=3&too_large=50", width=768)
    assert exits(page) == ["▲ out at step 1"] * 3
    assert {box[0] for box in boxes(page, "|".join(TITLES))} == set(TITLES)
    paths = page.locator(f"{PICTURE} .mark-line path").evaluate_all(
        "ones => ones.map(one => [one.getAttribute('stroke'), one.getAttribute('d')])"
    )
    for color in ("#0072B2", "#009E73", "#D55E00"):
        assert any(stroke == color and "L" in path for stroke, path in paths)


def test_run_leaves_later_where_more_is_seen(visit):
    page = opened(visit, equal=True, width=1280)
    plot = page.locator(f"{PICTURE} .background").first.bounding_box()
    line, ratio = data.make_line(), plot["width"] / plot["height"]
    history = trained((line.x, line.y), [Phase((0.0047, 0.51, 0.82), 200)])
    box = Box.of(Quadratic.of(line.x, line.y), history)
    across = np.abs(history.weight[2] - box.weight) / max(box.half_weight, box.half_bias * ratio)
    up = np.abs(history.bias[2] - box.bias) / max(box.half_bias, box.half_weight / ratio)
    first = int(((across > 1) | (up > 1)).argmax())
    assert first > int((~box.shows(history.weight[2], history.bias[2])).argmax())
    assert exits(page) == [f"▲ out at step {first}"]
