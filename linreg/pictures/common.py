"""What the pictures share: colours and marks, and the details of Vega-Lite that they rest on.

These details are not written in Vega-Lite's or Streamlit's own documents. They stand here and, for
what a style has to say, in `.streamlit/page.css`; `tests/browser/test_vega_details.py` watches each.

- A bound parameter becomes an `<input>` of the parameter's name which answers to an "input" event
  (`slider`, `checkbox`; the player moves `FRAME` by it, the laboratory `SHARE`).
- Streamlit keeps a chart, and what its parameters stand at, while only its rows change.
- Parameters and the ends of an axis may be expressions of a table's rows and of the picture's size,
  and follow both (`axis_ends`, `box_edges`).
- Transforms and marks may ask for the picture's `width`, and marks for `scale('x', ...)`
  (`narrower_than`, `pixels_to`, `pixels_between`).
- `fit-x` makes a `vconcat` as wide as its place (`finished`).
- Controls come in a `form.vega-bindings`, each in a `.vega-bind`; the colour of a text is its
  attribute `fill` (`page.css`).
"""

import altair as alt

COLORS = ("#0072B2", "#009E73", "#D55E00")  # Okabe and Ito: told apart by colour-blind readers
SHAPES = ("circle", "square", "diamond")  # and where there is no colour at all
GREY = "#7a7f87"  # on white and on black as well
FRAME = "frame"  # the parameter that the player moves, in every chart that has one
NOW = f"datum.frame == {FRAME}"
PAST = f"datum.frame <= {FRAME}"
SHARE = "share"  # the parameter that the laboratory moves: of the critical rate, a logarithm
PICK = "pick"  # the selection of a chart: what a click has chosen

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


def axis_ends(table: str, value: str) -> list[alt.ExprRef]:
    """Return the domain of an axis: what the first and the second row of a table come to.

    Without it the domain would follow all rows drawn, and each frame would place every mark anew.

    Args:
        table: The dataset.
        value: An expression of its row, `datum`.
    """
    rows = f"data('{table}')"
    return [
        alt.ExprRef(f"length({rows}) ? {value.replace('datum', f'{rows}[{row}]')} : {row + 1}")
        for row in (0, 1)
    ]


def box_edges(table: str, equal: str) -> list[dict]:
    """Return four parameters for the edges of a box: low_weight, high_weight, low_bias, high_bias.

    Args:
        table: The dataset of the box: the lower edges of weight and bias, then the upper ones.
        equal: The parameter by which a step in weight and one in bias get the same length; the box
            is then as much wider, or higher, as the picture is.
    """
    rows, params = f"data('{table}')", []
    for field, other, ratio in (
        ("weight", "bias", "width / height"),
        ("bias", "weight", "height / width"),
    ):
        low, high = f"{rows}[0].{field}", f"{rows}[1].{field}"
        wide = f"({rows}[1].{other} - {rows}[0].{other}) * {ratio}"
        half = f"({equal} ? max({high} - {low}, {wide}) : {high} - {low}) / 2"
        for name, sign, empty in (("low", "-", 0), ("high", "+", 1)):
            edge = f"length({rows}) ? ({low} + {high}) / 2 {sign} {half} : {empty}"
            params.append({"name": f"{name}_{field}", "expr": edge})
    return params


def narrower_than(pixels: int) -> str:
    """Return the expression of whether a picture is narrower than so many pixels."""
    return f"width < {pixels}"


def pixels_to(value: str, axis: str = "x") -> str:
    """Return the expression, for a mark, of how many pixels lie before a value of an axis."""
    return f"scale('{axis}', {value})"


def pixels_between(low: str, high: str, axis: str = "x") -> str:
    """Return the expression, for a mark, of how many pixels lie between two values of an axis."""
    return f"{pixels_to(high, axis)} - {pixels_to(low, axis)}"


def share_inside(here: str, before: str, low: str, high: str) -> str:
    """Return the expression of the share of a move, of one that leaves, that is inside two edges."""
    move = f"({here} - {before} + 1e-300)"
    return f"max(({high} - {before}) / {move}, ({low} - {before}) / {move})"


def slider(name: str, value: float, low: float, high: float, step: float, label: str) -> dict:
    """Return a parameter that a slider moves, in the browser alone."""
    bound = alt.binding_range(min=low, max=high, step=step, name=label)
    return alt.param(name, value=value, bind=bound).param.to_dict()


def checkbox(name: str, is_ticked: bool, label: str) -> dict:
    """Return a parameter that a box turns on and off, in the browser alone."""
    return alt.param(name, value=is_ticked, bind=alt.binding_checkbox(name=label)).param.to_dict()


def finished(spec: dict, params: list[dict] = ()) -> dict:
    """Return a specification with its parameters, as wide as its place, drawn as SVG, no menu."""
    spec["params"] = [*spec.get("params", []), *params]
    spec["autosize"] = {"type": "fit-x", "contains": "padding"}
    spec["usermeta"] = {"embedOptions": {"renderer": "svg", "actions": False}}
    return spec
