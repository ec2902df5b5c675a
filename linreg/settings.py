"""What a reader can set: names, defaults, limits; read from a URL by anyone, and written to it."""

import math
from dataclasses import dataclass

from linreg import checks, data
from linreg.words import number


@dataclass(frozen=True)
class Setting:
    """One number of the page; a whole one if its default is.

    Attributes:
        default: None for a learning rate that follows the data.
    """

    default: float | int | None
    low: float | int
    high: float | int

    @property
    def is_whole(self) -> bool:
        """Whether only whole numbers are allowed."""
        return isinstance(self.default, int)

    def parse(self, text: str) -> float | int:
        """Return the number that a text stands for, or raise ValueError saying what is allowed.

        Example:
            >>> Setting(100, 1, 1000).parse("50")
            50
            >>> Setting(100, 1, 1000).parse("a few")
            Traceback (most recent call last):
            ValueError: a whole number between 1 and 1000
        """
        allowed = f"number between {number(self.low)} and {self.high:.10g}"
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not self.low <= value <= self.high or (self.is_whole and value != int(value)):
            raise ValueError(f"a {'whole ' * self.is_whole}{allowed}")
        return int(value) if self.is_whole else value


_WIDE = -1000.0, 1000.0
_RATE = Setting(None, checks.MIN_LEARNING_RATE, checks.MAX_LEARNING_RATE)

SETTINGS = {
    "weight": Setting(0.1, *_WIDE),
    "bias": Setting(0.5, *_WIDE),
    "noise": Setting(0.01, 0.0, 1000.0),
    "num_points": Setting(100, 1, data.MAX_POINTS),
    "seed": Setting(0, 0, data.MAX_SEED),
    "initial_weight": Setting(0.0, *_WIDE),
    "initial_bias": Setting(-1.0, *_WIDE),
    "num_steps": Setting(200, 1, checks.MAX_STEPS),
    "too_small": _RATE,
    "good": _RATE,
    "too_large": _RATE,
}


def read(params: dict[str, str]) -> tuple[dict[str, float | int], list[str]]:
    """Return the settings in a URL's parameters, and a sentence for each that makes no sense.

    Example:
        >>> read({"seed": "7", "utm_source": "mail"})
        ({'seed': 7}, [])
        >>> read({"good": "fast"})
        ({}, ['`good` in the address must be a number between 1e−12 and 1000000; it was ignored.'])
    """
    values, problems = {}, []
    for name, setting in SETTINGS.items():
        if name in params:
            try:
                values[name] = setting.parse(params[name])
            except ValueError as allowed:
                problems.append(f"`{name}` in the address must be {allowed}; it was ignored.")
    return values, problems


def write(values: dict[str, float | int], defaults: dict[str, float | int]) -> dict[str, str]:
    """Return the URL parameters for the settings that differ from their defaults.

    Example:
        >>> write({"seed": 7, "good": 0.51}, {"seed": 0, "good": 0.51})
        {'seed': '7'}
    """
    return {name: f"{value!r}" for name, value in values.items() if value != defaults[name]}
