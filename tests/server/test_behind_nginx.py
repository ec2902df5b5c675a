"""Two page processes behind the README's own nginx: who is served where, what a browser may do, deaths."""

import base64
import hashlib
import http.client
import json
import os
import re
import shutil
import signal
import subprocess
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from http.cookiejar import CookieJar
from pathlib import Path

import pytest
from playwright.sync_api import Page

from linreg import data
from linreg.data.files.text import rawtext
from linreg.theory import Quadratic
from tests.browser import PAGE, ROOT, SVG, Served, free_port, open_tab, own_window, serving, settle
from tests.patience import PATIENCE, until
from tests.runs import path_of

OWN = b"year;price\n1990;1,5\n1995;2,5\n2000;3,25\nn/a;4\n2005;4,5\n"
LOG = "requests.log"
# What stands around the README's block in a system's nginx.conf; everything in one folder.
AROUND = """
{user}
daemon off;
worker_processes 2;
pid nginx.pid;
error_log errors.log;
events {{}}
http {{
    log_format request '$http_user_agent\t$uri\t$upstream_addr';
    access_log {log} request;
    client_body_temp_path bodies;
    proxy_temp_path answers;
    fastcgi_temp_path fastcgi;
    uwsgi_temp_path uwsgi;
    scgi_temp_path scgi;
    {block}
}}
"""


def nginx() -> str:
    """Return the path of the system's nginx, or fail with the line that installs it."""
    if path := shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin"):
        return path
    raise RuntimeError("No nginx found. Install it: apt-get install --yes nginx-light")


def configuration(port: int, ports: tuple[str, str]) -> str:
    """Return what the README says, with other ports and its cache in nginx's own folder."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    block = re.search(r"^## Deployment\n.*?^```nginx\n(.*?)^```", readme, re.DOTALL | re.MULTILINE)
    assert block, "README.md has no block for nginx in its section Deployment."
    places = {
        "listen 80;": f"listen 127.0.0.1:{port};",
        "/var/cache/rates": "cache",
        "8501": ports[0],
        "8502": ports[1],
    }
    assert all(place in block[1] for place in places)
    own = re.sub("|".join(places), lambda found: places[found[0]], block[1])
    user = "user root;" if os.geteuid() == 0 else ""  # else the workers could not write here
    return AROUND.format(user=user, log=LOG, block=own)


def allowed_origins() -> str:
    """Return whose pages the README's start command lets send commands."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    return re.search(r"--client\.allowedOrigins=(\S+)", readme)[1]


@dataclass
class Site:
    """Two page processes behind one nginx.

    Attributes:
        url: Where readers find them.
        pages: The processes.
        log: One line a request, when it is over.
    """

    url: str
    pages: list[Served]
    log: Path

    def asked(self, reader: str) -> list[tuple[str, str]]:
        """Return path and port of each of a reader's requests; no port if nginx answered itself."""
        lines = [line.split("\t") for line in self.log.read_text().splitlines()]
        return [(path, place.rpartition(":")[2]) for name, path, place in lines if name == reader]


def port_of(served: Served) -> str:
    return served.url.rpartition(":")[2]


def page_port(context) -> str:
    """Return which process a reader's cookie names."""
    return next(one["value"] for one in context.cookies() if one["name"] == "page_port")


def listens(port: int) -> bool:
    """Return whether anything answers there."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    try:
        connection.connect()
    except OSError:
        return False
    connection.close()
    return True


@contextmanager
def proxying(folder: Path, pages: list[Served]) -> Iterator[Site]:
    """Run nginx in a folder of its own, with nothing of the system's, before the two pages."""
    port = free_port()
    text = configuration(port, (port_of(pages[0]), port_of(pages[1])))
    (folder / "nginx.conf").write_text(text, encoding="utf-8")
    server = subprocess.Popen([nginx(), "-p", f"{folder}/", "-c", "nginx.conf"])
    try:
        until(lambda: server.poll() is not None or listens(port))
        assert server.poll() is None, "nginx did not start; its reason stands above."
        yield Site(f"http://127.0.0.1:{port}", pages, folder / LOG)
    finally:
        server.terminate()
        server.wait(timeout=PATIENCE)


def kill(process: subprocess.Popen) -> None:
    """End a page's process from one moment to the next, and what it has started."""
    started = Path(f"/proc/{process.pid}/task").glob("*/children")
    others = [int(other) for one in started for other in one.read_text().split()]
    for one in (process.pid, *others):
        os.kill(one, signal.SIGKILL)
    process.wait()


@pytest.fixture(scope="module")
def servers():
    """What is started is stopped with the module."""
    with ExitStack() as stack:
        yield stack


@pytest.fixture(scope="module")
def site(servers, tmp_path_factory):
    own = {"STREAMLIT_CLIENT_ALLOWED_ORIGINS": allowed_origins()}
    pages = [servers.enter_context(serving(PAGE, **own)) for _ in range(2)]
    return servers.enter_context(proxying(tmp_path_factory.mktemp("nginx"), pages))


@pytest.fixture(scope="module")
def open_as(browser, site):
    """Open the page as a reader whose name is in nginx's log, and whom one process has taken."""
    pages = []

    def opened(reader, query, served):
        page = own_window(browser, user_agent=reader)
        pages.append(page)
        page.faults = []
        page.on("console", lambda message: page.faults.append(message.text))
        until(lambda: new_reader(site) == port_of(served))  # as one whom it has taken before
        cookie = {"name": "page_port", "value": port_of(served), "url": site.url}
        page.context.add_cookies([cookie])
        page.goto(f"{site.url}/{query}")
        settle(page)
        return page

    yield opened
    for page in pages:
        page.close()


def new_reader(site: Site) -> str:
    """Come without a cookie, and return the port that the new one names."""
    jar = CookieJar()
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
    opener.open(site.url, timeout=PATIENCE).close()
    return next(cookie.value for cookie in jar if cookie.name == "page_port")


def drop_own(page) -> None:
    """Give the page a file of one's own."""
    page.locator(".st-key-upload input[type=file]").set_input_files(
        {"name": "mine.csv", "mimeType": "text/csv", "buffer": OWN}
    )


def download(page) -> str:
    with page.expect_download() as started:
        page.locator(".st-key-results_csv button").first.click()
    return Path(started.value.path()).read_text(encoding="utf-8")


def shake_hands(site: Site, origin: str) -> int:
    """Ask for a websocket at rates.example.org as a page of this origin does; return the status."""
    connection = http.client.HTTPConnection(site.url.removeprefix("http://"), timeout=PATIENCE)
    headers = {
        "Host": "rates.example.org",
        "User-Agent": origin,
        "Origin": origin,
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": base64.b64encode(bytes(16)).decode(),
    }
    connection.request("GET", "/_stcore/stream", headers=headers)
    status = connection.getresponse().status
    connection.close()
    return status


def test_new_readers_are_spread_over_all_processes(site):
    ports = [new_reader(site) for _ in range(12)]
    assert {ports.count(port_of(served)) for served in site.pages} == {6}


@pytest.mark.parametrize("number", [0, 1])
def test_page_trains_shares_and_is_given_rows_and_all_requests_go_to_one_process(
    site, open_as, number
):
    reader, seed = f"loyal {number}", 3 + number
    page = open_as(reader, f"?seed={seed}&num_steps=50&good=0.3", site.pages[number])
    assert page.locator(SVG).count() == 1
    assert_results_end_at_the_numbers_of_the_theory(download(page), seed)
    if number == 0:  # once is enough
        keep_to_the_policy(page)
    page.goto(f"{site.url}/?data=file")
    drop_own(page)
    settle(page)
    told = page.locator("p.source").first.text_content()
    assert "mine.csv: x is year, y is price. 4 of 5 rows are used." in told
    page.locator(".st-key-preview summary").click()
    rows = page.locator(".st-key-preview_table tbody tr")
    rows.first.wait_for()
    assert rows.first.locator("td").all_text_contents()[:2] == ["1990", "1.5"]
    # Vega says so of a picture whose table has not arrived yet; all else is refused or has failed.
    assert [one for one in page.faults if "WARN Infinite extent" not in one] == []
    page.close()  # nginx logs a websocket when it is over
    until(lambda: [path for path, _ in site.asked(reader)].count("/_stcore/stream") == 2)
    asked = [one for one in site.asked(reader) if not one[0].startswith("/static/")]
    assert {port for _, port in asked} == {port_of(site.pages[number])}
    for kind in ("/", "/media/", "/_stcore/upload_file/"):
        assert any(path.startswith(kind) for path, _ in asked)


HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Content-Security-Policy": "default-src 'self'; ",
}


@pytest.mark.parametrize("path", ["/", "/_stcore/health", "/static/none.js", "/media/none.csv"])
def test_every_answer_says_what_a_browser_may_do_with_it(site, path):
    connection = http.client.HTTPConnection(site.url.removeprefix("http://"), timeout=PATIENCE)
    connection.request("GET", path)
    answer = connection.getresponse()
    for name, value in HEADERS.items():
        (said,) = answer.headers.get_all(name)
        assert said.startswith(value)
    assert ("page_port" in str(answer.headers)) == (not path.startswith("/static/"))
    connection.close()


def test_scripts_are_the_pages_own_and_the_one_line_in_streamlits_page(site):
    with urllib.request.urlopen(site.url, timeout=PATIENCE) as answer:
        policy, text = answer.headers["Content-Security-Policy"], answer.read().decode()
    (scripts,) = re.findall(r"script-src ([^;]*)", policy)
    inline = re.findall(r"<script>(.*?)</script>", text, re.DOTALL)
    hashes = [base64.b64encode(hashlib.sha256(one.encode()).digest()).decode() for one in inline]
    assert scripts.split() == ["'self'", "blob:", *(f"'sha256-{one}'" for one in hashes)]


def test_only_the_pages_own_address_may_send_commands_from_around_it(site):
    with urllib.request.urlopen(f"{site.url}/_stcore/host-config", timeout=PATIENCE) as answer:
        assert json.load(answer)["allowedOrigins"] == ["https://rates.example.org"]


def keep_to_the_policy(page) -> None:
    """Open every part that draws or has scripts, and take a picture home."""
    for name in ("Drag a rate", "The map of rates", "The landscape", "Take home"):
        open_tab(page, name)
    with page.expect_download() as started:
        page.locator(".st-key-take_png button").first.click()
    assert started.value.suggested_filename == "stage.png"
    assert Path(started.value.path()).read_bytes()[:4] == b"\x89PNG"


def test_file_as_large_as_the_page_takes_gets_past_nginx(site):
    largest = rawtext.MAX_BYTES // 1_000_000 * 1024**2  # Streamlit's megabyte
    body = bytes(largest + 1_000)  # and what a form puts around a file
    connection = http.client.HTTPConnection(site.url.removeprefix("http://"), timeout=PATIENCE)
    connection.request("PUT", "/_stcore/upload_file/session/file", body)
    assert connection.getresponse().status == 403  # Streamlit's word to who has no token; not 413
    connection.close()


@pytest.mark.parametrize("length", [12_000, 60_000])
def test_link_as_long_as_the_page_makes_one_gets_past_nginx(site, length):
    connection = http.client.HTTPConnection(site.url.removeprefix("http://"), timeout=PATIENCE)
    connection.request("GET", f"/?kept={'a' * length}")
    assert connection.getresponse().status == 200  # not 414
    connection.close()


def assert_results_end_at_the_numbers_of_the_theory(text, seed):
    """See that 50 steps at 0.3 end where the closed form does."""
    rows = [line.split(",") for line in text.splitlines()]
    results = [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]
    good = [row for row in results if row["run"] == "Good"]
    line = data.make_line(seed=seed)
    expected = path_of(Quadratic.of(line.x, line.y), 0.3, [50])
    assert len(good) == 51
    assert [float(good[-1][name]) for name in ("weight", "bias", "loss")] == pytest.approx(
        [float(part[0]) for part in expected], rel=1e-6
    )


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_websocket_of_the_page_itself_is_taken_under_a_name_that_only_nginx_has(site, scheme):
    assert shake_hands(site, f"{scheme}://rates.example.org") == 101


@pytest.mark.parametrize(
    "name", ["example.org", "rates.example.org.example.com", "rates.example.org:81"]
)
def test_websocket_of_another_sites_page_is_refused_before_it_reaches_a_process(site, name):
    assert shake_hands(site, f"https://{name}") == 403
    until(lambda: site.asked(f"https://{name}"))  # nginx answers first and logs then
    assert site.asked(f"https://{name}") == [("/_stcore/stream", "-")]


def shown_settings(page: Page) -> list[str]:
    """Return the URL, and what two of the page's fields hold."""
    fields = [page.locator(f".st-key-{name} input") for name in ("seed", "good")]
    return [page.url, *(field.input_value() for field in fields)]


@dataclass
class Death:
    """What was seen when a process died.

    Attributes:
        mover: The page of a reader of the dead one, reloaded once.
        before: Its settings until then.
        stayer: The page of a reader of the other process.
        new: The ports that new readers came to.
        left: The port of the process that was left.
    """

    mover: Page
    before: list[str]
    stayer: Page
    new: list[str]
    left: str


@pytest.fixture(scope="module")
def death(site, servers, open_as):
    """Kill one of the processes, let its readers go on, and start it again."""
    dying, left = site.pages
    mover = open_as("mover", "?seed=7&good=0.3", dying)
    stayer = open_as("stayer", "?seed=8", left)
    before = shown_settings(mover)
    stayer.evaluate("window.is_the_first = true")
    kill(dying.process)
    new = [new_reader(site) for _ in range(4)]
    mover.reload()
    settle(mover)
    stayer.locator(".st-key-seed input").fill("9")
    stayer.locator(".st-key-seed input").press("Enter")
    stayer.wait_for_url("**seed=9**")
    settle(stayer)
    site.pages[0] = servers.enter_context(serving(PAGE, int(port_of(dying))))
    return Death(mover, before, stayer, new, port_of(left))


def test_reader_of_a_dead_process_has_the_same_settings_after_one_reload(death):
    assert shown_settings(death.mover) == death.before
    assert death.mover.locator(f"{SVG} .mark-line path").count() > 0


def test_reader_of_another_process_never_notices(death):
    assert death.stayer.evaluate("window.is_the_first")
    assert death.stayer.faults == []


def test_new_readers_come_to_the_process_that_is_left(death):
    assert death.new == [death.left] * 4


def test_reader_who_has_moved_stays_when_the_process_is_back(death):
    assert download(death.mover).startswith("run,")
    assert page_port(death.mover.context) == death.left
