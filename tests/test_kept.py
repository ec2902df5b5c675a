"""Kept runs: as text and back, trained again to the same numbers, compared in sign and word."""

import re
from dataclasses import replace
from urllib.parse import unquote

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from linreg import data, kept, settings
from linreg.kept import Kept, Result, added, comparison, of_text, to_text
from linreg.noise import BatchNoise
from linreg.phases import Adam, Momentum, Phase
from linreg.rates import RUNS
from tests.runs import judged, trained

LINE = data.make_line()
POINTS = LINE.x, LINE.y
RATES = 0.0047, 0.51, 0.82


def page_values(**changed):
    """Return all settings of the page."""
    return {name: setting.default for name, setting in settings.SETTINGS.items()} | changed


def results(*phases):
    """Return what the runs of these phases came to."""
    history = trained(POINTS, phases or [Phase(RATES, 200)])
    noise = BatchNoise.of(*POINTS)
    return [Result.of(noise, history, told, "lesson's line") for told in judged(POINTS, history)]


NAMES = st.text(max_size=60)
PHASE_VALUES = st.fixed_dictionaries(
    {"num_steps": st.integers(1, 1000), "rule": st.sampled_from(["plain", "momentum", "adam"])},
    optional={"momentum": st.floats(0, 0.99), "batch_size": st.integers(1, 50)},
)


@given(
    NAMES,
    st.sampled_from(RUNS),
    PHASE_VALUES,
    st.lists(PHASE_VALUES, max_size=3),
    st.integers(0, 99),
    st.booleans(),
)
@example("a|b,c;d:e%20 ñ\n", "good", {"num_steps": 5, "rule": "plain"}, [], 1, True)
def test_text_brings_the_same_run_back(name, run, values, earlier, seed, is_drawn):
    phases = [settings.phase(one, {r: 0.25 for r in RUNS}, 100) for one in (*earlier, values)]
    one = Kept.of(name, run, page_values(seed=seed, **values), earlier, phases)
    one = replace(one, is_drawn=is_drawn, is_baseline=True)
    (back,), problems = of_text(to_text([one]))
    assert problems == []
    assert back.key == one.key
    assert (back.run, back.is_drawn, back.is_baseline) == (run, is_drawn, True)
    printable = "".join(filter(str.isprintable, one.name)).strip()
    assert back.name == (printable or run)
    assert [phase.learning_rates for phase in back.phases(100)] == [(0.25,)] * len(phases)


@given(st.text(max_size=300))
@example("x,run:good")
@example("x,run:good,good:nan")
@example("x,run:good,good:0.1;num_steps:5")
@example("|".join(["x,run:good,good:0.1"] * 50))
def test_any_text_is_read_or_named_as_nonsense(text):
    runs, problems = of_text(text)
    assert len(runs) <= kept.MAX_KEPT
    assert all(one.phases(100) for one in runs)
    assert len(problems) <= len(text)


def test_kept_run_trained_again_is_the_run_that_was_kept():
    phases = [Phase(RATES, 50, rule=Momentum()), Phase(RATES, 30, batch_size=10)]
    values = page_values(num_steps=30, batch_size=10, seed=4)
    earlier = [{"num_steps": 50, "rule": "momentum", "momentum": 0.9}]
    for index, run in enumerate(RUNS):
        (one,), _ = of_text(to_text([Kept.of("x", run, values, earlier, phases)]))
        again = trained(POINTS, one.phases(100), seed=one.values["seed"])
        whole = trained(POINTS, phases, seed=4)
        np.testing.assert_allclose(again.loss[0], whole.loss[index], rtol=1e-12)


def test_names_of_kept_runs_differ():
    one = Kept("fast", "good", {"good": 0.3})
    runs = added(added([one], one), one)
    assert [run.name for run in runs] == ["fast", "fast (2)", "fast (3)"]


def test_one_run_too_many_is_refused_with_what_to_do():
    one = Kept("fast", "good", {"good": 0.3})
    runs = []
    for _ in range(kept.MAX_KEPT):
        runs = added(runs, one)
    with pytest.raises(ValueError, match="Remove one first"):
        added(runs, one)


# ---------------------------------------------------------------- side by side


def cells(html, name):
    """Return the cells of a row, by the title of their column."""
    titles = re.findall(r'<th scope="col">([^<]*)</th>', html)[1:]
    row = re.search(rf'<th scope="row">{re.escape(name)}.*?</tr>', html)[0]
    return dict(zip(titles, re.findall(r"<td>(.*?)</td>", row), strict=True))


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
        loss = np.mean((facts.weight * x + facts.bias - y) ** 2)
        assert facts.loss == pytest.approx(loss)
        assert result.excess == pytest.approx(loss - least, rel=1e-6, abs=1e-15)
        error = np.hypot(facts.weight - best[0], facts.bias - best[1])
        assert result.error == pytest.approx(error, rel=1e-6, abs=1e-12)


def test_differences_have_a_sign_and_a_word():
    rows = named()
    html = comparison(rows, "good")
    assert "<small" not in "".join(cells(html, "good").values())
    slow = cells(html, "slow")
    more = rows[0][1].facts.predicted_steps - rows[1][1].facts.predicted_steps
    assert f'<small class="worse">+{more}, worse</small>' in slow["Steps, predicted"]
    assert "worse</small>" in slow["Loss"]
    html = comparison(rows, "slow")
    assert f"−{more}, better" in cells(html, "good")["Steps, predicted"]
    assert "worse" in cells(html, "wild")["Loss"]


def test_never_is_worse_than_any_number_of_steps():
    html = comparison(named(), "good")
    assert cells(html, "wild")["Steps, predicted"] == '–<small class="worse">worse</small>'


def test_equal_runs_are_called_the_same():
    rows = [("one", results()[1]), ("two", results()[1])]
    assert "<small>same</small>" in cells(comparison(rows, "one"), "two")["Loss"]


def test_only_what_differs_leaves_equal_columns_out():
    html = comparison(named(), only_different=True)
    titles = re.findall(r'<th scope="col">([^<]*)</th>', html)
    assert "Rate" in titles
    assert "Data" not in titles
    assert "Rule" not in titles


@pytest.mark.parametrize("title", kept.SORTS)
@pytest.mark.parametrize("is_descending", [False, True])
def test_rows_are_sorted_by_any_column_and_what_is_unknown_comes_last(title, is_descending):
    rows = [*named(), ("adam", results(Phase((0.01,) * 3, 20, rule=Adam()))[0])]
    html = comparison(rows, sort_by=title, is_descending=is_descending)
    assert sorted(rows_of(html)) == ["adam", "good", "slow", "wild"]
    if title == "Loss":
        assert (rows_of(html)[0] == "wild") == is_descending
    if title == "Steps, predicted":
        order = ["slow", "good"] if is_descending else ["good", "slow"]
        assert rows_of(html)[:2] == order
    if title == "of critical":
        assert rows_of(html)[-1] == "adam"


def test_names_of_a_stranger_are_shown_as_text():
    html = comparison([("<script>x</script>", results()[0])])
    assert "<script>" not in html
    assert "&lt;script&gt;" in html


@pytest.mark.parametrize("rates", [RATES, (1e6, 1e6, 1e6)])
def test_small_curve_stays_in_its_frame_and_tells_its_ends(rates):
    for result in results(Phase(rates, 100)):
        picture = kept.sparkline(result)
        assert "Loss from " in picture
        places = re.findall(r"(-?[\d.]+),(-?[\d.]+)", unquote(picture))
        assert len(places) >= 2
        assert all(0 <= float(x) <= 92 and 0 <= float(y) <= 24 for x, y in places)
