"""The data: the lesson's line, a public data set, or a reader's own; how it is scaled; the start.

A reader's own data lives in that reader's session and nowhere else: in no cache that others share,
and not in the URL.
"""

from dataclasses import dataclass, replace

import numpy as np
import streamlit as st

from linreg import csvfile, data, layout, rawtext, settings, workbook
from linreg.heading import UnclearNames, in_words
from linreg.noise import BatchNoise
from linreg.page import DATA, sheets
from linreg.page.lesson import is_shown
from linreg.page.phases import follow_again
from linreg.page.sidebar import entry, select, side_by_side
from linreg.samples import SAMPLES, load
from linreg.scaling import SCALED, SCALES, Scaling
from linreg.theory import Quadratic

PREVIEW = 8  # rows
LARGE = 10_000_000  # bytes, which take more than a moment
SOURCES = {
    "line": "The lesson's line",
    **{name: sample.title for name, sample in SAMPLES.items()},
    "file": "Your own file",
    "pasted": "Rows you paste",
}

state = st.session_state


@dataclass(frozen=True, eq=False)
class Problem:
    """What is to be fitted, and what is known of it beforehand.

    Attributes:
        key: Differs from that of any other problem of this session.
        original: The points as they came.
        scaling: What was done to them.
        points: What is trained on.
        noise: The loss of those, and what mini-batches make of it.
        unscaled: The loss of the original points; None where they differ too little to have one.
    """

    key: tuple
    original: data.Dataset
    scaling: Scaling
    points: data.Dataset
    noise: BatchNoise
    unscaled: Quadratic | None

    @classmethod
    def of(cls, key: tuple, original: data.Dataset, scale: str, scaled: str) -> "Problem":
        """Scale the points, and find out what is known of them.

        Raises:
            ValueError: If no line fits them best.
        """
        scaling = Scaling.of(original.x, original.y, scale, scaled)
        x, y = scaling.points(original.x, original.y)
        line = original.line and scaling.line(*original.line)
        noise = BatchNoise.of(x, y)
        try:
            unscaled = noise.quadratic if scaling.is_raw else Quadratic.of(original.x, original.y)
        except ValueError:
            unscaled = None
        return cls(
            key, original, scaling, data.Dataset(x, y, line, original.names), noise, unscaled
        )


@dataclass(frozen=True, eq=False)
class Own:
    """A reader's own data as it was read."""

    key: tuple
    name: str
    layout: layout.Layout
    chosen: tuple[int, int]
    columns: csvfile.Columns

    @property
    def dataset(self) -> data.Dataset:
        """The rows that have a number in both columns."""
        names = tuple(self.layout.names[index] for index in self.chosen)
        return data.Dataset(self.columns.x, self.columns.y, names=names)


def preview(found: layout.Layout, own: Own | None) -> tuple[list[str], list[list[str]]]:
    """Return a header and the first rows as they stand in the file; as numbers too, if read."""
    rows = found.rows[:PREVIEW]
    texts = [map(workbook.shown, row) if sheets.is_workbook() else row for row in rows]
    header = ["Row", *["x", "y"] * (own is not None), *found.names]
    read = [_as_numbers(rows, own, which) for which in (0, 1)] if own else []
    numbered = zip(*read, strict=True) if read else [()] * len(rows)
    return header, [
        [f"{number}", *pair, *row]
        for number, pair, row in zip(found.row_numbers[:PREVIEW], numbered, texts, strict=True)
    ]


def _as_numbers(rows: tuple[tuple[str, ...], ...], own: Own, which: int) -> list[str]:
    index = own.chosen[which]
    texts = [row[index] if index < len(row) else "" for row in rows]
    values = own.columns.cells(which, texts).tolist()
    return [f"{value:.15g}" if np.isfinite(value) else "–" for value in values]


@st.cache_resource(max_entries=16)
def _public(name: str, scale: str, scaled: str, **made_of) -> Problem:
    """Return a problem that all readers may share; it is never changed."""
    original = data.make_line(**made_of) if name == "line" else load(name)
    return Problem.of((name, scale, scaled, *made_of.values()), original, scale, scaled)


def public_problem(values: settings.Values) -> Problem:
    """Return the problem that these settings describe, of data that is in no session.

    Args:
        values: Settings by name; what is missing is at its default.

    Raises:
        ValueError: If no line can be fitted to it.
    """
    full = {name: setting.default for name, setting in settings.SETTINGS.items()} | values
    of_line = settings.LINE if full["data"] == "line" else ()
    made_of = {name: full[name] for name in of_line}
    return _public(full["data"], full["scale"], full["scaled"], **made_of)


def current_problem() -> Problem | None:
    """Return what is to be fitted; None while a reader has not given any data.

    Raises:
        ValueError: If no line can be fitted to it.
    """
    scale = state.scale, state.scaled
    if state.data not in settings.OWN:
        return public_problem({name: state[name] for name in DATA})
    own = state.own
    if isinstance(own, ValueError):
        raise type(own)(*own.args)
    if own is None:
        return None
    problem = state.get("own_problem")
    if problem is None or problem.key != (*own.key, *scale):
        problem = state.own_problem = Problem.of((*own.key, *scale), own.dataset, *scale)
    return problem


# ---------------------------------------------------------------- the controls


def data_controls() -> None:
    """Show where the points come from, how they are scaled, and where the runs start."""
    if is_shown("data") or state.data in settings.OWN:  # else nobody could give that data
        _data()
    if is_shown("start"):
        st.subheader("Start")
        with side_by_side():
            entry("Initial weight", "initial_weight", "The first guess of the weight.", step=0.1)
            entry("Initial bias", "initial_bias", "The first guess of the bias.", step=0.1)


def _data() -> None:
    """Show where the points come from, and how they are scaled."""
    st.subheader("Data")
    anew = {"on_change": follow_again}
    select(
        "Data set", "data", SOURCES, "The lesson's own points, public figures, or yours.", **anew
    )
    if state.data == "line":
        _line()
    elif state.data in settings.OWN:
        _own()
    select(
        "Scale",
        "scale",
        SCALES,
        "Centred: less the mean. Standardised: also divided by the standard deviation. It changes "
        "the shape of the bowl, and with it the safe rates; the table gives the line in the original "
        "units too.",
        **anew,
    )
    if state.scale != "raw":
        select("Scaled columns", "scaled", SCALED, "Which columns are scaled.", **anew)


def _new_noise() -> None:
    """Draw other noise: the next seed, so that it can be drawn again."""
    state.seed = (state.seed + 1) % (data.MAX_SEED + 1)


def _line() -> None:
    """Show what the lesson's points are made of."""
    with side_by_side():
        entry(
            "True weight",
            "weight",
            "Of the line the points are made from: how much y rises over x = 0 to 1.",
            step=0.1,
        )
        entry("True bias", "bias", "Height of that line at x = 0.", step=0.1)
    with side_by_side():
        entry(
            "Noise", "noise", "Standard deviation of the normal noise added to each y.", step=0.01
        )
        entry("Points", "num_points", "How many points; their x are random between 0 and 1.")
    with side_by_side():
        entry("Seed", "seed", "Which random points: the same seed makes the same ones.")
        st.button(
            "New noise",
            key="new_noise",
            on_click=_new_noise,
            width="stretch",
            help="Take the next seed: other points from the same line.",
        )


def _own() -> None:
    """Take a reader's data, and show how it is read; `state.own` holds it, or why not."""
    if state.data == "file":
        upload = st.file_uploader(
            "CSV, TSV or workbook",
            key="upload",
            on_change=_keep_upload,
            max_upload_size=rawtext.MAX_BYTES // 1_000_000,
            help="Two columns of numbers or more, up to 50 MB; a workbook is an .xlsx, .xls or .ods. It "
            "stays in this session: nobody else sees it, it is not in the URL, and it is gone within "
            "three minutes after you close the page.",
        )
        name, source, take = state.get("kept") or ("", "", bytes)
        if source and upload is None:  # the uploader forgets its file when it is out of sight
            st.button(
                "Remove the file",
                key="forget_file",
                on_click=_forget_upload,
                width="stretch",
                help="It is still here from before. Drop another one, or remove it.",
            )
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
    if not source:
        for name in ("job", "sweep", "kept_training"):
            if state.get(name) is not None:
                state[name].withdraw()
        state.kept_training = None
        state.layout_key = state.own_key = state.layout = state.own = state.own_problem = None
        state.older = state.job = state.sweep = state.expected_sweep = None
        return
    _take(name, source, take)


def _keep_upload() -> None:
    """Keep the file that was dropped, or none."""
    file = state.upload
    state.kept = file and (file.name, file.file_id, file.getvalue)


def _forget_upload() -> None:
    """Keep no file."""
    state.kept = None


def _take(name: str, source: str, take) -> None:
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
    try:
        with columns:
            sheet = sheets.chosen(source, take) if state.data == "file" else None
            if sheet is not None:
                source = source, sheet.place
                name += f", sheet {sheet.title}" * bool(sheet.title)
            found = _layout(source, take, sheet)
            chosen = _choose(found)
        key = source, chosen, mark, state.first_row
        if state.get("own_key") != key:
            state.own_key = None  # until it is read: whatever is drawn meanwhile may end this run
            try:
                text = sheet.opened().text if sheet else rawtext.text_of(take())
                state.own = Own(key, name, found, chosen, _read(text, found, chosen, mark))
            except workbook.Busy:
                raise
            except ValueError as reason:
                state.own = reason.with_traceback(None)  # which would keep the file's text
            state.own_key = key
    except ValueError as reason:
        state.own = reason.with_traceback(None)
    with reading:
        _how_to_read()


def _how_to_read() -> None:
    """Show how cells and rows are read; rows to choose from once some are known."""
    select(
        "Decimal mark",
        "mark",
        {"auto": "Auto", ".": "Point", ",": "Comma"},
        "Auto looks at the columns, and asks where they can be read in two ways.",
    )
    rows = {f"{number}": f"Row {number}: {in_words(row)}" for number, row in _top()}
    if state.first_row not in (*layout.FIRST_ROW, *rows):  # a row that is not among them any more
        rows[state.first_row] = f"Row {state.first_row}"
    select(
        "First row",
        "first_row",
        layout.FIRST_ROW | rows,
        "Whether the first row names the columns, or which row does. Auto: the first one above the "
        "numbers, unless all of it is numbers.",
    )


def _top() -> tuple[tuple[int, tuple[str, ...]], ...]:
    """Return the first rows of the reader's own data, each with its number."""
    if isinstance(state.own, UnclearNames):
        return state.own.rows
    return state.layout.top if state.layout is not None else ()


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


def _layout(source, take, sheet: sheets.Chosen | None) -> layout.Layout:
    """Return how the data is laid out; a new layout suggests new columns.

    Raises:
        ValueError: If it is no table; found out once.
    """
    key = source, state.first_row
    if state.get("layout_key") != key:
        state.layout_key = state.own_key = state.layout = None
        told = layout.first_row(state.first_row)
        try:
            if sheet is not None:
                found, notes = workbook.laid_out(sheet.opened().text, **told), sheet.opened().notes
            else:
                raw = take()
                found, notes = layout.layout_of(rawtext.text_of(raw), **told), rawtext.notes(raw)
        except workbook.Busy:  # the only reason that passes by itself
            raise
        except ValueError as reason:
            state.own, state.layout_key = reason.with_traceback(None), key
            raise
        found = replace(found, notes=(*notes, *found.notes))
        state.layout = found
        state.x_column, state.y_column = found.suggested()
        state.layout_key = key
    if state.layout is None:
        raise type(state.own)(*state.own.args)
    return state.layout


def _choose(found: layout.Layout) -> tuple[int, int]:
    """Show the columns to choose x and y from."""
    titles = dict(enumerate(found.names))
    with side_by_side():
        select("Column of x", "x_column", titles, "What the line runs over.")
        select("Column of y", "y_column", titles, "What the line is fitted to.")
    return state.x_column, state.y_column
