"""A reader's visit: the settings in the address, the phases, the runs and what is on its way."""

import streamlit as st

state = st.session_state  # a key is its owner's alone, but for a few: tests/law/test_session.py


def rerun_page() -> None:
    """Draw the whole page again."""
    state.is_own_rerun = True
    st.rerun()


def is_own_rerun() -> bool:
    """Return, once, whether this run is one that the page has asked for."""
    return state.pop("is_own_rerun", False)


def outdate() -> None:
    """Note that what stands outside of the runs' fragment is not true any more."""
    state.is_stale = True


def rerun_if_outdated() -> None:
    """Draw the whole page again if that was noted."""
    if state.pop("is_stale", False):
        rerun_page()
