"""The trainer: all learning rates at once, in one compiled function for each update rule."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import astuple, fields
from functools import cache

import numpy as np
from numpy.typing import ArrayLike

from linreg import checks
from linreg.data import MAX_SEED
from linreg.data.summary import four_points
from linreg.runs.batches import MiniBatches, seed_of
from linreg.runs.history import Band, History, drawn_steps, record_steps
from linreg.runs.model import Line
from linreg.runs.phases import NUM_SHUFFLES, Phase, checked
from linreg.runs.rules import RULES, Plain
from linreg.training.lesson import mean_squared_error, tf
from linreg.training.shapes import CAPACITIES, num_slots, segments, size_for, steps_by_phase

MAX_NUMBERS = max(len(fields(rule)) for rule in RULES.values())
MAX_SHUFFLES = 10_000


@cache
def _descend(kind: str) -> Callable:
    """Return the compiled function of an update rule.

    Tensors in and few shapes: a Python number would be compiled in, and compiled again for the
    next one. The two trip counts vary, and they are tensors.
    """
    rule = RULES[kind]
    num_memories, num_numbers = len(rule.memories), len(fields(rule))
    of = tf.TensorSpec

    @tf.function(
        autograph=False,
        jit_compile=True,
        input_signature=[
            of((4,), tf.float64),  # x, of all points
            of((4,), tf.float64),  # y
            of((None, None, 1, 4), tf.float64),  # x of each step's mini-batch; one for every step
            of((None, None, 1, 4), tf.float64),  # y, (slots, shuffles, 1, 4)
            of((None,), tf.float64),  # learning rates
            of((None,), tf.float64),  # their multiple in each step, (slots,)
            of((MAX_NUMBERS,), tf.float64),  # the rule's own
            of((1 + num_memories, len(Line.names), None, None, 1), tf.float64),  # state, see below
            of((), tf.float64),  # steps the rule has made before
            of((None,), tf.int32),  # steps per record, (capacity,)
            of((), tf.int32),  # number of records
        ],
    )
    def descend(
        x, y, batch_x, batch_y, rates, multiples, numbers, state, before, lengths, num_records
    ):
        """Return what was recorded, and the state: parameters of the first shuffle, losses.

        Parameters are (capacity + 1, num_parameters, num_rates), losses (capacity + 1, shuffles,
        num_rates), not filled beyond num_records. The state is the vector of parameters, then what
        the rule remembers of it, each (num_parameters, shuffles, num_rates, 1).
        """
        rates = rates[:, None]  # (num_rates, 1), against the four points
        own = tf.unstack(numbers[:num_numbers])

        def of_step(slots, i):  # the same for all steps if there is only one
            return slots[tf.minimum(i, tf.shape(slots)[0] - 1)]

        def step(i, stop, parameters, *memory):
            with tf.GradientTape() as tape:
                tape.watch(parameters)
                prediction = Line.prediction(of_step(batch_x, i), parameters)
                loss = mean_squared_error(prediction, of_step(batch_y, i))  # (shuffles, num_rates)
            gradient = tape.gradient(loss, parameters)
            made = before + tf.cast(i + 1, tf.float64)
            rate = rates * of_step(multiples, i)
            change, *memory = rule.step(gradient, rate, made, *memory, *own)
            return i + 1, stop, parameters + change, *memory

        def record(k, i, recorded, *state):
            stop = i + lengths[k]
            i, _, *state = tf.while_loop(lambda i, stop, *_: i < stop, step, (i, stop, *state))
            return k + 1, i, recorded.write(k + 1, state[0]), *state

        capacity = tf.shape(lengths)[0]
        first = tf.unstack(state)
        recorded = tf.TensorArray(
            tf.float64, capacity + 1, element_shape=(len(Line.names), None, None, 1)
        )
        _, _, recorded, *state = tf.while_loop(
            lambda k, *_: k < num_records, record, (0, 0, recorded.write(0, first[0]), *first)
        )
        recorded = recorded.stack()  # (records, num_parameters, shuffles, num_rates, 1)
        prediction = Line.prediction(x, tf.unstack(recorded, axis=1))
        return recorded[:, :, 0, :, 0], mean_squared_error(prediction, y), tf.stack(state)

    return descend


@cache
def _compiled(kind: str) -> Callable:
    """Return the same for tensors of those types alone: the usual way in costs as much as 200 steps."""
    return _descend(kind).get_concrete_function()


def train(
    x: ArrayLike,
    y: ArrayLike,
    learning_rates: float | Iterable[float] = 0.05,
    num_steps: int = 200,
    start: Sequence[float] = Line.start,
    **ways,
) -> History:
    """Fit a line to the points by gradient descent, once for each learning rate.

    The gradients come from TensorFlow's tape over the line's prediction and the lesson's own
    `mean_squared_error`, in float64, on the four points that stand for all of them: a step costs
    the same for a hundred points as for a million, and nothing is compiled again for other data,
    rates or steps (once for each new *number* of rates).

    Args:
        x, y: Shape (num_points,), num_points ≥ 1.
        learning_rates: One or several, each between 1e-40 and 1e6.
        num_steps: Between 1 and 2,000,000.
        start: Where every run starts, weight and bias.
        **ways: The rest of a `Phase`: rule, schedule, batch_size.

    Returns:
        Every step up to 2,000; beyond that 2,001 evenly spaced records.

    Raises:
        ValueError: If an argument lies outside its interval.
    """
    phase = Phase(learning_rates, num_steps, **ways)
    return train_phases(x, y, [phase], start)


def train_phases(
    x: ArrayLike,
    y: ArrayLike,
    phases: Iterable[Phase],
    start: Sequence[float] = Line.start,
    seed: int = 0,
    num_shuffles: int = NUM_SHUFFLES,
    is_detailed: bool = False,
) -> History:
    """Fit a line in several phases, each training on from where the one before it ended.

    Args:
        x, y: Shape (num_points,), num_points ≥ 1.
        phases: What is set for each stretch of steps.
        start: Where every run starts, weight and bias.
        seed: Of the mini-batches, between 0 and 2³² - 1. All runs see the same ones.
        num_shuffles: In how many orders mini-batches are drawn, all trained in one call. The first
            is the run that is recorded; the band holds the loss of all.
        is_detailed: Whether every early step of each phase is recorded too, however many follow.

    Returns:
        Recorded at `history.record_steps`, or in detail at `history.drawn_steps`.

    Raises:
        ValueError: If an argument lies outside its interval.
    """
    phases, (x, y) = checked(phases), checks.points(x, y)
    seed = checks.whole_number("seed", seed, 0, MAX_SEED)
    num_shuffles = checks.whole_number("num_shuffles", num_shuffles, 1, MAX_SHUFFLES)
    is_noisy = any(phase.batch_size is not None for phase in phases)
    num_shuffles = num_shuffles if is_noisy else 1
    step = drawn_steps(phases) if is_detailed else record_steps(phases)
    whole = four_points(x, y)
    line = np.reshape(Line.checked(start), (1, -1, 1, 1, 1))
    state = np.tile(line, (num_shuffles, len(phases[0].learning_rates), 1))
    made, before, parts = 0, Plain, []
    for index, (phase, recorded_steps) in enumerate(steps_by_phase(phases, is_detailed)):
        if type(phase.rule) is not before:  # another rule remembers nothing
            made, before = 0, type(phase.rule)
            memories = len(phase.rule.memories)
            state = np.pad(state[:1], ((0, memories), (0, 0), (0, 0), (0, 0), (0, 0)))
        shuffles = []
        if phase.batch_size is not None:
            size = checks.whole_number("batch_size", phase.batch_size, 1, x.size)
            first = MiniBatches(x, y, size, seed_of(seed, index))
            shuffles = [first.shuffled(seed_of(seed, index, k)) for k in range(num_shuffles)]
        for steps in segments(recorded_steps, phase):
            *recorded, state = _train_segment(whole, shuffles, phase, steps, state, made)
            made += int(steps[-1] - steps[0])
            parts.append(recorded if not parts else [part[1:] for part in recorded])
    parameters, losses = (np.concatenate(part).T for part in zip(*parts, strict=True))
    # parameters (num_rates, num_parameters, num_records), losses (num_rates, shuffles, num_records)
    band = None
    if is_noisy:
        with np.errstate(over="ignore", invalid="ignore"):
            band = Band(losses.min(axis=1), losses.mean(axis=1), losses.max(axis=1))
    return History(phases, step, *parameters.swapaxes(0, 1), losses[:, 0], band)


def _train_segment(whole, shuffles, phase: Phase, steps: np.ndarray, state, made: int) -> list:
    """Train from the first of these steps to the last; return what was recorded, and the state."""
    num_steps, num_records = int(steps[-1] - steps[0]), steps.size - 1
    room = max(0, num_slots(steps, phase) - num_steps)
    batch_x, batch_y = (column[None, None, None] for column in whole)
    if shuffles:
        taken = zip(*(shuffle.take(num_steps) for shuffle in shuffles), strict=True)
        around = ((0, room), (0, 0), (0, 0), (0, 0))
        batch_x, batch_y = (np.pad(np.stack(part, axis=1)[:, :, None], around) for part in taken)
    multiples = np.ones(1)
    if not phase.is_constant:
        multiples = np.pad(phase.schedule.multiples(np.arange(steps[0], steps[-1])), (0, room))
    capacity = size_for(CAPACITIES, num_records)
    lengths = np.pad(np.diff(steps), (0, capacity - num_records)).astype(np.int32)
    numbers = np.array([*astuple(phase.rule), *np.zeros(MAX_NUMBERS)])[:MAX_NUMBERS]
    arguments = (
        *(*whole, batch_x, batch_y, np.array(phase.learning_rates), multiples, numbers, state),
        *(np.float64(made), lengths, np.int32(num_records)),
    )
    *recorded, state = _compiled(phase.rule.kind)(*map(tf.constant, arguments))
    return [*(part.numpy()[: steps.size] for part in recorded), state.numpy()]


def num_traces() -> int:
    """Return how often the trainer has been traced, for the test that it happens once a rule."""
    return sum(_descend(kind).experimental_get_tracing_count() for kind in RULES)
