"""A reader without a browser: speaks the server's websocket protocol, as the browser does.

For load, and for what no browser would send.
"""

import asyncio
import contextlib
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.asyncio.client import ClientConnection, connect

from tests.patience import PATIENCE

LARGEST = 64_000_000  # bytes of a message
TRAINED = "Trained by TensorFlow"


class Reader:
    """One open page.

    Attributes:
        elements: What the page shows, by its place, with the fragment that it belongs to.
        widgets: The values of widgets that were set, by identifier.
        query: Of the page's address, as it is now.
        exceptions: Messages of failures that Streamlit has shown.
        traces: Lines of tracebacks that it has shown.
        session: The server's name of the session.
        num_runs: How often the page has been drawn.
        num_bytes: Received.
    """

    def __init__(self, url: str, query: str = "") -> None:
        """Remember where the page is; `open` opens it."""
        self._url, self.query = url, query
        self._socket: ClientConnection | None = None
        self._cached: dict[str, ForwardMsg] = {}
        self.elements: dict[tuple[int, ...], tuple[object, str]] = {}
        self.widgets: dict[str, WidgetState] = {}
        self.exceptions: list[str] = []
        self.traces: list[str] = []
        self.session = ""
        self.num_runs = 0
        self.num_bytes = 0
        self._fragment = ""  # that was asked for last
        self._blocks: set[tuple[int, ...]] = set()  # drawn in the run that is going on
        self._drawn: set[tuple[int, ...]] = set()  # likewise of elements

    async def open(self) -> None:
        """Open the page, and wait until it has been drawn once."""
        self._socket = await connect(
            f"ws://{urlsplit(self._url).netloc}/_stcore/stream",
            subprotocols=["streamlit"],
            max_size=LARGEST,
            open_timeout=PATIENCE,
        )
        await self.rerun()

    async def close(self) -> None:
        """Leave."""
        if self._socket is not None:
            await self._socket.close()

    def find(self, kind: str, key: str) -> tuple[object, str]:
        """Return an element by the key of its widget, with its fragment.

        Raises:
            KeyError: If the page does not show it.
        """
        for element, fragment in self.elements.values():
            if element.WhichOneof("type") == kind:
                found = getattr(element, kind)
                if found.id.endswith(f"-{key}"):
                    return found, fragment
        raise KeyError(key)

    def texts(self) -> Iterator[str]:
        """Yield what the page says: Markdown, HTML and alerts."""
        for element, _ in self.elements.values():
            kind = element.WhichOneof("type")
            if kind in ("markdown", "html", "alert", "text"):
                yield getattr(getattr(element, kind), "body", "")

    async def set(self, kind: str, key: str, **value: object) -> None:
        """Set a widget, as moving it would, and wait for the page to be drawn."""
        found, fragment = self.find(kind, key)
        self.put(found.id, **value)
        await self.rerun(fragment)

    def put(self, identifier: str, **value: object) -> None:
        """Remember what a widget is set to; lists go into arrays."""
        made = WidgetState(id=identifier)
        for name, content in value.items():
            if isinstance(content, list):
                getattr(made, name).data.extend(content)
            else:
                setattr(made, name, content)
        self.widgets[identifier] = made

    async def rerun(self, fragment: str = "", timeout: float = PATIENCE) -> None:
        """Ask for a run with the widgets as they are, and wait until it has ended.

        Raises:
            TimeoutError: If it does not end.
        """
        message = BackMsg()
        message.rerun_script.query_string = self.query
        message.rerun_script.widget_states.widgets.extend(self.widgets.values())
        message.rerun_script.fragment_id = self._fragment = fragment
        message.rerun_script.context_info.url = self._url
        await self._socket.send(message.SerializeToString())
        await asyncio.wait_for(self._until_finished(), timeout)

    async def wait_for(self, text: str, timeout: float = PATIENCE) -> None:
        """Wait until the page says something, of its own accord.

        Raises:
            TimeoutError: If it does not.
        """
        async with asyncio.timeout(timeout):
            while not any(text in said for said in self.texts()):
                await self.tick()

    async def tick(self) -> None:
        """Let what the page does of its own accord happen once."""
        shown = {fragment for _, fragment in self.elements.values() if fragment}
        due = [one for one in dict.fromkeys(self._automatic) if one in shown]
        if not due:
            await self._until_finished()
            return
        await asyncio.sleep(0.3)
        for one in due:
            if one in {fragment for _, fragment in self.elements.values()}:
                await self.rerun(one)

    _automatic: tuple[str, ...] = ()

    async def _until_finished(self) -> None:
        while True:
            sent = await self._socket.recv()
            self.num_bytes += len(sent)
            message = ForwardMsg.FromString(sent)
            if message.WhichOneof("type") == "ref_hash":
                kept = self._cached[message.ref_hash]
                message.ClearField("ref_hash")
                metadata = message.metadata
                message = ForwardMsg.FromString(kept.SerializeToString())
                message.metadata.CopyFrom(metadata)
            elif message.hash and message.metadata.cacheable:
                self._cached[message.hash] = message
            kind = message.WhichOneof("type")
            if kind == "delta":
                self._take(message)
            elif kind == "auto_rerun":
                self._automatic = (*self._automatic, message.auto_rerun.fragment_id)
            elif kind == "page_info_changed":
                self.query = message.page_info_changed.query_string
            elif kind == "new_session":
                self.session = message.new_session.initialize.session_id
                self._blocks.clear()
                self._drawn.clear()
            elif kind == "script_finished":
                status = message.script_finished
                if status == ForwardMsg.FINISHED_EARLY_FOR_RERUN:
                    continue
                self.num_runs += 1
                self._forget_stale(status == ForwardMsg.FINISHED_SUCCESSFULLY)
                return

    def _forget_stale(self, is_whole: bool) -> None:
        """Drop what the run that has ended would have drawn again, and has not."""
        for path, (_, fragment) in list(self.elements.items()):
            parents = {path[:length] for length in range(len(path))}
            is_due = is_whole or fragment == self._fragment or parents & self._blocks
            if is_due and path not in self._drawn:
                del self.elements[path]

    def _take(self, message: ForwardMsg) -> None:
        path, delta = tuple(message.metadata.delta_path), message.delta
        if delta.WhichOneof("type") == "add_block":
            self._blocks.add(path)
        if delta.WhichOneof("type") == "new_element":
            element = delta.new_element
            self.elements[path] = element, delta.fragment_id
            self._drawn.add(path)
            if element.WhichOneof("type") == "exception":
                self.exceptions.append(element.exception.message)
                self.traces += list(element.exception.stack_trace)


@contextlib.asynccontextmanager
async def reading(url: str, query: str = ""):
    """Open a page, and leave it in the end."""
    reader = Reader(url, query)
    try:
        await reader.open()
        yield reader
    finally:
        await reader.close()


def run(coroutine: Coroutine[None, None, object]) -> None:
    """Run what readers do to its end, in a thread: a browser may have a loop in this one.

    Raises:
        TimeoutError: If it has no end.
    """
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, asyncio.wait_for(coroutine, 3 * PATIENCE)).result()


def wait_until_trained(url: str) -> None:
    """Come as the first reader of a server, and stay until TensorFlow has been loaded."""

    async def come() -> None:
        async with reading(url) as reader:
            await reader.wait_for(TRAINED)

    run(come())
