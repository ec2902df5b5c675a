"""The phases of training: the last one is what the controls show, those before it are kept."""

from collections.abc import Iterable
from itertools import repeat
from time import monotonic

from linreg import checks
from linreg.page.session import following, outdate, state
from linreg.runs.phases import MAX_PHASES, Phase
from linreg.runs.rules import RULES
from linreg.runs.schedules import SCHEDULES
from linreg.sharing import settings
from linreg.telling import guide
from linreg.theory import rates
from linreg.theory.noise import BatchNoise
from linreg.theory.problem import Problem

DEFAULTS = {name: setting.default for name, setting in settings.SETTINGS.items()}


def all_values() -> settings.Values:
    """Return what all controls say."""
    return {name: state[name] for name in settings.SETTINGS}


def changed(names: Iterable[str] = settings.SETTINGS) -> settings.Values:
    """Return what controls say that is not their default."""
    return {name: state[name] for name in names if state[name] not in (None, DEFAULTS[name])}


def start() -> tuple[float, ...]:
    """Return the initial weight and bias, or raise ValueError: a browser can send anything."""
    return tuple(checks.number(name, state[name]) for name in settings.START)


def current_values() -> settings.Values:
    """Return what the controls say of the last phase; rates that follow the data are left out."""
    left_out = following.followers()
    said = {name: state[name] for name in settings.PHASE if name not in left_out}
    return {name: value for name, value in said.items() if value is not None}


def impose(values: settings.Values) -> None:
    """Set what the controls show; `hold` defends it against what the browser still shows."""
    for name, value in values.items():
        if state.get(name, value) != value:
            state.setdefault("imposed", {})[name] = state[name], value, monotonic()
        state[name] = value


def hold() -> None:
    """Put imposed values back where the browser has sent what it showed before.

    A rerun of its own accord (the notice that TensorFlow is at work) can start before the browser
    has drawn the new values, and brings the old ones along. What is none of its options it may
    send too.
    """
    for name, setting in settings.SETTINGS.items():
        if isinstance(setting, settings.Choice) and state.get(name, setting.default) not in (
            setting.options
        ):
            state[name] = setting.default
    imposed = state.get("imposed", {})
    for name, (old, new, since) in list(imposed.items()):
        if monotonic() - since > following.ECHO:
            del imposed[name]
        elif state.get(name) == old:
            state[name] = new


def begin(values: settings.Values, earlier: list[settings.Values]) -> None:
    """Go through these phases; what is missing of the last one has its default.

    Rates that are missing follow the data, and have no default.
    """
    state.earlier = earlier
    defaults = {name: DEFAULTS[name] for name in settings.PHASE if name not in rates.RUNS}
    impose(defaults | settings.chosen_hyperparameters(values) | values)
    for name in rates.RUNS:
        state.setdefault(name, None)
    following.follow_all_but(set(rates.RUNS) & set(values))


def train_on() -> None:
    """Keep the last phase, and add another with the same settings."""
    if len(state.earlier) + 1 < MAX_PHASES:
        state.earlier = [*state.earlier, current_values()]


def back() -> None:
    """Take the last phase back."""
    if state.earlier:  # a second click can come before the page has changed
        *earlier, values = state.earlier
        begin(values, earlier)


def start_over() -> None:
    """Return to the first phase."""
    if state.earlier:
        begin(state.earlier[0], [])


def show_guide(noise: BatchNoise) -> None:
    """Go through the lesson's ending."""
    *earlier, last = guide.phases(noise)
    begin(last, earlier)


def change(setting: str, value: float | str, action: str = "") -> None:
    """Do what a card advises; a setting outside the explorer's fragment needs the whole page."""
    if action == "train_on":
        train_on()
    elif action == "start_over":
        start_over()
    elif action == "constant":
        impose({"schedule": "constant"})
    impose({setting: value})
    if setting in (*settings.DATA, *settings.START):
        outdate()
    if setting in rates.RUNS:
        following.move_away(setting)
    elif setting in ("data", "scale", "scaled"):
        follow_again()


def follow_again() -> None:
    """Let all rates follow the data: those of another scale mean nothing."""
    following.follow_all_but()
    state.earlier = [
        {name: value for name, value in values.items() if name not in rates.RUNS}
        for values in state.earlier
    ]


def choose(setting: str) -> None:
    """Give the parameters of the rule or schedule that was chosen their defaults."""
    kinds = {"rule": RULES, "schedule": SCHEDULES}[setting]
    impose(settings.defaults(kinds[state[setting]]))


def current_phases(problem: Problem) -> tuple[Phase, ...]:
    """Return all phases; rates that follow the data are those suggested for it.

    Raises:
        ValueError: If they cannot be trained.
    """
    every = *state.earlier, current_values()
    suggested = (rates.suggestions(problem.quadratic, settings.rule(one), start()) for one in every)
    return tuple(map(settings.phase, every, suggested, repeat(problem.points.num_points)))
