"""What only a browser shows: drawing, scrubbing, downloads, widths, light and dark."""

import csv
import re
from pathlib import Path

import pytest

from tests.browser import PAGE, SVG, choose, scrub, serve, settle, wait_until_idle


def texts(page):
    return page.locator(f"{SVG} text").all_text_contents()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 768, 1400, 1920])
def test_page_fits_its_window(visit, width, scheme):
    page = visit(width=width, scheme=scheme)
    main = page.locator("[data-testid=stMain]")
    assert main.evaluate("e => e.scrollWidth - e.clientWidth") == 0
    svg, box = page.locator(SVG).bounding_box(), main.bounding_box()
    assert svg["x"] >= box["x"]
    assert svg["x"] + svg["width"] <= box["x"] + box["width"]
    assert page.faults == []


@pytest.mark.parametrize("width", [390, 1400])
@pytest.mark.parametrize(
    ("tab", "key"),
    [
        ("Drag a rate", "laboratory"),
        ("The map of rates", "map"),
        ("The landscape", "landscape"),
    ],
)
def test_every_picture_fits_its_window(visit, width, tab, key):
    page = visit(width=width)
    page.get_by_role("tab", name=tab).click()
    picture = page.locator(f".st-key-{key} svg.marks")
    picture.locator(".mark-symbol path").first.wait_for(state="attached")
    wait_until_idle(page)
    main = page.locator("[data-testid=stMain]")
    assert main.evaluate("e => e.scrollWidth - e.clientWidth") == 0
    svg, box = picture.bounding_box(), main.bounding_box()
    assert svg["x"] >= box["x"]
    assert svg["x"] + svg["width"] <= box["x"] + box["width"] + 1
    assert page.faults == []


@pytest.mark.parametrize(("width", "columns"), [(390, 1), (768, 2), (1280, 3), (1920, 3)])
def test_cards_stand_side_by_side_where_there_is_room(visit, width, columns):
    page = visit(width=width)
    cards = page.locator("[class*=st-key-card_]")
    boxes = [card.bounding_box() for card in cards.all()]
    assert len(boxes) == 3
    assert len({round(box["x"]) for box in boxes}) == columns
    assert all(box["width"] >= 240 for box in boxes)


@pytest.mark.parametrize("width", [390, 1400])
def test_panel_headings_do_not_overlap(visit, width):
    page = visit(width=width)
    boxes = [
        page.locator(f"{SVG} text", has_text=re.compile(f"^{title}$")).bounding_box()
        for title in ("Too small", "Good", "Too large")
    ]
    assert boxes[0]["x"] + boxes[0]["width"] < boxes[1]["x"]
    assert boxes[1]["x"] + boxes[1]["width"] < boxes[2]["x"]
    assert boxes[2]["x"] + boxes[2]["width"] <= width


def test_first_picture_is_called_a_prediction_until_tensorflow_has_answered(browser):
    with serve(PAGE) as cold:
        page = browser.new_page()
        page.goto(cold)
        page.wait_for_selector(SVG)
        assert page.locator("text=Predicted, not trained yet").count() == 1
        assert page.locator("th", has_text=re.compile("^measured$")).count() == 0
        settle(page)
        assert page.locator("text=Predicted, not trained yet").count() == 0
        page.close()


def test_moving_a_rate_redraws_the_chart_and_does_not_embed_it_again(visit):
    page = visit()
    page.locator(SVG).evaluate("svg => { svg.dataset.mark = 'mine'; }")
    page.locator(".st-key-good_slider input").focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_selector(f"{SVG} text:text-is('η = 0.56')")
    assert page.locator(SVG).get_attribute("data-mark") == "mine"


def test_new_data_and_more_steps_do_not_embed_the_chart_again_either(visit):
    page = visit()
    page.locator(SVG).evaluate("svg => { svg.dataset.mark = 'mine'; }")
    page.locator(".st-key-new_noise button").first.click()
    page.locator(".st-key-try_too_small button").first.click()
    page.wait_for_selector(f"{SVG} text:text-is('step 2,000')")
    assert page.locator(SVG).get_attribute("data-mark") == "mine"


def test_log_steps_spread_the_first_steps(visit):
    page = visit("?num_steps=2000000")
    rule = f"{SVG} text:text-is('step 10')"
    scrub(page, 10, 10)
    linear = page.locator(rule).bounding_box()["x"]
    page.locator(".st-key-stage label", has_text="Log steps").locator("input").check()
    page.wait_for_function(
        "([selector, x]) => [...document.querySelectorAll('.st-key-stage svg.marks text')]"
        ".find(t => t.textContent === 'step 10')?.getBoundingClientRect().x > x + 50",
        arg=[rule, linear],
    )


def test_diverging_run_is_cut_at_the_top_with_a_marker(visit):
    page = visit("?too_large=1000000&num_steps=2000")
    assert "off the chart at step 1" in texts(page)
    assert "off the chart" in texts(page)
    assert page.faults == []


@pytest.mark.parametrize(
    "query",
    [
        "?num_steps=1",
        "?num_steps=2000000",
        "?noise=0",
        "?noise=0&weight=0&bias=0&initial_bias=0",
        "?too_large=1000000&good=1000000&too_small=1000000",
        "?num_points=2",
        "?num_points=100000&noise=5",
        "?weight=-1000&initial_weight=1000",
        "?rule=adam&too_large=1000000",
        "?rule=rmsprop&batch_size=1&num_steps=5000",
        "?rule=nesterov&schedule=cosine_decay&noise=0",
        "?batch_size=3&too_large=1000000&phases=num_steps:300;num_steps:1,rule:adam",
    ],
)
def test_no_chart_is_blank(visit, query):
    page = visit(query)
    scrub(page, 0, 0)
    lines = page.locator(f"{SVG} .mark-line path").evaluate_all(
        "paths => paths.map(path => path.getAttribute('d'))"
    )
    assert len(lines) >= 3  # at least the bowls
    assert all("NaN" not in line for line in lines)
    assert page.locator(f"{SVG} .mark-rule line").count() >= 4  # true lines, and the floor
    assert page.faults == []


def test_refused_data_shows_the_reason_instead_of_a_chart(visit, browser, url):
    page = browser.new_page()
    page.goto(f"{url}/?num_points=1")
    page.wait_for_selector("text=two different values")
    wait_until_idle(page)
    assert page.locator(SVG).count() == 0
    assert page.locator("[data-testid=stException]").count() == 0
    page.close()


def download(page, key) -> list[dict[str, str]]:
    with page.expect_download() as started:
        page.locator(f".st-key-{key} button").first.click()
    with Path(started.value.path()).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_results_hold_every_recorded_row_and_say_where_a_run_diverged(visit):
    rows = download(visit("?too_large=1000000&num_steps=2000"), "results_csv")
    assert list(rows[0]) == [
        "run",
        "learning_rate",
        "step",
        "weight",
        "bias",
        "loss",
        "status",
        "phase",
    ]
    assert len(rows) == 3 * 2001
    large = [row for row in rows if row["run"] == "Too large"]
    assert [row["status"] for row in large] == ["ok"] + ["diverged"] * 2000
    assert large[-1]["loss"] in ("inf", "nan")
    assert {row["status"] for row in rows if row["run"] == "Good"} == {"ok"}


def test_summary_has_one_row_a_run(visit):
    rows = download(visit(), "summary_csv")
    assert [row["outcome"] for row in rows] == ["too slow", "converged", "diverged"]


def test_url_follows_the_sidebar_and_back_takes_it_back(visit):
    page = visit()
    entry = page.locator(".st-key-noise input")
    entry.fill("0.3")
    entry.press("Enter")
    page.wait_for_url("**/?noise=0.3")
    settle(page)
    page.go_back()
    page.wait_for_function("() => document.querySelector('.st-key-noise input').value === '0.01'")


def test_changes_in_quick_succession_are_all_kept(visit):
    page = visit()
    entry = page.locator(".st-key-noise input")
    entry.fill("0.3")
    entry.press("Enter")
    for _ in range(6):
        page.locator(".st-key-new_noise button").first.click(delay=0)
    # On a busy machine Streamlit takes clicks that come before one run as one.
    page.wait_for_url(re.compile(r"/\?noise=0\.3&seed=[1-6]$"))
    settle(page)
    wait_until_idle(page)
    assert page.locator(".st-key-noise input").input_value() == "0.3"
    seed = page.locator(".st-key-seed input").input_value()
    assert page.url.endswith(f"/?noise=0.3&seed={seed}")


def test_guide_shows_four_phases_with_one_click_and_back_brings_the_own_runs_back(visit):
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


def test_guide_comes_whole_however_late_the_browser_sends_what_it_showed(visit):
    page = visit()
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


def test_results_of_two_phases_name_the_phase_and_its_rate(visit):
    rows = download(visit("?phases=num_steps:20,good:0.7&good=0.05&num_steps=30"), "results_csv")
    good = [row for row in rows if row["run"] == "Good"]
    assert [row["phase"] for row in good] == ["1"] * 21 + ["2"] * 30
    assert [row["learning_rate"] for row in good] == ["0.7"] * 21 + ["0.05"] * 30
    assert [int(row["step"]) for row in good] == list(range(51))


def test_rule_and_its_parameters_are_one_click_away(visit):
    page = visit()
    assert not page.locator(".st-key-rule").is_visible()
    page.locator(".st-key-ways summary").click()
    page.locator(".st-key-rule").wait_for()
    choose(page, "rule", "Momentum")
    page.wait_for_selector(".st-key-momentum input")
    page.wait_for_url("**rule=momentum**")
    page.wait_for_selector("text=with momentum 0.9")


def test_excess_loss_is_shown_in_the_browser_alone(visit):
    page = visit()
    page.locator(".st-key-stage label", has_text="Excess loss").locator("input").check()
    page.wait_for_selector(f"{SVG} text:text-is('1e-6')")
    assert not any("least possible loss" in text for text in texts(page))


def test_rate_moves_by_keyboard_alone(visit):
    page = visit()
    is_there = (
        "() => document.activeElement.closest('.st-key-too_large_slider') !== null"
        " && document.activeElement.tagName === 'INPUT'"
    )
    for _ in range(200):
        page.keyboard.press("Tab")
        if page.evaluate(is_there):
            break
    assert page.evaluate(is_there)
    page.keyboard.press("ArrowLeft")
    page.wait_for_url("**/?too_large=0.75")


def test_chart_has_a_text_for_screen_readers(visit):
    page = visit()
    assert "Three runs of gradient descent" in page.locator(".st-key-stage").inner_html()


def test_page_asks_no_other_host(browser, url):
    page = browser.new_page()
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(url)
    settle(page)
    page.close()
    assert [one for one in asked if not one.startswith((url, "data:", "blob:"))] == []


def test_click_on_the_map_sets_the_chosen_runs_rate(visit):
    page = visit()
    page.get_by_role("tab", name="The map of rates").click()
    page.wait_for_selector(".st-key-map svg.marks .mark-symbol path")
    page.wait_for_selector("text=256 runs reached")
    wait_until_idle(page)
    page.locator(".st-key-map").scroll_into_view_if_needed()
    box = page.locator(".st-key-map svg.marks .background").first.bounding_box()
    page.mouse.click(box["x"] + 0.55 * box["width"], box["y"] + 0.6 * box["height"])
    page.wait_for_url("**good=**")
    rate = float(re.search(r"good=([^&]+)", page.url)[1])
    assert 0.01 < rate < 0.2
    settle(page)
    assert page.faults == []


def test_click_on_the_landscape_sets_the_start(visit):
    page = visit()
    page.get_by_role("tab", name="The landscape").click()
    page.wait_for_selector(".st-key-landscape svg.marks .mark-symbol path")
    wait_until_idle(page)
    page.locator(".st-key-landscape").scroll_into_view_if_needed()
    box = page.locator(".st-key-landscape svg.marks .background").first.bounding_box()
    page.mouse.click(box["x"] + 0.25 * box["width"], box["y"] + 0.25 * box["height"])
    page.wait_for_url("**initial_bias=**")
    assert float(re.search(r"initial_weight=([^&]+)", page.url)[1]) < 0
    assert float(re.search(r"initial_bias=([^&]+)", page.url)[1]) > 0.5
    settle(page)
    assert page.faults == []


def test_landscape_has_equal_axes_at_one_click(visit):
    page = visit()
    page.get_by_role("tab", name="The landscape").click()
    page.wait_for_selector(".st-key-landscape svg.marks .mark-symbol path")
    wait_until_idle(page)
    contour = page.locator(".st-key-landscape svg.marks .mark-line path").first
    before = contour.get_attribute("d")
    page.locator(".st-key-landscape label", has_text="Equal axes").locator("input").check()
    page.wait_for_function(
        "([before]) => document.querySelector('.st-key-landscape svg.marks .mark-line path')"
        ".getAttribute('d') !== before",
        arg=[before],
    )


@pytest.mark.parametrize("width", [390, 1400])
def test_headings_of_the_stage_are_not_cut(visit, width):
    page = visit("?batch_size=10", width=width)  # its loss row has the longest one
    room = page.locator(SVG).bounding_box()
    headings = page.locator(f"{SVG} .role-title-text text").all()
    assert len(headings) == 4
    for heading in headings:
        box = heading.bounding_box()
        assert box["x"] >= room["x"]
        assert box["x"] + box["width"] <= room["x"] + room["width"] + 1
