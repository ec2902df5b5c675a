"""What TensorFlow does, and the processes in which it does it; it never sees the theory.

Its names are loaded when they are asked for: TensorFlow takes seconds.
"""

from importlib import import_module

__all__ = ["train", "train_phases"]


def __getattr__(name: str) -> object:
    if name in __all__:
        return getattr(import_module("linreg.training.trainer"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
