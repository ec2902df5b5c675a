"""Lists as programs write them, x = [1, 2], np.array([...]), c(1, 2), made into columns."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from linreg.data.files.columns.cells import Kind, column, numbers, printable
from linreg.data.files.tables.prints import Vectors, vectors_of

LARGEST = 5_000_000  # bytes of text in which lists are looked for
MAX_OPEN = 20  # lists without an end
_LISTED = "The lists are taken as columns; “row” below counts their numbers."
_LISTED_ROWS = "The lists within a list are taken as rows; “row” below counts them."
_NAME = r"[\"']?([^\W\d][\w.]{0,40})[\"']?[ \t]*(?:=|:|<-)"
_MAKER = r"(?:[\w.]+[ \t]*\(\s*)*"  # np.array(, torch.tensor(, array(
_OPENS = r"(?:\[|\bc[ \t]*\()"  # or R's c(1, 2)
_BEGIN = re.compile(rf"(?:^|(?<=[\s,;{{(])){_NAME}\s*({_MAKER}){_OPENS}", re.MULTILINE)
_BARE = re.compile(rf"\s*({_MAKER})(?:{_OPENS}|\()")
_LINE = r"(?:^|;)[ \t]*(?:>+[ \t]*|In \[\d+\]:[ \t]*|(?:const|let|var)[ \t]+)?"  # and a prompt
_GIVEN = re.compile(  # x = or x *= and not x: or "x":
    _LINE + r"([^\W\d][\w.]*)[ \t]*(?:(?:[-+*/%]|\*\*|//)?=(?!=)|<-)[^\n;]*", re.MULTILINE
)
_COMMENT = re.compile(
    r"\"\"\"(?s:.*?)(?:\"\"\"|\Z)|(?<![\w/.])/\*(?s:.*?)(?:\*/|\Z)"
    r"|^[ \t]*%\{[ \t]*\n(?s:.*?)(?:^[ \t]*%\}[ \t]*$|\Z)"
    r"|(\"[^\"\n]*\"|(?<![\])\w])'[^'\n]*')"  # quoted, and not MATLAB's ' behind a list
    r"|^[ \t]*(?:#|%|//)[^\n]*(?:\n|$)|#[^\n]*"
    r"|(?<=[,;])[ \t]*(?:%|//)[^\n]*|(?<=\s)%(?![ \t]*[\d.(,;\])])[^\n]*",
    re.MULTILINE,
)
_SAME = re.compile(  # makers that change no number
    r"(?:\w+\.)*(?:as|asany|masked_)?array|(?:\w+\.)*(?:Array|matrix|mat|(?:as_|convert_to_)?tensor|Tensor"
    r"|FloatTensor|DoubleTensor|constant|Variable|Series|Index|deque|float(?:32|64)?|double)"
    r"|list|tuple|c|as\.numeric|print"
)
_ABOUT = r"dtype|shape|copy|name|device|requires_grad|grad_fn|order|length|freq"
_BEHIND = re.compile(  # what changes no number either
    rf"(?:\s*,\s*(?:{_ABOUT})\s*=\s*(?:<?[\w.]+>?|\"[^\"]*\"|'[^']*'|\([\d, ]*\))"
    r"|\s*,\s*(?:np|numpy|jnp|tf|torch)\.\w+|\s*[)}]|\.?'|\.T\b|\.(?:to_numpy|numpy|tolist|ravel|flatten)\(\)"
    r"|\.reshape\(\(?\s*-1\s*(?:,\s*1\s*)?\)?\)|\.astype\([\"']?(?:\w+\.)?float\d*[\"']?\)"
    r"|\[:,\s*(?:None|np\.newaxis)\])*"
)
_ARITHMETIC = re.compile(r"[ \t]*(?:[-+*/^@]|%[ \t]*[\d(]|\.[*/^])[^\n,;]*|(?:\[|\.\w)[^\n,;]*")
_CURLY = re.compile(r"\s*(?:[\w \t\[\]]*=\s*)?\{\s*(?:\{\s*)*[-+.]?\d[^:{}]*[,}]")
_SEVERAL = re.compile(_LINE + r"(\w+(?:[ \t]*,[ \t]*\w+)+[ \t]*=)(?=[^=\n]*[\[(])", re.MULTILINE)
_BEFORE = re.compile(
    rf"{_LINE}{_NAME}[ \t]*([-+*/^(\w. \t]*[-+*/^])[ \t]*{_MAKER}{_OPENS}", re.MULTILINE
)
_WRAPPED = re.compile(
    r"\b(?:np|numpy)\.(?:float|int|uint|longdouble|bool|str)\w*\(([^()\[\]]*)\)"
)  # np.float64(1.5)
_TOKEN = re.compile(r"[\[\]()]|[^\[\]()]+")
_NEXT = re.compile(r"(?:\s*,\s*(?:dtype|shape)=[\w.]+)?[\s)]*(?:[,;]\s*|$|(?=\S))")


@dataclass(frozen=True)
class Lists:
    """Columns made from lists."""

    names: tuple[str, ...]  # of the columns; blank where the list had none
    columns: tuple[tuple[str, ...], ...]  # of cells as text, all equally long
    notes: tuple[str, ...]  # what a reader should know of it


def lists_of(data: bytes) -> Lists | None:
    """Return the lists of numbers that a text holds as columns; None if it is another kind of text.

    Raises:
        ValueError: If they are not equally long, were cut short when printed, or have arithmetic beside
            them.

    Example:
        >>> lists_of(b"x = [1, 2]\\ny = np.array([3.5, 4])").columns
        (('1', '2'), ('3.5', '4'))
    """
    if len(data) > LARGEST or not re.search(
        rb"[\[({]|=[ \t]*[\r\n]|=[^\r\n]*\xc3\x97", data[:10_000]
    ):
        return None
    text = data.decode(errors="replace").replace("\r\n", "\n")
    if printed := vectors_of(text):
        return _of([(name, _as_column(rows)) for name, rows in printed])
    text = _COMMENT.sub(lambda match: match[1] or "", _WRAPPED.sub(r"\1", text))
    if _CURLY.match(text):
        raise ValueError(
            "Lists must stand in square brackets, got curly ones. Write [ ] in place of { }."
        )
    found, spans, again = _named(text)
    found = found or _bare(text)
    return _of(found, _lines_beside(text, spans) if spans else 0, again) if found else None


def _of(found: Vectors, num_left: int = 0, again: Sequence[str] = ()) -> Lists:
    """Return lists as columns; lines with something else are left, and some names are given again."""
    made = _columns(found)
    if len(made) < 2:
        raise ValueError(
            "The lists must be two or more, one for x and one for y, got one list of numbers. Add "
            "the other one."
        )
    if len({len(cells) for _, cells in made}) > 1:
        told = ", ".join(
            f"{len(cells)} in {f'`{name}`' if name else f'list {k}'}"
            for k, (name, cells) in enumerate(made[:6], 1)
        )
        raise ValueError(f"The lists must be equally long, got {told}.")
    names, columns = zip(*made, strict=True)
    are_rows = len(found) == 1 and len(found[0][1]) == len(columns[0])
    notes = [_LISTED_ROWS if are_rows else _LISTED]
    if num_left:
        told = "1 line beside them is" if num_left == 1 else f"{num_left:,} lines beside them are"
        notes.append(f"{told} not read.")
    notes += [f"`{name}` is given more than once: the last one counts." for name in again]
    return Lists(names, columns, tuple(notes))


def _as_column(rows: list[list[str]]) -> list[list[str]]:
    """Return one list of numbers as one column."""
    return [[cell] for cell in rows[0]] if len(rows) == 1 else rows


def _named(text: str) -> tuple[Vectors, list[tuple[int, int]], tuple[str, ...]]:
    """Return lists with names, where they stand, and the names that had more than one."""
    found: Vectors = []
    spans: list[tuple[int, int]] = []
    last: dict[str, tuple[int, int]] = {}  # place among those found, and end
    again: dict[str, int] = {}
    num_open = 0
    given = {match.start(1): match for match in _GIVEN.finditer(text)}
    for match in _BEGIN.finditer(text):
        rows, end = _nested(text, match.end() - 1)
        num_open += not rows and end == len(text)
        if num_open > MAX_OPEN:  # each of them is read to the end
            break
        if not _are_cells(rows):
            continue
        name = match[1]
        if call := re.search(r"[\w.]*[^\W\d]\w*\(", text[match.end() : end]):
            raise ValueError(
                f"The list of `{name}` must hold numbers, got {printable(call[0] + '…)')}. Compute them "
                "first."
            )
        _refuse_arithmetic(text, name, match[2], rows, end)
        spans.append((match.end() - 1, end))
        place = len(found)
        if given.pop(match.start(1), None):
            if name in last:
                place = again[name] = last[name][0]
            last[name] = place, end
        found[place : place + 1] = [(name, rows)]
    changed = [m for m in given.values() if m[1] in last and m.start() >= last[m[1]][1]]
    if changed:
        raise ValueError(_ALONE.format(f"`{changed[0][1]}`", printable(changed[0][0].strip(" ;"))))
    if found and (several := _SEVERAL.search(text)):
        raise ValueError(
            f"Each list must have a name of its own, got {printable(several[1])} for several. "
            "Write a line for each."
        )
    if found and (before := _BEFORE.search(text)):
        raise ValueError(_ALONE.format(f"`{before[1]}`", printable(before[2].strip())))
    return found, spans, tuple(again)


_ALONE = "The list of {} must stand alone, got arithmetic beside it ({}). Compute it first."


def _refuse_arithmetic(text: str, name: str, makers: str, rows: list, end: int) -> None:
    """Refuse a list that something is done to."""
    behind = _BEHIND.match(text, end)
    assert behind is not None  # the pattern fits nothing, too
    others = [maker for maker in re.findall(r"[\w.]+", makers) if not _SAME.fullmatch(maker)]
    is_cut = re.search(r"\bu?int\d*\b", behind[0]) and any("." in c for row in rows for c in row)
    done = _ARITHMETIC.match(text, behind.end())
    got = others[0] if others else behind[0] if is_cut else done[0] if done else ""
    if got:
        told = f"`{name}`" if name else "numbers"
        raise ValueError(_ALONE.format(told, printable(got.strip(" ,"))))


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
                if cells := _cells(line):
                    rows.append(cells)
                    direct |= depth == 1
    if depth > 0:
        return [], end
    return _as_column(rows) if direct else rows, end


def _cells(text: str) -> list[str]:
    """Return what stands between commas or blanks."""
    between = "," if "," in text else None
    cells = [cell.strip().strip("\"'") for cell in text.split(between)]
    return cells[: -1 if cells and not cells[-1] else None] if any(cells) else []


def _are_cells(rows: list[list[str]]) -> bool:
    """Return whether at least half of these are numbers or missing, the first row among them."""
    cells = [cell for row in rows for cell in row]
    kinds = numbers(column(cells)).kinds
    has_number = bool((kinds == Kind.NUMBER).any())
    return has_number and 2 * int((kinds != Kind.NO_NUMBER).sum()) >= len(cells)


def _bare(text: str) -> Vectors:
    """Return lists without names, if the text holds nothing else."""
    found: Vectors = []
    place = 0
    while place < len(text):
        begin = _BARE.match(text, place)
        if begin is None:
            return []
        rows, end = _nested(text, begin.end() - 1)
        is_pair = text[begin.end() - 1] == "(" and len(rows) < 2  # (5) is an accountant's -5
        if not _are_cells(rows) or is_pair:
            return []
        if sum(map(len, rows)) > 1:
            _refuse_arithmetic(text, "", begin[1], rows, end)
        found.append(("", rows))
        behind = _NEXT.match(text, end)
        assert behind is not None  # the pattern fits nothing, too
        place = behind.end()
    widths = {max(map(len, rows)) for _, rows in found}
    lengths = {len(rows) for _, rows in found}
    if widths == {1} and len(lengths) == 1 and len(found) > max(lengths):  # a list for each row
        return [("", [[cells[0] for cells in rows] for _, rows in found])]
    return found


def _columns(found: Vectors) -> list[tuple[str, tuple[str, ...]]]:
    """Return each list as one column, or as many as its rows have."""
    made = []
    for name, rows in found:
        if any("..." in cell for cells in rows for cell in cells):
            raise ValueError(
                "The lists must be whole, got “...” in place of numbers. Print all of them."
            )
        widths = {len(cells) for cells in rows}
        if len(widths) > 1:
            raise ValueError(
                f"The rows of a list must be equally long, got {min(widths)} and {max(widths)}."
            )
        width = widths.pop()
        lies = len(rows) <= 4 and width > 2 * len(rows)  # a few long rows are columns
        columns = [tuple(cells) for cells in (rows if lies else zip(*rows, strict=True))]
        are_numbered = name and len(columns) > 1
        for k, cells in enumerate(columns, 1):
            made.append((f"{name} {k}" if are_numbered else name, cells))
    return made


def _lines_beside(text: str, spans: list[tuple[int, int]]) -> int:
    """Return how many lines hold none of the lists."""
    left, place = [], 0
    for begin, end in spans:
        left.append(text[place : text.rfind("\n", 0, begin) + 1])
        following = text.find("\n", end)
        place = len(text) if following < 0 else following + 1
    left.append(text[place:])
    return sum(bool(line.strip(" \t})]")) for part in left for line in part.splitlines())
