"""What one reader may ask of a server that others share: how much work a training may be.

How many steps, phases, kept runs, bytes and rows there may be is checked where each of them is made.
"""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet

from linreg.runs.phases import NUM_SHUFFLES, Phase
from linreg.training import shapes

MAX_UPDATES = 60_000_000  # of a training: seconds. Three runs may have all their steps.
MAX_SHUFFLED = 100_000_000  # points that a training puts into orders: seconds
QUICK_UPDATES = 2_000_000  # what is done within about a tenth of a second, and goes first
QUICK_SHUFFLED = 500_000  # likewise
QUICK_COMPILED = 1  # functions that have to be compiled first, about half a second each
ELABORATE = 10  # times as long takes a step with a rate or points of its own, or past gradients


def num_updates(phases: Sequence[Phase]) -> int:
    """Return how often a training updates a line: steps × rates, for each shuffle of mini-batches.

    Example:
        >>> num_updates([Phase((0.1, 0.5), 200), Phase((0.1, 0.5), 100, batch_size=10)])
        2400
    """
    return sum(phase.num_steps * len(phase.learning_rates) * _shuffles(phase) for phase in phases)


def num_shuffled(phases: Sequence[Phase], num_points: int) -> int:
    """Return how many points are put into an order: whole epochs, for each shuffle.

    Example:
        >>> num_shuffled([Phase(0.1, 1, batch_size=1), Phase(0.1, 11, batch_size=10)], 100)
        3000
    """
    return sum(
        _shuffles(phase) * num_points * -(-phase.num_steps // -(-num_points // phase.batch_size))
        for phase in phases
        if phase.batch_size is not None
    )


def _shuffles(phase: Phase) -> int:
    return 1 if phase.batch_size is None else NUM_SHUFFLES


def check(phases: Sequence[Phase], num_points: int) -> None:
    """Refuse a training that would keep the server from its other readers.

    Raises:
        ValueError: If it is too much work.
    """
    asked = num_updates(phases)
    if asked > MAX_UPDATES:
        steps = sum(phase.num_steps for phase in phases)
        raise ValueError(
            f"`num_steps` must be smaller for {len(phases[0].learning_rates):,} learning rates at "
            f"once: {steps:,} steps are {asked:,} updates, and one training may have "
            f"{MAX_UPDATES:,}. Take at most {steps * MAX_UPDATES // asked:,} steps."
        )
    shuffled = num_shuffled(phases, num_points)
    if shuffled > MAX_SHUFFLED:
        epochs = shuffled // (NUM_SHUFFLES * num_points)
        raise ValueError(
            f"`batch_size` must be empty, or fewer points must be shuffled: {epochs:,} epochs of "
            f"{num_points:,} points, in {NUM_SHUFFLES} orders, are {shuffled:,}, and one training "
            f"may shuffle {MAX_SHUFFLED:,}. Take fewer phases of mini-batches, or fewer points."
        )


def is_quick(phases: Sequence[Phase], num_points: int, compiled: AbstractSet[shapes.Shape]) -> bool:
    """Return whether a training is done so soon that others can wait for it.

    Args:
        phases: What is trained.
        num_points: On how many points.
        compiled: What the process that does the quick ones has compiled already.
    """
    weighed = sum(
        num_updates([phase])
        * (1 if shapes.is_uniform(phase) and phase.rule.is_linear else ELABORATE)
        for phase in phases
    )
    return (
        weighed <= QUICK_UPDATES
        and num_shuffled(phases, num_points) <= QUICK_SHUFFLED
        and len(shapes.needed(phases) - compiled) <= QUICK_COMPILED
    )
