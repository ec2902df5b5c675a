"""The rates that known rules name: graded by the steps they take, and none without a theory."""

import numpy as np
import pytest

from linreg import data
from linreg.data import samples
from linreg.runs.phases import Phase
from linreg.runs.rules import Adam, Momentum, Plain
from linreg.runs.schedules import CosineDecay
from linreg.theory import Quadratic
from linreg.theory.marks import grade, marks
from tests.runs import loop, short_of_goal

LESSON = data.make_line()
POINTS = LESSON.x, LESSON.y
QUADRATIC = Quadratic.of(*POINTS)
CRITICAL = QUADRATIC.critical_learning_rate
START = 0.0, -1.0
OPTIMUM = "2 / (λmin + λmax)"


def named(quadratic, tolerance=1e-3):
    """Return the marks of plain steps by name."""
    return {mark.name: mark for mark in marks(quadratic, Phase(0.1), tolerance, START)}


def test_marks_are_graded_by_the_steps_that_a_loop_takes():
    for mark in marks(QUADRATIC, Phase(0.1), 1e-3, START):
        assert mark.share == pytest.approx(mark.learning_rate / CRITICAL)
        if mark.steps is None or mark.steps > 20_000:
            continue
        short = short_of_goal(POINTS, *loop(POINTS, [Phase(mark.learning_rate, mark.steps)]))
        assert short[-1] <= 1
        assert mark.steps == 0 or short[-2] > 1
        assert mark.grade.startswith(f"{mark.share:.2g} × critical: safe")


def test_asymptotic_optimum_is_not_the_fastest():
    found = named(QUADRATIC)
    flat, steep = np.linalg.eigvalsh(
        2 * np.array([[np.mean(LESSON.x**2), LESSON.x.mean()], [LESSON.x.mean(), 1]])
    )
    assert found[OPTIMUM].learning_rate == pytest.approx(2 / (flat + steep))
    assert found[OPTIMUM].steps > 1.4 * found["fewest steps"].steps


@pytest.mark.parametrize("name", samples.SAMPLES)
@pytest.mark.parametrize("tolerance", [0.1, 1e-3])
def test_asymptotic_optimum_never_diverges_however_long_the_valley(name, tolerance):
    line = samples.load(name)
    quadratic = Quadratic.of(line.x, line.y)
    mark = named(quadratic, tolerance)[OPTIMUM]
    assert ": safe" in mark.grade
    assert not mark.grade.startswith("1 ×")
    if quadratic.condition_number < 1e6:  # else float64 has few digits of the steep factor
        rate = np.array([mark.learning_rate])
        needed = quadratic.steps_each(quadratic.goal(START, tolerance), rate, START)[0]
        assert mark.steps == needed


@pytest.mark.parametrize("name", samples.SAMPLES)
def test_fewest_steps_are_the_fewest_of_all_marks(name):
    line = samples.load(name)
    made = marks(Quadratic.of(line.x, line.y), Phase(0.1), 1e-3, START)
    assert made[0].name == "fewest steps"
    fewest = min(mark.steps for mark in made if mark.steps is not None)
    # The search leaves out what is nearer than 1e-9 to the critical rate; the formula does not.
    assert fewest <= made[0].steps <= fewest * (1 + 1e-8)


def test_round_bowl_is_solved_in_one_step_by_the_asymptotic_optimum_too():
    assert named(Quadratic.of([-1.0, 1.0], [1.0, 5.0]))[OPTIMUM].steps == 1


@pytest.mark.parametrize(
    ("gap", "needed", "text"),
    [
        (0.5, 10, "0.5 × critical: safe, nothing is faster"),
        (0.004, 10, "0.996 × critical: safe, nothing is faster"),
        (0.00032, 10, "0.99968 × critical: safe, nothing is faster"),
        (7e-10, 30, "(1 − 7e−10) × critical: safe, 3 times slower than the fastest"),
        (1e-17, 11, "(1 − 1e−17) × critical: safe, 1 step more than the fastest"),
        (7e-10, None, "(1 − 7e−10) × critical: too near the limit to count"),
        (0.0, None, "1 × critical: bounces for ever"),
        (-2e-8, None, "(1 + 2e−8) × critical: diverges"),
        (-0.3, None, "1.3 × critical: diverges"),
    ],
)
def test_grade_tells_a_rate_from_the_critical_one(gap, needed, text):
    assert grade(gap, needed, 10) == text


def test_only_the_fewest_steps_are_marked_with_momentum():
    made = marks(QUADRATIC, Phase(0.1, rule=Momentum()), 1e-3, START)
    assert [mark.name for mark in made] == ["fewest steps"]


@pytest.mark.parametrize(
    "ways", [{"rule": Adam()}, {"batch_size": 10}, {"schedule": CosineDecay()}], ids=str
)
def test_nothing_is_marked_where_the_rules_know_nothing(ways):
    assert marks(QUADRATIC, Phase(0.1, **ways), 1e-3, START) == []


def test_nothing_is_marked_where_there_is_nothing_to_train():
    start = QUADRATIC.weight, QUADRATIC.bias
    assert marks(QUADRATIC, Phase(0.1, rule=Plain()), 1e-3, start) == []


@pytest.mark.parametrize("name", ["wheat", "forbes"])
def test_momentum_in_a_long_valley_is_not_searched(name):
    found = samples.load(name)
    assert marks(Quadratic.of(found.x, found.y), Phase(0.1, 1, Momentum()), 1e-3, (0.0, -1.0)) == []
