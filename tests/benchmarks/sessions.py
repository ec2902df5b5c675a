"""What sessions leave in the server once they have ended: objects, and memory.

    python -m tests.benchmarks.sessions [50 100 100 100]

So many readers come, move a rate and leave, five at a time; sessions end after seconds instead of
minutes. Then the page counts the objects of its process that can hold others.
"""

import asyncio
import random
import sys
import tempfile
import time
from pathlib import Path

from tests.benchmarks.day import asked, come_and_go
from tests.benchmarks.load import memory
from tests.browser import PAGE, ROOT, serving

OBJECTS = "objects: "
TIME = 4.0  # seconds until a session ends
COUNTED = f"""
import gc, runpy, sys
sys.path.insert(0, {str(ROOT)!r})
import streamlit as st
from linreg.page.server import memory
from streamlit import runtime

memory.EVERY = TIME = {TIME}
memory.loop_and_store(runtime.get_instance())[1]._ttl = TIME
if "objects" in st.query_params:
    memory.give_back()
    st.text("{OBJECTS}" + str(len(gc.get_objects())))
else:
    runpy.run_path({str(PAGE)!r}, run_name="__main__")
"""


def main(counts: list[int]) -> None:
    """Measure and print."""
    chosen, gone = random.Random(0), 0
    print("| sessions come and gone | objects | memory |\n|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder) / "page.py"
        page.write_text(COUNTED, encoding="utf-8")
        with serving(page) as served:
            for count in counts:
                asyncio.run(come_and_go(served.url, count, chosen))
                gone += count
                time.sleep(3 * TIME)
                objects = asyncio.run(asked(served.url, "objects=1", OBJECTS))
                held = memory(served.process.pid)
                print(f"| {gone} | {objects:,} | {held:.0f} MB |", flush=True)


if __name__ == "__main__":
    main([int(word) for word in sys.argv[1:]] or [50, 100, 100, 100])
