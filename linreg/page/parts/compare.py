"""Keep and compare on the page: runs that stay when data and rates change."""

from collections.abc import Callable, Collection
from dataclasses import replace
from functools import partial

import streamlit as st

from linreg.page.controls.fields import select, stay
from linreg.page.html import comparison, markup
from linreg.page.server.downloads import readiness
from linreg.page.session import made, phases, retrained, state
from linreg.page.session.address import current_view
from linreg.page.session.jobs import show_waiting
from linreg.sharing import kept, settings
from linreg.sharing.kept import MAX_DRAWN, Kept
from linreg.sharing.result import Result, data_in_words
from linreg.sharing.settings import TITLES
from linreg.telling.told import Runs
from linreg.theory import rates
from linreg.theory.problem import Problem

NO_BASELINE = "No baseline"


def current_data() -> str:
    """Return what the three runs are trained on, in words."""
    return data_in_words(phases.changed())


def current_results(problem: Problem, shown: Runs, data: str) -> list[Result]:
    """Return what the three runs on the stage came to."""
    return [
        Result.of(problem.noise, shown.drawn, told, data, problem.scaling)
        for told in shown.verdicts
    ]


def drawn_results() -> list[tuple[str, Result]]:
    """Return the kept runs whose loss is drawn on the stage, as far as they are there."""
    return retrained.kept_results(_drawn())[0]


def _drawn() -> list[Kept]:
    return [one for one in state.kept_runs if one.is_drawn][:MAX_DRAWN]


def kept_to_export() -> list[tuple[str, Result]]:
    """Return the kept runs for a file, with names that differ from the current ones; say how many.

    It says, too, which of them are missing, and waits for those that are on their way.
    """
    if not state.kept_runs:
        return []
    there, missing = retrained.kept_results(state.kept_runs)
    st.caption(
        f"Both files hold the three runs as they are now, and {len(there)} of "
        f"{_counted(state.kept_runs)}."
    )
    _say_what_is_missing(missing)
    return [(f"{name} (kept)" if name in TITLES.values() else name, one) for name, one in there]


def keep(runs: tuple[str, ...], shown: Runs, results: list[Result]) -> None:
    """Keep some of the three runs, under the name that was entered or their own."""
    entered = (state.get("kept_name") or "").strip()
    state.kept_trouble = ""
    token = retrained.own_token() if state.data in settings.OWN else ""
    for run in runs:
        title, index = TITLES[run], rates.RUNS.index(run)
        name = f"{entered} {title}" if entered and len(runs) > 1 else entered
        name = name or f"{title} {shown.drawn.learning_rates[index]:.4g}"
        passed = state.earlier, shown.drawn.phases
        one = Kept.of(name, run, phases.all_values(), *passed, token)
        try:
            retrained.set_kept(kept.added(state.kept_runs, one))
        except ValueError as reason:
            state.kept_trouble = str(reason)
            return
        retrained.remember(one, results[index])
    state.kept_name = ""


def show_drawn_pending() -> None:
    """Say that kept runs are missing on the stage, which has asked for them, until they are there."""
    if any(map(retrained.is_pending, _drawn())):
        text = "Kept runs are trained again, to be drawn here ({wait})."
        show_waiting(made.known("kept_training"), text)


def compared(problem: Problem, shown: Runs) -> Callable[[], str] | None:
    """Return what compares the kept runs with the current ones in HTML; None if there are none."""
    there, _ = retrained.kept_results(state.kept_runs)
    return _beside(there, current_results(problem, shown, current_data())) if there else None


def _beside(there: list[tuple[str, Result]], results: list[Result]) -> Callable[[], str]:
    """Return the same with the three runs on the stage under names that no kept run has."""
    names = {one.name for one in state.kept_runs}
    titles = (f"Now: {title}" for title in TITLES.values())
    unlike = (title + " " * (title in names) for title in titles)
    rows = [*there, *zip(unlike, results, strict=True)]
    return partial(comparison.table, rows, _baseline(), current_view())


def _baseline() -> str | None:
    return next((one.name for one in state.kept_runs if one.is_baseline), None)


def show_kept(problem: Problem, shown: Runs) -> None:
    """Show what keeps runs, and the kept ones beside the current ones."""
    results = current_results(problem, shown, current_data())
    _show_keeping(shown, results)
    if state.get("kept_trouble"):
        st.warning(state.kept_trouble)
    if not state.kept_runs:
        st.caption(
            "Keep a run, and it stays here while you change data, rates and steps: compare it with "
            "others, take it as the baseline, draw its loss beside the current ones. Kept runs are "
            "in the address of this page, so a reload or a shared link brings them back."
        )
        return
    _show_choices()
    there, missing = retrained.kept_results(state.kept_runs)
    with st.container(key="kept_table"):
        st.html(_beside(there, results)())
    _say_what_is_missing(missing)


def _say_what_is_missing(missing: list[Kept]) -> None:
    """Say which kept runs have no numbers, and why."""
    own = [one for one in missing if not retrained.is_at_hand(one)]
    if own:
        names, them = ", ".join(f"“{one.name}”" for one in own), "it" if len(own) == 1 else "them"
        st.html(
            markup.refusal(
                f"Data of your own is missing for {_counted(own)}",
                f"No address holds it: {names}. Give the same data again to bring {them} back, or "
                f"remove {them}.",
            )
        )
    refused = retrained.refused(missing)
    for name, reason in refused:
        st.html(markup.refusal(f"{name} cannot be trained", reason))
    if refused:
        again = retrained.forget_refusals
        st.button("Train kept runs again", key="kept_again", on_click=again)
    pending = list(filter(retrained.is_pending, missing))
    if pending:
        text = f"{_counted(pending)} to be trained again ({{wait}})."
        show_waiting(made.known("kept_training"), text)


def _counted(runs: list[Kept]) -> str:
    return f"{len(runs)} kept run{'s' * (len(runs) != 1)}"


def _show_keeping(shown: Runs, results: list[Result]) -> None:
    """Show a name to enter, and a button for each run."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.text_input(
            "Name",
            key="kept_name",
            max_chars=kept.MAX_NAME,
            placeholder="a name of yours",
            help="For the run that you keep. Empty: its rate.",
            width=220,
        )
        buttons = {run: (f"Keep “{title}”", (run,)) for run, title in TITLES.items()}
        buttons["all"] = ("Keep all three", rates.RUNS)
        for name, (label, runs) in buttons.items():
            st.button(
                label,
                key=f"keep_{name}",
                on_click=keep,
                args=(runs, shown, results),
                icon=":material/keep:",
                **readiness(shown.is_measured),
            )


def _show_choices() -> None:
    """Show how the kept runs are compared, and what removes them."""
    names = [one.name for one in state.kept_runs]
    stay("kept_baseline", _baseline() or NO_BASELINE)
    stay("kept_sort", current_view().sort_by)
    stay("kept_drawn", [one.name for one in state.kept_runs if one.is_drawn])
    state.kept_remove = [name for name in state.get("kept_remove", []) if name in names]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.selectbox(
            "Baseline",
            [NO_BASELINE, *names],
            key="kept_baseline",
            on_change=lambda: _flag("is_baseline", {state.kept_baseline}),
            help="The run that the others are compared with.",
            width=200,
        )
        select("Sort by", "kept_sort", comparison.SORTS, width=180)
        st.toggle("Largest first", key="kept_descending", persist_state="session")
        st.toggle("Only what differs", key="kept_different", persist_state="session")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.multiselect(
            "Drawn on the loss curves",
            names,
            key="kept_drawn",
            max_selections=MAX_DRAWN,
            on_change=lambda: _flag("is_drawn", state.kept_drawn),
            width=420,
        )
        st.multiselect("To remove", names, key="kept_remove", width=300)
        st.button("Remove", key="remove_kept", on_click=_remove, icon=":material/delete:")


def _flag(flag: str, names: Collection[str]) -> None:
    """Give the kept runs of these names a flag, and no others."""
    retrained.set_kept([replace(one, **{flag: one.name in names}) for one in state.kept_runs])


def _remove() -> None:
    """Remove the kept runs that were chosen."""
    names = set(state.get("kept_remove", []))  # a second click can come after they are gone
    retrained.set_kept([one for one in state.kept_runs if one.name not in names])
    state.kept_remove, state.kept_trouble = [], ""
