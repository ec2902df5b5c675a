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
from linreg.telling.needed import sentence, steps_needed
from linreg.telling.verdict import Verdict
from linreg.theory import Quadratic
from linreg.theory.dynamics import Dynamics
from linreg.theory.marks import Mark
from linreg.words import number, percent, share

# What a measurement has seen a prediction can only announce.
ANNOUNCED = {"diverged": "will diverge", "converged": "will converge", "too slow": "too slow"}
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


def card(title: str, run: str, told: Verdict, quadratic: Quadratic, is_measured: bool) -> str:
    """Return a run in words and numbers.

    Args:
        title: Of the run.
        run: Its name in the style sheet, which gives it its colour and mark.
        told: The verdict on it.
        quadratic: With the minimum.
        is_measured: Whether the verdict is on a measured run, or on a predicted one.
    """
    facts, tone = told.facts, TONES.get(told.outcome, "alarm")

    def numbers(line: Measured | Quadratic) -> list[str]:
        return [number(line.weight), number(line.bias), number(line.loss)]

    source = "measured" if is_measured else "predicted"
    rows = [
        [f"at step {facts.num_steps:,}", *numbers(facts.measured)],
        ["minimum", *numbers(quadratic)],
    ]
    needed = sentence(
        facts, is_measured, lambda text: f"<b>{escape(text).replace(' ', '&nbsp;')}</b>"
    )
    return (
        f'<h3 class="run {run}">{escape(title)} · {rates_in_turn(facts)} '
        f'<span class="outcome {tone}">{escape(outcome(told, is_measured))}</span></h3>'
        f"<p>{'' if is_measured else 'Predicted: '}{escape(told.headline)} {escape(told.reason)}</p>"
        + table([source, "weight", "bias", "loss"], rows)
        + f"<p>{needed}</p><p>→ {escape(told.advice.text)}</p>"
    )


def comparison(
    titles: list[str],
    verdicts: list[Verdict],
    quadratic: Quadratic,
    is_measured: bool,
    scaling: Scaling | None = None,
) -> str:
    """Return the runs side by side in numbers, with the minimum last.

    Args:
        titles: One for each run.
        verdicts: Likewise.
        quadratic: With the minimum.
        is_measured: Whether the verdicts are on measured runs, or on predicted ones.
        scaling: Of the points; unless it is raw, the table ends with the original units.
    """
    scaled = scaling is not None and not scaling.is_raw

    def original(line: Measured | Quadratic) -> list[str]:
        there = *scaling.original(line.weight, line.bias), scaling.original_loss(line.loss)
        return [number(float(part)) for part in there]

    header = ["Run" if is_measured else "Run, predicted", "Rate", "Rate ÷ critical", "In theory"]
    header += ["Outcome", "Steps, predicted", "Steps, measured", "Weight", "Bias", "Loss"]
    header.append("Distance left")
    header += ["Weight, original units", "Bias, original units", "Loss, original units"] * scaled
    rows = []
    for title, told in zip(titles, verdicts, strict=True):
        facts = told.facts
        predicted, measured = (
            needed if needed == of_loss else f"{needed} (loss {of_loss})"
            for needed, of_loss in zip(
                steps_needed(facts), steps_needed(facts, of_loss=True), strict=True
            )
        )
        share_of, zone = "", facts.foretold.zone or "no prediction"
        if facts.last.rule.is_linear:
            critical = Dynamics(quadratic, facts.last.rule).critical_learning_rate
            share_of = percent(facts.learning_rate / critical)
        if facts.foretold.is_exact and facts.foretold.zone is None:
            zone = "changes from step to step"
        row = [title, rates_in_turn(facts), share_of, zone, outcome(told, is_measured)]
        row += [predicted, measured if is_measured else "…", number(facts.measured.weight)]
        row += [
            number(facts.measured.bias),
            number(facts.measured.loss),
            percent(facts.measured.distance_left),
        ]
        rows.append([*row, *(original(facts.measured) if scaled else [])])
    exact = [number(quadratic.weight), number(quadratic.bias), number(quadratic.loss)]
    rows.append(["Minimum", *[""] * 6, *exact, "", *(original(quadratic) if scaled else [])])
    return table(header, rows)


def phases(titles: list[str], gathered: list[Facts]) -> str:
    """Return what was set in each phase, each run's rate in it, and the gap that it left.

    Args:
        titles: One for each run.
        gathered: What is known of each.
    """
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
    header = [
        "Phase",
        "Steps",
        "Each step sees",
        *(f"{title}: rate → gap left" for title in titles),
    ]
    return table(header, rows)


def marks(marked: list[Mark]) -> str:
    """Return the marked rates of the map, by their number on it, with their steps and grades."""
    rows = [
        [
            *(f"{k}", mark.name, number(mark.learning_rate)),
            "–" if mark.steps is None else f"{mark.steps:,}",
            *(mark.grade, mark.note),
        ]
        for k, mark in enumerate(marked, 1)
    ]
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
    x, y = told.columns
    return (
        f'<p class="source"><b>{escape(told.title)}</b>, {num_points:,} points; x: {escape(x)}, '
        f"y: {escape(y)}. {escape(told.lesson)}<br><small>{escape(told.source)}</small></p>"
    )


def own(name: str, names: tuple[str, str], read: Columns, waiting: Sequence[str] = ()) -> str:
    """Return which rows of a reader's data are used, and which are not, and why.

    Args:
        name: Of the file.
        names: Of the columns taken for x and y.
        read: What was read of them.
        waiting: Names of the other columns that hold anything.
    """
    x, y = (f"<b>{escape(_cut(text))}</b>" for text in names)
    used = f"All {read.num_rows:,} rows are" if read.num_rows > 1 else "The only row is"
    if read.dropped:
        used = f"{read.x.size:,} of {read.num_rows:,} rows are"
    left_out = "; ".join(escape(f"{part}") for part in read.dropped)
    parts = [f"<b>{escape(_cut(name))}</b>: x is {x}, y is {y}. {used} used."]
    parts += [f"Left out: {left_out}."] * bool(left_out)
    if others := waiting_note(waiting):
        parts.append(escape(f"{others} Choose others under “Data”."))
    parts += map(escape, read.notes)
    parts.append("Your data stays in this session: it is not in the address of this page.")
    return f'<p class="source">{" ".join(parts)}</p>'


def needed_data(name: str, names: tuple[str, str]) -> str:
    """Return what the receiver of a link needs beside it: the sender's own data."""
    x, y = (f"<b>{escape(_cut(text))}</b>" for text in names)
    return (
        f'<p class="source">The link does not hold your data. Whoever opens it is asked for it, and '
        f"needs <b>{escape(_cut(name))}</b>, with {x} as x and {y} as y.</p>"
    )


def thinned(num_points: int) -> str:
    """Return that the picture shows a choice of the points; nothing if it shows all."""
    if num_points <= MAX_POINTS:
        return ""
    return (
        f'<p class="source">The picture shows {MAX_POINTS} of the {num_points:,} points, evenly '
        "chosen; all of them are trained on.</p>"
    )


def preview(header: list[str], rows: list[list[str]]) -> str:
    """Return the first rows of a reader's data, with no cell longer than the eye needs."""
    return table([*map(_cut, header)], [[*map(_cut, row)] for row in rows])


def _cut(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:59]}…"
