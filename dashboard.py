"""The page, top to bottom: sidebar, sentence, cards, stage, table, downloads, printouts, loop."""

from pathlib import Path
from time import sleep

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from linreg.data.files.tables.heading import UnclearNames
from linreg.page import TITLES
from linreg.page.controls.data import data_controls
from linreg.page.controls.lesson import is_shown, note_part, show_lesson
from linreg.page.controls.sidebar import follow, training_controls
from linreg.page.controls.source import (
    ask_for_data,
    offer_scaling,
    scaling_note,
    show_own_rows,
    show_source,
)
from linreg.page.controls.typed import read_typed_numbers
from linreg.page.html import markup
from linreg.page.parts.compare import (
    current_data,
    current_results,
    kept_to_export,
    show_drawn_pending,
    show_kept,
)
from linreg.page.parts.laboratory import show_laboratory
from linreg.page.parts.landscape import show_landscape
from linreg.page.parts.onestep import show_one_step
from linreg.page.parts.ratemap import show_map
from linreg.page.parts.stage import show_stage
from linreg.page.parts.takehome import show_take_home
from linreg.page.server.downloads import offer
from linreg.page.server.ending import end_old_sessions
from linreg.page.server.guard import guarded
from linreg.page.server.memory import collect_seldom
from linreg.page.server.serving import LAYERS, begin_and_end
from linreg.page.server.turns import aside, turn
from linreg.page.session.address import read_url, rerun_page, write_url
from linreg.page.session.jobs import again, show_waiting
from linreg.page.session.phases import change, current_values, hold, show_guide
from linreg.page.session.problems import current_problem
from linreg.page.session.runs import current_runs
from linreg.runs.history import REPORT_EVERY, printed_every, printout
from linreg.sharing import export, lessons, settings
from linreg.telling import facts, guide, teaching
from linreg.telling.told import Runs
from linreg.telling.verdict import Verdict
from linreg.theory import Quadratic, rates
from linreg.theory.forecast import predictable
from linreg.theory.noise import BatchNoise
from linreg.theory.problem import Problem
from linreg.words import number

HEAD_START = 0.015  # seconds of the stage before the rest: the browser draws every 10 ms
ROUNDING = " So far apart because this start has no error but rounding, which a large rate grows."
CSS = Path(__file__).parent / ".streamlit" / "page.css"
# Not an emoji: to know one, Streamlit loads its list of all, a tenth of a second of the first picture.
ICON = Path(__file__).parent / ".streamlit" / "icon.svg"

state = st.session_state


def card(name: str, told: Verdict, quadratic: Quadratic, is_measured: bool) -> None:
    """Show one run in words and numbers, and the next thing to try."""
    st.html(markup.card(TITLES[name], name, told, quadratic, is_measured))
    advice = told.advice
    setting = advice.action if advice.action in settings.SETTINGS else name
    st.button(
        advice.label,
        key=f"try_{name}",
        on_click=change,
        args=(setting, advice.value, advice.action),
        width="stretch",
    )


def source_line(quadratic: Quadratic, shown: Runs) -> None:
    """Say where the runs shown come from: measured and compared, or predicted."""
    if state.job.troubles:
        st.warning(state.job.troubles[-1], title="Training was interrupted")
    if shown.is_measured:
        st.caption(
            f":material/check_circle: **Trained by TensorFlow.** {compared(quadratic, shown)}"
        )
    elif state.job.has_ended:
        st.caption(":material/hourglass_disabled: **Predicted, not trained.**")
        st.button("Train again", key="train_again", on_click=again, args=("job",))
    else:
        show_waiting(
            state.job,
            "**Predicted, not trained yet.** TensorFlow is at work ({wait}); its runs take the "
            "place of these.",
        )


def compared(quadratic: Quadratic, shown: Runs) -> str:
    """Return how far the runs are from what the theory says of them."""
    known = len(predictable(shown.drawn.phases))
    if known == 0:
        expected = "○ is what is expected on average. " * bool(
            shown.verdicts[0].facts.expected_floor
        )
        return f"No exact prediction exists for these runs. {expected}"
    difference = facts.largest_difference(quadratic, shown.drawn, shown.predicted)
    ends = "" if known == len(shown.drawn.phases) else f", to the end of phase {known}"
    return (
        f"At every recorded step, as long as they are finite{ends}, weight and bias differ from "
        f"the prediction (○) by at most {number(difference)}, relative."
        + (ROUNDING if difference > 1e-6 else "")
    )


def table_and_downloads(problem: Problem, shown: Runs) -> None:
    """Show the runs side by side in numbers, and offer them as CSV."""
    quadratic, scaling = problem.noise.quadratic, problem.scaling
    titles = list(TITLES.values())
    if len(shown.drawn.phases) > 1:
        with st.container(key="phases_table"):
            st.html(markup.phases(titles, [told.facts for told in shown.verdicts]))
    with st.container(key="runs_table"):
        st.html(markup.comparison(titles, shown.verdicts, quadratic, shown.is_measured, scaling))
    data, kept_ones = current_data(), kept_to_export()

    def summary() -> str:
        results = current_results(problem, shown, data)
        return export.summary_csv([*zip(titles, results, strict=True), *kept_ones])

    files = {
        "results": (
            "Results, every recorded step",
            lambda: export.results_csv(titles, shown.history, scaling, kept_ones),
        ),
        "summary": ("Summary, one row a run", summary),
    }
    with st.container(horizontal=True):
        for name, (label, make) in files.items():
            offer(label, make, f"{name}.csv", "text/csv", f"{name}_csv", shown.is_measured)


def printouts(shown: Runs) -> None:
    """Show what the lesson prints of each run."""
    every = printed_every(int(shown.drawn.step[-1]))
    left_out = "" if every == REPORT_EVERY else f" · every {every:,}th step"
    source = "" if shown.is_measured else " · predicted"
    titles = [
        f"{title} · {number(rate)}{source}{left_out}"
        for title, rate in zip(TITLES.values(), shown.drawn.learning_rates.tolist(), strict=True)
    ]
    texts = [printout(shown.drawn, run) for run in range(len(titles))]
    with st.container(key="printouts"):
        st.html(markup.printouts(titles, texts))


def details(problem: Problem, shown: Runs) -> None:
    """Show one of these: the table, the kept runs, one step, the laboratory, and so on."""
    parts = {
        "runs": lambda: table_and_downloads(problem, shown),
        "compare": lambda: show_kept(problem, shown),
        "step": lambda: show_one_step(problem, shown),
        "drag": lambda: show_laboratory(problem),
        "map": lambda: show_map(problem, shown),
        "landscape": lambda: show_landscape(problem, shown),
        "prints": lambda: printouts(shown),
        "take": lambda: show_take_home(problem, shown),
        "works": lambda: show_theory(problem),
    }
    tabs = st.tabs([lessons.TABS[name] for name in parts], key="details", on_change="rerun")
    for tab, (name, show) in zip(tabs, parts.items(), strict=True):
        if tab.open:
            note_part(name)
            with tab:
                show()


def show_theory(problem: Problem) -> None:
    """Show how it all works, with the source of the loop."""
    st.markdown(teaching.explanation(problem.noise.quadratic))
    st.code(export.lesson_source(), language="python")


def refused(reason: ValueError) -> None:
    """Show why there is nothing to train on; it may quote a stranger's file."""
    is_question = isinstance(reason, UnclearNames)
    title = "One question first" if is_question else "This cannot be trained"
    st.html(markup.refusal(title, str(reason)))


def wait(problem: Problem) -> None:
    """Say that the runs are on their way, where nobody can predict them; show older ones."""
    older = state.get("older")
    if state.job.troubles:
        st.warning(state.job.troubles[-1], title="Training was interrupted")
    if state.job.has_ended:
        st.button("Train again", key="train_again", on_click=again, args=("job",))
        return
    show_waiting(
        state.job,
        "**TensorFlow is at work** ({wait}). No prediction exists for these runs. "
        + ("Until they are trained you see the ones before." if older else ""),
    )
    if older and older[0].key == problem.key:
        show_stage(*older)


def show_stages(gathered: list[facts.Facts], noise: BatchNoise) -> None:
    """Tell the lesson's ending, if that is what the runs went through; or offer it."""
    if guide.is_guide(gathered, noise):
        with st.container(key="guide"):
            st.html(markup.stages(guide.stages(gathered)))
    else:
        st.button(
            "Show me the lesson's ending",
            key="show_guide",
            on_click=show_guide,
            args=(noise,),
            type="tertiary",
            icon=":material/school:",
            help="Train on, mini-batches, a smaller rate: four phases of 200 steps, each with its "
            "numbers. Back brings your own runs back.",
        )


def results(problem: Problem, shown: Runs) -> None:
    """Show the runs: sentence, ways on, cards, where they come from, stage.

    The stage is sent first, since the browser draws what arrives together.
    """
    quadratic, gathered = problem.noise.quadratic, [told.facts for told in shown.verdicts]
    has_floor = any(known.expected_floor is not None for known in gathered)
    points = problem.points.num_points
    said, offers = st.container(), st.container(horizontal=True)
    cards, source = st.grid(3, min_column_width=250), st.container()
    if is_shown("stage"):
        show_stage(problem, shown)
        with aside():
            sleep(HEAD_START)
    if is_shown("sentence"):
        with said:
            st.markdown(teaching.sentence(quadratic, shown.drawn.phases, points, has_floor))
            scaling_note(problem)
        with offers:
            offer_scaling(problem)
    if is_shown("ways"):
        with offers:
            show_stages(gathered, problem.noise)
    for name, told in zip(rates.RUNS, shown.verdicts, strict=True):
        if not is_shown("cards"):
            break
        with cards.container(
            border=True, height="stretch", vertical_alignment="distribute", key=f"card_{name}"
        ):
            card(name, told, quadratic, shown.is_measured)
    with source:
        source_line(problem.noise.quadratic, shown)
        show_drawn_pending()


@st.fragment
def explore(problem: Problem, sidebar: DeltaGenerator) -> None:
    """Show the runs and their controls; a fragment, so that the controls of the data stay."""
    with guarded(), turn():
        show_runs(problem, sidebar)


def show_runs(problem: Problem, sidebar: DeltaGenerator) -> None:
    """Show the runs above, their controls in the sidebar, the details below."""
    if state.pop("is_stale", False):
        rerun_page()
    hold()
    quadratic, start = problem.noise.quadratic, (state.initial_weight, state.initial_bias)
    reference, shown = None, None
    try:  # a browser can send what its controls do not allow, and steps can be too many together
        rule = settings.rule(current_values())
        reference = rates.reference(quadratic, rule, *start)
        follow(rates.suggestions(quadratic, rule, *start))
        shown = current_runs(problem)
    except ValueError as reason:
        refused(reason)
    else:
        if shown is None:
            wait(problem)
        else:
            results(problem, shown)
    if reference is not None:
        with sidebar:
            training_controls(reference)
    if shown is not None and is_shown("details"):
        details(problem, shown)
    write_url()


def main() -> None:
    """Draw the page."""
    collect_seldom()
    end_old_sessions()
    st.set_page_config(page_title="Learning-rate explorer", page_icon=ICON, layout="wide")
    st.html(CSS)
    read_typed_numbers()
    read_url()
    with st.sidebar:
        data_controls()
        sidebar = st.container()
    st.title("Learning-rate explorer")
    for trouble in state.url_problems:
        st.warning(trouble)
    show_lesson()
    try:
        problem = current_problem()
    except ValueError as reason:
        refused(reason)
        show_own_rows()
        if state.data == "line":
            points = settings.SETTINGS["num_points"].default
            way_back = {"on_click": change, "args": ("num_points", points)}
            st.button(f"Use {points} points", key="use_points", **way_back)
        write_url()
    else:
        if problem is None:
            ask_for_data()
            write_url()
        else:
            show_source(problem)
            explore(problem, sidebar)


if __name__ == "__main__":  # Streamlit runs the page for a reader
    with guarded():
        main()
else:  # `streamlit run` finds this server by reading the file, and imports it once
    app = st.App(__file__, middleware=LAYERS, lifespan=begin_and_end)
