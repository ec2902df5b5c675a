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


def move(name: str) -> None:
    """Take a rate from the field that the reader has changed.

    When reruns overtake each other, the browser can send back what the field was before the page
    set it. That is no move.
    """
    superseded = monotonic() - state.superseded.get((name, state[name]), -ECHO)
    if state[name] == state.sent.get(name) or superseded < ECHO:
        state[name] = state.sent[name]
        return
    state.sent[name] = state[name]  # it is shown there: what was before is nothing that we replaced
    move_away(name)


def remember_sent(name: str) -> None:
    """Note what the browser is shown of a rate now, and what until now."""
    if state.sent.get(name, state[name]) != state[name]:
        state.superseded[name, state.sent[name]] = monotonic()
    state.sent[name] = state[name]
