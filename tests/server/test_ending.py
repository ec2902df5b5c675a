"""Sessions end by themselves: what the page reaches for in Streamlit is there, and does what it must."""

from types import SimpleNamespace

import pytest
from streamlit import runtime
from streamlit.runtime.memory_session_storage import MemorySessionStorage
from streamlit.runtime.session_manager import SessionInfo

from linreg.page.server import memory
from tests.browser import PAGE, ROOT, own_window, serving
from tests.patience import until

SCRIPT = f"""
import gc, runpy, sys, threading, time
sys.path.insert(0, {str(ROOT)!r})
from streamlit import runtime
from linreg.page.parts import explorer  # all that the page loads: whoever holds what an import builds breaks it
from linreg.page.server import memory

memory.EVERY = 0.2
server = runtime.get_instance()
store = memory.loop_and_store(server)[1]
store._ttl = 1.0  # seconds

def watch():
    while True:
        files = sum(len(files) for files in server._uploaded_file_mgr.file_storage.values())
        known = [type(one).__name__ for one in gc.get_objects()]
        print(f"looked after: {{len(memory._looked_after)}}")
        print(f"held: {{files + known.count('Own') + known.count('Problem')}}", flush=True)
        time.sleep(0.2)

if not any(thread.name == "watch" for thread in threading.enumerate()):
    threading.Thread(target=watch, name="watch", daemon=True).start()
runpy.run_path({str(PAGE)!r}, run_name="__main__")
"""


class Loop:
    """A loop that notes what it is asked to do."""

    def __init__(self):
        """Begin with nothing to do."""
        self.asked = []

    def call_soon_threadsafe(self, *call):
        """Note a call."""
        self.asked.append(call)

    def call_later(self, _, *call):
        """Note a call."""
        self.asked.append(call)


def server_with(store) -> SimpleNamespace:
    """Return what the page sees of a server."""
    loop = Loop()
    manager = SimpleNamespace(_session_storage=store)
    return SimpleNamespace(
        _get_async_objs=lambda: SimpleNamespace(eventloop=loop), _session_mgr=manager
    )


@pytest.fixture
def running(monkeypatch):
    """Let the page run on a server of ours."""

    def run_on(server):
        monkeypatch.setattr(runtime, "exists", lambda: True)
        monkeypatch.setattr(runtime, "get_instance", lambda: server)
        monkeypatch.setattr(memory, "_looked_after", [])
        return server

    return run_on


def test_session_whose_time_is_over_is_dropped_and_the_next_look_is_planned(running):
    store = MemorySessionStorage(ttl_seconds=0)
    calls = []
    session = SimpleNamespace(id="gone", shutdown=lambda: calls.append("shutdown"))
    session.session_state = SimpleNamespace(clear=lambda: calls.append("clear state"))
    session._fragment_storage = SimpleNamespace(clear=lambda: calls.append("clear fragments"))
    store.save(SessionInfo(None, session, 0))
    loop = running(server_with(store))._get_async_objs().eventloop
    assert len(store._cache._data) == 1
    memory.end_old_sessions()
    look, *parts = loop.asked.pop()
    look(*parts)
    assert len(store._cache._data) == 0
    assert calls == ["shutdown", "clear state", "clear fragments"]
    assert loop.asked == [(look, *parts)]


def test_session_whose_time_is_not_over_stays(running):
    store = MemorySessionStorage(ttl_seconds=60)
    store.save(SessionInfo(None, SimpleNamespace(id="here"), 0))
    loop = running(server_with(store))._get_async_objs().eventloop
    memory.end_old_sessions()
    look, *parts = loop.asked.pop()
    look(*parts)
    assert store.get("here") is not None


def test_server_is_looked_after_once(running):
    server = running(server_with(MemorySessionStorage()))
    for _ in range(3):
        memory.end_old_sessions()
    assert len(server._get_async_objs().eventloop.asked) == 1


def test_a_server_of_another_make_is_left_alone_and_the_log_says_so(running, caplog):
    running(SimpleNamespace())
    memory.end_old_sessions()
    assert "Sessions end when another reader leaves" in caplog.text


def test_dropped_file_is_gone_when_its_reader_has_left_and_nobody_else_comes(browser, tmp_path):
    script = tmp_path / "page.py"
    script.write_text(SCRIPT, encoding="utf-8")
    with serving(script) as served:
        page = own_window(browser)
        page.goto(f"{served.url}/?data=file")
        wait_until_said(served, "looked after: 1")  # from the first reader on
        page.get_by_text("Drop a CSV or TSV file").wait_for()
        page.locator(".st-key-upload input[type=file]").set_input_files(
            {"name": "mine.csv", "mimeType": "text/csv", "buffer": b"x,y\n1,2\n2,3\n3,5\n"}
        )
        page.locator("p.source").first.wait_for()
        wait_until_held(served, 3)
        page.close()
        wait_until_held(served, 0)


def wait_until_held(served, count):
    """Wait until the server says that it holds as many files, tables and problems made of them."""
    wait_until_said(served, f"held: {count}")


def wait_until_said(served, line):
    """Wait until this is among the last two lines that the server has written."""
    until(lambda: line in served.said.splitlines()[-2:], lambda: served.said[:2000])
