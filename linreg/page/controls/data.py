"""The data: the lesson's line, a public data set, or a reader's own; how it is scaled; the start."""

import streamlit as st

from linreg import data
from linreg.page.controls.fields import choice, entries, entry, press, side_by_side
from linreg.page.controls.own import own_controls
from linreg.page.session import state
from linreg.page.session.address import is_shown
from linreg.page.session.phases import follow_again
from linreg.sharing import settings


def data_controls() -> None:
    """Show where the points come from, how they are scaled, and where the runs start."""
    if is_shown("data") or state.data in settings.OWN:  # else nobody could give that data
        st.subheader("Data")
        choice("data", on_change=follow_again)
        if state.data == "line":
            _line()
        elif state.data in settings.OWN:
            own_controls()
        choice("scale", on_change=follow_again)
        if state.scale != "raw":
            choice("scaled", on_change=follow_again)
    if is_shown("start"):
        st.subheader("Start")
        entries(*settings.START)


def _new_noise() -> None:
    """Draw other noise: the next seed, so that it can be drawn again."""
    state.seed = (state.seed + 1) % (data.MAX_SEED + 1)


def _line() -> None:
    """Show what the lesson's points are made of."""
    entries("weight", "bias")
    entries("noise", "num_points")
    with side_by_side():
        entry("seed")
        told = "Take the next seed: other points from the same line."
        press("New noise", "new_noise", _new_noise, told)
