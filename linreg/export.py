"""What a reader takes along: the CSV files, and the source of the loop that ran."""

import ast
import csv
import io
import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from linreg.history import History
from linreg.scaling import Scaling
from linreg.verdict import Verdict

RESULTS = ("run", "learning_rate", "step", "weight", "bias", "loss", "status", "phase")
ORIGINAL = ("original_weight", "original_bias", "original_loss")  # where the data was scaled
EXACT = ("original_exact_weight", "original_exact_bias", "original_least_loss")
SUMMARY = (
    "run",
    "learning_rate",
    "zone",
    "outcome",
    "num_steps",
    "steps_predicted",
    "steps_measured",
    "weight",
    "bias",
    "loss",
    "exact_weight",
    "exact_bias",
    "least_loss",
)


def text_cell(text: str) -> str:
    """Return a text that a spreadsheet does not take for a formula.

    Example:
        >>> text_cell("good"), text_cell("=1+1")
        ('good', "'=1+1")
    """
    return "'" + text if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


def _csv(header: Iterable[str], rows: Iterable[Iterable]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return out.getvalue()


def results_csv(runs: list[str], history: History, scaling: Scaling | None = None) -> str:
    """Return every recorded row of every run, with the full digits of its numbers.

    The learning rate is that of the update that led to the row, the phase counts from 1, and the
    status is `diverged` from where the loss has grown above where it began, else `ok`. Rows whose
    numbers are inf or nan are kept, and say so.

    Args:
        runs: Their names.
        history: As many runs.
        scaling: Of the points; unless it is raw, each row ends with the original units.
    """
    scaled = scaling is not None and not scaling.is_raw
    original = ()
    if scaled:
        lines = scaling.original(history.weight, history.bias)
        original = [part.tolist() for part in (*lines, scaling.original_loss(history.loss))]
    columns = zip(
        runs,
        history.rate.tolist(),
        history.weight.tolist(),
        history.bias.tolist(),
        history.loss.tolist(),
        history.diverged.tolist(),
        zip(*original, strict=True) if scaled else [()] * len(runs),
        strict=True,
    )
    steps, phases = history.step.tolist(), history.phase.tolist()
    return _csv(
        (*RESULTS, *(ORIGINAL if scaled else ())),
        (
            (text_cell(run), rate, step, *row, "diverged" if diverged else "ok", phase, *more)
            for run, rates, *recorded, original in columns
            for rate, step, *row, diverged, phase, more in zip(
                rates,
                steps,
                *recorded,
                phases,
                zip(*original, strict=True) if scaled else [()] * len(steps),
                strict=True,
            )
        ),
    )


def summary_csv(
    runs: list[str],
    verdicts: list[Verdict],
    exact: tuple[float, float, float],
    scaling: Scaling | None = None,
) -> str:
    """Return one row a run: what it did, beside the exact weight, bias and least loss.

    `steps_measured` is the recorded step by which 99.9 % of the excess loss was gone; it and
    `steps_predicted` are empty if there is none. Where the data was scaled, each row ends with the
    run's weight, bias and loss, and the exact ones, in the original units.
    """
    scaled = scaling is not None and not scaling.is_raw

    def row(run: str, told: Verdict) -> tuple:
        facts = told.facts
        measured = facts.measured_steps and facts.measured_steps[1]
        return (
            *(text_cell(run), facts.learning_rate, facts.zone and facts.zone.value, told.outcome),
            *(facts.num_steps, facts.predicted_steps, measured),
            *(facts.weight, facts.bias, facts.loss, *exact),
            *(scaling.original(facts.weight, facts.bias) if scaled else ()),
            *([scaling.original_loss(facts.loss)] if scaled else ()),
            *((*scaling.original(*exact[:2]), scaling.original_loss(exact[2])) if scaled else ()),
        )

    header = (*SUMMARY, *((*ORIGINAL, *EXACT) if scaled else ()))
    return _csv(header, (row(run, told) for run, told in zip(runs, verdicts, strict=True)))


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
    source = Path(__file__).with_name("lesson.py").read_text(encoding="utf-8")
    lines = source.splitlines()
    parts = {}
    for node in ast.parse(source).body:
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
            doc = node.body[0]
            kept = lines[node.lineno - 1 : doc.lineno - 1] + lines[doc.end_lineno : node.end_lineno]
            parts[node.name] = "\n".join(kept)
    return parts
