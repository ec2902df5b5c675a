"""The cards: each run in words and numbers, with the next thing to try."""

import streamlit as st

from linreg.page.html import markup
from linreg.page.session.phases import change
from linreg.sharing import settings
from linreg.sharing.settings import TITLES
from linreg.telling.verdict import Verdict
from linreg.theory import Quadratic


def show_card(name: str, told: Verdict, quadratic: Quadratic, is_measured: bool) -> None:
    """Show one run in words and numbers, and the next thing to try."""
    st.html(markup.card(TITLES[name], name, told, quadratic, is_measured))
    advice = told.advice
    setting = advice.action if advice.action in settings.SETTINGS else name
    st.button(
        advice.label,
        key=f"try_{name}",
        on_click=change,
        args=(setting, advice.value, advice.action),
        width="stretch",
    )
