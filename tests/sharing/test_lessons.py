"""Lesson links: what they show, hide and open, and what nonsense in them does."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from linreg import data
from linreg.data import samples
from linreg.data.scaling import Scaling
from linreg.pictures.stage import stack
from linreg.sharing import lessons, settings
from linreg.sharing.lessons import READY, read
from linreg.theory import Quadratic
from linreg.theory.dynamics import Dynamics
from tests.runs import path_of


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


@pytest.mark.parametrize("name", READY)
def test_ready_made_lesson_sets_what_its_texts_speak_of(name):
    """Its name alone is a link, and whatever else the link says goes first."""
    values, earlier, problems = settings.read(READY[name].settings)
    assert (problems, earlier) == ([], [])
    wanted = {"crawl": {"too_small": 0.001}, "overshoot": {"too_large": 0.7}}
    assert values == wanted.get(name, {"data": "wheat"})


def test_link_says_which_boxes_are_ticked_and_where_the_player_stands():
    lesson, problems = read({"show": "log_steps", "step": "12"})
    assert (lesson.boxes, lesson.step, problems) == ({"log_steps"}, 12, [])
    assert read({"show": "none", "lesson": "scale"})[0].boxes == set()
    assert read({"lesson": "scale"})[0].boxes == {"excess"}
    assert read({})[0].boxes is None


def test_boxes_are_those_of_the_stage():
    params = stack.drawing(("a", "b", "c"))["params"]
    names = {one["name"]: one["bind"]["name"] for one in params if "bind" in one}
    assert lessons.BOXES.items() <= names.items()


def test_needs_of_a_link_stay_short():
    text = lessons.needs("f" * 500, ("x" * 500, "y" * 500))
    assert len(text) <= lessons.MAX_NEEDS
    assert read({"needs": text})[0].needs == text


@pytest.mark.parametrize(
    ("params", "says"),
    [
        ({"lesson": "x"}, "`lesson` in the address"),
        ({"hide": "data,everything"}, "`hide` in the address"),
        ({"open": "sesame"}, "`open` in the address"),
        ({"show": "everything"}, "`show` in the address"),
        ({"step": "-1"}, "`step` in the address"),
        ({"step": "²"}, "`step` in the address"),
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


def below(points, rate, loss):
    """Return the first step at which the lesson's run has a smaller loss, by a loop in NumPy."""
    x, y = points.x, points.y
    # Mean squares of x, 1 and y in pairs: the loss needs no more of the points.
    xx, x1, xy, y1, yy = (float(np.mean(part)) for part in (x * x, x, x * y, y, y * y))
    weight, bias, step = 0.0, -1.0, 0
    while yy + weight * (weight * xx - 2 * xy + 2 * bias * x1) + bias * (bias - 2 * y1) >= loss:
        by_weight, by_bias = weight * xx + bias * x1 - xy, weight * x1 + bias - y1
        weight, bias, step = weight - 2 * rate * by_weight, bias - 2 * rate * by_bias, step + 1
    return step


def test_answer_to_the_crawl_is_true():
    line = data.make_line()
    rate = float(READY["crawl"].settings["too_small"])
    assert "below 0.01?" in READY["crawl"].prompt
    first = below(line, rate, 0.01)
    assert f"At {rate} it needs {first:,} steps" in READY["crawl"].reveal
    assert below(line, rate / 10, 0.01) == pytest.approx(10 * first, rel=0.01)


def test_answer_to_the_overshoot_is_true():
    line = data.make_line()
    x = np.stack([line.x, np.ones(line.num_points)], axis=1)
    critical = 2 / np.linalg.eigvalsh(2 / line.num_points * x.T @ x)[-1]
    assert f"{critical:.4f}" in READY["overshoot"].reveal


def test_answer_to_the_scale_is_true():
    wheat = samples.load("wheat")
    raw = Quadratic.of(wheat.x, wheat.y)
    minimum = np.polyfit(wheat.x, wheat.y, 1)
    assert f"the bias −{-minimum[1]:.1f}" in READY["scale"].prompt
    rates = np.geomspace(1e-12, 0.999 * raw.critical_learning_rate, 500)
    ends = [path_of(raw, rate, [200]) for rate in rates]
    assert max(abs(one.bias[0] + 1) for one in ends) < 0.001  # it stays at −1
    least = min(one.loss[0] for one in ends) - raw.loss
    assert "an excess loss of 15 is left" in READY["scale"].reveal
    assert round(least) == 15
    assert 0.5e9 < raw.condition_number < 2e9
    assert abs(np.mean(wheat.x) - 1_700) < 50
    _, steps = Dynamics(raw).fastest(raw.goal(), np.geomspace(1e-12, 1e-5, 500))
    assert steps is None or steps > 200
    scaled = Scaling.of(wheat.x, wheat.y, "standardised").points(wheat.x, wheat.y)
    bowl = Quadratic.of(*scaled)
    assert bowl.steps_to(1e-3, bowl.critical_learning_rate / 2) == 1
