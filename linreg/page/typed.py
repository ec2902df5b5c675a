"""What reads the page's fields of numbers as people type them, in the browser.

It is a script beside Streamlit's own fields, and no fields of text in their place: their buttons,
arrows and limits stay as they are.
"""

from pathlib import Path

import streamlit as st

from linreg.sharing import settings, typed

_HTML, _CSS, _JS = (
    Path(__file__).with_suffix(suffix).read_text(encoding="utf-8")
    for suffix in (".html", ".css", ".js")
)
_TYPED = st.components.v2.component("typed", html=_HTML, css=_CSS, js=_JS)
WHOLE = [  # the keys of fields that hold whole numbers
    *(name for name, one in settings.SETTINGS.items() if getattr(one, "is_whole", False)),
    "shown_step",
    "picture_step",
]
GRAMMAR = {
    "number": typed.NUMBER,
    "fraction": typed.FRACTION,
    "power": typed.POWER,
    "grouped": typed.GROUPED,
    "grouped_whole": typed.GROUPED_WHOLE,
    "signs": typed.SIGNS,
}


def read_typed_numbers() -> None:
    """Let what is typed into the page's fields be read as `linreg.typed` does, or refused."""
    _TYPED(key="typed", data={"grammar": GRAMMAR, "whole": WHOLE})
