"""A reader's visit: the settings in the address, the phases, the runs and what is on its way."""

import streamlit as st

state = (
    st.session_state
)  # each key has one owner, the module that writes it: tests/law/test_session.py
