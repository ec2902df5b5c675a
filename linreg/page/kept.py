"""Keep and compare on the page: runs that stay when data and rates change."""

import hashlib
from collections.abc import Callable
from dataclasses import replace

import streamlit as st

from linreg import compare, kept, markup, rates, settings, worker
from linreg.compare import Result
from linreg.kept import MAX_DRAWN, Kept
from linreg.page import START, TITLES
from linreg.page.address import rerun_page
from linreg.page.data import Problem, public_problem
from linreg.page.runs import PATIENCE, Runs, tell
from linreg.phases import checked

NO_BASELINE = "No baseline"

state = st.session_state


def current_results(problem: Problem, shown: Runs) -> list[Result]:
    """Return what the three runs on the stage came to."""
    data = compare.data_in_words({name: state[name] for name in settings.SETTINGS if _is_set(name)})
    return [Result.of(problem.noise, shown.drawn, told, data) for told in shown.verdicts]


def _is_set(name: str) -> bool:
    return state[name] is not None and state[name] != settings.SETTINGS[name].default


def drawn_results() -> list[tuple[str, Result]]:
    """Return the kept runs whose loss is drawn on the stage, as far as they are there."""
    found = [(one.name, kept_result(one)) for one in state.kept_runs if one.is_drawn][:MAX_DRAWN]
    return [(name, result) for name, result in found if result is not None]


def kept_result(one: Kept) -> Result | None:
    """Return what a kept run came to; None while it is trained again, or where it cannot be."""
    results = state.setdefault("kept_results", {})
    if one.key in state.get("kept_refused", {}):
        return None
    if len(results) > 3 * kept.MAX_KEPT:
        alive = {run.key for run in state.kept_runs}
        results = state.kept_results = {key: results[key] for key in results if key in alive}
    if one.key not in results:
        result = None if one.is_own else _train_again(one)
        if result is None:
            return None
        results[one.key] = result
    return results[one.key]


def _train_again(one: Kept) -> Result | None:
    """Train a kept run from its settings, as after a reload; None until it is there."""
    jobs = state.setdefault("kept_jobs", {})
    values = {name: setting.default for name, setting in settings.SETTINGS.items()} | one.values
    start = [values[name] for name in START]
    try:
        problem = public_problem(one.values)
        phases = checked(one.phases(problem.points.num_points))
        if one.key not in jobs:
            if jobs:  # one after the other: other readers' runs go in between
                return None
            points = problem.points
            jobs[one.key] = worker.submit(points.x, points.y, phases, *start, values["seed"])
        measured = worker.collect(jobs[one.key], PATIENCE if worker.is_warm() else 0)
    except TimeoutError:
        return None
    except worker.WorkerError:
        jobs.pop(one.key, None)  # another rerun tries again
        return None
    except ValueError as reason:
        state.setdefault("kept_refused", {})[one.key] = str(reason)
        return None
    del jobs[one.key]
    runs = tell(problem.noise, phases, start, measured)
    data = compare.data_in_words(one.values)
    return Result.of(problem.noise, runs.drawn, runs.verdicts[0], data)


@st.fragment(run_every=0.5)
def _show_pending(text: str) -> None:
    """Say that kept runs are trained again, and draw the page when they are there."""
    jobs = state.get("kept_jobs", {})
    if any(job.is_done() for job in jobs.values()):
        rerun_page()
    st.caption(f":material/hourglass_top: {text}")


def _token(problem: Problem) -> str:
    """Return what tells one of the session's own data from another, and nothing else of it."""
    return hashlib.sha256(repr(problem.key).encode()).hexdigest()[:8]


def keep(runs: tuple[str, ...], problem: Problem, shown: Runs, results: list[Result]) -> None:
    """Keep some of the three runs, under the name that was entered or their own."""
    values = {name: state[name] for name in settings.SETTINGS}
    entered = (state.get("kept_name") or "").strip()
    state.kept_trouble = ""
    token = _token(problem) if state.data in settings.OWN else ""
    for run in runs:
        title = TITLES[run]
        name = f"{entered} · {title}" if entered and len(runs) > 1 else entered
        one = Kept.of(
            name or f"{title} · {shown.drawn.learning_rates[rates.RUNS.index(run)]:.4g}",
            run,
            values,
            state.earlier,
            shown.drawn.phases,
            token,
        )
        try:
            state.kept_runs = kept.added(state.kept_runs, one)
        except ValueError as reason:
            state.kept_trouble = str(reason)
            return
        # Of a reader's own data this is the only place where the numbers are.
        state.setdefault("kept_results", {})[one.key] = results[rates.RUNS.index(run)]
    state.kept_name = ""


def show_kept(problem: Problem, shown: Runs) -> None:
    """Show what keeps runs, and the kept ones beside the current ones."""
    results = current_results(problem, shown)
    _show_keeping(problem, shown, results)
    if state.get("kept_trouble"):
        st.warning(state.kept_trouble)
    if not state.kept_runs:
        st.caption(
            "Keep a run, and it stays here while you change data, rates and steps: compare it with "
            "others, take it as the baseline, draw its loss beside the current ones. Kept runs are "
            "in the address of this page, so a reload or a shared link brings them back."
        )
        return
    options = _show_choices()
    found = [(one, kept_result(one)) for one in state.kept_runs]
    rows = [(one.name, result) for one, result in found if result is not None]
    names = {one.name for one in state.kept_runs}
    for title, result in zip(TITLES.values(), results, strict=True):
        name = f"Now: {title}"
        rows.append((name + " " * (name in names), result))
    with st.container(key="kept_table"):
        st.html(compare.comparison(rows, **options))
    _say_what_is_missing([one for one, result in found if result is None])


def _say_what_is_missing(missing: list[Kept]) -> None:
    """Say which kept runs have no numbers, and why."""
    own = [one for one in missing if one.is_own]
    if own:
        st.info(
            f"{_counted(len(own))} kept on data of your own cannot be trained again: that data is "
            "not in the address. Give the data and keep them anew, or remove them."
        )
    refused = state.get("kept_refused", {})
    for one in missing:
        if one.key in refused:
            st.html(markup.refusal(f"{one.name} cannot be trained", refused[one.key]))
    pending = [one for one in missing if not one.is_own and one.key not in refused]
    if pending:
        _show_pending(f"{_counted(len(pending))} to be trained again.")


def _counted(count: int) -> str:
    return f"{count} kept run{'s' * (count != 1)}"


def _show_keeping(problem: Problem, shown: Runs, results: list[Result]) -> None:
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
                args=(runs, problem, shown, results),
                icon=":material/keep:",
                disabled=not shown.is_measured,
                help=None if shown.is_measured else "Ready as soon as TensorFlow has trained.",
            )


def _show_choices() -> dict:
    """Show how the kept runs are compared, and what removes them."""
    names = [one.name for one in state.kept_runs]
    base = next((one.name for one in state.kept_runs if one.is_baseline), NO_BASELINE)
    _stay("kept_baseline", base)
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
        st.selectbox("Sort by", compare.SORTS, key="kept_sort", persist_state="session", width=180)
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
    return {
        "baseline": None if base == NO_BASELINE else base,
        "sort_by": state.kept_sort,
        "is_descending": state.kept_descending,
        "only_different": state.kept_different,
    }


def _stay(key: str, value: object) -> None:
    """Let a control show what is so."""
    if state.get(key) != value:
        state[key] = value


def _flag(name: str, chosen: Callable[[], set[str]]) -> Callable[[], None]:
    """Return what sets a flag of the kept runs whose names are chosen."""

    def mark() -> None:
        state.kept_runs = [replace(one, **{name: one.name in chosen()}) for one in state.kept_runs]

    return mark


def _remove() -> None:
    """Remove the kept runs that were chosen."""
    names = set(state.get("kept_remove", []))  # a second click can come after they are gone
    state.kept_runs = [one for one in state.kept_runs if one.name not in names]
    state.kept_remove = []
    state.kept_trouble = ""
