"""The few array shapes that the trainer is compiled for, and which of them a training needs."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np

from linreg.runs.history import MAX_RECORDS, drawn_steps, record_steps
from linreg.runs.phases import NUM_SHUFFLES, Phase, ends

# Records, and steps that each have data of their own: few sizes, since each is compiled once.
CAPACITIES = (200, MAX_RECORDS, 2 * MAX_RECORDS + 100)
SLOTS = (200, 2_000, 20_000)

Shape = tuple[str, int, int, int, int, int]


def size_for(sizes: Sequence[int], needed: int) -> int:
    """Return the smallest of these sizes that has room.

    Example:
        >>> size_for(SLOTS, 201)
        2000
    """
    return next(size for size in sizes if size >= needed)


def steps_by_phase(
    phases: Sequence[Phase], is_detailed: bool
) -> Iterator[tuple[Phase, np.ndarray]]:
    """Yield each phase with its recorded steps, counted from its start, first 0.

    In detail every early step of each phase is recorded too.
    """
    step = drawn_steps(phases) if is_detailed else record_steps(phases)
    for phase, (begin, end) in zip(phases, pairwise([0, *ends(phases).tolist()]), strict=True):
        yield phase, np.insert(step[(step > begin) & (step <= end)] - begin, 0, 0)


def is_uniform(phase: Phase) -> bool:
    """Return whether every step of the phase has the same rate and the same points."""
    return phase.is_constant and phase.batch_size is None


def segments(steps: np.ndarray, phase: Phase) -> Iterator[np.ndarray]:
    """Cut the recorded steps of a phase so that each part has room for the data of its steps."""
    if is_uniform(phase):
        yield steps
        return
    first = 0
    while first < steps.size - 1:
        last = int(np.searchsorted(steps, steps[first] + SLOTS[-1], side="right")) - 1
        assert last > first  # records of two million steps lie a thousand apart
        yield steps[first : last + 1]
        first = last


def num_slots(steps: np.ndarray, phase: Phase) -> int:
    """Return for how many steps a segment has data of their own; 1 if all have the same."""
    return 1 if is_uniform(phase) else size_for(SLOTS, int(steps[-1] - steps[0]))


def needed(phases: Sequence[Phase]) -> frozenset[Shape]:
    """Return what a detailed training has to have compiled, each about half a second once.

    Example:
        >>> len(needed([Phase(0.1, 50), Phase(0.2, 150)])), len(needed([Phase(0.1, 50, batch_size=1)]))
        (1, 1)
    """
    is_noisy = any(phase.batch_size is not None for phase in phases)
    shuffles = NUM_SHUFFLES if is_noisy else 1
    return frozenset(
        (
            phase.rule.kind,
            len(phase.learning_rates),
            shuffles,
            size_for(CAPACITIES, part.size - 1),
            1 if phase.batch_size is None else num_slots(part, phase),
            1 if phase.is_constant else num_slots(part, phase),
        )
        for phase, steps in steps_by_phase(phases, is_detailed=True)
        for part in segments(steps, phase)
    )
