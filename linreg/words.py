"""Numbers as a reader wants them, in one way everywhere."""

import math


def number(value: float, signed: bool = False) -> str:
    """Return a number with four digits, or three and a power of ten, and a true minus sign.

    Example:
        >>> number(-1.23456), number(2.0, signed=True), number(1e-9), number(math.inf)
        ('−1.235', '+2', '1e−9', '∞')
    """
    if math.isnan(value):
        return "nan"
    size = abs(value)
    digits = 4 if size == 0 or 1e-3 <= size < 1e6 else 3
    mantissa, _, exponent = f"{size:.{digits}g}".partition("e")
    text = "∞" if math.isinf(value) else f"{mantissa}e{int(exponent)}" if exponent else mantissa
    return ("−" if value < 0 else "+" if signed else "") + text.replace("-", "−")


def percent(share: float) -> str:
    """Return a share as a percentage, never a rounded 100 that is not one.

    Example:
        >>> percent(0.31), percent(0.99996), percent(0.00012)
        ('31 %', 'over 99.9 %', '0.012 %')
    """
    if 0.9995 <= share < 1:
        return "over 99.9 %"
    return f"{number(float(f'{100 * share:.3g}' if share >= 0.1 else f'{100 * share:.2g}'))} %"


def share(left: float) -> str:
    """Return how much is left of something: a percentage, or how many times what it was.

    Example:
        >>> share(0.25), share(3e-15), share(15.4)
        ('25 %', 'under 1e−9 %', '15.4 times')
    """
    if left < 1e-11:
        return "under 1e−9 %"
    return percent(left) if left <= 10 else f"{number(left)} times"


def factor(value: float) -> str:
    """Return a factor between 0 and 1 with enough digits to tell it from both.

    Example:
        >>> factor(0.5), factor(0.99934734), factor(0.9999999973), factor(4e-5)
        ('+0.5', '+0.99935', '+0.9999999973', '+4e−5')
    """
    if value < 0.01:
        return number(value, signed=True)
    if 1 - value < 1e-15:
        return "1, but for the last digit"
    digits = 3 if value <= 0.99 else 1 + math.ceil(-math.log10(1 - value))
    return f"+{value:.{digits}f}".rstrip("0").rstrip(".")


def steps(count: int) -> str:
    """Return a count of steps.

    Example:
        >>> steps(1), steps(2000)
        ('1 step', '2,000 steps')
    """
    return f"{count:,} step{'s' * (count != 1)}"


def at_step(between: tuple[int, int]) -> str:
    """Return the step at which something was seen: after the first of these, by the second.

    Example:
        >>> at_step((17, 18)), at_step((1000, 2000))
        ('18', '1,001 to 2,000')
    """
    low, high = between
    return f"{high:,}" if high - low <= 1 else f"{low + 1:,} to {high:,}"


def round_up(count: int) -> int:
    """Return a count rounded up to two digits.

    Example:
        >>> round_up(1973), round_up(18)
        (2000, 18)
    """
    unit = 10 ** max(0, len(str(count)) - 2)
    return -(-count // unit) * unit
