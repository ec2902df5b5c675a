"""The runs in numbers: side by side, as downloads, as the lesson prints them; and how it all works."""

import streamlit as st

from linreg.page.html import markup
from linreg.page.parts.compare import current_data, current_results, kept_to_export
from linreg.page.server.downloads import offer
from linreg.page.session.address import is_shown
from linreg.runs.history import REPORT_EVERY, printed_every, printout
from linreg.sharing import export
from linreg.sharing.settings import TITLES
from linreg.telling import teaching
from linreg.telling.told import Runs
from linreg.theory.problem import Problem
from linreg.words import number


def run_tables(problem: Problem, shown: Runs) -> tuple[str, str]:
    """Return the runs side by side, and phase by phase if there are several, as HTML."""
    titles, phases = list(TITLES.values()), ""
    if len(shown.drawn.phases) > 1:
        phases = markup.phases(titles, [told.facts for told in shown.verdicts])
    known = shown.verdicts, problem.quadratic, shown.is_measured, problem.scaling
    return markup.comparison(titles, *known), phases


def show_table(problem: Problem, shown: Runs) -> None:
    """Show each run in words, all side by side in numbers, and offer them as CSV."""
    if is_shown("cards"):
        cards = st.grid(3, min_column_width=250)
        for (name, title), told in zip(TITLES.items(), shown.verdicts, strict=True):
            with cards.container(border=True, height="stretch", key=f"card_{name}"):
                st.html(markup.card(title, name, told, problem.quadratic, shown.is_measured))
    runs, phases = run_tables(problem, shown)
    for key, table in (("phases_table", phases), ("runs_table", runs)):
        if table:
            with st.container(key=key):
                st.html(table)
    titles, data, kept_ones = list(TITLES.values()), current_data(), kept_to_export()

    def results() -> str:
        return export.results_csv(titles, shown.history, problem.scaling, kept_ones)

    def summary() -> str:
        now = current_results(problem, shown, data)
        return export.summary_csv([*zip(titles, now, strict=True), *kept_ones])

    is_ready = shown.is_measured
    with st.container(horizontal=True):
        every = "Results, every recorded step"
        offer(every, results, "results.csv", "text/csv", "results_csv", is_ready)
        offer("Summary, one row a run", summary, "summary.csv", "text/csv", "summary_csv", is_ready)


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
