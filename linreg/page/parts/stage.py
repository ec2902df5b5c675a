"""The stage on the page, and the player above it: play, pause, step and scrub, in the browser alone.

The player is a component of Streamlit's, and not a timer inside a chart: one frame has to move several
charts, some of which are opened later, and a chart's own controls are neither buttons nor aware of
a reader who prefers less motion.
"""

import streamlit as st

from linreg.page.browser import component
from linreg.page.parts.compare import drawn_results
from linreg.page.parts.onestep import go_to_step
from linreg.page.session import state
from linreg.page.session.address import is_shown
from linreg.page.session.made import put
from linreg.pictures.common import FRAME
from linreg.pictures.playback import FRAMES, frame_at, player_data
from linreg.pictures.stage import stack
from linreg.sharing import lessons
from linreg.sharing.result import Result
from linreg.sharing.settings import TITLES
from linreg.telling.told import Runs
from linreg.theory.problem import Problem

_PLAYER = component("player", shared="shared")


def stage_tables(
    problem: Problem, shown: Runs, others: list[tuple[str, Result]]
) -> dict[str, bytes]:
    """Return what fills the stage: the runs, and kept ones beside them."""
    fitted = problem.points.x, problem.points.y, problem.points.line, problem.quadratic
    runs = shown.drawn, shown.expected, shown.is_measured
    curves = [(name, result.curve) for name, result in others]
    return stack.rows(list(TITLES.values()), *fitted, *runs, curves)


def show_stage(problem: Problem, shown: Runs) -> None:
    """Draw the stage: fit, loss, overshoot and numbers, with the player above it."""
    spec = stack.drawing(tuple(TITLES.values()), shown.drawn.band is not None)
    spec = spec | {"params": lessons.ticked(spec["params"], state.lesson.boxes)}
    tables = stage_tables(problem, shown, drawn_results())
    player = st.container(key="player")
    with st.container(key="stage"):
        st.vega_lite_chart(spec | {"datasets": tables}, width="stretch", alt=stack.ALT)
    drawn, first = shown.drawn, state.lesson.step
    frame = FRAMES if first is None else frame_at(drawn.step, first)[0]
    about = {"name": FRAME, "first": frame, "has_numbers": is_shown("details")}
    with player:
        _PLAYER(key="player_bar", data=about | player_data(drawn), on_step_change=go_to_step)
    put("older", problem.key, (problem, shown))
