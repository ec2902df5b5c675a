"""The fields of the page: exact numbers, as people type them; names to choose from; two in a row."""

from collections.abc import Callable

import streamlit as st

from linreg.page.browser import component
from linreg.page.session import state
from linreg.sharing import settings, typed

_TYPED = component("typed")
WHOLE = [  # the keys of fields that hold whole numbers
    *(name for name, one in settings.SETTINGS.items() if getattr(one, "is_whole", False)),
    "shown_step",
    "picture_step",
]
GRAMMAR = {
    name: getattr(typed, name.upper())
    for name in ("number", "fraction", "power", "grouped", "grouped_whole", "signs")
}


def entry(key: str, **options) -> None:
    """Show the exact entry of a setting; its value outlives a run that does not show it."""
    setting = settings.SETTINGS[key]
    own = settings.chosen_hyperparameters({"rule": state.rule, "schedule": state.schedule})
    options = {
        "value": own.get(key, setting.default),  # what an emptied field goes back to
        "format": "%d" if setting.is_whole else "%g",
        "persist_state": "session",
        "help": setting.help,
        "step": setting.by,
    } | options
    st.number_input(setting.title, setting.low, setting.high, key=key, **options)


def choice(key: str, **options) -> None:
    """Show the options of a setting."""
    setting = settings.SETTINGS[key]
    select(setting.title, key, setting.options, setting.help, **options)


def select(label: str, key: str, titles: dict, help: str | None = None, **options) -> None:
    """Show names to choose from; the choice outlives a run that does not show it."""
    st.selectbox(
        label,
        list(titles),
        key=key,
        format_func=titles.get,
        help=help,
        persist_state="session",
        **options,
    )


def press(label: str, key: str, does: Callable[[], None], help: str, **options) -> None:
    """Show a button as wide as the sidebar, or as its share of a row."""
    st.button(label, key=key, on_click=does, help=help, width="stretch", **options)


def stay(key: str, value: object) -> None:
    """Let a control show what is so; to set it again would draw it again."""
    if state.get(key) != value:
        state[key] = value


def entries(*keys: str) -> None:
    """Show exact entries in one row."""
    with side_by_side():
        for key in keys:
            entry(key)


def side_by_side():
    """Return a container whose widgets share a row of the sidebar."""
    return st.container(horizontal=True, vertical_alignment="bottom", wrap=False, gap="small")


def read_typed_numbers() -> None:
    """Let what is typed be read, in the browser, as `linreg.sharing.typed` does, or refused.

    A script beside Streamlit's own fields, whose buttons, arrows and limits stay as they are.
    """
    _TYPED(key="typed", data={"grammar": GRAMMAR, "whole": WHOLE})
