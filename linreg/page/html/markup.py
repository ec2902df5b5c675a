"""The page's longer texts as HTML: cards, table, printouts.

Streamlit's Markdown makes a styled component of every cell and paragraph, and draws them all again
at every rerun: half of the time from a key press to the new picture. As HTML each text is one.
"""

import math
import re
from collections.abc import Sequence
from html import escape
from itertools import pairwise

from linreg.data.files.csvfile import Columns
from linreg.data.files.tables.layout import waiting_note
from linreg.data.samples import Sample
from linreg.data.scaling import Scaling
from linreg.pictures.stage.fitbox import MAX_POINTS
from linreg.runs.rules import Plain
from linreg.runs.schedules import Constant
from linreg.telling.facts import Facts, Measured
from linreg.telling.needed import in_short, sentence, steps_needed
from linreg.telling.verdict import Verdict
from linreg.theory import Quadratic
from linreg.theory.dynamics import Dynamics
from linreg.theory.marks import Mark
from linreg.words import number, percent, share

# What a measurement has seen a prediction can only announce.
ANNOUNCED = {"diverged": "will diverge", "converged": "will converge", "too slow": "too slow"}
RAW = Scaling()
TONES = {"converged": "calm", "at the minimum": "calm", "too slow": "slow"}


def rates_in_turn(facts: Facts) -> str:
    """Return the rates that a run was set to, phase by phase, each named once in a row."""
    rates = [phase.learning_rates[facts.run] for phase in facts.phases]
    turns = [number(rate) for rate, before in pairwise([*rates[::-1], None]) if rate != before]
    *first, last = turns[::-1]
    return f"{', '.join(first[-2:])}, then {last}" if first else last


def outcome(told: Verdict, is_measured: bool) -> str:
    """Return the outcome of a run in a word, or what the prediction announces."""
    if is_measured:
        return told.outcome
    return f"predicted: {ANNOUNCED.get(told.outcome, told.outcome)}"


def table(header: list[str], rows: list[list[str]]) -> str:
    """Return a table whose first column names its rows.

    Example:
        >>> table(["run", "loss"], [["good", "< 1"]])[-65:]
        '<tr><th scope="row">good</th><td>&lt; 1</td></tr></tbody></table>'
    """
    head = "".join(f'<th scope="col">{escape(cell)}</th>' for cell in header)
    body = "".join(
        f'<tr><th scope="row">{escape(first)}</th>'
        + "".join(f"<td>{escape(cell)}</td>" for cell in rest)
        + "</tr>"
        for first, *rest in rows
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _line(found: Measured | Quadratic) -> list[str]:
    return [number(found.weight), number(found.bias), number(found.loss)]


def header(title: str, run: str, told: Verdict, is_measured: bool) -> str:
    """Return a run in a line: its mark, its name and rate, its outcome, and why in a few words."""
    tone, short = TONES.get(told.outcome, "alarm"), in_short(told.facts, told.outcome)
    rate = rates_in_turn(told.facts)
    return (
        f'<h3 class="run {run}"><span class="name" title="{escape(title)} · {rate}">'
        f'<span class="title">{escape(title)} · </span>{rate}</span> '
        f'<span class="outcome {tone}">{escape(outcome(told, is_measured))}</span></h3>'
        f"<p>{escape(short)}</p>"
    )


def card(title: str, run: str, told: Verdict, quadratic: Quadratic, is_measured: bool) -> str:
    """Return a run in words and numbers; `run` gives it its colour and mark in the style sheet."""
    facts, tone = told.facts, TONES.get(told.outcome, "alarm")
    source = "measured" if is_measured else "predicted"
    end = f"at step {facts.num_steps:,}", *_line(facts.measured)
    rows = [end, ["minimum", *_line(quadratic)]]
    needed = sentence(
        facts, is_measured, lambda text: f"<b>{escape(text).replace(' ', '&nbsp;')}</b>"
    )
    return (
        f'<h3 class="run {run}">{escape(title)} · {rates_in_turn(facts)} '
        f'<span class="outcome {tone}">{escape(outcome(told, is_measured))}</span></h3>'
        f"<p>{'' if is_measured else 'Predicted: '}{escape(told.headline)} {escape(told.reason)}</p>"
        f"{table([source, 'weight', 'bias', 'loss'], rows)}"
        f"<p>{needed}</p><p>→ {escape(told.advice.text)}</p>"
    )


def comparison(
    titles: list[str],
    verdicts: list[Verdict],
    quadratic: Quadratic,
    is_measured: bool,
    scaling: Scaling = RAW,
) -> str:
    """Return the runs side by side in numbers, with the minimum last; and in the original units."""

    def lines(found: Measured | Quadratic, left: str) -> list[str]:
        cells = [*_line(found), left]
        if not scaling.is_raw:
            there = *scaling.original(found.weight, found.bias), scaling.original_loss(found.loss)
            cells += [number(float(part)) for part in there]
        return cells

    rows = []
    for title, told in zip(titles, verdicts, strict=True):
        facts, foretold, share_of = told.facts, told.facts.foretold, ""
        if facts.last.rule.is_linear:
            critical = Dynamics(quadratic, facts.last.rule).critical_learning_rate
            share_of = percent(facts.learning_rate / critical)
        unzoned = "changes from step to step" if foretold.is_exact else "no prediction"
        of_all = zip(steps_needed(facts), steps_needed(facts, of_loss=True), strict=True)
        predicted, measured = (
            needed if needed == of_loss else f"{needed} (loss {of_loss})"
            for needed, of_loss in of_all
        )
        row = [title, rates_in_turn(facts), share_of, foretold.zone or unzoned]
        row += [outcome(told, is_measured), predicted, measured if is_measured else "…"]
        rows.append([*row, *lines(facts.measured, percent(facts.measured.distance_left))])
    rows.append(["Minimum", *[""] * 6, *lines(quadratic, "")])
    header = ["Run" if is_measured else "Run, predicted", "Rate", "Rate ÷ critical", "In theory"]
    header += ["Outcome", "Steps, predicted", "Steps, measured", "Weight", "Bias", "Loss"]
    header.append("Distance left")
    header += [f"{name}, original units" for name in header[7:10] if not scaling.is_raw]
    return table(header, rows)


def phases(titles: list[str], gathered: list[Facts]) -> str:
    """Return what was set in each phase, each run's rate in it, and the gap that it left."""
    rows = []
    for index, phase in enumerate(gathered[0].phases):
        seen = "all points" if phase.batch_size is None else f"mini-batches of {phase.batch_size:,}"
        ways = [phase.rule.title] * (type(phase.rule) is not Plain)
        ways += [phase.schedule.title.lower()] * (type(phase.schedule) is not Constant)
        row = [f"{index + 1}", f"{phase.num_steps:,}", ", ".join([seen, *ways])]
        for facts in gathered:
            rate, left = phase.learning_rates[facts.run], facts.measured.left_after[index]
            row.append(f"{number(rate)} → {share(left) if left < math.inf else '∞'}")
        rows.append(row)
    gaps = [f"{title}: rate → gap left" for title in titles]
    return table(["Phase", "Steps", "Each step sees", *gaps], rows)


def marks(marked: list[Mark]) -> str:
    """Return the marked rates of the map, by their number on it, with their steps and grades."""
    rows = []
    for k, mark in enumerate(marked, 1):
        steps = "–" if mark.steps is None else f"{mark.steps:,}"
        rate = number(mark.learning_rate)
        rows.append([f"{k}", mark.name, rate, steps, mark.grade, mark.note])
    return table(["Mark", "Named by", "Rate", "Steps", "Grade", "What it is"], rows)


def stages(texts: list[tuple[str, str]]) -> str:
    """Return headings and sentences as a numbered list."""
    items = (f"<li><b>{escape(head)}</b> {escape(text)}</li>" for head, text in texts)
    return f'<ol class="stages">{"".join(items)}</ol>'


def printouts(titles: list[str], texts: list[str]) -> str:
    """Return texts side by side, each under its title."""
    parts = (
        f'<figure><figcaption>{escape(title)}</figcaption><pre tabindex="0">{escape(text)}</pre></figure>'
        for title, text in zip(titles, texts, strict=True)
    )
    return f'<div class="printouts">{"".join(parts)}</div>'


def refusal(title: str, reason: str) -> str:
    """Return why something cannot be used, as text: it may hold a stranger's; `names` as code."""
    text = re.sub("`([^`]+)`", r"<code>\1</code>", escape(reason))
    return f'<div class="refusal" role="alert"><b>{escape(title)}</b><p>{text}</p></div>'


def sample(told: Sample, num_points: int) -> str:
    """Return what a public data set teaches, and where it comes from."""
    x, y = map(escape, told.columns)
    return _source(
        f"<b>{escape(told.title)}</b>, {num_points:,} points; x: {x}, y: {y}. "
        f"{escape(told.lesson)}<br><small>{escape(told.source)}</small>"
    )


def own(name: str, names: tuple[str, str], read: Columns, waiting: Sequence[str] = ()) -> str:
    """Return which rows of a reader's data are used, and which are not; what other columns wait."""
    name, x, y = _bold(name, *names)
    used = f"All {read.num_rows:,} rows are" if read.num_rows > 1 else "The only row is"
    if read.dropped:
        used = f"{read.x.size:,} of {read.num_rows:,} rows are"
    parts = [f"{name}: x is {x}, y is {y}. {used} used."]
    if read.dropped:
        parts.append(f"Left out: {'; '.join(escape(f'{part}') for part in read.dropped)}.")
    if others := waiting_note(waiting):
        parts.append(escape(f"{others} Choose others under “Data”."))
    parts += map(escape, read.notes)
    return _source(
        *parts, "Your data stays in this session: it is not in the address of this page."
    )


def needed_data(name: str, names: tuple[str, str]) -> str:
    """Return what the receiver of a link needs beside it: the sender's own data."""
    name, x, y = _bold(name, *names)
    return _source(
        "The link does not hold your data. Whoever opens it is asked for it, and needs "
        f"{name}, with {x} as x and {y} as y."
    )


def _bold(*texts: str) -> list[str]:
    return [f"<b>{escape(_cut(text))}</b>" for text in texts]


def _source(*parts: str) -> str:
    return f'<p class="source">{" ".join(parts)}</p>'


def thinned(num_points: int) -> str:
    """Return that the picture shows a choice of the points; nothing if it shows all."""
    if num_points <= MAX_POINTS:
        return ""
    return _source(
        f"The picture shows {MAX_POINTS} of the {num_points:,} points, evenly chosen; all of them are "
        "trained on."
    )


def preview(header: list[str], rows: list[list[str]]) -> str:
    """Return the first rows of a reader's data, with no cell longer than the eye needs."""
    return table([*map(_cut, header)], [[*map(_cut, row)] for row in rows])


def _cut(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:59]}…"
