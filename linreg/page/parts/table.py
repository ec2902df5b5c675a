"""The table: the runs side by side in numbers, and the downloads."""

import streamlit as st

from linreg.page.html import markup
from linreg.page.parts.compare import (
    current_data,
    current_results,
    kept_to_export,
)
from linreg.page.server.downloads import offer
from linreg.sharing import export
from linreg.sharing.settings import TITLES
from linreg.telling.told import Runs
from linreg.theory.problem import Problem


def show_table(problem: Problem, shown: Runs) -> None:
    """Show the runs side by side in numbers, and offer them as CSV."""
    quadratic, scaling = problem.quadratic, problem.scaling
    titles = list(TITLES.values())
    if len(shown.drawn.phases) > 1:
        with st.container(key="phases_table"):
            st.html(markup.phases(titles, [told.facts for told in shown.verdicts]))
    with st.container(key="runs_table"):
        st.html(markup.comparison(titles, shown.verdicts, quadratic, shown.is_measured, scaling))
    data, kept_ones = current_data(), kept_to_export()

    def summary() -> str:
        results = current_results(problem, shown, data)
        return export.summary_csv([*zip(titles, results, strict=True), *kept_ones])

    files = {
        "results": (
            "Results, every recorded step",
            lambda: export.results_csv(titles, shown.history, scaling, kept_ones),
        ),
        "summary": ("Summary, one row a run", summary),
    }
    with st.container(horizontal=True):
        for name, (label, make) in files.items():
            offer(label, make, f"{name}.csv", "text/csv", f"{name}_csv", shown.is_measured)
