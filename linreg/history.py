"""History: what was recorded of the runs, at which steps, and how the lesson prints it."""

from dataclasses import dataclass

import numpy as np

from linreg import checks

MAX_RECORDS = 2_000  # beyond the record at step 0
REPORT_EVERY = 20  # steps, as in the lesson
MAX_LINES = 100  # of a printout, beyond the first
RECORDED = ("step", "weight", "bias", "loss")


@dataclass(frozen=True, eq=False)
class History:
    """Several runs from one start, recorded at the same steps.

    Divergence is data: entries become inf or nan and stay in the record.

    Attributes:
        learning_rates: Shape (num_rates,).
        step: Whole numbers, ascending, first 0, last num_steps, shape (num_records,).
        weight: Record k is after step[k] updates, shape (num_rates, num_records).
        bias: Likewise.
        loss: Mean squared error of that weight and bias, likewise.
    """

    learning_rates: np.ndarray
    step: np.ndarray
    weight: np.ndarray
    bias: np.ndarray
    loss: np.ndarray

    @property
    def diverged(self) -> np.ndarray:
        """Where the loss has grown above the loss at step 0, shape (num_rates, num_records).

        "Not finite" would come too late: 2 % above the critical rate float32 overflows only after
        a thousand steps. What rounding does to a loss of nearly 0 is not growth.
        """
        with np.errstate(over="ignore", invalid="ignore"):
            size = np.abs(self.weight[:, :1]) + np.abs(self.bias[:, :1])
            return ~(self.loss <= self.loss[:, :1] * (1 + 1e-9) + (1e-12 * size) ** 2)


def join(opening: History, whole: History) -> History:
    """Return one history with every record of the opening, then those of the whole beyond it.

    Args:
        opening: The first steps, every one recorded.
        whole: The same runs, further, recorded less often.
    """
    if opening.step[-1] >= whole.step[-1]:
        return whole
    rest = np.searchsorted(whole.step, opening.step[-1], side="right")
    parts = ((getattr(opening, name), getattr(whole, name)[..., rest:]) for name in RECORDED)
    return History(whole.learning_rates, *(np.concatenate(pair, axis=-1) for pair in parts))


def record_steps(num_steps: int) -> np.ndarray:
    """Return the steps that are recorded: every one up to 2,000, beyond that 2,001 evenly spaced.

    Example:
        >>> record_steps(3)
        array([0, 1, 2, 3])
        >>> record_steps(2_000_000)[[0, 1, -1]]
        array([      0,    1000, 2000000])
    """
    num_steps = checks.num_steps(num_steps)
    num_records = min(num_steps, MAX_RECORDS)
    return np.round(np.linspace(0, num_steps, num_records + 1)).astype(np.int64)


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
    """Return what the lesson prints of a run: every 20th step, and the last.

    Of more than 2,000 steps only every 40th, 60th, … is printed, or the recorded one next to it.

    Args:
        history: The runs.
        run: Which of them.
    """
    num_steps = int(history.step[-1])
    wanted = np.append(np.arange(0, num_steps, printed_every(num_steps)), num_steps)
    above = np.searchsorted(history.step, wanted)
    below = np.maximum(above - 1, 0)
    is_above = history.step[above] - wanted <= wanted - history.step[below]
    printed = np.unique(np.where(is_above, above, below))
    return "\n".join(report_line(history.step[k], history.loss[run, k]) for k in printed)
