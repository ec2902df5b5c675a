"""A workbook's sheet as rows of text, read in a process of its own, whose memory and time are bounded.

What a stranger sends can make any reader of workbooks ask for more memory than there is, and so end
its process: two cells in opposite corners of a sheet are enough. `workbook` runs this module, which loads
nothing that takes time. A number is written without a decimal mark, 15e-1 for 1.5: the
same float64, in no doubt whatever marks stand in cells of text beside it.
"""

import csv
import io
import json
import math
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import date, datetime, time, timedelta

from linreg.data.files.books.archives import DAMAGED, PASSWORD, Refused, check

MAX_SHEETS = 1_000
MAX_NAME = 255  # letters, more than any spreadsheet program lets one write
_CONTROLS = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]+")  # a row of a sheet is one line of text


def limit(memory: int, seconds: int) -> None:
    """Let this process end where it asks for more, on systems that can."""
    try:
        import resource
    except ImportError:
        return
    # It writes no file.
    limits = {"AS": memory, "CPU": seconds, "CORE": 0, "FSIZE": 0, "NOFILE": 32}
    for name, most in limits.items():
        with suppress(AttributeError, ValueError, OSError):  # macOS bounds no memory
            kind = getattr(resource, f"RLIMIT_{name}")
            hard = resource.getrlimit(kind)[1]
            most = most if hard == resource.RLIM_INFINITY else min(most, hard)
            resource.setrlimit(kind, (most, most))


# ---------------------------------------------------------------- the cells


def number(value: float) -> str:
    """Return a number as digits and a power of ten.

    Example:
        >>> number(-0.25), number(3.0), number(1e22)
        ('-25e-2', '3', '1e22')
    """
    if not math.isfinite(value):
        return repr(value)
    if abs(value) < 1e15 and value == int(value):
        return str(int(value))
    digits, _, exponent = repr(abs(value)).partition("e")
    whole, _, decimals = digits.partition(".")
    decimals = "" if decimals == "0" else decimals
    text = (whole + decimals).lstrip("0")
    power = int(exponent or 0) - len(decimals)
    return f"{'-' * (value < 0)}{text}" + f"e{power}" * (power != 0)


def _duration(value: timedelta) -> str:
    """Return a duration as a clock would show it."""
    seconds, parts = divmod(abs(value) // timedelta(microseconds=1), 1_000_000)
    sign = "-" * (value < timedelta(0))
    clock = f"{sign}{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    return clock + f".{parts:06}" * (parts > 0)


_TEXTS: dict[type, Callable] = {
    str: lambda value: _CONTROLS.sub(" ", value),
    float: number,
    bool: lambda value: "true" if value else "false",
    datetime: lambda value: value.isoformat(" "),
    date: date.isoformat,
    time: time.isoformat,
    timedelta: _duration,
}


def table(rows: Iterator[list], most: int) -> bytes:
    """Return rows as lines with tabs, without blank ones at the end, in UTF-8; at most so many bytes."""
    too_long = Refused(
        f"The sheet must be at most {most // 1_000_000:,} MB as text, got more. Save it as CSV: larger "
        "ones are read in the terminal."
    )
    out = io.StringIO(newline="")
    write = csv.writer(out, delimiter="\t", lineterminator="\n").writerow
    end = 0
    for row in rows:
        cells = [_TEXTS.get(type(value), str)(value) for value in row]
        write(cells)
        if any(cells):
            end = out.tell()
        if out.tell() > most:  # letters, of which each is a byte or more
            raise too_long
    text = out.getvalue()[:end].rstrip("\n").encode(errors="replace")
    if len(text) > most:
        raise too_long
    return text


# ---------------------------------------------------------------- the sheets


def read(data: bytes, place: int, is_only: bool, most: int) -> tuple[dict, bytes]:
    """Return what sheets there are, and the rows of the first one from `place` on that has two columns.

    Args:
        data: Of the file.
        place: Among the sheets, hidden ones last.
        is_only: Whether no other one will do.
        most: Bytes of rows.

    Returns:
        `sheets`, each a name and whether it is hidden; `taken`, the place of the sheet whose rows follow,
        -1 if there is none; and `passed`, sheets before it that could not be read, each with the reason.
    """
    from python_calamine import CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

    book = CalamineWorkbook.from_filelike(io.BytesIO(data))
    sheets = sorted(
        (one.visible != SheetVisibleEnum.Visible, index, one.name[:MAX_NAME])
        for index, one in enumerate(book.sheets_metadata)
        if one.typ == SheetTypeEnum.WorkSheet
    )
    if len(sheets) > MAX_SHEETS:
        raise Refused(
            f"The workbook must have at most {MAX_SHEETS:,} sheets, got {len(sheets):,}. Save the one you need "
            "as CSV."
        )
    told = {"sheets": [(name, is_hidden) for is_hidden, _, name in sheets], "taken": -1}
    passed = []
    for taken, (_, index, name) in [*enumerate(sheets)][place : place + 1 if is_only else None]:
        try:
            sheet = book.get_sheet_by_index(index)
            text = table(sheet.iter_rows(), most)
        except BaseException as failure:  # a panic of calamine's is no Exception
            if isinstance(failure, MemoryError):
                raise
            passed.append((name, reason(failure)))
            continue
        if b"\t" in text:
            return told | {"taken": taken, "passed": passed}, text
    return told | {"passed": passed}, b""


def reason(failure: BaseException) -> str:
    """Return why a workbook or a sheet cannot be read."""
    if isinstance(failure, Refused):
        return str(failure)
    is_locked = type(failure).__name__ == "PasswordError"
    return PASSWORD if is_locked else DAMAGED.format(f"{failure}"[:200])


def main(place: int, is_only: int, most: int, unpacked: int, memory: int, seconds: int) -> None:
    """Read a workbook from the standard input, and write what `read` returns, the first in one line."""
    limit(memory, seconds)
    text = b""
    try:
        data = sys.stdin.buffer.read()
        check(data, unpacked)
        told, text = read(data, place, bool(is_only), most)
    except MemoryError:
        sys.exit(1)
    except BaseException as failure:
        told = {"refused": reason(failure)}
    sys.stdout.buffer.write(f"{json.dumps(told)}\n".encode())
    sys.stdout.buffer.write(text)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
