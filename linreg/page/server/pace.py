"""The pace of a connection: whoever sends faster than any browser is cut off, and others never notice.

Every message on a page's websocket may run the page. Tens of thousands a second leave the server no
time for anybody else, and fill its memory; so do a few of many megabytes. A slider that is dragged
sends thirty a second, and each message holds the rows that a reader has pasted.
"""

import asyncio
import logging
from contextlib import suppress
from time import monotonic

PER_SECOND = 100  # messages of one connection, for as long as it likes
AT_ONCE = 300  # messages beyond that pace before it is cut off
SIZE = 256 * 1024  # bytes that go with one; a larger message counts for as many as it would fill
POLICY = 1008  # a websocket's code for a client that does not keep the rules
REASON = f"More than {PER_SECOND} messages a second, or too large ones: this connection is closed."
LONGEST = 5.0  # seconds that a client may take to hear why

log = logging.getLogger("linreg.page")


class Paced:
    """A layer of the server that counts what comes in on each websocket."""

    def __init__(self, app, per_second: float = PER_SECOND, at_once: int = AT_ONCE) -> None:
        """Stand before an ASGI application."""
        self.app, self.per_second, self.at_once = app, per_second, at_once

    async def __call__(self, scope, receive, send) -> None:
        """Pass everything on, up to a connection's limit."""
        if scope["type"] == "websocket":
            connection = _Connection(receive, send, self.per_second, self.at_once)
            receive, send = connection.receive, connection.send
        await self.app(scope, receive, send)


class _Connection:
    """One websocket, and how many messages it may send at this moment."""

    def __init__(self, receive, send, per_second: float, at_once: int) -> None:
        self._receive, self._send = receive, send
        self._per_second, self._at_once = per_second, at_once
        self._left, self._counted, self._is_cut = float(at_once), monotonic(), False

    async def receive(self) -> dict:
        """Return what comes next; of a connection that is cut off, that it is over."""
        if not self._is_cut:
            message = await self._receive()
            if message["type"] != "websocket.receive":
                return message
            await asyncio.sleep(0)  # a full queue would else never let others in between
            if self._may_send(message):
                return message
            await self._cut()
        return {"type": "websocket.disconnect", "code": POLICY, "reason": REASON}

    async def send(self, message: dict) -> None:
        """Send, unless nobody is there any more."""
        if not self._is_cut:
            await self._send(message)

    def _may_send(self, message: dict) -> bool:
        now, size = monotonic(), len(message.get("bytes") or message.get("text") or "")
        saved = self._left + (now - self._counted) * self._per_second
        self._left, self._counted = min(self._at_once, saved) - (1 + size // SIZE), now
        return self._left >= 0

    async def _cut(self) -> None:
        self._is_cut = True
        log.warning(
            "A connection was cut off: more than %d messages a second, or too large ones.",
            self._per_second,
        )
        with suppress(TimeoutError):  # who does not read is not waited for
            async with asyncio.timeout(LONGEST):
                await self._send({"type": "websocket.close", "code": POLICY, "reason": REASON})
