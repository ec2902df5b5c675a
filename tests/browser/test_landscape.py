"""The landscape in the browser: clicks that set the start, names that overlap nothing, runs that leave."""

import re

import numpy as np
import pytest
from playwright.sync_api import expect

from linreg import data
from linreg.pictures.landscape import Box
from linreg.runs.phases import Phase
from linreg.theory import Quadratic
from tests.browser import (
    embed_anew,
    go_to,
    open_tab,
    overflow,
    resize,
    scrub,
    settle,
    wait_until_idle,
)
from tests.runs import predicted

PICTURE = ".st-key-landscape svg.marks"
BAR = ".st-key-player"
TITLES = ("Too small", "Good", "Too large")


def opened(visit, query="", **look):
    """Open the page on the landscape."""
    page = visit(f"?open=landscape{query}", **look)
    show(page)
    return page


def show(page):
    """Bring the landscape into sight."""
    page.wait_for_selector(f"{PICTURE} .mark-symbol path", state="attached")
    wait_until_idle(page)
    page.locator(".st-key-landscape").evaluate("one => one.scrollIntoView({block: 'center'})")


def tick_equal_axes(page):
    """Give both axes one scale, and wait until numbers and contours have followed."""
    before = drawn(page)
    page.locator(".st-key-landscape label", has_text="Equal axes").locator("input").check()
    page.wait_for_function(
        f"before => ({DRAWN})().every((one, k) => one !== before[k])", arg=before
    )


DRAWN = f"""() => [
    [...document.querySelectorAll("{PICTURE} .role-axis-label text")].map(t => t.textContent).join(),
    document.querySelector("{PICTURE} .mark-line path").getAttribute("d"),
]"""


def drawn(page):
    """Return the numbers along both axes, and the first contour."""
    return page.evaluate(DRAWN)


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


def spot(page, weight, bias):
    """Return where a point stands, in pixels, and how near to it a click sets the start."""
    (low, here), (high, there) = scale(page, 0)
    half_step_of_the_grid = 13 * abs((high - low) / (there - here))
    return (place(page, 0, weight), place(page, 1, bias)), half_step_of_the_grid


def test_click_sets_the_start_under_the_pointer(visit, subtests):
    page = opened(visit, width=1280)
    there, near = spot(page, 0.5, 1.5)
    page.mouse.click(*there)
    first = chosen(page)
    assert first == pytest.approx([0.5, 1.5], abs=near)
    settle(page)
    with subtests.test("a second one at the same place does so again"):
        page.go_back()
        page.wait_for_function(
            "() => document.querySelector('.st-key-initial_bias input').value === '-1'"
        )
        settle(page)
        page.mouse.click(*there)
        assert chosen(page) == first
        settle(page)
    go_to(page, "?open=landscape&data=wheat")
    embed_anew(page)
    show(page)
    tick_equal_axes(page)
    with subtests.test("with equal axes"):
        there, near = spot(page, -80, -65)
        page.mouse.click(*there)
        assert chosen(page) == pytest.approx([-80, -65], abs=near)
        settle(page)
    with subtests.test("one beyond what is allowed sets neither coordinate and says why"):
        go_to(page, "?open=landscape&weight=1000&initial_weight=-900")
        show(page)
        there, _ = spot(page, 2000, 0)
        page.mouse.click(*there)
        page.wait_for_selector("text=must be a number between -1000 and 1000")
        settle(page)
        assert "initial_bias" not in page.url
        assert "initial_weight=-900" in page.url
    assert page.faults == []


def boxes(page, wanted):
    """Return the boxes of texts that match, by text."""
    found = page.locator(f"{PICTURE} text").evaluate_all(
        "texts => texts.filter(one => one.textContent).map(one => {"
        " const box = one.getBoundingClientRect();"
        " return [one.textContent, box.left, box.top, box.right, box.bottom]; })"
    )
    return [box for box in found if re.fullmatch(wanted, box[0])]


def exits(page):
    return [box[0] for box in boxes(page, "▲ .*")]


def assert_names_overlap_nothing(page, width):
    """See that no name on the landscape touches another, or leaves the window."""
    told = boxes(page, r"Too small|Good|Too large|minimum|(steep|flat) .*|▲ .*")
    assert {*TITLES, "minimum"} <= {box[0] for box in told}
    for k, (_, left, top, right, bottom) in enumerate(told):
        for other in told[k + 1 :]:
            apart = right <= other[1] or other[3] <= left or bottom <= other[2] + 2
            assert apart or other[4] <= top + 2, (told[k], other)
        assert right <= width


def test_names_overlap_nothing_at_any_step(visit, subtests):
    page = opened(visit, width=1280)
    for query in ("", "&data=wheat", "&rule=adam"):
        if query == "&rule=adam":  # while nobody can predict a run, no part is open
            page = opened(visit, query, width=1280)
        else:
            go_to(page, f"?open=landscape{query}")
        for width, frames in ((390, (0, 200)), (1280, (200,))):
            resize(page, width)
            for frame in frames:
                scrub(page, frame, frame)
                with subtests.test(query, width=width, frame=frame):
                    assert_names_overlap_nothing(page, width)
                    assert overflow(page) == 0


def test_every_run_that_leaves_is_marked_at_the_edge_with_its_step(visit, subtests):
    page = opened(visit, "&too_small=2&good=3&too_large=50", width=768)
    assert exits(page) == ["▲ out at step 1"] * 3
    assert {box[0] for box in boxes(page, "|".join(TITLES))} == set(TITLES)
    paths = page.locator(f"{PICTURE} .mark-line path").evaluate_all(
        "ones => ones.map(one => [one.getAttribute('stroke'), one.getAttribute('d')])"
    )
    for color in ("#0072B2", "#009E73", "#D55E00"):
        assert any(stroke == color and "L" in path for stroke, path in paths)
    with subtests.test("it leaves later where more is seen"):
        go_to(page, "?open=landscape")
        resize(page, 1280)
        tick_equal_axes(page)
        plot = page.locator(f"{PICTURE} .background").first.bounding_box()
        line, ratio = data.make_line(), plot["width"] / plot["height"]
        history = predicted((line.x, line.y), [Phase((0.0047, 0.51, 0.82), 200)])
        box = Box.of(Quadratic.of(line.x, line.y), history)
        wide = max(box.half_weight, box.half_bias * ratio)
        high = max(box.half_bias, box.half_weight / ratio)
        across = np.abs(history.weight[2] - box.weight) / wide
        up = np.abs(history.bias[2] - box.bias) / high
        first = int(((across > 1) | (up > 1)).argmax())
        assert first > int((~box.shows(history.weight[2], history.bias[2])).argmax())
        assert exits(page) == [f"▲ out at step {first}"]


def test_landscape_follows_the_player_which_stays_in_view_and_hides_what_it_covers(visit, subtests):
    page = visit(width=390)
    scrub(page, 0, 0)
    open_tab(page, "The landscape")
    page.wait_for_selector(f"{PICTURE} .mark-symbol path")
    page.wait_for_function(
        "() => document.querySelector('.st-key-landscape input[name=frame]')?.value === '0'"
    )
    at_start = page.locator(f"{PICTURE} .mark-symbol path").count()
    scrub(page, 60, 60)
    page.wait_for_function(
        "before => document.querySelectorAll('.st-key-landscape svg.marks .mark-symbol path')"
        ".length > before",
        arg=at_start,
    )
    for width, scheme in ((390, "light"), (390, "dark"), (1280, "dark"), (1280, "light")):
        resize(page, width, scheme)
        with subtests.test(width=width, scheme=scheme):
            page.locator(PICTURE).evaluate("svg => svg.scrollIntoView({block: 'end'})")
            expect(page.locator(PICTURE)).to_be_in_viewport(ratio=0.5)
            box = page.locator(f"{BAR} .play").bounding_box()
            assert (50 if width < 768 else 0) <= box["y"] <= 100
            assert page.locator(BAR).bounding_box()["height"] < 900 / 8
            behind, of_page = (
                page.locator(one).evaluate("e => getComputedStyle(e).backgroundColor")
                for one in (f"div:has(> {BAR})", ".stApp")
            )
            assert behind == of_page
    assert page.faults == []
