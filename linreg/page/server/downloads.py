"""Every download of the page: made when it is clicked, and never another reader's file."""

from collections.abc import Callable
from uuid import uuid4

import streamlit as st


def offer(
    label: str, make: Callable[[], str | bytes], file_name: str, mime: str, key: str, is_ready: bool
) -> None:
    """Show a button that takes a file home, made in another thread than the page's.

    Streamlit stores a file once for all who have the same: it tells large ones apart by name, type,
    length, and three pieces of 64 KiB. Two results of which two runs are exchanged agree in all
    these. So the type says which button of which run of the page the file was made for; nothing
    shows it, and what one such button makes is always the same.
    """
    st.download_button(
        label,
        make,
        file_name=file_name,
        mime=f"{mime}; made-for={uuid4().hex}",
        key=key,
        on_click="ignore",
        icon=":material/download:",
        **readiness(is_ready),
    )


def readiness(is_ready: bool) -> dict[str, object]:
    """Return the options of a button that has to wait for training."""
    told = None if is_ready else "Ready as soon as TensorFlow has trained."
    return {"disabled": not is_ready, "help": told}
