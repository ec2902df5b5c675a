"""The map of learning rates on the page: two views, its marks in a table, and what a click does."""

import streamlit as st

from linreg import checks
from linreg.page.html import markup
from linreg.page.session import made, state
from linreg.page.session.jobs import show_training, training
from linreg.page.session.phases import change, current_phases
from linreg.pictures import ratemap
from linreg.pictures.common import PICK
from linreg.runs.phases import Phase
from linreg.runs.rules import Plain
from linreg.sharing.settings import START, TITLES
from linreg.telling.told import Runs
from linreg.theory import rates, sweep
from linreg.theory.marks import Mark, marks
from linreg.theory.problem import Problem
from linreg.theory.sweep import Sweep

TOLERANCES = {0.1: "10 %", 0.01: "1 %", 0.001: "0.1 %", 0.0001: "0.01 %"}


def show_map(problem: Problem, shown: Runs) -> None:
    """Draw the map for the way to step that the controls show, from the start."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        view = st.segmented_control(
            "What is drawn",
            list(ratemap.VIEWS),
            default="left",
            required=True,
            key="map_view",
            format_func=ratemap.VIEWS.get,
            help="What is left of the excess loss after the steps; or the steps until the run has "
            "converged, for good.",
        )
        tolerance = st.selectbox(
            "Tolerance",
            list(TOLERANCES),
            index=2,
            key="map_tolerance",
            format_func=TOLERANCES.get,
            width=130,
            help="The share of the excess loss that may be left when a run has converged. Its line "
            "must be there, too: at 0.1 %, within 1 % of the way from the start, and the loss within "
            "1 % of the variance of y above the least.",
        )
        st.segmented_control(
            "A click sets",
            list(TITLES),
            default="good",
            required=True,
            key="map_run",
            format_func=TITLES.get,
            help="Which run takes the rate of the place that you click.",
        )
    quadratic = problem.quadratic
    start = tuple(checks.number(name, state[name]) for name in START)
    phase = current_phases(quadratic, problem.points.num_points)[-1]
    reference = rates.reference(quadratic, phase.rule, *start)
    inside = *rates.suggestions(quadratic, phase.rule, *start).values(), *phase.learning_rates
    wide = sweep.settings_of(phase, sweep.rates_around(reference, inside))
    seen, refusal = None, ""
    try:
        seen = _measured(problem, wide, start, tolerance)
    except ValueError as reason:
        refusal = str(reason)
    expected, marked = _expected(problem, wide, start, tolerance)
    spec = ratemap.drawing(tuple(TITLES.values()), view) | {
        "datasets": ratemap.rows(
            list(TITLES.values()),
            quadratic,
            wide,
            tolerance,
            expected,
            seen,
            _own(problem, shown, phase, start, tolerance),
            marked,
            view,
            state.setdefault("map_turn", 0),
        )
    }
    with st.container(key="map"):
        st.vega_lite_chart(
            spec,
            width="stretch",
            alt=ratemap.ALT,
            key="map_chart",
            on_select=_take_click,
            selection_mode=PICK,
        )
    _say(seen, expected, refusal, wide, marked, len(shown.drawn.phases))
    if marked:
        with st.container(key="map_marks"):
            st.html(markup.marks(marked))


def _measured(problem: Problem, wide: Phase, start, tolerance: float) -> Sweep | None:
    """Return what 256 rates came to, trained in one call; None while they are on their way.

    Raises:
        ValueError: If that is too much work.
    """
    history = training("sweep", problem, [wide], start).collect()
    return history and sweep.measured(problem.quadratic, history, tolerance)


def _expected(problem: Problem, wide: Phase, start, tolerance: float) -> tuple:
    """Return what must come of each rate, and the marks; kept, since the search takes a while."""

    def find() -> tuple:
        quadratic = problem.quadratic
        expected = sweep.predicted(quadratic, wide, tolerance, start)
        return expected, marks(quadratic, wide, tolerance, start)

    return made.once("expected_sweep", (problem.key, wide, start, tolerance), find)


def _own(problem: Problem, shown: Runs, phase: Phase, start, tolerance: float) -> Sweep | None:
    """Return what the reader's runs came to, if they went through this one phase alone."""
    quadratic = problem.quadratic
    if len(shown.drawn.phases) == 1:
        return sweep.measured(quadratic, shown.drawn, tolerance)
    return sweep.predicted(quadratic, phase, tolerance, start)


def _say(
    seen: Sweep | None,
    expected: Sweep | None,
    refusal: str,
    phase: Phase,
    marked: list[Mark],
    num_phases: int,
) -> None:
    """Say what is drawn."""
    parts = []
    if refusal:
        st.info(refusal, title="Not trained")
    elif seen is None:
        show_training("sweep", "**TensorFlow is at work** on 256 rates ({wait}).")
    else:
        parts.append("Dots: what 256 runs reached, trained by TensorFlow in one call.")
    if expected is not None:
        parts += ["Line: what the theory says of each rate.", _bands(phase, bool(marked))]
    elif phase.is_predictable and sweep.is_too_long(phase):
        parts.append(
            f"No line: on a schedule the theory follows each step of each rate, here up to "
            f"{sweep.LONGEST_SCHEDULE:,} steps."
        )
    else:
        parts.append("Nobody can predict these runs.")
    if num_phases > 1:
        parts.append("All from the start, as the last phase alone would do.")
    parts.append("**Click to set a rate.**")
    st.caption(" ".join(parts))


def _bands(phase: Phase, is_marked: bool) -> str:
    """Say what the bands are, since a narrow map has no room for all their names."""
    if not phase.is_constant:
        return "No rate is marked: the rules that name one know constant rates alone."
    if type(phase.rule) is not Plain:
        unmarked = (
            "" if is_marked else " No rate is marked where the fastest needs thousands of steps."
        )
        return f"Bands from the left: rates that crawl, converge, diverge.{unmarked}"
    return (
        "Bands from the left: rates that crawl, go straight to the minimum, overshoot and still "
        "converge, diverge."
    )


def _take_click() -> None:
    """Give the rate that was clicked to the run that was chosen for it.

    The turn makes the next click another one for Streamlit, which reports changes only.
    """
    picked = state.map_chart["selection"].get(PICK) or [{}]
    rate = picked[0].get("rate")
    if isinstance(rate, int | float) and 0 < rate <= rates.ALL[-1]:
        state.map_turn = state.get("map_turn", 0) + 1
        change(state.map_run or "good", rates.nearest(rates.ALL, rate))
