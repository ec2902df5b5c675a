"""What the command line prints of each run: the lesson's lines, where it ended, why, what to try."""

from linreg.data.files.tables.heading import UnclearNames, in_words
from linreg.runs.history import printout
from linreg.telling.needed import sentence
from linreg.telling.told import Runs
from linreg.telling.verdict import Verdict
from linreg.theory.problem import Problem


def report(names: list[str], shown: Runs, problem: Problem) -> list[str]:
    """Return the lines that tell of each run, under its name."""
    lines, history = [], shown.history
    for run, (name, told) in enumerate(zip(names, shown.verdicts, strict=True)):
        ends = {"trained": (told.facts.measured.weight, told.facts.measured.bias)}
        ends["exact"] = problem.quadratic.weight, problem.quadratic.bias
        ends |= {"true": problem.points.line} if problem.points.line else {}
        lines += [f"Learning rate {name}", printout(history, run), *_table(ends, "")]
        if not problem.scaling.is_raw:
            original = {label: problem.scaling.original(*line) for label, line in ends.items()}
            lines += _table(original, "in original units")
        lines += [f"{told.outcome.capitalize()}: {told.headline} {told.reason}"]
        lines += [sentence(told.facts, is_measured=True), f"Try {_words(told)}", ""]
    return lines


def question(asked: UnclearNames) -> list[str]:
    """Return the rows to choose from, where it cannot be known which of them holds the names."""
    return ["Which row holds the names?", *(f"{k:6,}  {in_words(row)}" for k, row in asked.rows)]


def _words(told: Verdict) -> str:
    """Return what to try as the command line's own options, and why."""
    action, value = told.advice.action, told.advice.value
    rates = {"constant": "--schedule constant --learning-rate"}
    rates |= dict.fromkeys(("train_on", "start_over"), "--learning-rate")
    option = rates.get(action, f"--{action.replace('_', '-')}")
    if action == "train_on" and value == told.facts.learning_rate:
        option, value = "--num-steps", 2 * told.facts.num_steps
    return f"{option} {value if isinstance(value, str | int) else f'{value:g}'}: {told.advice.text}"


def _table(ends: dict[str, tuple[float, float]], heading: str) -> list[str]:
    table = [f"{'':8}{'weight':>14}{'bias':>14}  {heading}".rstrip()]
    return table + [
        f"{label:8}{weight:>14.6g}{bias:>14.6g}" for label, (weight, bias) in ends.items()
    ]
