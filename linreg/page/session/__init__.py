"""A reader's visit: the settings in the address, the phases, the runs and what is on its way."""

import streamlit as st

state = st.session_state  # a key is its owner's alone, but for a few: tests/law/test_session.py
