"""What the lesson prints, and how it all works, with the source of the loop."""

import streamlit as st

from linreg.page.html import markup
from linreg.runs.history import REPORT_EVERY, printed_every, printout
from linreg.sharing import export
from linreg.sharing.settings import TITLES
from linreg.telling import teaching
from linreg.telling.told import Runs
from linreg.theory.problem import Problem
from linreg.words import number


def show_printouts(shown: Runs) -> None:
    """Show what the lesson prints of each run."""
    every = printed_every(int(shown.drawn.step[-1]))
    left_out = "" if every == REPORT_EVERY else f" · every {every:,}th step"
    source = "" if shown.is_measured else " · predicted"
    titles = [
        f"{title} · {number(rate)}{source}{left_out}"
        for title, rate in zip(TITLES.values(), shown.drawn.learning_rates.tolist(), strict=True)
    ]
    texts = [printout(shown.drawn, run) for run in range(len(titles))]
    with st.container(key="printouts"):
        st.html(markup.printouts(titles, texts))


def show_theory(problem: Problem) -> None:
    """Show how it all works, with the source of the loop."""
    st.markdown(teaching.explanation(problem.quadratic))
    st.code(export.lesson_source(), language="python")
