"""The table: the runs side by side in numbers, and the downloads."""

import streamlit as st

from linreg.page.html import markup
from linreg.page.parts.compare import current_data, current_results, kept_to_export
from linreg.page.server.downloads import offer
from linreg.sharing import export
from linreg.sharing.settings import TITLES
from linreg.telling.told import Runs
from linreg.theory.problem import Problem


def run_tables(problem: Problem, shown: Runs) -> tuple[str, str]:
    """Return the runs side by side, and phase by phase if there are several, as HTML."""
    titles, phases = list(TITLES.values()), ""
    if len(shown.drawn.phases) > 1:
        phases = markup.phases(titles, [told.facts for told in shown.verdicts])
    known = shown.verdicts, problem.quadratic, shown.is_measured, problem.scaling
    return markup.comparison(titles, *known), phases


def show_table(problem: Problem, shown: Runs) -> None:
    """Show the runs side by side in numbers, and offer them as CSV."""
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
