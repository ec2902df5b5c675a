"""The command line: train in the terminal as the lesson does."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from linreg import checks, data, export
from linreg.history import History, printout
from linreg.theory import Quadratic


class Parser(argparse.ArgumentParser):
    """A parser that ends with one line, which names what was refused."""

    def error(self, message: str) -> NoReturn:
        """Print the message on one line and leave with status 2."""
        self.exit(2, f"{self.prog}: {' '.join(message.split())}\n")


def parser() -> Parser:
    """Return the parser of the command line."""
    made = Parser(
        prog="python -m linreg",
        description="Make noisy points from a line, and fit a line to them by gradient descent with "
        "TensorFlow, at one or several learning rates. Prints the loss every 20 steps, and then "
        "weight and bias beside the true and the exact ones.",
        epilog="Example: python -m linreg --learning-rate 0.005 0.5 0.8 --csv results.csv",
    )
    points = made.add_argument_group("the points")
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


def report(line: data.Dataset, quadratic: Quadratic, runs: History, names: list[str]) -> str:
    """Return what is printed: the lesson's lines for each run, then where it ended."""
    parts = []
    for run, name in enumerate(names):
        ends = [("true", line.weight, line.bias), ("exact", quadratic.weight, quadratic.bias)]
        ends.insert(0, ("trained", float(runs.weight[run, -1]), float(runs.bias[run, -1])))
        parts += [f"Learning rate {name}", printout(runs, run), f"{'':8}{'weight':>14}{'bias':>14}"]
        parts += [f"{label:8}{weight:>14.6g}{bias:>14.6g}" for label, weight, bias in ends]
        parts.append("")
    critical = quadratic.critical_learning_rate
    return "\n".join([*parts, f"On this data every learning rate above {critical:.4g} diverges."])


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
        line = data.make_line(
            options.weight, options.bias, options.num_points, options.noise, options.seed
        )
        quadratic = Quadratic.of(line.x, line.y)
    except ValueError as refusal:
        command.error(str(refusal))
    try:  # before the training, which nobody wants to do twice
        file = options.csv.open("w", encoding="utf-8") if options.csv else None
    except OSError as trouble:
        command.error(f"cannot write {options.csv}: {trouble.strerror}")

    from linreg import training  # TensorFlow takes seconds: only when all else is right

    runs = training.train(line.x, line.y, options.learning_rate, options.num_steps, **start)
    print(report(line, quadratic, runs, names))
    if file:
        with file:
            file.write(export.results_csv(names, runs))


if __name__ == "__main__":
    sys.exit(main())
