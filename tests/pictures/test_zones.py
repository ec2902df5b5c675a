"""The bands of rates: edges where the theory says, names only where there is room for them."""

from itertools import pairwise

import numpy as np
import pyarrow as pa
import pytest

from linreg import data
from linreg.pictures.zones import LETTER, zones
from linreg.runs.phases import Phase
from linreg.runs.rules import Adam, Momentum, Nesterov, Plain, RMSprop
from linreg.runs.schedules import CosineDecay
from linreg.theory import Quadratic, sweep
from tests.runs import loop, short_of_goal

LESSON = data.make_line()
POINTS = LESSON.x, LESSON.y
QUADRATIC = Quadratic.of(*POINTS)
CRITICAL = QUADRATIC.critical_learning_rate
START = 0.0, -1.0
RATES = tuple(sweep.rates_around(CRITICAL).tolist())
PLAIN = Phase(RATES, 200)


def bands(phase):
    """Return the zones as plain lists."""
    return pa.table(
        zones(QUADRATIC, phase, sweep.predicted(QUADRATIC, phase, 1e-3, START))
    ).to_pydict()


def test_zones_meet_at_the_edges_that_the_theory_names():
    made = bands(PLAIN)
    assert made["zone"] == ["crawls", "direct", "overshoots", "diverges"]
    assert made["low"][2:] == pytest.approx([CRITICAL / 2, CRITICAL])
    assert made["edge"] == ["", "arrives in time", "1 / λmax", "2 / λmax"]
    assert made["high"][:-1] == made["low"][1:]


def test_rates_arrive_in_time_from_the_edge_on_that_says_so():
    edge = bands(PLAIN)["low"][1]
    for rate, arrives in ((0.95 * edge, False), (1.05 * edge, True)):
        short = short_of_goal(POINTS, *loop(POINTS, [Phase(rate, 200)]))
        assert (short[-1] <= 1) == arrives


def test_zones_of_momentum_end_at_its_own_limit():
    made = bands(Phase(RATES, 200, Momentum(0.5)))
    assert made["zone"] == ["crawls", "converges", "diverges"]
    assert made["low"][-1] == pytest.approx(CRITICAL * 1.5)


@pytest.mark.parametrize("rule", [Adam(), RMSprop()])
def test_rules_without_theory_have_no_zones_and_no_edges(rule):
    made = bands(Phase(RATES, 50, rule))
    assert (made["zone"], made["edge"]) == ([""], [""])


@pytest.mark.parametrize(
    ("ways", "edge"),
    [
        ({"batch_size": 10}, "2 / λmax of all points"),
        ({"batch_size": 10, "rule": Momentum()}, "the limit of all points"),
        ({"schedule": CosineDecay()}, "2 / λmax of a constant rate"),
        ({"schedule": CosineDecay(), "rule": Nesterov()}, "the limit of a constant rate"),
    ],
)
def test_only_a_limit_that_says_of_what_is_left_where_the_theory_does_not_hold(ways, edge):
    made = bands(Phase(RATES, 200, **ways))
    assert (made["zone"], made["edge"]) == (["", ""], ["", edge])
    assert set(made["shade"]) == {0.0}


@pytest.mark.parametrize("num_steps", [1, 20, 200, 100_000])
@pytest.mark.parametrize("rule", [Plain(), Momentum()])
def test_names_that_are_shown_never_touch(num_steps, rule):
    made = bands(Phase(RATES, num_steps, rule))
    low, high = (np.log(np.array(made[end]) / RATES[0]) for end in ("low", "high"))
    num_shown = 0
    for width in range(200, 1_600, 20):
        place = np.array([low, high]) * width / high[-1]
        centred = spans(made, "zone", width, place.mean(axis=0), [0.5] * low.size)
        beside = [1.0 if side == "right" else 0.0 for side in made["place"]]
        for shown in (centred, spans(made, "edge", width, place[0], beside)):
            num_shown += len(shown)
            assert all(one[1] <= other[0] + 1e-6 for one, other in pairwise(shown))
    assert num_shown > 150


def spans(made, field, width, anchors, shares):
    """Return where the texts shown begin and end; by the share of its length each ends before its x."""
    return [
        (x - share * LETTER * len(text), x + (1 - share) * LETTER * len(text))
        for text, x, room, share in zip(
            made[field], anchors, made[f"{field}_room"], shares, strict=True
        )
        if text and width >= room
    ]
