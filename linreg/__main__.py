"""The command line: train in the terminal as the lesson does."""

import argparse
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import numpy as np

from linreg import checks, data
from linreg.data.files import datafile
from linreg.data.files.tables import heading, layout
from linreg.data.scaling import SCALES, Scaling
from linreg.runs.history import record_steps
from linreg.runs.model import Line
from linreg.runs.phases import Phase
from linreg.runs.rules import RULES
from linreg.runs.schedules import SCHEDULES
from linreg.sharing import export, settings, terminal, typed
from linreg.theory import Quadratic
from linreg.theory.dynamics import Dynamics
from linreg.theory.noise import BatchNoise

WAYS = {  # the parameters of rules and schedules, each with those that have it
    name: [kind for kind, one in (RULES | SCHEDULES).items() if name in settings.defaults(one)]
    for name in settings.PHASE
    if any(name in settings.defaults(one) for one in (RULES | SCHEDULES).values())
}
OF_FILES = {  # unless they are given
    "x": None,
    "y": None,
    "sheet": None,
    "decimal": "auto",
    "first_row": "auto",
}


class Parser(argparse.ArgumentParser):
    """A parser that ends with one line, which names what was refused."""

    def error(self, message: str) -> NoReturn:
        """Print the message on one line and leave with status 2."""
        self.exit(2, f"{self.prog}: {' '.join(message.split())}\n")


def number(text: str) -> float:
    """Return the number that a word stands for, or refuse it."""
    return _told(typed.read(text), text, "a number, such as 0.0005, 0,0005 or 1/2000")


def whole_number(text: str) -> int:
    """Return the whole number that a word stands for, or refuse it."""
    return _told(typed.read_whole(text), text, "a whole number, such as 1000 or 1e3")


def _told(value: float | int | None, text: str, allowed: str) -> float | int:
    if value is None:
        doubt = typed.doubt(text, allowed.startswith("a whole"))
        raise argparse.ArgumentTypeError(f"must be {allowed}, got {text[:40]!r}{doubt}")
    return value


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
    _add_file(made.add_argument_group("your own points"))
    made.add_argument(
        "--scale",
        choices=list(SCALES),
        default="raw",
        help="centre x, or standardise it (default raw); results are in the original units too",
    )
    points = made.add_argument_group("the lesson's points")
    start = made.add_argument_group("the start")
    training = made.add_argument_group("the training")

    def option(group, name: str, metavar: str, text: str) -> None:
        one = settings.SETTINGS[name]
        group.add_argument(
            f"--{name.replace('_', '-')}",
            type=whole_number if one.is_whole else number,
            default=one.default,
            metavar=metavar,
            help=f"{text} (default {one.default})",
        )

    option(points, "weight", "W", "of the true line")
    option(points, "bias", "B", "of the true line")
    option(points, "num_points", "N", "how many")
    option(points, "noise", "SIGMA", "standard deviation of the noise on y")
    option(points, "seed", "N", "the same seed makes the same points")
    option(start, "initial_weight", "W", "first guess of the weight")
    option(start, "initial_bias", "B", "first guess of the bias")
    training.add_argument(
        "--learning-rate",
        type=number,
        nargs="+",
        default=[0.05],
        metavar="RATE",
        help="one or several (default 0.05)",
    )
    option(training, "num_steps", "N", "updates, 1 to 2,000,000")
    _add_ways(made.add_argument_group("other ways to step, named as in Keras"))
    training.add_argument(
        "--csv", type=Path, metavar="FILE", help="write every recorded step to this file"
    )
    return made


def _add_ways(ways) -> None:
    """Add the options of update rules, schedules and mini-batches."""
    for name, text in (("rule", "how a gradient becomes a step"), ("schedule", "of the rate")):
        one = settings.PHASE[name]
        ways.add_argument(
            f"--{name}",
            choices=tuple(one.options),
            default=one.default,
            help=f"{text} (default {one.default})",
        )
    ways.add_argument(
        "--batch-size",
        type=whole_number,
        metavar="N",
        help="points that a step looks at (default all of them)",
    )
    for name, kinds in WAYS.items():
        one = settings.PHASE[name]
        defaults = [f"{settings.defaults((RULES | SCHEDULES)[kind])[name]:g}" for kind in kinds]
        told = defaults[0] if len(set(defaults)) == 1 else ", ".join(defaults)
        ways.add_argument(
            f"--{name.replace('_', '-')}",
            type=whole_number if one.is_whole else number,
            metavar="N" if one.is_whole else "VALUE",
            help=f"of {', '.join(kinds)} (default {told})",
        )


def _add_file(own) -> None:
    """Add the options that say which file to read, and how."""
    own.add_argument(
        "--data",
        type=Path,
        metavar="FILE",
        help="CSV, TSV or Parquet, of any size, or a workbook (.xlsx, .xls, .ods); takes the place of the "
        "points below",
    )
    own.add_argument("--x", metavar="NAME", help="column of x (default: the first with numbers)")
    own.add_argument("--y", metavar="NAME", help="column of y (default: the second)")
    own.add_argument(
        "--sheet",
        metavar="NAME",
        help="sheet of a workbook (default: the first with two columns of numbers)",
    )
    own.add_argument(
        "--decimal",
        choices=["auto", "point", "comma"],
        default="auto",
        help="the decimal mark of a CSV file (default auto: found out)",
    )
    own.add_argument(
        "--first-row",
        default="auto",
        metavar="WHAT",
        help="what the first row of a CSV file holds: names or numbers (default auto: names, unless "
        "all of it is numbers); or the row that holds the names, as an editor counts: 3",
    )


@dataclass(frozen=True, eq=False)
class Problem:
    """The points to train on, scaled; where they come from, in a few lines."""

    x: np.ndarray
    y: np.ndarray
    scaling: Scaling
    line: tuple[float, float] | None
    told: list[str]


def problem(options: argparse.Namespace) -> Problem:
    """Return the points that the words ask for; of a file the four that stand for all.

    Raises:
        ValueError: If they cannot be read, or made.
        OSError: If there is no such file.
    """
    if options.data is None:
        for name, left_out in OF_FILES.items():
            if getattr(options, name) != left_out:
                option = name.replace("_", "-")
                raise ValueError(
                    f"`--{option}` must come with --data: it tells how to read a file."
                )
        line = data.make_line(
            options.weight, options.bias, options.num_points, options.noise, options.seed
        )
        x, y, true, told = line.x, line.y, line.line, []
    else:
        for name in ("weight", "bias", "num_points", "noise", "seed"):
            if getattr(options, name) != settings.LINE[name].default:
                option = name.replace("_", "-")
                raise ValueError(f"`--{option}` must be left out with --data: it makes the points.")
        mark = {"point": ".", "comma": ",", "auto": None}[options.decimal]
        told = layout.first_row(options.first_row)
        read = datafile.summarise(
            options.data, options.x, options.y, mark, sheet=options.sheet, **told
        )
        x, y, true = read.x, read.y, None
        told = [
            f"{options.data}: {read.num_points:,} rows used, x is {read.names[0]}, y is {read.names[1]}"
        ]
        told += [f"left out: {part}" for part in read.dropped]
        if waiting := layout.waiting_note(read.waiting):
            told.append(f"{waiting} Choose columns by --x and --y.")
        told += [*read.notes, ""]
    scaling = Scaling.of(x, y, options.scale)
    return Problem(*scaling.points(x, y), scaling, true, told)


def phase(options: argparse.Namespace, num_points: int) -> Phase:
    """Return the phase that the words ask for.

    Raises:
        ValueError: If a parameter does not suit the rule or the schedule, or a value makes no sense.
    """
    if options.data is not None and options.batch_size is not None:
        raise ValueError(
            "`--batch-size` must be left out with --data: of a file of any size four points are "
            "kept, which have the loss of all of them, and mini-batches need each."
        )
    if options.batch_size is not None:
        checks.whole_number("batch_size", options.batch_size, 1, num_points)
    checks.num_steps(options.num_steps)
    rates = dict(enumerate(checks.learning_rates(options.learning_rate).tolist()))
    given = {name: getattr(options, name) for name in ("rule", "schedule", "num_steps")}
    for name, kinds in WAYS.items():
        if (value := getattr(options, name)) is None:
            continue
        if not {options.rule, options.schedule} & {*kinds}:
            raise ValueError(
                f"`--{name.replace('_', '-')}` must come with a rule or schedule that has it: "
                f"{', '.join(kinds)}."
            )
        given[name] = value
    return settings.phase(given | {"batch_size": options.batch_size}, rates, num_points)


def main(words: Sequence[str] | None = None) -> None:
    """Train as the words say, and print; bad values end with one line and exit status 2."""
    command = parser()
    options = command.parse_args(words)
    try:
        names = [f"{rate:g}" for rate in options.learning_rate]
        way = phase(options, options.num_points)
        start = Line.checked((options.initial_weight, options.initial_bias))
        points = problem(options)
        noise = BatchNoise.of(points.x, points.y)
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

    runs = training.train_phases(
        points.x, points.y, [way], start, seed=options.seed, is_detailed=True
    )
    verdicts, runs = terminal.judged(noise, runs), runs.at(record_steps(runs.phases))
    told = terminal.report(names, runs, verdicts, noise.quadratic, points.scaling, points.line)
    print("\n".join([*points.told, *told, _limit(noise.quadratic, way)]))
    if file:
        with file:
            file.write(export.results_csv(names, runs, points.scaling))


def _limit(quadratic: Quadratic, way: Phase) -> str:
    """Return above which rate runs diverge, as far as anybody knows."""
    if not way.rule.is_linear:
        return f"{way.rule.title} divides by the size of the gradients: the rate has no such limit."
    critical = Dynamics(quadratic, way.rule).critical_learning_rate
    return f"On this data every learning rate above {critical:.4g} diverges."


if __name__ == "__main__":
    sys.exit(main())
