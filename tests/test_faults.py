"""What goes wrong beside the page: its worker killed or stopped, its server started anew.

On a real server, with readers who each see their own page.
"""

import asyncio
import os
import signal

import pytest

from tests.browser import PAGE, free_port, serving, settle, wait_until_idle, workers
from tests.reader import reading

TRAINED = "Trained by TensorFlow"


@pytest.fixture(scope="module")
def served():
    with serving(PAGE) as page:
        yield page


async def good(reader, rate: float) -> str:
    """Set the good rate, wait for the trained runs, and return its card."""
    await reader.set("number_input", "good", double_value=rate)
    await reader.wait_for(TRAINED)
    assert reader.exceptions == []
    card = next(text for text in reader.texts() if 'class="run good"' in text)
    assert f"Good · {rate} " in card
    assert '">measured<' in card
    return card


def test_worker_killed_again_and_again_costs_readers_nothing_but_a_notice(served):
    async def go():
        async with reading(served.url, "noise=0.02") as one, reading(served.url) as other:
            await one.wait_for(TRAINED)
            await other.wait_for(TRAINED)
            cards = [await good(one, 0.3), await good(other, 0.31)]
            for rate in (0.4, 0.5, 0.6):
                (worker,) = workers(served)
                os.kill(worker, signal.SIGKILL)
                await good(one, rate)
                await good(other, rate)
                assert workers(served) != [worker]
            assert [await good(one, 0.3), await good(other, 0.31)] == cards
            assert "noise=0.02" in one.query

    asyncio.run(go())


def test_long_training_killed_again_and_again_is_given_up_with_a_way_on(served):
    async def go():
        async with reading(served.url) as one, reading(served.url) as other:
            await one.wait_for(TRAINED)
            await other.wait_for(TRAINED)
            quick = workers(served)
            await one.set("number_input", "num_steps", double_value=2e6)
            for rate in (0.3, 0.4):
                while not (slow := set(workers(served)) - set(quick)):
                    await one.tick()
                os.kill(slow.pop(), signal.SIGKILL)
                await good(other, rate)  # trained in a process of its own, which nothing has hit
            await one.wait_for("Predicted, not trained.")
            assert any("ended from outside (SIGKILL" in text for text in one.texts())
            found, fragment = one.find("button", "train_again")
            one.put(found.id, trigger_value=True)
            await one.rerun(fragment)
            one.widgets.pop(found.id)
            await one.wait_for(TRAINED)
            assert one.exceptions == other.exceptions == []
            assert workers(served)[0] == quick[0]

    asyncio.run(go())


def test_stopped_worker_is_replaced_and_every_reader_gets_the_runs(served):
    async def go():
        async with reading(served.url) as one, reading(served.url) as other:
            await one.wait_for(TRAINED)
            await other.wait_for(TRAINED)
            stopped = workers(served)[0]
            os.kill(stopped, signal.SIGSTOP)
            await one.set("number_input", "good", double_value=0.37)
            assert any("Predicted, not trained yet" in text for text in one.texts())
            await asyncio.gather(good(one, 0.38), good(other, 0.39))
            assert any("no longer answered" in text for text in one.texts())
            assert stopped not in workers(served)

    asyncio.run(go())


def test_link_of_an_open_page_shows_the_same_picture_after_the_server_was_started_anew(browser):
    port = free_port()
    page = browser.new_page()
    with serving(PAGE, port=port) as served:
        page.goto(f"{served.url}/?good=0.33&noise=0.02&kept=a,run:good,good:0.3")
        settle(page)
        page.locator(".st-key-num_steps input").fill("150")
        page.locator(".st-key-num_steps input").press("Enter")
        page.get_by_text("of 150").first.wait_for()
        settle(page)
        before = page.url, page.locator(".st-key-runs_table").text_content()
    with serving(PAGE, port=port):
        page.reload()
        settle(page)
        wait_until_idle(page)
        assert (page.url, page.locator(".st-key-runs_table").text_content()) == before
    page.close()
