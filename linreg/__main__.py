"""The command line: train in the terminal as the lesson does."""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import numpy as np

from linreg import checks, data, datafile, export, settings
from linreg.history import History, printout
from linreg.scaling import SCALES, Scaling
from linreg.theory import Quadratic

OF_FILES = {"x": None, "y": None, "decimal": "auto", "first_row": "auto"}  # unless they are given


class Parser(argparse.ArgumentParser):
    """A parser that ends with one line, which names what was refused."""

    def error(self, message: str) -> NoReturn:
        """Print the message on one line and leave with status 2."""
        self.exit(2, f"{self.prog}: {' '.join(message.split())}\n")


def parser() -> Parser:
    """Return the parser of the command line."""
    made = Parser(
        prog="python -m linreg",
        description="Make noisy points from a line, or read yours, and fit a line to them by gradient "
        "descent with TensorFlow, at one or several learning rates. Prints the loss every 20 steps, and then "
        "weight and bias beside the true and the exact ones.",
        epilog="Example: python -m linreg --learning-rate 0.005 0.5 0.8 --csv results.csv",
    )
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

    def option(group, name: str, default: float, metavar: str, text: str, **more) -> None:
        shown = " ".join(f"{value:g}" for value in default) if "nargs" in more else default
        group.add_argument(
            name,
            type=float if "nargs" in more else type(default),
            default=default,
            metavar=metavar,
            help=f"{text} (default {shown})",
            **more,
        )

    option(points, "--weight", 0.1, "W", "of the true line")
    option(points, "--bias", 0.5, "B", "of the true line")
    option(points, "--num-points", 100, "N", "how many")
    option(points, "--noise", 0.01, "SIGMA", "standard deviation of the noise on y")
    option(points, "--seed", 0, "N", "the same seed makes the same points")
    option(start, "--initial-weight", 0.0, "W", "first guess of the weight")
    option(start, "--initial-bias", -1.0, "B", "first guess of the bias")
    option(training, "--learning-rate", [0.05], "RATE", "one or several", nargs="+")
    option(training, "--num-steps", 200, "N", "updates, 1 to 2,000,000")
    training.add_argument(
        "--csv", type=Path, metavar="FILE", help="write every recorded step to this file"
    )
    return made


def _add_file(own) -> None:
    """Add the options that say which file to read, and how."""
    own.add_argument(
        "--data",
        type=Path,
        metavar="FILE",
        help="CSV, TSV or Parquet, of any size; takes the place of the points below",
    )
    own.add_argument("--x", metavar="NAME", help="column of x (default: the first with numbers)")
    own.add_argument("--y", metavar="NAME", help="column of y (default: the second)")
    own.add_argument(
        "--decimal",
        choices=["auto", "point", "comma"],
        default="auto",
        help="the decimal mark of a CSV file (default auto: found out)",
    )
    own.add_argument(
        "--first-row",
        choices=["auto", "names", "numbers"],
        default="auto",
        help="what the first row of a CSV file holds (default auto: names, unless all of it is "
        "numbers)",
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
        has_names = {"names": True, "numbers": False, "auto": None}[options.first_row]
        read = datafile.summarise(options.data, options.x, options.y, mark, has_names)
        x, y, true = read.x, read.y, None
        told = [
            f"{options.data}: {read.num_points:,} rows used, x is {read.names[0]}, y is {read.names[1]}"
        ]
        told += [f"left out: {part}" for part in read.dropped]
        told += [*read.notes, ""]
    scaling = Scaling.of(x, y, options.scale)
    return Problem(*scaling.points(x, y), scaling, true, told)


def report(problem: Problem, quadratic: Quadratic, runs: History, names: list[str]) -> str:
    """Return what is printed: the lesson's lines for each run, then where it ended."""
    scaling = problem.scaling
    parts = [*problem.told]
    for run, name in enumerate(names):
        ends = {"exact": (quadratic.weight, quadratic.bias)}
        ends = {"trained": (float(runs.weight[run, -1]), float(runs.bias[run, -1]))} | ends
        if problem.line is not None:
            ends |= {"true": scaling.line(*problem.line)}
        parts += [f"Learning rate {name}", printout(runs, run), *_lines(ends, "")]
        if not scaling.is_raw:
            ends = {label: scaling.original(*line) for label, line in ends.items()}
            parts += _lines(ends, "in original units")
        parts.append("")
    critical = quadratic.critical_learning_rate
    return "\n".join([*parts, f"On this data every learning rate above {critical:.4g} diverges."])


def _lines(ends: dict[str, tuple[float, float]], heading: str) -> list[str]:
    table = [f"{'':8}{'weight':>14}{'bias':>14}  {heading}".rstrip()]
    return table + [
        f"{label:8}{weight:>14.6g}{bias:>14.6g}" for label, (weight, bias) in ends.items()
    ]


def main(words: Sequence[str] | None = None) -> None:
    """Train as the words say, and print; bad values end with one line and exit status 2."""
    command = parser()
    options = command.parse_args(words)
    try:
        names = [f"{rate:g}" for rate in options.learning_rate]
        checks.learning_rates(options.learning_rate)
        checks.num_steps(options.num_steps)
        start = {
            name: checks.number(name, getattr(options, name))
            for name in ("initial_weight", "initial_bias")
        }
        points = problem(options)
        quadratic = Quadratic.of(points.x, points.y)
    except ValueError as refusal:
        command.error(str(refusal))
    except OSError as trouble:
        command.error(f"cannot read {options.data}: {trouble.strerror}")
    try:  # before the training, which nobody wants to do twice
        file = options.csv.open("w", encoding="utf-8") if options.csv else None
    except OSError as trouble:
        command.error(f"cannot write {options.csv}: {trouble.strerror}")

    from linreg import training  # TensorFlow takes seconds: only when all else is right

    runs = training.train(points.x, points.y, options.learning_rate, options.num_steps, **start)
    print(report(points, quadratic, runs, names))
    if file:
        with file:
            file.write(export.results_csv(names, runs, points.scaling))


if __name__ == "__main__":
    sys.exit(main())
