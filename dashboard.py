"""The page, top to bottom: the sidebar, what is fitted, and the runs with all that is shown of them."""

from pathlib import Path

import streamlit as st

from linreg.page.controls.data import data_controls
from linreg.page.controls.fields import read_typed_numbers
from linreg.page.controls.source import ask_for_data, show_lesson, show_own_rows, show_source
from linreg.page.parts.explorer import explore, refused
from linreg.page.server.guard import guarded
from linreg.page.server.memory import collect_seldom, end_old_sessions
from linreg.page.server.serving import LAYERS, begin_and_end
from linreg.page.session import state
from linreg.page.session.address import read_url, write_url
from linreg.page.session.phases import change
from linreg.page.session.problems import current_problem
from linreg.sharing import settings

CSS = Path(__file__).parent / ".streamlit" / "page.css"
# Not an emoji: to know one, Streamlit loads its list of all, a tenth of a second of the first picture.
ICON = Path(__file__).parent / ".streamlit" / "icon.svg"


def main() -> None:
    """Draw the page."""
    collect_seldom()
    end_old_sessions()
    st.set_page_config(page_title="Learning-rate explorer", page_icon=ICON, layout="wide")
    st.html(CSS)
    read_typed_numbers()
    troubles = read_url()
    with st.sidebar:
        sidebar = st.container()  # the rates come first
        data_controls()
    st.title("Learning-rate explorer")
    for trouble in troubles:
        st.warning(trouble)
    show_lesson()
    try:
        problem = current_problem()
    except ValueError as reason:
        refused(reason)
        show_own_rows()
        if state.data == "line":
            points = settings.SETTINGS["num_points"].default
            way_back = {"on_click": change, "args": ("num_points", points)}
            st.button(f"Use {points} points", key="use_points", **way_back)
        write_url()
    else:
        if problem is None:
            ask_for_data()
            write_url()
        else:
            show_source(problem)
            explore(problem, sidebar)


if __name__ == "__main__":  # Streamlit runs the page for a reader
    with guarded():
        main()
else:  # `streamlit run` finds this server by reading the file, and imports it once
    app = st.App(__file__, middleware=LAYERS, lifespan=begin_and_end)
