"""What a reader can set, each an object: its default, its limits, what it is called, what it does.

The sidebar, addresses, settings files, reports and the command line read them here; anyone may send
any text as an address. How they are written and read as text stands below them: it follows from
their defaults, limits and effects alone.
"""

import json
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, fields

from linreg import checks, data
from linreg.data.samples import SAMPLES
from linreg.data.scaling import SCALED, SCALES
from linreg.runs.hyperparameters import hyperparameters
from linreg.runs.phases import MAX_PHASES, Phase
from linreg.runs.rules import RULES, Rule
from linreg.runs.schedules import SCHEDULES
from linreg.sharing import typed
from linreg.words import number

Values = dict[str, float | int | str | None]


@dataclass(frozen=True)
class Setting:
    """One number of the page; a whole one if its limits are.

    Attributes:
        default: None for a learning rate that follows the data, and for all points at each step.
        low: The least that it may be.
        high: The most.
        title: On its control.
        help: What it does.
        by: How much a click on its control changes it; None for 1 of whole numbers, 0.01 of others.
    """

    default: float | int | None
    low: float | int
    high: float | int
    title: str = ""
    help: str = ""
    by: float | None = None

    @property
    def is_whole(self) -> bool:
        """Whether only whole numbers are allowed."""
        return isinstance(self.low, int)

    def parse(self, text: str) -> float | int:
        """Return the number that a text stands for, or raise ValueError saying what is allowed.

        Example:
            >>> Setting(100, 1, 1000).parse("50"), Setting(0.1, 0.0, 1.0).parse("0,5")
            (50, 0.5)
            >>> Setting(100, 1, 1000).parse("a few")
            Traceback (most recent call last):
            ValueError: a whole number between 1 and 1000
        """
        value = typed.read_whole(text) if self.is_whole else typed.read(text)
        if value is None or not self.low <= value <= self.high:
            raise ValueError(
                f"a {'whole ' * self.is_whole}number between {number(self.low)} and "
                f"{self.high:.10g}{typed.doubt(text, self.is_whole)}"
            )
        return value


@dataclass(frozen=True)
class Choice:
    """One of several names, each with what the page calls it; the first is the default."""

    options: dict[str, str]
    title: str = ""
    help: str = ""

    @property
    def default(self) -> str:
        """The first option."""
        return next(iter(self.options))

    def parse(self, text: str) -> str:
        """Return the option, or raise ValueError saying which there are."""
        if text not in self.options:
            raise ValueError(f"one of {', '.join(self.options)}")
        return text


TITLES = {"too_small": "Too small", "good": "Good", "too_large": "Too large"}  # of the three runs
OWN = {"file": "Your own file", "pasted": "Rows you paste"}  # of which a URL says no more than that
_SOURCES = {"line": "The lesson's line"} | {k: one.title for k, one in SAMPLES.items()} | OWN
_WIDE = -1000.0, 1000.0
_RATES = checks.MIN_LEARNING_RATE, checks.MAX_LEARNING_RATE
HYPERPARAMETERS = {  # of every rule and schedule; where two share one, the first one's default
    one.name: Setting(one.default, told.low, told.high, told.title, told.help, told.by)
    for kind in reversed([*RULES.values(), *SCHEDULES.values()])
    for one, told in zip(fields(kind), hyperparameters(kind).values(), strict=True)
}


PHASE: dict[str, Setting | Choice] = {
    "num_steps": Setting(
        200,
        1,
        checks.MAX_STEPS,
        "Steps",
        "How often weight and bias are updated: 1 to 2,000,000, all phases together.",
        50,
    ),
    **{
        name: Setting(
            None,
            *_RATES,
            title,
            "The learning rate of this run. Follows the data until you set it.",
        )
        for name, title in TITLES.items()
    },
    "rule": Choice(
        {name: kind.title for name, kind in RULES.items()},
        "Update rule",
        "How a gradient becomes an update, for all three runs. Names and defaults are Keras's.",
    ),
    "schedule": Choice(
        {name: kind.title for name, kind in SCHEDULES.items()},
        "Schedule",
        "How the rate changes from step to step, counted from the start of the phase.",
    ),
    "batch_size": Setting(
        None,
        1,
        data.MAX_POINTS,
        "Batch size",
        "How many points each step looks at. Empty: all of them. Epochs are shuffled anew, as the "
        "seed says.",
        1,
    ),
    **HYPERPARAMETERS,
}
LINE: dict[str, Setting | Choice] = {  # what the lesson's line is made of
    "weight": Setting(
        0.1,
        *_WIDE,
        "True weight",
        "Of the line the points are made from: how much y rises over x = 0 to 1.",
        0.1,
    ),
    "bias": Setting(0.5, *_WIDE, "True bias", "Height of that line at x = 0.", 0.1),
    "noise": Setting(
        0.01, 0.0, 1000.0, "Noise", "Standard deviation of the normal noise added to each y.", 0.01
    ),
    "num_points": Setting(
        100, 1, data.MAX_POINTS, "Points", "How many points; their x are random between 0 and 1."
    ),
    "seed": Setting(
        0, 0, data.MAX_SEED, "Seed", "Which random points: the same seed makes the same ones."
    ),
}
SETTINGS: dict[str, Setting | Choice] = {
    "data": Choice(_SOURCES, "Data set", "The lesson's own points, public figures, or yours."),
    **LINE,
    "scale": Choice(
        SCALES,
        "Scale",
        "Centred: less the mean. Standardised: also divided by the standard deviation. It changes "
        "the shape of the bowl, and with it the safe rates; the table gives the line in the original "
        "units too.",
    ),
    "scaled": Choice(SCALED, "Scaled columns", "Which columns are scaled."),
    "initial_weight": Setting(0.0, *_WIDE, "Initial weight", "The first guess of the weight.", 0.1),
    "initial_bias": Setting(-1.0, *_WIDE, "Initial bias", "The first guess of the bias.", 0.1),
    **PHASE,
}
DATA = ("data", *LINE, "scale", "scaled")
START = ("initial_weight", "initial_bias")
KEPT = "kept"  # of the URL: runs that the reader keeps
PHASES = "phases"  # of the URL: the phases before the one that the other parameters describe


def defaults(kind: type) -> dict[str, float | int]:
    """Return the parameters of a rule or a schedule, at their defaults."""
    return {one.name: one.default for one in fields(kind)}


def chosen_hyperparameters(values: Values) -> dict[str, float | int]:
    """Return the parameters of the chosen rule and schedule, with their defaults.

    Example:
        >>> chosen_hyperparameters({"rule": "momentum", "schedule": "linear_warmup"})
        {'momentum': 0.9, 'warmup_steps': 50}
    """
    rule, schedule = values.get("rule", "plain"), values.get("schedule", "constant")
    return defaults(RULES[rule]) | defaults(SCHEDULES[schedule])


def has_effect(name: str, values: Values, earlier: Sequence[Values] = ()) -> bool:
    """Return whether a setting changes anything beside the others, and after earlier phases."""
    if name in LINE and values.get("data", "line") != "line":
        batches = (one.get("batch_size") for one in (values, *earlier))
        return name == "seed" and any(size is not None for size in batches)
    if name == "scaled":
        return values.get("scale", "raw") != "raw"
    return name not in HYPERPARAMETERS or name in chosen_hyperparameters(values)


def rule(values: Values) -> Rule:
    """Return the chosen update rule with its parameters; ValueError if one is not allowed.

    Example:
        >>> rule({"rule": "momentum", "momentum": 0.5, "rho": 0.8})
        Momentum(momentum=0.5)
    """
    return _made("rule", RULES, values)


def _made(name: str, kinds: dict[str, type], values: Values):
    kind = kinds[values.get(name, PHASE[name].default)]
    return kind(**{one: values[one] for one in defaults(kind) if one in values})


def phase(values: Values, suggested: dict[str, float], num_points: int) -> Phase:
    """Return the phase that these settings describe; ValueError if it cannot be trained.

    What is missing is at its default, a rate at the suggested one; mini-batches of as many points
    as there are, or more, are all points.

    Example:
        >>> phase({"num_steps": 50, "good": 0.3}, {"too_small": 0.1, "good": 0.5}, 100)
        ... # doctest: +ELLIPSIS
        Phase(learning_rates=(0.1, 0.3), num_steps=50, rule=Plain(), ...batch_size=None)
    """
    batch_size = values.get("batch_size")
    return Phase(
        tuple(values.get(name, rate) for name, rate in suggested.items()),
        values.get("num_steps", PHASE["num_steps"].default),
        rule(values),
        _made("schedule", SCHEDULES, values),
        None if batch_size is None or batch_size >= num_points else batch_size,
    )


def read(params: dict[str, str], place: str = "address") -> tuple[Values, list[Values], list[str]]:
    """Return the settings in a URL's parameters, those of earlier phases, and what makes no sense.

    The place is where they stand: "address", where what makes no sense is ignored; or "file".

    Example:
        >>> read({"seed": "7", "utm_source": "mail", "phases": "num_steps:200,good:0.3"})
        ({'seed': 7}, [{'num_steps': 200, 'good': 0.3}], [])
        >>> read({"good": "fast"})[2]
        ['`good` in the address must be a number between 1e−40 and 1000000; it was ignored.']
    """
    problems: list[str] = []

    def understood(texts: dict[str, str], known: dict[str, Setting | Choice]) -> Values:
        values = {}
        for name in filter(texts.__contains__, known):
            try:
                values[name] = known[name].parse(texts[name])
            except ValueError as allowed:
                problems.append(ending(f"`{name}` in the {place} must be {allowed}", place))
        return values

    values, earlier = understood(params, SETTINGS), []
    texts = params[PHASES].split(";") if params.get(PHASES) else []
    if len(texts) >= MAX_PHASES:
        rule = f"`{PHASES}` in the {place} must hold at most {MAX_PHASES - 1} phases"
        problems.append(ending(rule, place, "the rest"))
    for pairs in map(pairs_of, texts[: MAX_PHASES - 1]):
        if unknown := sorted(pairs.keys() - PHASE):
            named = [f"`{name}`" for name in unknown if name in SETTINGS] or ["something else"]
            rule = f"`{PHASES}` in the {place} must hold settings of phases, got {', '.join(named)}"
            problems.append(ending(rule, place, "that"))
        earlier.append(understood(pairs, PHASE))
    return values, earlier, problems


def pairs_of(text: str) -> dict[str, str]:
    """Return names and values, with a colon between them and commas between the pairs.

    A comma before a digit is a decimal one: no name begins with a digit.

    Example:
        >>> pairs_of("num_steps:50,good:0,3,rule:adam")
        {'num_steps': '50', 'good': '0,3', 'rule': 'adam'}
    """
    pairs = (pair.partition(":") for pair in re.split(",(?![0-9])", text))
    return {name: value for name, _, value in pairs if name}


def ending(rule: str, place: str, what: str = "it") -> str:
    """Return what is wrong as a sentence; an address is taken without it, a file is not taken.

    Example:
        >>> ending("`seed` in the address must be a number", "address")
        '`seed` in the address must be a number; it was ignored.'
    """
    return f"{rule}; {what} was ignored." if place == "address" else f"{rule}."


def unknown(params: dict[str, str], known: Collection[str]) -> list[str]:
    """Return what is wrong with names that a settings file cannot have; nothing if there are none.

    An address may have names of others, a file of this page has none.
    """
    names = [f"{name[:40]!r}" for name in params if name not in known]
    told = ", ".join(names[:3]) + ", …" * (len(names) > 3)
    return [f"The names in the file must be settings of this page, got {told}."] if names else []


def write(values: Values, earlier: Sequence[Values], following: set[str]) -> dict[str, str]:
    """Return the URL parameters for the settings, and earlier phases, that are not at their defaults.

    Rates that follow the data stay out of the URL.

    Example:
        >>> write({"seed": 7, "good": 0.51, "num_steps": 200}, [{"num_steps": 50}], {"good"})
        {'seed': '7', 'phases': 'num_steps:50'}
    """
    params = _write({name: values[name] for name in values if name not in following}, earlier)
    steps = {"num_steps": f"{PHASE['num_steps'].default}"}  # so that a phase is never without words
    texts = [
        ",".join(f"{name}:{text}" for name, text in (steps | _write(one)).items())
        for one in earlier
    ]
    return params | ({PHASES: ";".join(texts)} if earlier else {})


def _write(values: Values, earlier: Sequence[Values] = ()) -> dict[str, str]:
    """Return the texts of what has an effect and is not at its default."""
    defaults = {name: setting.default for name, setting in SETTINGS.items()}
    defaults |= chosen_hyperparameters(values)
    return {
        name: value if isinstance(value, str) else repr(value)
        for name, value in values.items()
        if value is not None and value != defaults[name] and has_effect(name, values, earlier)
    }


APPLICATION = "learning-rate explorer"
MAX_JSON = 200_000  # bytes of a settings file


def to_json(params: dict[str, str]) -> str:
    """Return a URL's parameters as a settings file.

    Example:
        >>> to_json({"seed": "7", "rule": "adam"}).splitlines()[2:6]
        [' "version": 1,', ' "settings": {', '  "seed": 7,', '  "rule": "adam"']
    """
    plain = re.compile(r"-?\d+(\.\d+)?(e[+-]?\d+)?")
    values = {
        name: json.loads(text) if name in SETTINGS and plain.fullmatch(text) else text
        for name, text in params.items()
    }
    made = {"application": APPLICATION, "version": 1, "settings": values}
    return json.dumps(made, indent=1, ensure_ascii=False) + "\n"


def of_json(text: bytes) -> dict[str, str]:
    """Return the URL parameters that a settings file holds; ValueError if it is no such file.

    Example:
        >>> of_json(to_json({"seed": "7", "good": "0.3"}).encode())
        {'seed': '7', 'good': '0.3'}
    """
    try:
        made = json.loads(text) if len(text) <= MAX_JSON else None
    except (ValueError, RecursionError):
        made = None
    values = made.get("settings") if isinstance(made, dict) else None
    if not isinstance(values, dict) or made.get("application") != APPLICATION:
        raise ValueError(
            "The file must be a settings file of this page, got something else. Download one under "
            "“Take home”."
        )
    if made.get("version") != 1:
        raise ValueError(
            f"`version` of a settings file must be 1, got {made.get('version')!r}. It is newer than "
            "this page."
        )
    return {
        name: value if isinstance(value, str) else json.dumps(value)
        for name, value in values.items()
    }
