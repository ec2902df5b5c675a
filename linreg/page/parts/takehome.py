"""Take home on the page: the link, and files that bring the runs elsewhere or back."""

from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

from linreg.page.html import markup
from linreg.page.parts.compare import compared, drawn_results
from linreg.page.parts.link import link, show_link
from linreg.page.parts.stage import stage_tables
from linreg.page.server.downloads import offer
from linreg.page.session import state
from linreg.page.session.address import OURS, fixed_params, take
from linreg.page.session.reruns import outdate
from linreg.pictures.playback import frame_at
from linreg.sharing import kept, picture, report, script, settings
from linreg.sharing.result import Result, data_in_words
from linreg.sharing.settings import DATA, START, TITLES, Choice
from linreg.telling import teaching
from linreg.telling.told import Runs
from linreg.theory import rates
from linreg.theory.problem import Problem
from linreg.words import number


@dataclass(frozen=True, eq=False)
class Taken:
    """All that a download is made of: it is made when it is clicked, outside of the session."""

    work: script.Work
    problem: Problem
    shown: Runs
    others: list[tuple[str, Result]]
    params: dict[str, str]
    settings: list[tuple[str, str]]
    data: str
    compared: Callable[[], str] | None
    step: int
    link: str

    def script(self) -> str:
        """Return the Python script."""
        return script.script(self.work)

    def notebook(self) -> str:
        """Return the notebook."""
        return script.notebook(self.work)

    def settings_file(self) -> str:
        """Return the settings as JSON."""
        return settings.to_json(self.params)

    def svg(self) -> bytes:
        """Return the stage at the chosen step as SVG."""
        return picture.draw(self._drawing(), "svg")

    def png(self) -> bytes:
        """Return the stage at the chosen step as PNG."""
        return picture.draw(self._drawing(), "png")

    def _drawing(self) -> dict:
        rates_told = ", ".join(number(rate) for rate in self.shown.drawn.learning_rates.tolist())
        phases = "; then ".join(script.described(phase) for phase in self.shown.drawn.phases)
        frame, step = frame_at(self.shown.drawn.step, self.step)
        return picture.specification(
            tuple(TITLES.values()),
            stage_tables(self.problem, self.shown, self.others),
            frame,
            f"Gradient descent at the learning rates {rates_told}, step {step:,}",
            f"{self.data}; {phases}",
            self.shown.drawn.band is not None,
        )

    def report(self) -> str:
        """Return the report of what is shown."""
        quadratic, verdicts = self.problem.quadratic, self.shown.verdicts
        titles = list(TITLES.values())
        cards = [
            markup.card(TITLES[name], name, told, quadratic, True)
            for name, told in zip(rates.RUNS, verdicts, strict=True)
        ]
        table = markup.comparison(titles, verdicts, quadratic, True, self.problem.scaling)
        tables = [("The three runs", table)]
        if len(self.shown.drawn.phases) > 1:
            gathered = [told.facts for told in verdicts]
            tables.append(("Phase by phase", markup.phases(titles, gathered)))
        if self.compared is not None:
            tables.append(("Kept runs", self.compared()))
        num_points = self.problem.points.num_points
        sentence = teaching.sentence(quadratic, self.shown.drawn.phases, num_points)
        stage = self.svg().decode()
        sentence = sentence.replace("**", "")
        return report.report(self.settings, sentence, cards, stage, tables, self.link)


FILES = {  # label, file name, type
    "script": ("Python script", "runs.py", "text/x-python"),
    "notebook": ("Notebook", "runs.ipynb", "application/x-ipynb+json"),
    "settings_file": ("Settings", "settings.json", "application/json"),
    "report": ("Report", "report.html", "text/html"),
    "svg": ("Stage as SVG", "stage.svg", "image/svg+xml"),
    "png": ("Stage as PNG", "stage.png", "image/png"),
}


def show_take_home(problem: Problem, shown: Runs) -> None:
    """Show the link, the files to take, and what takes a settings file."""
    st.subheader("Share")
    show_link(shown.drawn)
    st.subheader("Take home")
    last = int(shown.drawn.step[-1])
    _follow_last_step(last)
    taken = _taken(problem, shown)
    try:
        script.check(taken.work)
    except ValueError as reason:
        st.info(str(reason))
    else:
        with st.container(horizontal=True):
            _download("script", taken)
            _download("notebook", taken)
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
        for name in ("svg", "png", "report", "settings_file"):
            _download(name, taken)
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
    if state.get("settings_trouble"):
        title = "Nothing was changed"
        st.html(markup.refusal(title, state.settings_trouble))


def _follow_last_step(last: int) -> None:
    """Let the step of the picture stay the last one while it is, and no later than that."""
    chosen = state.get("picture_step")
    if chosen is None or chosen == state.get("picture_last") or chosen > last:
        state.picture_step = last
    state.picture_last = last


def _taken(problem: Problem, shown: Runs) -> Taken:
    """Gather what the downloads are made of."""
    is_set = {
        name: state[name]
        for name in (*DATA, *START)
        if state[name] != settings.SETTINGS[name].default
    }
    recipe = {name: state[name] for name in settings.LINE} if state.data == "line" else None
    work = script.Work(
        tuple(TITLES.values()),
        problem.original,
        recipe,
        problem.scaling,
        shown.history,
        state.seed,
    )
    values = {name: state[name] for name in settings.SETTINGS}
    told = [
        (one.title, one.options[value] if isinstance(one, Choice) else report.value(value))
        for (name, one), value in zip(settings.SETTINGS.items(), values.values(), strict=True)
        if value is not None and settings.has_effect(name, values, state.earlier)
    ]
    return Taken(
        work,
        problem,
        shown,
        drawn_results(),
        fixed_params(shown.drawn.phases),
        told,
        data_in_words(is_set).capitalize(),
        compared(problem, shown),
        state.picture_step,
        link(shown.drawn),
    )


def _download(name: str, taken: Taken) -> None:
    label, file_name, mime = FILES[name]
    is_ready = taken.shown.is_measured
    offer(label, getattr(taken, name), file_name, mime, f"take_{name}", is_ready)


def _bring_back() -> None:
    """Set everything as a settings file says; a file that is none changes nothing."""
    upload = state.settings_upload
    state.settings_trouble = ""
    if upload is None:
        return
    try:
        params = settings.of_json(upload.getvalue())
    except ValueError as reason:
        state.settings_trouble = str(reason)
        return
    _, _, problems = settings.read(params, "file")
    problems += (
        settings.unknown(params, OURS) + kept.of_text(params.get(settings.KEPT, ""), "file")[1]
    )
    if problems:
        state.settings_trouble = " ".join(problems)
        return
    take(params)
    outdate()
