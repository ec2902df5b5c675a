"""The page as a reader moves it, without a browser: AppTest over the real worker."""

import csv
import io
import os
import re
import signal
import time

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from linreg import cluster, csvfile, data, export, quartet, ratemap, rates, settings, worker
from linreg.phases import RULES, Adam, Phase
from linreg.samples import SAMPLES, load
from linreg.scaling import SCALES
from linreg.schedules import SCHEDULES
from linreg.theory import Quadratic
from linreg.words import number
from tests.browser import ROOT, run_alone

TRAINED = "Trained by TensorFlow"


def open_page(**params) -> AppTest:
    page = AppTest.from_file(str(ROOT / "dashboard.py"), default_timeout=60)
    for name, value in params.items():
        page.query_params[name] = str(value)
    return page.run()


def open_ways(page: AppTest) -> AppTest:
    """Open the other ways to step."""
    page.session_state["ways"] = True
    return page.run()


def captions(page: AppTest) -> str:
    return " ".join(caption.value for caption in page.caption)


def trained(page: AppTest) -> AppTest:
    """Run the page until TensorFlow has answered."""
    deadline = time.monotonic() + 60
    while TRAINED not in captions(page):
        assert not page.exception
        assert time.monotonic() < deadline, captions(page)
        time.sleep(0.1)
        page.run()
    return page


def refusals(page: AppTest) -> list[str]:
    """Return why there is nothing to train on."""
    return [part.value for part in page.html if 'class="refusal"' in part.value]


def card(page: AppTest, name: str) -> str:
    return page.container(key=f"card_{name}").html[0].value


def shown_rates(page: AppTest) -> dict[str, float]:
    return {name: page.number_input(key=name).value for name in rates.RUNS}


def suggested_rates(**made_of) -> dict[str, float]:
    line = data.make_line(**made_of)
    return rates.suggestions(Quadratic.of(line.x, line.y))


def test_page_trains_three_rates_and_judges_each():
    page = trained(open_page())
    assert not page.exception
    assert "too slow" in card(page, "too_small")
    assert "converged" in card(page, "good")
    assert "diverged" in card(page, "too_large")


def test_page_names_the_critical_rate_of_its_data():
    line = data.make_line()
    critical = Quadratic.of(line.x, line.y).critical_learning_rate
    assert f"**{critical:.4g}** diverges" in open_page().markdown[0].value


def test_page_shows_predicted_and_measured_steps_that_agree():
    page = trained(open_page())
    line = data.make_line()
    good = shown_rates(page)["good"]
    steps = Quadratic.of(line.x, line.y).steps_to(1e-3, good)
    assert f"<b>{steps}</b> predicted, <b>{steps}</b> measured" in card(page, "good")


def in_sight(page: AppTest) -> set[str]:
    """Return the settings that have an exact entry now."""
    return {entry.key for entry in page.number_input}


def test_every_control_has_a_help_text():
    page = open_ways(open_page())
    buttons = [page.button(key=key) for key in ("new_noise", "suggest", "train_on", "show_guide")]
    controls = [*page.number_input, *page.select_slider, *page.selectbox, *buttons]
    assert len(controls) == len(in_sight(page)) + 3 + 4 + 4
    assert [control.label for control in controls if not control.help] == []


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


def test_number_of_the_readme_holds():
    page = trained(open_page(good="0.74"))
    assert "converged" in card(page, "good")
    page.number_input(key="good").set_value(0.76).run()
    assert "diverged" in card(trained(page), "good")


def test_suggest_takes_moved_rates_back():
    page = open_page()
    page.number_input(key="good").set_value(0.3).run()
    page.button(key="suggest").click().run()
    assert shown_rates(page) == suggested_rates()


def test_slider_and_exact_entry_follow_each_other():
    page = open_page()
    page.select_slider(key="good_slider").set_value(0.33).run()
    assert page.number_input(key="good").value == 0.33
    page.number_input(key="good").set_value(0.4441).run()
    assert page.select_slider(key="good_slider").value == 0.43  # the nearest round one


def test_url_holds_what_was_moved_and_nothing_else():
    page = open_page()
    page.number_input(key="noise").set_value(0.2).run()
    page.select_slider(key="too_large_slider").set_value(2.0).run()
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


@pytest.mark.parametrize(
    ("name", "value"),
    [
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
    ],
)
def test_nonsense_in_the_url_is_named_and_ignored(name, value):
    page = open_page(**{name: value}, initial_weight="2")
    assert not page.exception
    assert f"`{name}` in the address must be" in page.warning[0].value
    assert page.number_input(key="initial_weight").value == 2.0
    assert name not in page.query_params


@pytest.mark.parametrize(
    "params",
    [
        {"too_large": "1000000", "num_steps": "2000"},
        {"num_steps": "1"},
        {"num_steps": "2000000"},
        {"noise": "0"},
        {"noise": "0", "initial_weight": "0.1", "initial_bias": "0.5"},
        {"noise": "0", "weight": "0", "bias": "0"},
        {"num_points": "2"},
        {"num_points": "100000"},
        {"weight": "-1000", "bias": "1000", "initial_weight": "1000"},
        {"too_small": "1e-12", "good": "1e-12", "too_large": "1e-12"},
        {"noise": "1000"},
    ],
)
def test_extremes_give_a_clear_page(params):
    page = trained(open_page(**params))
    assert not page.exception
    assert not refusals(page)
    assert len(page.get("vega_lite_chart")) == 1


@pytest.mark.parametrize("start", ["1000.000000001", "1000"])
def test_card_never_contradicts_the_measured_end_of_its_run(start):
    page = trained(
        open_page(weight="1000", bias="500", noise="0", initial_weight=start, initial_bias="500")
    )
    line = data.make_line(1000.0, 500.0, noise=0.0)
    rates_shown = list(shown_rates(page).values())
    sent = worker.submit(line.x, line.y, [Phase(rates_shown)], float(start), 500.0, 0)
    history = worker.collect(sent, 60)
    for name, ended_above in zip(rates.RUNS, history.diverged[:, -1], strict=True):
        assert ("diverged" in card(page, name)) == ended_above


def test_one_point_is_refused_with_a_reason_and_a_way_back_that_loses_nothing():
    page = open_page(num_points="1", good="0.3", initial_bias="2")
    assert not page.exception
    assert "two different values" in refusals(page)[0]
    page.run()  # the rates are not shown now, and must not be forgotten
    page.button(key="use_points").click().run()
    assert not refusals(page)
    assert shown_rates(page)["good"] == 0.3
    assert page.number_input(key="initial_bias").value == 2.0


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


# ---------------------------------------------------------------- several phases


def click(page: AppTest, key: str) -> AppTest:
    return trained(page.button(key=key).click().run())


def end_of(page: AppTest, name: str) -> list[str]:
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
    sent = worker.submit(line.x, line.y, [Phase(0.7, 20), Phase(0.05, 200)], 0.0, -1.0, 0)
    loss = worker.collect(sent, 60).loss[0, -1]
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


def test_rates_of_earlier_phases_follow_the_data_too():
    page = click(trained(open_page()), "train_on")
    page.number_input(key="seed").set_value(5).run()
    assert f"{suggested_rates(seed=5)['good']:g}" in card(trained(page), "good")
    assert "then" not in card(page, "good").split("</h3>")[0]


def test_too_many_steps_in_all_phases_are_refused_with_a_way_back():
    page = trained(open_page(num_steps="2000000"))
    page.button(key="train_on").click().run()
    assert "at most 2,000,000" in refusals(page)[0]
    assert not refusals(click(page, "back"))


def test_phase_that_is_one_too_many_cannot_be_added():
    page = open_page(phases=";".join(["num_steps:1"] * 19))
    assert page.button(key="train_on").disabled


def test_guide_goes_through_the_lesson_s_ending_with_one_click():
    page = click(trained(open_page()), "show_guide")
    text = page.container(key="guide").html[0].value
    assert [text.count("<li>"), "Mini-batches of 10." in text] == [4, True]
    assert page.query_params["batch_size"] == "10"
    assert page.query_params["phases"].count(";") == 2


# ---------------------------------------------------------------- other ways to step


@pytest.mark.parametrize(
    ("setting", "kind"),
    [("rule", kind) for kind in RULES] + [("schedule", kind) for kind in SCHEDULES],
)
def test_rule_and_schedule_show_their_own_parameters_and_no_others(setting, kind):
    page = open_page(**{setting: kind})
    assert not page.exception
    kinds = {"rule": RULES, "schedule": SCHEDULES}[setting]
    own = set(settings.defaults(kinds[kind]))
    others = {name for one in kinds.values() for name in settings.defaults(one)} - own
    assert own <= in_sight(page)
    assert not others & in_sight(page)


def test_choosing_a_schedule_sets_its_parameters_to_their_defaults():
    page = open_page(schedule="step_decay", decay_steps="7")
    page.selectbox(key="schedule").set_value("cosine_decay").run()
    assert page.number_input(key="decay_steps").value == 200


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


@pytest.mark.parametrize(
    "phases",
    ["", ";;;", "num_steps", "num_steps:0", "good:nan;rule:sgd", "a" * 5000, ";" * 5000, ":,:,;:"],
)
def test_nonsense_among_the_phases_of_the_url_is_named_or_ignored(phases):
    page = open_page(phases=phases, initial_weight="2")
    assert not page.exception
    assert not refusals(page)
    assert page.number_input(key="initial_weight").value == 2.0


def test_cold_worker_shows_nothing_predicted_where_nothing_can_be(monkeypatch):
    monkeypatch.setattr(cluster, "CONNECT_TIMEOUT", 1)
    monkeypatch.setenv(worker.DASK, "tcp://127.0.0.1:9")  # nobody listens there
    page = open_page(rule="adam")
    assert not page.exception
    assert "TensorFlow is at work" in captions(page)
    assert len(page.get("vega_lite_chart")) == 0


def test_printout_shows_the_lesson_s_lines():
    page = open_page()
    page.session_state["details"] = "Printouts"
    trained(page.run())
    text = page.container(key="printouts").html[0].value
    assert [f"Step {k}," in text for k in (0, 20, 180, 200)] == [True] * 4
    assert "Step 10," not in text


def test_how_it_works_shows_the_lesson_s_own_source():
    page = open_page()
    page.session_state["details"] = "How it works"
    page.run()
    code = page.code[0].value
    lesson = (ROOT / "linreg" / "lesson.py").read_text(encoding="utf-8")
    assert "tape.gradient(loss, [weight, bias])" in code
    assert set(code.splitlines()) <= set(lesson.splitlines())


def test_prediction_is_called_one_and_cannot_be_downloaded(monkeypatch):
    monkeypatch.setattr(cluster, "CONNECT_TIMEOUT", 1)
    monkeypatch.setenv(worker.DASK, "tcp://127.0.0.1:9")  # nobody listens there
    page = open_page()
    assert "Predicted, not trained yet" in captions(page)
    assert TRAINED not in captions(page)
    assert ">predicted</th>" in card(page, "good")
    assert ">measured</th>" not in card(page, "good")
    assert page.get("download_button")[0].proto.disabled


def test_cluster_that_does_not_answer_is_named_and_the_prediction_stays(monkeypatch):
    monkeypatch.setattr(cluster, "CONNECT_TIMEOUT", 1)
    monkeypatch.setenv(worker.DASK, "tcp://127.0.0.1:9")
    page = open_page()
    deadline = time.monotonic() + 60
    while not page.button or "train_again" not in [button.key for button in page.button]:
        assert time.monotonic() < deadline
        time.sleep(0.2)
        page.run()
    assert "does not answer" in page.warning[0].value
    monkeypatch.delenv(worker.DASK)
    page.button(key="train_again").click().run()
    assert TRAINED in captions(trained(page))


def test_killed_worker_is_replaced_and_the_page_says_what_happened():
    page = trained(open_page())
    os.kill(worker.QUICK.submit(os.getpid).future.result(60), signal.SIGKILL)
    page.number_input(key="seed").set_value(77).run()
    assert not page.exception
    assert "ended from outside" in page.warning[0].value
    trained(page)
    page.number_input(key="seed").set_value(78).run()
    assert not page.warning


def test_page_never_imports_tensorflow():
    script = (
        "import sys\n"
        "from tests.test_page import open_page, trained\n"
        "if __name__ == '__main__':\n"
        "    page = trained(open_page())\n"
        "    sys.exit('tensorflow' in sys.modules or bool(page.exception))\n"
    )
    assert run_alone(script)[0] == 0


# ---------------------------------------------------------------- other data, and its scale


def upload(page: AppTest, content: bytes, name: str = "mine.csv") -> AppTest:
    """Give the page a file."""
    return page.file_uploader(key="upload").set_value((name, content, "text/csv")).run()


def paste(page: AppTest, text: str) -> AppTest:
    """Give the page rows."""
    return page.text_area(key="paste").set_value(text).run()


def source(page: AppTest) -> str:
    """Return what is said of where the points come from."""
    return next(part.value for part in page.html if 'class="source"' in part.value)


def downloaded(page: AppTest) -> list[dict[str, str]]:
    """Return the rows of the results."""
    return list(csv.DictReader(io.StringIO(export.results_csv(*results_of(page)))))


def results_of(page: AppTest) -> tuple:
    shown = page.session_state["job"].notes["shown"]
    return ["Too small", "Good", "Too large"], shown.history, page.session_state["older"][0].scaling


@pytest.mark.parametrize("name", SAMPLES)
@pytest.mark.parametrize("scale", SCALES)
def test_public_data_trains_at_every_scale(name, scale):
    page = trained(open_page(data=name, scale=scale))
    assert not page.exception
    assert SAMPLES[name].title in source(page)
    assert scale != "standardised" or "converged" in card(page, "good")
    assert "diverged" in card(page, "too_large")


def test_controls_of_the_line_are_shown_for_the_line_alone():
    shown = {entry.key for entry in open_page(data="wheat").number_input}
    assert not shown & set(settings.LINE)
    assert {"initial_weight", "initial_bias"} <= shown


def test_anscombes_four_are_trained_alike_to_the_last_step():
    runs = []
    for name in quartet.FOUR:
        page = trained(open_page(data=name))
        runs.append(page.session_state["job"].notes["shown"].history)
    for other in runs[1:]:
        assert other.learning_rates.tolist() == runs[0].learning_rates.tolist()
        for part in ("weight", "bias", "loss"):
            np.testing.assert_allclose(getattr(other, part), getattr(runs[0], part), rtol=1e-9)


def test_rates_follow_the_scale():
    page = open_page(data="wheat", too_small="1e-9")
    raw = shown_rates(page)
    page.selectbox(key="scale").set_value("standardised").run()
    scaled = shown_rates(page)
    assert scaled["too_small"] / raw["too_small"] > 1e6
    assert scaled["good"] / raw["good"] > 1e6


def test_scaling_is_offered_where_it_does_much_and_its_button_does_it():
    assert not [b for b in open_page().button if b.key == "standardise"]
    page = trained(open_page(data="wheat", good="1e-9"))
    page.button(key="standardise").click().run()
    assert page.selectbox(key="scale").value == "standardised"
    assert any("Scaling took κ from" in part.value for part in page.markdown)
    assert shown_rates(trained(page))["good"] == 0.68  # it follows the data again


def test_uploaded_file_trains_and_stays_out_of_the_address():
    page = trained(upload(open_page(data="file"), b"year,price\n1990,1\n1995,2\n2000,\n2005,4\n"))
    assert not page.exception
    assert "3 of 4 rows are used" in source(page)
    assert dict(page.query_params) == {"data": "file"}


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "empty file"),
        (b"x,y\n", "nothing below row 1"),
        (b"PK\x03\x04", "Excel"),
        (b"x,y\n1,2\n", "two different values"),
        (b"x,y\n5,2\n5,3\n", "two different values"),
        (b"a,b\nred,1\nblue,2\n", "Choose other columns"),
        (b"x;y\n1;1.234\n2;5.678\n", "Choose the decimal mark"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_and_the_next_one_is_taken(content, says):
    page = upload(open_page(data="file"), content)
    assert not page.exception
    assert says in refusals(page)[0]
    page = trained(upload(page, b"x,y\n1,2\n2,3\n3,5\n"))
    assert not refusals(page)


def test_another_file_suggests_its_own_columns():
    page = upload(open_page(data="file"), b"a,b,c\n1,2,3\n2,3,5\n")
    page.selectbox(key="x_column").set_value(2).run()
    assert page.session_state["own"].chosen == (2, 1)
    page = upload(page, b"x,y\n1,2\n2,3\n", "other.csv")
    assert not page.exception
    assert page.session_state["own"].chosen == (0, 1)


def test_a_file_that_is_taken_away_leaves_nothing_behind():
    page = trained(upload(open_page(data="file"), b"x,y\n1,2\n2,3\n3,5\n"))
    page.file_uploader(key="upload").set_value(None).run()
    assert not page.exception
    assert page.session_state["own"] is None
    assert page.session_state["own_problem"] is None


def test_pasted_rows_train():
    page = paste(open_page(data="pasted"), "x\ty\n1\t2,5\n2\t3,5\n3\t5\n")
    assert not trained(page).exception
    assert page.session_state["own"].columns.y.tolist() == [2.5, 3.5, 5]


def test_pasted_nonsense_is_refused():
    for text in ("hello", "1", "1\n2\n3", "a,b", "\0\0\0", '"', "#", "sep=;", ",\n,\n,"):
        page = paste(open_page(data="pasted"), text)
        assert not page.exception
        assert refusals(page)


def test_own_data_is_as_before_after_a_look_at_other_data():
    page = upload(open_page(data="file"), b"a,b,c\n1,2,3\n2,3,5\n")
    page.selectbox(key="x_column").set_value(2).run()
    page.selectbox(key="data").set_value("line").run()
    assert trained(page).session_state["older"][0].points.line is not None
    page.selectbox(key="data").set_value("file").run()
    assert page.session_state["own"].chosen == (2, 1)
    assert "mine.csv" in source(page)
    page.button(key="forget_file").click().run()
    assert not page.exception
    assert page.session_state["own"] is None


def test_seed_of_mini_batches_is_shown_where_the_line_is_not():
    page = open_ways(open_page(data="wheat", scale="standardised", batch_size="5"))
    page.number_input(key="seed").set_value(3).run()
    assert page.query_params["seed"] == "3"
    assert "seed" not in {entry.key for entry in open_ways(open_page(data="wheat")).number_input}


def test_results_are_in_the_original_units_too():
    page = trained(open_page(data="forbes", scale="standardised", scaled="xy"))
    last = [row for row in downloaded(page) if row["run"] == "Good"][-1]
    x, y = load("forbes").x, load("forbes").y
    design = np.stack([x - x.mean(), np.ones_like(x)], axis=1)
    weight, middle = np.linalg.lstsq(design, y, rcond=None)[0]
    assert float(last["original_weight"]) == pytest.approx(weight, rel=1e-9)
    assert float(last["original_bias"]) == pytest.approx(middle - weight * x.mean(), rel=1e-9)
    table = page.container(key="runs_table").html[0].value
    assert "Weight, original units" in table


def test_a_second_click_on_back_does_nothing():
    page = click(trained(open_page()), "train_on")
    page.button(key="back").click()
    page.session_state["earlier"] = []
    assert not page.run().exception


@pytest.mark.parametrize("name", ["rule", "schedule"])
def test_an_option_that_there_is_not_is_taken_for_the_default(name):
    page = open_page()
    page.session_state[name] = "bogus"
    assert not page.run().exception
    assert page.session_state[name] == settings.SETTINGS[name].default


def test_points_too_far_out_for_any_rate_are_refused_and_can_be_scaled():
    page = paste(open_page(data="pasted"), "x,y\n1e25,1\n2e25,2\n3e25,4\n")
    assert not page.exception
    assert "Standardise x" in refusals(page)[0]
    page.selectbox(key="scale").set_value("standardised").run()
    assert not trained(page).exception


# ---------------------------------------------------------------- the map of rates


def open_map(page: AppTest, **choices) -> AppTest:
    """Open the map, and run the page until its runs are there."""
    page.session_state["details"] = "The map of rates"
    for name, value in choices.items():
        page.session_state[name] = value
    page.run()
    deadline = time.monotonic() + 60
    while "256 runs reached" not in captions(page):
        assert not page.exception
        assert time.monotonic() < deadline, captions(page)
        time.sleep(0.1)
        page.run()
    return page


@pytest.mark.parametrize(
    "params",
    [
        {},
        {"rule": "adam"},
        {"rule": "nesterov", "schedule": "cosine_decay"},
        {"batch_size": "10"},
        {"data": "wheat"},
        {"num_steps": "5000"},
        {"phases": "num_steps:50,good:0.3"},
        {"initial_weight": "0.1", "initial_bias": "0.5", "noise": "0"},
        {"data": "anscombe_4", "scale": "standardised"},
    ],
)
@pytest.mark.parametrize("view", ratemap.VIEWS)
def test_map_is_drawn_whatever_is_set(params, view):
    page = open_map(trained(open_page(**params)), map_view=view)
    assert not page.exception


def test_map_of_more_steps_than_one_training_may_have_says_so_and_shows_the_theory():
    page = trained(open_page(num_steps=300_000))
    page.session_state["details"] = "The map of rates"
    page.run()
    assert any("Take at most 234,375 steps" in note.value for note in page.info)
    assert "Line: what the theory says" in captions(page)
    assert not page.exception
    page.number_input(key="num_steps").set_value(200).run()
    assert not any("Take at most" in note.value for note in open_map(page).info)


def test_map_has_a_table_of_graded_marks():
    page = open_map(trained(open_page()))
    table = page.container(key="map_marks").html[0].value
    assert "fewest steps" in table
    assert "× critical: safe" in table


def test_map_costs_nothing_until_it_is_opened():
    page = trained(open_page())
    assert "sweep" not in page.session_state


@pytest.mark.parametrize(
    "params",
    [
        {},
        {"rule": "adam", "batch_size": "10"},
        {"data": "wheat"},
        {"phases": "num_steps:50,good:0.3"},
        {"initial_weight": "0.1", "initial_bias": "0.5", "noise": "0"},
        {"rule": "momentum", "momentum": "0.5"},
    ],
)
def test_landscape_is_drawn_whatever_is_set(params):
    page = trained(open_page(**params))
    page.session_state["details"] = "The landscape"
    assert not page.run().exception
    assert "Click to start from another place" in captions(page)


@pytest.mark.parametrize(
    "params",
    [
        {},
        {"rule": "adam"},
        {"data": "wheat"},
        {"initial_weight": "0.1", "initial_bias": "0.5", "noise": "0"},
    ],
)
def test_laboratory_is_drawn_whatever_is_set(params):
    page = trained(open_page(**params))
    page.session_state["details"] = "Drag a rate"
    assert not page.run().exception


def test_rates_follow_again_when_the_scale_is_chosen_by_hand():
    page = open_page(data="wheat", good="1e-9", phases="num_steps:50,good:2e-9")
    page.selectbox(key="scale").set_value("standardised").run()
    assert shown_rates(page)["good"] == 0.68
    assert page.session_state["earlier"] == [{"num_steps": 50}]


def test_pasted_blanks_at_the_start_count():
    page = paste(open_page(data="pasted"), "y\n1\t2\n2\t3\n3\t5\n")
    assert "got 1 in row 1 and 2 in the next" in refusals(page)[0]
    page = paste(page, "\ty\n1\t2\n2\t3\n3\t5\n")
    assert page.session_state["layout"].names == ("column 1", "y")


def test_refused_file_is_read_once(monkeypatch):
    page = upload(open_page(data="file"), b"x;y\n1;1.234\n2;5.678\n")
    assert refusals(page)
    monkeypatch.setattr(csvfile, "read", None)  # would be called again
    page.number_input(key="initial_bias").set_value(2.0).run()
    assert not page.exception
    assert "Choose the decimal mark" in refusals(page)[0]
