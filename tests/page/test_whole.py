"""The page as it opens, the rates it suggests, its cards, and its address, which brings it back."""

import numpy as np
import pytest

from linreg import data
from linreg.page.session import following
from linreg.runs.phases import Phase
from linreg.theory import Quadratic, rates
from linreg.theory.dynamics import Dynamics
from linreg.training.processes import worker
from tests.page import (
    card,
    go_to,
    in_sight,
    open_page,
    open_ways,
    refusals,
    shown_rates,
    suggested_rates,
    trained,
)
from tests.patience import PATIENCE


def test_page_trains_three_rates_and_judges_each():
    page = trained(open_page())
    assert not page.exception
    assert "too slow" in card(page, "too_small")
    assert "converged" in card(page, "good")
    assert "diverged" in card(page, "too_large")


def test_page_invites_to_drag_where_there_is_a_bar():
    assert [
        "Drag a rate" in open_page(**hidden).markdown[0].value for hidden in ({}, {"hide": "rates"})
    ] == [True, False]


def test_page_names_the_critical_rate_of_its_data():
    line = data.make_line()
    critical = Quadratic.of(line.x, line.y).critical_learning_rate
    assert f"**{critical:.4g}** diverges" in open_page().markdown[0].value


def test_page_shows_predicted_and_measured_steps_that_agree():
    page = trained(open_page())
    line = data.make_line()
    good = shown_rates(page)["good"]
    bowl = Quadratic.of(line.x, line.y)
    _, steps = Dynamics(bowl).fastest(bowl.goal(), np.array([good]))
    assert f"<b>{steps}</b> predicted, <b>{steps}</b> measured" in card(page, "good")


def test_every_control_has_a_help_text():
    page = open_ways(open_page())
    buttons = [page.button(key=key) for key in ("new_noise", "suggest", "train_on", "show_guide")]
    controls = [*page.number_input, *page.selectbox, *buttons]
    assert len(controls) == len(in_sight(page)) + 4 + 4
    assert [control.label for control in controls if not control.help] == []


# ---------------------------------------------------------------- the rates


def test_rates_follow_the_data_until_they_are_moved():
    page = open_page()
    page.number_input(key="good").set_value(0.3).run()
    page.number_input(key="seed").set_value(5).run()
    assert shown_rates(page) == suggested_rates(seed=5) | {"good": 0.3}


def test_rate_that_was_moved_to_its_suggestion_no_longer_follows():
    page = open_page()
    page.number_input(key="good").set_value(0.3).run()
    page.number_input(key="good").set_value(0.51).run()
    page.number_input(key="seed").set_value(8).run()
    assert suggested_rates(seed=8)["good"] != 0.51
    assert shown_rates(page)["good"] == 0.51
    assert page.query_params["good"] == "0.51"


def test_suggest_takes_moved_rates_back():
    page = open_page()
    page.number_input(key="good").set_value(0.3).run()
    page.button(key="suggest").click().run()
    assert shown_rates(page) == suggested_rates()


def test_what_a_browser_was_shown_before_moves_no_rate(monkeypatch):
    monkeypatch.setattr(following, "ECHO", PATIENCE)
    page = open_page()
    before = shown_rates(page)["good"]
    page.number_input(key="noise").set_value(0.3)
    page.number_input(key="seed").set_value(8).run()
    suggested = shown_rates(page)
    assert suggested["good"] != before
    page.number_input(key="good").set_value(before)  # the browser has not drawn the new one yet
    page.number_input(key="num_steps").set_value(70).run()
    assert shown_rates(page) == suggested
    for value in (0.33, 0.3, 0.33, 0.3):  # what the reader sets may go back at once
        page.number_input(key="good").set_value(value).run()
        assert shown_rates(page)["good"] == value


def test_number_of_the_readme_holds():
    page = trained(open_page(good="0.74"))
    assert "converged" in card(page, "good")
    page.number_input(key="good").set_value(0.76).run()
    assert "diverged" in card(trained(page), "good")


# ---------------------------------------------------------------- the address


def test_url_of_a_reader_who_goes_back_is_taken():
    page = open_page(noise="0.2", good="0.3")
    page.query_params.clear()
    page.run()
    assert page.number_input(key="noise").value == 0.01
    assert shown_rates(page) == suggested_rates()


def test_old_url_that_comes_with_a_moved_setting_is_not_taken():
    page = open_page()
    page.number_input(key="noise").set_value(0.2).run()
    page.query_params.clear()  # the browser has not been told yet
    page.number_input(key="seed").set_value(3).run()
    assert dict(page.query_params) == {"noise": "0.2", "seed": "3"}


def test_url_holds_what_was_moved_and_nothing_else():
    page = open_page()
    page.number_input(key="noise").set_value(0.2).run()
    page.number_input(key="too_large").set_value(2.0).run()
    page.button(key="new_noise").click().run()
    assert dict(page.query_params) == {"noise": "0.2", "seed": "1", "too_large": "2.0"}


def test_url_brings_the_same_page_back():
    page = open_page(noise="0.2", seed="1", too_large="2.0", num_steps="50", initial_bias="3")
    values = {name: page.number_input(key=name).value for name in in_sight(page)}
    assert values["noise"] == 0.2
    assert values["too_large"] == 2.0
    assert values["num_steps"] == 50
    assert values["initial_bias"] == 3.0
    assert values["good"] == suggested_rates(noise=0.2, seed=1)["good"]


def test_url_keeps_parameters_that_are_not_ours():
    page = open_page(utm_source="mail")
    page.number_input(key="seed").set_value(2).run()
    assert dict(page.query_params) == {"utm_source": "mail", "seed": "2"}


NONSENSE = [
    ("good", "abc"),
    ("good", "nan"),
    ("too_large", "inf"),
    ("too_small", "-1"),
    ("too_small", "0"),
    ("num_points", "0"),
    ("num_points", "99999999999"),
    ("num_points", "2.5"),
    ("num_steps", "1e9"),
    ("seed", "-1"),
    ("weight", "1e308"),
    ("noise", "'; drop table"),
    ("bias", ""),
    ("bias", "9" * 5000),
    ("too_large", "1,234"),  # or 1234?
    ("num_steps", "1.000"),
    ("weight", "1.234,5"),
]


def test_nonsense_in_the_url_is_named_and_ignored(subtests):
    page = open_page(good="abc", initial_weight="1")
    for weight, (name, value) in enumerate(NONSENSE, 1):
        with subtests.test(name=name, value=value[:20]):
            go_to(page, **{name: value}, initial_weight=weight)
            assert not page.exception
            assert f"`{name}` in the address must be" in page.warning[0].value
            assert page.number_input(key="initial_weight").value == weight
            assert name not in page.query_params


def test_address_may_be_typed_with_a_decimal_comma_and_fractions():
    page = trained(open_page(good="0,0005", too_large="3/2", num_steps="1e2", initial_bias="-1,5"))
    shown = {name: page.number_input(key=name).value for name in ("num_steps", "initial_bias")}
    assert shown == {"num_steps": 100, "initial_bias": -1.5}
    rates = shown_rates(page)
    assert (rates["good"], rates["too_large"]) == (0.0005, 1.5)
    assert list(page.warning) == []
    assert page.query_params["good"] == "0.0005"  # as the page writes it


EXTREMES = [
    {"too_large": "1000000", "num_steps": "2000"},
    {"num_steps": "1"},
    {"noise": "0"},
    {"noise": "0", "initial_weight": "0.1", "initial_bias": "0.5"},
    {"noise": "0", "weight": "0", "bias": "0"},
    {"num_points": "2"},
    {"num_points": "100000"},
    {"weight": "-1000", "bias": "1000", "initial_weight": "1000"},
    {"too_small": "1e-12", "good": "1e-12", "too_large": "1e-12"},
    {"noise": "1000"},
]  # and two million steps: test_page_phases.py


def test_extremes_give_a_clear_page(subtests):
    page = open_page(**EXTREMES[0])
    for params in EXTREMES:
        with subtests.test(**params):
            trained(go_to(page, **params))
            assert not page.exception
            assert not refusals(page)
            assert len(page.get("vega_lite_chart")) == 1


def test_one_point_is_refused_with_a_reason_and_a_way_back_that_loses_nothing():
    page = open_page(num_points="1", good="0.3", initial_bias="2")
    assert not page.exception
    assert "two different values" in refusals(page)[0]
    page.run()  # the rates are not shown now, and must not be forgotten
    page.button(key="use_points").click().run()
    assert not refusals(page)
    assert shown_rates(page)["good"] == 0.3
    assert page.number_input(key="initial_bias").value == 2.0


# ---------------------------------------------------------------- the cards


@pytest.mark.parametrize("start", ["1000.000000001", "1000"])
def test_card_never_contradicts_the_measured_end_of_its_run(start):
    page = trained(
        open_page(weight="1000", bias="500", noise="0", initial_weight=start, initial_bias="500")
    )
    line = data.make_line(1000.0, 500.0, noise=0.0)
    rates_shown = list(shown_rates(page).values())
    sent = worker.submit(line.x, line.y, [Phase(rates_shown)], (float(start), 500.0), 0)
    history = worker.collect(sent, PATIENCE)
    for name, ended_above in zip(rates.RUNS, history.diverged[:, -1], strict=True):
        assert ("diverged" in card(page, name)) == ended_above


def test_card_gives_a_slow_run_the_steps_it_needs():
    page = trained(open_page())
    page.button(key="try_too_small").click().run()
    assert page.number_input(key="num_steps").value > 200
    assert "converged" in card(trained(page), "too_small")


def test_card_brings_a_diverging_rate_back_below_the_critical_one():
    page = trained(open_page())
    page.button(key="try_too_large").click().run()
    assert "converged" in card(trained(page), "too_large")


def test_card_moves_a_start_that_is_the_minimum():
    page = trained(open_page(noise="0", initial_weight="0.1", initial_bias="0.5"))
    assert "at the minimum" in card(page, "good")
    page.button(key="try_good").click().run()
    assert "converged" in card(trained(page), "good")
