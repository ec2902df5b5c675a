"""What the pictures share: colours and marks, and the details of Vega-Lite that they rest on.

Three details are not written in Vega-Lite's own documents, and a browser test watches each: that a
bound parameter becomes an `<input>` of the parameter's name which answers to an "input" event (the
player moves `FRAME` by it); that Streamlit keeps a chart, and what its parameters stand at, while
only its rows change; and that the ends of an axis may be expressions.
"""

import altair as alt

COLORS = ("#0072B2", "#009E73", "#D55E00")  # Okabe and Ito: told apart by colour-blind readers
SHAPES = ("circle", "square", "diamond")  # and where there is no colour at all
GREY = "#7a7f87"  # on white and on black as well
FRAME = "frame"  # the parameter that the player moves, in every chart that has one
NOW = f"datum.frame == {FRAME}"
PAST = f"datum.frame <= {FRAME}"
PICK = "pick"  # the selection of a chart: what a click has chosen


def data(name: str) -> alt.Chart:
    """Return a chart of a dataset that comes beside the specification."""
    return alt.Chart(alt.NamedData(name))


def color_of(titles: tuple[str, ...]) -> alt.Color:
    """Return the encoding that gives each run its colour."""
    return alt.Color("run:N", legend=None, scale=alt.Scale(domain=titles, range=COLORS))


def shape_of(titles: tuple[str, ...]) -> alt.Shape:
    """Return the encoding that gives each run its shape."""
    return alt.Shape("run:N", legend=None, scale=alt.Scale(domain=titles, range=SHAPES))


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
