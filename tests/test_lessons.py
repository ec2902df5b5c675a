"""Lesson links: what they show, hide and open, and what nonsense in them does."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linreg import lessons
from linreg.lessons import READY, read


@pytest.mark.parametrize("name", READY)
def test_ready_made_lesson_has_a_question_and_an_answer(name):
    lesson, problems = read({"lesson": name})
    assert problems == []
    assert "?" in lesson.prompt
    assert lesson.reveal
    assert lesson.hidden <= set(lessons.PARTS)
    assert lesson.tab in ("", *lessons.TABS)
    assert max(len(lesson.prompt), len(lesson.reveal)) <= lessons.MAX_TEXT


def test_own_texts_take_the_place_of_a_ready_made_lessons():
    lesson, _ = read({"lesson": "crawl", "prompt": "Mine", "hide": "", "open": "map"})
    assert (lesson.prompt, lesson.hidden, lesson.title) == ("Mine", set(), "The map of rates")
    assert lesson.reveal == READY["crawl"].reveal


@pytest.mark.parametrize(
    ("params", "says"),
    [
        ({"lesson": "x"}, "`lesson` in the address"),
        ({"hide": "data,everything"}, "`hide` in the address"),
        ({"open": "sesame"}, "`open` in the address"),
    ],
)
def test_nonsense_is_named_and_ignored(params, says):
    lesson, problems = read(params)
    assert any(says in problem for problem in problems)
    assert lesson.hidden <= {"data"}
    assert lesson.tab == ""


@given(st.dictionaries(st.sampled_from(lessons.PARAMETERS), st.text(max_size=2_000)))
def test_any_link_makes_a_lesson(params):
    lesson, _ = read(params)
    assert len(lesson.prompt) <= lessons.MAX_TEXT
    assert all(c.isprintable() or c == "\n" for c in lesson.prompt + lesson.reveal)
    assert lesson.title in lessons.TABS.values()
