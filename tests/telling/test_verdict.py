"""What is said of a run is so, and its numbers can be checked."""

import math
import re

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from linreg import data
from linreg.runs.phases import Phase
from linreg.runs.rules import Adam, Momentum, Nesterov, Plain, RMSprop
from linreg.runs.schedules import Constant, CosineDecay, ExponentialDecay, LinearWarmup, StepDecay
from linreg.theory import Quadratic
from tests.properties import examples
from tests.runs import excess_losses, judged, loop, told, trained

# x = ±2: H = [[8, 0], [0, 2]], so the weight is the steep direction, the bias the flat one, and
# the critical rate is 1/4. The minimum is at weight 2, bias 3, with no loss.
STEEP = [-2.0, 2.0], [-1.0, 7.0]
# x = 1 ± 2⁻¹²: eigenvalues 2⁻²⁴ and 4; the minimum is at weight 1, bias 0.
FLAT = [1 - 2.0**-12, 1 + 2.0**-12], [1 - 2.0**-12, 1 + 2.0**-12]
LESSON = data.make_line()
LINE = LESSON.x, LESSON.y
SMALL = st.floats(-10, 10)
POINTS = st.lists(st.tuples(SMALL, SMALL), min_size=2, max_size=20).filter(
    lambda points: np.std(np.array(points)[:, 0]) > 0.1
)
RULES = st.sampled_from([Plain(), Momentum(), Momentum(0.5), Nesterov(), RMSprop(), Adam()])
SCHEDULES = st.sampled_from(
    [Constant(), StepDecay(), ExponentialDecay(), CosineDecay(), LinearWarmup()]
)


def plain(learning_rate, num_steps, weight=0.0, bias=-1.0):
    """Return the verdict on one run of plain steps on STEEP."""
    return told(STEEP, Phase(learning_rate, num_steps), weight=weight, bias=bias)


def factors_told(text):
    """Return the factors in a reason, as a reader would read them."""
    found = re.findall(r"by ([+−]?\d+(?:\.\d+)?(?:e−?\d+)?)", text)
    return [float(number.replace("−", "-")) for number in found]


def gaps_told(text):
    """Return the shares of the gap in a headline, as a reader would read them."""
    found = re.findall(r"(\d[\d.]*(?:e−\d+)?) %", text)
    return [float(number.replace("−", "-")) / 100 for number in found]


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
    assert plain(learning_rate, num_steps, *start).outcome == outcome


@pytest.mark.parametrize(
    ("phase", "outcome"),
    [
        (Phase(0.03, 200, Momentum(0.9)), "converged"),
        (Phase(0.001, 20, Momentum(0.9)), "too slow"),
        (Phase(1.45, 400, Momentum(0.9)), "diverged"),  # its limit is 3.8 / 2.65 = 1.436
        (Phase(0.03, 200, Nesterov(0.9)), "converged"),
        (Phase(0.52, 2_000, Nesterov(0.9)), "diverged"),  # its limit is 3.8 / 2.8 / 2.65 = 0.513
        (Phase(0.5, 200, schedule=ExponentialDecay(50)), "converged"),
        (Phase(0.5, 200, schedule=ExponentialDecay(2)), "too slow"),
        (Phase(0.1, 300, Adam()), "converged"),
        (Phase(1e-4, 300, Adam()), "too slow"),
        (Phase(0.5, 300, RMSprop()), "jumps about"),
        (Phase(0.5, 200, batch_size=10), "converged"),
        (Phase(0.005, 200, batch_size=10), "too slow"),
        (Phase(0.8, 200, batch_size=10), "diverged"),
    ],
)
def test_outcome_of_another_way_to_step_is_what_the_run_did(phase, outcome):
    assert told(LINE, phase).outcome == outcome


@pytest.mark.parametrize(
    ("rates", "outcome"),
    [((0.3, 0.05), "converged"), ((0.05, 0.3), "diverged"), ((0.0001, 0.0001), "too slow")],
)
def test_outcome_of_several_phases_is_that_of_the_whole_run(rates, outcome):
    first, second = rates
    assert told(STEEP, Phase(first, 10), Phase(second, 200)).outcome == outcome


def test_outcome_is_jumps_about_when_mini_batches_leave_the_minimum_they_started_in():
    quadratic = Quadratic.of(*LINE)
    start = {"weight": quadratic.weight, "bias": quadratic.bias}
    run = told(LINE, Phase(0.5, 200, batch_size=10), **start)
    assert run.facts.measured.diverged  # there was no excess loss to begin with
    assert run.outcome == "jumps about"


def test_judge_returns_a_verdict_on_every_run():
    history = trained(STEEP, [Phase((0.01, 0.2, 0.3, 0.25), 50)])
    outcomes = [run.outcome for run in judged(STEEP, history)]
    assert outcomes == ["too slow", "converged", "diverged", "bounces"]


# ---------------------------------------------------------------- headlines


def test_headline_names_the_step_at_which_the_gap_was_closed():
    # Both factors are ±0.6: 0.36⁶ = 2.2e-3 and 0.36⁷ = 7.8e-4 of the gap; 0.6¹⁰ = 0.6 % of the way.
    headline = plain(0.2, 20).headline
    assert headline == "99.9 % of the excess loss gone at step 7, and the line there at step 10."


def test_headline_tells_one_step_where_loss_and_line_are_there_at_once():
    # From weight 2 there is the flat error alone, with an eigenvalue of 2: at ½ it is gone at once.
    run = told(([-1.0, 1.0], [1.0, 5.0]), Phase(0.5, 20), weight=2.0)
    assert run.headline == "99.9 % of the excess loss gone at step 1, and the line is there."


def test_headline_names_the_share_of_the_gap_that_is_left():
    # From the right weight only the flat error shrinks, by 0.98 a step: 0.98⁴⁰ = 44.57 % is left.
    headline = plain(0.01, 20, weight=2.0).headline
    assert "44.6 % of the excess loss left after 20 steps" in headline


def test_headline_names_the_step_at_which_the_numbers_end():
    # The steep factor is −10 and the initial loss ½ · 8 · 2² = 16: 16 · 100¹⁵³ = 1.6e307 is a
    # float64, 16 · 100¹⁵⁴ is not.
    assert "beyond all numbers by step 154." in plain(1.375, 200, 0.0, 3.0).headline


def test_headline_names_the_loss_of_a_diverged_run():
    # 16 · 100² after two steps.
    assert "loss 1.6e5 after 2 steps" in plain(1.375, 2, 0.0, 3.0).headline


def test_headline_of_an_unstable_run_says_that_it_will_diverge():
    # 1.001 times the critical rate: from a steep error of 0.01 and a flat one of 4.
    run = plain(0.25025, 10, weight=1.99)
    assert run.headline.startswith("Will jump out of the minimum")
    assert not run.facts.measured.diverged


def test_run_is_judged_unstable_before_and_diverged_after_its_loss_has_grown():
    # 0.01 · 1.002^k passes the initial error's weight in the loss (√(2/8) · 4 = 2) at k ≈ 2,650.
    outcomes = [plain(0.25025, steps, weight=1.99).outcome for steps in (2_000, 4_000)]
    assert outcomes == ["unstable", "diverged"]


@pytest.mark.parametrize(("rate", "decay_steps"), [(1.0, 20), (0.8, 40)])  # 106 times, and 1.6
def test_headline_says_how_far_out_a_run_went_that_came_back(rate, decay_steps):
    # A schedule from above the critical rate: out, and back.
    phases = [Phase(rate, 200, schedule=ExponentialDecay(decay_steps))]
    excess = excess_losses(LINE, *loop(LINE, phases))
    times = float(re.match(r"First out to ([\d.]+) times", told(LINE, *phases).headline)[1])
    assert times == pytest.approx(excess.max() / excess[0], rel=5e-4)  # four digits


def test_headline_says_nothing_of_a_way_out_that_was_none():
    assert "First out" not in plain(0.2, 20).headline
    nearly = told(LINE, Phase(0.8, 200, schedule=ExponentialDecay(30)))  # 1.47 times
    assert "First out" not in nearly.headline


def test_headline_of_mini_batches_names_what_they_leave_on_average():
    run = told(LINE, Phase(0.5, 200, batch_size=10))
    (left,) = gaps_told(run.headline.partition("Then ")[2])
    history = trained(LINE, [Phase(0.5, 200, batch_size=10)])
    excess = history.band.mean[0] - Quadratic.of(*LINE).loss
    assert left == pytest.approx(excess[100:].mean() / excess[0], rel=0.05)  # two digits


def test_headline_tells_what_each_phase_did():
    phases = Phase(0.7, 20), Phase(0.05, 200)
    excess = excess_losses(LINE, *loop(LINE, phases))
    headline = told(LINE, *phases).headline
    assert re.sub(r"[\d.]+ %", "… %", headline) == (
        "0.7 for 20 steps brought it to … % of the gap; 0.05 then brought it to … % in 200."
        " But … % of the way to the minimum is left."
    )
    assert gaps_told(headline)[:2] == pytest.approx(excess[[20, 220]] / excess[0], rel=0.05)


def test_headline_tells_phases_that_are_alike_as_one():
    headline = told(LINE, *[Phase(0.05, 50)] * 3, Phase(0.5, 7)).headline
    assert headline.startswith("0.05 for 150 steps brought it to ")
    assert headline.partition(" But ")[0].endswith(" in 7.")


def test_headline_tells_of_phases_that_differ_for_another_run_only():
    phases = Phase((0.05, 0.1), 50), Phase((0.05, 0.2), 50)
    assert "then" in told(LINE, *phases, run=1).headline


@pytest.mark.parametrize(
    ("first", "second", "words"),
    [
        (0.05, 0.1, "0.1 then brought it to"),
        (0.1, 1e-9, "1e−9 then moved it no further in 10"),
        # 0.9²⁰ / 2 = 6 % are left, of which the steep 0.6²⁰ / 2 grow by 1.7²⁰, to 74 %.
        (0.05, 0.3375, "0.3375 then took it back to 74"),
        (0.05, 0.5, "0.5 then widened it to"),
        (0.05, 1e6, "1e6 then widened it to"),
    ],
)
def test_headline_says_what_a_later_phase_did_to_the_gap(first, second, words):
    assert words in told(STEEP, Phase(first, 10), Phase(second, 10)).headline


def test_headline_says_when_a_later_phase_goes_beyond_all_numbers():
    headline = told(STEEP, Phase(0.05, 10), Phase(1e6, 100)).headline
    assert "1e6 then took it beyond all numbers" in headline


def test_headline_says_how_often_mini_batches_keep_jumping():
    phases = Phase(0.5, 200), Phase(0.5, 200, batch_size=10)
    headline = told(LINE, *phases).headline
    assert re.search(
        r"mini-batches of 10 at 0\.5 then kept it jumping at .* % for 200\.$", headline
    )


def test_headline_of_many_phases_tells_the_first_and_the_last_two():
    rates = [0.01, 0.02, 0.03, 0.04, 0.05, 0.06]
    parts = told(LINE, *[Phase(rate, 10) for rate in rates]).headline.split("; ")
    assert [part.split()[0] for part in parts] == ["0.01", "3", "0.05", "0.06"]
    assert parts[1] == "3 other ways followed"


@examples(20)
@given(
    st.lists(
        st.tuples(RULES, SCHEDULES, st.floats(0.01, 0.5), st.sampled_from([1, 7, 60])),
        min_size=2,
        max_size=4,
    )
)
def test_headline_of_several_phases_ends_with_the_gap_that_is_left(ways):
    run = told(STEEP, *[Phase(rate, steps, rule, schedule) for rule, schedule, rate, steps in ways])
    left = run.facts.measured.excess_loss_left
    last = run.headline.partition(" But ")[0].split("; ")[-1]
    for number in gaps_told(last):  # none, if it is told in words
        assert "under" in last or number == pytest.approx(left, rel=0.051)
    if not left < math.inf:
        assert "beyond all numbers" in last


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
    shown = factors_told(plain(learning_rate, num_steps).reason)
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
    assert words in plain(learning_rate, 100).reason


def test_reason_names_the_flat_direction_and_its_factor():
    # The error (1, −1) lies along the flat direction; its factor is 1 − 0.1 · 2⁻²⁴.
    run = told(FLAT, Phase(0.1, 200), weight=2.0, bias=-1.0)
    (flat,) = factors_told(run.reason.partition("along it")[2])
    assert run.outcome == "too slow"
    assert "the flat one has" in run.reason
    assert 1 - flat == pytest.approx(0.1 * 2.0**-24, rel=0.1)


@given(POINTS, st.floats(0.001, 3.0), st.integers(1, 300))
def test_reason_holds_the_factors_of_numpy_eigenvalues(points, share, num_steps):
    points = np.array(points).T
    quadratic = Quadratic.of(*points)
    rate = share * quadratic.critical_learning_rate
    run = told(points, Phase(rate, num_steps))
    assume(run.outcome != "at the minimum")
    design = np.stack([points[0], np.ones_like(points[0])], axis=1)
    flat, steep = 1 - rate * np.linalg.eigvalsh(2 / len(design) * design.T @ design)
    shown = factors_told(run.reason)
    assert shown
    # Three decimals, or four digits.
    for factor in shown:
        assert any(abs(factor - exact) <= 6e-4 * max(1, abs(exact)) for exact in (flat, steep))


def roots_of(rule, scaled):
    """Return the roots of z² − (1 + β − h) z + β, or of Nesterov's, from NumPy's polynomials."""
    kept = rule.momentum
    if isinstance(rule, Nesterov):
        return np.roots([1, -(1 + kept) * (1 - scaled), kept * (1 - scaled)])
    return np.roots([1, -(1 + kept - scaled), kept])


@pytest.mark.parametrize(
    ("rule", "rate"), [(Momentum(0.9), 0.02), (Momentum(0.5), 0.1), (Nesterov(0.8), 0.05)]
)
def test_reason_of_a_swing_holds_how_long_it_takes_and_by_what_it_shrinks(rule, rate):
    root = roots_of(rule, rate * 8)[0]
    assert root.imag
    reason = told(STEEP, Phase(rate, 50, rule)).reason
    swing, shrinks = re.search(r"back in ([\d.]+) steps; .* swing by ([\d.]+)\.$", reason).groups()
    assert float(swing) == pytest.approx(2 * math.pi / abs(np.angle(root)), rel=5e-4)
    assert float(shrinks) == pytest.approx(abs(root), abs=5e-4)


@pytest.mark.parametrize(
    ("rule", "rate", "words"),
    [
        (Momentum(0.5), 0.37, "lands on the other side, but closer"),
        (Momentum(0.5), 0.375, "lands on the other side, just as far"),
        (Momentum(0.5), 0.38, "lands on the other side, further away"),
        (Nesterov(0.5), 0.19, "lands on the other side, further away"),
        (Momentum(0.5), 0.005, "the flat one by"),
    ],
)
def test_reason_of_momentum_holds_its_factor_in_the_long_run(rule, rate, words):
    run = told(STEEP, Phase(rate, 20, rule))
    steep = max(roots_of(rule, rate * 8), key=abs).real
    assert words in run.reason
    assert factors_told(run.reason)[0] == pytest.approx(steep, abs=6e-4)


def test_reason_of_a_schedule_names_its_first_and_last_rate_and_the_critical_one():
    # Half of it left every 10 steps: 0.2 · 0.5^(20/10) in the twenty-first step.
    reason = told(STEEP, Phase(0.2, 21, schedule=ExponentialDecay(10, 0.5))).reason
    assert reason == (
        "Exponential decay: the rate is 0.2 in the first step and 0.05 in the last. Steps above "
        "0.25 drive it away, all others bring it closer."
    )


def test_reason_of_mini_batches_names_the_floor_expected_and_measured():
    run = told(LINE, Phase(0.5, 400, batch_size=10))
    expected, measured = re.search(
        r"excess loss (\S+) expected .*, (\S+) measured", run.reason
    ).groups()
    history = trained(LINE, [Phase(0.5, 400, batch_size=10)])
    floor = history.band.mean[0, 200:].mean() - Quadratic.of(*LINE).loss
    shown = [float(text.replace("−", "-")) for text in (expected, measured)]
    assert shown[1] == pytest.approx(floor, rel=5e-3)  # three digits
    assert shown[0] == pytest.approx(floor, rel=0.3)  # 200 steps of ten shuffles
    assert "10 of 100 points" in run.reason


@pytest.mark.parametrize(
    ("phase", "words"),
    [
        (Phase(0.005, 200, batch_size=10), "so it will never come to rest"),
        (Phase(2.0, 200, batch_size=10), "drive it away"),
        (Phase(0.1, 200, Momentum(), batch_size=10), "With momentum no formula says"),
        (Phase(0.1, 200, schedule=CosineDecay(), batch_size=10), "With cosine decay no formula"),
        (Phase(0.1, 200, Adam()), "Adam divides every gradient"),
        (Phase(0.1, 200, RMSprop(), batch_size=10), "RMSprop divides every gradient"),
    ],
)
def test_reason_says_what_is_not_known(phase, words):
    assert words in told(LINE, phase).reason


# ---------------------------------------------------------------- anything at all


@given(
    st.builds(data.make_line, SMALL, SMALL, st.integers(2, 50), st.floats(0, 1), st.integers(0, 9)),
    SMALL,
    SMALL,
    st.floats(1e-12, 1e6),
    st.integers(1, 2_000_000),
)
def test_every_verdict_on_plain_steps_has_words_for_everything(line, weight, bias, rate, num_steps):
    run = told((line.x, line.y), Phase(rate, num_steps), weight=weight, bias=bias)
    assert has_words_for_everything(run)


@given(
    st.builds(data.make_line, SMALL, SMALL, st.integers(2, 50), st.floats(0, 1), st.integers(0, 9)),
    st.lists(
        st.tuples(
            RULES,
            SCHEDULES,
            st.floats(-6, 3),
            st.sampled_from([1, 2, 50, 200]),
            st.sampled_from([None, 1, 2]),
        ),
        min_size=1,
        max_size=4,
    ),
)
def test_every_verdict_has_words_for_everything(line, ways):
    run = told(
        (line.x, line.y),
        *[Phase(10.0**power, steps, rule, one, size) for rule, one, power, steps, size in ways],
    )
    assert has_words_for_everything(run)


def has_words_for_everything(run):
    """Return whether every text says something, and nothing that a reader cannot read."""
    texts = (run.outcome, run.headline, run.reason, run.advice.text, run.advice.label)
    return all(text.strip() and "nan" not in text and "None" not in text for text in texts)


def test_stable_run_that_swings_further_out_for_a_while_is_not_called_diverged():
    # One step past the minimum and further up: the zone says that it comes back.
    run = told(([0.0, 1.0], [0.0, 0.0]), Phase(0.85, 1, Momentum(0.5)))
    assert run.facts.measured.diverged
    assert run.outcome == "too slow"
    assert "further out than it began" in run.headline


# ---------------------------------------------------------------- near the minimum, and far


def test_a_run_that_starts_near_the_minimum_jumps_about_and_has_not_diverged():
    run = told(LINE, Phase(0.5, 200, batch_size=10), weight=0.1, bias=0.5)
    assert run.facts.measured.diverged  # its loss is above where it began
    assert run.outcome == "jumps about"


def test_a_run_that_starts_in_the_minimum_and_leaves_it_for_good_has_diverged():
    points = [0.0, 0.0, 2.0, 2.0], [0.0, 2.0, 0.0, 2.0]  # minimum at weight 0, bias 1
    run = told(points, Phase(1.0, 200, batch_size=1), weight=0.0, bias=1.0)
    assert run.facts.measured.loss > 1e6
    assert run.outcome == "diverged"


def test_story_names_the_rules_where_they_differ():
    phases = Phase(0.1, 50), Phase(0.1, 50, Momentum(0.5)), Phase(0.1, 50, schedule=CosineDecay(50))
    text = told(LINE, *phases).headline
    assert "Momentum" in text
    assert "cosine decay" in text


def test_steps_needed_are_never_after_an_overflow():
    run = told(LINE, Phase(3.0, 2_000), Phase(0.1, 200))
    assert run.facts.foretold.steps is None


def test_advice_after_mini_batches_is_not_about_them():
    run = told(LINE, Phase(0.5, 200, batch_size=10), Phase(0.5, 200))
    assert "smaller rate" not in run.advice.text


def test_advice_gives_no_run_fewer_steps_as_time():
    run = told(LINE, Phase(0.9, 200, schedule=LinearWarmup(100)))
    assert run.advice.action != "num_steps" or run.advice.value > 200
