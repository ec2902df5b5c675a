"""Where the points come from, said above the runs: public data, a reader's rows, their scale."""

import streamlit as st

from linreg.data.files.reading import Own
from linreg.data.files.tables.heading import UnclearNames
from linreg.data.samples import SAMPLES
from linreg.page.controls.own import preview, rows_to_choose, take_first_row
from linreg.page.controls.prompt import is_shown
from linreg.page.html import markup
from linreg.page.session import state
from linreg.page.session.phases import change
from linreg.pictures import quartet
from linreg.sharing import settings
from linreg.telling import teaching
from linreg.theory.problem import Problem


def ask_for_data() -> None:
    """Say what to do where a reader's own data is chosen, and there is none yet."""
    where = {
        "file": "Drop a CSV or TSV file, or a workbook, in the sidebar, under “Data”.",
        "pasted": "Paste rows into the sidebar, under “Data”.",
    }
    if needed := state.lesson.needs:
        st.html(markup.refusal("Whoever sent you this link has used data of their own", needed))
    st.info(
        f"{where[state.data]} Two columns of numbers are enough; you choose which is x and which is "
        "y. Your data stays in this session: nobody else sees it, and a link to this page does not "
        "hold it: if somebody sent you this link, ask for the data too, and give it here.",
        title="Your own data",
        icon=":material/upload_file:",
    )


def show_source(problem: Problem) -> None:
    """Say where the points come from, if they are not the lesson's own."""
    if state.data in SAMPLES and is_shown("sentence"):  # it tells what the data teaches
        st.html(markup.sample(SAMPLES[state.data], problem.points.num_points))
    if state.data in quartet.FOUR:
        spec = quartet.drawing() | {"datasets": quartet.rows(state.data)}
        with st.container(key="quartet"):
            st.vega_lite_chart(spec, width="stretch", alt=quartet.ALT)
    show_own_rows()
    if thinned := markup.thinned(problem.points.num_points):
        st.html(thinned)


def show_own_rows() -> None:
    """Say which rows of a reader's own data are used, and show the first of them."""
    if state.data in settings.OWN and isinstance(state.own, UnclearNames):
        _ask_for_names(state.own)
    if state.data not in settings.OWN or state.get("layout") is None:
        return
    own = state.own if isinstance(state.own, Own) else None
    if own is not None:
        st.html(
            markup.own(own.name, own.dataset.names, own.columns, own.layout.waiting(own.chosen))
        )
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
    take_first_row(state.names_row or "auto")


def scaling_note(problem: Problem) -> None:
    """Say what scaling has done, or what it would do where that is much."""
    note = teaching.scaling_note(problem.quadratic, problem.scaling, problem.unscaled)
    if note is not None:
        st.markdown(note)


def offer_scaling(problem: Problem) -> None:
    """Offer to standardise x where it would do much."""
    kappa = problem.quadratic.condition_number
    if state.scale != "standardised" and kappa >= teaching.LONG_VALLEY:
        st.button(
            "Standardise x",
            key="standardise",
            on_click=change,
            args=("scale", "standardised"),
            icon=":material/straighten:",
            help="Take the mean from x, and divide by its standard deviation. The line is the same; "
            "the way to it is shorter.",
        )
