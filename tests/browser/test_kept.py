"""Kept runs in a real browser: drawn where they were, compared in one look, there after a reload."""

import re
from urllib.parse import quote

import numpy as np
import pytest
from playwright.sync_api import expect

from linreg import data
from linreg.sharing import kept
from linreg.theory import Quadratic
from tests.browser import SVG, choose, go_to, overflow, resize, settle
from tests.runs import path_of

TABLE = ".st-key-kept_table"
ROWS = f"{TABLE} tbody tr"
OTHERS = (
    "noise=0.3&kept=below,drawn:1,run:good,good:0.5"
    "|wheat,drawn:1,run:good,data:wheat,good:1e-7"
    "|wild,drawn:1,run:good,good:0.9"
)


def words(page, text):
    """Wait until the stage says something."""
    page.wait_for_selector(f"{SVG} text:text-is('{text}')")


def of_four_phases(count):
    """Return a link's kept runs of four phases, all on different data."""
    earlier = ({"num_steps": 200, "good": 0.5},) * 3
    runs = [kept.Kept(f"r{k}", "good", {"good": 0.5, "seed": k + 1}, earlier) for k in range(count)]
    return quote(kept.to_text(runs))


def test_twenty_kept_runs_of_four_phases_are_there_after_a_reload_in_the_same_tab(visit):
    phases = ";".join(["num_steps:200"] * 3)
    page = visit(f"?open=compare&phases={phases}&kept={of_four_phases(16)}")
    expect(page.locator(ROWS)).to_have_count(16 + 3)
    page.locator(".st-key-keep_all button").first.click()
    expect(page.locator(ROWS)).to_have_count(19 + 3)
    name = page.locator(".st-key-kept_name input")
    name.fill("<b>mine</b>")
    name.press("Enter")
    settle(page)
    page.locator(".st-key-keep_too_small button").first.click()
    page.wait_for_selector(f"{TABLE} th:has-text('<b>mine</b>')")
    page.locator(".st-key-kept_drawn input").first.fill(
        "mine"
    )  # the list shows the first ones alone
    choose(page, "kept_drawn", "<b>mine</b>")
    page.wait_for_url("**drawn*")
    words(page, "<b>mine</b>")
    page.reload()
    settle(page)
    expect(page.locator(ROWS)).to_have_count(20 + 3)
    words(page, "<b>mine</b>")
    assert page.locator("text=to be trained again").count() == 0
    assert page.faults == []


def test_drawn_kept_runs_come_to_the_stage_whatever_part_is_open(visit, subtests):
    page = visit()
    for digit, part in enumerate(("map", "runs", "compare"), 1):  # rates that are not there yet
        runs = (f"{part}{k},{'drawn:1,' * (k > 3)}run:good,good:0.{k + 1}{digit}" for k in range(6))
        go_to(page, f"?open={part}&kept={'|'.join(runs)}")
        with subtests.test(part):
            for name in (f"{part}4", f"{part}5"):
                words(page, name)
            assert page.faults == []


def test_kept_curves_say_where_they_leave_the_chart_and_what_they_are_under_the_pointer(visit):
    page = visit(f"?{OTHERS}", width=390)
    # At 0.9 each step multiplies the steep error; the first loss above 40 times the initial one:
    line = data.make_line()
    path = path_of(Quadratic.of(line.x, line.y), 0.9, np.arange(200))
    noisy = data.make_line(noise=0.3)
    start = np.mean((-1.0 - noisy.y) ** 2)
    step = int(np.argmax(path.loss > 40 * start))
    for width, leaves in (
        (390, f"wild: at step {step}"),
        (1400, f"wild: off the chart at step {step}"),
    ):
        resize(page, width)
        words(page, "below")
        words(page, "wheat: off this chart")
        words(page, leaves)
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
    assert "below" in told
    loss = path_of(Quadratic.of(line.x, line.y), 0.5, [200]).loss[0]  # on its own data
    shown = float(told.split("\nloss")[1].split()[0])
    assert shown == pytest.approx(loss, rel=1e-3)
    assert page.faults == []


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


def test_table_is_read_in_one_look(visit, subtests):
    page = visit(f"?open=compare&{OTHERS},baseline:1")
    expect(page.locator(ROWS)).to_have_count(6)
    table, name = page.locator(TABLE), page.locator(f"{ROWS} th").first
    with subtests.test("the outcome is seen, and no number is broken into lines"):
        right = table.bounding_box()["x"] + table.bounding_box()["width"]
        for cell in page.locator(f"{ROWS} td:nth-of-type(1)").all():
            box = cell.bounding_box()
            assert box["x"] + box["width"] < right
        tall = page.locator(ROWS).evaluate_all("rows => rows.map(row => row.clientHeight)")
        assert max(tall) < 75  # two lines and the space around them
    for width in (1400, 390):
        resize(page, width)
        with subtests.test("the name stays in sight when a row is scrolled", width=width):
            table.evaluate("e => { e.scrollLeft = 0 }")
            before = name.bounding_box()["x"]
            moved = table.evaluate("e => { e.scrollLeft = 400; return e.scrollLeft }")
            assert moved > 100
            assert name.bounding_box()["x"] == pytest.approx(before, abs=1)
            assert name.bounding_box()["width"] >= 128
            assert overflow(page) == 0
    go_to(page, f"?open=compare&kept_different=yes&{OTHERS}")
    with subtests.test("numbers are aligned right and words left when columns are left out"):
        head = page.locator(f"{TABLE} thead th")
        expect(head.filter(has_text=re.compile("^Rule$"))).to_have_count(0)
        aligned = dict(
            head.evaluate_all(
                "cells => cells.map(one => [one.innerText, getComputedStyle(one).textAlign])"
            )
        )
        assert {aligned[name] for name in ("Run", "Outcome", "Zone", "Data")} == {"left"}
        assert {aligned[name] for name in ("Rate", "Loss", "Excess loss")} == {"right"}
