"""Kept runs on the page: kept, compared, there after a reload, trained again one after the other."""

import pytest

from linreg.page.session import jobs
from linreg.sharing import kept
from tests.page import (
    captions,
    click,
    head,
    open_page,
    open_tab,
    refusals,
    run_until,
    trained,
    upload,
)


def trained_again(page):
    """Run the page until all kept runs that can be there are there."""
    return run_until(page, lambda: "to be trained again" not in captions(page), "kept_training")


def table(page) -> str:
    """Return the table of kept runs, once all of them have been trained."""
    assert not trained_again(page).exception
    return page.container(key="kept_table").html[0].value


def test_kept_run_stays_when_data_and_rates_change():
    page = trained(open_tab(open_page(), "compare"))
    page.text_input(key="kept_name").set_value("first try").run()
    page = click(page, "keep_good")
    before = head(page, "good")
    page.number_input(key="seed").set_value(9).run()
    page.number_input(key="good").set_value(0.1).run()
    page = trained(page)
    assert head(page, "good") != before
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
    again = trained(open_tab(open_page(**page.query_params), "compare"))
    assert [row for row in table(again).split("<tr>") if "Now:" not in row] == rows
    assert len(rows) == 2 + 4


def test_baseline_is_chosen_and_kept_in_the_address():
    page = click(trained(open_tab(open_page(), "compare")), "keep_all")
    name = page.session_state["kept_runs"][1].name
    page.selectbox(key="kept_baseline").set_value(name).run()
    assert "(baseline)" in table(page)
    again = trained(open_tab(open_page(**page.query_params), "compare"))
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
    assert page.query_params | VIEW == page.query_params
    again = trained(open_tab(open_page(**page.query_params), "compare"))
    assert table(again) == html
    assert again.selectbox(key="kept_sort").value == "loss"
    again.toggle(key="kept_descending").set_value(False).run()
    assert "kept_descending" not in again.query_params


VIEW = {"kept_sort": "loss", "kept_descending": "yes", "kept_different": "yes"}


def test_view_of_an_address_that_makes_no_sense_is_named_and_ignored():
    page = trained(open_page(kept="a,run:good,good:0.3", kept_sort="<b>", kept_different="maybe"))
    assert len(page.warning) == 2
    assert all("must be one of" in warning.value for warning in page.warning)
    assert "a" in table(open_tab(page, "compare"))
    assert set(page.query_params) == {"kept"}


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
    link = page.query_params
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
    assert results[two.key].facts.measured.loss != first.facts.measured.loss


def test_kept_run_whose_data_no_line_fits_says_why():
    page = trained(open_tab(open_page(kept="a,run:good,num_points:1,good:0.3"), "compare"))
    table(page)
    assert any("a cannot be trained" in part.value for part in page.html)


def test_default_name_of_a_kept_run_stays_readable_in_the_address():
    page = click(trained(open_tab(open_page(), "compare")), "keep_good")
    assert page.query_params["kept"].startswith("Good 0.51,run:good,")
    assert page.query_params["kept"].isascii()


def test_kept_run_of_an_old_address_keeps_its_name():
    page = open_page(kept="Good%20%C2%B7%200.51,run:good,good:0.51")
    assert "Good · 0.51" in table(trained(open_tab(page, "compare")))


def downloads(page) -> str:
    """Return what is said above the two CSV files."""
    return next(one.value for one in page.caption if "Both files hold" in one.value)


def test_files_say_how_many_kept_runs_they_hold():
    kept_ones = "a,run:good,good:0.3|b,run:good,good:0.1|c,run:good,data:file,good:0.1"
    page = trained(open_tab(open_page(kept=kept_ones), "runs"))
    trained_again(page)
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
    sent = "gone", jobs.Training("gone", lambda: None)
    page.session_state["made"]["kept_training"] = sent
    page.session_state["kept_runs"] = kept.of_text("b,run:good,good:0.2")[0]
    page.run()
    assert '<th scope="row">b</th>' in table(page)


def test_drawn_run_is_not_waited_for_where_the_stage_is_hidden():
    page = trained(open_page(kept="mine,drawn:1,run:good,good:0.3", hide="stage"))
    assert not page.exception
    assert "Kept runs are trained again" not in captions(page)
