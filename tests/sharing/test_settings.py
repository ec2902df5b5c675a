"""A URL is set by anyone: whatever it holds, only values in their intervals come out of it."""

import math
import re
from dataclasses import fields
from urllib.parse import parse_qs, urlencode

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from linreg import data
from linreg.runs.phases import MAX_PHASES, Phase
from linreg.runs.rules import RULES, Adam, Momentum, Nesterov, Plain, RMSprop
from linreg.runs.schedules import SCHEDULES, Constant, CosineDecay, LinearWarmup, StepDecay
from linreg.sharing import settings
from linreg.sharing.settings import (
    PHASE,
    PHASES,
    SETTINGS,
    Choice,
    Setting,
    has_effect,
    read,
    write,
)
from linreg.theory.rates import RUNS

NAMES = st.sampled_from([*SETTINGS, "utm_source", ""])
TEXTS = st.one_of(
    st.text(), st.floats().map(repr), st.integers().map(str), st.sampled_from(["1_0", "٣", "1e999"])
)
SUGGESTED = {"too_small": 0.005, "good": 0.5, "too_large": 0.8}


def values_of(setting):
    """Return a strategy for the values that a setting can have."""
    if isinstance(setting, Choice):
        return st.sampled_from([*setting.options])
    numbers = st.integers if setting.is_whole else st.floats
    return numbers(setting.low, setting.high)


def allows(setting, value):
    """Return whether a value is one that the setting can have."""
    if isinstance(setting, Choice):
        return value in setting.options
    return setting.low <= value <= setting.high and type(value) is (
        int if setting.is_whole else float
    )


EVERYTHING = st.fixed_dictionaries({name: values_of(one) for name, one in SETTINGS.items()})
# Of an earlier phase only what differs has to be known.
EARLIER = st.lists(
    st.fixed_dictionaries({}, optional={name: values_of(one) for name, one in PHASE.items()}),
    max_size=MAX_PHASES - 1,
)
# As `phases=` stands in an address, with a piece cut out, doubled or replaced.
MUTATED = st.tuples(
    EARLIER.map(lambda earlier: write({}, earlier, set()).get(PHASES, "")),
    st.integers(0, 400),
    st.integers(0, 400),
    st.sampled_from(["", ":", ",", ";", "::", ",,", ";;", "nan", "-", "1e999", "rule:", "\x00"]),
).map(lambda cut: cut[0][: cut[1]] + cut[3] + cut[0][cut[2] :])


def meaning(values):
    """Return what settings of a phase mean: rates, steps, rule, schedule, batch size."""
    made = [
        kinds[values.get(name, first)]
        for name, kinds, first in (("rule", RULES, "plain"), ("schedule", SCHEDULES, "constant"))
    ]
    return (
        tuple(values.get(name, rate) for name, rate in SUGGESTED.items()),
        values.get("num_steps", 200),
        *(
            kind(**{one.name: values.get(one.name, one.default) for one in fields(kind)})
            for kind in made
        ),
        values.get("batch_size"),
    )


# ---------------------------------------------------------------- one setting


@pytest.mark.parametrize("name", SETTINGS)
def test_default_is_in_its_own_interval(name):
    setting = SETTINGS[name]
    assert setting.default is None or allows(setting, setting.default)


def test_defaults_are_the_lessons():
    line = {"weight": 0.1, "bias": 0.5}
    loop = {"initial_weight": 0.0, "initial_bias": -1.0, "num_steps": 200}
    way = {"rule": "plain", "schedule": "constant", "batch_size": None}
    wanted = line | loop | way
    assert {name: SETTINGS[name].default for name in wanted} == wanted


@pytest.mark.parametrize(("default", "is_whole"), [(1, True), (1.0, False), (None, False)])
def test_setting_is_whole_when_its_limits_are(default, is_whole):
    assert Setting(default, *((0, 10) if is_whole else (0.0, 10.0))).is_whole == is_whole


@pytest.mark.parametrize(("text", "value"), [("1", 1), ("10", 10), ("2.0", 2), ("1e1", 10)])
def test_setting_reads_a_whole_number_however_it_is_written(text, value):
    read_as = Setting(5, 1, 10).parse(text)
    assert (read_as, type(read_as)) == (value, int)


@pytest.mark.parametrize("text", ["0", "11", "2.5", "nan", "inf", "", "two"])
def test_setting_says_what_is_allowed_when_it_refuses(text):
    with pytest.raises(ValueError, match=r"^a whole number between 1 and 10$"):
        Setting(5, 1, 10).parse(text)


def test_choice_takes_its_options_and_begins_with_the_first():
    choice = Choice({"plain": "Plain", "adam": "Adam"})
    assert (choice.default, choice.parse("adam")) == ("plain", "adam")


@pytest.mark.parametrize("text", ["Adam", "", " adam", "sgd", "plain,adam"])
def test_choice_says_what_is_allowed_when_it_refuses(text):
    with pytest.raises(ValueError, match=r"^one of plain, adam$"):
        Choice({"plain": "Plain", "adam": "Adam"}).parse(text)


# ---------------------------------------------------------------- reading what anyone sends


@example({name: "nan" for name in SETTINGS})
@example({name: "-inf" for name in SETTINGS})
@given(st.dictionaries(NAMES, TEXTS))
def test_read_returns_only_values_in_their_intervals(params):
    values, earlier, problems = read(params)
    assert all(allows(SETTINGS[name], value) for name, value in values.items())
    assert len(values) + len(problems) == len(set(params) & set(SETTINGS))
    assert earlier == []  # an old link has no phases


@given(st.dictionaries(NAMES, TEXTS))
def test_read_names_every_setting_that_it_ignores(params):
    values, _, problems = read(params)
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
        ("rule", "sgd"),
        ("rule", ""),
        ("schedule", "Constant"),
        ("momentum", "1"),
        ("beta_2", "1"),
        ("epsilon", "0"),
        ("decay_steps", "0"),
        ("decay_rate", "1.1"),
        ("warmup_steps", "0.5"),
        ("batch_size", "0"),
    ],
)
def test_read_ignores_what_makes_no_sense(name, text):
    values, earlier, problems = read({name: text})
    assert (values, earlier, len(problems)) == ({}, [], 1)


@given(st.text())
def test_read_never_repeats_a_strangers_text(text):
    marked = f"<{text}>"
    assert marked not in "".join(read({"good": marked})[2])


@given(st.fixed_dictionaries({name: TEXTS for name in ("weight", "bias", "noise", "seed")}))
def test_read_returns_what_the_core_accepts(params):
    values, _, _ = read(params)
    assert math.isfinite(data.make_line(**values, num_points=1).y[0])


# ---------------------------------------------------------------- phases in an address


def test_read_takes_phases_from_a_link_as_a_person_would_write_it():
    text = "num_steps:200,good:0.3,rule:momentum,momentum:0.5;num_steps:50,batch_size:10"
    first = {"num_steps": 200, "good": 0.3, "rule": "momentum", "momentum": 0.5}
    assert read({PHASES: text, "num_steps": "7"}) == (
        {"num_steps": 7},
        [first, {"num_steps": 50, "batch_size": 10}],
        [],
    )


@example(";" * 100)
@example("rule:adam,rule:adam")
@example("num_steps:1e999;good:nan,good")
@given(st.one_of(st.text(), st.text("numsteporuladgh:,;019.-e\x00"), MUTATED))
def test_read_takes_only_values_in_their_intervals_from_any_phases(text):
    values, earlier, _ = read({PHASES: text})
    assert values == {}
    assert len(earlier) <= MAX_PHASES - 1
    for one in earlier:
        assert all(allows(PHASE[name], value) for name, value in one.items())


@given(st.one_of(st.text(), MUTATED))
def test_phase_takes_whatever_was_read_unless_it_is_too_long(text):
    for one in read({PHASES: text})[1]:
        assume(one.get("num_steps", 200) * one.get("batch_size", 1) <= 5_000_000)
        assert isinstance(settings.phase(one, SUGGESTED, 10**9), Phase)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("good:fast", "good"),
        ("good", "good"),
        ("good:", "good"),
        ("num_steps:0", "num_steps"),
        ("rule:sgd", "rule"),
        ("rule:adam,beta_1:1", "beta_1"),
        ("seed:7", "phases"),  # of the data, which has one seed for all phases
        ("utm_source:mail", "phases"),
        ("1", "phases"),
    ],
)
def test_read_names_what_it_ignores_of_an_earlier_phase(text, named):
    _, (kept,), (problem,) = read({PHASES: text})
    assert set(kept) <= {"rule"}
    assert problem.startswith(f"`{named}` in the address must ")
    assert problem.endswith("ignored.")


def test_read_names_every_name_that_it_ignores_of_an_earlier_phase():
    told = "".join(read({PHASES: "seed:7,noise:0"})[2])
    assert "`seed`" in told
    assert "`noise`" in told


def test_read_never_repeats_a_strangers_text_from_an_earlier_phase():
    # A backtick ends the quotation, and the browser would call out for the picture.
    assert "![](//x.example/y)" not in "".join(read({PHASES: "`![](//x.example/y)"})[2])


@given(MUTATED)
def test_read_tells_of_every_phase_whose_names_are_not_all_known(text):
    problems = read({PHASES: text})[2]
    strange = [
        one
        for one in text.split(";")[: MAX_PHASES - 1]
        if {pair.partition(":")[0] for pair in re.split(",(?![0-9])", one)} - {"", *PHASE}
    ]
    assert sum("settings of phases" in problem for problem in problems) == len(strange)


@pytest.mark.parametrize(("count", "kept", "complaints"), [(19, 19, 0), (20, 19, 1), (500, 19, 1)])
def test_read_keeps_19_earlier_phases_at_most(count, kept, complaints):
    # With the one that the other parameters describe, these are 20: the most there can be.
    _, earlier, problems = read({PHASES: ";".join(["num_steps:1"] * count)})
    assert (len(earlier), len(problems)) == (kept, complaints)
    assert all("at most 19 phases" in problem for problem in problems)


# ---------------------------------------------------------------- there and back


@given(EVERYTHING, EARLIER)
def test_read_returns_phases_that_mean_what_write_was_given(values, earlier):
    back, before, problems = read(write(values, earlier, set()))
    assert problems == []
    assert [meaning(one) for one in before] == [meaning(one) for one in earlier]
    assert meaning(back) == meaning(values)


@given(EVERYTHING, EARLIER)
def test_read_returns_the_data_and_the_start_that_write_was_given(values, earlier):
    back, _, _ = read(write(values, earlier, set()))
    of_data = [name for name in SETTINGS if name not in PHASE and has_effect(name, values)]
    assert {name: back.get(name, SETTINGS[name].default) for name in of_data} == {
        name: values[name] for name in of_data
    }


@given(EVERYTHING, EARLIER)
def test_address_survives_the_way_through_a_real_url(values, earlier):
    params = write(values, earlier, set())
    there = parse_qs(urlencode(params), strict_parsing=bool(params))
    assert {name: texts[0] for name, texts in there.items()} == params


@given(EVERYTHING, EARLIER, st.sets(st.sampled_from(RUNS)))
def test_write_leaves_out_the_rates_that_follow_the_data(values, earlier, following):
    params = write(values, earlier, following)
    assert set(RUNS) & set(params) == set(RUNS) - following
    assert len(read(params)[1]) == len(earlier)  # an earlier phase keeps its own


@given(EVERYTHING, EARLIER)
def test_write_leaves_out_what_has_no_effect(values, earlier):
    own = {"momentum", "rho", "beta_1", "beta_2", "epsilon"} - set(
        one.name for one in fields(RULES[values["rule"]])
    )
    assert not own & set(write(values, earlier, set()))


@given(st.sampled_from(list(RULES)), st.sampled_from(list(SCHEDULES)))
def test_write_leaves_out_every_default_of_the_chosen_rule_and_schedule(rule, schedule):
    values = {name: setting.default for name, setting in SETTINGS.items()}
    chosen = {"rule": rule, "schedule": schedule}
    values |= settings.chosen_hyperparameters(chosen) | chosen
    defaults = {"rule": "plain", "schedule": "constant"}
    assert write(values, [], set()) == {k: v for k, v in chosen.items() if v != defaults[k]}


def test_write_keeps_what_differs_from_its_default():
    values = {name: setting.default for name, setting in SETTINGS.items()}
    assert write(values | {"seed": 7, "good": 0.5}, [], set()) == {"seed": "7", "good": "0.5"}


def test_write_says_nothing_of_phases_when_there_is_one():
    assert PHASES not in write({"num_steps": 7}, [], set())


def test_write_has_words_for_an_earlier_phase_that_is_all_defaults():
    assert read(write({}, [{}, {}], set()))[1] == [{"num_steps": 200}] * 2


# ---------------------------------------------------------------- what settings describe


@pytest.mark.parametrize(
    ("values", "made"),
    [
        ({}, Plain()),
        ({"rule": "plain", "momentum": 0.5}, Plain()),
        ({"rule": "nesterov"}, Nesterov(0.9)),
        ({"rule": "momentum", "momentum": 0.5, "rho": 0.5}, Momentum(0.5)),
        ({"rule": "rmsprop", "rho": 0.5, "beta_1": 0.5}, RMSprop(0.5, 1e-7)),
        ({"rule": "adam", "beta_2": 0.5, "epsilon": 1e-3}, Adam(0.9, 0.5, 1e-3)),
    ],
)
def test_rule_is_the_chosen_one_with_its_own_parameters(values, made):
    assert settings.rule(values) == made


@pytest.mark.parametrize(
    ("values", "made"),
    [
        ({}, Constant()),
        ({"schedule": "step_decay", "decay_rate": 0.1}, StepDecay(50, 0.1)),
        ({"schedule": "cosine_decay"}, CosineDecay(200, 0.0, 0)),
        ({"schedule": "linear_warmup", "decay_steps": 3}, LinearWarmup(50)),
    ],
)
def test_phase_has_the_chosen_schedule_with_its_own_parameters(values, made):
    assert settings.phase(values, SUGGESTED, 100).schedule == made


def test_phase_takes_the_suggested_rates_where_none_is_given():
    made = settings.phase({"good": 0.3}, SUGGESTED, 100)
    assert made == Phase((0.005, 0.3, 0.8), 200)


@pytest.mark.parametrize(
    ("batch_size", "made"), [(None, None), (1, 1), (99, 99), (100, None), (1_000_000, None)]
)
def test_phase_sees_all_points_when_a_mini_batch_has_as_many(batch_size, made):
    assert settings.phase({"batch_size": batch_size}, SUGGESTED, 100).batch_size == made


def test_phase_refuses_a_parameter_outside_its_interval():
    with pytest.raises(ValueError, match=r"`momentum` must be a number between 0 and 0\.999"):
        settings.phase({"rule": "momentum", "momentum": 1.0}, SUGGESTED, 100)


def test_defaults_are_those_of_keras():
    # keras.optimizers: SGD's own momentum is 0, so 0.9 is what its guide advises.
    assert settings.defaults(RMSprop) == {"rho": 0.9, "epsilon": 1e-7}
    assert settings.defaults(Adam) == {"beta_1": 0.9, "beta_2": 0.999, "epsilon": 1e-7}
    assert settings.defaults(Plain) == {}


def test_parameters_are_those_of_rule_and_schedule_together():
    values = {"rule": "adam", "schedule": "step_decay"}
    assert set(settings.chosen_hyperparameters(values)) == {
        *("beta_1", "beta_2", "epsilon"),
        *("decay_steps", "decay_rate"),
    }


def test_parameters_have_the_default_of_their_own_schedule_where_two_share_a_name():
    steps = [
        settings.chosen_hyperparameters({"schedule": schedule})["decay_steps"]
        for schedule in ("step_decay", "cosine_decay")
    ]
    assert steps == [StepDecay().decay_steps, CosineDecay().decay_steps]


@pytest.mark.parametrize(
    ("name", "values", "expected"),
    [
        ("seed", {}, True),
        ("momentum", {}, False),
        ("momentum", {"rule": "nesterov"}, True),
        ("momentum", {"rule": "adam"}, False),
        ("epsilon", {"rule": "rmsprop"}, True),
        ("decay_rate", {"schedule": "exponential_decay"}, True),
        ("decay_rate", {"schedule": "cosine_decay"}, False),
        ("warmup_steps", {"schedule": "cosine_decay"}, True),
        ("good", {"rule": "adam"}, True),
    ],
)
def test_setting_has_an_effect_beside_the_rule_and_schedule_that_use_it(name, values, expected):
    assert has_effect(name, values) == expected


def test_seed_stays_in_the_address_for_the_mini_batches_of_an_earlier_phase():
    values = {"data": "old_faithful", "seed": 7}
    assert "seed" not in write(values, [{"num_steps": 50}], set())
    assert write(values, [{"num_steps": 50, "batch_size": 10}], set())["seed"] == "7"


# ---------------------------------------------------------------- settings as a file


@given(st.dictionaries(st.sampled_from(sorted(settings.SETTINGS)), st.text(max_size=20)))
@example({"seed": "7", "good": "1e-09", "noise": "0.30000000000000004", "rule": "adam"})
@example({"phases": "num_steps:20,good:0.3;num_steps:5"})
def test_settings_file_brings_the_same_settings_back(params):
    values, earlier, _ = settings.read(params)
    written = settings.write(values, earlier, set())
    assert settings.read(settings.of_json(settings.to_json(written).encode())) == settings.read(
        written
    )


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"x",
        b"[]",
        b"{}",
        b'{"settings": {}}',
        b"\xff\xfe",
        b"[" * 100_000,
        b" " * 300_000,
        b"1",
    ],
)
def test_file_that_holds_no_settings_is_refused_with_what_to_do(text):
    with pytest.raises(ValueError, match=r"must be a settings file.*Take home"):
        settings.of_json(text)


def test_settings_file_of_a_later_version_is_refused_as_such():
    text = settings.to_json({"seed": "7"}).replace('"version": 1', '"version": 2').encode()
    with pytest.raises(ValueError, match="`version` of a settings file must be 1, got 2"):
        settings.of_json(text)


def test_settings_file_may_be_edited_by_hand():
    text = b'{"application": "learning-rate explorer", "version": 1, "settings": {"good": 1, "seed": true, "rule": null, "x": []}}'
    assert settings.of_json(text)["good"] == "1"
    assert settings.read(settings.of_json(text))[0] == {"good": 1.0}
