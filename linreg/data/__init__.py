"""Where points come from: made, public, a reader's file; scaled; and the few that stand for all.

Its names are loaded when they are asked for: the process that reads a stranger's workbook needs
none of them, and has little memory.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from linreg.data.line import MAX_POINTS, MAX_SEED, Dataset, make_line

__all__ = ["MAX_POINTS", "MAX_SEED", "Dataset", "make_line"]


def __getattr__(name: str) -> object:
    if name in __all__:
        return getattr(import_module("linreg.data.line"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
