"""Phase: what is set for a stretch of training. Runs that train on have several, one after the other."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from linreg import checks
from linreg.runs.rules import RULES, Plain, Rule
from linreg.runs.schedules import SCHEDULES, Constant, Schedule

MAX_PHASES = 20
NUM_SHUFFLES = 10  # of mini-batches: the run that is shown, and nine more for the band
MAX_LOOKS = 5_000_000  # points that a phase of mini-batches looks at: steps × batch size


@dataclass(frozen=True)
class Phase:
    """What is set for one stretch of training, for all runs.

    The rule's memory (velocity, moments) lasts from a phase to the next of the same rule, as Keras's
    does when training goes on. The schedule counts from the start of the phase; each phase with
    mini-batches begins a new epoch.
    """

    learning_rates: tuple[float, ...]  # one for each run, each between 1e-40 and 1e6
    num_steps: int = 200  # between 1 and 2,000,000
    rule: Rule = field(default_factory=Plain)  # how a gradient becomes an update
    schedule: Schedule = field(default_factory=Constant)  # how the rates change
    batch_size: int | None = None  # how many points each step looks at; None for all of them

    def __post_init__(self) -> None:
        """Refuse what cannot be trained; take one rate or several, of any kind of sequence."""
        rates = tuple(checks.learning_rates(self.learning_rates).tolist())
        object.__setattr__(self, "learning_rates", rates)
        object.__setattr__(self, "num_steps", checks.num_steps(self.num_steps))
        for name, kind, kinds in (("rule", Plain, RULES), ("schedule", Constant, SCHEDULES)):
            if not isinstance(getattr(self, name), kind):
                raise ValueError(
                    f"`{name}` must be one of {', '.join(one.__name__ for one in kinds.values())}, "
                    f"got {getattr(self, name)!r}."
                )
        if self.batch_size is not None:
            size = checks.whole_number("batch_size", self.batch_size, 1, MAX_LOOKS)
            if size * self.num_steps > MAX_LOOKS:
                raise ValueError(
                    f"`num_steps` times `batch_size` must be at most {MAX_LOOKS:,} in a phase of "
                    f"mini-batches, got {self.num_steps:,} × {size:,}. Take fewer steps, smaller "
                    "mini-batches, or all points."
                )

    @property
    def is_predictable(self) -> bool:
        """Whether the theory says exactly where every run must be."""
        return self.batch_size is None and self.rule.is_linear

    @property
    def is_constant(self) -> bool:
        """Whether the rate stays the same."""
        return type(self.schedule) is Constant


def checked(phases: Iterable[Phase]) -> tuple[Phase, ...]:
    """Return the phases, or raise ValueError unless they can follow each other."""
    phases = tuple(phases)
    if not 1 <= len(phases) <= MAX_PHASES:
        raise ValueError(
            f"`phases` must hold between 1 and {MAX_PHASES} phases, got {len(phases)}. Start over."
        )
    if len({len(phase.learning_rates) for phase in phases}) > 1:
        raise ValueError("`learning_rates` must be as many in every phase.")
    total = int(ends(phases)[-1])
    if total > checks.MAX_STEPS:
        raise ValueError(
            f"`num_steps` of all phases together must be at most {checks.MAX_STEPS:,}, got "
            f"{total:,}. Take fewer steps, or start over."
        )
    looks = sum(phase.num_steps * (phase.batch_size or 0) for phase in phases)
    if looks > MAX_LOOKS:
        raise ValueError(
            f"`num_steps` times `batch_size` must be at most {MAX_LOOKS:,} in all phases together, "
            f"got {looks:,}. Take fewer steps, smaller mini-batches, or start over."
        )
    return phases


def ends(phases: Sequence[Phase]) -> np.ndarray:
    """Return after how many steps each phase ends, shape (num_phases,).

    Example:
        >>> ends([Phase(0.1, 200), Phase(0.01, 50)])
        array([200, 250])
    """
    return np.cumsum([phase.num_steps for phase in phases])


def phase_of(phases: Sequence[Phase], step: np.ndarray) -> np.ndarray:
    """Return which phase led to each step, counted from 0; step 0 belongs to the first.

    Example:
        >>> phase_of([Phase(0.1, 2), Phase(0.01, 2)], np.arange(5))
        array([0, 0, 0, 1, 1])
    """
    return np.searchsorted(ends(phases), step)


def rates_at(phases: Sequence[Phase], step: np.ndarray) -> np.ndarray:
    """Return the rate of the update that led to each step, shape (num_rates, num_records).

    At step 0 it is the rate of the first update.

    Example:
        >>> rates_at([Phase(0.1, 2), Phase(0.01, 2)], np.arange(5))
        array([[0.1 , 0.1 , 0.1 , 0.01, 0.01]])
    """
    which = phase_of(phases, step)
    starts = ends(phases) - [phase.num_steps for phase in phases]
    rates = np.array([phase.learning_rates for phase in phases])[which].T  # (num_rates, records)
    local = np.maximum(step - starts[which] - 1, 0)
    for index, phase in enumerate(phases):
        here = which == index
        rates[:, here] *= phase.schedule.multiples(local[here])
    return rates
