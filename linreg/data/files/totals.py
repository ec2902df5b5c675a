"""Whether the last row of a stranger's table sums up the others, and is no point like them."""

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from linreg.data.files.text.rows import which_are_numbers

TAIL = 10_000  # bytes of the end of a file that hold its last row
FEWEST = 3  # rows above a sum: of two numbers many a third one is the sum
_TOTAL = re.compile(
    r"(?:grand |sub-?)?totals?|sum|sums|summe|gesamt|insgesamt|somme|totale|totaal|suma|soma|"
    r"average|avg|mean|mittelwert|durchschnitt|moyenne|promedio",
    re.IGNORECASE,
)


@dataclass
class LastRow:
    """The last row of two columns so far, and the sums of those above it."""

    count: int = 0  # rows so far
    above: np.ndarray | float = 0.0  # sums of x and y of all rows but the last, shape (2,)
    last: np.ndarray | float = 0.0  # x and y of that, shape (2,)
    place: int = -1  # of that, as the tally counts

    def add(self, x: np.ndarray, y: np.ndarray, place: int) -> None:
        """Add rows, the last of which stands at this place."""
        with np.errstate(over="ignore", invalid="ignore"):
            self.above = self.above + self.last + np.array([x[:-1].sum(), y[:-1].sum()])
        self.last, self.place = np.array([x[-1], y[-1]]), place
        self.count += x.size

    def note(self, row: int, said: str) -> str:
        """Return that the last row, of this number, may be no point; nothing if it is one."""
        is_sum = np.all(self.last) and np.isclose(self.above, self.last, rtol=1e-9, atol=0).all()
        if said and self.count > 1:
            why = f"is called “{said}”"
        elif self.count > FEWEST and is_sum:
            why = "holds the sums of those above it"
        else:
            return ""
        return (
            f"Row {row:,}, the last one, {why}, and is used as a point like the others. If it sums "
            "them up, take it out of the file."
        )


def label(tail: bytes, delimiter: str, columns: Sequence[int]) -> str:
    """Return what calls the last row that is filled a total, in another column than those read.

    Nothing if nothing does, or the row holds no numbers and is left out. `tail` is the text's end.

    Example:
        >>> label(b"a,1,2\\nTotal,6,7\\n,,\\n", ",", (1, 2))
        'Total'
    """
    for line in reversed(re.split("[\r\n]+", tail.decode(errors="replace"))):
        try:
            cells = next(csv.reader([line], delimiter=delimiter), [])
        except csv.Error:
            return ""
        if any(cell.strip() for cell in cells):
            if not all(k < len(cells) and which_are_numbers([cells[k]]).all() for k in columns):
                return ""
            return next((one.strip() for one in cells if _TOTAL.fullmatch(one.strip(":. "))), "")
    return ""
