"""The frames of the player: which step each of its positions shows, and the numbers of that step."""

import numpy as np

from linreg.runs.history import History

FRAMES = 200  # the player's last position; its first is 0


def frame_records(step: np.ndarray) -> np.ndarray:
    """Return which record each frame shows, shape (FRAMES + 1,).

    Up to FRAMES steps are spread evenly. Of a longer run every one of the first 100 steps has a
    frame, since the jumps from side to side are there, and the rest is passed in ever larger leaps.
    """
    num_steps, half = int(step[-1]), FRAMES // 2
    if num_steps <= FRAMES:
        wanted = np.round(np.linspace(0, num_steps, FRAMES + 1))
    else:
        leaps = np.round(np.geomspace(half, num_steps, FRAMES - half + 1))[1:]
        wanted = np.concatenate([np.arange(half + 1), leaps])
    return np.searchsorted(step, wanted, side="right") - 1


def frame_of(step: np.ndarray) -> np.ndarray:
    """Return the first frame that shows each record or a later one, shape (num_records,)."""
    return np.searchsorted(frame_records(step), np.arange(step.size))


def frame_at(step: np.ndarray, wanted: int) -> tuple[int, int]:
    """Return the last frame that shows a step no later than the wanted one, and that step."""
    shown = step[frame_records(step)]
    frame = int(np.searchsorted(shown, wanted, side="right")) - 1
    return frame, int(shown[frame])


def player_data(history: History) -> dict:
    """Return what the player shows by itself: the step of each frame, and the loss of each run.

    Each row of numbers is one text, since Streamlit looks into every element of a list.
    """
    records = frame_records(history.step)
    losses = np.where(np.isfinite(history.loss), history.loss, np.inf)[:, records]
    return {
        "last": FRAMES,
        "steps": " ".join(map(str, history.step[records].tolist())),
        "losses": [" ".join(f"{loss:.3g}" for loss in run) for run in losses.tolist()],
    }
