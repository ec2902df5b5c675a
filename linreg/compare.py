"""Runs side by side as a table: what each came to, and its differences from a baseline."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from html import escape
from urllib.parse import quote

import numpy as np

from linreg import facts, settings, verdict
from linreg.curves import Curve, curve_records
from linreg.dynamics import Dynamics
from linreg.history import History
from linreg.markup import rates_in_turn
from linreg.noise import BatchNoise
from linreg.phases import SCALED, Plain
from linreg.settings import Values
from linreg.words import number, percent

SPARK = 40  # points of a small curve
GREY = "#7a7f87"  # on white and on black as well


@dataclass(frozen=True, eq=False)
class Result:
    """What a run came to.

    Attributes:
        facts: What is known of it.
        outcome: In a word.
        critical: The critical rate of its last rule; None if it has none.
        excess: The excess loss after the last step.
        error: The parameters' distance from the minimum after the last step.
        data: What it was trained on, in words.
        curve: Its loss, at the records that a curve is drawn through.
    """

    facts: facts.Facts
    outcome: str
    critical: float | None
    excess: float
    error: float
    data: str
    curve: Curve = field(repr=False)

    @classmethod
    def of(cls, noise: BatchNoise, history: History, told: verdict.Verdict, data: str) -> "Result":
        """Gather it for one of several runs: the one that was judged."""
        quadratic, run = noise.quadratic, told.facts.run
        records = curve_records(history.step)
        weight, bias = history.weight[run], history.bias[run]
        rule = told.facts.last.rule
        return cls(
            told.facts,
            told.outcome,
            None if isinstance(rule, SCALED) else Dynamics(quadratic, rule).critical_learning_rate,
            float(quadratic.excess_loss(weight[-1], bias[-1])),
            math.hypot(weight[-1] - quadratic.weight, bias[-1] - quadratic.bias),
            data,
            Curve(
                history.step[records],
                history.loss[run, records],
                quadratic.excess_loss(weight[records], bias[records]),
            ),
        )


def data_in_words(values: Values) -> str:
    """Return what the points are.

    Example:
        >>> data_in_words({"seed": 7, "scale": "centred"})
        "lesson's line, seed 7, centred"
        >>> data_in_words({"data": "wheat"})
        'wheat'
    """
    source = values.get("data", "line")
    words = ["lesson's line" if source == "line" else source.replace("_", " ")]
    for name in settings.LINE:
        if name in values and settings.has_effect(name, values):
            words.append(f"{name.replace('num_', '')} {values[name]:.6g}")
    if values.get("scale", "raw") != "raw":
        words.append(values["scale"] + ", x and y" * (values.get("scaled") == "xy"))
    for name in ("initial_weight", "initial_bias"):
        if name in values:
            words.append(f"{name.replace('_', ' ')} {values[name]:.6g}")
    return ", ".join(words)


@dataclass(frozen=True)
class Column:
    """A column of the table.

    Attributes:
        title: Of the column.
        value: To sort by and to subtract; None where there is none.
        text: To show.
        is_measure: Whether it is a number of which less is better.
    """

    title: str
    value: Callable[[Result], float | str | None]
    text: Callable[[Result], str]
    is_measure: bool = False


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


def _steps(count: int | None) -> str:
    return "–" if count is None else f"{count:,}"


def _share(result: Result) -> float | None:
    return result.critical and result.facts.learning_rate / result.critical


def _measured(result: Result) -> int | None:
    return result.facts.measured_steps and result.facts.measured_steps[1]


def _simple(name: str, value: Callable[[Result], str]) -> Column:
    return Column(name, value, value)


COLUMNS = (
    _simple("Data", lambda one: one.data),
    _simple("Rule", _ways),
    Column("Rate", lambda one: one.facts.learning_rate, lambda one: rates_in_turn(one.facts)),
    Column(
        "of critical", _share, lambda one: "–" if one.critical is None else percent(_share(one))
    ),
    _simple("In theory", lambda one: one.facts.zone.value if one.facts.zone else "no prediction"),
    Column(
        "Steps, predicted",
        lambda one: one.facts.predicted_steps,
        lambda one: _steps(one.facts.predicted_steps),
        True,
    ),
    Column("Steps, measured", _measured, lambda one: _steps(_measured(one)), True),
    Column("Loss", lambda one: one.facts.loss, lambda one: number(one.facts.loss), True),
    Column("Excess loss", lambda one: one.excess, lambda one: number(one.excess), True),
    Column("Parameter error", lambda one: one.error, lambda one: number(one.error), True),
    _simple("Outcome", lambda one: one.outcome),
    _simple("Phases", _phases),
)
SORTS = ("as kept", "Run", *(column.title for column in COLUMNS))


def comparison(
    rows: Sequence[tuple[str, Result]],
    baseline: str | None = None,
    sort_by: str = SORTS[0],
    is_descending: bool = False,
    only_different: bool = False,
) -> str:
    """Return runs side by side as HTML, with signed differences from a baseline.

    Args:
        rows: Name and result of each run.
        baseline: The name of one of them; None for no differences.
        sort_by: One of SORTS; what has no value comes last.
        is_descending: Whether the largest comes first.
        only_different: Whether columns in which all runs are alike are left out.
    """
    columns = [
        column
        for column in COLUMNS
        if not only_different or len({column.text(result) for _, result in rows}) > 1
    ]
    against = dict(rows).get(baseline)
    header = ["Run", "Loss curve", *(column.title for column in columns)]
    head = "".join(f'<th scope="col">{escape(title)}</th>' for title in header)
    body = []
    for name, result in _sorted(rows, sort_by, is_descending):
        is_base = name == baseline
        cells = [_cell(column, result, None if is_base else against) for column in columns]
        label = escape(name) + " <small>(baseline)</small>" * is_base
        body.append(
            f'<tr><th scope="row">{label}</th><td>{sparkline(result)}</td>{"".join(cells)}</tr>'
        )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(body)}</tbody></table>"


def _sorted(rows, sort_by: str, is_descending: bool) -> list[tuple[str, Result]]:
    if sort_by == SORTS[0]:
        return list(rows)[:: -1 if is_descending else 1]
    by_title = {column.title: column.value for column in COLUMNS}

    def value(row):
        return row[0].casefold() if sort_by == "Run" else by_title[sort_by](row[1])

    def is_known(row) -> bool:
        return value(row) is not None and value(row) == value(row)  # nan is not

    known = sorted(filter(is_known, rows), key=value, reverse=is_descending)
    return known + [row for row in rows if not is_known(row)]


def _cell(column: Column, result: Result, against: Result | None) -> str:
    text = escape(column.text(result))
    if against is None or not column.is_measure:
        return f"<td>{text}</td>"
    return f"<td>{text}{_difference(column.value(result), column.value(against))}</td>"


def _difference(value: float | None, base: float | None) -> str:
    """Return by how much a value differs from that of the baseline, in sign, word and colour."""
    if value is None and base is None:
        return ""
    missing = [math.inf if one is None or one != one else one for one in (value, base)]
    if missing[0] == missing[1]:
        return "<small>same</small>"
    word = "better" if missing[0] < missing[1] else "worse"
    change = missing[0] - missing[1]
    signed = f"{number(change, signed=True)}, " if math.isfinite(change) else ""
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
