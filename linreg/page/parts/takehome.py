"""Take home on the page: the link, and files that bring the runs elsewhere or back."""

from collections.abc import Callable
from functools import partial
from urllib.parse import urlencode, urlsplit

import streamlit as st

from linreg.data.files.reading import Own
from linreg.page.browser import component
from linreg.page.html import markup
from linreg.page.parts.compare import compared, drawn_results
from linreg.page.parts.stage import stage_tables
from linreg.page.parts.table import run_tables
from linreg.page.server.downloads import offer
from linreg.page.session import outdate, phases, state
from linreg.page.session.address import OURS, fixed_params, other_params, take
from linreg.page.session.problems import own_data
from linreg.pictures.common import FRAME
from linreg.pictures.playback import frame_at, frame_records
from linreg.runs.history import History
from linreg.sharing import kept, lessons, picture, report, script, settings
from linreg.sharing.result import data_in_words
from linreg.sharing.settings import DATA, START, TITLES, Choice
from linreg.telling import teaching
from linreg.telling.told import Runs
from linreg.theory.problem import Problem
from linreg.words import number

_LINK = component("link")
MAX_LINK = 60_000  # letters; nginx as in the README takes 64 kB, the page's own server more


def show_take_home(problem: Problem, shown: Runs) -> None:
    """Show the link, the files to take, and what takes a settings file."""
    st.subheader("Share")
    address = _link(shown.drawn)
    _show_link(address, shown.drawn)
    st.subheader("Take home")
    last = int(shown.drawn.step[-1])
    _follow_last_step(last)

    def take_home(label: str, file_name: str, mime: str, key: str, make: Callable, *args) -> None:
        offer(label, partial(make, *args), file_name, mime, f"take_{key}", shown.is_measured)

    recipe = {name: state[name] for name in settings.LINE} if state.data == "line" else None
    titles, made_of = tuple(TITLES.values()), (problem.original, recipe, problem.scaling)
    work = script.Work(titles, *made_of, shown.history, state.seed)
    try:
        script.check(work)
    except ValueError as reason:
        st.info(str(reason))
    else:
        with st.container(horizontal=True):
            take_home("Python script", "runs.py", "text/x-python", "script", script.script, work)
            notebook = "runs.ipynb", "application/x-ipynb+json"
            take_home("Notebook", *notebook, "notebook", script.notebook, work)
        st.caption(
            "They train the same runs with TensorFlow and NumPy alone, in the lesson's style, and "
            "end at the same numbers."
        )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.number_input(
            "Step of the picture",
            0,
            last,
            key="picture_step",
            width=200,
            persist_state="session",
            help="For the two pictures and the report.",
        )
        draw = _drawing(problem, shown)
        told = _report(problem, shown, draw, address)
        settings_now = fixed_params(shown.drawn.phases)
        take_home("Stage as SVG", "stage.svg", "image/svg+xml", "svg", draw, "svg")
        take_home("Stage as PNG", "stage.png", "image/png", "png", draw, "png")
        take_home("Report", "report.html", "text/html", "report", told)
        file = "settings.json", "application/json", "settings_file"
        take_home("Settings", *file, settings.to_json, settings_now)
    st.caption(
        "The report is one page that opens offline. The results as CSV stand under "
        "“The three runs”."
    )
    st.subheader("Bring back")
    st.file_uploader(
        "Settings file",
        "json",
        key="settings_upload",
        on_change=_bring_back,
        max_upload_size=1,
        help="One that was downloaded here. It sets everything as it was, kept runs too.",
    )
    if trouble := state.get("settings_trouble"):
        st.html(markup.refusal("Nothing was changed", trouble))


def note_part(name: str) -> None:
    """Note which part was looked at last: this one has the link, which opens on another part."""
    if name != "take":
        state.part = name


def _link(drawn: History) -> str:
    """Return the address that opens to these runs, on the part that was looked at before this one."""
    params = other_params() | fixed_params(drawn.phases)
    own = _own()
    ours = {
        "open": lessons.opening(state.get("part", "runs"), params),
        "needs": lessons.needs(own.name, own.dataset.names) if own else "",
    }
    params = {name: value for name, value in params.items() if name not in ours}
    params |= {name: value for name, value in ours.items() if value}
    base = urlsplit(st.context.url or "")
    return base._replace(path=base.path or "/", query=urlencode(params), fragment="").geturl()


def _own() -> Own | None:
    """Return the reader's own data, if the runs are trained on it."""
    return own_data() if state.data in settings.OWN else None


def _show_link(address: str, drawn: History) -> None:
    """Show the link and what copies it, and what it does not hold."""
    st.caption(
        "The link holds all settings, the three rates as they are now, the kept runs, the step of "
        "the player and the boxes of the stage. It opens on the part that you looked at before "
        "“Take home”."
    )
    # What is ticked where the link does not say it.
    ticked = lessons.ready(other_params()).boxes
    if ticked is None:
        ticked = {"log_steps", "excess"} if drawn.band is not None else {"log_steps"}
    _LINK(
        key="link",
        data={
            "link": address,
            "frame": FRAME,
            "steps": " ".join(map(str, drawn.step[frame_records(drawn.step)].tolist())),
            "boxes": list(lessons.BOXES),
            "ticked": [name for name in lessons.BOXES if name in ticked],
        },
    )
    if own := _own():
        st.html(markup.needed_data(own.name, own.dataset.names))
    if len(address) > MAX_LINK:
        st.warning(
            f"The link has {len(address):,} letters; a server may refuse more than {MAX_LINK:,}. "
            "Keep fewer runs, or send the settings file."
        )


def _follow_last_step(last: int) -> None:
    """Let the step of the picture stay the last one while it is, and no later than that."""
    chosen = state.get("picture_step")
    if chosen is None or chosen == state.get("picture_last") or chosen > last:
        state.picture_step = last
    state.picture_last = last


# ---------------------------------------------------------------- what a click makes, out of the session


def _drawing(problem: Problem, shown: Runs) -> Callable[[str], bytes]:
    """Return what draws the stage at the chosen step, as SVG or PNG."""
    others, chosen, drawn = drawn_results(), state.picture_step, shown.drawn
    data = data_in_words(phases.changed((*DATA, *START))).capitalize()

    def draw(kind: str) -> bytes:
        rates = ", ".join(number(rate) for rate in drawn.learning_rates.tolist())
        frame, step = frame_at(drawn.step, chosen)
        spec = picture.specification(
            tuple(TITLES.values()),
            stage_tables(problem, shown, others),
            frame,
            f"Gradient descent at the learning rates {rates}, step {step:,}",
            f"{data}; {'; then '.join(map(script.described, drawn.phases))}",
            drawn.band is not None,
        )
        return picture.draw(spec, kind)

    return draw


def _report(
    problem: Problem, shown: Runs, draw: Callable[[str], bytes], address: str
) -> Callable[[], str]:
    """Return what writes the report of what is shown."""
    values = phases.all_values()
    told = [
        (one.title, one.options[value] if isinstance(one, Choice) else report.value(value))
        for (name, one), value in zip(settings.SETTINGS.items(), values.values(), strict=True)
        if value is not None and settings.has_effect(name, values, state.earlier)
    ]
    kept_runs = compared(problem, shown)

    def write() -> str:
        quadratic, points = problem.quadratic, problem.points.num_points
        cards = [
            markup.card(title, run, verdict, quadratic, True)
            for (run, title), verdict in zip(TITLES.items(), shown.verdicts, strict=True)
        ]
        parts = *run_tables(problem, shown), kept_runs() if kept_runs else ""
        named = zip(("The three runs", "Phase by phase", "Kept runs"), parts, strict=True)
        tables = [(heading, table) for heading, table in named if table]
        sentence = teaching.sentence(quadratic, shown.drawn.phases, points).replace("**", "")
        return report.report(told, sentence, cards, draw("svg").decode(), tables, address)

    return write


# ---------------------------------------------------------------- what a settings file brings back


def _bring_back() -> None:
    """Set everything as a settings file says; a file that is none changes nothing."""
    upload = state.settings_upload
    state.settings_trouble = ""
    if upload is None:
        return
    try:
        params = settings.of_json(upload.getvalue())
        _, _, problems = settings.read(params, "file")
        problems += settings.unknown(params, OURS)
        problems += kept.of_text(params.get(settings.KEPT, ""), "file")[1]
        if problems:
            raise ValueError(" ".join(problems))
    except ValueError as reason:
        state.settings_trouble = str(reason)
    else:
        take(params)
        outdate()
