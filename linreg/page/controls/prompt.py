"""A lesson on the page: its prompt, its answer on demand, and what it hides."""

import streamlit as st

from linreg.page.session import state
from linreg.sharing import lessons


def is_shown(part: str) -> bool:
    """Return whether the lesson, if there is one, shows a part of the page."""
    assert part in lessons.PARTS
    return part not in state.lesson.hidden


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
