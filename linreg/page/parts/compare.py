"""Keep and compare on the page: runs that stay when data and rates change."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import streamlit as st

from linreg.page.html import comparison, markup
from linreg.page.session import state
from linreg.page.session.address import current_view
from linreg.page.session.jobs import show_waiting
from linreg.page.session.made import known
from linreg.page.session.retrained import (
    forget_refusals,
    is_at_hand,
    is_pending,
    kept_results,
    own_token,
    remember,
    set_kept,
)
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
    return data_in_words({name: state[name] for name in settings.SETTINGS if _is_set(name)})


def _is_set(name: str) -> bool:
    return state[name] is not None and state[name] != settings.SETTINGS[name].default


def current_results(problem: Problem, shown: Runs, data: str) -> list[Result]:
    """Return what the three runs on the stage came to."""
    return [
        Result.of(problem.noise, shown.drawn, told, data, problem.scaling)
        for told in shown.verdicts
    ]


def drawn_results() -> list[tuple[str, Result]]:
    """Return the kept runs whose loss is drawn on the stage, as far as they are there."""
    return [(one.name, result) for one, result in kept_results(_drawn()) if result is not None]


def _drawn() -> list[Kept]:
    return [one for one in state.kept_runs if one.is_drawn][:MAX_DRAWN]


def kept_to_export() -> list[tuple[str, Result]]:
    """Return the kept runs for a file, with names that differ from the current ones; say how many.

    It says, too, which of them are missing, and waits for those that are on their way.
    """
    if not state.kept_runs:
        return []
    found = kept_results(state.kept_runs)
    there = [(one.name, result) for one, result in found if result is not None]
    st.caption(
        f"Both files hold the three runs as they are now, and {len(there)} of {_counted(len(found))}."
    )
    _say_what_is_missing([one for one, result in found if result is None])
    return [(f"{name} (kept)" if name in TITLES.values() else name, one) for name, one in there]


def keep(runs: tuple[str, ...], shown: Runs, results: list[Result]) -> None:
    """Keep some of the three runs, under the name that was entered or their own."""
    values = {name: state[name] for name in settings.SETTINGS}
    entered = (state.get("kept_name") or "").strip()
    state.kept_trouble = ""
    token = own_token() if state.data in settings.OWN else ""
    for run in runs:
        title = TITLES[run]
        name = f"{entered} {title}" if entered and len(runs) > 1 else entered
        one = Kept.of(
            name or f"{title} {shown.drawn.learning_rates[rates.RUNS.index(run)]:.4g}",
            run,
            values,
            state.earlier,
            shown.drawn.phases,
            token,
        )
        try:
            set_kept(kept.added(state.kept_runs, one))
        except ValueError as reason:
            state.kept_trouble = str(reason)
            return
        remember(one, results[rates.RUNS.index(run)])
    state.kept_name = ""


def show_drawn_pending() -> None:
    """Say that kept runs are missing on the stage, which has asked for them, until they are there."""
    if any(map(is_pending, _drawn())):
        text = "Kept runs are trained again, to be drawn here ({wait})."
        show_waiting(known("kept_training"), text)


def now(results: list[Result]) -> list[tuple[str, Result]]:
    """Return the three runs on the stage under names that no kept run has."""
    names = {one.name for one in state.kept_runs}
    titles = (f"Now: {title}" for title in TITLES.values())
    return [
        (title + " " * (title in names), result)
        for title, result in zip(titles, results, strict=True)
    ]


def compared(problem: Problem, shown: Runs) -> Callable[[], str] | None:
    """Return what compares the kept runs with the current ones in HTML; None if there are none."""
    found = kept_results(state.kept_runs)
    rows = [(one.name, result) for one, result in found if result is not None]
    if not rows:
        return None
    base = next((one.name for one, result in found if one.is_baseline and result), None)
    results = current_results(problem, shown, current_data())
    return partial(comparison.table, [*rows, *now(results)], base, current_view())


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
    base = _show_choices()
    found = kept_results(state.kept_runs)
    rows = [(one.name, result) for one, result in found if result is not None]
    rows += now(results)
    with st.container(key="kept_table"):
        st.html(comparison.table(rows, base, current_view()))
    _say_what_is_missing([one for one, result in found if result is None])


def _say_what_is_missing(missing: list[Kept]) -> None:
    """Say which kept runs have no numbers, and why."""
    own = [one for one in missing if not is_at_hand(one)]
    if own:
        names, them = ", ".join(f"“{one.name}”" for one in own), "it" if len(own) == 1 else "them"
        st.html(
            markup.refusal(
                f"Data of your own is missing for {_counted(len(own))}",
                f"No address holds it: {names}. Give the same data again to bring {them} back, or "
                f"remove {them}.",
            )
        )
    refused = state.get("kept_refused", {})
    for one in missing:
        if one.key in refused:
            st.html(markup.refusal(f"{one.name} cannot be trained", refused[one.key]))
    if any(one.key in refused for one in missing):
        st.button("Train kept runs again", key="kept_again", on_click=forget_refusals)
    pending = [one for one in missing if is_pending(one)]
    if pending:
        show_waiting(
            known("kept_training"), f"{_counted(len(pending))} to be trained again ({{wait}})."
        )


def _counted(count: int) -> str:
    return f"{count} kept run{'s' * (count != 1)}"


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
                disabled=not shown.is_measured,
                help=None if shown.is_measured else "Ready as soon as TensorFlow has trained.",
            )


def _show_choices() -> str | None:
    """Show how the kept runs are compared, and what removes them; return the baseline's name."""
    names = [one.name for one in state.kept_runs]
    base = next((one.name for one in state.kept_runs if one.is_baseline), NO_BASELINE)
    _stay("kept_baseline", base)
    _stay("kept_sort", current_view().sort_by)
    _stay("kept_drawn", [one.name for one in state.kept_runs if one.is_drawn])
    state.kept_remove = [name for name in state.get("kept_remove", []) if name in names]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.selectbox(
            "Baseline",
            [NO_BASELINE, *names],
            key="kept_baseline",
            on_change=_flag("is_baseline", lambda: {state.kept_baseline}),
            help="The run that the others are compared with.",
            width=200,
        )
        st.selectbox(
            "Sort by",
            list(comparison.SORTS),
            key="kept_sort",
            format_func=comparison.SORTS.get,
            persist_state="session",
            width=180,
        )
        st.toggle("Largest first", key="kept_descending", persist_state="session")
        st.toggle("Only what differs", key="kept_different", persist_state="session")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.multiselect(
            "Drawn on the loss curves",
            names,
            key="kept_drawn",
            max_selections=MAX_DRAWN,
            on_change=_flag("is_drawn", lambda: set(state.kept_drawn)),
            width=420,
        )
        st.multiselect("To remove", names, key="kept_remove", width=300)
        st.button("Remove", key="remove_kept", on_click=_remove, icon=":material/delete:")
    return None if base == NO_BASELINE else base


def _stay(key: str, value: object) -> None:
    """Let a control show what is so."""
    if state.get(key) != value:
        state[key] = value


def _flag(name: str, chosen: Callable[[], set[str]]) -> Callable[[], None]:
    """Return what sets a flag of the kept runs whose names are chosen."""

    def mark() -> None:
        set_kept([replace(one, **{name: one.name in chosen()}) for one in state.kept_runs])

    return mark


def _remove() -> None:
    """Remove the kept runs that were chosen."""
    names = set(state.get("kept_remove", []))  # a second click can come after they are gone
    set_kept([one for one in state.kept_runs if one.name not in names])
    state.kept_remove = []
    state.kept_trouble = ""
