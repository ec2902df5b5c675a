"""What the server bears: many readers who each move a rate, over its real websocket protocol.

    python -m tests.benchmarks.load [1 10 30 100]

Each reader sets the rate of "Good", waits for the trained run, and checks its weight, bias and loss
against the theory. Beside it, in the same run: a bare Streamlit page with as many sliders, and the
same page with TensorFlow imported into its process under Streamlit's default settings. Then one
reader beside others at the limit of what the server does for them, and what the sessions leave.
"""

import asyncio
import gc
import random
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path

from linreg import data
from linreg.theory import Quadratic
from linreg.words import number
from tests.benchmarks.page import BARE
from tests.browser import PAGE, ROOT, serving
from tests.reader import Reader
from tests.runs import path_of

SECONDS = 15  # of measurement
GONE = 150  # seconds after which Streamlit has forgotten who left
HEADER = (
    "| page | readers | reruns a second | p50 | p95 | errors | all open after | memory | sent a move |\n"
    "|---|---|---|---|---|---|---|---|---|"
)
HEAVY = f"""
import runpy, sys
import tensorflow
import keras
sys.path.insert(0, {str(ROOT)!r})
runpy.run_path({str(PAGE)!r}, run_name="__main__")
"""
DEFAULTS = {"STREAMLIT_SERVER_FILE_WATCHER_TYPE": "auto", "STREAMLIT_RUNNER_POST_SCRIPT_GC": "true"}
LINE = data.make_line()
QUADRATIC = Quadratic.of(LINE.x, LINE.y)

Move = Callable[[Reader, random.Random], Coroutine[None, None, bool]]


async def move_good(reader: Reader, chosen: random.Random) -> bool:
    """Move the rate, wait for the trained runs, and return whether they end as the theory says."""
    rate = round(chosen.uniform(0.1, 0.7), 3)
    await reader.set("number_input", "good", double_value=rate)
    await reader.wait_for("Trained by TensorFlow")
    cards = (text for text in reader.texts() if 'class="run good"' in text)
    card = next(text for text in cards if "<table>" in text)
    path = path_of(QUADRATIC, rate, [200])
    cells = "".join(f"<td>{number(float(part[0]))}</td>" for part in path)
    return (
        f"Good · {number(rate)} " in card
        and re.search(r'scope="col">measured<', card)
        and (cells in card)
    )


async def move_bare(reader: Reader, chosen: random.Random) -> bool:
    """Move a rate of the bare page."""
    found, fragment = reader.find("slider", "rate_1")
    reader.put(found.id, string_array_value=[chosen.choice(found.options)])
    await reader.rerun(fragment)
    return True


def shows_picture(reader: Reader) -> Iterator[bool]:
    """Yield whether each element of a page is a chart."""
    for element, _ in reader.elements.values():
        yield element.WhichOneof("type") in ("arrow_vega_lite_chart", "vega_lite_chart")


async def measure(url: str, move: Move, num_readers: int, pause: float) -> dict[str, float]:
    """Let so many readers move a rate for a while; return what they saw."""
    readers = [Reader(url) for _ in range(num_readers)]
    began = time.perf_counter()
    await asyncio.gather(*(reader.open() for reader in readers))
    opened = time.perf_counter() - began
    assert all(any(shows_picture(reader)) for reader in readers)
    if move is move_good:
        await asyncio.gather(*(reader.wait_for("Trained by TensorFlow") for reader in readers))
    times: list[float] = []
    wrong = 0
    end = time.perf_counter() + SECONDS + pause

    async def act(reader: Reader, chosen: random.Random) -> None:
        nonlocal wrong
        await asyncio.sleep(chosen.uniform(0, pause))
        while time.perf_counter() < end:
            begin = time.perf_counter()
            try:
                wrong += not await move(reader, chosen)
            except (OSError, TimeoutError, KeyError, StopIteration):
                wrong += 1
            times.append(time.perf_counter() - begin)
            await asyncio.sleep(max(0.0, pause - (time.perf_counter() - begin)))

    begin, before = time.perf_counter(), sum(reader.num_bytes for reader in readers)
    await asyncio.gather(*(act(reader, random.Random(k)) for k, reader in enumerate(readers)))
    took = time.perf_counter() - begin
    await asyncio.gather(*(reader.close() for reader in readers))
    times.sort()
    return {
        "reruns": len(times) / took,
        "p50": statistics.median(times),
        "p95": times[int(0.95 * (len(times) - 1))],
        "errors": wrong + sum(len(reader.exceptions) for reader in readers),
        "opened": opened,
        "sent": (sum(reader.num_bytes for reader in readers) - before) / len(times),
    }


async def work_hard(reader: Reader) -> None:
    """Ask for two million steps of mini-batches, and again with other rates, without end."""
    await reader.wait_for("Trained by TensorFlow")
    await reader.set("number_input", "num_steps", double_value=2_000_000)
    for turn in range(10**9):
        await reader.set("number_input", "good", double_value=0.2 + 0.01 * (turn % 30))
        await reader.wait_for("Trained by TensorFlow", timeout=300)


async def beside_the_limit(url: str, query: str, num_others: int) -> tuple[float, float]:
    """Return the median seconds of a reader's moves, alone and beside others who work hard."""
    medians = []
    for count in (0, num_others):
        others = [Reader(url, query) for _ in range(count)]
        for other in others:
            await other.open()
        tasks = [asyncio.create_task(work_hard(other)) for other in others]
        await asyncio.sleep(20 if tasks else 0)  # until their process has loaded TensorFlow
        medians.append((await measure(url, move_good, 1, 0.0))["p50"])
        for task in tasks:
            assert not task.done(), task.exception()
            task.cancel()
        for other in others:
            await other.close()
    return medians[0], medians[1]


def memory(process: int) -> float:
    """Return the resident memory of a process, in MB."""
    text = Path(f"/proc/{process}/status").read_text(encoding="ascii")
    return int(re.search(r"VmRSS:\s+(\d+)", text)[1]) / 1024


def limits() -> None:
    """Print what others at the limit cost a reader."""
    print("| others, each without pause | one reader's move, alone | beside them | ratio |")
    print("|---|---|---|---|")
    for told, query, count in (
        ("one: 2,000,000 steps", "", 1),
        ("one: 2,000,000 steps of mini-batches", "batch_size=1", 1),
        ("three: the same", "batch_size=1", 3),
    ):
        with serving(PAGE) as served:
            asyncio.run(measure(served.url, move_good, 1, 0.0))  # warm
            alone, beside = asyncio.run(beside_the_limit(served.url, query, count))
            print(
                f"| {told} | {1000 * alone:.0f} ms | {1000 * beside:.0f} ms "
                f"| {beside / alone:.2f} |",
                flush=True,
            )
    print()


def sessions(num_sessions: int = 100) -> None:
    """Print what sessions take of the server's memory, and what they leave."""

    async def visit(url: str, process: int) -> float:
        readers = [Reader(url) for _ in range(num_sessions)]
        for reader in readers:
            await reader.open()
            await reader.wait_for("Trained by TensorFlow")
            await move_good(reader, random.Random(0))
        held = memory(process)
        for reader in readers:
            await reader.close()
        return held

    with serving(PAGE) as served:
        process = served.process.pid
        asyncio.run(measure(served.url, move_good, 1, 0.0))  # warm
        asyncio.run(visit(served.url, process))
        time.sleep(GONE)
        before = memory(process)
        held = asyncio.run(visit(served.url, process))
        time.sleep(GONE)
        print(
            f"{num_sessions} sessions: {before:.0f} MB before, {held:.0f} MB with them "
            f"({(held - before) / num_sessions:.2f} MB each), {memory(process):.0f} MB after."
        )


def main(sizes: list[int]) -> None:
    """Measure and print."""
    print(HEADER)
    with tempfile.TemporaryDirectory() as folder:
        bare, heavy = Path(folder) / "bare.py", Path(folder) / "heavy.py"
        bare.write_text(BARE, encoding="utf-8")
        heavy.write_text(HEAVY, encoding="utf-8")
        pages = (
            ("ours", PAGE, move_good, {}),
            ("bare Streamlit page", bare, move_bare, {}),
            ("TensorFlow in the page", heavy, move_good, DEFAULTS),
        )
        for name, script, move, environment in pages:
            with serving(script, **environment) as served:
                asyncio.run(measure(served.url, move, 1, 0.0))  # warm
                rows = [(size, 0.0) for size in sizes if name == "ours" or size <= 30]
                rows += [(100, 3.0)] * (name == "ours" and 100 in sizes)
                for size, pause in rows:
                    seen = asyncio.run(measure(served.url, move, size, pause))
                    gc.collect()
                    label = name + ", a move every 3 s" * bool(pause)
                    print(
                        f"| {label} | {size} | {seen['reruns']:.1f} | {1000 * seen['p50']:.0f} ms "
                        f"| {1000 * seen['p95']:.0f} ms | {seen['errors']:.0f} "
                        f"| {seen['opened']:.1f} s | {memory(served.process.pid):.0f} MB "
                        f"| {seen['sent'] / 1000:.0f} kB |",
                        flush=True,
                    )
    print()
    limits()
    sessions()


if __name__ == "__main__":
    main([int(word) for word in sys.argv[1:]] or [1, 10, 30, 100])
