"""Other ways to step on the page: update rules, schedules and mini-batches, each with its own."""

import re

import pytest

from linreg import data
from linreg.runs.rules import RULES, Adam
from linreg.runs.schedules import SCHEDULES
from linreg.sharing import settings
from linreg.theory import Quadratic, rates
from tests.page import (
    captions,
    card,
    go_to,
    in_sight,
    open_page,
    open_ways,
    refusals,
    shown_rates,
    trained,
)


def test_rule_and_schedule_show_their_own_parameters_and_no_others(subtests):
    page = open_page(rule="adam")
    assert "beta_1" in in_sight(page)
    for setting, kinds in {"rule": RULES, "schedule": SCHEDULES}.items():
        for kind in kinds:
            with subtests.test(**{setting: kind}):
                is_default = kind == settings.SETTINGS[setting].default
                open_ways(go_to(page, **({} if is_default else {setting: kind})))
                assert page.selectbox(key=setting).value == kind
                own = set(settings.defaults(kinds[kind]))
                others = {name for one in kinds.values() for name in settings.defaults(one)} - own
                assert own <= in_sight(page)
                assert not others & in_sight(page)


def test_choosing_a_schedule_sets_its_parameters_to_their_defaults():
    page = open_page(schedule="step_decay", decay_steps="7")
    page.selectbox(key="schedule").set_value("cosine_decay").run()
    assert page.number_input(key="decay_steps").value == 200


@pytest.mark.parametrize("name", ["rule", "schedule"])
def test_an_option_that_there_is_not_is_taken_for_the_default(name):
    page = open_page()
    page.session_state[name] = "bogus"
    assert not page.run().exception
    assert page.session_state[name] == settings.SETTINGS[name].default


@pytest.mark.parametrize("rule", ["momentum", "nesterov"])
def test_momentum_is_predicted_and_measured_alike(rule):
    page = trained(open_page(rule=rule, momentum="0.5"))
    steps = re.search("<b>([0-9,]+)</b> predicted, <b>([0-9,]+)</b> measured", card(page, "good"))
    assert steps[1] == steps[2]
    assert "diverged" in card(page, "too_large")
    assert "with momentum 0.5" in page.markdown[0].value


@pytest.mark.parametrize("params", [{"rule": "adam"}, {"rule": "rmsprop"}, {"batch_size": "10"}])
def test_page_says_so_where_nothing_can_be_predicted(params):
    page = trained(open_page(**params))
    assert not page.exception
    assert "none predicted" in card(page, "good")
    assert "No exact prediction exists" in captions(page)


def test_rates_follow_the_rule_until_they_are_moved():
    page = open_ways(open_page(good="0.3"))
    page.selectbox(key="rule").set_value("adam").run()
    line = data.make_line()
    suggested = rates.suggestions(Quadratic.of(line.x, line.y), Adam())
    assert shown_rates(page) == suggested | {"good": 0.3}


def test_what_has_no_effect_is_not_in_the_url():
    page = open_page(rule="momentum", momentum="0.5")
    page.selectbox(key="rule").set_value("adam").run()
    assert dict(page.query_params) == {"rule": "adam"}


def test_other_ways_to_step_stay_chosen_out_of_sight():
    page = open_page(rule="momentum", momentum="0.5", batch_size="7")
    page.session_state["ways"] = False
    page.run()
    page.number_input(key="seed").set_value(1).run()
    page.run()
    assert {box.key for box in page.selectbox} == {"data", "scale"}
    chosen = {"rule": "momentum", "momentum": "0.5", "batch_size": "7", "seed": "1"}
    assert dict(page.query_params) == chosen


def test_mini_batches_of_all_points_are_all_points():
    page = trained(open_page(batch_size="100"))
    assert "by at most" in captions(page)


def test_mini_batches_that_look_at_too_much_are_refused():
    page = open_page(batch_size="99", num_steps="2000000")
    assert "<code>num_steps</code> times <code>batch_size</code>" in refusals(page)[0]
    page.number_input(key="batch_size").set_value(None).run()
    assert not refusals(page)


def test_seed_of_mini_batches_is_shown_where_the_line_is_not():
    page = open_ways(open_page(data="wheat", scale="standardised", batch_size="5"))
    page.number_input(key="seed").set_value(3).run()
    assert page.query_params["seed"] == "3"
    assert "seed" not in in_sight(open_ways(open_page(data="wheat")))
