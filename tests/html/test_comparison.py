"""Runs side by side: their numbers, and differences from a baseline in sign and word."""

import re
from dataclasses import replace
from urllib.parse import unquote, urlsplit
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from linreg import data
from linreg.page.html import comparison
from linreg.page.html.comparison import View, table
from linreg.runs.phases import Phase
from linreg.runs.rules import Adam
from linreg.sharing.result import Result
from linreg.theory import Zone
from linreg.theory.noise import BatchNoise
from tests.runs import judged, trained

LINE = data.make_line()
POINTS = LINE.x, LINE.y
RATES = 0.0047, 0.51, 0.82


def results(*phases):
    """Return what the runs of these phases came to."""
    history = trained(POINTS, phases or [Phase(RATES, 200)])
    noise = BatchNoise.of(*POINTS)
    return [Result.of(noise, history, told, "lesson's line") for told in judged(POINTS, history)]


def cells(html, name):
    """Return the cells of a row, by the title of their column."""
    row = re.search(rf'<th scope="row">{re.escape(name)}.*?</tr>', html)[0]
    return dict(zip(titles(html)[1:], re.findall(r"<td[^>]*>(.*?)</td>", row), strict=True))


def titles(html):
    return re.findall(r'<th scope="col"[^>]*>([^<]*)</th>', html)


def kinds(html, name):
    """Return the titles of the columns whose cells in a row are marked as words."""
    row = re.search(rf'<th scope="row">{re.escape(name)}.*?</tr>', html)[0]
    marks = re.findall(r"<td([^>]*)>", row)
    return {title for title, mark in zip(titles(html)[1:], marks, strict=True) if "words" in mark}


def rows_of(html):
    return re.findall(r'<th scope="row">([^<]*)', html)


def named(*phases):
    return list(zip(["slow", "good", "wild"], results(*phases), strict=True))


def test_result_holds_the_numbers_of_numpy():
    slow, good, _ = results()
    x, y = POINTS
    best = np.polyfit(x, y, 1)
    least = np.mean((np.polyval(best, x) - y) ** 2)
    for result in (slow, good):
        facts = result.facts
        loss = np.mean((facts.measured.weight * x + facts.measured.bias - y) ** 2)
        assert facts.measured.loss == pytest.approx(loss)
        assert result.excess == pytest.approx(loss - least, rel=1e-6, abs=1e-15)
        error = np.hypot(facts.measured.weight - best[0], facts.measured.bias - best[1])
        assert result.error == pytest.approx(error, rel=1e-6, abs=1e-12)


def test_differences_have_a_sign_and_a_word():
    rows = named()
    html = table(rows, "good")
    assert "<small" not in "".join(cells(html, "good").values())
    slow = cells(html, "slow")
    more = rows[0][1].facts.foretold.steps - rows[1][1].facts.foretold.steps
    assert f'<small class="worse">+{more:,}, worse</small>' in slow["Steps, predicted"]
    assert "worse</small>" in slow["Loss"]
    html = table(rows, "slow")
    assert f"−{more:,}, better" in cells(html, "good")["Steps, predicted"]
    assert "worse" in cells(html, "wild")["Loss"]


def test_never_is_worse_than_any_number_of_steps():
    html = table(named(), "good")
    assert cells(html, "wild")["Steps, predicted"] == '–<small class="worse">worse</small>'


def test_steps_that_nobody_predicts_are_neither_better_nor_worse():
    adam = "adam", results(Phase((0.01,) * 3, 20, rule=Adam()))[0]
    html = table([*named(), adam], "good")
    assert cells(html, "adam")["Steps, predicted"] == "–"
    html = table([*named(), adam], "adam")
    assert "small" not in cells(html, "good")["Steps, predicted"]


def test_equal_runs_are_called_the_same():
    rows = [("one", results()[1]), ("two", results()[1])]
    assert "<small>same</small>" in cells(table(rows, "one"), "two")["Loss"]


def test_only_what_differs_leaves_equal_columns_out():
    shown = titles(table(named(), view=View(only_different=True)))
    assert "Rate" in shown
    assert "Data" not in shown
    assert "Rule" not in shown


@pytest.mark.parametrize("column", comparison.SORTS)
@pytest.mark.parametrize("is_descending", [False, True])
def test_rows_are_sorted_by_any_column_and_what_is_unknown_comes_last(column, is_descending):
    rows = [*named(), ("adam", results(Phase((0.01,) * 3, 20, rule=Adam()))[0])]
    html = table(rows, view=View(column, is_descending))
    assert sorted(rows_of(html)) == ["adam", "good", "slow", "wild"]
    if column == "loss":
        assert (rows_of(html)[0] == "wild") == is_descending
    if column == "predicted":
        order = ["slow", "good"] if is_descending else ["good", "slow"]
        assert rows_of(html)[:2] == order
    if column == "share":
        assert rows_of(html)[-1] == "adam"


def noisy(*phases):
    """Return what runs of the same phases come to on noisier points."""
    line = data.make_line(noise=0.3)
    points = line.x, line.y
    history = trained(points, phases or [Phase(RATES, 200)])
    told = judged(points, history)
    return [Result.of(BatchNoise.of(*points), history, one, "noisy") for one in told]


def test_losses_on_other_data_are_neither_better_nor_worse():
    html = table([("calm", results()[1]), ("noisy", noisy()[1])], "calm")
    shown = cells(html, "noisy")
    for title in ("Loss", "Excess loss", "Parameter error"):
        assert shown[title].endswith("<small>other data</small>")
    assert "ter</small>" not in shown["Loss"]


def test_steps_needed_compare_on_other_data_too():
    # Scaling is there to save steps: the data differs, and the count still says what it saves.
    html = table([("calm", results()[0]), ("noisy", noisy()[1])], "calm")
    assert "better</small>" in cells(html, "noisy")["Steps, predicted"]


def test_difference_of_rounding_is_none():
    one, two = results()[1], results(Phase(RATES, 200))[1]
    rounded = replace(
        two,
        facts=replace(
            two.facts,
            measured=replace(two.facts.measured, loss=two.facts.measured.loss * (1 + 1e-12)),
        ),
    )
    html = table([("one", one), ("two", rounded)], "one")
    assert "<small>same</small>" in cells(html, "two")["Loss"]


def test_differences_of_steps_have_separators_like_the_steps():
    rows = list(zip("abc", results(Phase((0.0001, 0.5, 0.6), 50_000)), strict=True))
    few, many = (rows[k][1].facts.foretold.steps for k in (1, 0))
    assert many - few > 10_000
    shown = cells(table(rows, "b"), "a")["Steps, predicted"]
    assert f"{many:,}<small" in shown
    assert f"+{many - few:,}, worse" in shown
    assert f"−{many - few:,}, better" in cells(table(rows, "a"), "b")["Steps, predicted"]


@pytest.mark.parametrize("only_different", [False, True])
def test_words_are_marked_as_words_and_numbers_are_not(only_different):
    rows = [*named(), ("adam", results(Phase((0.01,) * 3, 20, rule=Adam()))[0])]
    html = table(rows, view=View(only_different=only_different))
    words = {"Outcome", "Loss curve", "Zone", "Rule", "Phases", "Data"}
    assert kinds(html, "adam") == words & set(titles(html))
    marked = re.findall(r'<th scope="col" class="words">([^<]*)', html)
    assert set(marked) == words & set(titles(html))


def test_outcome_comes_right_after_the_run():
    assert titles(table(named()))[:3] == ["Run", "Outcome", "Loss curve"]


def test_zone_is_one_word():
    for zone in Zone:
        assert zone in comparison.ZONES
        assert " " not in comparison.ZONES[zone]
    assert [cells(table(named()), name)["Zone"] for name in ("slow", "good", "wild")] == [
        "converges",
        "overshoots",
        "diverges",
    ]


@given(
    st.builds(View, st.sampled_from(list(comparison.SORTS)), st.booleans(), st.booleans()),
    st.dictionaries(st.text(), st.text(), max_size=2),
)
def test_view_comes_back_from_its_parameters(view, more):
    strangers = {k: v for k, v in more.items() if k not in comparison.VIEW}
    assert View.read(view.write() | strangers) == (view, [])


@given(st.fixed_dictionaries({}, optional=dict.fromkeys(comparison.VIEW, st.text())))
def test_any_parameters_are_read_as_a_view_or_named_as_nonsense(params):
    view, problems = View.read(params)
    table([("one", results()[1])], view=view)
    assert len(problems) <= len(params)
    assert all(any(f"`{name}`" in problem for name in params) for problem in problems)


def test_result_holds_the_run_alone_as_it_was_recorded():
    phases = [Phase(RATES, 30), Phase((0.01, 0.1, 0.2), 20)]
    history = trained(POINTS, phases)
    for run, result in enumerate(results(*phases)):
        assert result.history.step.tolist() == list(range(51))
        np.testing.assert_array_equal(result.history.weight, history.weight[run : run + 1])
        np.testing.assert_array_equal(result.history.rate, history.rate[run : run + 1])
        assert (result.history.weight.base is None) or (
            result.history.weight.base.size == 51  # else it would hold all of them
        )


def test_names_of_a_stranger_are_shown_as_text():
    html = table([("<script>x</script>", results()[0])])
    assert "<script>" not in html
    assert "&lt;script&gt;" in html


@pytest.mark.parametrize("rates", [RATES, (1e6, 1e6, 1e6)])
def test_small_curve_stays_in_its_frame_and_tells_its_ends(rates):
    for result in results(Phase(rates, 100)):
        picture = comparison.sparkline(result)
        assert "Loss from " in picture
        places = re.findall(r"(-?[\d.]+),(-?[\d.]+)", unquote(picture))
        assert len(places) >= 2
        assert all(0 <= float(x) <= 92 and 0 <= float(y) <= 24 for x, y in places)


@pytest.mark.parametrize("run", [0, 1, 2])
def test_small_curve_is_whole_in_its_address(run):
    source = re.search(r' src="([^"]*)"', comparison.sparkline(results()[run]))[1]
    address = urlsplit(source)  # as a browser splits it: what stands behind a # is no picture
    kind, _, content = address.path.partition(",")
    assert (address.scheme, kind) == ("data", "image/svg+xml")
    assert ElementTree.fromstring(unquote(content))[0].get("stroke") == comparison.GREY
