"""The link on the page: what is in it, and the component that copies it in the browser."""

from urllib.parse import urlencode, urlsplit

import streamlit as st

from linreg.data.files.reading import Own
from linreg.page.browser import component
from linreg.page.html import markup
from linreg.page.session import state
from linreg.page.session.address import fixed_params, other_params
from linreg.pictures.common import FRAME
from linreg.pictures.playback import frame_records
from linreg.runs.history import History
from linreg.sharing import lessons, settings

_LINK = component("link")

MAX_LINK = 60_000  # letters; nginx as in the README takes 64 kB, the page's own server more


def link(drawn: History) -> str:
    """Return the address that opens to these runs, on the part that was looked at before this one.

    Args:
        drawn: The runs that are shown.
    """
    params = other_params() | fixed_params(drawn.phases)
    opening = lessons.opening(state.get("part", "runs"), params)
    for name, value in (("open", opening), ("needs", _needs())):
        params.pop(name, None)
        params |= {name: value} if value else {}
    base = urlsplit(st.context.url or "")
    return base._replace(path=base.path or "/", query=urlencode(params), fragment="").geturl()


def _needs() -> str:
    """Return what data the receiver needs, if it is the reader's own."""
    own = state.own if state.data in settings.OWN else None
    return lessons.needs(own.name, own.dataset.names) if isinstance(own, Own) else ""


def show_link(drawn: History) -> None:
    """Show the link and what copies it, and what it does not hold."""
    st.caption(
        "The link holds all settings, the three rates as they are now, the kept runs, the step of "
        "the player and the boxes of the stage. It opens on the part that you looked at before "
        "“Take home”."
    )
    made = link(drawn)
    # What is ticked where the link does not say it.
    ticked = lessons.ready(other_params()).boxes
    if ticked is None:
        ticked = {"excess"} if drawn.band is not None else set()
    _LINK(
        key="link",
        data={
            "link": made,
            "frame": FRAME,
            "steps": " ".join(map(str, drawn.step[frame_records(drawn.step)].tolist())),
            "boxes": list(lessons.BOXES),
            "ticked": [name for name in lessons.BOXES if name in ticked],
        },
    )
    own = state.own if state.data in settings.OWN else None
    if isinstance(own, Own):
        st.html(markup.needed_data(own.name, own.dataset.names))
    if len(made) > MAX_LINK:
        st.warning(
            f"The link has {len(made):,} letters; a server may refuse more than {MAX_LINK:,}. Keep "
            "fewer runs, or send the settings file."
        )
