"""What the command line prints of each run: the lesson's lines, where it ended, why, what to try."""

from linreg.data.files.tables.heading import UnclearNames, in_words
from linreg.data.scaling import Scaling
from linreg.runs.history import History, printout
from linreg.telling.needed import sentence
from linreg.telling.verdict import Verdict, judge
from linreg.theory import Quadratic, forecast
from linreg.theory.noise import BatchNoise

Line = tuple[float, float]


def judged(noise: BatchNoise, runs: History) -> list[Verdict]:
    """Return the verdicts on runs that were recorded in detail."""
    start = float(runs.weight[0, 0]), float(runs.bias[0, 0])
    expected = forecast.expectation(noise, runs.phases, runs.step, start)
    return judge(noise.quadratic, runs, expected, noise)


def report(
    names: list[str],
    runs: History,
    verdicts: list[Verdict],
    quadratic: Quadratic,
    scaling: Scaling,
    true: Line | None = None,
) -> list[str]:
    """Return the lines that tell of each run.

    Args:
        names: One for each.
        runs: As recorded.
        verdicts: One for each.
        quadratic: The loss of the points that were trained on.
        scaling: Of these points.
        true: Weight and bias that the points were made from, in their own units; None if unknown.
    """
    lines = []
    for run, (name, told) in enumerate(zip(names, verdicts, strict=True)):
        ends = {"trained": (told.facts.measured.weight, told.facts.measured.bias)}
        ends["exact"] = quadratic.weight, quadratic.bias
        if true is not None:
            ends["true"] = scaling.line(*true)
        lines += [f"Learning rate {name}", printout(runs, run), *_table(ends, "")]
        if not scaling.is_raw:
            original = {label: scaling.original(*line) for label, line in ends.items()}
            lines += _table(original, "in original units")
        lines += [f"{told.outcome.capitalize()}: {told.headline} {told.reason}"]
        lines += [sentence(told.facts, is_measured=True), f"Try {_words(told)}", ""]
    return lines


def question(asked: UnclearNames) -> list[str]:
    """Return the rows to choose from, where it cannot be known which of them holds the names.

    Args:
        asked: What the reader of the file has found.
    """
    return ["Which row holds the names?", *(f"{k:6,}  {in_words(row)}" for k, row in asked.rows)]


def _words(told: Verdict) -> str:
    """Return what to try as the command line's own options, and why."""
    action, value = told.advice.action, told.advice.value
    option = f"--{action.replace('_', '-')}"
    if action == "constant":
        option = "--schedule constant --learning-rate"
    elif action == "train_on" and value == told.facts.learning_rate:
        option, value = "--num-steps", 2 * told.facts.num_steps
    elif action in ("train_on", "start_over"):
        option = "--learning-rate"
    return f"{option} {value if isinstance(value, str | int) else f'{value:g}'}: {told.advice.text}"


def _table(ends: dict[str, Line], heading: str) -> list[str]:
    table = [f"{'':8}{'weight':>14}{'bias':>14}  {heading}".rstrip()]
    return table + [
        f"{label:8}{weight:>14.6g}{bias:>14.6g}" for label, (weight, bias) in ends.items()
    ]
