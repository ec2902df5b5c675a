"""Downloads of several readers: Streamlit's own store keeps each reader's file apart."""

import pytest
import streamlit as st
from streamlit.runtime.media_file_manager import MediaFileManager
from streamlit.runtime.memory_media_file_storage import MemoryMediaFileStorage

from linreg.page.server.downloads import offer
from tests.browser import ROOT

MIB = 2**20


@pytest.fixture
def server(monkeypatch):
    """Let buttons be offered to readers of a server, and return what a click on each one brings."""
    storage = MemoryMediaFileStorage("/media")
    manager, buttons = MediaFileManager(storage), []

    def place(label, data, *, file_name, mime, **_):
        place = f"0.{len(buttons)}"
        buttons.append(manager.add_deferred(data, mime, place, file_name))

    monkeypatch.setattr(st, "download_button", place)

    def click(number):
        return storage.get_file(manager.execute_deferred(buttons[number]).removeprefix("/media/"))

    return click


def test_two_readers_whose_large_files_differ_between_their_ends_and_middle_get_their_own(server):
    one = b"0.1,0.5\n" * (3 * MIB // 8)
    other = bytearray(one)
    place = MIB  # beyond the first 64 KiB, before the middle ones
    other[place : place + 8] = b"0.5,0.1\n"
    for content in (one, bytes(other)):
        offer("Results", lambda content=content: content, "results.csv", "text/csv", "key", True)
    files = [server(0), server(1), server(0)]
    assert [file.content == one for file in files] == [True, False, True]
    assert files[1].content == other
    assert {file.filename for file in files} == {"results.csv"}
    assert all(file.mimetype.startswith("text/csv;") for file in files)


def test_every_download_of_the_page_goes_that_way():
    files = [ROOT / "dashboard.py", *(ROOT / "linreg").rglob("*.py")]
    users = [path.name for path in files if "download_button(" in path.read_text(encoding="utf-8")]
    assert users == ["downloads.py"]
