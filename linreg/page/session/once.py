"""What is found out once: a value, or the reason why there is none, kept with what it was found of."""

from collections.abc import Callable
from typing import TypeVar

import streamlit as st

from linreg.data.files.books.workbook import Busy

Value = TypeVar("Value")

state = st.session_state


def once(name: str, key: object, find: Callable[[], Value]) -> Value:
    """Return what was found of this key, or find it now.

    Whatever is drawn meanwhile may end the run, so nothing is kept until all is known.

    Args:
        name: Of what the session keeps; of each the last one only.
        key: What it is found of.
        find: Finds it.

    Raises:
        Busy: If others are being read; the only reason that passes by itself, so it is not kept.
        ValueError: As `find` does, and again for the same key.
    """
    found = state.setdefault("found", {})
    if name not in found or found[name][0] != key:
        found.pop(name, None)
        try:
            value = find()
        except Busy:
            raise
        except ValueError as reason:
            value = reason.with_traceback(None)  # which would keep the file's text
        found[name] = key, value
    value = found[name][1]
    if isinstance(value, ValueError):
        raise type(value)(*value.args)
    return value
