"""The data: the lesson's line, a public data set, or a reader's own; how it is scaled; the start."""

from dataclasses import dataclass

import streamlit as st

from linreg import data
from linreg.data.samples import SAMPLES, load
from linreg.data.scaling import SCALED, SCALES, Scaling
from linreg.page import DATA
from linreg.page.lesson import is_shown
from linreg.page.own import own_controls
from linreg.page.phases import follow_again
from linreg.page.sidebar import entry, select, side_by_side
from linreg.sharing import settings
from linreg.theory import Quadratic
from linreg.theory.noise import BatchNoise

SOURCES = {
    "line": "The lesson's line",
    **{name: sample.title for name, sample in SAMPLES.items()},
    "file": "Your own file",
    "pasted": "Rows you paste",
}

state = st.session_state


@dataclass(frozen=True, eq=False)
class Problem:
    """What is to be fitted, and what is known of it beforehand.

    Attributes:
        key: Differs from that of any other problem of this session.
        original: The points as they came.
        scaling: What was done to them.
        points: What is trained on.
        noise: The loss of those, and what mini-batches make of it.
        unscaled: The loss of the original points; None where they differ too little to have one.
    """

    key: tuple
    original: data.Dataset
    scaling: Scaling
    points: data.Dataset
    noise: BatchNoise
    unscaled: Quadratic | None

    @classmethod
    def of(cls, key: tuple, original: data.Dataset, scale: str, scaled: str) -> "Problem":
        """Scale the points, and find out what is known of them.

        Raises:
            ValueError: If no line fits them best.
        """
        scaling = Scaling.of(original.x, original.y, scale, scaled)
        x, y = scaling.points(original.x, original.y)
        line = original.line and scaling.line(*original.line)
        noise = BatchNoise.of(x, y)
        try:
            unscaled = noise.quadratic if scaling.is_raw else Quadratic.of(original.x, original.y)
        except ValueError:
            unscaled = None
        return cls(
            key, original, scaling, data.Dataset(x, y, line, original.names), noise, unscaled
        )


@st.cache_resource(max_entries=16)
def _public(name: str, scale: str, scaled: str, **made_of) -> Problem:
    """Return a problem that all readers may share; it is never changed."""
    original = data.make_line(**made_of) if name == "line" else load(name)
    return Problem.of((name, scale, scaled, *made_of.values()), original, scale, scaled)


def public_problem(values: settings.Values) -> Problem:
    """Return the problem that these settings describe, of data that is in no session.

    Args:
        values: Settings by name; what is missing is at its default.

    Raises:
        ValueError: If no line can be fitted to it.
    """
    full = {name: setting.default for name, setting in settings.SETTINGS.items()} | values
    of_line = settings.LINE if full["data"] == "line" else ()
    made_of = {name: full[name] for name in of_line}
    return _public(full["data"], full["scale"], full["scaled"], **made_of)


def current_problem() -> Problem | None:
    """Return what is to be fitted; None while a reader has not given any data.

    Raises:
        ValueError: If no line can be fitted to it.
    """
    scale = state.scale, state.scaled
    if state.data not in settings.OWN:
        return public_problem({name: state[name] for name in DATA})
    own = state.own
    if isinstance(own, ValueError):
        raise type(own)(*own.args)
    if own is None:
        return None
    problem = state.get("own_problem")
    if problem is None or problem.key != (*own.key, *scale):
        problem = state.own_problem = Problem.of((*own.key, *scale), own.dataset, *scale)
    return problem


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
