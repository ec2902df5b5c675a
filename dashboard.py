"""The page, top to bottom: sidebar, sentence, cards, stage, table, printouts, downloads, loop."""

from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from linreg import charts, data, export, frames, markup, rates, settings, verdict, worker
from linreg.history import History, printout, record_steps
from linreg.theory import Quadratic
from linreg.words import number

TITLES = {"too_small": "Too small", "good": "Good", "too_large": "Too large"}
DATA = ("weight", "bias", "num_points", "noise", "seed")
START = ("initial_weight", "initial_bias")
PATIENCE = 0.5  # seconds a page waits for a warm worker before it shows the prediction
HEAD_START = 0.015  # seconds of the stage before the rest: the browser draws every 10 ms
CSS = Path(__file__).parent / ".streamlit" / "page.css"

state = st.session_state


# ---------------------------------------------------------------- settings: sidebar and URL


def read_url() -> None:
    """Take the settings from the URL when it is not the one this page wrote last.

    That is at the start, and after the browser's back and forward. Streamlit's own binding of
    widgets to the URL misses what buttons change.
    """
    params = st.query_params.to_dict()
    if params == state.get("url"):
        return
    values, state.url_problems = settings.read(params)
    for name, setting in settings.SETTINGS.items():
        state[name] = values.get(name, setting.default)
    state.suggested = {}


def write_url() -> None:
    """Put every setting that is not at its default into the URL; leave other parameters alone."""
    defaults = {name: one.default for name, one in settings.SETTINGS.items()} | state.suggested
    others = {k: v for k, v in st.query_params.to_dict().items() if k not in settings.SETTINGS}
    params = others | settings.write({name: state[name] for name in settings.SETTINGS}, defaults)
    if params != st.query_params.to_dict():
        st.query_params.from_dict(params)
    state.url = params


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
        entry("True weight", "weight", "Slope of the line the points are made from.", step=0.1)
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
    """Let every rate that the reader has not moved from its suggestion follow the data."""
    for name, rate in suggested.items():
        if state[name] is None or state[name] == state.suggested.get(name):
            state[name] = rate
    state.suggested = suggested


def suggest() -> None:
    """Take the suggested rates, moved or not."""
    state.update(state.suggested)


def take(name: str) -> None:
    """Take a rate from its slider."""
    state[name] = state[f"{name}_slider"]


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
            on_change=take,
            args=(name,),
            help="A learning rate on a log scale, up to ten times the critical one of this data; "
            "any other can be entered beside it. Follows the data until you move it.",
        )
        entry(
            f"{title}, exact rate",
            name,
            "The same learning rate as an exact number.",
            label_visibility="collapsed",
            step=rates.nudge(state[name]),
            width=100,
        )


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


# ---------------------------------------------------------------- training


@dataclass(frozen=True)
class Runs:
    """What there is to show: the runs, what the theory says of them, and the words for them."""

    history: History  # every record, for the downloads
    drawn: History  # with every one of the first 2,000 steps, for all else
    predicted: History  # at the steps of `drawn`
    is_measured: bool
    verdicts: list[verdict.Verdict]


@st.cache_resource(max_entries=16)
def problem(**made_of) -> tuple[data.Dataset, Quadratic]:
    """Make the points and their loss surface; shared by all readers, and never changed."""
    line = data.make_line(**made_of)
    return line, Quadratic.of(line.x, line.y)


def measure(line: data.Dataset, key: tuple) -> tuple[History, History] | None:
    """Return the measured runs, or None while TensorFlow is at work on them."""
    job = state.get("job")
    if job is None or job["key"] != key:
        job = state.job = {"key": key, "result": None, "troubles": [], "since": monotonic()}
        job["sent"] = worker.submit(line.x, line.y, *key[1:])
    if job["result"] is None and job["sent"] is not None:
        try:
            job["result"] = worker.collect(job["sent"], PATIENCE if worker.is_warm() else 0)
        except TimeoutError:
            pass
        except worker.WorkerError as trouble:
            job["troubles"].append(str(trouble))
            is_first = len(job["troubles"]) == 1
            job["sent"] = worker.submit(line.x, line.y, *key[1:]) if is_first else None
    return job["result"]


def forget_job() -> None:
    """Train again, from the reader's own click."""
    state.job = None


def runs(line: data.Dataset, quadratic: Quadratic) -> Runs:
    """Train, or predict until TensorFlow has answered."""
    chosen, num_steps = [state[name] for name in rates.RUNS], state.num_steps
    start = [state[name] for name in START]
    key = (tuple(state[name] for name in DATA), tuple(chosen), num_steps, *start)

    def predict(step: np.ndarray) -> History:
        return History(np.array(chosen), step, *quadratic.path(chosen, step, *start))

    measured = measure(line, key)
    if measured is None:
        history = drawn = predicted = predict(record_steps(num_steps))
    else:
        history, drawn = measured
        predicted = predict(drawn.step)
    told = verdict.judge(quadratic, drawn)
    return Runs(history, drawn, predicted, measured is not None, told)


@st.fragment(run_every=0.3)
def wait() -> None:
    """Say that TensorFlow is at work, and draw the page again when it has answered."""
    if state.job["sent"].future.done():
        st.rerun()
    seconds = monotonic() - state.job["since"]
    st.caption(
        ":material/hourglass_top: **Predicted, not trained yet.** TensorFlow is at work "
        f"({seconds:.0f} s); its runs take the place of these."
    )


# ---------------------------------------------------------------- the parts of the page


def change(setting: str, value: float) -> None:
    """Do what a card advises; a setting outside the explorer's fragment needs the whole page."""
    state[setting] = value
    state.is_stale = setting in START


def card(name: str, told: verdict.Verdict, quadratic: Quadratic, is_measured: bool) -> None:
    """Show one run in words and numbers, and the next thing to try."""
    st.html(markup.card(TITLES[name], name, told, quadratic, is_measured))
    advice = told.advice
    setting = name if advice.setting == "learning_rate" else advice.setting
    st.button(
        advice.label,
        key=f"try_{name}",
        on_click=change,
        args=(setting, advice.value),
        width="stretch",
    )


def source_line(shown: Runs) -> None:
    """Say where the runs shown come from: measured and compared, or predicted."""
    job = state.job
    if job["troubles"]:
        st.warning(job["troubles"][-1], title="Training was interrupted")
    if shown.is_measured:
        gap = number(verdict.largest_gap(shown.drawn, shown.predicted))
        st.caption(
            ":material/check_circle: **Trained by TensorFlow.** Over all steps and runs, the "
            f"prediction (○) differs from it by at most {gap}, relative."
        )
    elif job["sent"] is not None:
        wait()
    else:
        st.caption(":material/hourglass_disabled: **Predicted, not trained.**")
        st.button("Train again", key="train_again", on_click=forget_job)


def stage(line: data.Dataset, quadratic: Quadratic, shown: Runs) -> dict:
    """Return the specification of the stage with its tables: fit, loss, overshoot."""
    titles = list(TITLES.values())
    tables = frames.stage_tables(
        titles,
        line.x,
        line.y,
        (line.weight, line.bias),
        quadratic,
        shown.drawn,
        shown.predicted,
        shown.is_measured,
    )
    return charts.stage_spec(tuple(titles)) | {"datasets": tables}


def table_and_downloads(quadratic: Quadratic, shown: Runs) -> None:
    """Show the runs side by side in numbers, and offer them as CSV."""
    titles = list(TITLES.values())
    with st.container(key="runs_table"):
        st.html(markup.comparison(titles, shown.verdicts, quadratic, shown.is_measured))
    exact = quadratic.weight, quadratic.bias, quadratic.loss
    files = {
        "results": (
            "Results, every recorded step",
            lambda: export.results_csv(titles, shown.history),
        ),
        "summary": (
            "Summary, one row a run",
            lambda: export.summary_csv(titles, shown.verdicts, exact),
        ),
    }
    with st.container(horizontal=True):
        for name, (label, make) in files.items():
            st.download_button(
                label,
                make,
                file_name=f"{name}.csv",
                mime="text/csv",
                key=f"{name}_csv",
                on_click="ignore",
                icon=":material/download:",
                disabled=not shown.is_measured,
                help=None if shown.is_measured else "Ready as soon as TensorFlow has trained.",
            )


def printouts(shown: Runs) -> None:
    """Show what the lesson prints of each run."""
    source = "" if shown.is_measured else " · predicted"
    titles = [
        f"{title} · {number(rate)}{source}"
        for title, rate in zip(TITLES.values(), shown.history.learning_rates.tolist(), strict=True)
    ]
    texts = [printout(shown.history, run) for run in range(len(titles))]
    with st.container(key="printouts"):
        st.html(markup.printouts(titles, texts))


def details(quadratic: Quadratic, shown: Runs) -> None:
    """Show one of three: the table and the downloads, the printouts, how it works."""
    names = ["The three runs", "As the lesson prints it", "How it works"]
    table, prints, works = st.tabs(names, key="details", on_change="rerun")
    if table.open:
        with table:
            table_and_downloads(quadratic, shown)
    if prints.open:
        with prints:
            printouts(shown)
    if works.open:
        with works:
            st.markdown(verdict.explanation(quadratic))
            st.code(export.lesson_source(), language="python")


def refused(reason: ValueError) -> None:
    """Show why there is nothing to train on, and a way back that leaves the rest as it is."""
    st.error(str(reason), title="This cannot be trained")
    points = settings.SETTINGS["num_points"].default
    if state.num_points != points:
        st.button(
            f"Use {points} points", key="use_points", on_click=change, args=("num_points", points)
        )


@st.fragment
def explore(line: data.Dataset, quadratic: Quadratic, sidebar: DeltaGenerator) -> None:
    """Show the runs: sentence, cards, where they come from, stage, details; and their controls.

    A fragment, so that a new rate does not draw the controls of the data again; and the stage
    first, since the browser draws what arrives together.
    """
    if state.pop("is_stale", False):
        st.rerun()
    follow(rates.suggestions(quadratic))
    try:
        shown = runs(line, quadratic)
    except ValueError as reason:  # only from a browser that sends what its controls do not allow
        refused(reason)
        return
    spec = stage(line, quadratic, shown)
    st.markdown(verdict.sentence(quadratic, [state[name] for name in rates.RUNS]))
    cards, source = st.grid(3, min_column_width=270), st.container()
    with st.container(key="stage"):
        st.vega_lite_chart(spec, width="stretch", alt=charts.ALT)
    sleep(HEAD_START)
    for name, told in zip(rates.RUNS, shown.verdicts, strict=True):
        with cards.container(
            border=True, height="stretch", vertical_alignment="distribute", key=f"card_{name}"
        ):
            card(name, told, quadratic, shown.is_measured)
    with source:
        source_line(shown)
    with sidebar:
        training_controls(quadratic)
    details(quadratic, shown)
    write_url()


def main() -> None:
    """Draw the page."""
    st.set_page_config(page_title="Learning-rate explorer", page_icon="📉", layout="wide")
    st.html(CSS)
    read_url()
    with st.sidebar:
        data_controls()
        sidebar = st.container()
    st.title("Learning-rate explorer")
    for trouble in state.url_problems:
        st.warning(trouble)
    try:
        line, quadratic = problem(**{name: state[name] for name in DATA})
    except ValueError as reason:
        refused(reason)
        write_url()
    else:
        explore(line, quadratic, sidebar)


main()
