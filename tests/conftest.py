"""What all tests share: settings of Hypothesis, one browser and one served page."""

import pytest
from hypothesis import HealthCheck, settings

from tests.browser import PAGE, launch, serve, settle

# Programs to run by hand, some of which need packages that the tests do not.
collect_ignore = ["benchmarks"]

# No deadline: the first example may compile. The same examples every time, so that a change is
# judged by itself; `--hypothesis-profile=explore` looks for new ones.
# Nor a limit of time for making examples: machines are shared.
slow = [HealthCheck.too_slow]
settings.register_profile("linreg", deadline=None, derandomize=True, suppress_health_check=slow)
settings.register_profile("explore", deadline=None, print_blob=True)
settings.load_profile("linreg")


@pytest.fixture(autouse=True)
def no_page_fails(caplog):
    """Let a test fail in which a page has failed: the page itself shows no traceback."""
    yield
    failed = [one for when in ("setup", "call") for one in caplog.get_records(when)]
    failed = [one for one in failed if one.name == "linreg.page" and one.levelname == "ERROR"]
    assert not failed, failed[0].exc_text or failed[0].exc_info


@pytest.fixture(scope="module")
def browser():
    with launch() as launched:
        yield launched


@pytest.fixture(scope="module")
def url():
    with serve(PAGE) as served:
        yield served


@pytest.fixture
def visit(browser, url):
    """Open the page at a width and appearance, and wait until its runs are measured."""
    contexts = []

    def opened(query="", width=1400, height=900, scheme="light"):
        context = browser.new_context(
            viewport={"width": width, "height": height}, color_scheme=scheme
        )
        contexts.append(context)
        page = context.new_page()
        page.faults = []
        page.on("console", lambda m: m.type == "error" and page.faults.append(m.text))
        page.on("pageerror", lambda error: page.faults.append(str(error)))
        page.goto(f"{url}/{query}")
        settle(page)
        return page

    yield opened
    for context in contexts:
        context.close()
