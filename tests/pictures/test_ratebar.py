"""The bar of rates: its zones are what runs at such rates do, and every handle has its place."""

import numpy as np
import pytest

from linreg import data
from linreg.pictures.ratebar import bar_data
from linreg.runs.phases import Phase
from linreg.runs.rules import RULES, Adam, Momentum
from linreg.runs.schedules import CosineDecay
from linreg.theory import Quadratic
from tests.runs import loop, short_of_goal

LINE = data.make_line()
POINTS = LINE.x, LINE.y
QUADRATIC = Quadratic.of(*POINTS)
START = 0.0, -1.0


def ends(bar):
    return {zone["name"]: zone["high"] for zone in bar["zones"]}


def test_zones_end_at_one_and_two_over_the_largest_eigenvalue():
    hessian = 2 / LINE.x.size * np.array([LINE.x, np.ones(LINE.x.size)])
    steepest = np.linalg.eigvalsh(hessian @ np.array([LINE.x, np.ones(LINE.x.size)]).T)[-1]
    bar = bar_data(QUADRATIC, [Phase((0.0047, 0.51, 0.82))], START)
    assert ends(bar)["direct"] == pytest.approx(1 / steepest)
    assert ends(bar)["overshoots"] == bar["critical"] == pytest.approx(2 / steepest)
    assert [edge["text"] for edge in bar["edges"]] == ["2/λ = 0.7558", "1/λ"]


def test_rates_that_crawl_do_not_arrive_in_time_and_the_next_does():
    slow = ends(bar_data(QUADRATIC, [Phase(0.5, 200)], START))["crawls"]
    arrived = []
    for rate in (slow * 0.999, slow):
        short = short_of_goal(POINTS, *loop(POINTS, [Phase(rate, 200)]))
        arrived.append(bool(short[-1] <= 1))
    assert arrived == [False, True]


def test_zone_without_a_rate_is_not_named():
    phase = Phase(0.5, 10)  # at 1/λ it needs more
    assert list(ends(bar_data(QUADRATIC, [phase], START))) == ["crawls", "overshoots", "diverges"]
    long = bar_data(QUADRATIC, [Phase(0.5, 2_000_000)], START)
    assert list(ends(long)) == ["direct", "overshoots", "diverges"]


def test_later_phase_is_not_said_to_crawl():
    phases = [Phase(0.5, 200), Phase(0.05, 200)]
    assert list(ends(bar_data(QUADRATIC, phases, START))) == ["direct", "overshoots", "diverges"]


@pytest.mark.parametrize("rule", RULES.values())
@pytest.mark.parametrize("ways", [{}, {"batch_size": 10}, {"schedule": CosineDecay()}])
@pytest.mark.parametrize("rates", [(1e-40, 1e-3, 1e6), (0.1, 0.2, 0.3)])
def test_axis_is_one_and_its_zones_ascend(rule, ways, rates):
    bar = bar_data(QUADRATIC, [Phase(rates, rule=rule(), **ways)], START)
    highs = [zone["high"] for zone in bar["zones"]]
    assert 0 < bar["low"] < highs[0]
    assert highs == sorted(highs)
    assert highs[-1] == bar["high"]
    assert np.isfinite([bar["low"], *highs]).all()


def test_nothing_is_told_where_nobody_knows_or_a_lesson_asks():
    unknown = bar_data(QUADRATIC, [Phase(0.1, rule=Adam())], START)
    asked = bar_data(QUADRATIC, [Phase(0.1)], START, is_told=False)
    for bar in (unknown, asked):
        assert (list(ends(bar)), bar["edges"], bar["critical"]) == ([""], [], None)
    momentum = bar_data(QUADRATIC, [Phase(0.1, rule=Momentum(0.5))], START)
    assert list(ends(momentum)) == ["converges", "diverges"]
    assert momentum["critical"] == pytest.approx(1.5 * QUADRATIC.critical_learning_rate)
