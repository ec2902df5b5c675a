"""What the page fits a line to: data that all readers may share, or a reader's own."""

import streamlit as st

from linreg import data
from linreg.data.files.reading import Own
from linreg.data.samples import load
from linreg.page.session import phases, state
from linreg.page.session.made import once
from linreg.sharing import settings
from linreg.sharing.settings import DATA
from linreg.theory.problem import Problem


@st.cache_resource(max_entries=16)
def _public(name: str, scale: str, scaled: str, **made_of) -> Problem:
    """Return a problem that all readers may share; it is never changed."""
    original = data.make_line(**made_of) if name == "line" else load(name)
    return Problem.of((name, scale, scaled, *made_of.values()), original, scale, scaled)


def public_problem(values: settings.Values) -> Problem:
    """Return the problem that these settings describe, of data that is in no session.

    Raises:
        ValueError: If no line can be fitted to it.
    """
    full = phases.DEFAULTS | values
    made_of = {name: full[name] for name in settings.LINE if full["data"] == "line"}
    return _public(full["data"], full["scale"], full["scaled"], **made_of)


def own_data() -> Own | None:
    """Return a reader's own data, if it is there and could be read."""
    own = state.get("own")
    return own if isinstance(own, Own) else None


def current_problem() -> Problem | None:
    """Return what is to be fitted; None while a reader has not given any data.

    Raises:
        ValueError: If no line can be fitted to it.
    """
    scale = state.scale, state.scaled
    if state.data not in settings.OWN:
        return public_problem({name: state[name] for name in DATA})
    own = state.own
    if isinstance(own, ValueError):
        raise type(own)(*own.args)
    if own is None:
        return None
    key = *own.key, *scale
    return once("own_problem", key, lambda: Problem.of(key, own.dataset, *scale))
