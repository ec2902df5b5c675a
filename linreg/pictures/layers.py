"""What the pictures draw alike: the runs' colours and marks, words, labels of powers of ten."""

import altair as alt

from linreg.pictures.common import COLORS, FRAME, SHAPES

NOW = f"datum.frame == {FRAME}"
PAST = f"datum.frame <= {FRAME}"
AT_PLACE = {"expr": "datum.place"}  # the side of a text, as its row says

_POWER = "abs(log(datum.value) / LN10 - round(log(datum.value) / LN10)) < 1e-6"
_PLAIN = "datum.value >= 0.001 && datum.value < 10000"
_NUMBER = f"{_PLAIN} ? format(datum.value, '~r') : format(datum.value, '~e')"
POWERS_OF_TEN = f"{_POWER} ? ({_NUMBER}) : ''"  # the labels of a log axis


def data(name: str) -> alt.Chart:
    """Return a chart of a dataset that comes beside the specification."""
    return alt.Chart(alt.NamedData(name))


def color_of(titles: tuple[str, ...]) -> alt.Color:
    """Return the encoding that gives each run its colour."""
    return alt.Color("run:N", legend=None, scale=alt.Scale(domain=titles, range=COLORS))


def shape_of(titles: tuple[str, ...]) -> alt.Shape:
    """Return the encoding that gives each run its shape."""
    return alt.Shape("run:N", legend=None, scale=alt.Scale(domain=titles, range=SHAPES))


def text(rows: alt.Chart, column: str, *channels, **style) -> alt.Chart:
    """Return the words of a column where these channels say, 13 pixels high if nothing is said."""
    written = rows.mark_text(**{"fontSize": 13} | style)
    return written.encode(*channels, text=alt.Text(f"{column}:N"))


def dots(rows: alt.Chart, size: float, *channels, **style) -> alt.Chart:
    """Return filled marks of a size, in square pixels, where these channels say."""
    return rows.mark_point(**{"filled": True, "opacity": 1} | style, size=size).encode(*channels)


def share_inside(here: str, before: str, low: str, high: str) -> str:
    """Return the expression of the share of a move, of one that leaves, that is inside two edges."""
    move = f"({here} - {before} + 1e-300)"
    return f"max(({high} - {before}) / {move}, ({low} - {before}) / {move})"


def left_at(rows: alt.Chart, column: str, *channels, **style) -> alt.Chart:
    """Return the words about a run that leaves the axis, beside its mark, on the side of its row."""
    aside = {"expr": "datum.place == 'left' ? 12 : -12"}
    at = {"baseline": "top", "dx": aside, "dy": {"expr": "datum.dy"}, "align": AT_PLACE}
    return text(rows, column, *channels, **at, **style)
