"""What stands below the stage: the map, the landscape, the laboratory, one step, printouts, the loop."""

import re

import numpy as np
import streamlit as st

from linreg import data
from linreg.page.parts import explorer
from linreg.pictures import ratemap
from linreg.sharing import lessons
from tests.browser import ROOT
from tests.page import captions, go_to, made, open_page, open_tab, run_until, shown_runs, trained
from tests.runs import loop


def open_map(page, view: str = "left"):
    """Open the map, and run the page until its runs are there."""
    page.session_state["map_view"] = view
    open_tab(page, "map")
    return run_until(page, lambda: "256 runs reached" in captions(page), "sweep")


def drawn(page, key: str) -> str:
    """Return the specification of the one chart of a part."""
    (chart,) = page.container(key=key).get("vega_lite_chart")
    return chart.proto.spec


AT_THE_MINIMUM = {"initial_weight": "0.1", "initial_bias": "0.5", "noise": "0"}
WAYS = [
    {},  # it and every third of the next on the map, too, where 256 runs are trained for each
    {"rule": "momentum", "momentum": "0.5"},
    {"batch_size": "10"},
    {"data": "wheat"},
    {"rule": "nesterov", "schedule": "cosine_decay"},
    AT_THE_MINIMUM,
    {"rule": "adam"},
    {"phases": "num_steps:50,good:0.3"},
    {"num_steps": "5000"},
    {"data": "anscombe_4", "scale": "standardised"},
]


# ---------------------------------------------------------------- the map


def test_map_is_drawn_whatever_is_set(subtests):
    page = open_page(rule="rmsprop")
    for params in (AT_THE_MINIMUM, *WAYS[::3]):
        with subtests.test(**params):
            trained(go_to(page, **params))
            for view, title in ratemap.VIEWS.items():
                open_map(page, view)
                assert not page.exception
                assert title.lower() in drawn(page, "map")


def test_map_of_more_steps_than_one_training_may_have_says_so_and_shows_the_theory():
    page = open_tab(trained(open_page(num_steps=300_000)), "map")
    assert any("Take at most 234,375 steps" in note.value for note in page.info)
    assert "Line: what the theory says" in captions(page)
    assert not page.exception
    page.number_input(key="num_steps").set_value(200).run()
    assert not any("Take at most" in note.value for note in open_map(page).info)


def test_map_has_a_table_of_graded_marks():
    page = open_map(trained(open_page()))
    table = page.container(key="map_marks").html[0].value
    assert "fewest steps" in table
    assert "× critical: safe" in table


def test_map_follows_the_tolerance():
    def table(page) -> str:
        return page.container(key="map_marks").html[0].value

    page = open_map(trained(open_page()))
    before = table(page)
    page.selectbox(key="map_tolerance").set_value(0.1).run()
    other = trained(open_page())
    other.session_state["map_tolerance"] = 0.1
    assert table(page) == table(open_map(other)) != before


def test_map_costs_nothing_until_it_is_opened():
    page = trained(open_page())
    assert made(page, "sweep") is None


# ---------------------------------------------------------------- the landscape and the laboratory


def test_landscape_is_drawn_whatever_is_set(subtests):
    page = open_page(rule="rmsprop")
    for params in [*WAYS, {"rule": "adam", "batch_size": "10"}]:
        with subtests.test(**params):
            open_tab(trained(go_to(page, **params)), "landscape")
            assert not page.exception
            assert "Click to start from another place" in captions(page)
            assert drawn(page, "landscape")


def test_laboratory_is_drawn_whatever_is_set(subtests):
    page = open_page(rule="rmsprop")
    for params in WAYS:
        with subtests.test(**params):
            open_tab(trained(go_to(page, **params)), "drag")
            assert not page.exception
            if params == AT_THE_MINIMUM:
                assert "no rate moves it" in page.info[0].value
            else:
                assert "Drag the rate" in captions(page)
                assert drawn(page, "laboratory")


# ---------------------------------------------------------------- one step, and all of them


def test_step_is_shown_with_all_its_numbers():
    page = trained(open_tab(open_page(), "step"))
    page.number_input(key="shown_step").set_value(3).run()
    told = page.container(key="one_step").html[0].value
    assert "Step 3" in told
    assert "w ← w − η·g" in told
    line = data.make_line()
    weight, bias = loop((line.x, line.y), shown_runs(page).phases, run=1)
    loss = np.mean((weight[3] * line.x + bias[3] - line.y) ** 2)
    assert f"{loss:.8g}" in told


def test_step_of_a_mini_batch_is_made_of_the_points_that_it_looked_at():
    page = trained(open_tab(open_page(batch_size="10", seed="7"), "step"))
    page.number_input(key="shown_step").set_value(3).run()
    told = page.container(key="one_step").html[0].value
    assert "only 10 of the 100 points: mini-batch 4 of epoch 1 of this phase." in told
    steps = re.findall(r"η·g = [^<]* = <b>(.*?)</b>; the next step had <b>(.*?)</b>", told)
    assert len(steps) == 2
    for foretold, reached in steps:
        assert foretold == reached


def test_printout_shows_the_lesson_s_lines():
    page = trained(open_tab(open_page(), "prints"))
    text = page.container(key="printouts").html[0].value
    assert [f"Step {k}," in text for k in (0, 20, 180, 200)] == [True] * 4
    assert "Step 10," not in text


def test_how_it_works_shows_the_lesson_s_own_source():
    page = open_tab(open_page(), "works")
    code = page.code[0].value
    lesson = (ROOT / "linreg" / "training" / "lesson.py").read_text(encoding="utf-8")
    assert "tape.gradient(loss, [weight, bias])" in code
    assert set(code.splitlines()) <= set(lesson.splitlines())


def test_every_entry_and_every_list_has_a_help_text_whatever_part_is_open():
    page = trained(open_page(kept="mine,run:good,good:0.3"))
    for part in lessons.TABS:
        page = open_tab(page, part)
        controls = [*page.number_input, *page.text_input, *page.selectbox]
        silent = [control.label for control in controls if not control.help]
        assert silent == ["Sort by"] * (part == "compare"), part  # what it lists says all


def test_every_picture_has_a_text_for_screen_readers_whatever_part_is_open():
    page, seen = trained(open_page(data="anscombe_2")), set()
    for part in lessons.TABS:
        pictures = [one.proto for one in open_tab(page, part).get("vega_lite_chart")]
        assert all(len(picture.alt) > 50 for picture in pictures), part
        seen |= {picture.alt for picture in pictures}
    assert len(seen) == 5  # the four, the stage, the laboratory, the map, the landscape


def test_part_is_added_by_a_function_and_its_title(monkeypatch):
    def show(problem, shown):
        st.text(f"{problem.points.num_points} points, {len(shown.verdicts)} runs")

    monkeypatch.setitem(lessons.TABS, "mine", "My own part")
    monkeypatch.setitem(explorer.PARTS, "mine", show)
    page = trained(open_page(open="mine"))
    assert [tab.label for tab in page.tabs][-1] == "My own part"
    assert [text.value for text in page.text] == ["100 points, 3 runs"]
