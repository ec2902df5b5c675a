"""The tables of a small picture: Anscombe's four sets side by side, with the line they share."""

import numpy as np

from linreg.data.samples import SAMPLES, load
from linreg.data.summary import Moments
from linreg.pictures.stage.fitbox import PANEL, FitBox
from linreg.pictures.stage.frames import ipc

FOUR = [name for name in SAMPLES if name.startswith("anscombe")]
BOX = FitBox(3.0, 20.0, 2.5, 14.0)


def quartet_tables(chosen: str) -> dict[str, bytes]:
    """Return the datasets of the picture, by name, as Arrow IPC bytes.

    Args:
        chosen: Name of the set that is trained on; it is drawn in colour.
    """
    sets = [load(name) for name in FOUR]
    panel = np.arange(len(sets))
    moments = Moments.of(sets[0].x, sets[0].y)  # of them all
    ends = np.array([BOX.left, BOX.right])
    middle = moments.weight * ends + moments.bias
    is_chosen = np.array([name == chosen for name in FOUR])
    points = {
        "x": np.concatenate([k + BOX.across(one.x) for k, one in enumerate(sets)]),
        "y": np.concatenate([one.y for one in sets]),
        "chosen": np.repeat(is_chosen, [one.num_points for one in sets]),
    }
    lines = {
        "x": panel + 0.0,
        "x2": panel + PANEL,
        "y": np.full(panel.size, middle[0]),
        "y2": np.full(panel.size, middle[1]),
        "title": [SAMPLES[name].title.removeprefix("Anscombe ") for name in FOUR],
        "chosen": is_chosen,
    }
    return {"points": ipc(points), "lines": ipc(lines)}
