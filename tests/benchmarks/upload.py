"""What a file of a million rows costs: time, memory, and the page of a second reader meanwhile.

    python -m tests.benchmarks.upload

From dropping the file to the trained picture; the memory of the page's process before, with the
file, and after its reader has left; and a second reader's key presses without and during the upload,
in the same browser.
"""

import statistics
import sys
import time
from pathlib import Path

import numpy as np
from playwright.sync_api import Page

from tests.benchmarks.page import WATCH, press
from tests.browser import PAGE, launch, serve, settle

FORGOTTEN = 165  # seconds: Streamlit keeps a session for two minutes, should its reader come back


def file_of(num_rows: int) -> bytes:
    """Return a table of as many rows."""
    rng = np.random.default_rng(0)
    x = rng.uniform(0, 1000, num_rows)
    y = 3 * x + rng.normal(size=num_rows)
    rows = (f"{a:.6f},{b:.6f}\n" for a, b in zip(x.tolist(), y.tolist(), strict=True))
    return ("x,y\n" + "".join(rows)).encode()


def memory(url: str) -> float:
    """Return the resident memory of the server at this address, in MB."""
    option = f"--server.port={url.rpartition(':')[2]}".encode()
    for process in Path("/proc").glob("[0-9]*"):
        if option in (process / "cmdline").read_bytes().split(b"\0"):
            pages = int((process / "statm").read_text().split()[1])
            return pages * 4096 / 1e6
    raise RuntimeError(f"No server at {url}.")


def presses(page: Page, count: int) -> list[float]:
    """Return the milliseconds of as many key presses."""
    keys = ["ArrowUp", "ArrowDown"] * count
    return [press(page, ".st-key-good input", key) for key in keys[:count]]


def main(num_rows: int = 1_000_000) -> None:
    """Print what it costs."""
    data = file_of(num_rows)
    path = Path("/tmp") / "million.csv"
    path.write_bytes(data)  # a browser takes files above 50 MB only from the disk
    with serve(PAGE) as url, launch() as browser:
        second = browser.new_page(viewport={"width": 1400, "height": 900})
        second.goto(url)
        settle(second)
        second.evaluate(WATCH)
        alone = presses(second, 12)[2:]
        reader = browser.new_context(viewport={"width": 1400, "height": 900})
        first = reader.new_page()
        first.goto(f"{url}/?data=file")
        first.get_by_text("Drop a CSV or TSV file").wait_for()
        before = memory(url)
        began = time.perf_counter()
        first.locator(".st-key-upload input[type=file]").set_input_files(path)
        meanwhile = []
        while time.perf_counter() - began < 60:
            meanwhile += presses(second, 1)
            if first.get_by_text("Trained by TensorFlow").is_visible():
                break
        busy = time.perf_counter() - began
        full = memory(url)
        reader.close()
        time.sleep(FORGOTTEN)
        after = memory(url)
        reader = browser.new_context(viewport={"width": 1400, "height": 900})
        first = reader.new_page()
        first.goto(f"{url}/?data=file")
        first.get_by_text("Drop a CSV or TSV file").wait_for()
        began = time.perf_counter()
        first.locator(".st-key-upload input[type=file]").set_input_files(path)
        settle(first)
        undisturbed = time.perf_counter() - began
        first.evaluate(WATCH)
        own = presses(first, 12)[2:]
    path.unlink()
    print(f"{num_rows:,} rows, {len(data) / 1e6:.0f} MB")
    print(
        f"drop to trained picture     {undisturbed:.1f} s; beside a busy second reader {busy:.1f} s"
    )
    print(f"memory of the page's process  {before:.0f} MB before, {full:.0f} MB with it, ", end="")
    print(f"{after:.0f} MB after its reader has left")
    print(f"second reader's key press   {statistics.median(alone):.0f} ms alone; ", end="")
    print(
        f"during the upload {statistics.median(meanwhile):.0f} ms median, {max(meanwhile):.0f} ms"
    )
    print(f"uploader's own key press    {statistics.median(own):.0f} ms")


if __name__ == "__main__":
    main(*(int(word) for word in sys.argv[1:]))
