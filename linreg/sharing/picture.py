"""The stage as a picture for a slide: SVG or PNG, at a chosen step, titled with its settings.

Drawn by `vl-convert`, the renderer of Altair's own makers, in a process of its own that ends when
it is idle: its engine takes 250 MB.
"""

import textwrap
from collections.abc import Sequence
from functools import cache

import pyarrow as pa
from loky import ProcessPoolExecutor

from linreg.pictures.common import FRAME
from linreg.pictures.playback import FRAMES
from linreg.pictures.stage import stack

WIDTH = 1175  # pixels; with axis and margins about 16:9
IDLE = 60  # seconds until the process ends
LONGEST = 60  # seconds that a picture may take
LETTERS = 154  # of a line below the title; more are wider than the picture
MAX_LINES = 4
ROWS = 3  # of the stage: the numbers of the step are not for a slide


def wrapped(text: str) -> list[str]:
    """Return a text in lines that are no wider than the picture, the last with … if it goes on.

    Example:
        >>> wrapped("200 steps; then 50 steps")
        ['200 steps; then 50 steps']
    """
    return textwrap.wrap(text, LETTERS, max_lines=MAX_LINES, placeholder=" …") or [""]


def specification(
    titles: Sequence[str],
    tables: dict[str, bytes],
    frame: int,
    title: str,
    subtitle: str,
    is_noisy: bool = False,
) -> dict:
    """Return the stage as one Vega-Lite specification that holds its data., at the frame next to one.

    The tables are as `stack.rows` makes them; of a noisy run the loss row shows the excess loss.
    """
    own = stack.drawing(tuple(titles), is_noisy, is_alone=True)
    values = {FRAME: {"value": min(max(frame, 0), FRAMES)}}
    params = [
        {key: value for key, value in one.items() if key != "bind"} | values.get(one["name"], {})
        for one in own["params"]
    ]
    heading = {"text": title, "subtitle": wrapped(subtitle), "fontSize": 20, "subtitleFontSize": 14}
    spec = own | {
        "params": params,
        "vconcat": [row | {"width": WIDTH} for row in own["vconcat"][:ROWS]],
        "datasets": {
            name: pa.ipc.open_stream(table).read_all().to_pylist() for name, table in tables.items()
        },
        "title": heading | {"offset": 16, "anchor": "start"},
        "background": "white",
        "padding": 24,
        "config": {"view": {"stroke": None}, "axis": {"titleFontWeight": "normal"}},
    }
    return {key: value for key, value in spec.items() if key not in ("autosize", "usermeta")}


def _draw(spec: dict, kind: str) -> bytes:
    """Draw in the process that is there for it."""
    import vl_convert

    if kind == "svg":
        return vl_convert.vegalite_to_svg(spec).encode()
    return vl_convert.vegalite_to_png(spec, scale=2)


@cache
def _pool() -> ProcessPoolExecutor:
    return ProcessPoolExecutor(max_workers=1, timeout=IDLE)


def draw(spec: dict, kind: str) -> bytes:
    """Return a specification as a picture, svg or png; RuntimeError if it cannot be drawn."""
    pool = _pool()
    try:
        return pool.submit(_draw, spec, kind).result(LONGEST)
    except Exception as trouble:  # a process that died, a picture that takes too long
        _pool.cache_clear()
        pool.shutdown(wait=False, kill_workers=True)
        raise RuntimeError(f"The picture could not be drawn ({type(trouble).__name__}).") from None
