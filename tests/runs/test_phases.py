"""Phases that follow each other: where they end, their rates step by step, what is refused."""

import math
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from linreg.runs.phases import MAX_LOOKS, Phase, checked, ends, phase_of, rates_at
from linreg.runs.rules import RULES, Adam, Momentum, Nesterov, Plain, RMSprop
from linreg.runs.schedules import Constant, CosineDecay, ExponentialDecay, LinearWarmup, StepDecay

SCHEDULES = st.one_of(
    st.builds(Constant),
    st.builds(StepDecay, st.integers(1, 20), st.floats(0.1, 1)),
    st.builds(ExponentialDecay, st.integers(1, 20), st.floats(0.1, 1)),
    st.builds(CosineDecay, st.integers(1, 20), st.floats(0, 1), st.integers(0, 10)),
    st.builds(LinearWarmup, st.integers(0, 20)),
)
RATES = st.tuples(st.floats(1e-12, 1e6), st.floats(1e-12, 1e6))
PHASES = st.lists(
    st.builds(Phase, RATES, st.integers(1, 30), schedule=SCHEDULES), min_size=1, max_size=20
)


def updates(phases):
    """Give the phase of every update, and its number in that phase, one after the other."""
    for index, phase in enumerate(phases):
        for local in range(phase.num_steps):
            yield index, local


# ---------------------------------------------------------------- from step to step


@given(PHASES)
def test_ends_are_where_a_count_of_the_updates_puts_them(phases):
    made = [index for index, _ in updates(phases)]
    expected = [sum(index <= last for index in made) for last in range(len(phases))]
    assert ends(phases).tolist() == expected


@given(PHASES)
def test_phase_of_a_step_is_that_of_the_update_which_led_to_it(phases):
    made = [index for index, _ in updates(phases)]
    assert phase_of(phases, np.arange(len(made) + 1)).tolist() == [0, *made]


@given(PHASES, st.data())
def test_rates_at_a_step_are_those_of_the_update_which_led_to_it(phases, drawn):
    expected = [
        np.array(phases[index].learning_rates)
        * float(phases[index].schedule.multiples(np.array([local]))[0])
        for index, local in updates(phases)
    ]
    expected.insert(0, expected[0])  # that of step 0 is the first update's
    # Not every step is recorded, and any may be missing.
    kept = drawn.draw(st.lists(st.sampled_from(range(len(expected))), unique=True).map(sorted))
    rates = rates_at(phases, np.array(kept, int))
    # A power or a cosine may be computed many at a time, which moves its last digit.
    np.testing.assert_allclose(rates, np.reshape([expected[k] for k in kept], (-1, 2)).T, 1e-14)


def test_rates_at_begin_a_schedule_anew_in_every_phase():
    # Halved after every second update, of 4 and of 3.
    phases = [Phase(1.0, 4, schedule=StepDecay(2)), Phase(8.0, 3, schedule=StepDecay(2))]
    assert rates_at(phases, np.arange(8)).tolist() == [[1, 1, 1, 0.5, 0.5, 8, 8, 4]]


# ---------------------------------------------------------------- one phase


@pytest.mark.parametrize(
    "rates", [0.5, [0.5], (0.5,), np.array([0.5]), np.float64(0.5), iter([0.5])]
)
def test_phase_takes_one_rate_or_any_sequence_of_them(rates):
    assert Phase(rates).learning_rates == (0.5,)


@pytest.mark.parametrize(
    ("rule", "batch_size", "expected"),
    [
        (Plain(), None, True),
        (Momentum(), None, True),
        (Nesterov(), None, True),
        (RMSprop(), None, False),
        (Adam(), None, False),
        (Plain(), 10, False),
    ],
)
def test_phase_is_predictable_with_all_points_and_steps_that_are_shares(rule, batch_size, expected):
    assert Phase(0.1, 10, rule, batch_size=batch_size).is_predictable == expected


def test_phase_is_constant_unless_it_has_a_schedule():
    assert Phase(0.1).is_constant
    assert not Phase(0.1, schedule=StepDecay(2_000_000, 1.0)).is_constant


@pytest.mark.parametrize(
    ("name", "bad"),
    [
        ("learning_rate", {"learning_rates": 0.0}),
        ("learning_rate", {"learning_rates": (0.1, math.nan)}),
        ("learning_rates", {"learning_rates": ()}),
        ("num_steps", {"num_steps": 0}),
        ("num_steps", {"num_steps": 2_000_001}),
        ("num_steps", {"num_steps": 2.5}),
        ("batch_size", {"batch_size": 0}),
        ("batch_size", {"batch_size": 2.0}),
        ("batch_size", {"batch_size": True}),
    ],
)
def test_phase_names_the_argument_it_refuses(name, bad):
    with pytest.raises(ValueError, match=f"^`{name}` must "):
        Phase(**{"learning_rates": 0.1, **bad})


@pytest.mark.parametrize(("num_steps", "batch_size"), [(1, 5_000_000), (500_000, 10)])
def test_phase_looks_at_five_million_points_at_most(num_steps, batch_size):
    Phase(0.1, num_steps, batch_size=batch_size)
    with pytest.raises(ValueError, match=r"^`num_steps` times `batch_size` must be at most 5,000"):
        Phase(0.1, num_steps + 1, batch_size=batch_size)


def test_phase_says_how_many_points_it_would_have_looked_at():
    with pytest.raises(ValueError, match=re.escape("got 50,001 × 100. Take fewer steps, smaller")):
        Phase(0.1, 50_001, batch_size=100)


def test_phase_of_all_points_takes_more_steps_than_one_of_mini_batches():
    assert Phase(0.1, 2_000_000).num_steps * 3 > MAX_LOOKS
    with pytest.raises(ValueError, match="`batch_size`"):
        Phase(0.1, 2_000_000, batch_size=3)


# ---------------------------------------------------------------- the rules' own numbers


@pytest.mark.parametrize(
    ("kind", "name", "low", "high"),
    [
        (Momentum, "momentum", 0.0, 0.999),
        (Nesterov, "momentum", 0.0, 0.999),
        (RMSprop, "rho", 0.0, 0.9999),
        (RMSprop, "epsilon", 1e-12, 1.0),
        (Adam, "beta_1", 0.0, 0.9999),
        (Adam, "beta_2", 0.0, 0.99999),
        (Adam, "epsilon", 1e-12, 1.0),
    ],
)
def test_rule_takes_both_ends_of_what_a_number_may_be_and_nothing_beyond(kind, name, low, high):
    for value in (low, high):
        assert getattr(kind(**{name: value}), name) == value
    for bad in (low - 1e-12, high + 1e-9, math.nan, "0.5", None, True):
        with pytest.raises(ValueError, match=f"^`{name}` must be a number between .*, got "):
            kind(**{name: bad})


@pytest.mark.parametrize(("name", "kind"), RULES.items())
def test_rule_goes_by_the_name_it_is_found_by(name, kind):
    assert kind().kind == name


# ---------------------------------------------------------------- several phases


@pytest.mark.parametrize("num_phases", [1, 20])
def test_checked_returns_the_phases_it_is_given(num_phases):
    phases = [Phase((0.1, 0.2), 100 + k) for k in range(num_phases)]
    assert checked(iter(phases)) == tuple(phases)


@pytest.mark.parametrize("num_phases", [0, 21])
def test_checked_refuses_none_and_more_than_twenty(num_phases):
    with pytest.raises(
        ValueError, match=f"^`phases` must hold between 1 and 20 phases, got {num_phases}"
    ):
        checked([Phase(0.1)] * num_phases)


def test_checked_takes_two_million_steps_in_all_and_not_one_more():
    phases = [Phase(0.1, 1_999_000), Phase(0.1, 1_000)]
    assert checked(phases) == tuple(phases)
    with pytest.raises(ValueError, match=r"^`num_steps` of all phases .* 2,000,000, got 2,000,001"):
        checked([*phases, Phase(0.1, 1)])


def test_checked_refuses_another_number_of_rates_in_a_later_phase():
    with pytest.raises(ValueError, match=r"^`learning_rates` must be as many"):
        checked([Phase((0.1, 0.2)), Phase((0.1, 0.2)), Phase(0.1)])


@pytest.mark.parametrize("bad", [{"rule": "adam"}, {"schedule": None}, {"rule": 0.1}])
def test_phase_refuses_what_is_no_rule_or_schedule(bad):
    (name,) = bad
    with pytest.raises(ValueError, match=f"`{name}` must be one of"):
        Phase(0.1, 5, **bad)


def test_mini_batches_of_all_phases_together_look_at_five_million_points_at_most():
    phase = Phase(0.1, 100_000, batch_size=40)
    checked([phase])
    with pytest.raises(ValueError, match="in all phases together, got 8,000,000"):
        checked([phase, phase])
