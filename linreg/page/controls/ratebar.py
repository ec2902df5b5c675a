"""The bar of rates over the stage: a handle for each run, to be dragged or moved by keys."""

from collections.abc import Sequence

from linreg.page.browser import component
from linreg.page.session import state
from linreg.page.session.address import is_shown
from linreg.page.session.phases import change, start
from linreg.pictures.ratebar import bar_data
from linreg.runs.phases import Phase
from linreg.sharing.settings import SETTINGS, TITLES
from linreg.theory.problem import Problem

_BAR = component("ratebar", shared="shared")


def show_rate_bar(problem: Problem, phases: Sequence[Phase]) -> None:
    """Show the rates of the last phase; what they do only where the sentence may tell it."""
    runs = zip(TITLES.items(), phases[-1].learning_rates, strict=True)
    known = bar_data(problem.quadratic, phases, start(), is_shown("sentence"))
    named = [{"name": name, "title": title, "rate": rate} for (name, title), rate in runs]
    _BAR(key="ratebar", data=known | {"runs": named}, on_moved_change=_take_rate)


def _take_rate() -> None:
    """Give a run the rate that its handle was moved to."""
    match state.ratebar.get("moved"):
        case {"name": str(name), "rate": int(rate) | float(rate)} if name in TITLES:
            if SETTINGS[name].low <= rate <= SETTINGS[name].high:
                change(name, float(rate))
