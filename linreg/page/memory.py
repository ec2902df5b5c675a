"""The memory of a page's process: garbage is looked for seldom, and what is free goes back.

A rerun makes and drops some ten thousand objects. Python by itself would look through them all the
time, a tenth of what the server does; and the C library keeps what has been freed.
"""

import ctypes
import gc
from contextlib import suppress

import pyarrow

NEW = 50_000  # objects more than were dropped until Python looks for cycles among them
YOUNG, OLD = 20, 50  # such looks until the older ones are looked through, and such until all are


def collect_seldom() -> None:
    """Let Python look for garbage less often; a session that ends has its own looked for."""
    gc.set_threshold(NEW, YOUNG, OLD)


def give_back() -> None:
    """Return to the system what nobody uses any more; where the C library cannot, keep it."""
    gc.collect()
    pyarrow.default_memory_pool().release_unused()
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)
