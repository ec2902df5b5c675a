"""A day of use in ten minutes: what it leaves in memory, and whether anything is compiled again.

    python -m tests.benchmarks.day [5000 500]

One reader sets thousands of random values; hundreds come, move a rate and leave. The server's and
the worker's memory are read before and after, and how often the trainer has been traced. Ends with a
failure if the server's memory has grown by 50 MB, if it was traced again, or if its process is
another one.
"""

import asyncio
import random
import sys
import tempfile
import time
from pathlib import Path

from linreg.runs.rules import RULES
from linreg.sharing import lessons
from tests.benchmarks.load import GONE, memory, move_good
from tests.browser import PAGE, ROOT, serving, workers
from tests.reader import Reader

TRACED = "traced: "
# The page, and the count of traces for whoever asks for it in the URL.
ASKED = f"""
import runpy, sys
sys.path.insert(0, {str(ROOT)!r})
import streamlit as st
from linreg import worker
if "traces" in st.query_params:
    count = "__import__('linreg.training.trainer', fromlist=['trainer']).num_traces()"
    st.text("{TRACED}" + str(worker.QUICK.submit(eval, count).future.result()))
else:
    runpy.run_path({str(PAGE)!r}, run_name="__main__")
"""
LARGEST = 3_000.0  # of what is entered
MOST_GROWTH = 50.0  # MB
SEED = 0


def random_value(kind: str, widget, chosen: random.Random) -> dict | None:
    """Return what a reader might set a control to; None for one that is left alone."""
    if kind == "number_input":
        low, high = max(widget.min, -10.0), min(widget.max, LARGEST)
        if widget.data_type == widget.INT:
            return {"double_value": float(chosen.randint(int(low), int(high)))}
        if widget.id.rsplit("-", 1)[-1] in ("too_small", "good", "too_large"):
            return {"double_value": 10 ** chosen.uniform(-3, 0)}
        return {"double_value": chosen.uniform(low, min(high, 10.0))}
    if kind == "slider":
        return {"string_array_value": [chosen.choice(widget.options)]}
    if kind == "selectbox":
        options = [one for one in widget.options if not one.startswith(("Your own", "Pasted"))]
        return {"string_value": chosen.choice(options)} if options else None
    if kind == "button" and not widget.disabled:
        return {"trigger_value": True}
    return None


async def use(reader: Reader, count: int, chosen: random.Random) -> None:
    """Set random values, one after the other."""
    for _ in range(count):
        known = {kind: [] for kind in ("number_input", "slider", "selectbox", "button")}
        for element, fragment in reader.elements.values():
            if (kind := element.WhichOneof("type")) in known:
                known[kind].append((getattr(element, kind), fragment))
        kind = chosen.choice([kind for kind, there in known.items() if there])
        widget, fragment = chosen.choice(known[kind])
        value = random_value(kind, widget, chosen)
        if value is None:
            continue
        reader.put(widget.id, **value)
        await reader.rerun(fragment)
        assert reader.exceptions == []
        reader.widgets.clear()


async def come_and_go(url: str, count: int, chosen: random.Random) -> None:
    """Open the page with one of its parts open, move a rate, and leave; five at a time."""

    async def visit() -> None:
        reader = Reader(url, f"open={chosen.choice(list(lessons.TABS))}")
        await reader.open()
        await reader.wait_for("Trained by TensorFlow")
        assert await move_good(reader, chosen)
        await reader.close()

    for _ in range(0, count, 5):
        await asyncio.gather(*(visit() for _ in range(5)))


async def asked(url: str, query: str, label: str) -> int:
    """Return the number that the page tells whoever asks for it in the URL."""
    reader = Reader(url, query)
    await reader.open()
    (told,) = [text for text in reader.texts() if label in text]
    await reader.close()
    return int(told.removeprefix(label))


async def every_rule(url: str) -> None:
    """Step by every rule once, so that each has been traced."""
    for rule in RULES:
        reader = Reader(url, f"rule={rule}")
        await reader.open()
        await reader.wait_for("Trained by TensorFlow")
        await reader.close()


def main(num_moves: int = 5_000, num_visits: int = 500) -> None:
    """Measure and print."""
    chosen = random.Random(SEED)
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder) / "page.py"
        page.write_text(ASKED, encoding="utf-8")
        with serving(page) as served:

            def seen(when: str) -> tuple[float, int, int]:
                """Print and return the server's memory, the worker, and its traces."""
                time.sleep(GONE)
                worker = workers(served)[0]
                server, traces = (
                    memory(served.process.pid),
                    asyncio.run(asked(served.url, "traces=1", TRACED)),
                )
                print(
                    f"{when}: server {server:.0f} MB, worker {memory(worker):.0f} MB, traced "
                    f"{traces} times",
                    flush=True,
                )
                return server, worker, traces

            async def whole(moves: int, visits: int) -> None:
                reader = Reader(served.url)
                await reader.open()
                await reader.wait_for("Trained by TensorFlow")
                await use(reader, moves, chosen)
                await reader.close()
                await come_and_go(served.url, visits, chosen)

            asyncio.run(every_rule(served.url))
            asyncio.run(whole(num_moves // 10, num_visits // 10))
            before = seen(f"after {num_moves // 10:,} moves and {num_visits // 10} visits")
            begin = time.perf_counter()
            asyncio.run(whole(num_moves, num_visits))
            took = time.perf_counter() - begin
            after = seen(f"after {num_moves:,} and {num_visits} more, in {took:.0f} s")
            assert after[0] - before[0] < MOST_GROWTH
            assert after[1:] == before[1:]


if __name__ == "__main__":
    main(*(int(word) for word in sys.argv[1:]))
