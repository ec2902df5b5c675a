"""What only a browser shows: drawing, widths, light and dark, keys, the address and the way back."""

import re
from itertools import combinations

import pytest

from tests.browser import (
    PAGE,
    SVG,
    choose,
    count_messages,
    embed_anew,
    free_port,
    go_to,
    num_messages,
    open_tab,
    overflow,
    resize,
    scrub,
    serving,
    settle,
    wait_until_idle,
)

RATES = 0.0047, 0.51, 0.82  # that are suggested for the lesson's line
EXTREMES = [  # the numbers of many more are looked at in test_frames
    "?num_steps=1&num_points=2",
    "?noise=0&weight=0&bias=0&initial_bias=0",
    "?too_large=1000000&good=1000000&too_small=1000000",
    "?weight=-1000&initial_weight=1000&num_points=100000&noise=5",
    "?batch_size=3&too_large=1000000&phases=num_steps:300;num_steps:1,rule:adam",
]


def texts(page):
    return page.locator(f"{SVG} text").all_text_contents()


def box(page, title):
    """Return where the stage says something."""
    return page.locator(f"{SVG} text", has_text=re.compile(f"^{title}$")).bounding_box()


def is_inside(picture, place):
    """Return whether a picture lies between the left and the right edge of its place."""
    inner, outer = picture.bounding_box(), place.bounding_box()
    ends = inner["x"] + inner["width"], outer["x"] + outer["width"]
    return inner["x"] >= outer["x"] and ends[0] <= ends[1]


def test_page_fits_its_window_at_any_width_in_light_and_dark(visit, subtests):
    page = visit(width=1920, scheme="dark")
    for scheme, widths in (("dark", (1920, 390)), ("light", (390, 768, 1280, 1400, 1920))):
        for width in widths:
            resize(page, width, scheme)
            with subtests.test("nothing is beyond its edges", width=width, scheme=scheme):
                assert overflow(page) == 0
                assert is_inside(page.locator(SVG), page.locator("[data-testid=stMain]"))
                assert page.faults == []
            with subtests.test("headers stand side by side", width=width, scheme=scheme):
                heads = page.locator("[class*=st-key-head_]").all()
                boxes = [head.bounding_box() for head in heads]
                assert len({round(one["x"]) for one in boxes}) == 3
                assert len({round(one["y"]) for one in boxes}) == 1
                assert all(one["width"] >= 100 for one in boxes)
            with subtests.test("headings of panels do not overlap", width=width, scheme=scheme):
                small, good, large = (box(page, f"η = {rate}") for rate in RATES)
                assert small["x"] + small["width"] < good["x"]
                assert good["x"] + good["width"] < large["x"]
                assert large["x"] + large["width"] <= width
    go_to(page, "?batch_size=10")
    longest = "Excess loss: mean squared error above the least, log scale"
    page.wait_for_selector(f"{SVG} text:text-is('{longest}')")
    for width in (390, 1400):
        resize(page, width)
        with subtests.test("headings of rows are not cut", width=width):
            headings = page.locator(f"{SVG} .role-title-text text").all()
            assert len(headings) == 4
            assert all(is_inside(heading, page.locator(SVG)) for heading in headings)


def test_first_window_holds_the_rates_the_runs_and_their_three_pictures(visit, subtests):
    page = visit()
    rows = (
        f"{SVG} .concat_{row}_group .mark-{mark}"
        for row, mark in enumerate(("symbol", "line", "line"))
    )
    parts = ["h1", ".ratebar", "[class*=st-key-head_]", ".st-key-player .player", *rows]
    for width, height in ((1400, 900), (1920, 1080)):
        page.set_viewport_size({"width": width, "height": height})
        resize(page, width)
        for part in parts:
            with subtests.test(part=part, width=width):
                boxes = [one.bounding_box() for one in page.locator(part).all()]
                boxes = [box for box in boxes if box and box["height"]]
                assert boxes
                assert all(0 <= box["y"] <= box["y"] + box["height"] <= height for box in boxes)


def test_header_with_many_rates_covers_nothing(visit, subtests):
    many = ";".join(["num_steps:200"] * 3)
    page = visit(f"?too_small=0.00022&good=0.047&schedule=exponential_decay&phases={many}")
    for width in (1400, 390):
        resize(page, width)
        for head in page.locator("[class*=st-key-head_]").all():
            parts = (
                head.locator(one).first
                for one in (".name", ".outcome", ".stHtml p", "button:visible")
            )
            # A narrow header says no more than name, outcome and what to try.
            boxes = [part.bounding_box() for part in parts if part.is_visible()]
            assert len(boxes) == (4 if width > 768 else 3)
            with subtests.test(head=head.get_attribute("class"), width=width):
                for one, other in combinations(boxes, 2):
                    assert (
                        one["x"] + one["width"] <= other["x"] + 1
                        or other["x"] + other["width"] <= one["x"] + 1
                        or one["y"] + one["height"] <= other["y"] + 1
                        or other["y"] + other["height"] <= one["y"] + 1
                    )


def test_every_picture_fits_its_window(visit, subtests):
    page = visit(width=390)
    for width in (390, 1400):
        resize(page, width)
        for tab, key in (
            ("Drag a rate", "laboratory"),
            ("The map of rates", "map"),
            ("The landscape", "landscape"),
        ):
            open_tab(page, tab)
            picture = page.locator(f".st-key-{key} svg.marks")
            picture.locator(".mark-symbol path").first.wait_for(state="attached")
            with subtests.test(tab, width=width):
                assert overflow(page) == 0
                assert is_inside(picture, page.locator("[data-testid=stMain]"))
                assert page.faults == []


def drawn_curves(page):
    """Return all numbers of the lines of the stage, in pixels."""
    lines = page.locator(f"{SVG} .mark-line path").evaluate_all(
        "paths => paths.map(path => path.getAttribute('d'))"
    )
    assert len(lines) >= 9  # three runs in three panels
    return [float(number) for number in re.findall(r"-?[\d.]+(?:e-?\d+)?", " ".join(lines))]


def test_first_picture_is_a_prediction_and_found_again_when_the_server_was_started_anew(windows):
    port, page = free_port(), windows.take()
    with serving(PAGE, port=port) as cold:
        page.goto(f"{cold.url}/?good=0.33&noise=0.02&kept=a,run:good,good:0.3")
        page.wait_for_selector(SVG)
        assert page.locator("text=Predicted, not trained yet").count() == 1
        assert page.locator("th", has_text=re.compile("^measured$")).count() == 0
        settle(page)
        assert page.locator("text=Predicted, not trained yet").count() == 0
        page.locator(".st-key-num_steps input").fill("150")
        page.locator(".st-key-num_steps input").press("Enter")
        page.get_by_text("of 150").first.wait_for()
        settle(page)
        before, curves = page.url, drawn_curves(page)
    with serving(PAGE, port=port):
        page.reload()
        page.wait_for_selector(f"{SVG} text:text-is('step 150')")
        assert page.locator("text=Predicted, not trained yet").count() == 1
        assert page.url == before
        assert drawn_curves(page) == pytest.approx(curves, abs=0.1)  # pixels
        windows.give_back(page)


def test_rate_moves_by_keyboard_alone_and_no_change_embeds_the_chart_again(visit):
    page = visit()
    assert "Three runs of gradient descent" in page.locator(".st-key-stage").inner_html()
    page.locator(SVG).evaluate("svg => { svg.dataset.mark = 'mine'; }")
    is_there = (
        "() => document.activeElement.closest('.st-key-too_large') !== null"
        " && document.activeElement.tagName === 'INPUT'"
    )
    for _ in range(200):
        page.keyboard.press("Tab")
        if page.evaluate(is_there):
            break
    assert page.evaluate(is_there)
    page.keyboard.press("ArrowDown")
    page.wait_for_url("**/?too_large=0.81")
    page.wait_for_selector(f"{SVG} text:text-is('η = 0.81')")
    page.locator(".st-key-new_noise button").first.click()
    page.wait_for_url("**seed=1**")
    settle(page)
    page.locator(".st-key-try_too_small button", has_text="Train").first.click()
    page.wait_for_url("**num_steps=**")
    last = int(re.search(r"num_steps=(\d+)", page.url)[1])
    page.wait_for_selector(f"{SVG} text:text-is('step {last:,}')")
    assert page.locator(SVG).get_attribute("data-mark") == "mine"


def test_boxes_of_the_stage_change_it_in_the_browser_alone(visit):
    page = visit("?num_steps=2000000")
    assert_is_drawn(page)
    count_messages(page)
    excess, log = (
        page.locator(".st-key-stage label", has_text=name).locator("input")
        for name in ("Excess loss", "Log steps")
    )
    assert any("least possible loss" in text for text in texts(page))
    excess.check()
    page.wait_for_selector(f"{SVG} text:text-is('1e-6')")
    assert not any("least possible loss" in text for text in texts(page))
    scrub(page, 10, 10)
    spread = box(page, "step 10")["x"]
    log.uncheck()  # the first steps are spread until then
    page.wait_for_function(
        "([selector, x]) => [...document.querySelectorAll(selector)]"
        ".find(t => t.textContent === 'step 10')?.getBoundingClientRect().x < x - 50",
        arg=[f"{SVG} text", spread],
    )
    assert num_messages(page) == 0


def assert_is_drawn(page):
    scrub(page, 0, 0)
    lines = page.locator(f"{SVG} .mark-line path").evaluate_all(
        "paths => paths.map(path => path.getAttribute('d'))"
    )
    assert len(lines) >= 3  # at least the bowls
    assert all("NaN" not in line for line in lines)
    assert page.locator(f"{SVG} .mark-rule line").count() >= 4  # true lines, and the floor
    assert page.faults == []


def test_no_chart_is_blank(visit, subtests):
    page = visit()
    for query in EXTREMES:
        go_to(page, query)
        embed_anew(page)
        with subtests.test(query):
            assert_is_drawn(page)
    go_to(page, "?too_large=1000000&num_steps=2000")
    embed_anew(page)
    scrub(page, 200, 2000)
    with subtests.test("a run that diverges is cut at the top with a marker"):
        assert "off the chart at step 1" in texts(page)
        assert "off the chart" in texts(page)
        assert page.faults == []


def test_address_follows_the_sidebar_and_back_takes_it_back(visit, subtests):
    page = visit()
    entry = page.locator(".st-key-noise input")
    entry.fill("0.2")
    entry.press("Enter")
    page.wait_for_url("**/?noise=0.2")
    settle(page)
    page.go_back()
    page.wait_for_function("() => document.querySelector('.st-key-noise input').value === '0.01'")
    settle(page)
    with subtests.test("changes in quick succession are all kept"):
        entry.fill("0.3")
        entry.press("Enter")
        for _ in range(6):
            page.locator(".st-key-new_noise button").first.click(delay=0)
        # On a busy machine Streamlit takes clicks that come before one run as one.
        page.wait_for_url(re.compile(r"/\?noise=0\.3&seed=[1-6]$"))
        settle(page)
        wait_until_idle(page)
        assert entry.input_value() == "0.3"
        seed = page.locator(".st-key-seed input").input_value()
        assert page.url.endswith(f"/?noise=0.3&seed={seed}")
    with subtests.test("a rule and its parameters are one click away"):
        assert not page.locator(".st-key-rule").is_visible()
        page.locator(".st-key-ways summary").click()
        page.locator(".st-key-rule").wait_for()
        choose(page, "rule", "Momentum")
        page.wait_for_selector(".st-key-momentum input")
        page.wait_for_url("**rule=momentum**")
        page.wait_for_selector("text=with momentum 0.9")


def test_guide_shows_four_phases_with_one_click_and_back_brings_the_own_runs_back(visit, subtests):
    page = visit("?good=0.3")
    page.locator(".st-key-show_guide button").first.click()
    page.wait_for_selector(".st-key-guide li:nth-child(4)")
    page.wait_for_selector(f"{SVG} text:text-is('phase 4')")
    page.wait_for_url("**batch_size=10**")
    assert page.locator(f"{SVG} .mark-area path").count() > 0
    page.go_back()
    page.wait_for_selector(".st-key-guide", state="detached")
    page.wait_for_function("() => document.querySelector('.st-key-good input').value === '0.3'")
    assert page.faults == []
    with subtests.test("it comes whole however late the browser sends what it showed"):
        settle(page)
        page.locator(".st-key-show_guide button").first.click()
        for _ in range(3):
            page.locator(".st-key-new_noise button").first.click(delay=0)
        page.wait_for_url(re.compile("seed=[1-3]"))
        settle(page)
        wait_until_idle(page)
        assert page.url.count("num_steps%3A200") == 3
        assert "batch_size=10" in page.url


def test_train_on_draws_the_boundary_and_counts_on(visit):
    page = visit("?num_steps=50")
    page.locator(".st-key-train_on button").first.click()
    page.wait_for_selector(f"{SVG} text:text-is('phase 2')")
    page.wait_for_selector(f"{SVG} text:text-is('step 100')")
    scrub(page, 60, 30)
    assert "η = 0.51" in texts(page)
    scrub(page, 140, 70)
    assert "η = 0.51, phase 2" in texts(page)
