"""Runs that a reader keeps: their settings as text, for a URL.

A kept run is a few settings; what it came to is trained again from them.
"""

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from urllib.parse import unquote

import numpy as np

from linreg.data import MAX_POINTS
from linreg.runs.phases import Phase, checked
from linreg.sharing import settings
from linreg.sharing.settings import Values
from linreg.theory.rates import RUNS

MAX_KEPT = 20
MAX_DRAWN = 5
MAX_NAME = 40  # letters
TOKEN = 16  # hexadecimal digits


@dataclass(frozen=True)
class Kept:
    """A run by its settings."""

    name: str  # the reader's
    run: str  # which of the three it was
    values: Values  # what has an effect and is not at its default, with its rate
    earlier: tuple[Values, ...] = ()  # likewise, of the phases before the last
    is_baseline: bool = False  # with which the others are compared
    is_drawn: bool = False  # beside the loss of the current ones
    token: str = ""  # of a reader's own data that it was trained on; else none

    @classmethod
    def of(
        cls,
        name: str,
        run: str,
        values: Values,
        earlier: Sequence[Values],
        phases: Sequence[Phase],
        token: str = "",
    ) -> "Kept":
        """Keep a run of the page as it is now, at the rates that its phases were trained at."""
        index = RUNS.index(run)
        *others, last = (
            {k: v for k, v in one.items() if k not in RUNS} | {run: phase.learning_rates[index]}
            for one, phase in zip((*earlier, values), phases, strict=True)
        )
        kept, others, _ = settings.read(settings.write(last, others, set()))
        name = name[:MAX_NAME].strip() or run
        return cls(name, run, kept, tuple(others), token=token)

    @property
    def is_own(self) -> bool:
        """Whether it was trained on a reader's own data, which no URL holds."""
        return self.values.get("data") in settings.OWN

    @cached_property
    def key(self) -> str:
        """What its numbers follow from: equal for runs of the same settings."""
        params = settings.write(self.values, self.earlier, set())
        earlier = params.pop(settings.PHASES, "")
        pairs = {"run": self.run} | ({"own": self.token} if self.token else {}) | params
        text = ",".join(f"{name}:{value}" for name, value in pairs.items())
        return f"{text};{earlier}" if earlier else text

    def phases(self, num_points: int) -> list[Phase]:
        """Return what it was trained through, as one run; ValueError if one cannot be trained."""
        return [
            settings.phase(one, {self.run: one[self.run]}, num_points)
            for one in (*self.earlier, self.values)
        ]


def token_of(x: np.ndarray, y: np.ndarray) -> str:
    """Return what tells points from other points, and nothing else of them: of their SHA-256.

    Example:
        >>> len(token_of(np.zeros(2), np.ones(2))) == TOKEN
        True
    """
    return hashlib.sha256(np.stack([x, y]).astype("<f8").tobytes()).hexdigest()[:TOKEN]


def to_text(kept: Iterable[Kept]) -> str:
    """Return kept runs as the value of one parameter of a URL.

    Of a name only what separates names is quoted: the whole value is quoted again in the URL.

    Example:
        >>> to_text([Kept("¼, quick", "good", {"good": 0.3})])
        '¼%2C quick,run:good,good:0.3'
    """
    return "|".join(
        re.sub("[%,|]", lambda sign: f"%{ord(sign[0]):02X}", one.name)
        + ","
        + "baseline:1," * one.is_baseline
        + "drawn:1," * one.is_drawn
        + one.key
        for one in kept
    )


def of_text(text: str, place: str = "address") -> tuple[list[Kept], list[str]]:
    """Return the kept runs that a URL holds, and what makes no sense in it, as `settings.read` does.

    Example:
        >>> (one,), _ = of_text("my%20run,run:good,seed:7,good:0.3")
        >>> one.name, one.run, one.values
        ('my run', 'good', {'seed': 7, 'good': 0.3})
    """
    kept: list[Kept] = []
    problems: list[str] = []
    entries = list(filter(None, text.split("|")))
    for entry in entries[:MAX_KEPT]:
        try:
            one = _of_entry(entry)
        except ValueError:
            rule = f"A kept run in the {place} cannot be trained"
            problems.append(settings.ending(rule, place))
            continue
        first = not any(other.is_baseline for other in kept)
        room = sum(other.is_drawn for other in kept) < MAX_DRAWN
        one = replace(one, is_baseline=one.is_baseline and first, is_drawn=one.is_drawn and room)
        kept = added(kept, one)
    if len(entries) > MAX_KEPT:
        rule = f"The {place} must hold at most {MAX_KEPT} kept runs"
        problems.append(settings.ending(rule, place, "the rest"))
    return kept, problems


def _of_entry(entry: str) -> Kept:
    """Return the kept run that an entry stands for, or raise ValueError."""
    name, _, rest = entry.partition(",")
    first, _, phases = rest.partition(";")
    pairs = settings.pairs_of(first)
    is_baseline, is_drawn, run, token = (
        pairs.pop(flag, "") for flag in ("baseline", "drawn", "run", "own")
    )
    pairs |= {settings.PHASES: phases} if phases else {}
    values, earlier, problems = settings.read(pairs)
    is_rated = run in RUNS and all(run in one for one in (*earlier, values))
    if problems or not is_rated or not re.fullmatch(f"[0-9a-f]{{0,{TOKEN}}}", token):
        raise ValueError("A kept run must have a rate in every phase, and a token of the page's.")
    name = "".join(filter(str.isprintable, unquote(name)))[:MAX_NAME].strip() or run
    one = Kept(name, run, values, tuple(earlier), is_baseline != "", is_drawn != "", token)
    checked(one.phases(values.get("num_points", MAX_POINTS)))
    return one


def added(kept: Sequence[Kept], new: Kept) -> list[Kept]:
    """Return the kept runs with another one, whose name differs; ValueError if they are too many."""
    if len(kept) >= MAX_KEPT:
        raise ValueError(f"At most {MAX_KEPT} runs can be kept, got one more. Remove one first.")
    names, name, again = {one.name for one in kept}, new.name, 2
    while name in names:
        ending = f" ({again})"
        name, again = new.name[: MAX_NAME - len(ending)] + ending, again + 1
    return [*kept, replace(new, name=name)]
