"""Kept runs in a real browser: drawn where they were, compared in one look, there after a reload."""

import io

import numpy as np
import pandas
import pytest
from playwright.sync_api import expect

from linreg import data
from linreg.theory import Quadratic
from tests.browser import SVG, settle, wait_until_idle

ROWS = ".st-key-kept_table tbody tr"
OTHERS = (
    "noise=0.3&kept=below,drawn:1,run:good,good:0.5"
    "|wheat,drawn:1,run:good,data:wheat,good:1e-7"
    "|wild,drawn:1,run:good,good:0.9"
)


def words(page, text):
    """Wait until the stage says something."""
    page.wait_for_selector(f"{SVG} text:text-is('{text}')")


def test_twenty_kept_runs_of_four_phases_are_there_after_a_reload_in_the_same_tab(visit):
    phases = ";".join(["num_steps:200"] * 3)
    page = visit(f"?open=compare&phases={phases}")
    for count in range(1, 8):
        page.locator(".st-key-keep_all button").first.click()
        expect(page.locator(ROWS)).to_have_count(min(3 * count, 20) + 3)
        page.locator(".st-key-new_noise button").first.click()  # else they would be the same runs
        page.wait_for_url(f"**seed={count}*")
        settle(page)
    page.reload()
    settle(page)
    expect(page.locator(ROWS)).to_have_count(23, timeout=60_000)
    assert page.locator("text=to be trained again").count() == 0
    assert page.faults == []


@pytest.mark.parametrize("part", ["map", "runs", "compare"])
def test_drawn_kept_runs_come_to_the_stage_whatever_part_is_open(visit, part):
    drawn = "|".join(f"r{k},{'drawn:1,' * (k > 3)}run:good,good:0.{k + 1}" for k in range(6))
    page = visit(f"?open={part}&kept={drawn}")
    for name in ("r4", "r5"):
        words(page, name)
    assert page.faults == []


@pytest.mark.parametrize("width", [390, 1400])
def test_kept_curves_say_where_they_leave_the_chart(visit, width):
    page = visit(f"?{OTHERS}", width=width)
    # At 0.9 each step multiplies the steep error; the first loss above 40 times the initial one:
    line = data.make_line()
    path = Quadratic.of(line.x, line.y).path(0.9, np.arange(200))
    noisy = data.make_line(noise=0.3)
    start = np.mean((-1.0 - noisy.y) ** 2)
    step = int(np.argmax(path.loss > 40 * start))
    words(page, "below")
    words(page, "wheat: off this chart")
    words(page, f"wild: off the chart at step {step}" if width > 700 else f"wild: at step {step}")
    assert page.faults == []


def test_hovering_over_a_kept_curve_of_other_data_tells_the_loss_it_had(visit):
    page = visit(f"?{OTHERS}")
    words(page, "below")
    spot = page.locator(f"{SVG} .mark-symbol path").evaluate_all(
        """paths => {
            const all = paths.filter(one => one.__data__?.datum?.hovers);
            const path = all.filter(one => one.__data__.datum.other === 'below').at(-1);
            path.scrollIntoView({block: 'center'});
            const box = path.getBoundingClientRect();
            return [box.x + box.width / 2, box.y + box.height / 2];
        }"""
    )
    page.mouse.move(*spot)
    page.wait_for_selector("#vg-tooltip-element.visible")
    told = page.locator("#vg-tooltip-element").inner_text()
    line = data.make_line()
    loss = Quadratic.of(line.x, line.y).path(0.5, [200]).loss[0]
    shown = float(told.split("\nloss")[1].split()[0])
    assert shown == pytest.approx(loss, rel=1e-3)


def test_outcome_is_seen_and_no_number_is_broken_into_lines(visit):
    page = visit(f"?open=compare&{OTHERS},baseline:1")
    expect(page.locator(ROWS)).to_have_count(6)
    table = page.locator(".st-key-kept_table")
    right = table.bounding_box()["x"] + table.bounding_box()["width"]
    for cell in page.locator(f"{ROWS} td:nth-of-type(1)").all():
        box = cell.bounding_box()
        assert box["x"] + box["width"] < right
    tall = page.locator(ROWS).evaluate_all("rows => rows.map(row => row.clientHeight)")
    assert max(tall) < 75  # two lines and the space around them


@pytest.mark.parametrize("width", [390, 1400])
def test_name_of_a_run_stays_in_sight_when_its_row_is_scrolled(visit, width):
    page = visit(f"?open=compare&{OTHERS}", width=width)
    table, name = page.locator(".st-key-kept_table"), page.locator(f"{ROWS} th").first
    expect(page.locator(ROWS)).to_have_count(6)
    before = name.bounding_box()["x"]
    moved = table.evaluate("e => { e.scrollLeft = 400; return e.scrollLeft }")
    assert moved > 100
    assert name.bounding_box()["x"] == pytest.approx(before, abs=1)
    assert name.bounding_box()["width"] >= 128
    main = page.locator("[data-testid=stMain]")
    assert main.evaluate("e => e.scrollWidth - e.clientWidth") == 0


def test_numbers_are_aligned_right_and_words_left_when_columns_are_left_out(visit):
    page = visit(f"?open=compare&kept_different=yes&{OTHERS}")
    expect(page.locator(ROWS)).to_have_count(6)
    head = page.locator(".st-key-kept_table thead th").evaluate_all(
        "cells => cells.map(one => [one.innerText, getComputedStyle(one).textAlign])"
    )
    aligned = dict(head)
    assert "Rule" not in aligned
    assert {aligned[name] for name in ("Run", "Outcome", "Zone", "Data")} == {"left"}
    assert {aligned[name] for name in ("Rate", "Loss", "Excess loss")} == {"right"}


def test_both_files_hold_the_kept_runs(visit):
    page = visit(f"?{OTHERS}")
    page.wait_for_selector("text=3 of 3 kept runs")
    wait_until_idle(page)
    made = {}
    for name in ("results", "summary"):
        with page.expect_download() as started:
            page.locator(f".st-key-{name}_csv button").first.click()
        with open(started.value.path(), encoding="utf-8") as file:
            made[name] = pandas.read_csv(io.StringIO(file.read()))
    names = ["Too small", "Good", "Too large", "below", "wheat", "wild"]
    assert made["results"]["run"].drop_duplicates().tolist() == names
    assert made["summary"]["run"].tolist() == names
    ends = made["results"].groupby("run", sort=False)["loss"].last()
    assert ends.tolist() == made["summary"]["loss"].tolist()


def test_link_opens_to_the_same_table(visit):
    page = visit(f"?open=compare&{OTHERS}&kept_sort=rate&kept_descending=yes")
    expect(page.locator(ROWS)).to_have_count(6)
    assert page.locator(f"{ROWS} th").first.inner_text() == "wild"
    assert "kept_sort=rate" in page.url
    page.locator(".st-key-kept_descending label").first.click()
    page.wait_for_function("() => !location.search.includes('kept_descending')")
    page.reload()
    settle(page)
    expect(page.locator(f"{ROWS} th").first).to_have_text("wheat")
    assert page.faults == []
