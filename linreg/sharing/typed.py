"""A number as a person types it, in any country: its value, or none; never another number."""

import math
import re

# The grammar, in what Python's and JavaScript's patterns share: the page's fields read by it too.
NUMBER = "[+-]?(?:[0-9]+(?:[.,][0-9]*)?|[.,][0-9]+)(?:[eE][+-]?[0-9]+)?"
FRACTION = "([+-]?[0-9]{1,15})/([0-9]{1,15})"  # of whole numbers that a float holds exactly
POWER = r"(2|10)(?:\^|\*\*)([+-]?[0-9]{1,4})"
# 1,234 may be 1234 to who writes it; of a whole number 1.000 may be 1000 as well.
GROUPED = "[+-]?[1-9][0-9]{0,2},[0-9]{3}"
GROUPED_WHOLE = "[+-]?[1-9][0-9]{0,2}[.,][0-9]{3}"
SIGNS = {"−": "-", "\u2044": "/", "\u2215": "/"}
# Signs of full width, as keyboards of the East have.
SIGNS |= {chr(ord(sign) + 0xFEE0): sign for sign in "0123456789.,+-/eE^*"}
_PLAIN = str.maketrans(SIGNS)


def read(text: str) -> float | None:
    """Return the number that a text stands for, or None if there is none or there are two.

    Decimals follow a point or a comma; nothing stands between thousands. A fraction of whole
    numbers and a power of 10 or 2 are numbers, too.

    Example:
        >>> [read(text) for text in ("0.0005", "0,0005", "5e-4", "1/2000", "10^-3", "−1")]
        [0.0005, 0.0005, 0.0005, 0.0005, 0.001, -1.0]
        >>> [read(text) for text in ("1,234", "1.234,5", "1 000", "1_0", "1/0", "nan", "1e999")]
        [None, None, None, None, None, None, None]
    """
    return _value(text, GROUPED)


def read_whole(text: str) -> int | None:
    """Return the whole number that a text stands for, or None if it is none or may be two.

    Example:
        >>> read_whole("200"), read_whole("1e3"), read_whole("2.0"), read_whole("10^4")
        (200, 1000, 2, 10000)
        >>> read_whole("2.5"), read_whole("1.000"), read_whole("1,000")
        (None, None, None)
    """
    if re.fullmatch("[+-]?[0-9]{1,300}", plain := _tidy(text)):
        return int(plain)
    value = _value(text, GROUPED_WHOLE)
    return int(value) if value is not None and value.is_integer() else None


def doubt(text: str, is_whole: bool) -> str:
    """Return what to add to a refusal of a text that may be two numbers; else "".

    Example:
        >>> doubt("1,234", False), doubt("1.000", True), doubt("fast", False)
        (' (1,234 can be 1234 or 1.234)', ' (1.000 can be 1000 or 1)', '')
    """
    text = _tidy(text)
    if not re.fullmatch(GROUPED_WHOLE if is_whole else GROUPED, text):
        return ""
    whole, decimal = re.sub("[.,]", "", text), float(text.replace(",", "."))
    return f" ({text} can be {whole} or {decimal:g})"


def _tidy(text: str) -> str:
    return text.translate(_PLAIN).strip()


def _value(text: str, grouped: str) -> float | None:
    text = _tidy(text)
    try:
        if re.fullmatch(NUMBER, text) and not re.fullmatch(grouped, text):
            value = float(text.replace(",", "."))
        elif made := re.fullmatch(FRACTION, text):
            value = float(made[1]) / float(made[2])
        elif made := re.fullmatch(POWER, text):
            value = float(f"1e{made[2]}") if made[1] == "10" else 2.0 ** int(made[2])
        else:
            return None
    except (ZeroDivisionError, OverflowError):
        return None
    return value if math.isfinite(value) else None
