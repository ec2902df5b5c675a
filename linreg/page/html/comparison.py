"""Runs side by side as a table: what each came to, and its differences from a baseline."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from typing import NamedTuple
from urllib.parse import quote

import numpy as np

from linreg.page.html.markup import rates_in_turn
from linreg.runs.rules import Plain
from linreg.sharing.result import Result
from linreg.sharing.settings import Choice
from linreg.theory import Zone
from linreg.words import number, percent

SPARK = 40  # points of a small curve
GREY = "#7a7f87"  # on white and on black as well
SAME = 1e-9  # relative: a smaller difference is none
ZONES = {zone: zone.name.lower() for zone in Zone}  # in a word


@dataclass(frozen=True)
class Column:
    """A column of the table."""

    name: str  # in a URL
    title: str
    value: Callable[[Result], float | str | None]  # to sort by and to subtract
    text: Callable[[Result], str]  # to show
    is_measure: bool = False  # a number of which less is better
    is_of_data: bool = False  # which says nothing beside that of a run on other points
    is_words: bool = False  # which may be broken into lines


def _ways(result: Result) -> str:
    parts = []
    for phase in result.facts.phases:
        part = "plain" if type(phase.rule) is Plain else phase.rule.title
        if not phase.is_constant:
            part += f", {phase.schedule.title.lower()}"
        if phase.batch_size is not None:
            part += f", mini-batches of {phase.batch_size:,}"
        parts.append(part)
    return " → ".join(dict.fromkeys(parts))


def _phases(result: Result) -> str:
    phases = result.facts.phases
    steps = " + ".join(f"{phase.num_steps:,}" for phase in phases[:4]) + " + …" * (len(phases) > 4)
    return f"{len(phases)}: {steps} steps"


def _share(result: Result) -> float | None:
    return result.critical and result.facts.learning_rate / result.critical


def _last(steps: tuple[int, int] | None) -> int | None:
    return steps and steps[1]


def _or_none(text: Callable[[float], str], value: Callable[[Result], float | None]) -> Callable:
    """Return what tells a value, or that there is none."""
    return lambda one: "–" if value(one) is None else text(value(one))


def _words(name: str, title: str, value: Callable[[Result], str]) -> Column:
    return Column(name, title, value, value, is_words=True)


def _number(name: str, title: str, value: Callable[[Result], float]) -> Column:
    return Column(name, title, value, lambda one: number(value(one)), True, True)


def _count(name: str, title: str, value: Callable[[Result], int | None]) -> Column:
    return Column(name, title, value, _or_none("{:,}".format, value), True)


COLUMNS = (
    _words("outcome", "Outcome", lambda one: one.outcome),
    Column(
        "rate", "Rate", lambda one: one.facts.learning_rate, lambda one: rates_in_turn(one.facts)
    ),
    Column("share", "Rate ÷ critical", _share, _or_none(percent, _share)),
    _words("zone", "Zone", lambda one: ZONES.get(one.facts.foretold.zone, "–")),
    _count("predicted", "Steps, predicted", lambda one: one.facts.foretold.steps),
    _count("measured", "Steps, measured", lambda one: _last(one.facts.measured.steps)),
    _count("loss_steps", "Steps for the loss", lambda one: _last(one.facts.measured.loss_steps)),
    _number("loss", "Loss", lambda one: one.facts.measured.loss),
    _number("excess", "Excess loss", lambda one: one.excess),
    _number("error", "Parameter error", lambda one: one.error),
    _words("rule", "Rule", _ways),
    _words("phases", "Phases", _phases),
    _words("data", "Data", lambda one: one.data),
)
SORTS = {"kept": "as kept", "run": "Run"} | {column.name: column.title for column in COLUMNS}


class View(NamedTuple):
    """How the table is laid out."""

    sort_by: str = "kept"  # one of SORTS; what has no value comes last
    is_descending: bool = False
    only_different: bool = False  # columns in which all runs are alike are left out

    @classmethod
    def read(cls, params: dict[str, str]) -> tuple["View", list[str]]:
        """Return what a URL's parameters say of it, and what makes no sense in them.

        Example:
            >>> View.read({"kept_sort": "loss", "kept_different": "perhaps"})
            ... # doctest: +NORMALIZE_WHITESPACE
            (View(sort_by='loss', is_descending=False, only_different=False),
             ['`kept_different` in the address must be one of no, yes; it was ignored.'])
        """
        values, problems = [], []
        for name, choice in VIEW.items():
            try:
                values.append(choice.parse(params.get(name, choice.default)))
            except ValueError as allowed:
                values.append(choice.default)
                problems.append(f"`{name}` in the address must be {allowed}; it was ignored.")
        return cls(values[0], *(flag == "yes" for flag in values[1:])), problems

    def write(self) -> dict[str, str]:
        """Return the parameters for what is not at its default.

        Example:
            >>> View("loss", is_descending=True).write()
            {'kept_sort': 'loss', 'kept_descending': 'yes'}
        """
        texts = self.sort_by, *("yes" if flag else "no" for flag in self[1:])
        told = zip(VIEW, texts, strict=True)
        return {name: text for name, text in told if text != VIEW[name].default}


AS_KEPT = View()
YES_NO = Choice({"no": "no", "yes": "yes"})
VIEW = {"kept_sort": Choice(SORTS), "kept_descending": YES_NO, "kept_different": YES_NO}


def table(
    rows: Sequence[tuple[str, Result]], baseline: str | None = None, view: View = AS_KEPT
) -> str:
    """Return runs, by their names, side by side as HTML, with signed differences from one of them."""
    columns = [
        column
        for column in COLUMNS
        if not view.only_different or len({column.text(result) for _, result in rows}) > 1
    ]
    place = int(columns[:1] == [COLUMNS[0]])  # of the curve: after the outcome, if it is shown
    against = dict(rows).get(baseline)
    head = [f'<th scope="col"{_kind(one)}>{escape(one.title)}</th>' for one in columns]
    head.insert(place, '<th scope="col" class="words">Loss curve</th>')
    body = []
    for name, result in _sorted(rows, view):
        is_base = name == baseline
        cells = [_cell(column, result, None if is_base else against) for column in columns]
        cells.insert(place, f'<td class="words">{sparkline(result)}</td>')
        label = escape(name) + " <small>(baseline)</small>" * is_base
        body.append(f'<tr><th scope="row">{label}</th>{"".join(cells)}</tr>')
    head = f'<tr><th scope="col">Run</th>{"".join(head)}</tr>'
    return f"<table><thead>{head}</thead><tbody>{''.join(body)}</tbody></table>"


def _sorted(rows: Sequence[tuple[str, Result]], view: View) -> list[tuple[str, Result]]:
    if view.sort_by == "kept":
        return list(rows)[:: -1 if view.is_descending else 1]
    by_name = {column.name: column.value for column in COLUMNS}

    def value(row):
        return row[0].casefold() if view.sort_by == "run" else by_name[view.sort_by](row[1])

    def is_known(row) -> bool:
        return value(row) is not None and value(row) == value(row)  # nan is not

    known = sorted(filter(is_known, rows), key=value, reverse=view.is_descending)
    return known + [row for row in rows if not is_known(row)]


def _kind(column: Column) -> str:
    """Return what tells the style sheet that a column holds words."""
    return ' class="words"' if column.is_words else ""


def _cell(column: Column, result: Result, against: Result | None) -> str:
    difference = ""
    if against is None or not column.is_measure:
        pass
    elif column.is_of_data and not result.is_of_same_data(against):
        difference = "<small>other data</small>"
    elif column.name != "predicted" or (
        result.facts.foretold.is_exact and against.facts.foretold.is_exact
    ):  # unknown is not never
        difference = _difference(column.value(result), column.value(against))
    return f"<td{_kind(column)}>{escape(column.text(result))}{difference}</td>"


def _difference(value: float | None, base: float | None) -> str:
    """Return by how much a value differs from that of the baseline, in sign, word and colour."""
    if value is None and base is None:
        return ""
    missing = [math.inf if one is None or one != one else one for one in (value, base)]
    if math.isclose(*missing, rel_tol=SAME):
        return "<small>same</small>"
    word = "better" if missing[0] < missing[1] else "worse"
    change, signed = missing[0] - missing[1], ""
    if isinstance(change, int):  # steps: with all digits
        signed = f"{change:+,}, ".replace("-", "−")
    elif math.isfinite(change):
        signed = f"{number(change, signed=True)}, "
    return f'<small class="{word}">{signed}{word}</small>'


def sparkline(result: Result) -> str:
    """Return the loss curve of a run as a small picture, the loss on a log axis of its own."""
    curve = result.curve
    finite = np.isfinite(curve.loss) & (curve.loss > 0)
    until = int(np.argmin(finite)) if not finite.all() else finite.size
    step, loss = curve.step[:until].astype(float), curve.loss[:until]
    if step.size < 2:
        return ""
    chosen = np.unique(np.round(np.linspace(0, step.size - 1, SPARK)).astype(int))
    up = np.log(loss[chosen])
    across = 90 * step[chosen] / curve.step[-1]
    down = 22 - 20 * (up - up.min()) / (np.ptp(up) or 1.0)
    points = " ".join(f"{x:.1f},{y:.1f}" for x, y in zip(across, down, strict=True))
    picture = (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 92 24"><polyline '
        f'points="{points}" fill="none" stroke="{GREY}" stroke-width="1.8"/></svg>'
    )
    told = f"Loss from {number(float(loss[0]))} to {number(float(loss[-1]))}"
    return f'<img class="spark" alt="{told}" src="data:image/svg+xml,{quote(picture)}">'
