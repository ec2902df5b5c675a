"""Lesson links on the page: a question, an answer on demand, parts that are hidden."""

import pytest

from linreg.sharing import lessons
from tests.page import in_sight, open_page, trained


@pytest.mark.parametrize("name", lessons.READY)
def test_lesson_shows_its_question_and_its_answer_on_demand(name):
    page = open_page(lesson=name)
    lesson = lessons.READY[name]
    assert page.text[0].value == lesson.prompt
    assert lesson.reveal not in [text.value for text in page.text]
    page.session_state["reveal"] = True
    page.run()
    assert lesson.reveal in [text.value for text in page.text]
    assert page.session_state["details"] == lesson.title
    assert not page.exception


HIDES = {
    "data": {"weight", "noise", "seed"},
    "start": {"initial_weight", "initial_bias"},
    "steps": {"num_steps"},
    "rates": {"good"},
}


def test_lesson_hides_a_part_of_the_page_and_it_still_trains(subtests):
    everything = in_sight(open_page())
    for part in lessons.PARTS:
        with subtests.test(part=part):
            page = trained(open_page(hide=part))
            assert not page.exception
            gone = HIDES.get(part, set())
            assert not in_sight(page) & gone
            assert everything - in_sight(page) >= gone
            if part == "ways":
                assert "train_on" not in {button.key for button in page.button}
            if part == "cards":
                assert not any(button.key == "try_good" for button in page.button)


def test_all_parts_can_be_hidden_at_once():
    page = open_page(hide=",".join(lessons.PARTS), prompt="Only this")
    assert not page.exception
    assert page.text[0].value == "Only this"
    assert not page.number_input


def test_prompt_of_a_stranger_is_text():
    page = open_page(prompt="<script>alert(1)</script> ![i](http://example.org/x.png)")
    assert page.text[0].value.startswith("<script>")
    assert not any("example.org" in part.value for part in (*page.markdown, *page.html))


def test_lesson_stays_in_the_address():
    page = open_page(lesson="crawl", num_steps=500)
    page.number_input(key="num_steps").set_value(700).run()
    assert page.query_params == {"lesson": "crawl", "num_steps": "700", "too_small": "0.001"}


def test_what_a_lesson_sets_can_be_set_anew():
    page = open_page(lesson="scale")
    assert page.session_state["data"] == "wheat"
    page.session_state["data"] = "line"
    page = page.run()
    assert page.query_params == {"lesson": "scale", "data": "line"}
    assert open_page(**page.query_params).session_state["data"] == "line"
