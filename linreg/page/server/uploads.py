"""What a session may keep on the server: the last few files, whatever names they are sent under.

Streamlit keeps every file that is sent until the session ends, also one that no control asked for. A
reader needs the file of the data, for a moment the one that takes its place, and a settings file.
"""

import logging
from collections import Counter

from streamlit import runtime

MAX_FILES = 4
MAX_BYTES = 105 * 1024**2  # two of the largest, and settings
AT_ONCE = 2  # on their way at the same time
PATH = "/_stcore/upload_file/"
REASON = b"Two files are on their way already. Wait until one of them is there."

log = logging.getLogger("linreg.page")


class Capped:
    """A layer of the server that lets older files of a session make way for newer ones."""

    def __init__(self, app) -> None:
        """Stand before an application."""
        self.app = app
        self._coming: Counter[str] = Counter()

    async def __call__(self, scope, receive, send) -> None:
        """Pass everything on; an upload when no two others of its session are on their way."""
        session = _session_of(scope)
        if session is None:
            await self.app(scope, receive, send)
        elif self._coming[session] >= AT_ONCE:
            headers = [(b"content-type", b"text/plain; charset=utf-8")]
            await send({"type": "http.response.start", "status": 429, "headers": headers})
            await send({"type": "http.response.body", "body": REASON})
        else:
            self._coming[session] += 1
            try:
                await self.app(scope, receive, send)
            finally:
                self._coming[session] -= 1
                self._coming += Counter()  # drops sessions of which none is on its way
                _let_go(session)


def _session_of(scope) -> str | None:
    """Return whose file is sent; None if it is none."""
    if scope["type"] != "http" or scope["method"] != "PUT":
        return None
    _, found, rest = scope["path"].partition(PATH)
    return rest.partition("/")[0] if found else None


def _let_go(session: str) -> None:
    """Drop the oldest files of a session until what is left is allowed.

    It looks into Streamlit, which does not tell how much a session keeps. Where that has changed,
    the log says so, and files stay until the session ends.
    """
    if not runtime.exists():
        return
    try:
        keeper = runtime.get_instance().uploaded_file_mgr
        for identifier in superfluous(keeper.file_storage.get(session, {})):
            keeper.remove_file(session_id=session, file_id=identifier)
    except Exception:
        log.warning("Uploads of a session are not counted.", exc_info=True)


def superfluous(kept: dict) -> list[str]:
    """Return which files have to make way, of those kept by identifier, the oldest first."""
    room, places, found = MAX_BYTES, MAX_FILES, []
    for identifier, file in reversed(list(kept.items())):
        room, places = room - len(file.data), places - 1
        if room < 0 or places < 0:
            found.append(identifier)
    return found
