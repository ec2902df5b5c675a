"""The data: the lesson's line, a public data set, or a reader's own; how it is scaled; the start."""

import streamlit as st

from linreg import data
from linreg.data.samples import SAMPLES
from linreg.data.scaling import SCALED, SCALES
from linreg.page.controls.fields import entry, select, side_by_side
from linreg.page.controls.lesson import is_shown
from linreg.page.controls.own import own_controls
from linreg.page.session.phases import follow_again
from linreg.sharing import settings

SOURCES = {
    "line": "The lesson's line",
    **{name: sample.title for name, sample in SAMPLES.items()},
    "file": "Your own file",
    "pasted": "Rows you paste",
}

state = st.session_state


# ---------------------------------------------------------------- the controls


def data_controls() -> None:
    """Show where the points come from, how they are scaled, and where the runs start."""
    if is_shown("data") or state.data in settings.OWN:  # else nobody could give that data
        _data()
    if is_shown("start"):
        st.subheader("Start")
        with side_by_side():
            entry("Initial weight", "initial_weight", "The first guess of the weight.", step=0.1)
            entry("Initial bias", "initial_bias", "The first guess of the bias.", step=0.1)


def _data() -> None:
    """Show where the points come from, and how they are scaled."""
    st.subheader("Data")
    anew = {"on_change": follow_again}
    select(
        "Data set", "data", SOURCES, "The lesson's own points, public figures, or yours.", **anew
    )
    if state.data == "line":
        _line()
    elif state.data in settings.OWN:
        own_controls()
    select(
        "Scale",
        "scale",
        SCALES,
        "Centred: less the mean. Standardised: also divided by the standard deviation. It changes "
        "the shape of the bowl, and with it the safe rates; the table gives the line in the original "
        "units too.",
        **anew,
    )
    if state.scale != "raw":
        select("Scaled columns", "scaled", SCALED, "Which columns are scaled.", **anew)


def _new_noise() -> None:
    """Draw other noise: the next seed, so that it can be drawn again."""
    state.seed = (state.seed + 1) % (data.MAX_SEED + 1)


def _line() -> None:
    """Show what the lesson's points are made of."""
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
            on_click=_new_noise,
            width="stretch",
            help="Take the next seed: other points from the same line.",
        )
