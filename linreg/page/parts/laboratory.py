"""The laboratory on the page: drag a rate, see what it does, and hand it over to the stage."""

import streamlit as st

from linreg.page.browser import component
from linreg.page.session import state
from linreg.page.session.phases import change, start
from linreg.pictures import laboratory
from linreg.pictures.common import SHARE
from linreg.theory import rates
from linreg.theory.problem import Problem

_BAR = component("laboratory", shared="shared")


def show_laboratory(problem: Problem) -> None:
    """Draw the laboratory for plain steps from the start."""
    quadratic, place = problem.quadratic, start()
    if quadratic.is_minimum(*place):
        st.info("The start is the minimum: no rate moves it. Move the start.")
        return
    with st.container(key="laboratory"):
        _BAR(
            key="laboratory_bar",
            data={"name": SHARE} | laboratory.bar_data(quadratic, place, state.num_steps),
            on_rate_change=_take_rate,
        )
        st.vega_lite_chart(
            laboratory.drawing() | {"datasets": laboratory.rows(quadratic, place)},
            width="stretch",
            alt=laboratory.ALT,
            key="laboratory_chart",
        )
    st.caption(
        "Drag the rate: from a thousandth of the critical one to twice of it, on a log scale. What you "
        "see is the theory of plain steps, drawn in your browser; TensorFlow trains what you hand over."
    )


def _take_rate() -> None:
    """Give the run called good the rate of the slider."""
    rate = state.laboratory_bar.get("rate")
    lowest, highest = float(rates.ALL[0]), float(rates.ALL[-1])
    if isinstance(rate, int | float) and rate > 0:
        change("good", min(max(float(f"{rate:.3g}"), lowest), highest))
