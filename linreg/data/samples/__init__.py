"""Public data sets to fit a line to, each with what it teaches; the figures lie beside this file."""

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from linreg.data.line import Dataset
from linreg.data.summary import Moments

FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Sample:
    """A data set."""

    title: str  # to choose it by
    file: str  # where its figures are
    columns: tuple[str, str]  # names of the two columns to read
    lesson: str  # a sentence on what it teaches
    source: str  # where the figures were published


_ANSCOMBE = (
    "Four sets with the same six sums (of 1, x, x², y, xy and y²), and the loss knows the points by "
    "these sums alone. So, if each step sees all points, all four have the same loss surface, the same critical rate and the same "
    "runs, to the last step: switch between them, and only the points move. Look at your data."
)
SAMPLES = {
    **{
        f"anscombe_{number}": Sample(
            f"Anscombe {roman}",
            "anscombe.csv",
            (f"x{number}", f"y{number}"),
            _ANSCOMBE,
            "F. J. Anscombe, “Graphs in Statistical Analysis”, The American Statistician 27 (1973). "
            "The sums of the published figures, rounded to two decimals, agree to three digits; "
            "here each y is moved by less than 0.002, so that they agree to the last.",
        )
        for number, roman in enumerate(("I", "II", "III", "IV"), 1)
    },
    "old_faithful": Sample(
        "Old Faithful",
        "old_faithful.csv",
        ("eruption (min)", "waiting (min)"),
        "The longer the geyser erupts, the longer the wait for the next time. The flat direction "
        "is 159 times flatter than the steep one: the weight is found at once, the bias takes long.",
        "A. Azzalini and A. W. Bowman, “A Look at Some Data on the Old Faithful Geyser”, Applied "
        "Statistics 39 (1990), as in R.",
    ),
    "wheat": Sample(
        "Wheat prices",
        "wheat.csv",
        ("year", "wheat (shillings a quarter)"),
        "Years, from 1565 to 1821: so far from 0 that only tiny rates are safe, and at them nothing "
        "moves along the flat direction. Standardise x, and a rate near ½ does it in a step or two.",
        "W. Playfair, “A Letter on Our Agricultural Distresses” (1821).",
    ),
    "forbes": Sample(
        "Forbes’s barometer",
        "forbes.csv",
        ("boiling point (°F)", "pressure (inches of mercury)"),
        "Water boils the cooler, the thinner the air; taken in the Alps and in Scotland. The "
        "thermometer's 200 degrees are far from 0, and make a valley of a bowl.",
        "J. D. Forbes, Transactions of the Royal Society of Edinburgh 21 (1857).",
    ),
    "telephone": Sample(
        "Telephone calls",
        "telephone.csv",
        ("year", "calls (tens of millions)"),
        "From 1964 to 1969 somebody counted minutes in place of calls. Squares make six wrong rows "
        "count for more than all others: every rate that converges ends at a line almost four times "
        "too steep.",
        "P. J. Rousseeuw and A. M. Leroy, “Robust Regression and Outlier Detection” (1987), from "
        "the Belgian Statistical Survey.",
    ),
}


@cache
def load(name: str) -> Dataset:
    """Return a data set; shared, and never changed.

    Example:
        >>> load("anscombe_1").x.tolist()
        [10.0, 8.0, 13.0, 9.0, 11.0, 14.0, 6.0, 4.0, 12.0, 7.0, 5.0]
    """
    sample = SAMPLES[name]
    x, y = _read(sample)
    if sample.lesson is _ANSCOMBE:
        y = _with_the_same_sums(x, y)
    return Dataset(x, y, names=sample.columns)


def _read(sample: Sample) -> tuple[np.ndarray, np.ndarray]:
    with (FOLDER / sample.file).open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    x, y = (np.array([float(row[name]) for row in rows]) for name in sample.columns)
    return x, y


def _with_the_same_sums(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return y with the line and the least loss that are the means over Anscombe's four.

    They all have the same n, Σx and Σx², so that with these two they have the same six sums.
    """
    four = [Moments.of(*_read(one))[2:] for one in SAMPLES.values() if one.lesson is _ANSCOMBE]
    weight, bias, loss = np.mean(four, axis=0)
    own = Moments.of(x, y)
    residual = y - (own.weight * x + own.bias)
    return weight * x + bias + residual * np.sqrt(loss / own.loss)
