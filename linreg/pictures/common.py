"""What the pictures share: colours and parameters, and the details of Vega-Lite they rest on.

These details are not written in Vega-Lite's or Streamlit's own documents. They stand here and, for
what a style has to say, in `.streamlit/page.css`; `tests/browser/test_vega_details.py` watches each.

- A bound parameter becomes an `<input>` of the parameter's name which answers to an "input" event
  (`slider`, `checkbox`; the player moves `FRAME` by it, the laboratory `SHARE`).
- Streamlit keeps a chart, and what its parameters stand at, while only its rows change.
- Parameters and the ends of an axis may be expressions of a table's rows and of the picture's size,
  and follow both (`axis_ends`, `box_edges`).
- Transforms and marks may ask for the picture's `width`, and marks for `scale('x', ...)`
  (`IS_NARROW` of the stage, `pixels_to`).
- `fit-x` makes a `vconcat` as wide as its place (`finished`).
- Controls come in a `form.vega-bindings`, each in a `.vega-bind`; the colour of a text is its
  attribute `fill` (`page.css`).
"""

import altair as alt

COLORS = ("#0072B2", "#009E73", "#D55E00")  # Okabe and Ito: told apart by colour-blind readers
SHAPES = ("circle", "square", "diamond")  # and where there is no colour at all
GREY = "#7a7f87"  # on white and on black as well
FRAME = "frame"  # the parameter that the player moves, in every chart that has one
SHARE = "share"  # the parameter that the laboratory moves: of the critical rate, a logarithm
PICK = "pick"  # the selection of a chart: what a click has chosen


def axis_ends(table: str, value: str) -> list[alt.ExprRef]:
    """Return the domain of an axis: what the first and the second row of a table come to.

    The value is an expression of the row, `datum`. Without such ends the domain would follow all
    rows drawn, and each frame would place every mark anew.
    """
    rows = f"data('{table}')"
    return [
        alt.ExprRef(f"length({rows}) ? {value.replace('datum', f'{rows}[{row}]')} : {row + 1}")
        for row in (0, 1)
    ]


def box_edges(table: str, equal: str) -> list[dict]:
    """Return four parameters for the edges of a box: low_weight, high_weight, low_bias, high_bias.

    The table has the lower edges, then the upper ones. While the parameter `equal` is set, the box
    is as much wider, or higher, as the picture is: a step in weight and one in bias look alike.
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


def pixels_to(value: str) -> str:
    """Return the expression, for a mark, of how many pixels lie before a value of the x axis."""
    return f"scale('x', {value})"


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
