"""The page's settings in its URL: read when it changes, written when they do."""

import streamlit as st

from linreg import settings

state = st.session_state


def read_url() -> None:
    """Take the settings from the URL when it is not the one this page wrote last.

    That is at the start, and after the browser's back and forward. Streamlit's own binding of
    widgets to the URL misses what buttons change.
    """
    params = st.query_params.to_dict()
    if params == state.get("url"):
        return
    values, state.url_problems = settings.read(params)
    for name, setting in settings.SETTINGS.items():
        state[name] = values.get(name, setting.default)
    state.suggested = {}


def write_url() -> None:
    """Put every setting that is not at its default into the URL; leave other parameters alone."""
    defaults = {name: one.default for name, one in settings.SETTINGS.items()} | state.suggested
    others = {k: v for k, v in st.query_params.to_dict().items() if k not in settings.SETTINGS}
    params = others | settings.write({name: state[name] for name in settings.SETTINGS}, defaults)
    if params != st.query_params.to_dict():
        st.query_params.from_dict(params)
    state.url = params
