"""The runs and all that is shown of them, a fragment: what is moved here leaves the data alone."""

from time import sleep

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from linreg.data.files.tables.heading import UnclearNames
from linreg.page.controls.ratebar import show_rate_bar
from linreg.page.controls.sidebar import training_controls
from linreg.page.controls.source import offer_scaling
from linreg.page.html import markup
from linreg.page.parts.compare import show_drawn_pending, show_kept
from linreg.page.parts.laboratory import show_laboratory
from linreg.page.parts.landscape import show_landscape
from linreg.page.parts.map import show_map
from linreg.page.parts.onestep import show_one_step
from linreg.page.parts.stage import show_stage
from linreg.page.parts.table import show_printouts, show_table, show_theory
from linreg.page.parts.takehome import note_part, show_take_home
from linreg.page.server.guard import guarded
from linreg.page.server.turns import aside, turn
from linreg.page.session import made, rerun_if_outdated
from linreg.page.session.address import is_shown, write_url
from linreg.page.session.following import follow
from linreg.page.session.jobs import current_runs, show_training, show_trouble
from linreg.page.session.phases import change, current_values, hold, show_guide, start
from linreg.sharing import lessons, settings
from linreg.telling import facts, guide, teaching
from linreg.telling.told import Runs
from linreg.telling.verdict import Verdict
from linreg.theory import rates
from linreg.theory.forecast import predictable
from linreg.theory.problem import Problem
from linreg.words import number

PARTS = {  # below the stage, by their names in `lessons.TABS`
    "runs": show_table,
    "compare": show_kept,
    "step": show_one_step,
    "drag": lambda problem, _: show_laboratory(problem),
    "map": show_map,
    "landscape": show_landscape,
    "prints": lambda _, shown: show_printouts(shown),
    "take": show_take_home,
    "works": lambda problem, _: show_theory(problem),
}
ROUNDING = " So far apart because this start has no error but rounding, which a large rate grows."
HEAD_START = 0.015  # seconds of the stage before the rest: the browser draws every 10 ms


@st.fragment
def explore(problem: Problem, sidebar: DeltaGenerator) -> None:
    """Show the runs and their controls; a fragment, so that the controls of the data stay."""
    with guarded(), turn():
        rerun_if_outdated()
        hold()
        suggested, shown = None, None
        try:  # a browser can send what its controls do not allow, and steps can be too many together
            known = problem.quadratic, settings.rule(current_values()), start()
            suggested = rates.suggestions(*known)
            follow(suggested)
            shown = current_runs(problem)
        except ValueError as reason:
            refused(reason)
        else:
            if shown is None:
                wait(problem)
            else:
                results(problem, shown)
        if suggested is not None:
            with sidebar:
                training_controls(suggested)
        if shown is not None and is_shown("details"):
            details(problem, shown)
        write_url()


def results(problem: Problem, shown: Runs) -> None:
    """Show the runs: sentence, ways on, cards, where they come from, stage.

    The stage is sent first, since the browser draws what arrives together.
    """
    quadratic, gathered = problem.quadratic, [told.facts for told in shown.verdicts]
    has_floor = any(known.foretold.floor is not None for known in gathered)
    points = problem.points.num_points
    with st.container(key="explorer"):
        said, offers = st.container(key="said"), st.container(horizontal=True, key="offers")
        bar, heads = st.container(), st.container(horizontal=True, key="heads")
        if is_shown("stage"):
            show_stage(problem, shown)
        source = st.container()
    if is_shown("stage"):
        with aside():
            sleep(HEAD_START)
    if is_shown("sentence"):
        with said:
            told = teaching.sentence(quadratic, shown.drawn.phases, points, has_floor)
            st.markdown(told + " Drag a rate and see why." * is_shown("rates"))
            if note := teaching.scaling_note(quadratic, problem.scaling, problem.unscaled):
                st.markdown(note)
        with offers:
            offer_scaling(problem)
    if is_shown("ways"):
        with offers:
            show_stages(gathered, problem)
    if is_shown("rates"):
        with bar:
            show_rate_bar(problem, shown.drawn.phases)
    if is_shown("cards"):
        for name, told in zip(rates.RUNS, shown.verdicts, strict=True):
            with heads.container(key=f"head_{name}"):
                show_head(name, told, shown)
    with source:
        source_line(problem, shown)
        if is_shown("stage"):
            show_drawn_pending()


def source_line(problem: Problem, shown: Runs) -> None:
    """Say where the runs shown come from: measured and compared, or predicted."""
    if shown.is_measured:
        show_trouble("job")
        st.caption(f":material/check_circle: **Trained by TensorFlow.** {compared(problem, shown)}")
    else:
        show_training(
            "job",
            "**Predicted, not trained yet.** TensorFlow is at work ({wait}); its runs take the "
            "place of these.",
            ":material/hourglass_disabled: **Predicted, not trained.**",
        )


def compared(problem: Problem, shown: Runs) -> str:
    """Return how far the runs are from what the theory says of them."""
    known = len(predictable(shown.drawn.phases))
    if known == 0:
        floor = shown.verdicts[0].facts.foretold.floor
        expected = "○ is what is expected on average. " * bool(floor)
        return f"No exact prediction exists for these runs. {expected}"
    difference = facts.largest_difference(problem.quadratic, shown.drawn, shown.predicted)
    ends = "" if known == len(shown.drawn.phases) else f", to the end of phase {known}"
    return (
        f"At every recorded step, as long as they are finite{ends}, weight and bias differ from "
        f"the prediction (○) by at most {number(difference)}, relative."
        + (ROUNDING if difference > 1e-6 else "")
    )


def wait(problem: Problem) -> None:
    """Say that the runs are on their way, where nobody can predict them; show older ones."""
    older = made.known("older")
    show_training(
        "job",
        "**TensorFlow is at work** ({wait}). No prediction exists for these runs. "
        + "Until they are trained you see the ones before." * bool(older),
    )
    if older and older[0].key == problem.key and not made.known("job").has_ended:
        show_stage(*older)


def refused(reason: ValueError) -> None:
    """Show why there is nothing to train on; it may quote a stranger's file."""
    is_question = isinstance(reason, UnclearNames)
    title = "One question first" if is_question else "This cannot be trained"
    st.html(markup.refusal(title, str(reason)))


def show_head(name: str, told: Verdict, shown: Runs) -> None:
    """Show a run's name, rate and outcome, and the next thing to try."""
    advice = told.advice
    setting = advice.action if advice.action in settings.SETTINGS else name
    does = {"on_click": change, "args": (setting, advice.value, advice.action)}
    st.html(markup.header(settings.TITLES[name], name, told, shown.is_measured))
    st.button(advice.label, key=f"try_{name}", help=advice.text, **does)


def show_stages(gathered: list[facts.Facts], problem: Problem) -> None:
    """Tell the lesson's ending, if that is what the runs went through; or offer it."""
    if guide.is_guide(gathered, problem.noise):
        with st.container(key="guide"):
            st.html(markup.stages(guide.stages(gathered)))
    else:
        st.button(
            "Show me the lesson's ending",
            key="show_guide",
            on_click=show_guide,
            args=(problem.noise,),
            type="tertiary",
            icon=":material/school:",
            help="Train on, mini-batches, a smaller rate: four phases of 200 steps, each with its "
            "numbers. Back brings your own runs back.",
        )


def details(problem: Problem, shown: Runs) -> None:
    """Show one of the parts below the stage: the one whose tab is open."""
    tabs = st.tabs([lessons.TABS[name] for name in PARTS], key="details", on_change="rerun")
    for tab, (name, show) in zip(tabs, PARTS.items(), strict=True):
        if tab.open:
            note_part(name)
            with tab:
                show(problem, shown)
