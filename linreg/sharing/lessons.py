"""Lesson links: a prompt to show, controls to hide, the part of the page to open on.

A teacher writes them into a URL. The texts may be anybody's, so they are shown as text.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass, field

from linreg import checks

MAX_TEXT = 600  # letters of a prompt or an answer
MAX_NEEDS = 220  # letters of what the receiver of a link needs
LONGEST_NAME = 60  # letters of a name in that
PARTS = {  # what a lesson can hide: name to what it is
    "data": "the data in the sidebar",
    "start": "the initial weight and bias",
    "steps": "the number of steps",
    "rates": "the three rates",
    "ways": "train on, and other ways to step",
    "sentence": "what is said of the data and its rates above the cards",
    "cards": "the three cards",
    "stage": "the stage and its player",
    "details": "all that stands below the stage",
}
TABS = {  # what a lesson can open: name to title
    "runs": "The three runs",
    "compare": "Compare",
    "step": "One step",
    "drag": "Drag a rate",
    "map": "The map of rates",
    "landscape": "The landscape",
    "prints": "Printouts",
    "take": "Take home",
    "works": "How it works",
}
BOXES = {"log_steps": "Log steps", "excess": "Excess loss"}  # of the stage: name to title
NO_BOX = "none"
PARAMETERS = ("lesson", "prompt", "reveal", "hide", "open", "show", "step", "needs")


@dataclass(frozen=True)
class Lesson:
    """What a lesson link shows.

    Attributes:
        prompt: What to do and to think about; "" for none.
        reveal: The answer, shown on demand; "" for none.
        hidden: Names of PARTS.
        tab: One of TABS; "" for the first.
        boxes: Names of BOXES, those that are ticked; None for those that are by themselves.
        step: Where the player stands; None for the last step.
        needs: What data the link was made on, if it was the sender's own; "" for none.
        settings: What it sets, as parameters of a URL; those of the link itself go first.
    """

    prompt: str = ""
    reveal: str = ""
    hidden: frozenset[str] = frozenset()
    tab: str = ""
    boxes: frozenset[str] | None = None
    step: int | None = None
    needs: str = ""
    settings: dict[str, str] = field(default_factory=dict)

    @property
    def title(self) -> str:
        """The title of the part that the lesson opens on."""
        return TABS.get(self.tab, TABS["runs"])


READY = {
    "crawl": Lesson(
        "“Too small” barely moves: press play, and watch its line and its loss. How many steps will "
        "it need until its loss is below 0.01? Guess first; then set the steps, from 1 to 2,000,000, "
        "and find out: the loss at each step stands beside the player. What would a tenth of its "
        "rate need?",
        "At 0.001 it needs 4,196 steps, and at a tenth of that rate ten times as many: each step "
        "takes the same small share of the way that is left. Along the flat direction that share is "
        "the rate times the smallest eigenvalue of the Hessian, so it is known beforehand. More "
        "patience and a larger rate do the same, until the rate is too large.",
        frozenset({"data", "start", "ways", "sentence", "cards", "details"}),
        settings={"too_small": "0.001"},
    ),
    "overshoot": Lesson(
        "Move the rate of “Too large” until its run bounces from side to side and neither comes "
        "closer nor gets away. At which rate is that? What happens a little below it, and a little "
        "above?",
        "At two over the largest eigenvalue of the Hessian, the critical rate, each step multiplies "
        "the steep error by −1: the run lands on the other side, exactly as far away. Below it the "
        "factor lies between −1 and 1 and the run converges; above it every step lands further out. "
        "On the lesson's data that is 0.7558.",
        frozenset({"data", "start", "steps", "ways", "sentence", "cards"}),
        "drag",
        settings={"too_large": "0.7"},
    ),
    "scale": Lesson(
        "The x of this data are years. The best line has the bias −87.9. Find a rate that brings the "
        "bias of a run anywhere near it within 200 steps; it stands below the curves. If you cannot: "
        "why is the bias stuck, though the loss has long stopped falling? Which setting in the "
        "sidebar makes it easy?",
        "No rate does: the years lie near 1,700, so the bowl is a billion times steeper in one "
        "direction than in the other. A rate that is safe for the steep one leaves the flat one, "
        "nearly that of the bias, where it is: the bias stays at −1, and an excess loss of 15 is "
        "left. Set the scale to “Standardised”: x is then centred and of size 1, the bowl is round, "
        "and half the critical rate arrives in one step.",
        frozenset({"ways", "sentence", "cards"}),
        "landscape",
        frozenset({"excess"}),
        settings={"data": "wheat"},
    ),
}


def read(params: dict[str, str]) -> tuple[Lesson, list[str]]:
    """Return the lesson in a URL's parameters, and what makes no sense in it.

    Example:
        >>> lesson, _ = read({"prompt": "Guess first.", "hide": "data,cards"})
        >>> lesson.prompt, sorted(lesson.hidden)
        ('Guess first.', ['cards', 'data'])
        >>> read({"lesson": "flying"})[1]
        ['`lesson` in the address must be one of crawl, overshoot, scale; it was ignored.']
    """
    problems: list[str] = []

    def ignore(key: str, allowed: str, what: str = "it") -> None:
        problems.append(f"`{key}` in the address must {allowed}; {what} was ignored.")

    def one_of(key: str, known: dict, base: str) -> str:
        name = params.get(key, "")
        if name and name not in known:
            ignore(key, f"be one of {', '.join(known)}")
        return name if name in known else base

    def names(key: str, known: Collection[str], base: frozenset | None) -> frozenset | None:
        if key not in params:
            return base
        wanted = {part.strip() for part in params[key].split(",")} - {""}
        if not wanted <= set(known):
            ignore(key, f"hold names among {', '.join(known)}", "the rest")
        return frozenset(wanted & set(known))

    def text(key: str, longest: int, base: str = "") -> str:
        signs = params.get(key, base)
        return "".join(sign for sign in signs if sign.isprintable() or sign == "\n")[:longest]

    base = READY.get(one_of("lesson", READY, ""), Lesson())
    boxes = names("show", (*BOXES, NO_BOX), base.boxes)
    step = params.get("step", "")
    is_step = re.fullmatch("[0-9]{1,9}", step) and int(step) <= checks.MAX_STEPS
    lesson = Lesson(
        text("prompt", MAX_TEXT, base.prompt),
        text("reveal", MAX_TEXT, base.reveal),
        names("hide", PARTS, base.hidden),
        one_of("open", TABS, base.tab),
        boxes and boxes - {NO_BOX},
        int(step) if is_step else None,
        text("needs", MAX_NEEDS),
        base.settings,
    )
    if step and not is_step:
        ignore("step", f"be a whole number between 0 and {checks.MAX_STEPS}")
    return lesson, problems


def ticked(params: list[dict], boxes: frozenset[str] | None) -> list[dict]:
    """Return a chart's parameters with these boxes ticked and no others; None leaves all as it is.

    Example:
        >>> ticked([{"name": "excess", "value": False}], frozenset({"excess"}))
        [{'name': 'excess', 'value': True}]
    """
    known = BOXES if boxes is not None else ()
    return [
        one | {"value": one["name"] in boxes} if one["name"] in known else one for one in params
    ]


def ready(params: dict[str, str]) -> Lesson:
    """Return the ready-made lesson that a URL names, or an empty one."""
    return READY.get(params.get("lesson", ""), Lesson())


def opening(part: str, params: dict[str, str]) -> str:
    """Return the `open` of a link that opens on a part of the page; "" if it needs none.

    Example:
        >>> opening("map", {}), opening("drag", {"lesson": "overshoot"})
        ('map', '')
    """
    return "" if part == (ready(params).tab or next(iter(TABS))) else part


def needs(name: str, columns: tuple[str, str]) -> str:
    """Return what the receiver of a link needs of a reader's own data, as the link says it.

    Example:
        >>> needs("prices.csv", ("year", "price"))
        'prices.csv, with year as x and price as y'
    """
    texts = (name, *columns)
    name, x, y = (
        one if len(one) <= LONGEST_NAME else one[: LONGEST_NAME - 1] + "…" for one in texts
    )
    return f"{name}, with {x} as x and {y} as y"
