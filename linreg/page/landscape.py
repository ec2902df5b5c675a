"""The landscape on the page: the loss over weight and bias, and a start that a click sets."""

import streamlit as st

from linreg import charts, landscape, markup, settings
from linreg.page import TITLES
from linreg.page.data import Problem
from linreg.page.phases import change
from linreg.page.runs import Runs

state = st.session_state


def show_landscape(problem: Problem, shown: Runs) -> None:
    """Draw the paths of the runs over the loss."""
    titles = list(TITLES.values())
    tables = landscape.landscape_tables(titles, problem.noise.quadratic, shown.drawn)
    with st.container(key="landscape"):
        st.vega_lite_chart(
            charts.landscape_spec(tuple(titles)) | {"datasets": tables},
            width="stretch",
            alt=charts.LANDSCAPE_ALT,
            key="landscape_chart",
            on_select=_take_click,
            selection_mode=charts.PICK,
        )
    st.caption(
        "Each ellipse has an excess loss of a third of the one around it. Along the dashed lines, the "
        "eigenvectors, a step multiplies the error by a number of its own. **Click to start from "
        "another place.**"
    )
    factors = landscape.factors(problem.noise.quadratic, shown.drawn.phases[-1])
    if factors:
        with st.container(key="factors_table"):
            st.html(markup.table(["Direction", "Curvature λ", *titles], factors))


def _take_click() -> None:
    """Start where the landscape was clicked."""
    picked = (state.landscape_chart["selection"].get(charts.PICK) or [{}])[0]
    for name, field in (("initial_weight", "weight"), ("initial_bias", "bias")):
        setting, value = settings.SETTINGS[name], picked.get(field)
        if isinstance(value, int | float) and setting.low <= value <= setting.high:
            change(name, float(value))
