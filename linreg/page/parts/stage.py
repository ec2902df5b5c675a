"""The stage on the page, and the player above it."""

import streamlit as st

from linreg.page import TITLES
from linreg.page.controls.lesson import is_shown
from linreg.page.parts.compare import drawn_results
from linreg.page.parts.onestep import go_to_step
from linreg.page.parts.player import show_player
from linreg.pictures.stage import stack
from linreg.sharing import lessons
from linreg.sharing.result import Result
from linreg.telling.told import Runs
from linreg.theory.problem import Problem

state = st.session_state


def stage_tables(
    problem: Problem, shown: Runs, others: list[tuple[str, Result]]
) -> dict[str, bytes]:
    """Return what fills the stage: the runs, and kept ones beside them."""
    return stack.rows(
        list(TITLES.values()),
        problem.points.x,
        problem.points.y,
        problem.points.line,
        problem.noise.quadratic,
        shown.drawn,
        shown.expected,
        shown.is_measured,
        [(name, result.curve) for name, result in others],
    )


def show_stage(problem: Problem, shown: Runs) -> None:
    """Draw the stage: fit, loss, overshoot and numbers, with the player above it."""
    spec = stack.drawing(tuple(TITLES.values()), shown.drawn.band is not None)
    spec = spec | {"params": lessons.ticked(spec["params"], state.lesson.boxes)}
    tables = stage_tables(problem, shown, drawn_results())
    player = st.container(key="player")
    with st.container(key="stage"):
        st.vega_lite_chart(spec | {"datasets": tables}, width="stretch", alt=stack.ALT)
    with player:
        show_player(shown.drawn, go_to_step, state.lesson.step, is_shown("details"))
    state.older = problem, shown
