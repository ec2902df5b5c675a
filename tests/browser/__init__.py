"""Real parts for the tests and the benchmarks: a server, a browser, a process of its own."""

import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from playwright.sync_api import (
    Browser,
    BrowserContext,
    Error,
    FrameLocator,
    Page,
    TimeoutError,
    sync_playwright,
)

from tests import ROOT
from tests.patience import PATIENCE, until

PAGE = ROOT / "dashboard.py"
SVG = ".st-key-stage svg.marks"  # the stage
SCRUB = ".st-key-player .scrub"  # the player's slider
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def chromium() -> str:
    """Return the path of the system's Chromium, or fail with the line that installs it."""
    for name in BROWSERS:
        if path := shutil.which(name):
            return path
    raise RuntimeError("No Chromium found. Install it: apt-get install --yes chromium")


def run_alone(script: str) -> tuple[int, str]:
    """Run a script in a process of its own, and return its exit status and what it printed.

    From a file, since a worker that it starts has to find its main module.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "alone.py"
        path.write_text(script, encoding="utf-8")
        environment = os.environ | {"PYTHONPATH": str(ROOT)}
        ended = subprocess.run(
            [sys.executable, path],
            env=environment,
            timeout=PATIENCE,
            stdout=subprocess.PIPE,
            text=True,
        )
        return ended.returncode, ended.stdout


@contextmanager
def launch() -> Iterator[Browser]:
    """Start the browser with a new profile."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        try:
            yield browser
        finally:
            browser.close()


def free_port() -> int:
    """Return a port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def serve(script: Path, **environment: str) -> Iterator[str]:
    """Serve a page as its reader would start it, and return its address."""
    with serving(script, **environment) as served:
        yield served.url


@dataclass(frozen=True)
class Served:
    """A page being served.

    Attributes:
        url: Its address.
        process: The server's process.
        log: The file that the server writes its messages into.
    """

    url: str
    process: subprocess.Popen
    log: Path

    @property
    def said(self) -> str:
        """Return what the server has written so far."""
        return self.log.read_text(encoding="utf-8", errors="replace")


@contextmanager
def serving(script: Path, port: int = 0, **environment: str) -> Iterator[Served]:
    """Serve a page likewise, and return its process and its log, too; any port if none is given."""
    port = port or free_port()
    command = [sys.executable, "-m", "streamlit", "run", str(script), "--server.headless=true"]
    command += [f"--server.port={port}", "--server.address=127.0.0.1"]
    with tempfile.NamedTemporaryFile() as log:
        server = subprocess.Popen(
            command, cwd=ROOT, env=os.environ | environment, stdout=log, stderr=log
        )
        try:
            _wait_for_health(f"http://127.0.0.1:{port}", server)
            yield Served(f"http://127.0.0.1:{port}", server, Path(log.name))
        finally:
            server.terminate()
            server.wait(timeout=30)


def workers(served: Served) -> list[int]:
    """Return the processes that train for a server, the oldest first."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            command = (folder / "cmdline").read_bytes()
            parent = re.search(r"PPid:\s+(\d+)", (folder / "status").read_text())[1]
        except OSError:  # it has just ended
            continue
        if int(parent) == served.process.pid and b"popen_loky" in command:
            found.append(int(folder.name))
    return sorted(found)


@contextmanager
def serve_text(body: str) -> Iterator[str]:
    """Serve one page of HTML, as another site would, and return its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *_) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def _wait_for_health(url: str, server: subprocess.Popen) -> None:
    def is_healthy() -> bool:
        assert server.poll() is None, f"The server at {url} did not start."
        try:
            with urllib.request.urlopen(f"{url}/_stcore/health", timeout=PATIENCE) as answer:
                return answer.read() == b"ok"
        except OSError:
            return False

    until(is_healthy)


def wait_until_idle(page: Page) -> None:
    """Wait until no script runs for this page."""
    page.wait_for_selector('.stApp[data-test-script-state="notRunning"]')


def settle(page: Page) -> None:
    """Wait until the runs are trained and drawn, and the player knows them."""
    page.wait_for_selector("text=Trained by TensorFlow")
    page.wait_for_selector(SVG)
    page.wait_for_selector(".st-key-player output:not(:empty)")
    wait_until_idle(page)
    # A kind of control is loaded when the first of it is to be shown.
    page.wait_for_selector("[data-testid=stSkeleton]", state="detached")


def go_to(page: Page, query: str = "") -> None:
    """Take the page to another address as Back does, in a quarter of the time of loading it anew.

    A default goes along, which the page takes out of its address when it has read it and is drawn.
    """
    address = "&".join(part for part in (query.removeprefix("?"), "seed=0") if part)
    page.evaluate(
        "address => { history.pushState({}, '', address);"
        " dispatchEvent(new PopStateEvent('popstate')); }",
        f"?{address}",
    )
    page.wait_for_function("() => !/[?&]seed=0(&|$)/.test(location.search)")
    wait_until_idle(page)
    settle(page)


def open_tab(page: Page, name: str) -> None:
    """Open one of the parts below the stage, and wait until it is there."""
    page.get_by_role("tab", name=name, exact=True).click()
    panel = page.get_by_role("tabpanel", name=name, exact=True)
    panel.locator(".stElementContainer").first.wait_for(state="attached")
    wait_until_idle(page)


def overflow(page: Page | FrameLocator) -> int:
    """Return by how many pixels the page is wider than its window."""
    return page.locator("[data-testid=stMain]").evaluate("e => e.scrollWidth - e.clientWidth")


# Nothing moves any more: the page has its new width and colours beside a sidebar that a narrow
# window hides, every picture is as wide as its place, and the last drawing brought nothing new.
FOLLOWED = """([width, scheme, count]) => {
    const box = one => one.getBoundingClientRect();
    const main = box(document.querySelector("[data-testid=stMain]"));
    const pictures = [...document.querySelectorAll("svg.marks")];
    const told = JSON.stringify(pictures.map(svg => [box(svg), svg.textContent]));
    const isStill = told === window.toldBefore;
    window.toldBefore = told;
    return isStill && innerWidth === width && main.left === (width > 768 ? 300 : 0)
        && getComputedStyle(document.querySelector(".stApp")).colorScheme === scheme
        && document.getAnimations().length === 0 && pictures.length >= count
        && pictures.every(svg => !svg.dataset.former
            && Math.abs(box(svg).width - box(svg.closest(".stElementContainer")).width) <= 2);
}"""


def resize(page: Page, width: int, scheme: str = "") -> None:
    """Give the window another width, and a scheme, and wait until every picture has followed."""
    pictures, before = page.locator("svg.marks").count(), _scheme(page)
    scheme = scheme or before
    if scheme != before:  # all pictures are embedded anew
        page.evaluate(
            "() => document.querySelectorAll('svg.marks').forEach(e => (e.dataset.former = 'yes'))"
        )
        page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": page.viewport_size["height"]})
    page.wait_for_function(FOLLOWED, arg=[width, scheme, pictures], polling=100)


def _scheme(page: Page) -> str:
    return page.evaluate("() => getComputedStyle(document.querySelector('.stApp')).colorScheme")


def embed_anew(page: Page) -> None:
    """Let every picture be drawn from nothing, as when the page is opened: in the other scheme."""
    other = {"light": "dark", "dark": "light"}[_scheme(page)]
    resize(page, page.viewport_size["width"], other)


def count_messages(page: Page) -> None:
    """Begin to count what the browser sends to the server."""
    page.evaluate(
        """() => {
            window.sent = 0;
            const send = WebSocket.prototype.send;
            WebSocket.prototype.send = function (data) { window.sent++; return send.call(this, data); };
        }"""
    )


def num_messages(page: Page) -> int:
    """Return how many messages the browser has sent since."""
    return page.evaluate("() => window.sent")


def scrub(page: Page, frame: int, step: int) -> None:
    """Move the player to a frame, and wait until the stage shows its step."""
    page.locator(SCRUB).fill(str(frame))
    page.wait_for_selector(f"{SVG} text:text-is('step {step:,}')")


def choose(page: Page, key: str, name: str) -> None:
    """Choose from a list; again, should a rerun have closed it."""
    option = page.get_by_role("option", name=name, exact=True)
    for _ in range(10):
        if not option.is_visible():
            page.locator(f".st-key-{key} input").first.click()
        try:
            return option.click(timeout=3_000)
        except TimeoutError:
            wait_until_idle(page)
    raise RuntimeError(f"No option {name!r} in the list {key!r}.")


def own_window(browser: Browser, **look: object) -> Page:
    """Open a window for a reader who has a profile of their own, and as much patience as others."""
    page = browser.new_page(**look)
    page.set_default_timeout(1000 * PATIENCE)
    return page


class Windows:
    """Windows of one profile: who comes takes one that is free.

    A window's `faults` are the errors that its page has reported.
    """

    def __init__(self, context: BrowserContext) -> None:
        """Begin without a window."""
        self._context, self._free = context, []

    def take(self) -> Page:
        """Return a blank window."""
        if self._free:
            page = self._free.pop()
            page.bring_to_front()  # what is opened behind another window is drawn twice a second
            return page
        page = self._context.new_page()
        page.faults = []
        page.on("console", lambda m: m.type == "error" and page.faults.append(m.text))
        page.on("pageerror", lambda error: page.faults.append(str(error)))
        return page

    def give_back(self, page: Page) -> None:
        """Let the next one have a window, blank again; one that is broken is closed."""
        try:
            page.evaluate("() => localStorage.clear()")
            page.goto("about:blank")
        except Error:
            page.close()
        else:
            page.faults.clear()
            self._free.append(page)


@contextmanager
def lent(windows: Windows, address: str) -> Iterator[Page]:
    """Open an address for all tests of a file: they put back what they move."""
    page = windows.take()
    page.set_viewport_size({"width": 1400, "height": 900})
    page.emulate_media(color_scheme="light", reduced_motion="no-preference")
    page.goto(address)
    settle(page)
    try:
        yield page
    finally:
        windows.give_back(page)
