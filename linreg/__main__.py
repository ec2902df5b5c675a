"""The command line: train in the terminal as the lesson does."""

import argparse
import re
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import NoReturn

from linreg import checks, data
from linreg.data.files import datafile
from linreg.data.files.tables import heading, layout
from linreg.runs.model import Line
from linreg.runs.phases import Phase
from linreg.runs.rules import RULES
from linreg.runs.schedules import SCHEDULES
from linreg.sharing import export, settings, terminal, typed
from linreg.telling.told import tell
from linreg.theory import Quadratic, rates
from linreg.theory.dynamics import Dynamics
from linreg.theory.problem import Problem

KINDS = {kind: settings.defaults(one) for kind, one in (RULES | SCHEDULES).items()}
WAYS = {  # the parameters of these, each with its default in every one that has it
    name: {kind: own[name] for kind, own in KINDS.items() if name in own}
    for name in settings.HYPERPARAMETERS
}
OF_FILES = {"x": None, "y": None, "sheet": None, "decimal": "auto", "first_row": "auto"}
MARKS = {"point": ".", "comma": ","}  # of decimals
OF_LINES = {name: one.default for name, one in settings.LINE.items()}


class Parser(argparse.ArgumentParser):
    """A parser that ends with one line, which names what was refused."""

    def error(self, message: str) -> NoReturn:
        """Print the message on one line and leave with status 2."""
        self.exit(2, f"{self.prog}: {' '.join(message.split())}\n")


def number(text: str, is_whole: bool = False) -> float | int:
    """Return the number that a word stands for, or refuse it."""
    value = typed.read_whole(text) if is_whole else typed.read(text)
    if value is None:
        such = "whole number, such as 1000 or 1e3"
        allowed = such if is_whole else "number, such as 0.0005, 0,0005 or 1/2000"
        doubt = typed.doubt(text, is_whole)
        raise argparse.ArgumentTypeError(f"must be a {allowed}, got {text[:40]!r}{doubt}")
    return value


def option(name: str) -> str:
    """Return the option that a name stands for."""
    return f"--{name.replace('_', '-')}"


def parser() -> Parser:
    """Return the parser of the command line."""
    made = Parser(
        prog="python -m linreg",
        description="Make noisy points from a line, or read yours, and fit a line to them by gradient "
        "descent with TensorFlow, at one or several learning rates. Prints the loss every 20 steps, weight and "
        "bias beside the true and the exact ones, what each run did and why, and what to try next.",
        epilog="Example: python -m linreg --learning-rate 0.005 0.5 0.8 --csv results.csv",
    )
    # So that -0,5 and -1/2 are no options; Python 3.14 has it likewise.
    made._negative_number_matcher = re.compile("-[.,]?[0-9]")
    own = made.add_argument_group("your own points")
    points = made.add_argument_group("the lesson's points")
    start = made.add_argument_group("the start")
    training = made.add_argument_group("the training")
    ways = made.add_argument_group("other ways to step, named as in Keras")

    def add(group, name: str, told: str, **more) -> None:
        group.add_argument(option(name), help=told, **more)

    def add_setting(group, name: str, told: str, **more) -> None:
        one = settings.SETTINGS[name]
        if isinstance(one, settings.Choice):
            more["choices"] = [*one.options]
        else:
            more["type"] = partial(number, is_whole=one.is_whole)
        told += " (default %(default)s)" * ("(default" not in told)
        add(group, name, told, **{"default": one.default} | more)

    file = (
        "CSV, TSV or Parquet, of any size, or a workbook (.xlsx, .xls, .ods); takes the place of "
        "the points below"
    )
    add(own, "data", file, type=Path, metavar="FILE")
    add(own, "x", "column of x (default: the first with numbers)", metavar="NAME")
    add(own, "y", "column of y (default: the second)", metavar="NAME")
    sheet = "sheet of a workbook (default: the first with two columns of numbers)"
    add(own, "sheet", sheet, metavar="NAME")
    mark = "the decimal mark of a CSV file (default auto: found out)"
    add(own, "decimal", mark, choices=["auto", *MARKS], default=OF_FILES["decimal"])
    first_row = (
        "what the first row of a CSV file holds: names or numbers (default auto: names, unless all "
        "of it is numbers); or the row that holds the names, as an editor counts: 3"
    )
    add(own, "first_row", first_row, default=OF_FILES["first_row"], metavar="WHAT")
    scale = "centre x, or standardise it (default raw); results are in the original units too"
    add_setting(made, "scale", scale)
    add_setting(points, "weight", "of the true line", metavar="W")
    add_setting(points, "bias", "of the true line", metavar="B")
    add_setting(points, "num_points", "how many", metavar="N")
    add_setting(points, "noise", "standard deviation of the noise on y", metavar="SIGMA")
    add_setting(points, "seed", "the same seed makes the same points", metavar="N")
    add_setting(start, "initial_weight", "first guess of the weight", metavar="W")
    add_setting(start, "initial_bias", "first guess of the bias", metavar="B")
    rates = {"type": number, "nargs": "+", "default": [0.05], "metavar": "RATE"}
    add(training, "learning_rate", "one or several (default 0.05)", **rates)
    add_setting(training, "num_steps", "updates, 1 to 2,000,000", metavar="N")
    add_setting(ways, "rule", "how a gradient becomes a step")
    add_setting(ways, "schedule", "of the rate")
    add_setting(
        ways, "batch_size", "points that a step looks at (default all of them)", metavar="N"
    )
    for name, kinds in WAYS.items():
        defaults = [f"{default:g}" for default in kinds.values()]
        told = ", ".join(defaults[:1] if len(set(defaults)) == 1 else defaults)
        metavar = "N" if settings.PHASE[name].is_whole else "VALUE"
        told = f"of {', '.join(kinds)} (default {told})"
        add_setting(ways, name, told, metavar=metavar, default=None)
    add(training, "csv", "write every recorded step to this file", type=Path, metavar="FILE")
    return made


def problem(options: argparse.Namespace) -> tuple[Problem, list[str]]:
    """Return what the words ask to be fitted, and a few lines on where the points come from.

    Of a file it is the four points that stand for all. ValueError and OSError say what is wrong.
    """
    of_others, must = OF_LINES, "be left out with --data: it makes the points"
    if options.data is None:
        of_others, must = OF_FILES, "come with --data: it tells how to read a file"
    for name, left_out in of_others.items():
        if getattr(options, name) != left_out:
            raise ValueError(f"`{option(name)}` must {must}.")
    if options.data is None:
        points = data.make_line(**{name: getattr(options, name) for name in OF_LINES})
        return Problem.of((), points, options.scale, "x"), []
    rows = layout.first_row(options.first_row)
    columns, mark = (options.x, options.y), MARKS.get(options.decimal)
    read = datafile.summarise(options.data, *columns, mark, sheet=options.sheet, **rows)
    names = f"x is {read.names[0]}, y is {read.names[1]}"
    told = [f"{options.data}: {read.num_points:,} rows used, {names}"]
    told += [f"left out: {part}" for part in read.dropped]
    if waiting := layout.waiting_note(read.waiting):
        told.append(f"{waiting} Choose columns by --x and --y.")
    points = data.Dataset(read.x, read.y)
    return Problem.of((), points, options.scale, "x"), [*told, *read.notes, ""]


def phase(options: argparse.Namespace) -> Phase:
    """Return the phase that the words ask for, or raise ValueError saying why it cannot be."""
    if options.data is not None and options.batch_size is not None:
        raise ValueError(
            "`--batch-size` must be left out with --data: of a file of any size four points are "
            "kept, which have the loss of all of them, and mini-batches need each."
        )
    if options.batch_size is not None:
        checks.whole_number("batch_size", options.batch_size, 1, options.num_points)
    checks.num_steps(options.num_steps)
    rates = dict(enumerate(checks.learning_rates(options.learning_rate).tolist()))
    given = {k: getattr(options, k) for k in ("rule", "schedule", "num_steps", "batch_size")}
    for name, kinds in WAYS.items():
        if getattr(options, name) is not None:
            if not {options.rule, options.schedule} & {*kinds}:
                told = f"a rule or schedule that has it: {', '.join(kinds)}"
                raise ValueError(f"`{option(name)}` must come with {told}.")
            given[name] = getattr(options, name)
    return settings.phase(given, rates, options.num_points)


def main(words: Sequence[str] | None = None) -> None:
    """Train as the words say, and print; bad values end with one line and exit status 2."""
    command = parser()
    options = command.parse_args(words)
    try:
        names = [f"{rate:g}" for rate in options.learning_rate]
        way = phase(options)
        start = Line.checked([getattr(options, name) for name in settings.START])
        fitted, told = problem(options)
        rates.reference(fitted.quadratic, way.rule, start)  # there are rates for it
    except heading.UnclearNames as question:
        print("\n".join(terminal.question(question)), file=sys.stderr)
        command.error(f"{question} Say it by --first-row ROW.")
    except ValueError as refusal:
        command.error(str(refusal))
    except OSError as trouble:
        command.error(f"cannot read {options.data}: {trouble.strerror}")
    try:  # before the training, which nobody wants to do twice
        file = options.csv.open("w", encoding="utf-8") if options.csv else None
    except OSError as trouble:
        command.error(f"cannot write {options.csv}: {trouble.strerror}")

    from linreg import training  # TensorFlow takes seconds: only when all else is right

    x, y = fitted.points.x, fitted.points.y
    runs = training.train_phases(x, y, [way], start, seed=options.seed, is_detailed=True)
    shown = tell(fitted.noise, (way,), start, runs)
    told += [*terminal.report(names, shown, fitted), _limit(fitted.quadratic, way)]
    print("\n".join(told))
    if file:
        with file:
            file.write(export.results_csv(names, shown.history, fitted.scaling))


def _limit(quadratic: Quadratic, way: Phase) -> str:
    """Return above which rate runs diverge, as far as anybody knows."""
    if not way.rule.is_linear:
        return f"{way.rule.title} divides by the size of the gradients: the rate has no such limit."
    critical = Dynamics(quadratic, way.rule).critical_learning_rate
    return f"On this data every learning rate above {critical:.4g} diverges."


if __name__ == "__main__":
    main()
