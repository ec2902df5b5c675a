"""Small files as programs write them, and what is right: worked out by hand and by NumPy alone."""

from pathlib import Path

import numpy as np

CASES = Path(__file__).parent
SAVED = ([1.5, 2.5, 3.25, 4, 5.5, 7], [2.1, 3.9, 5.2, 6.8, 9.1, 12.4])
LISTS = (
    [20, 43, 63, 26, 53, 31, 58, 46, 58, 70],
    [120, 128, 141, 126, 134, 128, 136, 132, 140, 144],
)
VOLTAGE = [9.6, 9.8, 9.9, 10.1, 10.3, 10.2, *np.round(np.arange(103, 113) / 10, 1).tolist()]
# file: names of x and y, x, y; days and seconds since the first
RIGHT = {
    "numpy-savetxt.txt": (None, *SAVED),
    "r-write-table.txt": (("speed", "dist"), *SAVED),
    "trailing-comma-in-rows-only.csv": (("x", "y"), *SAVED),
    "two-rows-in-place-of-columns.txt": (None, *LISTS),
    "python-lists.txt": (("x", "y"), *LISTS),
    "title-lines-above.csv": (None, [1.5, 2.25, 3, 4.5, 5.25], [12.4, 15.1, 19.8, 22.2, 27.9]),
    "scope-two-header-rows.csv": (("Sequence", "Volt"), [0, 1, 2], [0.12, 0.14, 0.16]),
    "scope-metadata-beside.csv": (
        None,
        np.round(-0.0125 + 1e-5 * np.arange(16), 5).tolist(),
        VOLTAGE,
    ),
    "logger-toa5.dat": (
        ("RECORD", "Ux"),
        [*range(111868400, 111868408)],
        np.round(np.arange(8) / 10 + 0.46, 2).tolist(),
    ),
    "dates.csv": (("date", "price"), [*range(6)], SAVED[1]),
    "times.csv": (("t", "v"), [*range(0, 30, 5)], SAVED[1]),
}
REFUSED = {
    "blank-rows-under-names.csv": "must hold rows of numbers, got nothing below row 1",
    "one-column-decimal-commas.csv": "got one column of numbers with decimal commas",
}
# A line above, names of fewer columns than the rows have, numbers.
UNCLEAR = "Oscilloscope A, 12 March\nchannel,unit,V\n1,2,3,4\n5,6,7,9\n7,1,2,5\n"


def case(name: str) -> bytes:
    """Return one of these files."""
    return (CASES / name).read_bytes()
