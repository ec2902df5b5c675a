"""What one reader may ask of a shared server: counted as the trainer counts, refused in words."""

import numpy as np
import pytest

from linreg import checks
from linreg.data import MAX_POINTS
from linreg.runs import phases
from linreg.runs.phases import Phase
from linreg.runs.rules import RULES, Adam
from linreg.runs.schedules import CosineDecay
from linreg.training import shapes
from linreg.training.processes import budget

RATES = (0.1, 0.2, 0.3)


@pytest.mark.parametrize(
    ("asked", "updates"),
    [
        ([Phase(0.1, 200)], 200),
        ([Phase(RATES, 200)], 600),
        ([Phase(RATES, 200)] * 2, 1_200),
        ([Phase(RATES, 200, batch_size=10)], 6_000),
    ],
)
def test_updates_are_steps_times_rates_times_shuffles(asked, updates):
    assert budget.num_updates(asked) == updates


@pytest.mark.parametrize(
    ("asked", "shuffled"),
    [
        ([Phase(RATES, 200)], 0),
        ([Phase(RATES, 1, batch_size=1)], 1_000),  # an epoch of 100 points in ten orders
        ([Phase(RATES, 10, batch_size=10)], 1_000),
        ([Phase(RATES, 11, batch_size=10)], 2_000),
        ([Phase(RATES, 3, batch_size=60)], 2_000),  # an epoch is two mini-batches
        ([Phase(RATES, 1, batch_size=1), Phase(RATES, 1, batch_size=100)], 2_000),
    ],
)
def test_points_to_shuffle_are_whole_epochs_of_each_phase(asked, shuffled):
    assert budget.num_shuffled(asked, 100) == shuffled


@pytest.mark.parametrize("batch_size", [None, 1])
def test_three_runs_may_have_all_their_steps(batch_size):
    asked = [Phase(RATES, checks.MAX_STEPS, batch_size=batch_size)]
    assert budget.check(asked, 100) is None


def test_map_has_as_many_steps_as_the_refusal_says():
    rates = np.geomspace(1e-3, 1, 256)
    with pytest.raises(ValueError, match=r"`num_steps` .* Take at most 234,375 steps"):
        budget.check([Phase(rates, 300_000)], 100)
    budget.check([Phase(rates, 234_375)], 100)
    with pytest.raises(ValueError, match="Take at most 23,437 steps"):
        budget.check([Phase(rates, 30_000, batch_size=1)], 100)


@pytest.mark.parametrize("batch_size", [1, 10, 100])
@pytest.mark.parametrize("rule", RULES.values())
def test_three_runs_are_refused_nothing_that_the_limits_of_a_phase_allow(rule, batch_size):
    steps = min(checks.MAX_STEPS, phases.MAX_LOOKS // batch_size)
    longest = Phase(RATES, steps, rule(), batch_size=batch_size)
    assert budget.check(phases.checked([longest]), 100) is None


def test_few_steps_on_very_many_points_are_refused_where_they_are_shuffled_too_often():
    one = Phase(RATES, 1, batch_size=1)
    budget.check([one] * 10, MAX_POINTS)
    with pytest.raises(ValueError, match=r"`batch_size` must be .* 11 epochs of 1,000,000"):
        budget.check([one] * 11, MAX_POINTS)


KNOWN = shapes.needed([Phase(RATES, 200)])


@pytest.mark.parametrize(
    ("is_quick", "asked", "num_points"),
    [
        (True, [Phase(RATES, 200)], 100),
        (True, [Phase(RATES, 600_000)], 100),
        (False, [Phase(RATES, 700_000)], 100),
        (True, [Phase(RATES, 60_000, Adam())], 100),
        (False, [Phase(RATES, 70_000, Adam())], 100),
        (True, [Phase(RATES, 200, batch_size=10)], 100),
        (False, [Phase(RATES, 66_000, batch_size=75)], 100),
        (False, [Phase(RATES, 1, batch_size=1)], 5_000_000),
        (True, [Phase(RATES, 200, rule()) for rule in RULES.values()][:2], 100),
        (False, [Phase(RATES, 200, rule()) for rule in RULES.values()], 100),
        (False, [Phase(RATES, 150, Adam()), Phase(RATES, 150, Adam(), CosineDecay())], 100),
    ],
)
def test_training_is_quick_if_it_is_little_work_and_needs_one_compilation_at_most(
    is_quick, asked, num_points
):
    assert budget.is_quick(asked, num_points, KNOWN) == is_quick


def test_what_has_been_compiled_once_is_quick_from_then_on():
    asked = [Phase(RATES, 200, rule()) for rule in RULES.values()]
    assert budget.is_quick(asked, 100, shapes.needed(asked))
