"""A number of an update rule or a schedule: its default, what it may be, and what it is called."""

from dataclasses import dataclass, field, fields
from typing import Any

from linreg import checks


@dataclass(frozen=True)
class Hyperparameter:
    """What there is to know of such a number, beside its name and its default."""

    low: float  # the least that it may be; a whole number if only whole ones are allowed
    high: float
    title: str  # on its control
    help: str  # what it does
    by: float  # how much a click on its control changes it
    letter: str = ""  # that stands for it in formulas

    def check(self, name: str, value: float) -> float | int:
        """Return a number, or raise ValueError saying what it may be.

        Example:
            >>> Hyperparameter(0.0, 0.999, "Momentum", "", 0.05).check("momentum", 1)
            Traceback (most recent call last):
            ValueError: `momentum` must be a number between 0 and 0.999, got 1.
        """
        if isinstance(self.low, int):
            return checks.whole_number(name, value, self.low, int(self.high))
        return checks.number(name, value, self.low, self.high)


def with_default(default: float, told: Hyperparameter) -> Any:
    """Return the field of a class that holds such a number."""
    return field(default=default, metadata={"hyperparameter": told})


def hyperparameters(kind: type) -> dict[str, Hyperparameter]:
    """Return the numbers of a rule or a schedule, by name."""
    return {one.name: one.metadata["hyperparameter"] for one in fields(kind)}


def check(made: object) -> None:
    """Raise ValueError if one of its numbers is not allowed."""
    for name, one in hyperparameters(type(made)).items():
        one.check(name, getattr(made, name))
