"""What runs in the reader's browser: components of HTML, CSS and a script each."""

from collections.abc import Callable
from pathlib import Path

import streamlit as st

_FOLDER = Path(__file__).parent


def component(name: str, shared: str = "") -> Callable:
    """Return the component of this name: its HTML, its CSS, its script.

    Args:
        name: Of its files.
        shared: Of a script that comes before its own.
    """
    html, css, script = (_read(f"{name}.{kind}") for kind in ("html", "css", "js"))
    before = _read(f"{shared}.js") if shared else ""
    return st.components.v2.component(name, html=html, css=css, js=before + script)


def _read(file: str) -> str:
    return (_FOLDER / file).read_text(encoding="utf-8")
