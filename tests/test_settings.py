"""A URL is set by anyone: whatever it holds, only values in their intervals come out of it."""

import math
from urllib.parse import parse_qs, urlencode

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from linreg import data
from linreg.settings import SETTINGS, Setting, read, write

NAMES = st.sampled_from([*SETTINGS, "utm_source", ""])
TEXTS = st.one_of(
    st.text(), st.floats().map(repr), st.integers().map(str), st.sampled_from(["1_0", "٣", "1e999"])
)


def values_of(setting):
    """Return a strategy for the values that a setting can have."""
    if setting.is_whole:
        return st.integers(setting.low, setting.high)
    return st.floats(setting.low, setting.high)


EVERYTHING = st.fixed_dictionaries({name: values_of(one) for name, one in SETTINGS.items()})


@example({name: "nan" for name in SETTINGS})
@example({name: "-inf" for name in SETTINGS})
@given(st.dictionaries(NAMES, TEXTS))
def test_read_returns_only_values_in_their_intervals(params):
    values, problems = read(params)
    for name, value in values.items():
        setting = SETTINGS[name]
        assert setting.low <= value <= setting.high
        assert type(value) is (int if setting.is_whole else float)
    assert len(values) + len(problems) == len(set(params) & set(SETTINGS))


@given(st.dictionaries(NAMES, TEXTS))
def test_read_names_every_setting_that_it_ignores(params):
    values, problems = read(params)
    ignored = [name for name in SETTINGS if name in params and name not in values]
    assert [problem.split("`")[1] for problem in problems] == ignored


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("num_points", "0"),
        ("num_points", "1000001"),
        ("num_points", "2.5"),
        ("num_points", ""),
        ("noise", "-0.1"),
        ("seed", "4294967296"),
        ("num_steps", "inf"),
        ("good", "0"),
        ("good", "nan"),
        ("weight", "<script>"),
        ("weight", "1001"),
    ],
)
def test_read_ignores_what_makes_no_sense(name, text):
    values, problems = read({name: text})
    assert (values, len(problems)) == ({}, 1)


@given(st.text())
def test_read_never_repeats_a_strangers_text(text):
    marked = f"<{text}>"
    assert marked not in "".join(read({"good": marked})[1])


@given(EVERYTHING)
def test_read_returns_what_write_wrote(values):
    nothing = dict.fromkeys(SETTINGS)
    assert read(write(values, nothing)) == (values, [])


@given(EVERYTHING)
def test_read_returns_what_write_wrote_through_a_real_address(values):
    address = urlencode(write(values, dict.fromkeys(SETTINGS)))
    params = {name: texts[0] for name, texts in parse_qs(address).items()}
    assert read(params) == (values, [])


@given(EVERYTHING)
def test_write_leaves_out_every_default(values):
    assert write(values, values) == {}


def test_write_keeps_what_differs_from_its_default():
    values = {name: setting.default for name, setting in SETTINGS.items()}
    assert write(values | {"seed": 7, "good": 0.5}, values) == {"seed": "7", "good": "0.5"}


@pytest.mark.parametrize("name", SETTINGS)
def test_default_is_in_its_own_interval(name):
    setting = SETTINGS[name]
    assert setting.default is None or setting.low <= setting.default <= setting.high


def test_defaults_are_the_lessons():
    line = {"weight": 0.1, "bias": 0.5}
    loop = {"initial_weight": 0.0, "initial_bias": -1.0, "num_steps": 200}
    assert {name: SETTINGS[name].default for name in line | loop} == line | loop


@given(st.fixed_dictionaries({name: TEXTS for name in ("weight", "bias", "noise", "seed")}))
def test_read_returns_what_the_core_accepts(params):
    values, _ = read(params)
    assert math.isfinite(data.make_line(**values, num_points=1).y[0])


@pytest.mark.parametrize(("default", "is_whole"), [(1, True), (1.0, False), (None, False)])
def test_setting_is_whole_when_its_default_is(default, is_whole):
    assert Setting(default, 0, 10).is_whole == is_whole
