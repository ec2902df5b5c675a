"""The player on the page: play, pause, step and scrub, in the browser alone.

It is a component of Streamlit's, and not a timer inside a chart: one frame has to move several
charts, some of which are opened later, and a chart's own controls are neither buttons nor aware of
a reader who prefers less motion.
"""

from collections.abc import Callable
from pathlib import Path

import streamlit as st

from linreg.charts import FRAME
from linreg.history import History
from linreg.playback import FRAMES, frame_records

_HTML, _CSS, _JS = (
    Path(__file__).with_suffix(suffix).read_text(encoding="utf-8")
    for suffix in (".html", ".css", ".js")
)
_PLAYER = st.components.v2.component("player", html=_HTML, css=_CSS, js=_JS)


def show_player(drawn: History, on_step: Callable[[], None]) -> None:
    """Show the player of these runs; it stays where it is when they change.

    Args:
        drawn: The runs.
        on_step: Is called when the reader wants the numbers of the step it stands at, which is then
            `st.session_state.player_bar.step`.
    """
    # as one text: Streamlit looks into every element of a list
    steps = drawn.step[frame_records(drawn.step)].tolist()
    _PLAYER(
        key="player_bar",
        data={"name": FRAME, "last": FRAMES, "steps": " ".join(map(str, steps))},
        on_step_change=on_step,
    )
