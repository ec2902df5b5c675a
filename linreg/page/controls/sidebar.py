"""The sidebar: the steps, the rates, the phases, and the other ways to step."""

import streamlit as st

from linreg.page.controls.fields import choice, entries, entry, press, side_by_side
from linreg.page.session import phases, state
from linreg.page.session.address import is_shown
from linreg.page.session.following import follow_all_but, move, remember_sent
from linreg.runs.phases import MAX_PHASES
from linreg.runs.rules import RULES
from linreg.runs.schedules import SCHEDULES
from linreg.sharing import settings
from linreg.theory import rates


def rate_control(name: str, suggested: float) -> None:
    """Show one learning rate as a number; the bar above the stage has its handle."""
    entry(name, value=suggested, step=rates.nudge(state[name]), on_change=move, args=(name,))
    remember_sent(name)


def training_controls(suggested: dict[str, float]) -> None:
    """Show the steps, the three rates, what adds a phase, and the other ways to step."""
    number_of = len(state.earlier) + 1
    if not any(map(is_shown, ("steps", "rates", "ways"))):
        return
    st.subheader("Training" if number_of == 1 else f"Training, phase {number_of}")
    if is_shown("rates"):
        rate_controls(suggested)
    if is_shown("steps"):
        entry("num_steps")
    if is_shown("ways"):
        phase_buttons(number_of)
        ways = st.expander("Other ways to step", key="ways", on_change="rerun")
        if ways.open:  # what is out of sight is not drawn
            with ways:
                ways_to_step()


def rate_controls(suggested: dict[str, float]) -> None:
    """Show the three rates, and what lets them follow the data again."""
    for name in rates.RUNS:
        rate_control(name, suggested[name])
    told = (
        "Set all three to fixed shares of this data's critical rate: 0.6 % of it, two thirds of it, "
        "and a little above it. For RMSprop and Adam: of the way to the minimum."
    )
    press("Suggest rates for this data", "suggest", follow_all_but, told)


def phase_buttons(number_of: int) -> None:
    """Show what adds a phase; and what takes phases back, once there are several."""
    press(
        "Train on",
        "train_on",
        phases.train_on,
        "Go on from where each run stands, in a new phase; the controls then set that one. Change a "
        "rate there, or the way to step, and only the new phase changes.",
        type="primary",
        icon=":material/fast_forward:",
        disabled=number_of >= MAX_PHASES,
    )
    if number_of > 1:
        with side_by_side():
            press("Back", "back", phases.back, "Take the last phase back.")
            told = "Take all phases back but the first."
            press("Start over", "start_over", phases.start_over, told)


def ways_to_step() -> None:
    """Show the rule, the schedule and the mini-batches, and the parameters that have an effect."""
    for key, kinds in (("rule", RULES), ("schedule", SCHEDULES)):
        choice(key, on_change=phases.choose, args=(key,))
        own = list(settings.defaults(kinds[state[key]]))
        for pair in filter(None, (own[:2], own[2:])):
            entries(*pair)
    entry("batch_size", placeholder="all points")
    values = {"data": state.data, "batch_size": state.batch_size}
    if state.data != "line" and settings.has_effect("seed", values, state.earlier):
        entry("seed", help="In which order the mini-batches come.")
