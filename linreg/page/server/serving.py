"""The server that `streamlit run dashboard.py` starts: Streamlit's own, with layers of ours before it."""

import asyncio
import webbrowser
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import streamlit as st
from starlette.middleware import Middleware

from linreg.page.server.pace import Paced
from linreg.page.server.uploads import Capped
from linreg.training.processes import worker

LAYERS = (Middleware(Paced), Middleware(Capped))


@asynccontextmanager
async def begin_and_end(_app) -> AsyncIterator[None]:
    """Open the browser where the page is started on a reader's own machine; in the end, end workers.

    Streamlit opens it for a page that brings no server of its own. The signal that ends a server
    leaves Python no time to tidy up after that.
    """
    if not st.get_option("server.headless"):
        path = (st.get_option("server.baseUrlPath") or "").strip("/")
        address = f"http://localhost:{st.get_option('server.port')}/{path}"
        asyncio.get_running_loop().run_in_executor(None, webbrowser.open, address)
    try:
        yield
    finally:
        worker.QUICK.close()
        worker.SLOW.close()
