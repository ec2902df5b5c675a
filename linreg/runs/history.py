"""History: what was recorded of the runs, at which steps, and how the lesson prints it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from linreg.runs.phases import Phase, ends, phase_of, rates_at

MAX_RECORDS = 2_000  # beyond the record at step 0
REPORT_EVERY = 20  # steps, as in the lesson
MAX_LINES = 100  # of a printout, beyond the first


class Band(NamedTuple):
    """The loss over several shuffles of the same mini-batches, each (num_rates, num_records)."""

    low: np.ndarray
    mean: np.ndarray
    high: np.ndarray


@dataclass(frozen=True, eq=False)
class History:
    """Several runs from one start, through the same phases, recorded at the same steps.

    Divergence is data: entries become inf or nan and stay in the record.
    """

    phases: tuple[Phase, ...]  # what was set, one stretch of steps after the other
    step: np.ndarray  # ascending, first 0, last the end of the last phase, shape (num_records,)
    weight: np.ndarray  # record k is after step[k] updates, shape (num_rates, num_records)
    bias: np.ndarray  # likewise
    loss: np.ndarray  # mean squared error of that weight and bias on all points, likewise
    band: Band | None = None  # the same loss over several shuffles, if a phase has mini-batches

    @property
    def learning_rates(self) -> np.ndarray:
        """The rates that the last phase was set to, shape (num_rates,)."""
        return np.array(self.phases[-1].learning_rates)

    @property
    def phase(self) -> np.ndarray:
        """Which phase led to each record, counted from 1, shape (num_records,)."""
        return phase_of(self.phases, self.step) + 1

    @property
    def rate(self) -> np.ndarray:
        """The rate of the update that led to each record, shape (num_rates, num_records)."""
        return rates_at(self.phases, self.step)

    @property
    def ends(self) -> np.ndarray:
        """The record that each phase ends with, shape (num_phases,)."""
        return np.searchsorted(self.step, ends(self.phases))

    @property
    def diverged(self) -> np.ndarray:
        """Where the loss has grown above the loss at step 0, shape (num_rates, num_records).

        "Not finite" would come too late: 2 % above the critical rate float32 overflows only after
        a thousand steps. What rounding does to a loss of nearly 0 is not growth.
        """
        with np.errstate(over="ignore", invalid="ignore"):
            size = np.abs(self.weight[:, :1]) + np.abs(self.bias[:, :1])
            return ~(self.loss <= self.loss[:, :1] * (1 + 1e-9) + (1e-12 * size) ** 2)

    def noise_floor(self, phase: int) -> np.ndarray | None:
        """Return the mean loss over all shuffles and the second half of a phase, (num_rates,).

        Args:
            phase: Counted from 0.

        Returns:
            None if the phase has no mini-batches.
        """
        if self.band is None or self.phases[phase].batch_size is None:
            return None
        end, num_steps = ends(self.phases)[phase], self.phases[phase].num_steps
        half = (self.step >= end - num_steps / 2) & (self.step <= end)
        weights = np.diff(self.step, prepend=0)[half]  # the early records lie closer together
        with np.errstate(over="ignore", invalid="ignore"):
            return self.band.mean[:, half] @ (weights / weights.sum())

    def at(self, step: np.ndarray) -> "History":
        """Return the same runs with these of their records only."""
        kept = np.searchsorted(self.step, step)
        band = self.band and Band(*(part[:, kept] for part in self.band))
        weight, bias, loss = (column[:, kept] for column in (self.weight, self.bias, self.loss))
        return History(self.phases, self.step[kept], weight, bias, loss, band)


def joined(phases: tuple[Phase, ...], parts: Sequence[History]) -> History:
    """Return as one history what was trained in parts, each with some of the rates of the phases.

    The parts follow each other as their rates do, and are recorded at the same steps.
    """
    columns = zip(*((part.weight, part.bias, part.loss) for part in parts), strict=True)
    weight, bias, loss = map(np.concatenate, columns)
    bands = [part.band for part in parts if part.band is not None]
    band = Band(*map(np.concatenate, zip(*bands, strict=True))) if bands else None
    return History(phases, parts[0].step, weight, bias, loss, band)


def record_steps(phases: Sequence[Phase]) -> np.ndarray:
    """Return the steps that are recorded: every one up to 2,000, beyond that 2,001 evenly spaced.

    The end of each phase is recorded too.

    Example:
        >>> record_steps([Phase(0.1, 2), Phase(0.1, 1)])
        array([0, 1, 2, 3])
        >>> record_steps([Phase(0.1, 2_000_000)])[[0, 1, -1]]
        array([      0,    1000, 2000000])
    """
    last = ends(phases)
    num_records = min(int(last[-1]), MAX_RECORDS)
    evenly = np.round(np.linspace(0, last[-1], num_records + 1)).astype(np.int64)
    return np.union1d(evenly, last)


def drawn_steps(phases: Sequence[Phase]) -> np.ndarray:
    """Return the steps to draw and to judge by: those recorded, and every early one of each phase.

    Evenly spaced records of a long run are all even steps: a bounce would look one-sided.

    Example:
        >>> drawn_steps([Phase(0.1, 2_000_000)])[[0, 1, 2, 2_000, 2_001, -1]]
        array([      0,       1,       2,    2000,    3000, 2000000])
    """
    early = np.arange(MAX_RECORDS // len(phases) + 1)
    last = ends(phases)
    begins = last - [phase.num_steps for phase in phases]
    opening = np.minimum(begins[:, None] + early, last[:, None])
    return np.union1d(opening, record_steps(phases))


def report_line(step: int, loss: float) -> str:
    """Return a line of the lesson's printout.

    Example:
        >>> report_line(20, 0.25)
        'Step 20, Loss: 0.25'
    """
    return f"Step {step}, Loss: {loss:.6g}"


def printed_every(num_steps: int) -> int:
    """Return how many steps lie between two printed lines: 20, or a multiple that keeps to 100.

    Example:
        >>> printed_every(200), printed_every(2_000_000)
        (20, 20000)
    """
    return REPORT_EVERY * max(1, -(-num_steps // (REPORT_EVERY * MAX_LINES)))


def printout(history: History, run: int) -> str:
    """Return what the lesson prints of one of the runs: every 20th step, and the last.

    Of more than 2,000 steps only every 40th, 60th, … is printed, or the recorded one next to it.
    Where all that follows has left the finite numbers, one line says since when.
    """
    num_steps = int(history.step[-1])
    wanted = np.append(np.arange(0, num_steps, printed_every(num_steps)), num_steps)
    above = np.searchsorted(history.step, wanted)
    below = np.maximum(above - 1, 0)
    is_above = history.step[above] - wanted <= wanted - history.step[below]
    printed = np.unique(np.where(is_above, above, below))
    left = _since(~np.isfinite(history.loss[run]))
    lines = [report_line(history.step[k], history.loss[run, k]) for k in printed if k < left]
    if left < history.step.size:
        since = history.step[_since(history.diverged[run])]
        from_then = f"nothing finite from step {history.step[left]:,} on."
        lines.append(f"Diverged at step {since:,}, {from_then}")
    return "\n".join(lines)


def _since(is_so: np.ndarray) -> int:
    """Return from which record on something is so to the end; one too far if it is not."""
    return is_so.size - int(np.logical_and.accumulate(is_so[::-1]).sum())
