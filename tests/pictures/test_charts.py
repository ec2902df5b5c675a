"""The stage's specification is valid, constant, and asks for the tables that `frames` makes."""

import copy
import json
import re
from collections.abc import Iterator

import altair as alt
import numpy as np
import pyarrow as pa
import pytest
from jsonschema import ValidationError

from linreg import data
from linreg.pictures import common, laboratory, landscape, playback, quartet, ratemap
from linreg.pictures.stage import curves, stack
from linreg.runs.phases import Phase
from linreg.theory import Quadratic, sweep
from linreg.theory.marks import marks
from tests.runs import theory, trained

TITLES = ("Too small", "Good", "Too large")
LINE = data.make_line()


def parts(node) -> Iterator[dict]:
    """Yield every dictionary inside a specification, itself included."""
    if isinstance(node, dict):
        yield node
    for child in node.values() if isinstance(node, dict) else node:
        if isinstance(child, dict | list):
            yield from parts(child)


# Together they fill every table: further phases, mini-batches, runs that leave, runs that settle.
RUNS = [
    [Phase((0.1, 0.5, 0.8), 20)],
    [Phase((0.05, 0.5, 0.6), 200), Phase((0.05, 0.5, 2.0), 200, batch_size=10)],
]


FALLING, RISING = np.geomspace(2, 0.1, 9), np.geomspace(2, 1e9, 9)
OTHERS = [
    ("kept", curves.Curve(np.arange(9), FALLING, FALLING / 2)),
    ("wild", curves.Curve(np.arange(9), RISING, RISING)),
]


def stage_tables(phases: list[Phase], is_measured: bool = True) -> dict[str, pa.Table]:
    """Return the tables of a stage, read back."""
    points = LINE.x, LINE.y
    history = trained(points, phases)
    quadratic, expected, _ = theory(points, history)
    made = stack.rows(
        list(TITLES), *points, (0.1, 0.5), quadratic, history, expected, is_measured, OTHERS
    )
    return {name: pa.ipc.open_stream(table).read_all() for name, table in made.items()}


def control(name: str, is_noisy: bool = False) -> dict:
    """Return one of the controls of the stage."""
    return next(p for p in stack.drawing(TITLES, is_noisy)["params"] if p["name"] == name)


def data_fields(expression: str) -> set[str]:
    """Return the columns that an expression asks for."""
    return set(re.findall(r"datum\.(\w+)", expression)) - {"value"}  # value: of an axis label


@pytest.mark.parametrize(
    ("titles", "is_noisy"),
    [(("One",), False), (("a.b[0]", "![i](http://x)", "<b>"), True)],
)
def test_spec_is_valid_vega_lite(titles, is_noisy):
    alt.VConcatChart.from_dict(stack.drawing(titles, is_noisy), validate=True)


def test_spec_would_not_be_valid_with_a_mark_that_does_not_exist():
    spec = copy.deepcopy(stack.drawing(TITLES))
    spec["vconcat"][0]["layer"][0]["mark"] = {"type": "dash"}
    with pytest.raises(ValidationError, match="dash"):
        alt.VConcatChart.from_dict(spec, validate=True)


def test_spec_holds_no_data():
    for part in parts(stack.drawing(TITLES)):
        assert "datasets" not in part
        assert set(part.get("data", {})) <= {"name"}


@pytest.mark.parametrize("is_noisy", [False, True])
def test_spec_is_the_same_object_for_the_same_titles(is_noisy):
    assert stack.drawing(TITLES, is_noisy) is stack.drawing(tuple(TITLES), is_noisy)


def test_spec_of_noisy_runs_begins_with_the_excess_loss_and_differs_in_nothing_else():
    plain, noisy = (stack.drawing(TITLES, is_noisy) for is_noisy in (False, True))
    assert [control("excess", is_noisy)["value"] for is_noisy in (False, True)] == [False, True]
    assert {name for name in plain if plain[name] != noisy[name]} == {"params"}
    for one, other in zip(plain["params"], noisy["params"], strict=True):
        assert one == other or one["name"] == "excess"


@pytest.mark.parametrize("phases", RUNS, ids=["plain", "noisy"])
def test_spec_names_exactly_the_tables_that_frames_makes(phases):
    spec = stack.drawing(TITLES, len(phases) > 1)
    named = {part["data"]["name"] for part in parts(spec) if "data" in part}
    assert named == set(stage_tables(phases))


def test_every_table_has_rows_in_one_of_these_runs():
    # Else the next test would compare with columns that nobody has filled.
    filled = {name for run in RUNS for name, table in stage_tables(run).items() if table.num_rows}
    assert filled == set(stage_tables(RUNS[0]))


@pytest.mark.parametrize("is_measured", [True, False])
@pytest.mark.parametrize("phases", RUNS, ids=["plain", "noisy"])
def test_spec_asks_each_table_for_columns_it_has(phases, is_measured):
    tables, asked = stage_tables(phases, is_measured), 0
    for layer in parts(stack.drawing(TITLES, len(phases) > 1)):
        if "data" not in layer or "encoding" not in layer:
            continue
        name, steps = layer["data"]["name"], layer.get("transform", [])
        needed = {channel["field"] for channel in layer["encoding"].values() if "field" in channel}
        needed |= data_fields(json.dumps(layer["mark"]))
        for step in reversed(steps):  # what a calculated column needs, if it is needed itself
            if step.get("as") in needed:
                text = step["calculate"]
                if {"filter": "!excess"} in steps:  # then there are no rows while it is ticked
                    text = re.sub(r"excess \? .* :", "", text)
                needed = needed - {step["as"]} | data_fields(text)
            needed |= data_fields(step.get("filter", ""))
        assert needed <= set(tables[name].column_names), name
        asked += 1
    assert asked > 20


@pytest.mark.parametrize("phases", RUNS, ids=["plain", "noisy"])
def test_tables_have_the_same_columns_and_types_whatever_the_runs(phases):
    # Else the browser would read an empty table as text where it has read numbers before.
    wanted = {name: table.schema.names for name, table in stage_tables(RUNS[0]).items()}
    assert {name: table.schema.names for name, table in stage_tables(phases).items()} == wanted


def test_every_column_is_asked_for():
    text = json.dumps(stack.drawing(TITLES, is_alone=True))
    tables = stage_tables(RUNS[1])
    unused = {
        (name, column)
        for name, table in tables.items()
        for column in table.column_names
        if not re.search(rf'"{column}"|datum\.{column}\b', text)
    }
    assert unused == set()


@pytest.mark.parametrize("spec", [stack.drawing(TITLES), landscape.drawing(TITLES)])
def test_player_moves_from_the_first_frame_to_the_last_and_finds_the_chart_at_the_last(spec):
    frame = next(param for param in spec["params"] if param["name"] == common.FRAME)
    assert (frame["bind"]["min"], frame["bind"]["max"]) == (0, playback.FRAMES)
    assert frame["value"] == playback.FRAMES


def test_spec_tells_the_runs_apart_without_colour():
    assert len(set(common.SHAPES)) == len(common.COLORS) == len(TITLES)


def test_spec_asks_for_an_svg_which_never_changes_renderer():
    embed = stack.drawing(TITLES)["usermeta"]["embedOptions"]
    assert embed["renderer"] == "svg"


# ---------------------------------------------------------------- Anscombe's four


def test_quartet_spec_is_valid_vega_lite_and_asks_for_the_tables_that_are_made():
    spec = quartet.drawing()
    alt.Chart.from_dict(spec)
    tables = quartet.rows("anscombe_2")
    asked = {part["data"]["name"] for part in parts(spec) if "name" in part.get("data", {})}
    assert asked == set(tables)


def test_quartet_draws_44_points_and_the_line_they_share():
    tables = {
        name: pa.ipc.open_stream(table).read_all().to_pydict()
        for name, table in quartet.rows("anscombe_2").items()
    }
    points, lines = tables["points"], tables["lines"]
    assert len(points["x"]) == 44
    assert [i // 11 for i, chosen in enumerate(points["chosen"]) if chosen] == [1] * 11
    assert lines["title"] == ["I", "II", "III", "IV"]
    slope = np.polyfit([10, 8, 13, 9, 11, 14, 6, 4, 12, 7, 5], points["y"][:11], 1)
    assert lines["y"] == pytest.approx([np.polyval(slope, 3.0)] * 4)
    assert lines["y2"] == pytest.approx([np.polyval(slope, 20.0)] * 4)


# ---------------------------------------------------------------- the map of rates


@pytest.mark.parametrize("view", ratemap.VIEWS)
def test_map_spec_is_valid_and_asks_each_table_for_columns_it_has(view):
    spec = ratemap.drawing(TITLES, view)
    alt.Chart.from_dict(spec)
    phase = Phase(tuple(sweep.rates_around(0.7558).tolist()), 200)
    quadratic = Quadratic.of(LINE.x, LINE.y)
    expected = sweep.predicted(quadratic, phase, 1e-3, (0.0, -1.0))
    marked = marks(quadratic, phase, 1e-3, (0.0, -1.0))
    made = ratemap.rows(
        list(TITLES), quadratic, phase, 1e-3, expected, expected, None, marked, view
    )
    columns = {name: pa.ipc.open_stream(table).schema.names for name, table in made.items()}
    for layer in spec["layer"]:
        name = layer["data"]["name"]
        made_here = {part["as"] for part in parts(layer.get("transform", [])) if "as" in part}
        asked = {part["field"] for part in parts(layer["encoding"]) if "field" in part}
        assert asked <= {*columns[name], *made_here}
    assert {layer["data"]["name"] for layer in spec["layer"]} == set(made)


# ---------------------------------------------------------------- the landscape


def test_landscape_spec_is_valid_and_asks_each_table_for_columns_it_has():
    spec = landscape.drawing(TITLES)
    alt.Chart.from_dict(spec)
    history = trained((LINE.x, LINE.y), RUNS[0])
    made = landscape.rows(list(TITLES), Quadratic.of(LINE.x, LINE.y), history)
    columns = {name: pa.ipc.open_stream(table).schema.names for name, table in made.items()}
    for layer in spec["layer"]:
        steps = layer.get("transform", [])
        made_here = {step["as"] for step in steps if "calculate" in step}
        made_here |= {one["as"] for step in steps for one in step.get("joinaggregate", [])}
        asked = {part["field"] for part in parts(layer["encoding"]) if "field" in part}
        asked |= data_fields(json.dumps([layer["mark"], steps]))
        assert asked <= {*columns[layer["data"]["name"]], *made_here}
    assert {layer["data"]["name"] for layer in spec["layer"]} == set(made)


# ---------------------------------------------------------------- the laboratory


def test_laboratory_spec_is_valid_and_asks_each_table_for_columns_it_has():
    spec = laboratory.drawing()
    alt.Chart.from_dict(spec)
    made = laboratory.rows(Quadratic.of(LINE.x, LINE.y), (0.0, -1.0))
    columns = {name: pa.ipc.open_stream(table).schema.names for name, table in made.items()}
    for layer in spec["layer"]:
        made_here = {step.get("as") for step in layer.get("transform", [])}
        asked = {part["field"] for part in parts(layer["encoding"]) if "field" in part}
        assert asked <= {*columns[layer["data"]["name"]], *made_here}
    assert {layer["data"]["name"] for layer in spec["layer"]} == set(made)
