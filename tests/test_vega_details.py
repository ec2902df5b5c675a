"""The details of Vega-Lite and Streamlit that `linreg.charts.common` names, one by one, in the browser."""

import pytest
from playwright.sync_api import expect

from linreg import data
from linreg.landscape import Box
from linreg.phases import Phase
from linreg.theory import Quadratic
from tests.browser import SVG, scrub, serve, settle, wait_until_idle
from tests.runs import trained

LANDSCAPE = ".st-key-landscape svg.marks"


def opened(visit, part, **look):
    """Open the page on one of its parts."""
    page = visit(f"?open={part}", **look)
    key = {"drag": "laboratory"}.get(part, part)
    page.wait_for_selector(f".st-key-{key} svg.marks .mark-symbol path", state="attached")
    wait_until_idle(page)
    return page


# ---------------------------------------------------------------- parameters


@pytest.mark.parametrize(
    ("part", "key", "name"),
    [
        ("landscape", "stage", "frame"),
        ("landscape", "landscape", "frame"),
        ("drag", "laboratory", "share"),
    ],
)
def test_bound_parameter_is_an_input_of_its_name(visit, part, key, name):
    page = opened(visit, part)
    expect(page.locator(f".st-key-{key} .vega-bindings input[name={name}]")).to_have_count(1)


def test_bound_parameter_follows_an_input_event(visit):
    page = visit()
    page.locator(".st-key-stage .vega-bindings input[name=frame]").evaluate(
        "input => { input.value = 7; input.dispatchEvent(new Event('input')); }"
    )
    page.wait_for_selector(f"{SVG} text:text-is('step 7')")


def test_parameter_stands_where_it_stood_when_the_rows_change(visit):
    page = visit()
    scrub(page, 7, 7)
    page.locator(".st-key-new_noise button").first.click()
    page.wait_for_url("**seed=1**")
    settle(page)
    assert page.locator(".st-key-stage .vega-bindings input[name=frame]").input_value() == "7"
    assert "step 7" in page.locator(f"{SVG} text").all_text_contents()


# ---------------------------------------------------------------- expressions


def numbers(page, picture, axis):
    """Return the numbers along an axis and where they stand, in pixels, across and down."""
    told, labels = [], page.locator(f"{picture} .role-axis").nth(axis)
    for label in labels.locator(".role-axis-label text").all():
        if text := label.text_content():
            box = label.bounding_box()
            told.append((text, box["x"] + box["width"] / 2, box["y"] + box["height"] / 2))
    return told


@pytest.mark.parametrize("is_equal", [False, True])
def test_ends_of_axes_and_parameters_follow_rows_and_the_size_of_the_picture(visit, is_equal):
    page = opened(visit, "landscape", width=1280)
    if is_equal:
        page.locator(".st-key-landscape label", has_text="Equal axes").locator("input").check()
        page.wait_for_selector(f"{LANDSCAPE} .role-axis-label text:text-is('3')")
    line = data.make_line()
    history = trained((line.x, line.y), [Phase((0.0047, 0.51, 0.82), 200)])
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


def test_ends_of_an_axis_follow_new_rows_without_a_new_picture(visit):
    page = visit()
    loss = f"{SVG} .concat_1_group"
    assert numbers(page, loss, 0)[-1][0] == "200"
    page.locator(SVG).evaluate("svg => { svg.dataset.mark = 'mine'; }")
    page.locator(".st-key-try_too_small button").first.click()
    page.wait_for_selector(f"{SVG} text:text-is('step 2,000')")
    assert numbers(page, loss, 0)[-1][0] == "2k"
    assert page.locator(SVG).get_attribute("data-mark") == "mine"


def test_transforms_know_the_width_and_follow_it(visit):
    page = visit(width=1400)
    names = f"{SVG} .concat_3_group .mark-text tspan"
    page.wait_for_selector(f"{names}:text-is('gradient, weight')")
    page.set_viewport_size({"width": 700, "height": 900})
    page.wait_for_selector(f"{names}:text-is('∂w')")


PAGE = """
import altair as alt
import streamlit as st
from linreg.charts import common

rows = alt.InlineData([{"low": 0, "high": 1, "name": "narrow"}, {"low": 1, "high": 10, "name": "wide"}])
room = common.pixels_between("datum.low", "datum.high")
text = alt.Chart(rows).mark_text(align="left", limit=alt.ExprRef(room), fontSize=30).encode(
    x=alt.X("low:Q", scale=alt.Scale(domain=[0, 10])), text="name:N"
)
spec = alt.layer(text, height=60).to_dict()
st.vega_lite_chart(common.finished(spec), width=500, key="chart")
"""


def test_marks_know_the_pixels_between_two_values(tmp_path, browser):
    script = tmp_path / "page.py"
    script.write_text(PAGE, encoding="utf-8")
    with serve(script) as url:
        page = browser.new_page()
        page.goto(url)
        page.wait_for_selector("svg.marks .mark-text.role-mark text:text-is('wide')")
        cut = page.locator("svg.marks .mark-text.role-mark text").first.text_content()
        page.close()
    assert cut.endswith("…")
    assert "narrow".startswith(cut[:-1])


# ---------------------------------------------------------------- size, controls, colours


@pytest.mark.parametrize("width", [390, 768, 1920])
def test_rows_under_each_other_are_as_wide_as_their_place(visit, width):
    page = visit(width=width)
    place = page.locator(".st-key-stage").bounding_box()["width"]
    assert page.locator(SVG).bounding_box()["width"] == pytest.approx(place, abs=2)


def test_controls_stand_above_their_picture_but_those_that_the_page_moves(visit):
    page = opened(visit, "landscape")
    for key in ("stage", "landscape"):
        form = page.locator(f".st-key-{key} form.vega-bindings")
        picture = page.locator(f".st-key-{key} svg.marks").bounding_box()
        below = form.bounding_box()
        assert 0 < below["height"] < 60
        assert below["y"] + below["height"] <= picture["y"] + 1
        expect(form.locator("input[name=frame]")).to_be_hidden()
        expect(form.locator("input[type=checkbox]").first).to_be_visible()
    page = opened(visit, "drag")
    expect(page.locator(".st-key-laboratory input[name=share]")).to_be_hidden()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_colour_of_a_text_is_its_attribute(visit, scheme):
    page = visit(scheme=scheme)
    for fill, name in (
        ("#7a7f87", "--quiet"),
        ("#0072B2", "--too-small"),
        ("#009E73", "--good"),
        ("#D55E00", "--too-large"),
    ):
        text = page.locator(f"{SVG} text[fill='{fill}']").first
        expect(text).to_be_attached()
        drawn, wanted = text.evaluate(
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
        assert drawn == wanted
