"""A session ends when its time is over, also on a quiet server.

Streamlit keeps the session of a reader who has left for two minutes, should the reader come back. But
it lets go of it only when another reader leaves: a file that somebody dropped could stay in memory
all night. So the server itself looks from time to time.
"""

import logging
from asyncio import AbstractEventLoop

from streamlit import runtime

from linreg.page.server.memory import give_back

EVERY = 30.0  # seconds

log = logging.getLogger("linreg.page")
_looked_after: list[object] = []  # the server, once it is


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
