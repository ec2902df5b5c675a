"""The pictures: Altair specifications, built once; their tables come from `frames` and its like.

The browser keeps a chart and swaps its rows while the specification stays the same, so everything
that follows the data (extents, titles, labels) is data.
"""

from linreg.pictures.charts.common import FRAME, PICK, SHARE
from linreg.pictures.charts.laboratory import LABORATORY_ALT, laboratory_spec
from linreg.pictures.charts.landscape import LANDSCAPE_ALT, landscape_spec
from linreg.pictures.charts.quartet import QUARTET_ALT, quartet_spec
from linreg.pictures.charts.ratemap import MAP_ALT, map_spec
from linreg.pictures.charts.stage import STAGE_ALT, stage_spec

__all__ = [
    "FRAME",
    "LABORATORY_ALT",
    "LANDSCAPE_ALT",
    "MAP_ALT",
    "PICK",
    "QUARTET_ALT",
    "SHARE",
    "STAGE_ALT",
    "laboratory_spec",
    "landscape_spec",
    "map_spec",
    "quartet_spec",
    "stage_spec",
]
