"""A run is called converged where its loss and its line are there, and nowhere else."""

import numpy as np
import pytest

from linreg.runs.phases import Phase
from linreg.theory import Quadratic
from tests.runs import judged, predicted, short_of_goal, told

NUM_SETS = 500


def any_problem(seed):
    """Return points, a start, a stable rate and a number of steps, all of many sizes."""
    rng = np.random.default_rng(seed)
    x = rng.normal(rng.choice([0, 0, 1, 30, 2000]), 10 ** rng.uniform(-1, 1), rng.integers(3, 60))
    y = rng.normal(0, 3) * x + rng.normal(0, 10) + rng.normal(0, 10 ** rng.uniform(-6, 1), x.size)
    away = 10 ** rng.uniform(-2, 3)
    start = (0.0, 0.0) if seed % 4 == 0 else tuple(rng.normal(0, away, 2).tolist())
    share = 10 ** rng.uniform(-2, 0) * 0.999
    return (x, y), start, share, int(10 ** rng.uniform(0, 3.3))


def test_converged_is_said_where_loss_and_line_are_there_and_nowhere_else():
    outcomes = []
    for seed in range(NUM_SETS):
        (x, y), start, share, num_steps = any_problem(seed)
        phase = Phase(share * Quadratic.of(x, y).critical_learning_rate, num_steps)
        history = predicted((x, y), [phase], *start)
        outcome = judged((x, y), history)[0].outcome
        outcomes.append(outcome)
        design = np.stack([x, np.ones_like(x)], axis=1)
        best = np.linalg.lstsq(design, y, rcond=None)[0]
        end = np.array([history.weight[0, -1], history.bias[0, -1]])
        way = np.linalg.norm(end - best) / np.linalg.norm(start - best)
        above = np.mean((design @ (end - best)) ** 2) / np.var(y)
        short = short_of_goal((x, y), history.weight[:1], history.bias[:1])[0, -1]
        if abs(short - 1) > 1e-6:  # nearer, a rounding decides
            assert (outcome == "converged") == (short < 1), (seed, outcome, way, above)
        if outcome == "converged":
            assert max(way, above) <= 0.01 * (1 + 1e-6), seed
    assert set(outcomes) == {"converged", "too slow"}
    assert outcomes.count("converged") > 50


# What people bring, and what NumPy's solution says of it; from "The slope is right, the bias does
# not move", asked again and again.
CASES = {
    "four hundred": (np.arange(400.0), 4 * np.arange(400.0) + 3, (0.5, 0.5), 1e-5, 100),
    "five": (
        *(np.array([32.0, 53, 61, 47, 59]), np.array([31.0, 68, 62, 71, 87])),
        *((0.3, -0.3), 5e-6, 1_000),
    ),
    "without noise": (
        *(np.arange(100.0), 0.1 * np.arange(100.0) + 0.3),
        *((0.5, 0.0), 1e-4, 40_000),
    ),
}


@pytest.mark.parametrize(
    ("name", "weight", "bias", "left"),
    [
        ("four hundred", 4.009, 0.514, 57.8),
        ("five", 1.278, -0.284, 99.1),
        ("without noise", 0.1006, 0.2598, 8.0),
    ],
)
def test_weight_that_is_right_beside_a_bias_that_has_not_moved_is_not_converged(
    name, weight, bias, left
):
    x, y, start, rate, num_steps = CASES[name]
    run = told((x, y), Phase(rate, num_steps), weight=start[0], bias=start[1])
    assert (run.facts.measured.weight, run.facts.measured.bias) == pytest.approx(
        (weight, bias), abs=6e-4
    )
    assert run.outcome == "too slow"
    assert run.facts.measured.distance_left == pytest.approx(left / 100, rel=0.01)
    assert "of the excess loss gone at step" in run.headline
    assert f"{left:g} % of the way to the minimum is left" in run.headline
    assert "The steep direction is done, the flat one has" in run.reason
    assert (run.advice.label, run.advice.action) == ("Standardise x", "scale")
    # Along the flat direction alone: each step leaves 1 - η λ of the error that it had.
    values, directions = np.linalg.eigh(2 * np.array([[np.mean(x**2), x.mean()], [x.mean(), 1]]))
    best = np.polyfit(x, y, 1)
    away = directions[:, 0] @ (start - best)
    needed = np.log(0.01 * np.linalg.norm(start - best) / abs(away)) / np.log1p(-rate * values[0])
    assert run.facts.foretold.steps == pytest.approx(needed, rel=1e-4)
    assert f"needs {run.facts.foretold.steps:,} steps at this rate" in run.reason


def test_goal_of_the_loss_asks_for_no_more_than_float64_can_tell():
    rng = np.random.default_rng(0)
    x = rng.normal(size=100) + 3
    points = x, 2 * x + 1 + rng.normal(size=100)
    quadratic = Quadratic.of(*points)
    away = np.sqrt(20 * quadratic.rounding / quadratic.eigenvalues[0])
    start = np.array([quadratic.weight, quadratic.bias]) + away * quadratic.directions[:, 0]
    for goal in (quadratic.goal(start), quadratic.goal_of_loss(start)):
        assert goal.excess_loss >= quadratic.rounding
    # A run that has arrived has arrived in loss, too, so that its verdict has both steps to tell.
    phase = Phase(0.9999 * quadratic.critical_learning_rate, 2_000)
    known = judged(points, predicted(points, [phase], *start))[0].facts
    assert known.measured.steps is None or known.measured.loss_steps is not None
