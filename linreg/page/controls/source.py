"""What is said above the runs: a lesson's prompt, where the points come from, how they are scaled."""

import streamlit as st

from linreg.data.samples import SAMPLES
from linreg.page.controls.own import show_own_rows
from linreg.page.html import markup
from linreg.page.session import state
from linreg.page.session.address import is_shown
from linreg.page.session.phases import change
from linreg.pictures import quartet
from linreg.telling import teaching
from linreg.theory.problem import Problem


def show_lesson() -> None:
    """Show the prompt as text, whoever wrote it; and the answer when it is asked for."""
    lesson = state.lesson
    if not (lesson.prompt or lesson.reveal):
        return
    with st.container(border=True, key="lesson"):
        if lesson.prompt:
            st.text(lesson.prompt)
        if lesson.reveal:
            answer = st.expander("Reveal", key="reveal", on_change="rerun")
            if answer.open:
                answer.text(lesson.reveal)


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
