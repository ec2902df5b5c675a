"""A reader's own data: a file or rows that are pasted, how they are read, and what was read.

It lives in that reader's session and nowhere else: in no cache that others share, and not in the URL.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import cache

import numpy as np
import streamlit as st

from linreg.data.files import csvfile
from linreg.data.files.books import workbook
from linreg.data.files.reading import Own
from linreg.data.files.tables import layout
from linreg.data.files.tables.heading import UnclearNames, in_words
from linreg.data.files.text import rawtext
from linreg.page.controls import sheets
from linreg.page.controls.fields import press, select, side_by_side
from linreg.page.html import markup
from linreg.page.session import made, state
from linreg.page.session.problems import own_data
from linreg.sharing import settings

PREVIEW = 8  # rows
LARGE = 10_000_000  # bytes, which take more than a moment
Take = Callable[[], bytes]


def own_controls() -> None:
    """Take a reader's data, and show how it is read; `state.own` holds it, or why not."""
    if state.data == "file":
        upload = st.file_uploader(
            "CSV, TSV or workbook",
            key="upload",
            on_change=_note_upload,
            max_upload_size=rawtext.MAX_BYTES // 1_000_000,
            help="Two columns of numbers or more, up to 50 MB; a workbook is an .xlsx, .xls or .ods. It "
            "stays in this session: nobody else sees it, it is not in the URL, and it is gone within "
            "three minutes after you close the page.",
        )
        name, source, take = state.get("dropped") or ("", "", bytes)
        if source and upload is None:  # the uploader forgets its file when it is out of sight
            told = "It is still here from before. Drop another one, or remove it."
            press("Remove the file", "forget_file", _note_upload, told)  # which is none
    else:
        text = st.text_area(
            "Rows, with their names if they have any",
            key="paste",
            height=150,
            max_chars=1_000_000,
            placeholder="x\ty\n1\t2.5\n2\t3.5",
            help="From a spreadsheet or a text: columns separated by tab, comma, semicolon or bar. "
            "They stay in this session, like a file.",
            persist_state="session",
        )
        name, source = "Pasted rows", text if text.strip() else ""
        take = text.encode
    if source:
        _take(name, source, take)
    else:
        state.layout = state.own = state.rows_above = None
        made.forget()


def _note_upload() -> None:
    """Keep the file that was dropped, or none."""
    file = state.upload
    state.dropped = file and (file.name, file.file_id, file.getvalue)


def _take(name: str, source: str, take: Take) -> None:
    """Read the data again if anything about it has changed."""
    asked_of = source if state.data == "file" else "pasted"  # rows change with every key press
    if state.get("asked_of") != asked_of:
        state.asked_of = asked_of
        state.mark = state.first_row = "auto"  # what was said of another file is not of this one
    above = None
    if state.data == "pasted" and state.first_row.isdecimal():
        above = source.splitlines()[: int(state.first_row)]
        if state.get("rows_above") not in (None, above):  # they are others now
            state.first_row, above = "auto", None
    state.rows_above = above
    columns, reading = st.container(), st.container()  # columns above how they are read
    mark = None if state.mark == "auto" else state.mark
    state.layout = None
    try:
        with columns:
            sheet = sheets.chosen(source, take, _ask_anew) if state.data == "file" else None
            if sheet is not None:
                source = source, sheet.place
                name += f", sheet {sheet.title}" * bool(sheet.title)
            opened = sheet.opened if sheet else cache(lambda: rawtext.opened(take()))
            lay_out = workbook.laid_out if sheet else layout.layout_of
            at = source, state.first_row
            state.layout = found = made.once("layout", at, lambda: _laid_out(opened(), lay_out))
            titles = dict(enumerate(found.names))
            with side_by_side():
                select("Column of x", "x_column", titles, "What the line runs over.")
                select("Column of y", "y_column", titles, "What the line is fitted to.")
            chosen = state.x_column, state.y_column

        def read() -> Own:
            return Own(key, name, found, chosen, _read(opened().text, found, chosen, mark))

        key = source, chosen, mark, state.first_row
        state.own = made.once("own", key, read)
    except ValueError as reason:
        state.own = reason.with_traceback(None)  # which would keep the file's text
    with reading:
        _how_to_read()


def _ask_anew() -> None:
    """Forget what was said of how another sheet is read."""
    state.asked_of = None


def _how_to_read() -> None:
    """Show how cells and rows are read; rows to choose from once some are known."""
    select(
        "Decimal mark",
        "mark",
        {"auto": "Auto", ".": "Point", ",": "Comma"},
        "Auto looks at the columns, and asks where they can be read in two ways.",
    )
    top = state.layout.top if state.layout is not None else ()
    rows = rows_to_choose(state.own.rows if isinstance(state.own, UnclearNames) else top)
    if state.first_row not in (*layout.FIRST_ROW, *rows):  # a row that is not among them any more
        rows[state.first_row] = f"Row {state.first_row}"
    select(
        "First row",
        "first_row",
        layout.FIRST_ROW | rows,
        "Whether the first row names the columns, or which row does. Auto: the first one above the "
        "numbers, unless all of it is numbers.",
    )


def rows_to_choose(rows: Iterable[tuple[int, tuple[str, ...]]]) -> dict[str, str]:
    """Return the first rows of a reader's own data by their numbers, as text to choose one by."""
    return {f"{number}": f"Row {number}: {in_words(row)}" for number, row in rows}


def _laid_out(
    opened: rawtext.Opened | workbook.Opened, lay_out: Callable[..., layout.Layout]
) -> layout.Layout:
    """Return how the data is laid out, which suggests columns; raise ValueError if it is no table."""
    found = lay_out(opened.text, **layout.first_row(state.first_row))
    state.x_column, state.y_column = found.suggested()
    return replace(found, notes=(*opened.notes, *found.notes))


def _read(
    text: bytes, found: layout.Layout, chosen: tuple[int, int], mark: str | None
) -> csvfile.Columns:
    """Return the columns as numbers; of a large file it is shown how much is read."""
    if len(text) < LARGE:
        return csvfile.read(text, found, *chosen, mark)
    bar, size = st.empty(), len(text)

    def show(done: int) -> None:
        bar.progress(min(done / size, 1.0), f"Reading: {done / 1e6:.0f} of {size / 1e6:.0f} MB")

    try:
        return csvfile.read(text, found, *chosen, mark, show)
    finally:
        bar.empty()


# ---------------------------------------------------------------- what was read, above the runs


def show_own_rows() -> None:
    """Say which rows of a reader's own data are used, and show the first of them."""
    if state.data not in settings.OWN:
        return
    if isinstance(state.own, UnclearNames):
        _ask_for_names(state.own)
    if state.get("layout") is None:
        return
    own = own_data()
    if own is not None:
        waiting = own.layout.waiting(own.chosen)
        st.html(markup.own(own.name, own.dataset.names, own.columns, waiting))
    rows = st.expander("The first rows as read", key="preview", on_change="rerun")
    if rows.open:
        with rows, st.container(key="preview_table"):
            st.html(markup.preview(*preview(state.layout, own)))


def _ask_for_names(asked: UnclearNames) -> None:
    """Show the first rows, and let the reader choose the one that holds the names."""
    rows = rows_to_choose(asked.rows)
    rows["numbers"] = "None of them: the columns have no names"
    state.names_row = state.first_row if state.first_row in rows else None
    st.radio(
        "Which row holds the names?",
        list(rows),
        index=None,
        key="names_row",
        format_func=rows.get,
        on_change=_take_names,
    )


def _take_names() -> None:
    """Read the names from the row that was chosen."""
    state.first_row = state.names_row or "auto"


def preview(found: layout.Layout, own: Own | None) -> tuple[list[str], list[list[str]]]:
    """Return a header and the first rows as they stand in the file; as numbers too, if read."""
    rows = found.rows[:PREVIEW]
    shown = [[f"{number}"] for number in found.row_numbers[:PREVIEW]]
    for which, index in enumerate(own.chosen if own else ()):
        texts = [row[index] if index < len(row) else "" for row in rows]
        for row, value in zip(shown, own.columns.cells(which, texts).tolist(), strict=True):
            row.append(f"{value:.15g}" if np.isfinite(value) else "–")
    for row, cells in zip(shown, rows, strict=True):
        row += map(workbook.shown, cells) if sheets.is_workbook() else cells
    return ["Row", *["x", "y"] * (own is not None), *found.names], shown
