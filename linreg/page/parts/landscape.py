"""The landscape on the page: the loss over weight and bias, and a start that a click sets."""

import streamlit as st

from linreg import checks
from linreg.page.html import markup
from linreg.page.session import state
from linreg.page.session.phases import change
from linreg.pictures import landscape
from linreg.pictures.common import PICK
from linreg.sharing import settings
from linreg.sharing.settings import START, TITLES
from linreg.telling.told import Runs
from linreg.theory.problem import Problem


def show_landscape(problem: Problem, shown: Runs) -> None:
    """Draw the paths of the runs over the loss."""
    titles = list(TITLES.values())
    tables = landscape.rows(
        titles, problem.quadratic, shown.drawn, state.get("landscape_clicks", 0)
    )
    refusal = state.pop("refused_start", None)
    if refusal:
        st.warning(refusal, title="The start stays where it is")
    with st.container(key="landscape"):
        st.vega_lite_chart(
            landscape.drawing(tuple(titles)) | {"datasets": tables},
            width="stretch",
            alt=landscape.ALT,
            key="landscape_chart",
            on_select=_take_click,
            selection_mode=PICK,
        )
    st.caption(
        "Each ellipse has an excess loss of a third of the one around it. Along the dashed lines, the "
        "eigenvectors, a step multiplies the error by a number of its own. **Click to start from "
        "another place.**"
    )
    factors = landscape.factors(problem.quadratic, shown.drawn.phases[-1])
    if factors:
        with st.container(key="factors_table"):
            st.html(markup.table(["Direction", "Curvature λ", *titles], factors))


def _take_click() -> None:
    """Start where the landscape was clicked; from both coordinates or, if one is refused, neither."""
    picked = (state.landscape_chart["selection"].get(PICK) or [{}])[0]
    if not picked:
        return
    state.landscape_clicks = state.get("landscape_clicks", 0) + 1
    start = {}
    try:
        for name, field in zip(START, ("weight", "bias"), strict=True):
            allowed = settings.SETTINGS[name]
            value = checks.number(field, picked.get(field), allowed.low, allowed.high)
            start[name] = float(f"{value:.12g}")  # without the rounding of the browser
    except ValueError as reason:
        state.refused_start = f"{reason} Click nearer to the minimum."
    else:
        for name, value in start.items():
            change(name, value)
