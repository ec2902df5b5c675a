"""The server that the start command finds: ours, which opens the browser and ends what it has begun."""

import asyncio
import webbrowser

import pytest
import streamlit as st
from streamlit.web.server.app_discovery import discover_asgi_app

from linreg.page.server.pace import Paced
from linreg.page.server.serving import LAYERS, begin_and_end
from linreg.page.server.uploads import Capped
from linreg.training.processes import worker
from tests.browser import PAGE
from tests.reader import run


def test_start_command_finds_our_server_by_reading_the_page():
    assert discover_asgi_app(PAGE).import_string == "dashboard:app"
    assert [layer.cls for layer in LAYERS] == [Paced, Capped]


@pytest.mark.parametrize(
    ("is_headless", "opened"), [(True, []), (False, ["http://localhost:8501/rates"])]
)
def test_browser_is_opened_on_a_readers_own_machine_only(monkeypatch, is_headless, opened):
    options = {"server.headless": is_headless, "server.port": 8501, "server.baseUrlPath": "rates"}
    addresses = []
    monkeypatch.setattr(st, "get_option", options.get)
    monkeypatch.setattr(webbrowser, "open", addresses.append)
    closed = []
    for lane in (worker.QUICK, worker.SLOW):
        monkeypatch.setattr(lane, "close", lambda lane=lane: closed.append(lane))

    async def serve():
        async with begin_and_end(None):
            await asyncio.get_running_loop().shutdown_default_executor()
            assert closed == []

    run(serve())
    assert addresses == opened
    assert closed == [worker.QUICK, worker.SLOW]
