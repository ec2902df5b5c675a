"""The page without a browser: Streamlit's AppTest over the real worker, and what a reader does there."""

import gc
import os
import time
from collections.abc import Callable
from functools import cache

from streamlit.components.v2.component_manager import BidiComponentManager
from streamlit.testing.v1 import AppTest

from linreg import data
from linreg.runs.history import History
from linreg.runs.phases import Phase
from linreg.sharing import lessons, settings
from linreg.theory import Quadratic, rates
from linreg.training.processes import worker
from tests.browser import ROOT
from tests.patience import PATIENCE

TRAINED = "Trained by TensorFlow"


@cache
def _warm_up() -> None:
    """Let the worker load TensorFlow, so that no page's own patience has to pay for it.

    Where another test has loaded Keras into this process, Streamlit collects all garbage after every
    run; what is there by now is left out of that.
    """
    worker.collect(worker.submit([0, 1], [0, 1], [Phase(0.1, 1)], (0, 0), 0), PATIENCE)
    gc.collect()
    gc.freeze()


@cache
def _components() -> BidiComponentManager:
    """Return what all pages of a server share; finding it takes longer than drawing a page."""
    found = BidiComponentManager()
    found.discover_and_register_components(start_file_watching=False)
    return found


def open_page(**params) -> AppTest:
    """Open the page anew with these parameters in its address."""
    if worker.DASK not in os.environ:
        _warm_up()
    page = AppTest.from_file(str(ROOT / "dashboard.py"), default_timeout=PATIENCE)
    page._bidi_component_manager = _components()
    page.query_params = {name: str(value) for name, value in params.items()}
    return page.run()


def go_to(page: AppTest, **params) -> AppTest:
    """Give an open page another address, as back and forward do: what makes sense has to be taken.

    All of it, and nothing may be left of the address before: so none of these is a default.
    """
    page.query_params = {name: str(value) for name, value in params.items()}
    values, earlier, _ = settings.read(page.query_params)
    asked = settings.write(values, earlier, set())
    page.run()
    assert not page.exception
    assert page.query_params == asked, (page.query_params, asked)
    return page


def run_until(page: AppTest, is_there: Callable[[], bool], training: str = "job") -> AppTest:
    """Run the page until something is there: again whenever its own notice would draw it again.

    Args:
        page: An open one.
        is_there: Whether it is.
        training: What brings it, by its name in the session.
    """
    deadline = time.monotonic() + PATIENCE
    while not is_there():
        assert "This cannot be trained" not in " ".join(refusals(page)), refusals(page)
        waited_for = made(page, training)
        assert waited_for is not None, captions(page)
        assert not waited_for.has_ended, waited_for.troubles
        assert time.monotonic() < deadline, captions(page)
        while not waited_for.has_news() and time.monotonic() < deadline:
            time.sleep(0.01)
        page.run()
        assert not page.exception
    return page


def trained(page: AppTest) -> AppTest:
    """Run the page until TensorFlow has answered."""
    return run_until(page, lambda: TRAINED in captions(page))


def click(page: AppTest, key: str) -> AppTest:
    """Press a button, and wait until the runs are trained."""
    return trained(page.button(key=key).click().run())


def open_tab(page: AppTest, name: str) -> AppTest:
    """Open one of the parts below the stage."""
    page.session_state["details"] = lessons.TABS[name]
    return page.run()


def open_ways(page: AppTest) -> AppTest:
    """Open the other ways to step."""
    page.session_state["ways"] = True
    return page.run()


def upload(page: AppTest, content: bytes, name: str = "mine.csv") -> AppTest:
    """Give the page a file."""
    return page.file_uploader(key="upload").set_value((name, content, "text/csv")).run()


def paste(page: AppTest, text: str) -> AppTest:
    """Give the page rows."""
    return page.text_area(key="paste").set_value(text).run()


def captions(page: AppTest) -> str:
    """Return all small print."""
    return " ".join(caption.value for caption in page.caption)


def refusals(page: AppTest) -> list[str]:
    """Return why there is nothing to train on."""
    return [part.value for part in page.html if 'class="refusal"' in part.value]


def card(page: AppTest, name: str) -> str:
    """Return what the card of a run says, as HTML."""
    return page.container(key=f"card_{name}").html[0].value


def head(page: AppTest, name: str) -> str:
    """Return what the header of a run says, as HTML."""
    return page.container(key=f"head_{name}").html[0].value


def in_sight(page: AppTest) -> set[str]:
    """Return the settings that have an exact entry now."""
    return {entry.key for entry in page.number_input}


def shown_rates(page: AppTest) -> dict[str, float]:
    """Return the rates as their entries show them."""
    return {name: page.number_input(key=name).value for name in rates.RUNS}


def suggested_rates(**made_of) -> dict[str, float]:
    """Return the rates that are suggested for a line."""
    line = data.make_line(**made_of)
    return rates.suggestions(Quadratic.of(line.x, line.y))


def source(page: AppTest) -> str:
    """Return what is said of where the points come from."""
    return next(part.value for part in page.html if 'class="source"' in part.value)


def made(page: AppTest, name: str):
    """Return what the page has made and keeps under this name; None if nothing."""
    return page.session_state.get("made", {}).get(name, (None, None))[1]


def shown_runs(page: AppTest) -> History:
    """Return the runs that stand on the stage."""
    return made(page, "older")[1].drawn
