"""What goes wrong beside the page: its worker killed, stopped, or out of memory.

On a real server, with readers who each see their own page.
"""

import asyncio
import os
import re
import resource
import signal
from pathlib import Path

from linreg.training.processes import worker
from tests.browser import workers
from tests.reader import TRAINED, reading, run

LONG = 700_000  # steps, which go into the process of long trainings


async def good(reader, rate: float) -> str:
    """Set the good rate, wait for the trained runs, and return its card."""
    await reader.set("number_input", "good", double_value=rate)
    await reader.wait_for(TRAINED)
    assert reader.exceptions == []
    cards = (text for text in reader.texts() if 'class="run good"' in text)
    card = next(text for text in cards if "<table>" in text)
    assert f"Good · {rate} " in card
    assert '">measured<' in card
    return card


async def press(reader, key: str) -> None:
    """Press a button as soon as it is there."""
    found = None
    while found is None:
        try:
            found, fragment = reader.find("button", key)
        except KeyError:
            await reader.tick()
    reader.put(found.id, trigger_value=True)
    await reader.rerun(fragment)
    reader.widgets.pop(found.id)


def test_page_never_imports_tensorflow_and_its_worker_does(served):
    (training,) = workers(served)  # which has trained
    loaded = [Path(f"/proc/{one}/maps").read_text() for one in (served.process.pid, training)]
    assert ["libtensorflow" in libraries for libraries in loaded] == [False, True]


def test_worker_killed_again_and_again_costs_readers_nothing_but_a_notice(served):
    async def go():
        async with reading(served.url, "noise=0.02") as one, reading(served.url) as other:
            await one.wait_for(TRAINED)
            await other.wait_for(TRAINED)
            cards = [await good(one, 0.3), await good(other, 0.31)]
            for rate in (0.4, 0.5):
                (killed,) = workers(served)
                os.kill(killed, signal.SIGKILL)
                await good(one, rate)
                await good(other, rate)
                assert workers(served) != [killed]
            assert [await good(one, 0.3), await good(other, 0.31)] == cards
            assert "noise=0.02" in one.query

    run(go())


def test_long_training_killed_again_and_again_is_given_up_with_a_way_on(served):
    async def go():
        async with reading(served.url) as one, reading(served.url) as other:
            await one.wait_for(TRAINED)
            await other.wait_for(TRAINED)
            quick = worker_of(served, worker.QUICK)
            await one.set("number_input", "num_steps", double_value=LONG)
            slow = None
            for rate in (0.3, 0.4):
                killed = slow  # which may take a while to be gone
                while (slow := worker_of(served, worker.SLOW)) in (None, killed):
                    await one.tick()
                os.kill(slow, signal.SIGKILL)
                await good(other, rate)  # trained in a process of its own, which nothing has hit
            await one.wait_for("Predicted, not trained.")
            assert any("ended from outside (SIGKILL" in text for text in one.texts())
            await press(one, "train_again")
            await one.wait_for(TRAINED)
            assert one.exceptions == other.exceptions == []
            assert worker_of(served, worker.QUICK) == quick

    run(go())


def worker_of(served, lane):
    """Return the process of a lane, told by how far it lets others go first, or None."""
    niceness = {worker.QUICK: 5, worker.SLOW: 10}[lane]
    found = workers(served)
    return next((one for one in found if os.getpriority(os.PRIO_PROCESS, one) == niceness), None)


def test_map_is_trained_again_when_its_worker_is_killed_and_offered_when_that_happens_twice(served):
    async def go():
        async with reading(served.url) as other, reading(served.url, f"num_steps={LONG}") as long:
            await long.wait_for(TRAINED)
            first = worker_of(served, worker.SLOW)
            os.kill(first, signal.SIGSTOP)
            async with reading(served.url, "open=map&num_steps=200000") as one:
                await one.wait_for("on 256 rates")
                os.kill(first, signal.SIGKILL)
                await one.wait_for("ended from outside (SIGKILL")
                await good(other, 0.3)
                while (second := worker_of(served, worker.SLOW)) in (None, first):
                    await one.tick()
                os.kill(second, signal.SIGKILL)
                await press(one, "map_again")
                await one.wait_for("what 256 runs reached")
                assert one.exceptions == other.exceptions == []

    run(go())


def test_stopped_workers_are_replaced_and_every_reader_gets_the_runs(served):
    async def go():
        async with reading(served.url) as one, reading(served.url) as other:
            await one.wait_for(TRAINED)
            await other.wait_for(TRAINED)
            await one.set("number_input", "num_steps", double_value=LONG)
            await one.wait_for(TRAINED)
            slow, quick = (worker_of(served, lane) for lane in (worker.SLOW, worker.QUICK))
            os.kill(slow, signal.SIGSTOP)
            await one.set("number_input", "good", double_value=0.4)
            await good(other, 0.41)  # trained in a process of its own, which nothing has stopped
            os.kill(quick, signal.SIGSTOP)
            await other.set("number_input", "good", double_value=0.37)
            assert any("Predicted, not trained yet" in text for text in other.texts())
            await asyncio.gather(good(other, 0.38), one.wait_for("no longer answered"))
            assert any("no longer answered" in text for text in other.texts())
            await one.wait_for(TRAINED)
            assert {slow, quick}.isdisjoint(workers(served))
            assert one.exceptions == other.exceptions == []

    run(go())


def test_worker_out_of_memory_costs_its_reader_a_notice_and_others_nothing(served):
    async def go():
        async with reading(served.url) as other, reading(served.url, f"num_steps={LONG}") as long:
            await other.wait_for(TRAINED)
            await long.wait_for(TRAINED)
            slow = worker_of(served, worker.SLOW)
            status = Path(f"/proc/{slow}/status").read_text(encoding="ascii")
            used = int(re.search(r"VmSize:\s+(\d+)", status)[1]) * 1024
            resource.prlimit(slow, resource.RLIMIT_AS, (used, resource.RLIM_INFINITY))
            # a million points, in ten orders
            async with reading(served.url, "num_points=1000000&batch_size=100") as one:
                await one.wait_for("had not enough memory")
                await good(other, 0.43)
                await one.wait_for(TRAINED)
                assert worker_of(served, worker.SLOW) != slow
                assert one.exceptions == other.exceptions == []

    run(go())
