"""The stage on the page, and the player above it: play, pause, step and scrub, in the browser alone.

The player is a component of Streamlit's, and not a timer inside a chart: one frame has to move several
charts, some of which are opened later, and a chart's own controls are neither buttons nor aware of
a reader who prefers less motion.
"""

from collections.abc import Callable

import streamlit as st

from linreg.page.browser import component
from linreg.page.controls.prompt import is_shown
from linreg.page.parts.compare import drawn_results
from linreg.page.parts.onestep import go_to_step
from linreg.page.session import state
from linreg.page.session.made import put
from linreg.pictures.common import FRAME
from linreg.pictures.playback import FRAMES, frame_at, player_data
from linreg.pictures.stage import stack
from linreg.runs.history import History
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
    return stack.rows(
        list(TITLES.values()),
        problem.points.x,
        problem.points.y,
        problem.points.line,
        problem.quadratic,
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
    put("older", problem.key, (problem, shown))


def show_player(
    drawn: History, on_step: Callable[[], None], first: int | None, has_numbers: bool
) -> None:
    """Show the player of these runs; it stays where it is when they change.

    Args:
        drawn: The runs.
        on_step: Is called when the reader wants the numbers of the step it stands at, which is then
            `st.session_state.player_bar.step`.
        first: The step that it stands at when the page opens; None for the last one.
        has_numbers: Whether the page shows those numbers.
    """
    frame = FRAMES if first is None else frame_at(drawn.step, first)[0]
    _PLAYER(
        key="player_bar",
        data={"name": FRAME, "first": frame, "has_numbers": has_numbers} | player_data(drawn),
        on_step_change=on_step,
    )
