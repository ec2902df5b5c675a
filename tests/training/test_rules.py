"""Every update rule step for step against Keras's own optimizer, on the raw points."""

import itertools
from dataclasses import asdict

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from linreg import data
from linreg.runs.hyperparameters import hyperparameters
from linreg.runs.phases import Phase
from linreg.runs.rules import Adam, Momentum, Nesterov, Plain, RMSprop
from linreg.runs.schedules import CosineDecay, ExponentialDecay, LinearWarmup, StepDecay
from tests.later import Later, keras, tf, training
from tests.properties import examples

NUM_STEPS = 300
CHAOTIC = {Adam: Adam(beta_1=0.5, beta_2=0.0, epsilon=0.1)}
UNSTABLE = {Adam: Adam(beta_1=0.0, beta_2=0.99999, epsilon=0.001)}
RULES = [Plain, Momentum, Nesterov, RMSprop, Adam]
LINE = data.make_line()
# Not so near to 0 that the line through two points is too steep for a number.
SMALL = st.floats(-10, 10).map(lambda number: number if abs(number) > 1e-50 else 0.0)
POINTS = st.lists(st.tuples(SMALL, SMALL), min_size=1, max_size=20)
# Below, at and above the critical rate; of a scaled rule the length of a step.
SHARES = st.one_of(st.sampled_from([1.0, 0.1, 1e-3]), st.floats(1e-4, 3.0))


@pytest.fixture(autouse=True, scope="module")
def _float64():
    """Let Keras keep its learning rate, and what it remembers, in float64."""
    usual = keras.config.floatx()
    keras.config.set_floatx("float64")
    yield
    keras.config.set_floatx(usual)


def number(name, one):
    """Return a strategy for a number of a rule, both ends of its interval among them."""
    low, high = one.low, one.high
    if name == "epsilon":  # over all its decades
        return st.floats(np.log10(low), np.log10(high)).map(lambda power: float(10**power))
    return st.one_of(st.sampled_from([low, high]), st.floats(low, high))


def rules(kind):
    """Return a strategy for a rule with any numbers it may have."""
    return st.builds(
        kind, **{name: number(name, one) for name, one in hyperparameters(kind).items()}
    )


def exact(rule):
    """Return the numbers of a rule as Keras takes them for what they are.

    It casts a Python float to float64 by way of float32, and a NumPy float64 as it is.
    """
    return {name: np.float64(value) for name, value in asdict(rule).items()}


def keras_optimizer(rule, learning_rate):
    """Return the optimizer that Keras has for a rule."""
    makers = {
        Plain: keras.optimizers.SGD,
        Momentum: keras.optimizers.SGD,
        Nesterov: keras.optimizers.SGD,
        RMSprop: keras.optimizers.RMSprop,
        Adam: keras.optimizers.Adam,
    }
    ahead = {"nesterov": True} if isinstance(rule, Nesterov) else {}
    return makers[type(rule)](learning_rate, **exact(rule), **ahead)


class KerasRun:
    """What Keras's optimizers make of a line, on the raw points and on neighbours of them.

    Optimizers step each number by itself, so several rows of numbers are as many runs. The first
    row has the points; the others have points and starts that differ in the 14th digit.
    """

    def __init__(self, x, y, weight, bias, num_neighbours=4):
        """Start at a line."""
        numbers = np.concatenate([x, y, [weight, bias]])
        jitter = np.random.default_rng(0).uniform(-1e-14, 1e-14, (num_neighbours, numbers.size))
        rows = np.vstack([numbers, numbers * (1 + jitter)])
        self.points, self.starts = rows[:, :-2].reshape(-1, 2, x.size), rows[:, -2:]
        self._x, self._y = map(tf.constant, self.points.swapaxes(0, 1))
        self._line = [keras.Variable(part, dtype="float64") for part in self.starts.T[:, :, None]]
        self._records = [self.starts.T]

    def train(self, optimizer, num_steps):
        """Train on, in one graph, since 300 steps of Keras outside of one take a second."""
        optimizer.build(self._line)

        def step(k, records):
            weight, bias = self._line
            with tf.GradientTape() as tape:
                residual = weight.value * self._x + bias.value - self._y
                loss = tf.reduce_mean(residual**2, axis=-1)
            gradients = tape.gradient(loss, [part.value for part in self._line])
            optimizer.apply(gradients, self._line)
            return k + 1, records.write(k, tf.stack([weight.value[:, 0], bias.value[:, 0]]))

        @tf.function(autograph=False)
        def steps():
            records = tf.TensorArray(tf.float64, num_steps)
            return tf.while_loop(lambda k, _: k < num_steps, step, (0, records))[1].stack()

        self._records.extend(steps.get_concrete_function()().numpy())

    @property
    def paths(self):
        """Weight and bias after each step, shape (num_steps + 1, 2, number of rows)."""
        return np.array(self._records)


def scale(paths):
    """Return what a gap is a share of: the largest parameter so far, shape (num_steps + 1,).

    Digits lost on a long way out do not come back, so it is the largest so far.
    """
    return np.maximum.accumulate(np.abs(paths).max(axis=(1, 2)))


def is_settled(paths):
    """Return whether neighbours are together so far, and squares finite, shape (num_steps + 1,).

    A rule that divides by its gradient's own size steps back and forth across a minimum, and
    the smallest gradient decides to which side; an unstable run takes a rounding of the start
    as far as the start. Where a 14th digit has grown to an 8th, the 16th are on the way.
    """
    with np.errstate(invalid="ignore"):
        spread = np.ptp(paths, axis=2).max(axis=1)
        together = spread <= 1e-8 * scale(paths)
    return np.logical_and.accumulate(together & (scale(paths) < 1e150))


def assert_follows(theirs, *phases, at_least=0):
    """Assert that a run through phases is where Keras's is, to 1e-6 of the largest parameter so far.

    The roundings are 1e-16 of what is summed; what has grown them by more than a thousand is not
    judged, and thousands of them add up. Either may grow them first: the one that lands on a
    minimum to the last digit rests there, however unstable it is. `at_least` steps must be judged.
    1e-300, since the compiled loop takes numbers below 2e-308 for 0.
    """
    rows = zip(theirs.points, theirs.starts, strict=True)
    runs = [training.train_phases(*points, phases, start) for points, start in rows]
    ours = np.stack([[run.weight[0], run.bias[0]] for run in runs], axis=-1).swapaxes(0, 1)
    judged = is_settled(theirs.paths) & is_settled(ours)
    assert judged[: at_least + 1].all()
    with np.errstate(invalid="ignore"):
        gaps = np.abs(ours - theirs.paths)[:, :, 0].max(axis=1)
    assert np.all(gaps[judged] <= 1e-6 * scale(theirs.paths)[judged] + 1e-300)


def rate_of(rule, share, x):
    """Return a share of the critical rate without momentum; of a scaled rule, the share."""
    if not rule.is_linear:
        return share
    design = np.stack([x, np.ones_like(x)], axis=1)
    return share * 2 / np.linalg.eigvalsh(2 / x.size * design.T @ design)[-1]


# ---------------------------------------------------------------- one phase


@pytest.mark.parametrize("kind", RULES)
def test_rule_follows_keras_to_the_last_of_300_steps_on_the_lessons_data(kind):
    rate = (
        0.003 if not kind.is_linear else 0.3
    )  # RMSprop hovers where it arrives, as roundings will
    theirs = KerasRun(LINE.x, LINE.y, 0.0, -1.0)
    theirs.train(keras_optimizer(kind(), rate), NUM_STEPS)
    assert_follows(theirs, Phase(rate, NUM_STEPS, kind()), at_least=NUM_STEPS)


@pytest.mark.parametrize("kind", RULES)
def test_rule_follows_keras_on_a_strangers_data(kind):
    # Starts in the minimum; all x equal; one point.
    @example([(0.0, 1.0), (1.0, 1.0)], 0.0, 1.0, kind(), 1.0)
    @example([(2.0, 1.0), (2.0, 3.0)], 5.0, -3.0, kind(), 0.5)
    @example([(3.0, -7.0)], 0.0, -1.0, kind(), 0.1)
    # A point at 0, where no digit of it can differ; a run of Keras's that lands on an unstable
    # minimum to the last digit, and rests there.
    @example([(0.0, 0.0)], 0.0, 1.0, CHAOTIC.get(kind, kind()), 1.0)
    @example([(6.0, 0.0)], 2.75, -2.0, UNSTABLE.get(kind, kind()), 0.5)
    @examples(4)  # and five chosen ones
    @given(POINTS, SMALL, SMALL, rules(kind), SHARES)
    def follows(points, weight, bias, rule, share):
        x, y = np.array(points).T
        rate = rate_of(rule, share, x)
        theirs = KerasRun(x, y, weight, bias)
        theirs.train(keras_optimizer(rule, rate), NUM_STEPS)
        assert_follows(theirs, Phase(rate, NUM_STEPS, rule))

    follows()


# ---------------------------------------------------------------- several phases


@pytest.mark.parametrize("kind", RULES)
def test_rule_keeps_its_memory_in_the_next_phase_as_keras_does_at_a_new_rate(kind):
    @examples(3)
    @given(POINTS, SMALL, SMALL, rules(kind), st.tuples(SHARES, SHARES), st.integers(1, 60))
    def keeps(points, weight, bias, rule, shares, num_steps):
        x, y = np.array(points).T
        rates = [rate_of(rule, share, x) for share in shares]
        theirs = KerasRun(x, y, weight, bias)
        optimizer = keras_optimizer(rule, rates[0])
        theirs.train(optimizer, num_steps)
        optimizer.learning_rate = rates[1]
        theirs.train(optimizer, 100)
        assert_follows(theirs, Phase(rates[0], num_steps, rule), Phase(rates[1], 100, rule))

    keeps()


@pytest.mark.parametrize("kind", [Momentum, Nesterov, RMSprop, Adam])
def test_rule_keeps_its_memory_when_its_own_numbers_change(kind):
    changed = kind(**{name: 0.5 * value for name, value in asdict(kind()).items()})
    rate = 0.003 if not kind.is_linear else 0.1
    theirs, optimizer = KerasRun(LINE.x, LINE.y, 0.0, -1.0), keras_optimizer(kind(), rate)
    theirs.train(optimizer, 50)
    for name, value in exact(changed).items():
        setattr(optimizer, name, value)
    theirs.train(optimizer, 50)
    assert_follows(theirs, Phase(rate, 50, kind()), Phase(rate, 50, changed), at_least=100)


@pytest.mark.parametrize(("before", "after"), [*itertools.pairwise([*RULES, Plain])])
def test_rule_begins_without_memory_after_another_rule(before, after):
    # The first comes back as the third: what it remembered must be gone by then.
    rules = [before(), after(), before()]
    rates = [0.003 if not rule.is_linear else 0.1 for rule in rules]
    theirs = KerasRun(LINE.x, LINE.y, 0.0, -1.0)
    for rule, rate in zip(rules, rates, strict=True):
        theirs.train(keras_optimizer(rule, rate), 30)
    phases = [Phase(rate, 30, rule) for rule, rate in zip(rules, rates, strict=True)]
    assert_follows(theirs, *phases, at_least=64)  # into the third


# ---------------------------------------------------------------- with a schedule

KERAS = Later("keras.optimizers.schedules")
HALF, QUARTER = np.float64(0.5), np.float64(0.25)
SCHEDULES = {
    StepDecay(40, 0.5): lambda rate: KERAS.ExponentialDecay(rate, 40, HALF, staircase=True),
    ExponentialDecay(70, 0.25): lambda rate: KERAS.ExponentialDecay(rate, 70, QUARTER),
    CosineDecay(200, 0.25): lambda rate: KERAS.CosineDecay(rate, 200, QUARTER),
    CosineDecay(150, 0.0, 20): lambda rate: KERAS.CosineDecay(
        np.float64(0), 150, warmup_target=rate, warmup_steps=20
    ),
    LinearWarmup(50): lambda rate: KERAS.PolynomialDecay(np.float64(0), 50, rate),
}


@pytest.mark.parametrize("schedule", SCHEDULES, ids=lambda schedule: str(schedule))
@pytest.mark.parametrize("kind", RULES)
def test_rule_follows_keras_with_a_schedule(kind, schedule):
    rate = np.float64(0.004 if not kind.is_linear else 0.3)
    theirs = KerasRun(LINE.x, LINE.y, 0.0, -1.0)
    theirs.train(keras_optimizer(kind(), SCHEDULES[schedule](rate)), NUM_STEPS)
    assert_follows(theirs, Phase(rate, NUM_STEPS, kind(), schedule), at_least=199)


def test_rule_keeps_its_step_count_when_a_schedule_begins_anew():
    # Adam corrects by the steps of both phases; the schedule counts those of its own.
    rule, schedule, rate = Adam(), StepDecay(10, 0.5), 0.004
    theirs, optimizer = KerasRun(LINE.x, LINE.y, 0.0, -1.0), keras_optimizer(rule, rate)
    theirs.train(optimizer, 25)
    for num_steps, lowered in ((10, rate), (10, rate / 2), (10, rate / 4)):
        optimizer.learning_rate = lowered
        theirs.train(optimizer, num_steps)
    assert_follows(theirs, Phase(rate, 25, rule), Phase(rate, 30, rule, schedule), at_least=55)
