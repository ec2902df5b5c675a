"""Lists as programs write them, x = [1, 2], np.array([...]), c(1, 2), made into columns."""

import re
from dataclasses import dataclass

from linreg.cells import Kind, column, numbers

LARGEST = 5_000_000  # bytes of text in which lists are looked for
_NAME = r"[\"']?([^\W\d][\w.]{0,40})[\"']?[ \t]*(?:=|:|<-)"
_MAKER = r"(?:[\w.]+[ \t]*\(\s*)*"  # np.array(, torch.tensor(, array(
_BEGIN = re.compile(rf"(?:^|(?<=[\s,;{{])){_NAME}\s*{_MAKER}(?:\[|(?<=\bc)\()", re.MULTILINE)
_BARE = re.compile(rf"\s*{_MAKER}(?:\[|\()")
_WRAPPED = re.compile(r"\b(?:np|numpy)\.\w+\(([^()\[\]]*)\)")  # np.float64(1.5)
_TOKEN = re.compile(r"[\[\]()]|[^\[\]()]+")


@dataclass(frozen=True)
class Lists:
    """Columns made from lists.

    Attributes:
        names: Of the columns; blank where the list had none.
        columns: Of cells as text, all equally long.
        num_left: Lines that hold something else.
    """

    names: tuple[str, ...]
    columns: tuple[tuple[str, ...], ...]
    num_left: int


def lists_of(data: bytes) -> Lists | None:
    """Return the lists of numbers that a text holds as columns; None if it is another kind of text.

    Raises:
        ValueError: If they are not equally long, or were cut short when printed.

    Example:
        >>> lists_of(b"x = [1, 2]\\ny = np.array([3.5, 4])").columns
        (('1', '2'), ('3.5', '4'))
    """
    if len(data) > LARGEST or not re.search(rb"[\[(]", data[:10_000]):
        return None
    text = _WRAPPED.sub(r"\1", data.decode(errors="replace"))
    named = [(match[1], match.end() - 1) for match in _BEGIN.finditer(text)]
    if named:
        found = [(name, *_nested(text, place)) for name, place in named]
        found = [(name, rows, end) for name, rows, end in found if _are_cells(rows)]
        spans = [(place, end) for (_, place), (_, _, end) in zip(named, found, strict=False)]
        if len(found) != len(named):
            spans = []
    else:
        found = _bare(text)
        spans = []
    if not found:
        return None
    made = _columns(found)
    if len(made) < 2:
        if any("." * 3 in cell for _, cells in made for cell in cells):
            raise ValueError(_CUT_SHORT)
        raise ValueError(
            "The lists must be two or more, one for x and one for y, got one list of numbers. Add "
            "the other one."
        )
    _refuse_unequal(made)
    return Lists(
        tuple(name for name, _ in made),
        tuple(tuple(cells) for _, cells in made),
        _lines_beside(text, spans) if spans else 0,
    )


_CUT_SHORT = "The lists must be whole, got “...” in place of numbers. Print all of them."


def _nested(text: str, place: int) -> tuple[list[list[str]], int]:
    """Return the rows of cells of the list that opens at a place, and where it ends."""
    depth, rows, end = 0, [], place
    direct = False
    for token in _TOKEN.finditer(text, place):
        part, end = token[0], token.end()
        if part in "[(":
            depth += 1
        elif part in "])":
            depth -= 1
            if depth <= 0:
                break
        else:
            for line in part.split(";"):
                cells = _cells(line)
                if cells:
                    rows.append(cells)
                    direct |= depth == 1
    if depth > 0:
        return [], end
    if direct and len(rows) == 1:  # one list of numbers is one column
        rows = [[cell] for cell in rows[0]]
    return rows, end


def _cells(text: str) -> list[str]:
    """Return what stands between commas or blanks."""
    between = "," if "," in text else None
    cells = [cell.strip().strip("\"'") for cell in text.split(between)]
    return cells[: -1 if cells and not cells[-1] else None] if any(cells) else []


def _are_cells(rows: list[list[str]]) -> bool:
    """Return whether at least half of these are numbers or missing, the first row among them."""
    cells = [cell for row in rows for cell in row]
    if not cells:
        return False
    kinds = numbers(column(cells)).kinds
    return 2 * int((kinds != Kind.NO_NUMBER).sum()) >= len(cells) and bool(
        (kinds == Kind.NUMBER).any()
    )


def _bare(text: str) -> list[tuple[str, list[list[str]], int]]:
    """Return lists without names, if the text holds nothing else."""
    found, place = [], 0
    while place < len(text):
        begin = _BARE.match(text, place)
        if begin is None:
            return []
        rows, end = _nested(text, begin.end() - 1)
        is_pair = text[begin.end() - 1] == "(" and len(rows) < 2  # (5) is an accountant's -5
        if not _are_cells(rows) or is_pair:
            return []
        found.append(("", rows, end))
        behind = re.compile(r"(?:\s*,\s*(?:dtype|shape)=[\w.]+)?[\s)]*(?:[,;]\s*|$|(?=\S))")
        place = behind.match(text, end).end()
    widths = {max(map(len, rows)) for _, rows, _ in found}
    lengths = {len(rows) for _, rows, _ in found}
    if widths == {1} and len(lengths) == 1 and len(found) > max(lengths):  # a list for each row
        return [("", [[cells[0] for cells in rows] for _, rows, _ in found], 0)]
    return found


def _columns(found: list[tuple[str, list[list[str]], int]]) -> list[tuple[str, list[str]]]:
    """Return each list as one column, or as many as its rows have."""
    made = []
    for name, rows, _ in found:
        if any("..." in cell for cells in rows for cell in cells):
            raise ValueError(_CUT_SHORT)
        widths = {len(cells) for cells in rows}
        if len(widths) > 1:
            raise ValueError(
                f"The rows of a list must be equally long, got {min(widths)} and {max(widths)}."
            )
        width = widths.pop()
        lies = len(rows) <= 4 and width > 2 * len(rows)  # a few long rows are columns
        columns = rows if lies else [list(column) for column in zip(*rows, strict=True)]
        one = len(columns) == 1
        made += [
            (name if one or not name else f"{name} {k}", [*cells])
            for k, cells in enumerate(columns, 1)
        ]
    return made


def _refuse_unequal(made: list[tuple[str, list[str]]]) -> None:
    lengths = {len(cells) for _, cells in made}
    if len(lengths) > 1:
        told = ", ".join(
            f"{len(cells)} in {f'`{name}`' if name else f'list {k}'}"
            for k, (name, cells) in enumerate(made[:6], 1)
        )
        raise ValueError(f"The lists must be equally long, got {told}.")


def _lines_beside(text: str, spans: list[tuple[int, int]]) -> int:
    """Return how many lines hold none of the lists."""
    left, place = [], 0
    for begin, end in spans:
        left.append(text[place : text.rfind("\n", 0, begin) + 1])
        following = text.find("\n", end)
        place = len(text) if following < 0 else following + 1
    left.append(text[place:])
    return sum(bool(line.strip(" \t})]")) for part in left for line in part.splitlines())
