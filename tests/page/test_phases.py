"""Several phases on the page: trained on, taken back, in the address, and the lesson's ending."""

import re

from linreg import data
from linreg.runs.phases import Phase
from linreg.theory import rates
from linreg.training.processes import worker
from linreg.words import number
from tests.page import (
    card,
    click,
    go_to,
    open_page,
    open_ways,
    refusals,
    suggested_rates,
    trained,
)
from tests.patience import PATIENCE


def end_of(page, name: str) -> list[str]:
    """Return the step, weight, bias and loss that a card ends with."""
    row = card(page, name).split('<th scope="row">at step ')[1].split("</tr>")[0]
    return [re.sub("<[^>]+>", "", cell) for cell in re.split("</th>|</td>", row)[:4]]


def test_train_on_goes_on_from_where_the_runs_stopped():
    page = click(trained(open_page(num_steps="100")), "train_on")
    assert end_of(page, "too_small") == end_of(trained(open_page()), "too_small")


def test_train_on_at_another_rate_leaves_the_first_phase_as_it_was():
    page = click(trained(open_page(num_steps="20", good="0.7")), "train_on")
    page.number_input(key="good").set_value(0.05).run()
    page.number_input(key="num_steps").set_value(200).run()
    line = data.make_line()
    sent = worker.submit(line.x, line.y, [Phase(0.7, 20), Phase(0.05, 200)], (0.0, -1.0), 0)
    loss = worker.collect(sent, PATIENCE).loss[0, -1]
    assert end_of(trained(page), "good")[3] == number(loss)
    assert "0.7, then 0.05" in card(page, "good")


def test_phases_are_in_the_url_and_come_back_from_it():
    page = click(trained(open_page(num_steps="20", good="0.7")), "train_on")
    page.number_input(key="good").set_value(0.05).run()
    again = trained(open_page(**page.query_params))
    assert page.query_params["phases"] == "num_steps:20,good:0.7"
    for name in rates.RUNS:
        assert card(again, name) == card(trained(page), name)


def test_start_over_returns_to_the_first_phase():
    page = trained(open_page(num_steps="20", good="0.7"))
    first = dict(page.query_params)
    click(page, "train_on").number_input(key="good").set_value(0.05).run()
    click(click(page, "train_on"), "start_over")
    assert dict(page.query_params) == first
    assert page.number_input(key="good").value == 0.7


def test_back_takes_one_phase_back():
    page = click(trained(open_page()), "train_on")
    second = dict(page.query_params)
    open_ways(click(page, "train_on")).selectbox(key="rule").set_value("adam").run()
    click(page, "back")
    assert dict(page.query_params) == second
    assert page.selectbox(key="rule").value == "plain"


def test_a_second_click_on_back_does_nothing():
    page = click(trained(open_page()), "train_on")
    page.button(key="back").click()
    page.session_state["earlier"] = []
    assert not page.run().exception


def test_rates_of_earlier_phases_follow_the_data_too():
    page = click(trained(open_page()), "train_on")
    page.number_input(key="seed").set_value(5).run()
    assert f"{suggested_rates(seed=5)['good']:g}" in card(trained(page), "good")
    assert "then" not in card(page, "good").split("</h3>")[0]


def test_too_many_steps_in_all_phases_are_refused_with_a_way_back():
    page = open_page(num_steps="2000000")
    assert not refusals(page)
    assert len(page.get("vega_lite_chart")) == 1
    page.button(key="train_on").click().run()
    assert "at most 2,000,000" in refusals(page)[0]
    page.button(key="back").click().run()
    assert not refusals(page)
    assert not page.exception


def test_phase_that_is_one_too_many_cannot_be_added():
    page = open_page(phases=";".join(["num_steps:1"] * 19))
    assert page.button(key="train_on").disabled


def test_nonsense_among_the_phases_of_the_url_is_named_or_ignored(subtests):
    page = open_page(phases=";;;", initial_weight="1")
    nonsense = ["", ";;;", "num_steps", "num_steps:0", "good:nan;rule:sgd"]
    for weight, phases in enumerate([*nonsense, "a" * 5000, ";" * 5000, ":,:,;:"], 2):
        with subtests.test(phases=phases[:20]):
            go_to(page, phases=phases, initial_weight=weight)
            assert not page.exception
            assert not refusals(page)
            assert page.number_input(key="initial_weight").value == weight


def test_guide_goes_through_the_lesson_s_ending_with_one_click():
    page = click(trained(open_page()), "show_guide")
    text = page.container(key="guide").html[0].value
    assert [text.count("<li>"), "Mini-batches of 10." in text] == [4, True]
    assert page.query_params["batch_size"] == "10"
    assert page.query_params["phases"].count(";") == 2
