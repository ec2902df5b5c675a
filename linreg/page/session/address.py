"""The page's settings in its URL: read when the reader goes back, written when they change."""

from collections.abc import Sequence

import streamlit as st

from linreg.page.html.comparison import SORTS, VIEW, View
from linreg.page.session import following, is_own_rerun, phases, state
from linreg.page.session.retrained import set_kept
from linreg.runs.phases import Phase
from linreg.sharing import kept, lessons, settings
from linreg.sharing.settings import DATA, START
from linreg.theory import rates

OURS = {*settings.SETTINGS, settings.PHASES, settings.KEPT, *VIEW}  # that the page writes


def read_url() -> list[str]:
    """Take the settings from the URL at the start, and after back and forward; return its faults.

    Streamlit's own binding of widgets to the URL misses what buttons change. A URL that comes along
    with a moved setting, or with a rerun of the page's own, is one the browser has not updated yet.
    """
    phases.hold()
    params = st.query_params.to_dict()
    is_own = is_own_rerun()
    if "url" in state and (is_own or params == state.url or _has_moved()):
        if _has_moved():
            state.url_problems = []
    else:
        found, problems = lessons.read(params)
        if found != state.get("lesson"):
            state.lesson, state.details = found, found.title
        take(found.settings | params)
        state.url_problems += problems
    return state.url_problems


def take(params: dict[str, str]) -> None:
    """Set everything as a URL's parameters say; what they leave out goes to its default."""
    values, earlier, state.url_problems = settings.read(params)
    runs, problems = kept.of_text(params.get(settings.KEPT, ""))
    set_kept(runs)
    view, more = View.read(params)
    state.kept_sort, state.kept_descending, state.kept_different = view
    state.url_problems += problems + more
    phases.impose({name: (phases.DEFAULTS | values)[name] for name in (*DATA, *START)})
    phases.begin(values, earlier)
    state.ways = bool(set(values) & {"rule", "schedule", "batch_size"})
    following.begin()


def is_shown(part: str) -> bool:
    """Return whether the lesson, if there is one, shows a part of the page."""
    assert part in lessons.PARTS
    return part not in state.lesson.hidden


def open_part(name: str) -> None:
    """Show a part below the stage, by its name in `lessons.TABS`."""
    state.details = lessons.TABS[name]


def fixed_params(shown: Sequence[Phase]) -> dict[str, str]:
    """Return every setting that is not at its default, and the rates of all phases as shown.

    What we suggest may change some day; what a link or a file shows may not.
    """
    values = []
    for one, phase in zip((*state.earlier, phases.all_values()), shown, strict=True):
        rated = one | dict(zip(rates.RUNS, phase.learning_rates, strict=True))
        values.append({name: rated[name] for name in settings.SETTINGS if name in rated})
    return _params(values[-1], values[:-1], set())


def _params(
    values: settings.Values, earlier: list[settings.Values], following: set[str]
) -> dict[str, str]:
    """Return settings, what a lesson sets, and the kept runs, as parameters of a URL."""
    params = settings.write(values, earlier, following)
    # As it is now: an address without it would set it again.
    by_lesson = {name: values[name] for name in state.lesson.settings}
    params |= {name: f"{value}" for name, value in by_lesson.items() if value is not None}
    if state.kept_runs:
        params |= {settings.KEPT: kept.to_text(state.kept_runs)} | current_view().write()
    return params


def current_view() -> View:
    """Return how the kept runs are compared; what a browser may not send is left out."""
    sort_by = state.get("kept_sort")
    flags = (bool(state.get(name)) for name in ("kept_descending", "kept_different"))
    return View(sort_by if sort_by in SORTS else View.sort_by, *flags)


def other_params() -> dict[str, str]:
    """Return the parameters of the URL that are no settings: a lesson's, and strangers'."""
    return {k: v for k, v in st.query_params.to_dict().items() if k not in OURS}


def write_url() -> None:
    """Put every setting that is not at its default into the URL; leave other parameters alone."""
    values = phases.all_values()
    params = other_params() | _params(values, state.earlier, following.followers())
    if params != st.query_params.to_dict():
        st.query_params.from_dict(params)
    more = {"earlier": list(state.earlier), "kept_runs": list(state.kept_runs)}
    more |= {name: state.get(name) for name in VIEW}
    state.url, state.written = params, values | more


def _has_moved() -> bool:
    return any(state.get(name) != value for name, value in state.get("written", {}).items())
