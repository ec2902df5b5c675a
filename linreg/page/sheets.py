"""A reader's workbook on the page: which of its sheets is read, and its rows as text."""

from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

from linreg import workbook
from linreg.page.sidebar import select

LARGE = 1_000_000  # bytes of a workbook, which take more than a moment

state = st.session_state


@dataclass(frozen=True)
class Chosen:
    """The sheet that a reader has chosen.

    Attributes:
        place: Among the workbook's sheets.
        title: The name that tells it from others; "" where there are none.
        opened: Reads it, once in a run of the page.
    """

    place: int
    title: str
    opened: Callable[[], workbook.Opened]


def chosen(source: str, take: Callable[[], bytes]) -> Chosen | None:
    """Show the sheets to choose from, if there are several; None if the file is no workbook.

    The session keeps their names and no rows: those are read again when something is chosen anew.

    Args:
        source: What tells the file from others.
        take: Returns its bytes.

    Raises:
        ValueError: If it cannot be read; found out once.
    """
    read: dict[int, workbook.Opened] = {}
    if state.get("book_of") != source:
        state.book_of = None  # until all is known: whatever is drawn meanwhile may end this run
        if workbook.is_packed(take()):
            _look(take(), read)
        else:
            state.book = None
        state.book_of = source
    book = state.book
    if isinstance(book, ValueError):
        raise ValueError(*book.args)
    if book is None:
        return None
    if len(book) > 1:
        titles = {place: f"{sheet}" for place, sheet in enumerate(book)}
        select("Sheet", "sheet", titles, "Of the workbook.", on_change=_ask_anew)
    place = state.sheet

    def opened() -> workbook.Opened:
        if place not in read:
            with _patience(take()):
                read[place] = workbook.nth(take(), workbook.PAGE, place)
        return read[place]

    return Chosen(place, f"{book[place]}" if len(book) > 1 else "", opened)


def is_workbook() -> bool:
    """Return whether the rows on the page are a workbook's."""
    return state.data == "file" and isinstance(state.get("book"), tuple)


def _look(data: bytes, read: dict[int, workbook.Opened]) -> None:
    """Find out which sheets there are, or why none can be read, and read the first with numbers."""
    try:
        with _patience(data):
            found = workbook.opened(data, workbook.PAGE)
    except ValueError as reason:
        state.book = reason.with_traceback(None)
        state.layout_key = state.own_key = state.layout = None  # of another file
        return
    state.book, state.sheet = found.sheets, found.taken
    read[found.taken] = found


def _patience(data: bytes):
    """Return what says that a large workbook takes its time."""
    return st.spinner("Reading the workbook") if len(data) > LARGE else st.empty()


def _ask_anew() -> None:
    """Forget what was said of how another sheet is read."""
    state.asked_of = None
