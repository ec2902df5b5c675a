"""Tables as programs write them: blanks, lists, data in rows, lines above and beside, totals."""

from pathlib import Path

import numpy as np
import pytest

from linreg import csvfile, layout, rawtext

CASES = Path(__file__).parent / "cases"
SAVED = ([1.5, 2.5, 3.25, 4, 5.5, 7], [2.1, 3.9, 5.2, 6.8, 9.1, 12.4])
LISTS = (
    [20, 43, 63, 26, 53, 31, 58, 46, 58, 70],
    [120, 128, 141, 126, 134, 128, 136, 132, 140, 144],
)
VOLTAGE = [9.6, 9.8, 9.9, 10.1, 10.3, 10.2, *np.round(np.arange(103, 113) / 10, 1).tolist()]
# file: names of x and y, x, y; worked out by hand and by NumPy alone
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
}
REFUSED = {
    "blank-rows-under-names.csv": "must hold rows of numbers, got nothing below row 1",
    "one-column-decimal-commas.csv": "got one column of numbers with decimal commas",
}


def case(name: str) -> bytes:
    """Return one of the small files that programs have written."""
    return (CASES / name).read_bytes()


def read(data: bytes | str, **told) -> tuple[layout.Layout, csvfile.Columns]:
    """Read a file as the page does."""
    text = rawtext.text_of(data if isinstance(data, bytes) else data.encode())
    found = layout.layout_of(text, **told)
    return found, csvfile.read(text, found, *found.suggested())


def points(data: bytes | str, **told) -> tuple[list, list]:
    """Return x and y of a file."""
    columns = read(data, **told)[1]
    return columns.x.tolist(), columns.y.tolist()


def notes(data: bytes | str, **told) -> str:
    """Return what is said of how a file was read."""
    return " ".join(read(data, **told)[1].notes)


@pytest.mark.parametrize("name", RIGHT)
def test_case_is_read_as_its_program_meant_it(name):
    names, x, y = RIGHT[name]
    found, columns = read(case(name))
    assert columns.x.tolist() == pytest.approx(x, rel=1e-12)
    assert columns.y.tolist() == pytest.approx(y, rel=1e-12)
    if names:
        assert tuple(found.names[k] for k in found.suggested()) == names


@pytest.mark.parametrize("name", REFUSED)
def test_case_is_refused_for_the_right_reason(name):
    with pytest.raises(ValueError, match=REFUSED[name]):
        read(case(name))


def test_loggers_names_stand_below_what_the_logger_says_of_itself():
    found, columns = read(case("logger-toa5.dat"))
    assert found.names == ("TIMESTAMP", "RECORD", "Ux", "Uy", "co2", "h2o", "Ts", "press")
    assert "Row 2 is taken as the names" in " ".join(columns.notes)
    text = rawtext.text_of(case("logger-toa5.dat"))
    columns = csvfile.read(text, found, 2, 4)
    assert columns.x.tolist() == pytest.approx(np.arange(8) / 10 + 0.46, rel=1e-12)
    assert columns.y.tolist() == pytest.approx(659 + np.arange(8) / 10, rel=1e-12)
    assert [part.rows for part in columns.dropped] == [(3, 4)]


def test_empty_cells_at_the_ends_of_tabs_are_cells():
    found = layout.layout_of(b"x\ty\tnote\n0.5\t1.5\t\n2.5\t3.5\t\n")
    assert found.names == ("x", "y", "note")
