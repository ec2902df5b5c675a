"""Vectors as MATLAB, Octave and R print them, and prints that cannot be read."""

import re

from linreg.data.files.columns.cells import printable

_NUMBER = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?L?|[-+]?(?:Inf|inf|NaN|nan|NA)"
_NUMBERS = re.compile(rf"[ \t]*(?:{_NUMBER})(?:[ \t]+(?:{_NUMBER}))*[ \t]*")
_NAME = re.compile(r"[ \t]*([^\W\d]\w*)[ \t]*=(?:[ \t]*\d+×\d+[^\n]*)?[ \t]*")  # MATLAB's x =
_SCALE = re.compile(r"^[ \t]*(\d\.?\d*[eE][-+]\d+)[ \t]+\*\s*$", re.MULTILINE)
_PART = re.compile(
    r"^[ \t]*(Columns?[ \t]+\d+[ \t]+(?:through|and|to)[ \t]+\d+:?)\s*$", re.MULTILINE
)
_INDEX = re.compile(r"[ \t]*\[(\d+)\][ \t]+(.*)")  # R's [5] before the fifth number
_PROMPT = re.compile(r"[ \t]*[>+](?:[ \t]*(?:print\()?([^\W\d][\w.$]*)\)?[ \t]*$|(?:[ \t].*)?$)")
_WRAPPED = re.compile(r"[^\n]*[ \t]\\[ \t]*(?:\n|$)")  # pandas' header that goes on below

Vectors = list[tuple[str, list[list[str]]]]  # each with its name and its rows of cells


def refuse_parts(text: str) -> None:
    """Refuse what pandas or MATLAB printed in parts, or without its scale."""
    if _WRAPPED.match(text.lstrip("\r\n").replace("\r\n", "\n")):
        raise ValueError(
            "The table must be whole, got a print that pandas has wrapped (“\\” at a line's end). Save "
            "it with to_csv, or print it with to_string(line_width=10_000)."
        )
    if scale := _SCALE.search(text):
        raise ValueError(
            f"The numbers must be printed as they are, got “{scale[1]} *” above them. Multiply them by it, "
            "or print them anew behind “format long g”."
        )
    if part := _PART.search(text):
        raise ValueError(
            f"Vectors and tables must be printed in one piece, got “{part[1]}”. Print vectors as columns, "
            "x(:), and save tables with writematrix."
        )


def vectors_of(text: str) -> Vectors | None:
    """Return the vectors that MATLAB, Octave or R has printed; None if it is another kind of text.

    Raises:
        ValueError: If they were printed in parts or without their scale.

    Example:
        >>> vectors_of("x =\\n\\n   1   2\\n\\ny =\\n\\n   3   4\\n")
        [('x', [['1', '2']]), ('y', [['3', '4']])]
        >>> vectors_of("[1]  1.5  2\\n[3]  4\\n")
        [('', [['1.5', '2', '4']])]
    """
    lines = [line for line in text.splitlines() if line.strip()]
    return _by_r(lines) or _by_matlab(text, lines)


def _by_matlab(text: str, lines: list[str]) -> Vectors | None:
    """Return rows of numbers below the lines x =, y = …"""
    if not any(map(_NAME.fullmatch, lines)):
        return None
    refuse_parts(text)
    made: Vectors = []
    others = []
    for line in lines:
        if name := _NAME.fullmatch(line):
            made.append((name[1], []))
        elif _NUMBERS.fullmatch(line) and made:
            made[-1][1].append(line.split())
        elif not line.lstrip().startswith((">>", "%", "octave:")):
            others.append(line.strip())
    made = [(name, rows) for name, rows in made if rows]
    if others and len(made) > 1:
        raise ValueError(
            f"Below each name must stand its numbers and nothing else, got {printable(others[0])!r}. "
            "Leave it out."
        )
    if others:
        return None
    names = [name for name, _ in made]
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise ValueError(f"Each name must be printed once, got `{twice}` twice. Leave one out.")
    return made or None


def _by_r(lines: list[str]) -> Vectors | None:
    """Return the numbers behind [1], [5] …, which are of one vector until the next [1]."""
    found = [_INDEX.fullmatch(line) for line in lines]
    indices = [int(index[1]) for index in found if index]
    if 1 not in indices or (len(indices) > 1 and indices == [*range(1, len(indices) + 1)]):
        return None  # no vector, or each row has a number of its own
    made: Vectors = []
    name = ""
    for line, index in zip(lines, found, strict=True):
        if index and _NUMBERS.fullmatch(index[2]):
            if index[1] == "1":
                made.append((name, [[]]))
            name = ""
            due = len(made[-1][1][0]) + 1 if made else 1
            if due != int(index[1]):
                raise ValueError(
                    f"A vector must be whole, got [{index[1]}] where its number {due} is due. Print all "
                    "of it."
                )
            made[-1][1][0].extend(cell.removesuffix("L") for cell in index[2].split())
        elif prompt := _PROMPT.fullmatch(line):
            name = prompt[1] or ""
        else:
            return None
    return made or None
