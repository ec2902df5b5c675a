"""Keep, share and take home, without a browser: AppTest over the real worker."""

import json
import re
import time
from urllib.parse import parse_qsl, urlsplit

import numpy as np
import pytest

from linreg import data, kept, lessons, settings
from linreg.page import jobs
from linreg.page.takehome import LABELS
from tests.runs import loop
from tests.test_page import card, click, open_page, refusals, shown_rates, trained, upload


def open_tab(page, name):
    page.session_state["details"] = lessons.TABS[name]
    return page.run()


def table(page) -> str:
    """Return the table of kept runs, once all of them have been trained."""
    deadline = time.monotonic() + 60
    while any("to be trained again" in caption.value for caption in page.caption):
        assert time.monotonic() < deadline
        time.sleep(0.1)
        page.run()
    assert not page.exception
    return page.container(key="kept_table").html[0].value


def shown_runs(page):
    """Return the runs that stand on the stage."""
    return page.session_state["older"][1].drawn


def params(page) -> dict[str, str]:
    """Return the parameters of the page's address."""
    return {
        name: value if isinstance(value, str) else value[0]
        for name, value in page.query_params.items()
    }


# ---------------------------------------------------------------- keep and compare


def test_kept_run_stays_when_data_and_rates_change():
    page = trained(open_tab(open_page(), "compare"))
    page.text_input(key="kept_name").set_value("first try").run()
    page = click(page, "keep_good")
    before = card(page, "good")
    page.number_input(key="seed").set_value(9).run()
    page.number_input(key="good").set_value(0.1).run()
    page = trained(page)
    assert card(page, "good") != before
    html = table(page)
    assert "first try" in html
    assert ">0.51<" in html
    assert "Now: Good" in html


def test_trio_is_kept_as_it_is():
    page = click(trained(open_tab(open_page(), "compare")), "keep_all")
    assert [one.run for one in page.session_state["kept_runs"]] == [
        "too_small",
        "good",
        "too_large",
    ]
    assert table(page).count("<tr>") == 1 + 3 + 3


def test_kept_runs_survive_a_reload_with_the_same_numbers():
    page = trained(open_tab(open_page(noise=0.3, seed=5), "compare"))
    page = click(page, "keep_all")
    page = click(page, "train_on")
    page = click(trained(page), "keep_good")
    rows = [row for row in table(page).split("<tr>") if "Now:" not in row]
    again = trained(open_tab(open_page(**params(page)), "compare"))
    assert [row for row in table(again).split("<tr>") if "Now:" not in row] == rows
    assert len(rows) == 2 + 4


def test_baseline_is_chosen_and_kept_in_the_address():
    page = click(trained(open_tab(open_page(), "compare")), "keep_all")
    name = page.session_state["kept_runs"][1].name
    page.selectbox(key="kept_baseline").set_value(name).run()
    assert "(baseline)" in table(page)
    again = trained(open_tab(open_page(**params(page)), "compare"))
    assert again.selectbox(key="kept_baseline").value == name
    assert "worse</small>" in table(again)


def test_kept_runs_are_sorted_and_columns_that_agree_are_hidden():
    page = click(trained(open_tab(open_page(), "compare")), "keep_all")
    page.selectbox(key="kept_sort").set_value("loss").run()
    html = table(page)
    assert html.index("Too large") > html.index("Good")
    page.toggle(key="kept_descending").set_value(True).run()
    html = table(page)
    assert html.index("Too large") < html.index("Good")
    assert ">Data<" in html
    page.toggle(key="kept_different").set_value(True).run()
    html = table(page)
    assert ">Data<" not in html
    # A link opens to the same table.
    assert params(page) | VIEW == params(page)
    again = trained(open_tab(open_page(**params(page)), "compare"))
    assert table(again) == html
    assert again.selectbox(key="kept_sort").value == "loss"
    again.toggle(key="kept_descending").set_value(False).run()
    assert "kept_descending" not in params(again)


VIEW = {"kept_sort": "loss", "kept_descending": "yes", "kept_different": "yes"}


def test_view_of_an_address_that_makes_no_sense_is_named_and_ignored():
    page = trained(open_page(kept="a,run:good,good:0.3", kept_sort="<b>", kept_different="maybe"))
    assert len(page.warning) == 2
    assert all("must be one of" in warning.value for warning in page.warning)
    assert "a" in table(open_tab(page, "compare"))
    assert set(params(page)) == {"kept"}


def test_kept_runs_are_removed():
    page = click(trained(open_tab(open_page(), "compare")), "keep_all")
    name = page.session_state["kept_runs"][0].name
    page.multiselect(key="kept_remove").set_value([name]).run()
    page = click(page, "remove_kept")
    assert name not in [one.name for one in page.session_state["kept_runs"]]
    assert len(page.session_state["kept_runs"]) == 2


def test_one_kept_run_too_many_is_refused_and_loses_nothing():
    entry = "x,run:good,good:0.3"
    page = open_page(kept="|".join([entry] * kept.MAX_KEPT))
    page = click(trained(open_tab(page, "compare")), "keep_good")
    assert "Remove one first" in page.warning[0].value
    assert len(page.session_state["kept_runs"]) == kept.MAX_KEPT


FILE = b"x,y\n1,2\n2,3\n4,7\n"


def test_run_kept_on_own_data_says_after_a_reload_what_is_missing():
    page = open_page(kept="mine,run:good,data:file,good:0.3")
    page = trained(open_tab(page, "compare"))
    assert "Data of your own is missing for 1 kept run" in refusals(page)[0]
    assert "Give the same data again to bring it back" in refusals(page)[0]


@pytest.mark.parametrize("scale", ["raw", "standardised"])
def test_same_data_given_again_brings_its_kept_runs_back(scale):
    page = upload(open_page(data="file", good=0.05, scale=scale, num_steps=50), FILE)
    page = click(trained(open_tab(page, "compare")), "keep_good")
    (kept_row,) = [row for row in table(page).split("<tr>") if "Good 0.05" in row]
    link = params(page)
    # Another session, on other data at first; scaled otherwise; then the same file by another name.
    again = trained(open_tab(open_page(kept=link["kept"]), "compare"))
    assert "Data of your own is missing" in refusals(again)[0]
    again = open_tab(open_page(kept=link["kept"], data="file", scale="centred"), "compare")
    again = trained(upload(again, b"x,y\n1,2\n2,3\n4,8\n"))
    assert "Data of your own is missing" in refusals(again)[0]
    again = trained(upload(again, FILE, "renamed.csv"))
    assert not refusals(again)
    assert kept_row in table(again).split("<tr>")


def test_run_on_own_data_is_kept_with_its_numbers():
    page = upload(open_page(data="file"), b"x,y\n1,2\n2,3\n4,7\n")
    page = click(trained(open_tab(page, "compare")), "keep_good")
    page.session_state["data"] = "line"
    page = trained(page.run())
    assert "file" in table(page)
    assert not refusals(page)


def test_runs_kept_on_two_files_of_a_reader_keep_their_own_numbers():
    page = upload(open_page(data="file", good=0.05), b"x,y\n1,2\n2,3\n4,7\n")
    page = click(trained(open_tab(page, "compare")), "keep_good")
    first = page.session_state["kept_results"][page.session_state["kept_runs"][0].key]
    page = upload(page, b"x,y\n1,20\n2,5\n4,-7\n", "other.csv")
    page = click(trained(page), "keep_good")
    one, two = page.session_state["kept_runs"]
    assert one.key != two.key
    results = page.session_state["kept_results"]
    assert results[one.key] is first
    assert results[two.key].facts.loss != first.facts.loss


def test_kept_run_whose_data_no_line_fits_says_why():
    page = trained(open_tab(open_page(kept="a,run:good,num_points:1,good:0.3"), "compare"))
    table(page)
    assert any("a cannot be trained" in part.value for part in page.html)


def test_default_name_of_a_kept_run_stays_readable_in_the_address():
    page = click(trained(open_tab(open_page(), "compare")), "keep_good")
    assert params(page)["kept"].startswith("Good 0.51,run:good,")
    assert params(page)["kept"].isascii()


def test_kept_run_of_an_old_address_keeps_its_name():
    page = open_page(kept="Good%20%C2%B7%200.51,run:good,good:0.51")
    assert "Good · 0.51" in table(trained(open_tab(page, "compare")))


def downloads(page) -> str:
    """Return what is said above the two CSV files."""
    return next(one.value for one in page.caption if "Both files hold" in one.value)


def test_files_say_how_many_kept_runs_they_hold():
    kept_ones = "a,run:good,good:0.3|b,run:good,good:0.1|c,run:good,data:file,good:0.1"
    page = trained(open_tab(open_page(kept=kept_ones), "runs"))
    while any("to be trained again" in caption.value for caption in page.caption):
        time.sleep(0.1)
        page.run()
    assert "2 of 3 kept runs" in downloads(page)
    assert not any("Both files hold" in one.value for one in open_page().caption)


def test_kept_run_that_waits_for_another_one_is_not_forgotten(monkeypatch):
    # The last one is under way when the others are asked for, and there when it is asked for
    # again: nothing is under way any more, and nobody would ask for the others.
    asked = {"is_open": False, "times": 0}
    collect, has_news = jobs.Training.collect, jobs.Training.has_news

    def is_slow(training):
        return "0.11" in str(training.key) and not (asked["is_open"] and asked["times"])

    def collected(training):
        if not is_slow(training):
            return collect(training)
        asked["times"] += asked["is_open"]
        return None

    monkeypatch.setattr(jobs.Training, "collect", collected)
    monkeypatch.setattr(jobs.Training, "has_news", lambda one: not is_slow(one) and has_news(one))
    kept_ones = "a,run:good,good:0.3|b,run:good,good:0.2|z,drawn:1,run:good,good:0.11"
    page = trained(open_tab(open_page(kept=kept_ones), "works"))
    asked["is_open"] = True
    html = table(open_tab(page, "compare"))
    assert all(f'<th scope="row">{name}</th>' in html for name in "abz")


def test_kept_run_that_is_removed_while_it_is_trained_holds_up_no_other():
    page = trained(open_tab(open_page(kept="a,run:good,good:0.3"), "compare"))
    table(page)
    # As if a run had been sent, and removed before its result was there.
    page.session_state["kept_training"] = jobs.Training("gone", lambda: None)
    page.session_state["kept_runs"] = kept.of_text("b,run:good,good:0.2")[0]
    page.run()
    assert '<th scope="row">b</th>' in table(page)


# ---------------------------------------------------------------- links


# Links as they were made: each with the rates that it opened to on that day, and the final weight,
# bias and loss of "Good". These were worked out once, away from this package, by a loop of a few
# lines of NumPy over points drawn with `default_rng` or read from the CSV file. A link must go on to
# open to them, whatever we suggest or begin with some day.
OLD_LINKS = [
    (
        "",
        (0.0047, 0.51, 0.82),
        (0.09869299278304473, 0.4999252572499982, 9.400515032109289e-05),
    ),
    (
        "seed=7&noise=0.3",
        (0.0047, 0.51, 0.91),
        (0.016505667703171197, 0.5024522539776545, 0.0680998997707891),
    ),
    (
        "weight=-2&bias=3&num_points=50&noise=0.5&seed=3&initial_weight=1&initial_bias=2&num_steps=60",
        (0.0047, 0.51, 0.82),
        (-2.4080249479907634, 3.14114775360383, 0.25655041936326234),
    ),
    (
        "too_small=0.001&good=0.3&too_large=1.2&num_steps=50",
        (0.001, 0.3, 1.2),
        (0.16810231975207945, 0.45902903931814437, 0.000544665082426366),
    ),
    (
        "rule=momentum&momentum=0.5&good=0.2&num_steps=40",
        (0.0022, 0.2, 1.2),
        (0.15314429438486474, 0.46784179504018075, 0.0003713592491861392),
    ),
    (
        "rule=nesterov&good=0.2&num_steps=40",
        (0.00016, 0.2, 0.56),
        (0.13940401896413027, 0.4759382012734377, 0.0002490435604914658),
    ),
    (
        "schedule=exponential_decay&decay_steps=20&decay_rate=0.7&good=0.4&num_steps=40",
        (0.0047, 0.4, 0.82),
        (0.21204776995274838, 0.4331362265363439, 0.0012959699754654412),
    ),
    (
        "schedule=cosine_decay&decay_steps=30&alpha=0.1&warmup_steps=5&good=0.4&num_steps=40",
        (0.0047, 0.4, 0.82),
        (0.292193540849049, 0.3859140583347449, 0.0035964857003091704),
    ),
    (
        "num_steps=30&good=0.1&phases=num_steps:20,good:0.5;num_steps:10,rule:momentum,good:0.2",
        (0.0047, 0.1, 0.82),
        (0.1080945486052468, 0.4943858277151938, 0.00010227375286611202),
    ),
    (
        "data=old_faithful&scale=standardised&good=0.4&num_steps=30",
        (0.0062, 0.4, 1.1),
        (12.223971537522269, 70.8970588235294, 34.71833472873818),
    ),
    (
        "data=wheat&scale=standardised&scaled=xy&good=0.4&num_steps=30",
        (0.0062, 0.4, 1.1),
        (0.38708578267573557, 2.6836848952404417e-17, 0.8501645968503134),
    ),
    (
        "kept=mine,baseline:1,run:good,seed:3,good:0.05&good=0.3&num_steps=50",
        (0.0047, 0.3, 0.82),
        (0.16810231975207945, 0.45902903931814437, 0.000544665082426366),
    ),
    (
        "lesson=crawl&too_small=0.001&num_steps=200",
        (0.001, 0.51, 0.82),
        (0.09869299278304473, 0.4999252572499982, 9.400515032109289e-05),
    ),
    (
        "lesson=overshoot&too_large=0.7",
        (0.0047, 0.51, 0.7),
        (0.09869299278304473, 0.4999252572499982, 9.400515032109289e-05),
    ),
    (
        "lesson=scale&data=wheat",
        (2e-09, 2.4e-07, 3.9e-07),
        (0.026219541741197703, -1.000001457129926, 213.37662811296946),
    ),
    (
        "lesson=crawl",
        (0.001, 0.51, 0.82),
        (0.09869299278304473, 0.4999252572499982, 9.400515032109289e-05),
    ),
    (
        "lesson=overshoot",
        (0.0047, 0.51, 0.7),
        (0.09869299278304473, 0.4999252572499982, 9.400515032109289e-05),
    ),
    (
        "lesson=scale",
        (2e-09, 2.4e-07, 3.9e-07),
        (0.026219541741197703, -1.000001457129926, 213.37662811296946),
    ),
    (
        "good=0.2&seed=1e999&num_steps=40&rule=magic&noise=-1&phases=seed:1,num_steps:10,good:0.3",
        (0.0047, 0.2, 0.82),
        (0.22210250396563885, 0.4272119421297045, 0.001518658541183276),
    ),
]
FORGED = {
    "good=0.2&seed=1e999&num_steps=40&rule=magic&noise=-1&phases=seed:1,num_steps:10,good:0.3": 4
}
NOTHING = 1e-12  # of a number whose true value is 0, all digits are rounding


def opened(link):
    """Open a link, and wait until its runs are trained."""
    return trained(open_page(**dict(parse_qsl(link.rpartition("?")[2]))))


def copied_link(page) -> str:
    """Return the link that "Take home" offers."""
    page = open_tab(page, "take")
    (part,) = [one for one in page.get("bidi_component") if '"link"' in one.proto.json]
    return json.loads(part.proto.json)["link"]


def assert_shows(page, rates, ends):
    assert tuple(shown_rates(page).values()) == rates
    drawn = shown_runs(page)
    assert drawn.phases[-1].learning_rates == rates
    last = [float(part[1, -1]) for part in (drawn.weight, drawn.bias, drawn.loss)]
    assert last == pytest.approx(ends, rel=1e-9, abs=NOTHING)


@pytest.mark.parametrize(("link", "rates", "ends"), OLD_LINKS)
def test_old_link_opens_to_the_same_numbers(link, rates, ends):
    page = opened(link)
    assert len(page.warning) == FORGED.get(link, 0)
    assert_shows(page, rates, ends)


def test_old_link_brings_its_kept_run():
    page = opened(next(link for link, _, _ in OLD_LINKS if "kept=" in link))
    (one,) = page.session_state["kept_runs"]
    assert (one.name, one.run, one.is_baseline) == ("mine", "good", True)
    assert one.values == {"seed": 3, "good": 0.05}


@pytest.mark.parametrize(
    ("link", "rates", "ends"), [one for one in OLD_LINKS if "crawl" not in one[0]]
)  # that lesson hides what copies a link
def test_copied_link_holds_all_rates_and_opens_to_the_same_numbers(link, rates, ends):
    copied = copied_link(opened(link))
    held = dict(parse_qsl(urlsplit(copied).query))
    assert tuple(float(held[name]) for name in ("too_small", "good", "too_large")) == rates
    for phase in filter(None, held.get("phases", "").split(";")):
        assert {"too_small", "good", "too_large"} <= {one.split(":")[0] for one in phase.split(",")}
    again = opened(copied)
    assert not again.warning
    assert_shows(again, rates, ends)
    assert copied_link(again) == copied


def test_link_holds_what_the_page_shows_and_is_an_address():
    copied = urlsplit(copied_link(trained(open_page(seed=7, good=0.3, utm="mail"))))
    assert copied.path == "/"
    held = dict(parse_qsl(copied.query))
    assert {"seed": "7", "good": "0.3", "utm": "mail"}.items() <= held.items()


def test_link_opens_on_the_part_that_was_looked_at_before_it_was_copied():
    page = open_tab(trained(open_page(lesson="overshoot")), "map")
    copied = copied_link(page)
    assert opened(copied).session_state["details"] == lessons.TABS["map"]
    page = open_tab(page, "drag")
    assert "open=" not in copied_link(page)  # where the lesson opens by itself


def test_link_opens_with_the_player_at_its_step_and_its_boxes_ticked():
    page = trained(open_page(step=12, show="excess"))
    (player,) = [one for one in page.get("bidi_component") if "has_numbers" in one.proto.json]
    told = json.loads(player.proto.json)
    assert told["steps"].split()[told["first"]] == "12"
    (stage,) = [one for one in page.get("vega_lite_chart") if "log_steps" in one.proto.spec]
    ticked = {one["name"]: one.get("value") for one in json.loads(stage.proto.spec)["params"]}
    assert (ticked["log_steps"], ticked["excess"]) == (False, True)


def test_link_on_own_data_says_what_the_receiver_needs():
    page = upload(open_page(data="file"), b"a <b>,y\n1,2\n2,3\n4,7\n")
    page = trained(open_tab(page, "take"))
    told = " ".join(part.value for part in page.html)
    assert "The link does not hold your data" in told
    assert "a &lt;b&gt;" in told
    receiver = open_page(**dict(parse_qsl(urlsplit(copied_link(page)).query)))
    assert "ask for the data too" in receiver.info[0].value
    assert "mine.csv, with a &lt;b&gt; as x and y as y" in refusals(receiver)[0]


def test_link_holds_no_more_than_names_of_own_data():
    page = upload(open_page(data="file"), b"a,y\n1,2\n2,3\n4,7531\n", "mine.csv")
    copied = copied_link(trained(page))
    assert "mine.csv" in copied
    assert "7531" not in copied
    page.session_state["data"] = "line"
    assert "needs" not in copied_link(trained(page.run()))


# ---------------------------------------------------------------- lessons


@pytest.mark.parametrize("name", lessons.READY)
def test_lesson_shows_its_question_and_its_answer_on_demand(name):
    page = open_page(lesson=name)
    lesson = lessons.READY[name]
    assert page.text[0].value == lesson.prompt
    assert lesson.reveal not in [text.value for text in page.text]
    page.session_state["reveal"] = True
    page.run()
    assert lesson.reveal in [text.value for text in page.text]
    assert page.session_state["details"] == lesson.title
    assert not page.exception


@pytest.mark.parametrize("part", lessons.PARTS)
def test_lesson_hides_a_part_of_the_page_and_it_still_trains(part):
    page = trained(open_page(hide=part)) if part != "cards" else open_page(hide=part)
    assert not page.exception
    keys = {entry.key for entry in page.number_input}
    gone = {
        "data": {"weight", "noise", "seed"},
        "start": {"initial_weight", "initial_bias"},
        "steps": {"num_steps"},
        "rates": {"good"},
    }.get(part, set())
    assert not keys & gone
    everything = {entry.key for entry in open_page().number_input}
    assert everything - keys >= gone
    if part == "ways":
        assert "train_on" not in {button.key for button in page.button}
    if part == "cards":
        assert not any(button.key == "try_good" for button in page.button)


def test_all_parts_can_be_hidden_at_once():
    page = open_page(hide=",".join(lessons.PARTS), prompt="Only this")
    assert not page.exception
    assert page.text[0].value == "Only this"
    assert not page.number_input


def test_prompt_of_a_stranger_is_text():
    page = open_page(prompt="<script>alert(1)</script> ![i](http://example.org/x.png)")
    assert page.text[0].value.startswith("<script>")
    assert not any("example.org" in part.value for part in (*page.markdown, *page.html))


def test_lesson_stays_in_the_address():
    page = open_page(lesson="crawl", num_steps=500)
    page.number_input(key="num_steps").set_value(700).run()
    assert params(page) == {"lesson": "crawl", "num_steps": "700", "too_small": "0.001"}


def test_what_a_lesson_sets_can_be_set_anew():
    page = open_page(lesson="scale")
    assert page.session_state["data"] == "wheat"
    page.session_state["data"] = "line"
    page = page.run()
    assert params(page) == {"lesson": "scale", "data": "line"}
    assert open_page(**params(page)).session_state["data"] == "line"


def test_report_names_the_settings_as_the_page_does():
    page = open_page(rule="adam", schedule="cosine_decay", scale="centred")
    page.session_state["ways"] = True
    page = page.run()
    controls = [
        one for one in (*page.number_input, *page.selectbox) if one.key in settings.SETTINGS
    ]
    assert len(controls) > 20
    assert {one.key: one.label for one in controls}.items() <= LABELS.items()
    assert set(LABELS) == set(settings.SETTINGS)


def test_step_of_the_picture_follows_the_last_one_until_it_is_chosen():
    page = trained(open_tab(open_page(num_steps=50), "take"))
    assert page.number_input(key="picture_step").value == 50
    page.number_input(key="num_steps").set_value(200).run()
    assert page.number_input(key="picture_step").value == 200
    page.number_input(key="picture_step").set_value(30).run()
    page.number_input(key="num_steps").set_value(100).run()
    assert page.number_input(key="picture_step").value == 30
    page.number_input(key="num_steps").set_value(20).run()
    assert page.number_input(key="picture_step").value == 20


# ---------------------------------------------------------------- settings file and one step


def bring_back(page, content: bytes):
    page = open_tab(page, "take")
    uploader = next(one for one in page.get("file_uploader") if one.key == "settings_upload")
    uploader.upload("settings.json", content, "application/json")
    return page.run()


def test_settings_file_restores_the_page():
    text = settings.to_json(
        {
            "seed": "7",
            "good": "0.3",
            "phases": "num_steps:20,good:0.5",
            "kept": "a,run:good,good:0.2",
        }
    )
    page = trained(bring_back(trained(open_page(noise=0.5)), text.encode()))
    assert params(page) == json.loads(text)["settings"] | {"seed": "7", "good": "0.3"}
    assert shown_rates(page)["good"] == 0.3
    assert page.number_input(key="noise").value == 0.01
    assert len(page.session_state["earlier"]) == 1


def test_file_that_is_no_settings_changes_nothing():
    page = bring_back(trained(open_page(seed=7)), b"x,y\n1,2\n")
    assert "must be a settings file" in refusals(page)[0]
    assert page.number_input(key="seed").value == 7


def settings_file(**values) -> bytes:
    made = {"application": settings.APPLICATION, "version": 1, "settings": values}
    return json.dumps(made).encode()


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"seed": "x", "good": 5e9, "foo": "bar"}, ["seed", "good", "foo"]),
        ({"num_steps": None}, ["num_steps"]),
        ({"seed": [1]}, ["seed"]),
        ({"phases": "good:fast"}, ["good"]),
        ({"kept": "a,run:good"}, ["kept run"]),
        ({"![i](http://example.org/x.png)": 1}, ["example.org"]),
    ],
)
def test_settings_file_with_bad_values_changes_nothing_and_says_why(values, says):
    page = bring_back(trained(open_page(seed=7, good=0.3)), settings_file(**values))
    (told,) = refusals(page)
    assert all(word in told for word in says)
    assert "in the file" in told
    assert "address" not in told
    assert params(page) == {"seed": "7", "good": "0.3"}
    assert page.number_input(key="seed").value == 7
    assert not any("example.org" in part.value for part in page.markdown)


def test_step_is_shown_with_all_its_numbers():
    page = trained(open_tab(open_page(), "step"))
    page.number_input(key="shown_step").set_value(3).run()
    told = page.container(key="one_step").html[0].value
    assert "Step 3" in told
    assert "w ← w − η·g" in told
    line = data.make_line()
    weight, bias = loop((line.x, line.y), shown_runs(page).phases, run=1)
    loss = np.mean((weight[3] * line.x + bias[3] - line.y) ** 2)
    assert f"{loss:.8g}" in told


def test_step_of_a_mini_batch_is_made_of_the_points_that_it_looked_at():
    page = trained(open_tab(open_page(batch_size="10", seed="7"), "step"))
    page.number_input(key="shown_step").set_value(3).run()
    told = page.container(key="one_step").html[0].value
    assert "only 10 of the 100 points: mini-batch 4 of epoch 1 of this phase." in told
    steps = re.findall(r"η·g = [^<]* = <b>(.*?)</b>; the next step had <b>(.*?)</b>", told)
    assert len(steps) == 2
    for foretold, reached in steps:
        assert foretold == reached
