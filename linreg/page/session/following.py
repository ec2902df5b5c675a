"""Which of the three rates the reader has moved, and which follow the data."""

from collections.abc import Iterable
from time import monotonic

from linreg.page.session import state
from linreg.theory import rates

ECHO = 2.0  # seconds in which a browser may still send back what it was shown before


def begin() -> None:
    """Know nothing of what the browser was shown: all settings are others now."""
    state.sent, state.superseded = {}, {}


def follow_all_but(names: Iterable[str] = ()) -> None:
    """Let all rates but these follow the data."""
    state.moved_rates = set(names)


def followers() -> set[str]:
    """Return the names of the rates that follow the data."""
    return set(rates.RUNS) - state.moved_rates


def move_away(name: str) -> None:
    """Let a rate follow the data no longer."""
    state.moved_rates = {*state.moved_rates, name}


def follow(suggested: dict[str, float]) -> None:
    """Let every rate that the reader has not moved follow the data."""
    for name in followers() & suggested.keys():
        state[name] = suggested[name]


def move(name: str, source: str) -> None:
    """Take a rate from the control that the reader has moved.

    When reruns overtake each other, the browser can send back what a control was before the page
    set it: when a rate follows the data, or when one control follows the other. That is no move.
    """
    value = state[source]
    superseded = monotonic() - state.superseded.get((source, value), -ECHO)
    if value == state.sent.get(source) or superseded < ECHO:
        state[source] = state.sent[source]
        return
    state.sent[source] = value  # it is shown there: what was before is nothing that we replaced
    remember_sent(name, value)
    state[name] = value
    move_away(name)


def remember_sent(source: str, value: float) -> None:
    """Note what the browser is shown now, and what until now."""
    if state.sent.get(source, value) != value:
        state.superseded[source, state.sent[source]] = monotonic()
    state.sent[source] = value
