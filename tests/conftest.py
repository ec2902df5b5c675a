"""What all tests share: groups that run side by side, Hypothesis, one served page, one browser."""

import sys

import pytest
from hypothesis import HealthCheck, settings

from tests.patience import PATIENCE
from tests.properties import EXPLORING, LANDING

# Programs to run by hand, some of which need packages that the tests do not.
collect_ignore = ["benchmarks"]

# No deadline: the first example may compile. The same few examples every time, so that a change is
# judged by itself; `--hypothesis-profile=explore` looks for new ones, many.
# Nor a limit of time for making examples: machines are shared.
slow = [HealthCheck.too_slow]
settings.register_profile(
    "landing", max_examples=LANDING, deadline=None, derandomize=True, suppress_health_check=slow
)
settings.register_profile(
    "explore", max_examples=EXPLORING, deadline=None, print_blob=True, suppress_health_check=slow
)
settings.load_profile("landing")

# What runs in one process, one after the other: what shares one served page and one browser, one
# trainer of the page, or is on its own because it waits more than it computes. What takes longest
# stands first and begins first, so that shorter ones can fill every gap.
GROUPS = {
    "browser": ("tests/browser",),
    "numbers": (),  # all others: they share one TensorFlow, and what it has compiled
    "readers": ("tests/server/test_faults.py", "tests/server/test_forged.py"),
    "page": ("tests/page",),
    "worker": ("tests/training/test_worker.py",),
    "nginx": ("tests/server/test_behind_nginx.py", "tests/server/test_ending.py"),
    "lane": ("tests/training/test_lane.py", "tests/test_command_line.py"),
}


def group_of(file):
    """Return the name of the group that a file belongs to, by its path in the project."""
    return next((one for one in GROUPS if file.startswith(GROUPS[one])), "numbers")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """Let groups run side by side; pytest-xdist's own marks for that do nothing with pytest 9.2."""
    from xdist.scheduler import LoadScopeScheduling

    class Groups(LoadScopeScheduling):
        def _split_scope(self, nodeid):
            return group_of(nodeid.partition("::")[0])

    return Groups(config, log)


def pytest_collection_modifyitems(items):
    """Let the groups that take longest begin."""
    turns = list(GROUPS)
    items.sort(key=lambda item: turns.index(group_of(item.nodeid)))


LOADED = pytest.StashKey[set[str]]()


def pytest_collection_finish(session):
    """Remember what collecting has loaded that takes seconds, for `law/test_rooms.py`."""
    session.config.stash[LOADED] = {"tensorflow", "keras", "torch", "jax"} & sys.modules.keys()


@pytest.fixture(autouse=True)
def no_page_fails(caplog):
    """Let a test fail in which a page has failed: the page itself shows no traceback."""
    yield
    failed = [one for when in ("setup", "call") for one in caplog.get_records(when)]
    failed = [one for one in failed if one.name == "linreg.page" and one.levelname == "ERROR"]
    assert not failed, failed[0].exc_text or failed[0].exc_info


# What follows imports what it needs by itself, so that tests of numbers do not load a browser.


@pytest.fixture(scope="session")
def playwright():
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=1000 * PATIENCE)
    with sync_playwright() as driver:
        yield driver


@pytest.fixture(scope="session")
def browser(playwright):
    """Return a browser for readers who have a profile of their own each."""
    from tests.browser import FLAGS, chromium

    launched = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
    yield launched
    launched.close()


@pytest.fixture(scope="session")
def served():
    """Serve a page whose worker has loaded TensorFlow and trained once."""
    from tests.browser import PAGE, serving
    from tests.reader import wait_until_trained

    with serving(PAGE) as page:
        wait_until_trained(page.url)
        yield page


@pytest.fixture(scope="session")
def url(served):
    """Return its address."""
    return served.url


@pytest.fixture(scope="session")
def windows(playwright, tmp_path_factory):
    """Lend windows of one profile on disk, which keeps the page's compiled code: half of a visit."""
    from tests.browser import FLAGS, Windows, chromium

    profile = tmp_path_factory.mktemp("profile")
    context = playwright.chromium.launch_persistent_context(
        profile, executable_path=chromium(), args=FLAGS
    )
    context.set_default_timeout(1000 * PATIENCE)
    yield Windows(context)
    context.close()


@pytest.fixture
def visit(windows, url):
    """Open the page at a width and appearance, and wait until its runs are measured."""
    from tests.browser import settle

    taken = []

    def opened(query="", width=1400, height=900, scheme="light", motion="no-preference"):
        page = windows.take()
        taken.append(page)
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(color_scheme=scheme, reduced_motion=motion)
        page.goto(f"{url}/{query}")
        settle(page)
        return page

    yield opened
    for page in taken:
        windows.give_back(page)
