"""What a session may keep on the server: as Streamlit's own store has it, with small files."""

import asyncio
from types import SimpleNamespace

import pytest
from streamlit import runtime
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.uploaded_file_manager import UploadedFileRec

from linreg.page.server import uploads
from linreg.page.server.uploads import Capped
from tests.reader import run


@pytest.fixture
def keeper(monkeypatch):
    """Let Streamlit's own store be that of the server."""
    made = MemoryUploadedFileManager("/_stcore/upload_file")
    server = SimpleNamespace(uploaded_file_mgr=made)
    monkeypatch.setattr(runtime, "exists", lambda: True)
    monkeypatch.setattr(runtime, "get_instance", lambda: server)
    return made


def request(session, identifier, method="PUT", base=""):
    path = f"{base}/_stcore/upload_file/{session}/{identifier}"
    return {"type": "http", "method": method, "path": path}


def sending(keeper, *files, session="one", base=""):
    """Send files of these sizes, under names of their own."""

    async def application(scope, receive, send):
        *_, owner, identifier = scope["path"].split("/")
        data = bytes(int(identifier.rpartition("_")[2]))
        keeper.add_file(owner, UploadedFileRec(identifier, "name", "type", data))

    async def send_all():
        capped = Capped(application)
        for number, size in enumerate(files):
            await capped(request(session, f"{number}_{size}", base=base), None, None)
        assert not capped._coming  # no made-up session is remembered

    run(send_all())
    return list(keeper.file_storage[session])


def test_ten_files_leave_the_last_few(keeper):
    assert sending(keeper, *[7] * 10) == [f"{k}_7" for k in (6, 7, 8, 9)]
    assert keeper._total_bytes == 28


def test_files_are_capped_by_their_bytes_too(keeper, monkeypatch):
    monkeypatch.setattr(uploads, "MAX_BYTES", 100)
    assert sending(keeper, 40, 40, 40, 20) == ["1_40", "2_40", "3_20"]


def test_largest_file_its_successor_and_settings_stay():
    largest, settings = SimpleNamespace(data=bytes(50 * 1024**2)), SimpleNamespace(data=b"{}")
    assert uploads.superfluous({"a": largest, "b": settings, "c": largest}) == []


def test_another_session_loses_nothing(keeper):
    sending(keeper, 1, session="other")
    sending(keeper, *[2] * 10)
    assert list(keeper.file_storage["other"]) == ["0_1"]


def test_page_under_a_path_is_looked_after_too(keeper):
    assert len(sending(keeper, *[7] * 10, base="/rates")) == uploads.MAX_FILES


def test_third_upload_at_the_same_time_is_refused_in_words_and_others_are_not():
    sent = []

    async def go():
        gate = asyncio.Event()

        async def application(scope, receive, send):
            await gate.wait()

        async def send(message):
            sent.append(message)

        capped = Capped(application)
        waiting = [asyncio.create_task(capped(request("one", k), None, None)) for k in range(2)]
        await asyncio.sleep(0)
        await capped(request("one", "third"), None, send)
        gate.set()
        await capped(request("two", "first"), None, None)
        await asyncio.gather(*waiting)
        await capped(request("one", "later"), None, None)

    run(go())
    assert [message.get("status") for message in sent] == [429, None]
    assert b"Two files are on their way already" in sent[1]["body"]


def test_server_of_another_make_is_left_alone_and_the_log_says_so(monkeypatch, caplog):
    monkeypatch.setattr(runtime, "exists", lambda: True)
    monkeypatch.setattr(runtime, "get_instance", object)

    async def application(scope, receive, send):
        pass

    run(Capped(application)(request("one", "file"), None, None))
    assert "Uploads of a session are not counted" in caplog.text


@pytest.mark.parametrize(
    "scope", [request("one", "file", "DELETE"), {"type": "websocket", "path": uploads.PATH}]
)
def test_what_is_no_upload_is_passed_on_as_it_is(scope):
    passed = []

    async def application(*call):
        passed.append(call)

    run(Capped(application)(scope, 1, 2))
    assert passed == [(scope, 1, 2)]
