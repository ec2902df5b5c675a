"""Keep, share and take home in a real browser: what arrives, how it opens, what an embedding shows."""

import csv
import io
import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas
import pytest

from linreg import data
from linreg.theory import Quadratic
from tests.browser import (
    SVG,
    go_to,
    lent,
    open_tab,
    overflow,
    own_window,
    resize,
    scrub,
    serve_text,
    settle,
    wait_until_idle,
)
from tests.runs import path_of

TITLES = ("Too small", "Good", "Too large")
LINK = ".st-key-link"


def download(page, key):
    """Return the name and the content of a file that a button brings."""
    button = page.locator(f".st-key-{key} button").first
    with page.expect_download() as started:
        button.click()
    return started.value.suggested_filename, Path(started.value.path()).read_bytes()


@pytest.fixture(scope="module")
def files(windows, url):
    """Download everything once, of runs that are not the page's own."""
    query = "?seed=3&num_steps=50&good=0.3&kept=<b>mine</b>,drawn:1,run:good,good:0.2"
    made = {}
    with lent(windows, f"{url}/{query}") as page:
        open_tab(page, "Take home")
        for name in ("script", "notebook", "settings_file", "report", "svg", "png"):
            page.locator(f".st-key-take_{name} button:enabled").first.wait_for()
            made[name] = download(page, f"take_{name}")
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
    expected = path_of(Quadratic.of(line.x, line.y), 0.3, [50])
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


def test_report_opens_without_a_network(browser, files, tmp_path, subtests):
    path = tmp_path / "report.html"
    path.write_bytes(files["report"][1])
    page = own_window(browser, offline=True, viewport={"width": 390, "height": 900})
    asked, faults = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto(path.as_uri())
    text = page.locator("body").inner_text()
    for part in ("Too small", "Steps needed", "0.3", "On this data", "<b>mine</b>", "Now: Good"):
        assert part in text
    rows = page.locator(".settings tr")
    told = dict(row.split("\t") for row in rows.all_inner_texts())
    assert told["Seed"] == "3"
    assert told["Initial bias"] == "−1"
    assert told["Points"] == "100"
    assert told["Good"] == "0.3"
    for width in (390, 1200):
        page.set_viewport_size({"width": width, "height": 900})
        with subtests.test(width=width):
            assert page.locator("html").evaluate("e => e.scrollWidth - e.clientWidth") == 0
            name, value = (rows.first.locator(part).bounding_box() for part in ("th", "td"))
            assert value["x"] + value["width"] - name["x"] < 400
            assert page.locator(".stage svg").bounding_box()["width"] > 0.7 * width
    assert asked == [path.as_uri()]
    assert faults == []
    page.close()


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


def test_downloaded_results_hold_every_recorded_row_of_the_runs_shown_and_kept(visit):
    kept = "below,drawn:1,run:good,good:0.5|wheat,run:good,data:wheat,good:1e-7"
    first = "num_steps:20,good:0.7,too_large:1000000"
    page = visit(f"?too_large=1000000&good=0.1&num_steps=300&phases={first}&kept={kept}")
    page.wait_for_selector("text=2 of 2 kept runs")
    wait_until_idle(page)
    results, summary = (
        download(page, f"{name}_csv")[1].decode() for name in ("results", "summary")
    )
    columns = ["run", "learning_rate", "step", "weight", "bias", "loss", "status", "phase"]
    runs = {}
    for row in csv.DictReader(io.StringIO(results, newline="")):
        assert list(row) == columns
        runs.setdefault(row["run"], []).append(row)
    assert list(runs) == [*TITLES, "below", "wheat"]
    large, good = runs["Too large"], runs["Good"]
    assert [row["status"] for row in large] == ["ok"] + ["diverged"] * 320
    assert large[-1]["loss"] in ("inf", "nan")
    assert {row["status"] for row in good} == {"ok"}
    assert [row["phase"] for row in good] == ["1"] * 21 + ["2"] * 300
    assert [row["learning_rate"] for row in good] == ["0.7"] * 21 + ["0.1"] * 300
    assert [int(row["step"]) for row in good] == list(range(321))
    table = pandas.read_csv(io.StringIO(summary))
    assert table["run"].tolist() == list(runs)
    assert table["outcome"].tolist()[:3] == ["too slow", "converged", "diverged"]
    rows = pandas.read_csv(io.StringIO(results))
    ends = rows.groupby("run", sort=False).tail(1)["loss"]
    np.testing.assert_array_equal(ends, table["loss"])
    # The same numbers as those of the theory, and as those that the page prints.
    bowl = Quadratic.of(data.make_line().x, data.make_line().y)
    before = path_of(bowl, 0.7, np.arange(21))
    after = path_of(bowl, 0.1, np.arange(1, 301), (before.weight[-1], before.bias[-1]))
    for name, *expected in zip(("weight", "bias", "loss"), before, after, strict=True):
        told = rows[rows["run"] == "Good"][name]
        np.testing.assert_allclose(told, np.concatenate(expected), rtol=1e-9, atol=1e-12)
    open_tab(page, "Printouts")
    texts = page.locator(".st-key-printouts pre").all_inner_texts()
    for name, text in zip(TITLES, texts, strict=True):
        losses = rows[rows["run"] == name].set_index("step")["loss"]
        printed = re.findall(r"Step (\d+), Loss: (\S+)", text)
        assert [f"{losses[int(step)]:.6g}" for step, _ in printed] == [loss for _, loss in printed]
    left = rows.loc[(rows["run"] == "Too large") & ~np.isfinite(rows["loss"]), "step"].min()
    assert text.endswith(f"Diverged at step 1, nothing finite from step {left} on.")


def copied(page):
    """Return the link that the button copies."""
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.evaluate("navigator.clipboard.writeText('')")
    page.get_by_role("button", name="Copy link").click()
    page.wait_for_selector(f"{LINK} span:text-is('Copied')")
    return page.wait_for_function("() => navigator.clipboard.readText()").json_value()


def test_link_is_copied_by_a_button_and_opens_to_the_same_picture(visit, subtests):
    page = visit("?seed=7", width=390)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    scrub(page, 6, 6)
    page.get_by_role("checkbox", name="Excess loss").check()
    open_tab(page, "The landscape")
    open_tab(page, "Take home")
    assert overflow(page) == 0
    link = copied(page)
    assert link.startswith(page.url.split("?")[0] + "?")
    resize(page, 1400)
    page.get_by_role("checkbox", name="Excess loss").check()  # another width, another picture
    assert copied(page) == link
    again = visit("?" + link.partition("?")[2])
    assert again.locator(".st-key-player output").inner_text() == "step 6 of 200"
    again.wait_for_selector(f"{SVG} text:text-is('step 6')")
    assert again.get_by_role("checkbox", name="Excess loss").is_checked()
    assert again.get_by_role("checkbox", name="Log steps").is_checked()
    assert again.get_by_role("tab", name="The landscape", selected=True).count() == 1
    for name in ("seed", "too_small", "good", "too_large"):
        fields = [one.locator(f".st-key-{name} input").first for one in (page, again)]
        assert fields[0].input_value() == fields[1].input_value()
    with subtests.test("where the browser lends no clipboard"):
        # As on a page that came over HTTP from another machine.
        open_tab(again, "Take home")
        again.evaluate("Object.defineProperty(navigator, 'clipboard', {value: undefined})")
        again.evaluate("document.addEventListener('copy', () => (window.has_copied = true))")
        again.get_by_role("button", name="Copy link").click()
        again.wait_for_selector(f"{LINK} span:text-is('Copied')")
        assert again.evaluate("window.has_copied")
        field = again.locator(f"{LINK} input")
        chosen = field.evaluate("e => e.value.slice(e.selectionStart, e.selectionEnd)")
        assert chosen == field.input_value()
        assert "seed=7" in chosen
    assert page.faults + again.faults == []


def test_link_is_silent_of_a_step_and_of_boxes_that_are_as_they_are_by_themselves(visit):
    page = visit("?step=10&show=excess&open=take")
    assert {"step=10", "show=excess"} <= set(copied(page).partition("?")[2].split("&"))
    scrub(page, 200, 200)
    page.get_by_role("checkbox", name="Excess loss").uncheck()
    page.get_by_role("checkbox", name="Log steps").check()
    link = copied(page)
    assert "step=" not in link
    assert "show=" not in link


def test_lesson_opens_on_its_part_and_reveals_its_answer(visit, subtests):
    page = visit("?lesson=overshoot", width=390)
    page.wait_for_selector(".st-key-laboratory svg.marks")
    assert page.locator(".st-key-lesson").is_visible()
    assert page.locator(".st-key-noise").count() == 0
    page.locator(".st-key-lesson summary").click()
    page.wait_for_selector("text=two over the largest eigenvalue")
    for width in (390, 1400):
        resize(page, width)
        with subtests.test("it does not scroll sideways", width=width):
            assert overflow(page) == 0
    with subtests.test("one in a long valley does not on a phone"):
        go_to(page, "?lesson=scale")
        resize(page, 390)
        assert overflow(page) == 0
    with subtests.test("the player offers no numbers that a lesson hides"):
        assert page.locator(".st-key-player .numbers").is_visible()
        go_to(page, "?lesson=crawl")
        page.locator(".st-key-player .numbers").wait_for(state="hidden")


def test_page_looks_right_inside_another_one(windows, url):
    outer = (
        f'<h1>Course</h1><iframe src="{url}/?embed=true&seed=2" width="760" height="700"></iframe>'
    )
    with serve_text(outer) as address:
        page = windows.take()
        page.set_viewport_size({"width": 900, "height": 800})
        page.goto(address)
        frame = page.frame_locator("iframe")
        frame.locator("text=Trained by TensorFlow").wait_for()
        frame.locator(SVG).wait_for()
        assert overflow(frame) == 0
        assert not frame.locator("[data-testid=stMainMenu]").is_visible()
        title = frame.locator("h1").bounding_box()
        assert title["y"] - page.locator("iframe").bounding_box()["y"] < 120
        windows.give_back(page)
