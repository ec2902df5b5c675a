"""Numbers in words: right to their digits, and never more or less than they are."""

import math

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from linreg import words


def read(text):
    """Return the number a reader sees."""
    return float(text.replace("−", "-").replace("∞", "inf").removesuffix(" %"))


@given(st.floats(-1e308, 1e308))
def test_number_is_right_to_three_digits(value):
    # Half a unit of the third digit is at most 0.5 %; subnormal numbers have fewer digits.
    assert read(words.number(value)) == pytest.approx(value, rel=5.1e-3, abs=5e-324)


@given(st.floats(1e-3, 999_949))
def test_number_is_right_to_four_digits_where_readers_meet_it(value):
    assert read(words.number(value)) == pytest.approx(value, rel=5.1e-4)


@given(st.floats())
def test_number_has_no_hyphen_for_a_minus(value):
    assert "-" not in words.number(value)


@given(st.floats(allow_nan=False))
def test_number_shows_a_sign_when_asked(value):
    assert words.number(value, signed=True)[0] == ("−" if value < 0 else "+")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (-0.0, "0"),
        (1.0, "1"),
        (0.1, "0.1"),
        (-0.5, "−0.5"),
        (123456.0, "1.235e5"),
        (1e6, "1e6"),
        (1e-12, "1e−12"),
        (-math.inf, "−∞"),
        (math.nan, "nan"),
    ],
)
def test_number_reads_as_a_person_would_write_it(value, text):
    assert words.number(value) == text


@example(0.9995)
@given(st.floats(0, 1, exclude_max=True))
def test_percent_is_100_only_for_the_whole(share):
    assert words.percent(share) != "100 %"
    assert words.percent(1.0) == "100 %"


@given(st.floats(1e-6, 0.9995, exclude_max=True))
def test_percent_is_right_to_two_digits(share):
    assert read(words.percent(share)) == pytest.approx(100 * share, rel=5.1e-2)


@given(st.floats(1e-13, 1, exclude_max=True))
def test_factor_is_never_1_when_the_factor_is_not(distance):
    assert read(words.factor(1 - distance)) < 1


@given(st.floats(1e-12, 0.0099))
def test_factor_tells_how_far_from_1_it_is(distance):
    # At least one digit of the distance, so half a unit of that one, and float64's own 1e-16.
    shown = 1 - read(words.factor(1 - distance))
    assert shown == pytest.approx(distance, rel=0.51, abs=1e-15)


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "0 steps"), (1, "1 step"), (2, "2 steps"), (2_000_000, "2,000,000 steps")],
)
def test_steps_counts_one_and_many(count, text):
    assert words.steps(count) == text


@pytest.mark.parametrize(
    ("between", "text"), [((0, 0), "0"), ((0, 1), "1"), ((0, 2), "1 to 2"), ((999, 1000), "1,000")]
)
def test_at_step_is_one_step_when_every_step_was_recorded(between, text):
    assert words.at_step(between) == text


@given(st.integers(1, 10**12))
def test_round_up_is_never_less_and_at_most_a_tenth_more(count):
    assert count <= words.round_up(count) <= count * 1.1


@given(st.integers(1, 10**12))
def test_round_up_keeps_two_digits(count):
    assert len(str(words.round_up(count)).rstrip("0")) <= 2


@given(st.floats(1e-11, 10))
def test_share_is_a_percentage_up_to_ten_times_what_it_was(left):
    assert words.share(left) == words.percent(left)


@given(st.floats(10, 1e300, exclude_min=True))
def test_share_is_a_multiple_beyond_ten_times_what_it_was(left):
    text = words.share(left)
    assert text.endswith(" times")
    assert read(text.removesuffix(" times")) == pytest.approx(left, rel=5.1e-3)


@given(st.floats(0, 1e-11, exclude_max=True))
def test_share_does_not_tell_tiny_ones_apart(left):
    assert words.share(left) == "under 1e−9 %"


@pytest.mark.parametrize(
    ("left", "text"),
    [
        (0.0, "under 1e−9 %"),
        (1e-11, "1e−9 %"),
        (0.5, "50 %"),
        (0.99999, "over 99.9 %"),
        (1.0, "100 %"),
        (10.0, "1000 %"),
        (10.5, "10.5 times"),
        (1e9, "1e9 times"),
    ],
)
def test_share_reads_as_a_person_would_write_it(left, text):
    assert words.share(left) == text
