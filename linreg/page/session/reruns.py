"""Drawing the whole page again, of the page's own accord."""

import streamlit as st

from linreg.page.session import state


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
