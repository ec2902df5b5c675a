"""The map of learning rates on the page: two views, its marks in a table, and what a click does."""

from dataclasses import replace

import streamlit as st

from linreg.page.html import markup
from linreg.page.session import made, state
from linreg.page.session.jobs import show_training, training
from linreg.page.session.phases import change, current_phases, start
from linreg.pictures import ratemap
from linreg.pictures.common import PICK
from linreg.runs.phases import Phase
from linreg.runs.rules import Plain
from linreg.sharing.settings import TITLES
from linreg.telling.told import Runs
from linreg.theory import rates, sweep
from linreg.theory.marks import Mark, marks
from linreg.theory.problem import Problem
from linreg.theory.sweep import Sweep

TOLERANCES = {0.1: "10 %", 0.01: "1 %", 0.001: "0.1 %", 0.0001: "0.01 %"}


def show_map(problem: Problem, shown: Runs) -> None:
    """Draw the map for the way to step that the controls show, from the start."""
    view, tolerance = _controls()
    quadratic, place = problem.quadratic, start()
    phase = current_phases(problem)[-1]
    reference = rates.reference(quadratic, phase.rule, place)
    inside = *rates.suggestions(quadratic, phase.rule, place).values(), *phase.learning_rates
    wide = replace(phase, learning_rates=sweep.rates_around(reference, inside))
    seen, refusal = None, ""
    try:
        if history := training("sweep", problem, [wide]).collect():
            seen = sweep.measured(quadratic, history, tolerance)
    except ValueError as reason:  # it is too much work
        refusal = str(reason)

    def find() -> tuple[Sweep | None, list[Mark]]:
        expected = sweep.predicted(quadratic, wide, tolerance, place)
        return expected, marks(quadratic, wide, tolerance, place)

    key = problem.key, wide, place, tolerance
    expected, marked = made.once("expected_sweep", key, find)  # the search takes a while
    is_one = len(shown.drawn.phases) == 1
    if is_one:
        own = sweep.measured(quadratic, shown.drawn, tolerance)
    else:  # the reader's runs have come another way
        own = sweep.predicted(quadratic, phase, tolerance, place)
    titles, turn = list(TITLES.values()), state.setdefault("map_turn", 0)
    drawn = quadratic, wide, tolerance, expected, seen, own, marked, view, turn
    with st.container(key="map"):
        st.vega_lite_chart(
            ratemap.drawing(tuple(titles), view) | {"datasets": ratemap.rows(titles, *drawn)},
            width="stretch",
            alt=ratemap.ALT,
            key="map_chart",
            on_select=_take_click,
            selection_mode=PICK,
        )
    if refusal:
        st.info(refusal, title="Not trained")
    elif seen is None:
        show_training("sweep", "**TensorFlow is at work** on 256 rates ({wait}).")
    said = ["Dots: what 256 runs reached, trained by TensorFlow in one call."] * (seen is not None)
    said += _expected(expected, wide, bool(marked))
    said += ["All from the start, as the last phase alone would do."] * (not is_one)
    st.caption(" ".join([*said, "**Click to set a rate.**"]))
    if marked:
        with st.container(key="map_marks"):
            st.html(markup.marks(marked))


def _controls() -> tuple[str, float]:
    """Show what to draw, when a run has converged, and what a click sets; return the former two."""
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
    return view, tolerance


def _expected(expected: Sweep | None, phase: Phase, is_marked: bool) -> list[str]:
    """Say what is drawn of the theory; a narrow map has no room for all names of its bands."""
    if expected is not None:
        return ["Line: what the theory says of each rate.", _bands(phase, is_marked)]
    if phase.is_predictable and sweep.is_too_long(phase):
        return [
            "No line: on a schedule the theory follows each step of each rate, here up to "
            f"{sweep.LONGEST_SCHEDULE:,} steps."
        ]
    return ["Nobody can predict these runs."]


def _bands(phase: Phase, is_marked: bool) -> str:
    if not phase.is_constant:
        return "No rate is marked: the rules that name one know constant rates alone."
    if type(phase.rule) is not Plain:
        unmarked = " No rate is marked where the fastest needs thousands of steps." * (
            not is_marked
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
