"""What one reader may ask of a shared server: counted as the trainer counts, refused in words."""

import numpy as np
import pytest

from linreg import budget, checks, phases
from linreg.phases import Phase


@pytest.mark.parametrize(
    ("asked", "updates"),
    [
        ([Phase(0.1, 200)], 200),
        ([Phase((0.1, 0.2, 0.3), 200)], 600),
        ([Phase((0.1, 0.2, 0.3), 200)] * 2, 1_200),
        ([Phase((0.1, 0.2, 0.3), 200, batch_size=10)], 6_000),
    ],
)
def test_updates_are_steps_times_rates_times_shuffles(asked, updates):
    assert budget.num_updates(asked) == updates


@pytest.mark.parametrize("batch_size", [None, 1])
def test_three_runs_may_have_all_their_steps(batch_size):
    budget.check([Phase((0.1, 0.2, 0.3), checks.MAX_STEPS, batch_size=batch_size)])


def test_map_has_as_many_steps_as_the_refusal_says():
    rates = np.geomspace(1e-3, 1, 256)
    with pytest.raises(ValueError, match=r"`num_steps` .* Take at most 234,375 steps"):
        budget.check([Phase(rates, 300_000)])
    budget.check([Phase(rates, 234_375)])
    with pytest.raises(ValueError, match="Take at most 23,437 steps"):
        budget.check([Phase(rates, 30_000, batch_size=1)])


def test_no_way_to_step_of_three_runs_is_refused_at_the_limits_of_its_phases():
    half = Phase((0.1, 0.2, 0.3), phases.MAX_LOOKS // 10, batch_size=10)
    budget.check(phases.checked([half]))
