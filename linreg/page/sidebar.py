"""The sidebar: what the points are made of, where the runs start, the steps and the rates."""

from time import monotonic

import numpy as np
import streamlit as st

from linreg import data, rates, settings
from linreg.page import TITLES
from linreg.theory import Quadratic
from linreg.words import number

ECHO = 2.0  # seconds in which a browser may still send back what it was shown before

state = st.session_state


def entry(label: str, key: str, help: str, **options) -> None:
    """Show the exact entry of a setting; its value outlives a run that does not show it."""
    setting = settings.SETTINGS[key]
    default = state.suggested.get(key, setting.default)  # what an emptied field goes back to
    options = {"format": "%d" if setting.is_whole else "%g", "persist_state": "session"} | options
    st.number_input(label, setting.low, setting.high, default, key=key, help=help, **options)


def new_noise() -> None:
    """Draw other noise: the next seed, so that it can be drawn again."""
    state.seed = (state.seed + 1) % (data.MAX_SEED + 1)


def side_by_side():
    """Return a container whose widgets share a row of the sidebar."""
    return st.container(horizontal=True, vertical_alignment="bottom", wrap=False, gap="small")


def data_controls() -> None:
    """Show what the points are made of, and where the runs start."""
    st.subheader("Data")
    with side_by_side():
        entry(
            "True weight",
            "weight",
            "Of the line the points are made from: how much y rises over x = 0 to 1.",
            step=0.1,
        )
        entry("True bias", "bias", "Height of that line at x = 0.", step=0.1)
    with side_by_side():
        entry(
            "Noise", "noise", "Standard deviation of the normal noise added to each y.", step=0.01
        )
        entry("Points", "num_points", "How many points; their x are random between 0 and 1.")
    with side_by_side():
        entry("Seed", "seed", "Which random points: the same seed makes the same ones.")
        st.button(
            "New noise",
            key="new_noise",
            on_click=new_noise,
            width="stretch",
            help="Take the next seed: other points from the same line.",
        )
    st.subheader("Start")
    with side_by_side():
        entry("Initial weight", "initial_weight", "The first guess of the weight.", step=0.1)
        entry("Initial bias", "initial_bias", "The first guess of the bias.", step=0.1)


def follow(suggested: dict[str, float]) -> None:
    """Let every rate that the reader has not moved follow the data."""
    for name, rate in suggested.items():
        if name not in state.moved_rates:
            state[name] = rate
    state.suggested = suggested


def suggest() -> None:
    """Let all three rates follow the data again."""
    state.moved_rates = set()


def move(name: str, source: str) -> None:
    """Take a rate from the control that the reader has moved.

    When reruns overtake each other, the browser can send back what a rate was before it followed
    the data. That is no move.
    """
    value, moved = state[source], state.moved_rates
    superseded = monotonic() - state.superseded.get((source, value), -ECHO)
    if name in moved or (value != state.sent.get(source) and superseded >= ECHO):
        state[name] = value
        state.moved_rates = {*moved, name}


def remember_sent(source: str, value: float) -> None:
    """Note what the browser is shown now, and what until now."""
    if state.sent.get(source, value) != value:
        state.superseded[source, state.sent[source]] = monotonic()
    state.sent[source] = value


def rate_control(name: str, grid: np.ndarray) -> None:
    """Show one learning rate as a slider on a log scale, with its exact entry beside it."""
    title = TITLES[name]
    shown = rates.nearest(grid, state[name])
    if state.get(f"{name}_slider") != shown:  # setting it again would draw it again
        state[f"{name}_slider"] = shown
    with side_by_side():
        st.select_slider(
            title,
            grid.tolist(),
            key=f"{name}_slider",
            format_func=number,
            on_change=move,
            args=(name, f"{name}_slider"),
            help="A learning rate on a log scale, up to ten times the critical one of this data; "
            "any other can be entered beside it. Follows the data until you move it.",
        )
        entry(
            f"{title}, exact rate",
            name,
            "The same learning rate as an exact number.",
            label_visibility="collapsed",
            on_change=move,
            args=(name, name),
            step=rates.nudge(state[name]),
            width=100,
        )
    remember_sent(f"{name}_slider", shown)
    remember_sent(name, state[name])


def training_controls(quadratic: Quadratic) -> None:
    """Show the steps and the three rates."""
    st.subheader("Training")
    entry("Steps", "num_steps", "How often weight and bias are updated: 1 to 2,000,000.", step=50)
    grid = rates.grid(quadratic.critical_learning_rate)
    for name in rates.RUNS:
        rate_control(name, grid)
    st.button(
        "Suggest rates for this data",
        key="suggest",
        on_click=suggest,
        width="stretch",
        help="Set all three to fixed shares of this data's critical rate: 0.6 % of it, two thirds "
        "of it, and a little above it.",
    )
