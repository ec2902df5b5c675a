"""The player on the page: play, pause, step and scrub, in the browser alone.

It is a component of Streamlit's, and not a timer inside a chart: one frame has to move several
charts, some of which are opened later, and a chart's own controls are neither buttons nor aware of
a reader who prefers less motion.
"""

from collections.abc import Callable

from linreg.page.browser import component
from linreg.pictures.common import FRAME
from linreg.pictures.playback import FRAMES, frame_at, player_data
from linreg.runs.history import History

_PLAYER = component("player", shared="shared")


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
