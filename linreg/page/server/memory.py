"""The memory of a page's process: garbage is looked for seldom, sessions end, what is free goes back.

A rerun makes and drops many objects, and Python by itself looks through them again and again: thirty
readers get about a tenth more reruns where it does so seldom (`tests.benchmarks.load 30`). And the C
library keeps what has been freed.

Streamlit keeps the session of a reader who has left for two minutes, should the reader come back. But
it lets go of it only when another reader leaves: a file that somebody dropped could stay in memory
all night. So the server itself looks from time to time.
"""

import ctypes
import gc
import logging
from asyncio import AbstractEventLoop
from contextlib import suppress

import pyarrow
from streamlit import runtime

NEW = 50_000  # new objects, beyond those dropped, after which Python looks through the new ones
YOUNG = 20  # of these looks, after which it takes in those that have survived one
OLD = 10  # of those, after which it takes in all
EVERY = 30.0  # seconds between looks for sessions whose time is over

log = logging.getLogger("linreg.page")
_looked_after: list[object] = []  # the server, once it is


def collect_seldom() -> None:
    """Let Python look for garbage less often; and let it look when a session ends."""
    gc.set_threshold(NEW, YOUNG, OLD)


def give_back() -> None:
    """Return to the system what nobody uses any more; where the C library cannot, keep it."""
    gc.collect()
    pyarrow.default_memory_pool().release_unused()
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)


def end_old_sessions() -> None:
    """Let the server end sessions whose time is over, from now on.

    It reaches into Streamlit, which has no public way to. Where that has changed, the log says so,
    and sessions end as they do without this.
    """
    if not runtime.exists():
        return
    server = runtime.get_instance()
    if server in _looked_after:
        return
    _looked_after[:] = [server]
    try:
        loop, store = loop_and_store(server)
        loop.call_soon_threadsafe(_look, loop, store)
    except Exception:
        log.warning(
            "Sessions end when another reader leaves, and not by themselves.", exc_info=True
        )


def loop_and_store(server) -> tuple[AbstractEventLoop, object]:
    """Return the loop on which a server keeps its sessions, and what keeps those of who has left."""
    return server._get_async_objs().eventloop, server._session_mgr._session_storage._cache


def _look(loop: AbstractEventLoop, store) -> None:
    """End sessions whose time is over, and look again later; on the server's own thread."""
    try:
        _end_what_is_over(store)
    except Exception:  # of Streamlit's own: the next look may do better
        log.warning("Sessions of readers who have left could not be ended.", exc_info=True)
    finally:
        loop.call_later(EVERY, _look, loop, store)


def _end_what_is_over(store) -> None:
    ended = [left.session for _, left in store.expire()]
    for session in ended:
        session.shutdown()
        session.session_state.clear()
        session._fragment_storage.clear()  # they hold the points; and a server at rest the session
    if ended:  # what is left of a session refers to itself, and to the points
        del session
        ended.clear()
        give_back()
