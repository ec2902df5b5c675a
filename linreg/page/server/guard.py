"""What a reader sees where the page itself fails: a sentence and a way out, never a traceback."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from linreg.page.html import markup

log = logging.getLogger("linreg.page")


@contextmanager
def guarded() -> Iterator[None]:
    """Show a failure as a sentence, and write it to the server's log.

    A forged client can send a value of another type than a control has, which Streamlit itself
    does not survive. What it raises to end or repeat a run is no `Exception`, and passes.
    """
    try:
        yield
    except Exception:
        log.exception("The page has failed.")
        st.html(
            markup.refusal(
                "The page cannot go on",
                "It was sent something that none of its controls sends, or it has a mistake. Reload "
                "it: your settings are in its address.",
            )
        )
