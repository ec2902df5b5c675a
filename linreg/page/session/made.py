"""What was made of something: kept with what it was made from, and so stale by itself.

All of it is in one place of the session, so that nothing is left of data which a reader takes away.
"""

from collections.abc import Callable
from typing import Any, TypeVar

from linreg.data.files.books.workbook import Busy
from linreg.page.session import state

Value = TypeVar("Value")


def once(name: str, key: object, find: Callable[[], Value]) -> Value:
    """Return what was found of this key, or find it now; of each name the last is kept.

    Whatever is drawn meanwhile may end the run, so nothing is kept until all is known.

    Raises:
        Busy: If others are being read; the only reason that passes by itself, so it is not kept.
        ValueError: As `find` does, and again for the same key.
    """
    made = _made()
    if name not in made or made[name][0] != key:
        made.pop(name, None)
        try:
            value = find()
        except Busy:
            raise
        except ValueError as reason:
            value = reason.with_traceback(None)  # which would keep the file's text
        made[name] = key, value
    value = made[name][1]
    if isinstance(value, ValueError):
        raise type(value)(*value.args)
    return value


def put(name: str, key: object, value: object) -> None:
    """Hold what was made of a key, in the place of what was made of another."""
    _made()[name] = key, value


def known(name: str) -> Any:
    """Return what is kept under a name, whatever it was made of; None if nothing is."""
    return _made().get(name, (None, None))[1]


def drop(name: str) -> None:
    """Keep no longer what was made, so that it is made again; what is on its way is withdrawn."""
    value = _made().pop(name, (None, None))[1]
    if hasattr(value, "withdraw"):
        value.withdraw()


def forget() -> None:
    """Forget all that was made: the data that it was made of is gone."""
    for name in [*_made()]:
        drop(name)


def _made() -> dict[str, tuple[object, Any]]:
    return state.setdefault("made", {})
