"""The runs the page shows: trained, or predicted until TensorFlow has answered."""

from linreg import checks
from linreg.page.session import state
from linreg.page.session.jobs import training
from linreg.page.session.phases import current_phases
from linreg.sharing.settings import START
from linreg.telling.told import Runs, tell
from linreg.theory.problem import Problem


def current_runs(problem: Problem) -> Runs | None:
    """Train, or predict until TensorFlow has answered; None where nobody can predict.

    Raises:
        ValueError: If the settings cannot be trained.
    """
    phases = current_phases(problem.quadratic, problem.points.num_points)
    start = [checks.number(name, state[name]) for name in START]
    job = training("job", problem, phases, start)
    measured, notes = job.collect(), job.notes
    shown = notes.get("shown")
    if shown is None or shown.is_measured != (measured is not None):
        shown = notes["shown"] = tell(problem.noise, phases, start, measured)
    return shown
