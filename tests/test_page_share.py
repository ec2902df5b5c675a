"""Keep, share and take home, without a browser: AppTest over the real worker."""

import json
import time

import numpy as np
import pytest

from linreg import data, kept, lessons, settings
from linreg.samples import load
from linreg.scaling import Scaling
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
    page.selectbox(key="kept_sort").set_value("Loss").run()
    html = table(page)
    assert html.index("Too large") > html.index("Good")
    page.toggle(key="kept_descending").set_value(True).run()
    html = table(page)
    assert html.index("Too large") < html.index("Good")
    assert ">Data<" in html
    page.toggle(key="kept_different").set_value(True).run()
    assert ">Data<" not in table(page)


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


def test_run_kept_on_own_data_says_after_a_reload_what_is_missing():
    page = open_page(kept="mine,run:good,data:file,good:0.3")
    page = trained(open_tab(page, "compare"))
    assert "cannot be trained again" in page.info[0].value


def test_run_on_own_data_is_kept_with_its_numbers():
    page = upload(open_page(data="file"), b"x,y\n1,2\n2,3\n4,7\n")
    page = click(trained(open_tab(page, "compare")), "keep_good")
    page.session_state["data"] = "line"
    page = trained(page.run())
    assert "file" in table(page)
    assert not page.info


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


# ---------------------------------------------------------------- links


# Links as they were made, with what they came to then: a link must go on to open. Final weight,
# bias and loss of "Good" are worked out here by a loop in NumPy.
OLD_LINKS = [
    "",
    "seed=7&noise=0.3",
    "weight=-2&bias=3&num_points=50&noise=0.5&seed=3&initial_weight=1&initial_bias=2&num_steps=60",
    "too_small=0.001&good=0.3&too_large=1.2&num_steps=50",
    "rule=momentum&momentum=0.5&good=0.2&num_steps=40",
    "rule=nesterov&good=0.2&num_steps=40",
    "schedule=exponential_decay&decay_steps=20&decay_rate=0.7&good=0.4&num_steps=40",
    "schedule=cosine_decay&decay_steps=30&alpha=0.1&warmup_steps=5&good=0.4&num_steps=40",
    "num_steps=30&good=0.1&phases=num_steps:20,good:0.5;num_steps:10,rule:momentum,good:0.2",
    "data=old_faithful&scale=standardised&good=0.4&num_steps=30",
    "data=wheat&scale=standardised&scaled=xy&good=0.4&num_steps=30",
]


@pytest.mark.parametrize("link", OLD_LINKS)
def test_old_link_opens_to_the_same_numbers(link):
    page = trained(open_page(**dict(pair.split("=", 1) for pair in link.split("&") if pair)))
    assert not page.warning
    runs = page.session_state["job"]["shown"]
    values, _, problems = settings.read(
        dict(pair.split("=", 1) for pair in link.split("&") if pair)
    )
    assert problems == []
    if values.get("data", "line") == "line":
        made = {name: values[name] for name in settings.LINE if name in values}
        points = data.make_line(**made)
    else:
        points = load(values["data"])
    scaling = Scaling.of(points.x, points.y, values.get("scale", "raw"), values.get("scaled", "x"))
    start = values.get("initial_weight", 0.0), values.get("initial_bias", -1.0)
    x, y = scaling.points(points.x, points.y)
    weight, bias = loop((x, y), runs.drawn.phases, *start, run=1)
    assert runs.drawn.weight[1, -1] == pytest.approx(weight[-1], rel=1e-9)
    assert runs.drawn.bias[1, -1] == pytest.approx(bias[-1], rel=1e-9)
    loss = np.mean((weight[-1] * x + bias[-1] - y) ** 2)
    assert runs.drawn.loss[1, -1] == pytest.approx(loss, rel=1e-9)
    if "good" in values:
        assert shown_rates(page)["good"] == values["good"]
    # The address says the same thing again.
    again, earlier, _ = settings.read(params(page))
    assert again == settings.read(settings.write(values, (), set()))[0]
    assert len(earlier) + 1 == len(runs.drawn.phases)


def test_link_holds_what_the_page_shows():
    page = trained(open_tab(open_page(seed=7, good=0.3, utm="mail"), "take"))
    link = page.code[0].value
    assert "seed=7" in link
    assert "good=0.3" in link
    assert "utm=mail" in link


def test_link_on_own_data_says_what_the_receiver_needs():
    page = upload(open_page(data="file"), b"a <b>,y\n1,2\n2,3\n4,7\n")
    page = trained(open_tab(page, "take"))
    told = " ".join(part.value for part in page.html)
    assert "The link does not hold your data" in told
    assert "a &lt;b&gt;" in told
    assert "a <b>" not in page.code[0].value
    receiver = open_page(data="file")
    assert "ask for the data too" in receiver.info[0].value


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
    assert params(page) == {"lesson": "crawl", "num_steps": "700"}


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
    weight, bias = loop((line.x, line.y), page.session_state["job"]["shown"].drawn.phases, run=1)
    loss = np.mean((weight[3] * line.x + bias[3] - line.y) ** 2)
    assert f"{loss:.8g}" in told
