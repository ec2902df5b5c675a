"""What is said of a run is so, its numbers can be checked, and its advice helps when followed."""

import math
import re

import numpy as np
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from linreg import checks, data, training, verdict
from linreg.history import History
from linreg.theory import Quadratic, Zone

# x = ±2: H = [[8, 0], [0, 2]], so the weight is the steep direction, the bias the flat one, and
# the critical rate is 1/4. The minimum is at weight 2, bias 3, with no loss.
STEEP = [-2.0, 2.0], [-1.0, 7.0]
# x = 1 ± 2⁻¹²: eigenvalues 2⁻²⁴ and 4; the minimum is at weight 1, bias 0.
FLAT = [1 - 2.0**-12, 1 + 2.0**-12], [1 - 2.0**-12, 1 + 2.0**-12]
SMALL = st.floats(-10, 10)
POINTS = st.lists(st.tuples(SMALL, SMALL), min_size=2, max_size=20).filter(
    lambda points: np.std(np.array(points)[:, 0]) > 0.1
)


def told(points, learning_rate, num_steps, weight=0.0, bias=-1.0):
    """Return the verdict on one run that was trained."""
    history = training.train(*points, learning_rate, num_steps, weight, bias)
    return verdict.judge(Quadratic.of(*points), history)[0]


def factors_told(text):
    """Return the factors in a reason, as a reader would read them."""
    found = re.findall(r"by ([+−]\d+(?:\.\d+)?(?:e−?\d+)?)", text)
    return [float(number.replace("−", "-")) for number in found]


# ---------------------------------------------------------------- outcomes


@pytest.mark.parametrize(
    ("learning_rate", "num_steps", "start", "outcome"),
    [
        (0.2, 20, (0.0, -1.0), "converged"),
        (0.01, 20, (0.0, -1.0), "too slow"),
        (0.26, 200, (0.0, -1.0), "diverged"),
        (0.25, 200, (0.0, -1.0), "bounces"),
        (0.24, 200, (0.0, -1.0), "converged"),
        (1.375, 200, (0.0, 3.0), "diverged"),
        (0.25025, 10, (1.99, -1.0), "unstable"),
        (0.2, 20, (2.0, 3.0), "at the minimum"),
        (1e6, 200, (2.0, 3.0), "at the minimum"),
    ],
)
def test_outcome_is_what_the_run_did(learning_rate, num_steps, start, outcome):
    assert told(STEEP, learning_rate, num_steps, *start).outcome == outcome


def test_headline_names_the_step_at_which_the_gap_was_closed():
    # Both factors are ±0.6: 0.36⁶ = 2.2e-3 and 0.36⁷ = 7.8e-4 of the gap.
    assert "99.9 % of the excess loss gone at step 7." in told(STEEP, 0.2, 20).headline


def test_headline_names_the_share_of_the_gap_that_is_left():
    # From the right weight only the flat error shrinks, by 0.98 a step: 0.98⁴⁰ = 44.57 % is left.
    headline = told(STEEP, 0.01, 20, weight=2.0).headline
    assert "44.6 % of the excess loss left after 20 steps" in headline


def test_headline_names_the_step_at_which_the_numbers_end():
    # The steep factor is −10 and the initial loss ½ · 8 · 2² = 16: 16 · 100¹⁵³ = 1.6e307 is a
    # float64, 16 · 100¹⁵⁴ is not.
    assert "beyond all numbers by step 154." in told(STEEP, 1.375, 200, 0.0, 3.0).headline


def test_headline_names_the_loss_of_a_diverged_run():
    # 16 · 100² after two steps.
    assert "loss 1.6e5 after 2 steps" in told(STEEP, 1.375, 2, 0.0, 3.0).headline


def test_headline_of_an_unstable_run_says_that_it_will_diverge():
    # 1.001 times the critical rate: from a steep error of 0.01 and a flat one of 4.
    run = told(STEEP, 0.25025, 10, weight=1.99)
    assert run.headline.startswith("Will jump out of the minimum")
    assert not run.facts.diverged


def test_run_is_judged_unstable_before_and_diverged_after_its_loss_has_grown():
    # 0.01 · 1.002^k passes the initial error's weight in the loss (√(2/8) · 4 = 2) at k ≈ 2,650.
    outcomes = [told(STEEP, 0.25025, steps, weight=1.99).outcome for steps in (2_000, 4_000)]
    assert outcomes == ["unstable", "diverged"]


# ---------------------------------------------------------------- reasons


@pytest.mark.parametrize(
    ("learning_rate", "num_steps", "expected"),
    [
        (0.01, 20, [1 - 0.01 * 8, 1 - 0.01 * 2]),
        (0.1, 100, [1 - 0.1 * 8]),
        (0.2, 20, [1 - 0.2 * 8]),
        (0.25, 20, [1 - 0.25 * 8]),
        (0.25025, 20, [1 - 0.25025 * 8]),
        (0.3, 20, [1 - 0.3 * 8]),
        (1e6, 20, [1 - 1e6 * 8]),
    ],
)
def test_reason_holds_the_factors_of_a_step(learning_rate, num_steps, expected):
    shown = factors_told(told(STEEP, learning_rate, num_steps).reason)
    assert shown == pytest.approx(expected, rel=1e-3)  # it shows three digits at least


@pytest.mark.parametrize(
    ("learning_rate", "words"),
    [
        (0.1, "stays on its side"),
        (0.2, "lands on the other side, but closer"),
        (0.25, "lands on the other side, just as far"),
        (0.3, "lands on the other side, further away"),
    ],
)
def test_reason_says_where_a_step_lands(learning_rate, words):
    assert words in told(STEEP, learning_rate, 100).reason


def test_reason_names_the_flat_direction_and_its_factor():
    # The error (1, −1) lies along the flat direction; its factor is 1 − 0.1 · 2⁻²⁴.
    run = told(FLAT, 0.1, 200, weight=2.0, bias=-1.0)
    (flat,) = factors_told(run.reason)
    assert run.outcome == "too slow"
    assert "a flat direction" in run.reason
    assert 1 - flat == pytest.approx(0.1 * 2.0**-24, rel=0.1)


@settings(max_examples=50)
@given(POINTS, st.floats(0.001, 3.0), st.integers(1, 300))
def test_reason_holds_the_factors_of_numpy_eigenvalues(points, share, num_steps):
    points = np.array(points).T
    quadratic = Quadratic.of(*points)
    rate = share * quadratic.critical_learning_rate
    run = told(points, rate, num_steps)
    assume(run.outcome != "at the minimum")
    design = np.stack([points[0], np.ones_like(points[0])], axis=1)
    flat, steep = 1 - rate * np.linalg.eigvalsh(2 / len(design) * design.T @ design)
    shown = factors_told(run.reason)
    assert shown
    # Three decimals, or four digits.
    for factor in shown:
        assert any(abs(factor - exact) <= 6e-4 * max(1, abs(exact)) for exact in (flat, steep))


# ---------------------------------------------------------------- facts


@settings(max_examples=50)
@given(POINTS, SMALL, SMALL, st.floats(0.001, 3.0), st.integers(1, 300))
def test_facts_count_the_steps_that_a_plain_search_of_the_losses_finds(
    points, weight, bias, share, num_steps
):
    x, y = np.array(points).T
    quadratic = Quadratic.of(x, y)
    assume(quadratic.distance(weight, bias) > 1e-3)
    history = training.train(
        x, y, share * quadratic.critical_learning_rate, num_steps, weight, bias
    )
    facts = verdict.judge(quadratic, history)[0].facts
    with np.errstate(over="ignore", invalid="ignore"):
        share_left = (history.loss[0] - quadratic.loss) / (history.loss[0, 0] - quadratic.loss)
    # The difference of two losses is rounded: either side of the mark is right there.
    noise = 1e-3 * 1e-6 + 1e-12 * (np.mean(y**2) + history.loss[0, 0]) / (
        history.loss[0, 0] - quadratic.loss
    )
    early = np.flatnonzero(share_left <= 1e-3 + noise)
    late = np.flatnonzero(share_left <= 1e-3 - noise)
    if facts.measured_steps is None:
        assert not late.size
    else:
        assert early[0] <= facts.measured_steps[1]
        assert not late.size or facts.measured_steps[1] <= late[0]


def test_facts_name_the_records_between_which_the_gap_was_closed():
    # Of 4,000 steps every second is recorded.
    history = training.train([-1.0, 1.0], [1.0, 5.0], 0.001, 4_000)
    facts = verdict.judge(Quadratic.of([-1.0, 1.0], [1.0, 5.0]), history)[0].facts
    # Each step leaves 0.998² of the gap: 1e-3 at k = ln(1000) / (2 · 0.002002) = 1725.2.
    assert facts.measured_steps == (1724, 1726)
    assert facts.predicted_steps == 1726


def test_facts_say_what_is_left_of_the_gap_and_of_the_distance():
    # From weight 2 the flat error alone: 0.9 a step at rate 0.05, so 0.9² and 0.9⁴ in two steps.
    facts = told(STEEP, 0.05, 2, weight=2.0).facts
    assert facts.distance_left == pytest.approx(0.81, rel=1e-12)
    assert facts.excess_loss_left == pytest.approx(0.6561, rel=1e-12)


def test_facts_agree_with_the_prediction_when_the_prediction_is_judged():
    quadratic = Quadratic.of(*STEEP)
    rates, step = np.array([0.01, 0.2, 0.3]), np.arange(51)
    predicted = verdict.judge(quadratic, History(rates, step, *quadratic.path(rates, step)))
    measured = verdict.judge(quadratic, training.train(*STEEP, rates, 50))
    assert [one.headline for one in predicted] == [one.headline for one in measured]


def test_judge_returns_a_verdict_on_every_run():
    history = training.train(*STEEP, (0.01, 0.2, 0.3, 0.25), 50)
    outcomes = [run.outcome for run in verdict.judge(Quadratic.of(*STEEP), history)]
    assert outcomes == ["too slow", "converged", "diverged", "bounces"]


# ---------------------------------------------------------------- advice, followed


def follow(points, rate, num_steps, start, advice):
    """Return the verdict after the advised setting has been changed, and nothing else."""
    setting = {"learning_rate": rate, "num_steps": num_steps, "initial_bias": start[1]}
    assert advice.setting in setting
    setting[advice.setting] = advice.value
    return told(
        points, setting["learning_rate"], setting["num_steps"], start[0], *[setting["initial_bias"]]
    )


@settings(max_examples=60)
@given(POINTS, SMALL, SMALL, st.floats(1e-4, 0.4), st.floats(0, 0.9))
def test_advice_to_train_longer_ends_in_the_minimum(points, weight, bias, share, part):
    points = np.array(points).T
    quadratic = Quadratic.of(*points)
    rate = share * quadratic.critical_learning_rate
    needed = quadratic.steps_to(verdict.TOLERANCE, rate, weight, bias)
    assume(1 < needed <= checks.MAX_STEPS)
    num_steps = max(1, int(part * needed))
    run = told(points, rate, num_steps, weight, bias)
    assert (run.outcome, run.advice.setting) == ("too slow", "num_steps")
    assert num_steps < run.advice.value <= checks.MAX_STEPS
    after = follow(points, rate, num_steps, (weight, bias), run.advice)
    assert after.outcome == "converged"


@example([(0.0, 0.5), (1.0, 0.0)], 0.0, 0.0, 9.125, 125)  # ends just below the largest float64
@settings(max_examples=60)
@given(POINTS, SMALL, SMALL, st.floats(1.0, 20.0), st.integers(1, 300))
def test_advice_to_stay_below_the_critical_rate_ends_in_the_minimum(
    points, weight, bias, share, num_steps
):
    points = np.array(points).T
    quadratic = Quadratic.of(*points)
    rate = share * quadratic.critical_learning_rate
    run = told(points, rate, num_steps, weight, bias)
    assume(run.outcome != "at the minimum")
    assert run.advice.setting == "learning_rate"
    assert quadratic.zone(run.advice.value).is_stable
    needed = quadratic.steps_to(verdict.TOLERANCE, run.advice.value, weight, bias)
    assume(needed <= checks.MAX_STEPS)
    assert told(points, run.advice.value, needed, weight, bias).outcome == "converged"


@settings(max_examples=60)
@given(POINTS, SMALL, SMALL, st.floats(0.01, 0.9999))
def test_advice_to_take_the_fastest_rate_needs_fewer_steps(points, weight, bias, share):
    points = np.array(points).T
    quadratic = Quadratic.of(*points)
    rate = share * quadratic.critical_learning_rate
    run = told(points, rate, 2_000, weight, bias)
    assume(run.outcome == "converged" and "fastest" in run.advice.text)
    after = follow(points, rate, 2_000, (weight, bias), run.advice)
    assert after.outcome == "converged"
    assert after.facts.measured_steps[1] < run.facts.measured_steps[1]
    assert f"needs {after.facts.measured_steps[1]:,} step" in run.advice.text


def test_advice_from_the_fastest_rate_goes_to_the_edge_which_overshoots():
    best, _ = Quadratic.of(*STEEP).fastest(1e-3, verdict.rates.grid(0.25))
    run = told(STEEP, best, 200)
    assert "No round rate is faster" in run.advice.text
    assert Quadratic.of(*STEEP).zone(run.advice.value) is Zone.OVERSHOOTS


@settings(max_examples=60)
@given(st.integers(-9, 9), st.integers(-9, 9), st.integers(2, 50))
def test_advice_to_start_elsewhere_leaves_the_minimum(weight, bias, n):
    x = np.arange(float(n))
    points = x, weight * x + bias
    rate = Quadratic.of(*points).critical_learning_rate / 2  # a stable one: rounding does not grow
    # Below the critical rate, or the rounding of the start would grow: for x to 49 it is 1.2e-3.
    run = told(points, rate, 5, weight, bias)
    assert run.outcome == "at the minimum"
    assert run.advice.setting == "initial_bias"
    assert follow(points, rate, 5, (weight, bias), run.advice).outcome != "at the minimum"


def test_advice_for_a_hopeless_rate_is_one_that_needs_fewer_steps():
    # The smallest rate on the flattest direction needs more steps than the page can do.
    run = told(STEEP, 1e-9, 200)
    quadratic = Quadratic.of(*STEEP)
    assert quadratic.steps_to(1e-3, 1e-9) > checks.MAX_STEPS
    assert follow(STEEP, 1e-9, 200, (0.0, -1.0), run.advice).outcome == "converged"


@settings(max_examples=60)
@given(
    st.builds(data.make_line, SMALL, SMALL, st.integers(2, 50), st.floats(0, 1), st.integers(0, 9)),
    SMALL,
    SMALL,
    st.floats(1e-12, 1e6),
    st.integers(1, 2_000_000),
)
def test_every_verdict_has_words_for_everything(line, weight, bias, rate, num_steps):
    run = told((line.x, line.y), rate, num_steps, weight, bias)
    for text in (run.outcome, run.headline, run.reason, run.advice.text, run.advice.label):
        assert text.strip()
        assert "nan" not in text
        assert "None" not in text


# ---------------------------------------------------------------- the page's sentence


def test_sentence_names_the_critical_rate_and_the_zone_of_each_rate():
    text = verdict.sentence(Quadratic.of(*STEEP), [0.1, 0.2, 0.3])
    assert text == (
        "On this data every learning rate above **0.25** diverges: **0.1** converges from one "
        "side, **0.2** overshoots each step and still converges and **0.3** diverges."
    )


def test_sentence_reads_well_for_one_rate():
    assert verdict.sentence(Quadratic.of(*STEEP), [0.25]).endswith(": **0.25** bounces for ever.")


def test_explanation_holds_the_eigenvalues_and_the_edges_of_the_zones():
    text = verdict.explanation(Quadratic.of(*STEEP))
    for number in ("**2** (flat)", "**8** (steep)", "up to 0.125", "above 0.25"):
        assert number in text


# ---------------------------------------------------------------- measured against predicted


def run_of(weight, bias):
    """Return a history of one run with these weights and biases."""
    weight, bias = np.array([weight], dtype=float), np.array([bias], dtype=float)
    return History(np.array([0.1]), np.arange(weight.size), weight, bias, weight**2)


def test_largest_difference_is_zero_between_a_history_and_itself():
    history = training.train(*STEEP, (0.01, 0.3, 1e6), 200)
    assert verdict.largest_difference(history, history) == 0


@pytest.mark.parametrize("parameter", ["weight", "bias"])
@pytest.mark.parametrize("k", [0, 1, 2])
def test_largest_difference_finds_one_relative_millionth_anywhere(parameter, k):
    predicted = {"weight": [2.0, 2.0, 2.0], "bias": [2.0, 2.0, 2.0]}
    measured = predicted | {parameter: [2.0] * k + [2.0 * (1 + 1e-6)] + [2.0] * (2 - k)}
    gap = verdict.largest_difference(run_of(**measured), run_of(**predicted))
    assert gap == pytest.approx(1e-6, rel=1e-6)


def test_largest_difference_is_relative_to_the_largest_parameter_so_far():
    # 1e-3 off after having been at 100, and before ever being there.
    assert verdict.largest_difference(
        run_of([100, 1 + 1e-3], [0, 0]), run_of([100, 1], [0, 0])
    ) == pytest.approx(1e-5)
    assert verdict.largest_difference(
        run_of([1 + 1e-3, 100], [0, 0]), run_of([1, 100], [0, 0])
    ) == pytest.approx(1e-3)


def test_largest_difference_leaves_out_what_is_no_number():
    gap = verdict.largest_difference(
        run_of([1, math.inf], [1, math.nan]), run_of([1, 1e99], [1, 1])
    )
    assert gap == 0


def test_measured_steps_are_none_at_all_when_the_start_was_the_minimum_and_the_run_left_it():
    run = told(STEEP, 0.3, 400, 2.0, 3.0 + 1e-15)  # critical 0.25: rounding doubles every few steps
    assert run.outcome == "diverged"
    low, high = run.facts.measured_steps or (0, 0)
    assert low <= high
