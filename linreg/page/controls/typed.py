"""What reads the page's fields of numbers as people type them, in the browser.

It is a script beside Streamlit's own fields, and no fields of text in their place: their buttons,
arrows and limits stay as they are.
"""

from linreg.page.browser import component
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


def read_typed_numbers() -> None:
    """Let what is typed into the page's fields be read as `linreg.sharing.typed` does, or refused."""
    _TYPED(key="typed", data={"grammar": GRAMMAR, "whole": WHOLE})
