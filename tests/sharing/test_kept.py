"""Kept runs: as text and back, trained again to the same numbers."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from linreg import data
from linreg.pictures.stage import beside
from linreg.runs.phases import Phase
from linreg.runs.rules import Momentum
from linreg.sharing import kept, settings
from linreg.sharing.kept import Kept, added, of_text, to_text
from linreg.theory.rates import RUNS
from tests.runs import trained

LINE = data.make_line()
POINTS = LINE.x, LINE.y
RATES = 0.0047, 0.51, 0.82


def page_values(**changed):
    """Return all settings of the page."""
    return {name: setting.default for name, setting in settings.SETTINGS.items()} | changed


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


def test_names_of_an_address_are_made_to_differ_too():
    runs, _ = of_text("a,run:good,good:0.3|a,run:good,good:0.1|b,run:good,good:0.2")
    assert [run.name for run in runs] == ["a", "a (2)", "b"]


def test_no_more_runs_of_an_address_are_drawn_than_have_a_colour():
    runs, _ = of_text("|".join(f"r{k},drawn:1,run:good,good:0.1" for k in range(8)))
    assert [run.is_drawn for run in runs] == [True] * 5 + [False] * 3
    assert len(beside.COLORS) == kept.MAX_DRAWN


def test_run_of_an_address_that_cannot_be_trained_is_named_and_ignored():
    text = "a,run:good,num_steps:2000000,good:0.1;num_steps:100,good:0.2"
    assert of_text(text) == ([], ["A kept run in the address cannot be trained; it was ignored."])


def test_runs_on_different_data_of_a_reader_differ():
    values = page_values(data="file")
    phases = [Phase((0.1, 0.2, 0.3))]
    one, two = (Kept.of("a", "good", values, [], phases, token) for token in ("12ab", "34cd"))
    assert one.key != two.key
    (back,), _ = of_text(to_text([one]))
    assert back == one


def test_names_are_quoted_once():
    # Every sign but those that separate stays as it is: the URL quotes the whole value.
    one = Kept("Grün · 0.5", "good", {"good": 0.5})
    assert to_text([one]) == "Grün · 0.5,run:good,good:0.5"


def test_names_of_old_addresses_are_still_read():
    (one,), problems = of_text("Good%20%C2%B7%200.5,run:good,good:0.5")
    assert (one.name, problems) == ("Good · 0.5", [])


def test_token_tells_points_from_other_points_wherever_they_are():
    x, y = np.array([1.0, 2.0]), np.array([3.0, 4.0])
    assert kept.token_of(x, y) == kept.token_of(x.copy(), y[::-1][::-1])
    others = [(y, x), (x, y + 1e-12), (x[:1], y[:1]), (x[::-1], y[::-1])]
    assert len({kept.token_of(x, y), *(kept.token_of(*pair) for pair in others)}) == 5
