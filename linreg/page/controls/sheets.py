"""A reader's workbook on the page: which of its sheets is read, and its rows as text."""

from collections.abc import Callable
from typing import NamedTuple

import streamlit as st

from linreg.data.files.books import workbook
from linreg.page.controls.fields import select
from linreg.page.session import state
from linreg.page.session.made import once


class Chosen(NamedTuple):
    """The sheet that a reader has chosen."""

    place: int  # among the workbook's sheets
    title: str  # "" where there are no others
    opened: Callable[[], workbook.Opened]  # reads it, once in a run of the page


def chosen(source: str, take: Callable[[], bytes], ask_anew: Callable[[], None]) -> Chosen | None:
    """Show the sheets to choose from, if there are several; None if the file is no workbook.

    The session keeps their names and no rows: those are read again when something is chosen anew.
    Raises ValueError if it cannot be read, found out once; Busy if others are being read.
    """
    read: dict[int, workbook.Opened] = {}
    state.book = None
    state.book = book = once("book", source, lambda: _look(take(), read))
    if book is None:
        return None
    if len(book) > 1:
        titles = {place: f"{sheet}" for place, sheet in enumerate(book)}
        select("Sheet", "sheet", titles, "Of the workbook.", on_change=ask_anew)
    place = state.sheet

    def opened() -> workbook.Opened:
        if place not in read:
            with _patience():
                read[place] = workbook.nth(take(), workbook.PAGE, place)
        return read[place]

    return Chosen(place, f"{book[place]}" if len(book) > 1 else "", opened)


def is_workbook() -> bool:
    """Return whether the rows on the page are a workbook's."""
    return state.data == "file" and isinstance(state.get("book"), tuple)


def _look(data: bytes, read: dict[int, workbook.Opened]) -> tuple[workbook.Sheet, ...] | None:
    """Return which sheets there are, and read the first with numbers; None if this is no workbook."""
    if not workbook.is_packed(data):
        return None
    with _patience():
        found = workbook.opened(data, workbook.PAGE)
    state.sheet, read[found.taken] = found.taken, found
    return found.sheets


def _patience():
    return st.spinner("Reading the workbook")  # it takes its time, or waits for others
