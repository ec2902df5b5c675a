"""What kept runs came to: trained again from their settings, one after the other, as after a reload."""

from collections.abc import Sequence
from functools import partial

from linreg.page.session import made, phases, state
from linreg.page.session.jobs import Training
from linreg.page.session.problems import own_data, public_problem
from linreg.runs.phases import checked
from linreg.sharing import kept, settings
from linreg.sharing.kept import Kept
from linreg.sharing.result import Result, data_in_words
from linreg.sharing.settings import START
from linreg.telling.told import tell
from linreg.theory.problem import Problem
from linreg.training.processes import worker


def own_token() -> str:
    """Return what tells the session's own data from other data; "" if there is none."""
    own = own_data()
    return (
        ""
        if own is None
        else made.once("own_token", own.key, lambda: kept.token_of(own.dataset.x, own.dataset.y))
    )


def set_kept(runs: Sequence[Kept]) -> None:
    """Keep these runs, and no others."""
    state.kept_runs = list(runs)


def forget_refusals() -> None:
    """Train again what could not be trained, from the reader's own click."""
    state.kept_refused = {}


def refused(runs: Sequence[Kept]) -> list[tuple[str, str]]:
    """Return which of these cannot be trained, by their names, and why."""
    reasons = state.get("kept_refused", {})
    return [(one.name, reasons[one.key]) for one in runs if one.key in reasons]


def kept_results(runs: Sequence[Kept]) -> tuple[list[tuple[str, Result]], list[Kept]]:
    """Return what kept runs came to, by their names; and those that are on their way, or cannot be.

    As long as any of them is pending, one is being trained when this returns: whoever waits for
    that one asks again, and so on to the last.
    """
    while True:
        found = [(one, _result(one)) for one in runs]
        if made.known("kept_training") is not None or not any(map(is_pending, runs)):
            there = [(one.name, result) for one, result in found if result is not None]
            return there, [one for one, result in found if result is None]


def is_pending(one: Kept) -> bool:
    """Return whether a kept run is not there yet, and will be."""
    is_known = one.key in state.get("kept_results", {}) or refused([one])
    return not is_known and is_at_hand(one)


def is_at_hand(one: Kept) -> bool:
    """Return whether there is the data that a kept run was trained on."""
    return not one.is_own or (one.token != "" and one.token == own_token())


def remember(one: Kept, result: Result) -> None:
    """Remember what a kept run came to: of a reader's own data the session alone knows."""
    results = state.setdefault("kept_results", {})
    if len(results) > 3 * kept.MAX_KEPT:
        alive = {run.key for run in state.kept_runs}
        results = state.kept_results = {key: results[key] for key in results if key in alive}
    results[one.key] = result


def _result(one: Kept) -> Result | None:
    if is_pending(one):
        try:
            _train_again(one)
        except ValueError as reason:
            state.setdefault("kept_refused", {})[one.key] = str(reason)
    return state.get("kept_results", {}).get(one.key)


def _train_again(one: Kept) -> None:
    """Train a kept run from its settings, and remember what it came to once it is there.

    Raises:
        ValueError: If it cannot be trained.
    """
    values = phases.DEFAULTS | one.values
    start = [values[name] for name in START]
    problem = _problem(one, values)
    points = problem.points
    through = checked(one.phases(points.num_points))
    job = made.known("kept_training")
    if job is not None and job.key not in {run.key for run in state.kept_runs}:
        made.drop("kept_training")  # its run has been removed: nobody would ask for it again
        job = None
    if job is None:
        send = partial(worker.submit, points.x, points.y, through, start, values["seed"])
        job = Training(one.key, send)
        made.put("kept_training", job.key, job)
    if job.key != one.key:  # one after the other, so that other readers' runs go in between
        return
    try:
        measured = job.collect()
        if measured is None and job.has_ended:
            raise ValueError(f"Training failed. {job.troubles[-1]}")
    except ValueError:
        made.drop("kept_training")
        raise
    if measured is not None:
        made.drop("kept_training")
        runs, data = tell(problem.noise, through, start, measured), data_in_words(one.values)
        judged = runs.drawn, runs.verdicts[0], data, problem.scaling
        remember(one, Result.of(problem.noise, *judged))


def _problem(one: Kept, values: settings.Values) -> Problem:
    """Return what a kept run was fitted to, scaled as it was then.

    Raises:
        ValueError: If no line can be fitted to it.
    """
    if not one.is_own:
        return public_problem(one.values)
    scale = values["scale"], values["scaled"]
    key = *own_data().key, *scale
    current = made.known("own_problem")
    if isinstance(current, Problem) and current.key == key:
        return current
    return Problem.of(key, own_data().dataset, *scale)
