"""What runs in the reader's browser: components of HTML, CSS and a script each."""

from collections.abc import Callable
from pathlib import Path

import streamlit as st

_FOLDER = Path(__file__).parent


def component(name: str, shared: str = "") -> Callable:
    """Return the component of this name: its HTML, its CSS, its script after one that is shared."""
    files = f"{name}.html", f"{name}.css", f"{name}.js", *([f"{shared}.js"] if shared else [])
    html, css, script, *before = ((_FOLDER / file).read_text(encoding="utf-8") for file in files)
    return st.components.v2.component(name, html=html, css=css, js="".join([*before, script]))
