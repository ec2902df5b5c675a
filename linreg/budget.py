"""What one reader may ask of a server that others share: how much work a training may be.

How many steps, phases, kept runs, bytes and rows there may be is checked where each of them is made.
"""

from collections.abc import Iterable

from linreg.phases import NUM_SHUFFLES, Phase

MAX_UPDATES = 60_000_000  # of a training: about five seconds. Three runs may have all their steps.
QUICK = 2_000_000  # what is done within about a tenth of a second, and goes first


def num_updates(phases: Iterable[Phase]) -> int:
    """Return how often a training updates a line: steps × rates, for each shuffle of mini-batches.

    Example:
        >>> num_updates([Phase((0.1, 0.5), 200), Phase((0.1, 0.5), 100, batch_size=10)])
        2400
    """
    return sum(
        phase.num_steps
        * len(phase.learning_rates)
        * (1 if phase.batch_size is None else NUM_SHUFFLES)
        for phase in phases
    )


def check(phases: Iterable[Phase]) -> None:
    """Refuse a training that would keep the server from its other readers.

    Raises:
        ValueError: If it is too much work.
    """
    phases = tuple(phases)
    asked = num_updates(phases)
    if asked > MAX_UPDATES:
        steps = sum(phase.num_steps for phase in phases)
        raise ValueError(
            f"`num_steps` must be smaller for {len(phases[0].learning_rates):,} learning rates at "
            f"once: {steps:,} steps are {asked:,} updates, and one training may have "
            f"{MAX_UPDATES:,}. Take at most {steps * MAX_UPDATES // asked:,} steps."
        )
