"""The memory of a page's process: garbage is looked for seldom, and what is free goes back.

A rerun makes and drops many objects, and Python by itself looks through them again and again: thirty
readers get about a tenth more reruns where it does so seldom (`tests.benchmarks.load 30`). And the C
library keeps what has been freed.
"""

import ctypes
import gc
from contextlib import suppress

import pyarrow

NEW = 50_000  # new objects, beyond those dropped, after which Python looks through the new ones
YOUNG = 20  # of these looks, after which it takes in those that have survived one
OLD = 10  # of those, after which it takes in all


def collect_seldom() -> None:
    """Let Python look for garbage less often; `ending` lets it look when a session ends."""
    gc.set_threshold(NEW, YOUNG, OLD)


def give_back() -> None:
    """Return to the system what nobody uses any more; where the C library cannot, keep it."""
    gc.collect()
    pyarrow.default_memory_pool().release_unused()
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)
