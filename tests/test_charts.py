"""The stage's specification is valid, constant, and asks for the tables that `frames` makes."""

import copy
from collections.abc import Iterator

import altair as alt
import numpy as np
import pyarrow as pa
import pytest
from jsonschema import ValidationError

from linreg import charts, data, frames
from linreg.history import History
from linreg.theory import Quadratic

TITLES = ("Too small", "Good", "Too large")


def parts(node) -> Iterator[dict]:
    """Yield every dictionary inside a specification, itself included."""
    if isinstance(node, dict):
        yield node
    for child in node.values() if isinstance(node, dict) else node:
        if isinstance(child, dict | list):
            yield from parts(child)


def stage_tables() -> dict[str, pa.Table]:
    """Return the tables of a stage, read back."""
    line = data.make_line()
    quadratic, rates, step = Quadratic.of(line.x, line.y), np.array([0.1, 0.5, 0.8]), np.arange(21)
    runs = History(rates, step, *quadratic.path(rates, step))
    made = frames.stage_tables(
        list(TITLES), line.x, line.y, (0.1, 0.5), quadratic, runs, runs, False
    )
    return {name: pa.ipc.open_stream(table).read_all() for name, table in made.items()}


def documented(titles: tuple[str, ...]) -> dict:
    """Return a copy of the specification without the key that is not in Vega-Lite's schema."""
    spec = copy.deepcopy(charts.stage_spec(titles))
    for param in spec["params"]:
        param.pop("on", None)  # handed on to Vega
    return spec


@pytest.mark.parametrize("titles", [TITLES, ("One",), ("a.b[0]", "![i](http://x)", "<b>")])
def test_spec_is_valid_vega_lite(titles):
    alt.VConcatChart.from_dict(documented(titles), validate=True)


def test_spec_would_not_be_valid_with_a_mark_that_does_not_exist():
    spec = documented(TITLES)
    spec["vconcat"][0]["layer"][0]["mark"] = {"type": "dash"}
    with pytest.raises(ValidationError, match="dash"):
        alt.VConcatChart.from_dict(spec, validate=True)


def test_spec_holds_no_data():
    for part in parts(charts.stage_spec(TITLES)):
        assert "datasets" not in part
        assert set(part.get("data", {})) <= {"name"}


def test_spec_is_the_same_object_for_the_same_titles():
    assert charts.stage_spec(TITLES) is charts.stage_spec(tuple(TITLES))


def test_spec_names_exactly_the_tables_that_frames_makes():
    named = {part["data"]["name"] for part in parts(charts.stage_spec(TITLES)) if "data" in part}
    assert named == set(stage_tables())


def test_spec_asks_each_table_for_columns_it_has():
    tables = stage_tables()
    for layer in parts(charts.stage_spec(TITLES)):
        if "data" not in layer or "encoding" not in layer:
            continue
        made = {step["as"] for step in layer.get("transform", []) if "calculate" in step}
        has = made | set(tables[layer["data"]["name"]].column_names)
        fields = {channel["field"] for channel in layer["encoding"].values() if "field" in channel}
        assert fields <= has, layer["data"]["name"]


def test_spec_scrubs_from_the_first_frame_to_the_last():
    slider = next(p for p in charts.stage_spec(TITLES)["params"] if p["name"] == "frame")
    assert (slider["bind"]["min"], slider["bind"]["max"]) == (0, frames.FRAMES)


def test_spec_tells_the_runs_apart_without_colour():
    assert len(set(charts.SHAPES)) == len(charts.COLORS) == len(TITLES)


def test_spec_asks_for_an_svg_which_never_changes_renderer():
    embed = charts.stage_spec(TITLES)["usermeta"]["embedOptions"]
    assert embed["renderer"] == "svg"
