"""Titles and comments above a stranger's table, and whether its first row is names or numbers."""

from linreg.data.files.text.rows import (
    is_filled,
    look,
    usual_width,
    which_are_numbers,
    which_are_words,
    whole,
)

_SWITCH = "choose “{}” under “First row” (in the terminal: --first-row {})."
_AS_NAMES = (
    "The first row is taken as the names of the columns, though there are numbers among them. If it is "
    "data, " + _SWITCH.format("Numbers", "numbers")
)
_AS_DATA = (
    "The first row is taken as data, as none of it is words. If it names the columns, "
    + _SWITCH.format("Names", "names")
)
_CHOSEN_AS_NAMES = "The first row names the columns, as chosen, though all of it is numbers."
_CHOSEN_AS_DATA = "The first row is taken as data, as chosen, though not all of it is numbers."


def below_titles(rows: list[list[str]], first: int) -> tuple[int, int | None]:
    """Return the first row of the table, behind comments and titles, and the last of the titles.

    A title with a blank row below it is none of these: it is no name of a narrower table.
    """
    while first < len(rows) - 1 and _is_comment(rows, first):
        first += 1
    width = usual_width(rows[first + 1 :] or rows[first:])
    last = max((place for place, row in enumerate(rows) if is_filled(row)), default=0)
    title = None
    while first < last:
        if not is_filled(rows[first]):
            title = None
        elif _is_title(rows, first, width):
            title = first
        else:
            break
        first += 1
    return first, title


def names_or_data(
    head: list[str], below: list[list[str]], chosen: bool | None
) -> tuple[bool, tuple[str, ...]]:
    """Return whether the first row holds names, and what a reader should know of that."""
    counts = _counts_below(head, below)
    found = bool(which_are_words(head).any() or head[0].startswith("#") or counts)
    if chosen is not None:
        note = _CHOSEN_AS_NAMES if chosen else _CHOSEN_AS_DATA
        return chosen, (note,) * (chosen != found)
    if not found:
        return found, (_AS_DATA,)
    return found, (_AS_NAMES,) * (not counts and _has_number_above_numbers(head, below))


def _is_title(rows: list[list[str]], first: int, width: int) -> bool:
    """Return whether a row that is not blank is a title above a table of this width."""
    if len(rows[first]) <= 1 < width:
        return True
    filled = [cell for cell in rows[first] if cell.strip()]
    if len(filled) > 1 or width < 2 or which_are_numbers(filled).any():
        return False
    below = below_title(rows[first + 1 :])[0]
    return len(below) == width and bool(which_are_words(below).all())


def below_title(rows: list[list[str]]) -> list[list[str]]:
    """Return rows without lines of one cell above them.

    Example:
        >>> below_title([["Sales"], ["year", "2020", "2021"], ["sales", "1", "2"]])[0]
        ['year', '2020', '2021']
    """
    counts = (sum(1 for cell in row if cell.strip()) for row in rows)
    return rows[next((k for k, count in enumerate(counts) if count > 1), 0) :]


def _has_number_above_numbers(head: list[str], rows: list[list[str]]) -> bool:
    """Return whether a cell of this row is a number as most cells below it are."""
    below = whole(rows, len(head))
    are_numeric = 2 * look(below, len(head))[0].sum(axis=0) > len(below)
    return bool((which_are_numbers(head) & are_numeric).any())


def _counts_below(head: list[str], rows: list[list[str]]) -> bool:
    """Return whether a blank name stands above a column that counts the rows, as pandas writes it."""
    first = [row[0].strip() for row in rows if row]
    return not head[0] and len(head) > 2 and all(head[1:]) and are_counts(first)


def are_counts(cells: list[str]) -> bool:
    """Return whether cells count their rows, from 0 or 1."""
    counts = ([f"{k + start}" for k in range(len(cells))] for start in (0, 1))
    return len(cells) > 1 and cells in counts


def _is_comment(rows: list[list[str]], first: int) -> bool:
    """Return whether a row is a comment, and not the names of the columns as NumPy writes them."""
    if not rows[first] or not rows[first][0].startswith("#"):
        return False
    below, others = rows[first + 1], rows[first][1:]
    has_data = not which_are_words(below).all()
    return len(rows[first]) != len(below) or not has_data or bool(which_are_numbers(others).any())
