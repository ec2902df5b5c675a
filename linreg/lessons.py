"""Lesson links: a prompt to show, controls to hide, the part of the page to open on.

A teacher writes them into a URL. The texts may be anybody's, so they are shown as text.
"""

from dataclasses import dataclass

MAX_TEXT = 600  # letters of a prompt or an answer
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
PARAMETERS = ("lesson", "prompt", "reveal", "hide", "open")


@dataclass(frozen=True)
class Lesson:
    """What a lesson link shows.

    Attributes:
        prompt: What to do and to think about; "" for none.
        reveal: The answer, shown on demand; "" for none.
        hidden: Names of PARTS.
        tab: One of TABS; "" for the first.
    """

    prompt: str = ""
    reveal: str = ""
    hidden: frozenset[str] = frozenset()
    tab: str = ""

    @property
    def title(self) -> str:
        """The title of the part that the lesson opens on."""
        return TABS.get(self.tab, TABS["runs"])


READY = {
    "crawl": Lesson(
        "One run barely moves: press play, and watch the blue line. How many steps will it need "
        "until 99.9 % of its gap to the least loss is gone? Guess first; then set the steps, from 1 "
        "to 2,000,000, and find out. What would a tenth of its rate need?",
        "At 0.001 it needs 9,276 steps, and at a tenth of that rate ten times as many: each step "
        "takes the same small share of the way that is left. Along the flat direction that share is "
        "the rate times the smallest eigenvalue of the Hessian, so it is known beforehand. More "
        "patience and a larger rate do the same, until the rate is too large.",
        frozenset({"data", "start", "ways", "sentence", "cards", "details"}),
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
    ),
    "scale": Lesson(
        "The x of this data are years. Find a rate at which a run comes near the minimum within 200 "
        "steps. If you cannot: which setting in the sidebar makes it easy, and why?",
        "None does: the years lie near 1,700, so the bowl is a billion times steeper in one direction "
        "than in the other. A rate that is safe for the steep one leaves the flat one where it is. "
        "Set the scale to “Standardised”: x is then centred and of size 1, the bowl is round, and "
        "half the critical rate arrives in one step.",
        frozenset({"ways", "sentence", "cards"}),
        "landscape",
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
    problems = []
    name = params.get("lesson", "")
    if name and name not in READY:
        problems.append(
            f"`lesson` in the address must be one of {', '.join(READY)}; it was ignored."
        )
    base = READY.get(name, Lesson())
    hidden, tab = base.hidden, base.tab
    if "hide" in params:
        wanted = {part.strip() for part in params["hide"].split(",")} - {""}
        hidden = frozenset(wanted & set(PARTS))
        if wanted - set(PARTS):
            problems.append(
                f"`hide` in the address must hold names among {', '.join(PARTS)}; the rest was "
                "ignored."
            )
    if "open" in params:
        if params["open"] in TABS:
            tab = params["open"]
        else:
            problems.append(
                f"`open` in the address must be one of {', '.join(TABS)}; it was ignored."
            )
    texts = (
        "".join(c for c in params.get(key, text) if c.isprintable() or c == "\n")[:MAX_TEXT]
        for key, text in (("prompt", base.prompt), ("reveal", base.reveal))
    )
    return Lesson(*texts, hidden, tab), problems
