"""Public data on the page, and what its scale does to the rates, the way and the results."""

import csv
import io

import numpy as np
import pytest

from linreg.data.samples import SAMPLES, load
from linreg.data.scaling import SCALES
from linreg.pictures import quartet
from linreg.sharing import export, settings
from tests.page import (
    card,
    go_to,
    in_sight,
    made,
    open_page,
    shown_rates,
    shown_runs,
    source,
    trained,
)


def test_public_data_trains_at_every_scale(subtests):
    page = open_page(data="wheat", scale="centred")
    for name, sample in SAMPLES.items():
        for scale in SCALES:
            with subtests.test(data=name, scale=scale):
                trained(go_to(page, data=name, **({} if scale == "raw" else {"scale": scale})))
                assert not page.exception
                assert page.selectbox(key="scale").value == scale
                assert sample.title in source(page)
                assert scale != "standardised" or "converged" in card(page, "good")
                assert "diverged" in card(page, "too_large")


def test_controls_of_the_line_are_shown_for_the_line_alone():
    shown = in_sight(open_page(data="wheat"))
    assert not shown & set(settings.LINE)
    assert {"initial_weight", "initial_bias"} <= shown


def test_anscombes_four_are_trained_alike_to_the_last_step():
    runs = []
    for name in quartet.FOUR:
        page = trained(open_page(data=name))
        runs.append(made(page, "shown").history)
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


def test_runs_follow_when_y_is_scaled_too():
    page = trained(open_page(scale="standardised"))
    page.selectbox(key="scaled").set_value("xy").run()
    # From weight 0 and bias −1: the mean of (−1 − y)², and y has mean 0 and variance 1.
    assert shown_runs(trained(page)).loss[:, 0] == pytest.approx(2.0)


def test_rates_follow_again_when_the_scale_is_chosen_by_hand():
    page = open_page(data="wheat", good="1e-9", phases="num_steps:50,good:2e-9")
    page.selectbox(key="scale").set_value("standardised").run()
    assert shown_rates(page)["good"] == 0.68
    assert page.session_state["earlier"] == [{"num_steps": 50}]


def test_scaling_is_offered_where_it_does_much_and_its_button_does_it():
    assert not [b for b in open_page().button if b.key == "standardise"]
    page = trained(open_page(data="wheat", good="1e-9"))
    page.button(key="standardise").click().run()
    assert page.selectbox(key="scale").value == "standardised"
    assert any("Scaling took κ from" in part.value for part in page.markdown)
    assert shown_rates(trained(page))["good"] == 0.68  # it follows the data again


def downloaded(page) -> list[dict[str, str]]:
    """Return the rows of the results."""
    return list(csv.DictReader(io.StringIO(export.results_csv(*results_of(page)))))


def results_of(page) -> tuple:
    """Return what the results are made of."""
    shown = made(page, "shown")
    return ["Too small", "Good", "Too large"], shown.history, made(page, "older")[0].scaling


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
