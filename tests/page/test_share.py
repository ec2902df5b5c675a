"""Take home on the page: the report's words, the picture's step, the settings file that comes back."""

import json

from linreg.sharing import settings
from tests.page import open_page, open_tab, open_ways, refusals, shown_rates, trained


def test_page_names_every_setting_by_its_one_title_and_help():
    page = open_ways(open_page(rule="adam", schedule="cosine_decay", scale="centred"))
    controls = [
        one for one in (*page.number_input, *page.selectbox) if one.key in settings.SETTINGS
    ]
    assert len(controls) > 20
    for one in controls:
        told = settings.SETTINGS[one.key]
        assert (one.label, one.help) == (told.title, told.help)
    assert all(one.title and one.help for one in settings.SETTINGS.values())


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


# ---------------------------------------------------------------- the settings file


def bring_back(page, content: bytes):
    """Give the page a settings file."""
    page = open_tab(page, "take")
    file = ("settings.json", content, "application/json")
    return page.file_uploader(key="settings_upload").set_value(file).run()


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
    assert page.query_params == json.loads(text)["settings"] | {"seed": "7", "good": "0.3"}
    assert shown_rates(page)["good"] == 0.3
    assert page.number_input(key="noise").value == 0.01
    assert len(page.session_state["earlier"]) == 1


def test_file_that_is_no_settings_changes_nothing():
    page = bring_back(trained(open_page(seed=7)), b"x,y\n1,2\n")
    assert "must be a settings file" in refusals(page)[0]
    assert page.number_input(key="seed").value == 7


def settings_file(**values) -> bytes:
    """Return a file of these settings."""
    made = {"application": settings.APPLICATION, "version": 1, "settings": values}
    return json.dumps(made).encode()


BAD = [
    ({"seed": "x", "good": 5e9, "foo": "bar"}, ["seed", "good", "foo"]),
    ({"num_steps": None}, ["num_steps"]),
    ({"seed": [1]}, ["seed"]),
    ({"phases": "good:fast"}, ["good"]),
    ({"kept": "a,run:good"}, ["kept run"]),
    ({"![i](http://example.org/x.png)": 1}, ["example.org"]),
]


def test_settings_file_with_bad_values_changes_nothing_and_says_why(subtests):
    page = trained(open_page(seed=7, good=0.3))
    for values, says in BAD:
        with subtests.test(values=values):
            bring_back(page, settings_file(**values))
            (told,) = refusals(page)
            assert all(word in told for word in says)
            assert "in the file" in told
            assert "address" not in told
            assert page.query_params == {"seed": "7", "good": "0.3"}
            assert page.number_input(key="seed").value == 7
            assert not any("example.org" in part.value for part in page.markdown)
    assert not refusals(bring_back(page, settings_file(seed=8)))
    assert page.query_params == {"seed": "8"}
