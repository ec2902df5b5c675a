"""Numbers as people type them: the value that was meant, or none; never another number."""

from fractions import Fraction
from itertools import product

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from linreg.sharing import kept, settings, typed
from tests.properties import examples

FINITE = st.floats(allow_nan=False, allow_infinity=False)
# What a hand can type around digits, right and wrong.
PARTS = ["0", "1", "2", "10", "345", "\uff15", *".,/-−+eE^ x_", "**"]
TYPED = st.lists(st.sampled_from(PARTS), max_size=6).map("".join)
MANY = [
    "".join(parts)
    for parts in product(
        ("", "-", "−", "5", "1.2"), (".", ",", "/", "e", "^", ""), ("3", "234", "-4")
    )
]


@given(FINITE)
@example(0.1 + 0.2)
@example(5e-324)
@example(1.234)
def test_every_float_as_python_writes_it_is_itself(x):
    assert typed.read(repr(x)) == x


@given(FINITE)
@example(0.0005)
@example(12.345)
def test_every_float_with_a_decimal_comma_is_itself_unless_it_may_be_thousands(x):
    text = repr(x).replace(".", ",")
    whole, _, rest = text.lstrip("-").partition(",")
    may_be_thousands = len(rest) == 3 and rest.isdigit() and len(whole) <= 3 and whole != "0"
    assert typed.read(text) == (None if may_be_thousands else x)


@given(st.integers(-(10**15) + 1, 10**15 - 1), st.integers(1, 10**15 - 1))
@example(1, 1000)
def test_fraction_of_whole_numbers_is_its_value(above, below):
    assert typed.read(f"{above}/{below}") == float(Fraction(above, below))


@pytest.mark.parametrize("exponent", [-300, -10, -3, 0, 1, 6, 300])
def test_power_of_ten_or_two_is_its_value(exponent):
    assert typed.read(f"10^{exponent}") == float(Fraction(10) ** exponent)
    assert typed.read(f"2**{exponent}") == float(Fraction(2) ** exponent)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0,0005", 0.0005),
        ("1/1000", 0.001),
        ("1e-3", 0.001),
        ("1,5E3", 1500.0),
        ("1,234e-2", 0.01234),
        (",5", 0.5),
        ("5,", 5.0),
        (" 0.01\t", 0.01),
        ("0,500", 0.5),  # no group of thousands begins with 0
        ("−1", -1.0),
        ("-1/4", -0.25),
        ("\uff11\uff0c\uff15", 1.5),
        ("1\u20448", 0.125),
        ("1.000", 1.0),
    ],
)
def test_number_is_read_however_it_is_typed(text, value):
    assert typed.read(text) == value


@pytest.mark.parametrize(
    "text",
    [
        *("1,234", "-12,345", "1.234,5", "1,234.5", "1.234.567", "1,234,567", "0.000.5"),
        *("1 000", "1'000", "1_0", "1 / 2", "1/0", "1/2/3", "0,5/3", "1/2,5", "--1", "1-2", "1e"),
        *("", " ", ".", ",", "-", "/", "e5", "^2", "-10^2", "3^2", "10^", "2^9999", "1e999"),
        *("nan", "inf", "-Infinity", "0x10", "٣", "10³", "1½", "①", "½", "5 %", "$5", "5\n6", "\0"),
    ],
)
def test_what_is_no_number_or_may_be_two_is_none(text):
    assert typed.read(text) is None


@given(TYPED)
@examples(200)
def test_any_text_is_none_or_what_its_parts_say(text):
    value = typed.read(text)
    if value is None:
        return
    plain = (
        text.strip().replace("−", "-").replace("\uff15", "5").replace(",", ".").replace("**", "^")
    )
    above, _, below = plain.partition("/")
    base, _, exponent = above.partition("^")
    meant = Fraction(base) ** int(exponent or 1) / Fraction(below or 1)
    assert value == float(meant)


@given(st.integers(-(2**70), 2**70))
def test_whole_number_is_itself(n):
    assert typed.read_whole(str(n)) == n


@pytest.mark.parametrize("text", MANY)
def test_whole_number_is_the_number_or_none(text):
    whole, value = typed.read_whole(text), typed.read(text)
    assert whole is None or (whole == value and isinstance(whole, int))


@pytest.mark.parametrize("text", ["1.000", "20.000", "1,000", "2.5", "1/3", "1e-3", "1e999"])
def test_whole_number_refuses_what_may_be_thousands_and_parts(text):
    assert typed.read_whole(text) is None


@pytest.mark.parametrize(
    ("text", "value"), [("1e3", 1000), ("2.0", 2), ("2,0", 2), ("10^4", 10_000), ("4/2", 2)]
)
def test_whole_number_may_be_written_otherwise(text, value):
    assert typed.read_whole(text) == value


# ---------------------------------------------------------------- in an address and in files


@pytest.mark.parametrize(
    ("text", "rate"), [("0,0005", 0.0005), ("1/1000", 0.001), ("10^-3", 0.001), ("1,5", 1.5)]
)
def test_address_and_settings_file_may_hold_what_people_type(text, rate):
    file = f'{{"application": "{settings.APPLICATION}", "version": 1, "settings": {{"good": "{text}"}}}}'
    for params in ({"good": text}, settings.of_json(file.encode())):
        assert settings.read(params) == ({"good": rate}, [], [])


def test_earlier_phase_of_an_address_may_hold_a_decimal_comma():
    params = {"phases": "num_steps:50,too_large:1,5,good:0,3,rule:momentum"}
    phase = {"num_steps": 50, "too_large": 1.5, "good": 0.3, "rule": "momentum"}
    assert settings.read(params)[1:] == ([phase], [])


def test_kept_run_of_an_address_may_hold_a_decimal_comma():
    (one,), problems = kept.of_text("mine,run:good,num_steps:50,good:0,3;num_steps:20,good:1,5")
    assert (one.values, one.earlier) == (
        {"num_steps": 50, "good": 0.3},
        ({"num_steps": 20, "good": 1.5},),
    )
    assert problems == []


@pytest.mark.parametrize(
    ("params", "told"),
    [
        ({"good": "1,234"}, " (1,234 can be 1234 or 1.234); it was ignored."),
        ({"num_steps": "1.000"}, " (1.000 can be 1000 or 1); it was ignored."),
        ({"good": "1.234,5"}, "between 1e−40 and 1000000; it was ignored."),
        ({"phases": "num_steps:1,000"}, " (1,000 can be 1000 or 1); it was ignored."),
    ],
)
def test_address_that_may_mean_two_numbers_is_refused_and_says_which(params, told):
    values, earlier, (problem,) = settings.read(params)
    assert (values, any(earlier)) == ({}, False)
    assert problem.endswith(told)
