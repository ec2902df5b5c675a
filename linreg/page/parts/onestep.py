"""One step on the page, with all its numbers: of the run and the step that the reader chooses."""

import streamlit as st

from linreg.page.html import stepwords
from linreg.page.server.turns import aside
from linreg.page.session import made, state
from linreg.page.session.address import open_part
from linreg.sharing.settings import TITLES
from linreg.telling import onestep
from linreg.telling.told import Runs
from linreg.theory import rates
from linreg.theory.problem import Problem


def go_to_step() -> None:
    """Show the numbers of the step that the player stands at."""
    step = state.player_bar.get("step")
    if isinstance(step, int) and step >= 0:
        state.shown_step = step
        open_part("step")


def show_one_step(problem: Problem, shown: Runs) -> None:
    """Show a step as a learner can check it."""
    last = int(shown.drawn.step[-1])
    state.shown_step = min(state.get("shown_step", 0), last)
    if state.get("shown_run") not in rates.RUNS:
        state.shown_run = rates.RUNS[1]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.segmented_control(
            "Run", list(TITLES), key="shown_run", format_func=TITLES.get, required=True
        )
        st.number_input(
            "Step",
            0,
            last,
            key="shown_step",
            width=180,
            help="Updates made before it. “Σ” beside the player brings its step here.",
        )
    run = rates.RUNS.index(state.shown_run)
    points, asked = problem.points, (shown.drawn, run, state.shown_step, state.seed)

    def find() -> onestep.OneStep:
        with aside():  # mini-batches have to be drawn from the first on
            return onestep.one_step(points.x, points.y, *asked)

    key = made.known("job").key, shown.is_measured, run, state.shown_step
    told = made.once("step", key, find)
    if not shown.is_measured:
        st.caption("Predicted, not trained yet.")
    with st.container(key="one_step"):
        st.html(stepwords.in_words(told))
    if not told.is_finite:
        step = onestep.last_finite(shown.drawn, run)
        label = f"Show step {step:,}, the last one with numbers"
        st.button(label, key="last_finite", on_click=_show_step, args=(step,))


def _show_step(step: int) -> None:
    state.shown_step = step
