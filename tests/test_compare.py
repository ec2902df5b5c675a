"""Runs side by side: their numbers, and differences from a baseline in sign and word."""

import re
from urllib.parse import unquote

import numpy as np
import pytest

from linreg import compare, data
from linreg.compare import Result, comparison
from linreg.noise import BatchNoise
from linreg.phases import Adam, Phase
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


@pytest.mark.parametrize("title", compare.SORTS)
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
        picture = compare.sparkline(result)
        assert "Loss from " in picture
        places = re.findall(r"(-?[\d.]+),(-?[\d.]+)", unquote(picture))
        assert len(places) >= 2
        assert all(0 <= float(x) <= 92 and 0 <= float(y) <= 24 for x, y in places)
