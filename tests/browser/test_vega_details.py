"""The details of Vega-Lite and Streamlit that `linreg.pictures.common` names, one by one, in the browser."""

import re

import pytest
from playwright.sync_api import expect

from linreg import data
from linreg.pictures.landscape import Box
from linreg.runs.phases import Phase
from linreg.theory import Quadratic
from tests.browser import SVG, open_tab, resize, scrub, serve, settle
from tests.runs import predicted

LANDSCAPE = ".st-key-landscape svg.marks"
BOUND = ".st-key-stage .vega-bindings"


def numbers(page, picture, axis):
    """Return the numbers along an axis and where they stand, in pixels, across and down."""
    told, labels = [], page.locator(f"{picture} .role-axis").nth(axis)
    for label in labels.locator(".role-axis-label text").all():
        if text := label.text_content():
            box = label.bounding_box()
            told.append((text, box["x"] + box["width"] / 2, box["y"] + box["height"] / 2))
    return told


def drawn_and_wanted(text, name):
    """Return the colour of a text, and that of a name in `page.css`."""
    return text.evaluate(
        """(text, name) => {
            const other = document.createElement('i');
            other.style.color = `var(${name})`;
            text.closest('.vega-embed').append(other);
            const told = [getComputedStyle(text).fill, getComputedStyle(other).color];
            other.remove();
            return told;
        }""",
        name,
    )


# ---------------------------------------------------------------- the stage


def test_size_and_colours_follow_the_window(visit, subtests):
    page = visit(width=1920, scheme="dark")
    for width, scheme, name in (
        (1920, "dark", "gradient, weight"),
        (768, "dark", "∂w"),
        (768, "light", "∂w"),
        (390, "light", "∂w"),
        (1400, "light", "gradient, weight"),
    ):
        resize(page, width, scheme)
        with subtests.test("transforms know the width and follow it", width=width):
            page.wait_for_selector(f"{SVG} .concat_3_group .mark-text tspan:text-is('{name}')")
        with subtests.test("rows are as wide as their place", width=width):
            place = page.locator(".st-key-stage").bounding_box()["width"]
            assert page.locator(SVG).bounding_box()["width"] == pytest.approx(place, abs=2)
        for fill, name in (
            ("#7a7f87", "--quiet"),
            ("#0072B2", "--too-small"),
            ("#009E73", "--good"),
            ("#D55E00", "--too-large"),
        ):
            with subtests.test("the colour of a text is its attribute", fill=fill, scheme=scheme):
                text = page.locator(f"{SVG} text[fill='{fill}']").first
                expect(text).to_be_attached()
                drawn, wanted = drawn_and_wanted(text, name)
                assert drawn == wanted


def test_parameters_and_ends_of_axes_follow_without_a_new_picture(visit, subtests):
    page = visit()
    loss, given = f"{SVG} .concat_2_group", page.locator(f"{BOUND} input[name=frame]")
    page.locator(SVG).evaluate("svg => { svg.dataset.mark = 'mine'; }")
    with subtests.test("a bound parameter follows an input event"):
        given.evaluate("input => { input.value = 7; input.dispatchEvent(new Event('input')); }")
        page.wait_for_selector(f"{SVG} text:text-is('step 7')")
    with subtests.test("it stands where it stood when the rows change"):
        scrub(page, 7, 7)
        page.locator(".st-key-new_noise button").first.click()
        page.wait_for_url("**seed=1**")
        settle(page)
        assert given.input_value() == "7"
        assert "step 7" in page.locator(f"{SVG} text").all_text_contents()
    with subtests.test("the end of an axis follows new rows"):
        page.get_by_role("checkbox", name="Log steps").uncheck()
        page.wait_for_selector(f"{loss} .role-axis-label text:text-is('200')")
        assert numbers(page, loss, 0)[-1][0] == "200"
        scrub(page, 200, 200)
        longer = page.locator(".st-key-try_too_small button").first
        last = re.search(r"Train ([\d,]+) steps", longer.inner_text())[1]
        longer.click()
        page.wait_for_selector(f"{SVG} text:text-is('step {last}')")
        end = numbers(page, loss, 0)[-1][0]
        assert 0.7 <= 1000 * float(end.removesuffix("k")) / int(last.replace(",", "")) <= 1
    assert page.locator(SVG).get_attribute("data-mark") == "mine"


# ---------------------------------------------------------------- all pictures


def test_bound_parameters_are_inputs_above_their_picture_but_those_that_the_page_moves(
    visit, subtests
):
    page = visit("?open=landscape", width=1280)
    page.wait_for_selector(f"{LANDSCAPE} .mark-symbol path", state="attached")
    for key in ("stage", "landscape"):
        with subtests.test(key):
            form = page.locator(f".st-key-{key} form.vega-bindings")
            picture = page.locator(f".st-key-{key} svg.marks").bounding_box()
            below = form.bounding_box()
            assert 0 < below["height"] < 60
            # Above the picture, or beside the heading of its first row.
            room = 24 if key == "stage" else 1
            assert below["y"] + below["height"] <= picture["y"] + room
            assert below["x"] + below["width"] <= picture["x"] + picture["width"] + 1
            expect(form.locator("input[name=frame]")).to_have_count(1)
            expect(form.locator("input[name=frame]")).to_be_hidden()
            expect(form.locator("input[type=checkbox]").first).to_be_visible()
    for is_equal in (False, True):
        if is_equal:
            page.locator(".st-key-landscape label", has_text="Equal axes").locator("input").check()
            page.wait_for_selector(f"{LANDSCAPE} .role-axis-label text:text-is('3')")
        with subtests.test("ends of axes and parameters follow rows and size", is_equal=is_equal):
            assert_numbers_stand_where_they_must(page, is_equal)
    with subtests.test("drag"):
        open_tab(page, "Drag a rate")
        share = page.locator(".st-key-laboratory .vega-bindings input[name=share]")
        expect(share).to_have_count(1)
        expect(share).to_be_hidden()


def assert_numbers_stand_where_they_must(page, is_equal):
    """See that the numbers along both axes of the landscape stand where its box has them."""
    line = data.make_line()
    history = predicted((line.x, line.y), [Phase((0.0047, 0.51, 0.82), 200)])
    box = Box.of(Quadratic.of(line.x, line.y), history)
    plot = page.locator(f"{LANDSCAPE} .background").first.bounding_box()
    ratio = plot["width"] / plot["height"]
    half_weight = max(box.half_weight, is_equal * box.half_bias * ratio)
    half_bias = max(box.half_bias, is_equal * box.half_weight / ratio)
    for axis, (middle, half) in enumerate(((box.weight, half_weight), (box.bias, half_bias))):
        told = numbers(page, LANDSCAPE, axis)
        assert len(told) > 3
        for text, across, down in told:
            value = (float(text.replace("−", "-")) - middle) / half
            x = plot["x"] + plot["width"] * (1 + value) / 2
            y = plot["y"] + plot["height"] * (1 - value) / 2
            assert (across, down)[axis] == pytest.approx((x, y)[axis], abs=2)


PAGE = """
import altair as alt
import streamlit as st
from linreg.pictures import common

rows = alt.InlineData([{"low": 0, "high": 1, "name": "narrow"}, {"low": 1, "high": 10, "name": "wide"}])
room = f"{common.pixels_to('datum.high')} - {common.pixels_to('datum.low')}"
text = alt.Chart(rows).mark_text(align="left", limit=alt.ExprRef(room), fontSize=30).encode(
    x=alt.X("low:Q", scale=alt.Scale(domain=[0, 10])), text="name:N"
)
spec = alt.layer(text, height=60).to_dict()
st.vega_lite_chart(common.finished(spec), width=500, key="chart")
"""


def test_marks_know_the_pixels_between_two_values(tmp_path, windows):
    script = tmp_path / "page.py"
    script.write_text(PAGE, encoding="utf-8")
    with serve(script) as url:
        page = windows.take()
        page.goto(url)
        page.wait_for_selector("svg.marks .mark-text.role-mark text:text-is('wide')")
        cut = page.locator("svg.marks .mark-text.role-mark text").first.text_content()
        windows.give_back(page)
    assert cut.endswith("…")
    assert "narrow".startswith(cut[:-1])
