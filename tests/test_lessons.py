"""Lesson links: what they show, hide and open, and what nonsense in them does."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from linreg import data, lessons, samples
from linreg.lessons import READY, read
from linreg.scaling import Scaling
from linreg.theory import Quadratic


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


# ---------------------------------------------------------------- what the answers claim


def test_answer_to_the_crawl_is_true():
    line = data.make_line()
    quadratic = Quadratic.of(line.x, line.y)
    assert f"{quadratic.steps_to(1e-3, 0.001):,} steps" in READY["crawl"].reveal
    assert quadratic.steps_to(1e-3, 0.0001) == pytest.approx(92_760, rel=0.01)


def test_answer_to_the_overshoot_is_true():
    line = data.make_line()
    x = np.stack([line.x, np.ones(line.num_points)], axis=1)
    critical = 2 / np.linalg.eigvalsh(2 / line.num_points * x.T @ x)[-1]
    assert f"{critical:.4f}" in READY["overshoot"].reveal


def test_answer_to_the_scale_is_true():
    wheat = samples.load("wheat")
    raw = Quadratic.of(wheat.x, wheat.y)
    assert 0.5e9 < raw.condition_number < 2e9
    assert abs(np.mean(wheat.x) - 1_700) < 50
    _, steps = raw.fastest(1e-3, np.geomspace(1e-12, 1e-5, 500))
    assert steps is None or steps > 200
    scaled = Scaling.of(wheat.x, wheat.y, "standardised").points(wheat.x, wheat.y)
    bowl = Quadratic.of(*scaled)
    assert bowl.steps_to(1e-3, bowl.critical_learning_rate / 2) == 1
