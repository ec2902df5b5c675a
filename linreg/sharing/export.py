"""What a reader takes along: the CSV files, and the source of the loop that ran."""

import ast
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from functools import cache, lru_cache
from itertools import chain
from pathlib import Path
from unicodedata import normalize

from linreg.data.scaling import Scaling
from linreg.runs.history import History
from linreg.runs.phases import Phase
from linreg.sharing.result import Result

LINE = ("weight", "bias", "loss")
EXACT = ("exact_weight", "exact_bias", "least_loss")  # of the best line
RESULTS = ("run", "learning_rate", "step", *LINE, "status", "phase")
ORIGINAL = "original_{}"  # the same in the units of the data, where that was scaled
Results = Sequence[tuple[str, Result]]
Cell = str | float | int | None


def text_cell(text: str) -> str:
    """Return a text of which a spreadsheet takes no part for a formula.

    One that splits at semicolons, bars or tabs does so within a cell, too. Signs of any width count,
    also behind blanks and quotation marks.

    Example:
        >>> text_cell("good"), text_cell("=1+1"), text_cell("a;=1+1"), text_cell("1 - 1; good")
        ('good', "'=1+1", "a;'=1+1", '1 - 1; good')
    """
    return _FORMULA.sub(r"\g<0>'", text) if _SIGN.search(text) else text


# Of full width, small and raised ones too: what Unicode takes for the same.
_SIGNS = "".join(
    re.escape(one) for one in map(chr, range(0x10000)) if normalize("NFKC", one) in tuple("=+-@")
)
_SIGN = re.compile(rf"[{_SIGNS}]|^[\t\r]")
_FORMULA = re.compile(rf'(?:^(?=[\t\r])|(?:^|[;|\t\r\n])[\s"]*(?=[{_SIGNS}]))')


def _csv(header: Iterable[str], rows: Iterable[Iterable[Cell]]) -> str:
    return "".join(",".join(map(_field, row)) + "\n" for row in chain([header], rows))


def _field(cell: Cell) -> str:
    return _text_field(cell) if isinstance(cell, str) else "" if cell is None else str(cell)


@lru_cache(maxsize=256)
def _text_field(text: str) -> str:
    """Return a text as it stands in a file; within quotation marks if any program may split it."""
    text = text_cell(text)
    return '"' + text.replace('"', '""') + '"' if re.search(r'[",;|\t\r\n]', text) else text


def results_csv(
    runs: Sequence[str], history: History, scaling: Scaling | None = None, kept: Results = ()
) -> str:
    """Return every recorded row of every run, with the full digits of its numbers.

    The README tells the columns. Rows whose numbers are inf or nan are kept, and say so.

    Args:
        runs: Their names.
        history: As many runs.
        scaling: Of the points; unless all are raw, each row ends with the original units.
        kept: Names and results of runs to add.
    """
    parts = [(runs, history, scaling or Scaling())]
    parts += [([name], one.history, one.scaling) for name, one in kept]
    scaled = not all(scaling.is_raw for _, _, scaling in parts)
    rows = (row for part in parts for row in _records(*part, scaled))
    return _csv((*RESULTS, *map(ORIGINAL.format, LINE if scaled else ())), rows)


def _records(
    runs: Sequence[str], history: History, scaling: Scaling, scaled: bool
) -> Iterator[tuple[Cell, ...]]:
    """Yield the rows of runs that were recorded together."""
    columns = [history.rate, history.weight, history.bias, history.loss, history.diverged]
    if scaled:
        lines = scaling.original(history.weight, history.bias)
        columns += [*lines, scaling.original_loss(history.loss)]
    shared = history.step.tolist(), history.phase.tolist()
    for run, *recorded in zip(runs, *(column.tolist() for column in columns), strict=True):
        for row in zip(*shared, *recorded, strict=True):
            step, phase, rate, weight, bias, loss, diverged, *original = row
            status = "diverged" if diverged else "ok"
            yield run, rate, step, weight, bias, loss, status, phase, *original


def summary_csv(rows: Results) -> str:
    """Return one row a run: what was set, what it came to, and the exact solution beside it.

    The README tells the columns. The batch size is empty where each step saw all points, steps that
    were never reached are, and so are `zone` and `rate_to_critical` where no theory has one. Where
    the data of any run was scaled, each row ends with both lines in the original units.
    """
    scaled = not all(result.scaling.is_raw for _, result in rows)
    table = [{"run": name} | _told(result, scaled) for name, result in rows]
    return _csv(table[0], (row.values() for row in table))


def _told(result: Result, scaled: bool) -> dict[str, Cell]:
    """Return what a run was set to, what it came to, and the exact solution."""
    facts, foretold, measured = result.facts, result.facts.foretold, result.facts.measured
    ends = measured.weight, measured.bias, measured.loss
    row: dict[str, Cell] = {
        "learning_rate": facts.learning_rate,
        "rule": facts.last.rule.kind,
        "schedule": facts.last.schedule.kind,
        "batch_size": facts.last.batch_size,
        "rate_to_critical": result.critical and facts.learning_rate / result.critical,
        "zone": foretold.zone and foretold.zone.value,
        "num_steps": facts.num_steps,
        "phases": "; ".join(_phase(phase, facts.run) for phase in facts.phases),
        "data": result.data,
        "outcome": result.outcome,
        "status": "diverged" if measured.diverged else "ok",
        "steps_predicted": foretold.steps,
        "steps_measured": measured.steps and measured.steps[1],
        "loss_steps_predicted": foretold.loss_steps,
        "loss_steps_measured": measured.loss_steps and measured.loss_steps[1],
        **dict(zip(LINE, ends, strict=True)),
        "excess_loss": result.excess,
        "parameter_error": result.error,
        **dict(zip(EXACT, result.minimum, strict=True)),
    }
    for names, (weight, bias, loss) in ((LINE, ends), (EXACT, result.minimum)) if scaled else ():
        values = *result.scaling.original(weight, bias), result.scaling.original_loss(loss)
        row |= zip(map(ORIGINAL.format, names), map(float, values), strict=True)
    return row


def _phase(phase: Phase, run: int) -> str:
    """Return a phase in a few words.

    Example:
        >>> _phase(Phase((0.1, 0.5), 200, batch_size=10), 1)
        '200 steps at 0.5, batch_size 10'
    """
    words = [f"{phase.num_steps} steps at {phase.learning_rates[run]!r}"]
    for way, default in ((phase.rule, "plain"), (phase.schedule, "constant")):
        if way.kind != default:
            words.append(" ".join([way.kind, *(f"{k}={v!r}" for k, v in asdict(way).items())]))
    words += [f"batch_size {phase.batch_size}"] * (phase.batch_size is not None)
    return ", ".join(words)


def lesson_source() -> str:
    """Return the source of the lesson's functions: the file itself, read and not imported.

    Docstrings are left out; the comments and the code are as they run.
    """
    return "\n\n\n".join(_lesson().values())


def lesson_functions() -> str:
    """Return the source of the lesson's prediction and loss, without annotations."""
    source = "\n\n\n".join(_lesson()[name] for name in ("predict", "mean_squared_error"))
    return re.sub(r": tf.Tensor|\) -> tf.Tensor", lambda seen: ")" * (")" in seen[0]), source)


@cache
def _lesson() -> dict[str, str]:
    """Return the source of each public function of the lesson."""
    source = (Path(__file__).parents[1] / "training" / "lesson.py").read_text(encoding="utf-8")
    lines, parts = source.splitlines(), {}
    for node in ast.parse(source).body:
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
            doc = node.body[0]
            kept = lines[node.lineno - 1 : doc.lineno - 1] + lines[doc.end_lineno : node.end_lineno]
            parts[node.name] = "\n".join(kept)
    return parts
