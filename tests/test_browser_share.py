"""Keep, share and take home in a real browser: what arrives, how it opens, what an embedding shows."""

import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import expect

from linreg import data
from linreg.theory import Quadratic
from tests.browser import SVG, choose, scrub, serve_text, settle, wait_until_idle

STEP = ".st-key-one_step"
LINK = ".st-key-link"


def open_tab(page, name):
    page.get_by_role("tab", name=name, exact=True).click()
    wait_until_idle(page)


def download(page, key):
    """Return the name and the content of a file that a button brings."""
    button = page.locator(f".st-key-{key} button").first
    with page.expect_download() as started:
        button.click()
    return started.value.suggested_filename, Path(started.value.path()).read_bytes()


@pytest.fixture(scope="module")
def files(browser, url):
    """Download everything once, of runs that are not the page's own."""
    page = browser.new_page()
    page.goto(f"{url}/?seed=3&num_steps=50&good=0.3&kept=<b>mine</b>,drawn:1,run:good,good:0.2")
    settle(page)
    open_tab(page, "Take home")
    names = ("script", "notebook", "settings_file", "report", "svg", "png")
    made = {}
    for name in names:
        page.locator(f".st-key-take_{name} button:enabled").first.wait_for()
        made[name] = download(page, f"take_{name}")
    page.close()
    return made


def test_downloads_have_their_names(files):
    assert {name: file for name, (file, _) in files.items()} == {
        "script": "runs.py",
        "notebook": "runs.ipynb",
        "settings_file": "settings.json",
        "report": "report.html",
        "svg": "stage.svg",
        "png": "stage.png",
    }


def test_downloaded_script_ends_at_the_numbers_of_the_theory(files, tmp_path):
    path = tmp_path / "runs.py"
    path.write_bytes(files["script"][1])
    ran = subprocess.run(
        [sys.executable, path], cwd=tmp_path, capture_output=True, text=True, timeout=120
    )
    assert ran.returncode == 0, ran.stderr
    line = data.make_line(seed=3)
    expected = Quadratic.of(line.x, line.y).path(0.3, [50])
    good = re.findall(r"^weight (\S+), bias (\S+), loss (\S+)$", ran.stdout, re.MULTILINE)[1]
    assert [float(part) for part in good] == pytest.approx(
        [float(part[0]) for part in expected], rel=1e-6
    )


def test_downloaded_notebook_and_settings_hold_what_was_set(files):
    notebook = json.loads(files["notebook"][1])
    assert any("default_rng(3)" in "".join(cell["source"]) for cell in notebook["cells"])
    assert json.loads(files["settings_file"][1])["settings"] == {
        "seed": 3,
        "good": 0.3,
        "num_steps": 50,
        "too_small": 0.0047,
        "too_large": 0.82,
        "kept": "<b>mine</b>,drawn:1,run:good,good:0.2",
    }


def test_downloaded_pictures_are_pictures(files):
    assert files["png"][1].startswith(b"\x89PNG")
    svg = files["svg"][1].decode()
    assert svg.startswith("<svg")
    assert "step 50" in svg
    assert "seed 3" in svg


@pytest.mark.parametrize("width", [390, 1200])
def test_report_opens_without_a_network(browser, files, tmp_path, width):
    path = tmp_path / "report.html"
    path.write_bytes(files["report"][1])
    context = browser.new_context(offline=True, viewport={"width": width, "height": 900})
    page = context.new_page()
    asked, faults = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto(path.as_uri())
    assert asked == [path.as_uri()]
    assert faults == []
    text = page.locator("body").inner_text()
    for part in ("Too small", "Steps needed", "0.3", "On this data", "<b>mine</b>", "Now: Good"):
        assert part in text
    root = page.locator("html")
    assert root.evaluate("e => e.scrollWidth - e.clientWidth") == 0
    rows = page.locator(".settings tr")
    told = dict(row.split("\t") for row in rows.all_inner_texts())
    assert told["Seed"] == "3"
    assert told["Initial bias"] == "−1"
    assert told["Points"] == "100"
    assert told["Good, exact rate"] == "0.3"
    name, value = (rows.first.locator(part).bounding_box() for part in ("th", "td"))
    assert value["x"] + value["width"] - name["x"] < 400
    assert page.locator(".stage svg").bounding_box()["width"] > 0.7 * width
    context.close()


def test_settings_file_dropped_on_the_page_restores_it(visit, files, tmp_path):
    path = tmp_path / "settings.json"
    path.write_bytes(files["settings_file"][1])
    page = visit("?noise=0.5")
    open_tab(page, "Take home")
    page.locator(".st-key-settings_upload input[type=file]").set_input_files(path)
    page.wait_for_url("**good=0.3**")
    settle(page)
    assert "noise" not in page.url
    assert page.locator(".st-key-seed input").input_value() == "3"
    assert page.faults == []


def test_results_read_by_pandas_are_the_same_numbers(visit, tmp_path):
    import pandas

    page = visit("?too_large=1000000&num_steps=300")
    _, content = download(page, "results_csv")
    path = tmp_path / "results.csv"
    path.write_bytes(content)
    rows = pandas.read_csv(path)
    open_tab(page, "Printouts")
    page.locator(".st-key-printouts pre").last.wait_for()
    shown = page.locator(".st-key-printouts pre").all_inner_texts()
    assert len(shown) == 3
    for name, text in zip(("Too small", "Good", "Too large"), shown, strict=True):
        losses = rows[rows["run"] == name].set_index("step")["loss"]
        printed = re.findall(r"Step (\d+), Loss: (\S+)", text)
        assert [f"{losses[int(step)]:.6g}" for step, _ in printed] == [loss for _, loss in printed]
    assert {"inf", "nan"} <= {loss for _, loss in printed}
    line = data.make_line()
    path = Quadratic.of(line.x, line.y).path(0.51, np.arange(301))
    good = rows[rows["run"] == "Good"]
    for name, expected in zip(("weight", "bias", "loss"), path, strict=True):
        np.testing.assert_allclose(good[name], expected, rtol=1e-9, atol=1e-12)


def test_kept_run_is_drawn_beside_the_current_ones_after_a_reload_too(visit):
    page = visit()
    open_tab(page, "Compare")
    page.locator(".st-key-kept_name input").fill("<b>mine</b>")
    page.locator(".st-key-kept_name input").press("Enter")
    wait_until_idle(page)
    page.locator(".st-key-keep_too_small button").first.click()
    page.wait_for_selector(".st-key-kept_table th:has-text('<b>mine</b>')")
    choose(page, "kept_drawn", "<b>mine</b>")
    page.wait_for_url("**drawn*")
    page.wait_for_selector(f"{SVG} text:text-is('<b>mine</b>')")
    page.reload()
    settle(page)
    page.wait_for_selector(f"{SVG} text:text-is('<b>mine</b>')")
    assert page.faults == []


def test_hovering_over_a_kept_curve_tells_its_values(visit):
    page = visit("?kept=mine,drawn:1,run:good,good:0.05")
    page.wait_for_selector(f"{SVG} text:text-is('mine')")
    place = page.locator(f"{SVG} .mark-symbol path[aria-roledescription], {SVG} .mark-symbol path")
    spot = place.evaluate_all(
        """paths => {
            const path = paths.find(one => one.__data__?.datum?.hovers && one.__data__.datum.step > 20);
            path.scrollIntoView({block: 'center'});
            const box = path.getBoundingClientRect();
            return [box.x + box.width / 2, box.y + box.height / 2];
        }"""
    )
    page.mouse.move(*spot)
    page.wait_for_selector("#vg-tooltip-element.visible")
    assert "mine" in page.locator("#vg-tooltip-element").inner_text()


def copied(page):
    """Return the link that the button copies."""
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy link").click()
    page.wait_for_selector(f"{LINK} span:text-is('Copied')")
    return page.evaluate("navigator.clipboard.readText()")


@pytest.mark.parametrize("width", [390, 1400])
def test_link_is_copied_by_a_button_and_opens_to_the_same_picture(visit, width):
    page = visit("?seed=7", width=width)
    scrub(page, 6, 6)
    page.get_by_role("checkbox", name="Excess loss").check()
    open_tab(page, "The landscape")
    open_tab(page, "Take home")
    link = copied(page)
    assert link.startswith(page.url.split("?")[0] + "?")
    again = visit("?" + link.partition("?")[2])
    assert again.locator(".st-key-player output").inner_text() == "step 6 of 200"
    again.wait_for_selector(f"{SVG} text:text-is('step 6')")
    assert again.get_by_role("checkbox", name="Excess loss").is_checked()
    assert not again.get_by_role("checkbox", name="Log steps").is_checked()
    assert again.get_by_role("tab", name="The landscape", selected=True).count() == 1
    for name in ("seed", "too_small", "good", "too_large"):
        fields = [one.locator(f".st-key-{name} input").first for one in (page, again)]
        assert fields[0].input_value() == fields[1].input_value()
    assert page.faults + again.faults == []


def test_link_is_copied_where_the_browser_lends_no_clipboard(visit):
    """As on a page that came over HTTP from another machine."""
    page = visit("?seed=7")
    open_tab(page, "Take home")
    page.evaluate("Object.defineProperty(navigator, 'clipboard', {value: undefined})")
    page.evaluate("document.addEventListener('copy', () => (window.has_copied = true))")
    page.get_by_role("button", name="Copy link").click()
    page.wait_for_selector(f"{LINK} span:text-is('Copied')")
    assert page.evaluate("window.has_copied")
    field = page.locator(f"{LINK} input")
    chosen = field.evaluate("e => e.value.slice(e.selectionStart, e.selectionEnd)")
    assert chosen == field.input_value()
    assert "seed=7" in chosen


def test_player_offers_no_numbers_that_a_lesson_hides(visit):
    assert visit().locator(".st-key-player .numbers").is_visible()
    assert not visit("?lesson=crawl").locator(".st-key-player .numbers").is_visible()


@pytest.mark.parametrize("query", ["?lesson=scale", "?data=wheat&open=landscape", "?open=take"])
def test_page_does_not_scroll_sideways_on_a_phone(visit, query):
    page = visit(query, width=390)
    main = page.locator("[data-testid=stMain]")
    assert main.evaluate("e => e.scrollWidth - e.clientWidth") == 0


def test_numbers_of_the_scrubbed_step_are_one_click_away(visit):
    page = visit()
    scrub(page, 6, 6)
    page.locator(".st-key-player .numbers").click()
    page.wait_for_selector(f"{STEP} b:text-is('Step 6')")
    page.locator(".st-key-shown_run button", has_text="Too large").click()
    line = data.make_line()
    path = Quadratic.of(line.x, line.y).path(0.82, [6, 7])
    page.wait_for_selector(f"{STEP} >> text={f'{path.loss[0]:.8g}'}")
    assert f"{path.weight[1]:.8g}".replace("-", "−") in page.locator(STEP).inner_text()


@pytest.mark.parametrize("width", [390, 1400])
def test_lesson_opens_on_its_part_and_reveals_its_answer(visit, width):
    page = visit("?lesson=overshoot", width=width)
    page.wait_for_selector(".st-key-laboratory svg.marks")
    assert page.locator(".st-key-lesson").is_visible()
    assert page.locator(".st-key-noise").count() == 0
    page.locator(".st-key-lesson summary").click()
    page.wait_for_selector("text=two over the largest eigenvalue")
    main = page.locator("[data-testid=stMain]")
    assert main.evaluate("e => e.scrollWidth - e.clientWidth") == 0


def test_page_looks_right_inside_another_one(browser, url):
    outer = (
        f'<h1>Course</h1><iframe src="{url}/?embed=true&seed=2" width="760" height="700"></iframe>'
    )
    with serve_text(outer) as address:
        page = browser.new_page(viewport={"width": 900, "height": 800})
        page.goto(address)
        frame = page.frame_locator("iframe")
        frame.locator("text=Trained by TensorFlow").wait_for()
        frame.locator(SVG).wait_for()
        box = frame.locator("[data-testid=stMain]")
        assert box.evaluate("e => e.scrollWidth - e.clientWidth") == 0
        assert not frame.locator("[data-testid=stMainMenu]").is_visible()
        title = frame.locator("h1").bounding_box()
        assert title["y"] - page.locator("iframe").bounding_box()["y"] < 120
        page.close()


def test_link_of_twenty_kept_runs_opens(visit):
    entries = "|".join(f"run {k},run:good,good:{0.02 * (k + 1):.2f}" for k in range(20))
    page = visit(f"?kept={entries}")
    open_tab(page, "Compare")
    page.wait_for_selector(".st-key-kept_table th:has-text('run 19')")
    expect(page.locator(".st-key-kept_table tbody tr")).to_have_count(23)
    assert page.faults == []
