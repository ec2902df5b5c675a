"""Waiting for a condition, with the patience that a machine of a fifth of the speed needs."""

import time
from collections.abc import Callable

PATIENCE = 300  # seconds until something is taken for hung


def until(is_so: Callable[[], object], told: Callable[[], object] = str) -> None:
    """Wait until something is so, looking again and again.

    Args:
        is_so: Says whether it is.
        told: What to say if it never is.

    Raises:
        TimeoutError: If it never is.
    """
    deadline = time.monotonic() + PATIENCE
    while not is_so():
        if time.monotonic() > deadline:
            raise TimeoutError(told())
        time.sleep(0.05)
