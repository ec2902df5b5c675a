"""The server that `streamlit run dashboard.py` starts: Streamlit's own, with layers of ours before it."""

import asyncio
import webbrowser
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import streamlit as st
from starlette.middleware import Middleware

from linreg.page.pace import Paced
from linreg.page.uploads import Capped

LAYERS = (Middleware(Paced), Middleware(Capped))


@asynccontextmanager
async def open_browser(_app) -> AsyncIterator[None]:
    """Open the page where it is started on a reader's own machine, as Streamlit does by itself."""
    if not st.get_option("server.headless"):
        path = (st.get_option("server.baseUrlPath") or "").strip("/")
        address = f"http://localhost:{st.get_option('server.port')}/{path}"
        asyncio.get_running_loop().run_in_executor(None, webbrowser.open, address)
    yield
