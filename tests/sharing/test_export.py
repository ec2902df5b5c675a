"""What a reader takes along: tidy CSV files without loss of digits, and the loop that ran."""

import csv
import io
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas
import pytest
from hypothesis import given
from hypothesis import strategies as st

import linreg
from linreg.data.scaling import Scaling
from linreg.runs.history import History
from linreg.runs.phases import Phase
from linreg.runs.rules import Momentum
from linreg.runs.schedules import StepDecay
from linreg.sharing import export
from linreg.sharing.result import Result
from linreg.theory.noise import BatchNoise
from tests.later import training
from tests.runs import judged, trained

STEEP = [-2.0, 2.0], [-1.0, 7.0]  # eigenvalues 2 and 8, minimum at weight 2, bias 3
RUNS = ["Too small", "Good", "Too large"]
ANY = st.floats()  # inf and nan too
LOSS = st.one_of(st.floats(0, 1e300), st.sampled_from([np.inf, np.nan]))


def rows(text):
    """Return the rows of a CSV file as a stranger's program reads them."""
    return list(csv.DictReader(io.StringIO(text), strict=True))


@given(st.lists(st.tuples(ANY, ANY, LOSS), min_size=1, max_size=5), st.floats(1e-12, 1e6))
def test_results_hold_every_digit_of_every_number(records, rate):
    weight, bias, loss = (np.array([column]) for column in zip(*records, strict=True))
    step = np.arange(len(records))
    phases = (Phase(rate, max(step[-1], 1)),)
    table = rows(export.results_csv(["a"], History(phases, step, weight, bias, loss)))
    read = [[float(row[name]) for name in ("weight", "bias", "loss")] for row in table]
    np.testing.assert_array_equal(read, records)
    assert {float(row["learning_rate"]) for row in table} == {rate}


def test_results_have_exactly_the_eight_columns():
    text = export.results_csv(["a"], training.train(*STEEP, 0.1, 3))
    assert text.splitlines()[0] == "run,learning_rate,step,weight,bias,loss,status,phase"
    assert all(None not in row and None not in row.values() for row in rows(text))


def test_results_have_a_row_for_each_run_and_record():
    table = rows(export.results_csv(RUNS, training.train(*STEEP, (0.01, 0.2, 0.3), 4)))
    places = [(row["run"], row["learning_rate"], row["step"]) for row in table]
    expected = zip(RUNS, ("0.01", "0.2", "0.3"), strict=True)
    assert places == [(run, rate, str(k)) for run, rate in expected for k in range(5)]


def test_results_hold_the_rate_of_the_update_that_led_to_each_row():
    phases = [Phase((0.1, 0.2), 2), Phase((0.04, 0.08), 4, schedule=StepDecay(2, 0.5))]
    table = rows(export.results_csv(["a", "b"], training.train_phases(*STEEP, phases)))
    rates = [float(row["learning_rate"]) for row in table]
    # Step 0 has the rate of the first update; the second phase halves its own after two steps.
    first = [0.1, 0.1, 0.1, 0.04, 0.04, 0.02, 0.02]
    assert rates == first + [2 * rate for rate in first]


def test_results_count_phases_from_one_and_begin_a_phase_with_its_first_update():
    phases = [Phase(0.1, 2), Phase(0.1, 1, Momentum(0.5)), Phase(0.1, 1)]
    table = rows(export.results_csv(["a"], training.train_phases(*STEEP, phases)))
    assert [row["phase"] for row in table] == ["1", "1", "1", "2", "3"]


def test_results_say_diverged_where_a_run_has_and_nowhere_else():
    # The steep factor is −1.4 at 0.3, and from (0, 3) there is no flat error: each step is above.
    table = rows(export.results_csv(["a", "b"], training.train(*STEEP, (0.2, 0.3), 3, (0.0, 3.0))))
    assert [row["status"] for row in table] == ["ok"] * 5 + ["diverged"] * 3


def test_results_keep_the_rows_that_are_inf_or_nan():
    table = rows(export.results_csv(["a"], training.train(*STEEP, 1e6, 200)))
    assert len(table) == 201
    assert {table[-1][name] for name in ("weight", "bias", "loss")} <= {"inf", "-inf", "nan"}
    assert table[-1]["status"] == "diverged"


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t", "\r"])
def test_results_escape_a_run_that_a_spreadsheet_would_compute(sign):
    name = f'{sign}HYPERLINK("http://example.com")'
    table = rows(export.results_csv([name], training.train(*STEEP, 0.1, 1)))
    assert {row["run"] for row in table} == {"'" + name}


SIGNS = "=+-@＝＋－＠﹦﹢﹣﹫"  # noqa: RUF001, of full width and small ones


@given(st.text(st.characters(exclude_categories=["Cs"])) | st.text(SIGNS + ";|\t\r\n \"'ab1"))
def test_no_part_of_a_text_cell_starts_like_a_formula(text):
    cell = export.text_cell(text)
    assert not cell.startswith(("\t", "\r"))
    for part in re.split(r"[;|\t\r\n]", cell):  # as another program may take it apart
        assert not part.strip(' "\u3000').startswith(tuple(SIGNS)), part
    assert cell.replace("'", "") == text.replace("'", "")


@pytest.mark.parametrize(
    ("name", "cell"),
    [
        ("a;=1+1", '"a;\'=1+1"'),
        ("＝1+1", "'＝1+1"),  # noqa: RUF001
        ("a|@b", '"a|\'@b"'),
        ("a;b", '"a;b"'),
        ("2 - 1 = 1", "2 - 1 = 1"),
        ('say "=1"', '"say ""=1"""'),
    ],
)
def test_name_that_another_program_splits_is_quoted_and_none_of_its_parts_is_a_formula(name, cell):
    text = export.results_csv([name], training.train(*STEEP, 0.1, 1))
    assert text.splitlines()[1].startswith(f"{cell},0.1,0,")


@given(
    st.lists(st.text(st.characters(exclude_categories=["Cs"]), min_size=1), min_size=1, max_size=3)
)
def test_every_name_is_read_back_as_it_was_written(names):
    history = training.train(*STEEP, [0.1] * len(names), 1)
    expected = [export.text_cell(name) for name in names for _ in range(2)]
    text = export.results_csv(names, history)
    assert [row["run"] for row in csv.DictReader(io.StringIO(text, newline=""))] == expected


def test_results_do_not_escape_negative_numbers():
    table = rows(export.results_csv(["a"], training.train(*STEEP, 0.1, 1, (-3.0, -4.0))))
    assert (table[0]["weight"], table[0]["bias"]) == ("-3.0", "-4.0")


def came_to(points, *phases, scaling=None, words="lesson's line"):
    """Return what the runs of these phases came to."""
    history, noise = trained(points, phases), BatchNoise.of(*points)
    told = judged(points, history)
    return [Result.of(noise, history, one, words, scaling or Scaling()) for one in told]


def summary(points, rates, num_steps, names=RUNS):
    """Return the rows of a summary of trained runs."""
    results = came_to(points, Phase(rates, num_steps), words="steep")
    return rows(export.summary_csv(list(zip(names, results, strict=True))))


def test_summary_has_one_row_a_run():
    table = summary(STEEP, (0.01, 0.2, 0.3), 20)
    assert [row["run"] for row in table] == RUNS
    assert [row["outcome"] for row in table] == ["too slow", "converged", "diverged"]


def test_summary_holds_the_exact_solution_beside_each_run():
    for row in summary(STEEP, (0.01, 0.2, 0.3), 20):
        exact = [float(row[name]) for name in ("exact_weight", "exact_bias", "least_loss")]
        assert exact == [2, 3, 0]


def test_summary_holds_the_steps_needed_and_leaves_empty_what_never_was():
    table = summary(STEEP, (0.01, 0.2, 0.3), 20)
    assert table[0]["steps_measured"] == ""
    assert (table[1]["steps_predicted"], table[1]["steps_measured"]) == ("10", "10")  # 0.6¹⁰ < 1 %
    assert table[1]["loss_steps_predicted"] == table[1]["loss_steps_measured"] == "7"
    assert (table[2]["steps_predicted"], table[2]["steps_measured"]) == ("", "")


def test_summary_escapes_a_run_that_a_spreadsheet_would_compute():
    assert summary(STEEP, 0.1, 5, ["=1+1"])[0]["run"] == "'=1+1"


def test_lesson_source_is_in_the_file_that_runs():
    source = export.lesson_source()
    file = (
        (Path(linreg.__file__).parent / "training" / "lesson.py")
        .read_text(encoding="utf-8")
        .splitlines()
    )
    assert set(source.splitlines()) <= {*file, ""}


@pytest.mark.parametrize(
    "part", ["GradientTape", "assign_sub", "def predict", "def mean_squared_error", "def fit"]
)
def test_lesson_source_shows_the_loop(part):
    assert part in export.lesson_source()


def test_lesson_source_can_be_compiled():
    compile(export.lesson_source(), "lesson", "exec")


def test_lesson_source_has_no_docstrings():
    assert '"""' not in export.lesson_source()


SCALING = Scaling(shift_x=10.0, unit_x=2.0, shift_y=1.0, unit_y=4.0)


def test_results_of_scaled_data_end_with_the_original_units():
    run = training.train(*STEEP, [0.1, 0.5], 20)
    table = rows(export.results_csv(["a", "b"], run, SCALING))
    for row in table:
        weight, bias, loss = (float(row[name]) for name in ("weight", "bias", "loss"))
        # u = (x - 10) / 2, y = 1 + 4 (weight u + bias)
        assert float(row["original_weight"]) == pytest.approx(2 * weight, rel=1e-12)
        assert float(row["original_bias"]) == pytest.approx(1 + 4 * (bias - 5 * weight), rel=1e-12)
        assert float(row["original_loss"]) == pytest.approx(16 * loss, rel=1e-12)


def test_results_of_raw_data_have_no_other_units():
    run = training.train(*STEEP, 0.1, 20)
    assert export.results_csv(["a"], run, Scaling()) == export.results_csv(["a"], run)


def test_summary_of_scaled_data_ends_with_the_original_units():
    results = came_to(STEEP, Phase((0.01, 0.2, 0.3), 20), scaling=SCALING)
    table = rows(export.summary_csv(list(zip(RUNS, results, strict=True))))
    for row, one in zip(table, results, strict=True):
        assert float(row["original_weight"]) == 2 * one.facts.measured.weight
    raw = came_to(STEEP, Phase((0.01, 0.2, 0.3), 20))
    assert "original_weight" not in rows(export.summary_csv([("a", raw[0])]))[0]


def test_original_units_of_raw_data_beside_scaled_are_its_own():
    raw = came_to(STEEP, Phase((0.2,), 20))[0]
    scaled = came_to(STEEP, Phase((0.2,), 20), scaling=SCALING)[0]
    summary_row = rows(export.summary_csv([("raw", raw), ("scaled", scaled)]))[0]
    assert float(summary_row["original_bias"]) == raw.facts.measured.bias
    assert summary_row["original_exact_bias"] == summary_row["exact_bias"]
    table = rows(export.results_csv(["raw"], raw.history, Scaling(), [("scaled", scaled)]))
    assert all(row["original_weight"] == row["weight"] for row in table if row["run"] == "raw")


# ---------------------------------------------------------------- kept runs


KEPT_PHASES = [
    [Phase((0.2,), 20)],
    [Phase((1e6,), 400)],  # inf, then nan
    [Phase((0.05,), 10, Momentum(0.5)), Phase((0.02,), 5, batch_size=1)],
]


def test_results_of_kept_runs_come_back_by_pandas_as_they_were_recorded():
    kept = [(f"kept {k}", came_to(STEEP, *phases)[0]) for k, phases in enumerate(KEPT_PHASES)]
    now = training.train(*STEEP, (0.01, 0.2, 0.3), 4)
    table = pandas.read_csv(io.StringIO(export.results_csv(RUNS, now, None, kept)))
    assert list(table.columns[:7]) == [
        *("run", "learning_rate", "step", "weight", "bias", "loss", "status")
    ]
    assert table["run"].drop_duplicates().tolist() == [*RUNS, "kept 0", "kept 1", "kept 2"]
    for (name, _), phases in zip(kept, KEPT_PHASES, strict=True):
        history, read = training.train_phases(*STEEP, phases), table[table["run"] == name]
        for column in ("weight", "bias", "loss"):
            np.testing.assert_array_equal(read[column], getattr(history, column)[0])
        np.testing.assert_array_equal(read["step"], history.step)
        np.testing.assert_array_equal(read["learning_rate"], history.rate[0])
        np.testing.assert_array_equal(read["phase"], history.phase)
    loss = table[table["run"] == "kept 1"]["loss"]
    assert np.isinf(loss).any()
    assert np.isnan(loss).any()


def test_summary_comes_back_by_pandas_as_it_was_recorded():
    kept = [(f"kept {k}", came_to(STEEP, *phases)[0]) for k, phases in enumerate(KEPT_PHASES)]
    table = pandas.read_csv(io.StringIO(export.summary_csv(kept))).set_index("run")
    for (name, result), phases in zip(kept, KEPT_PHASES, strict=True):
        history, row = training.train_phases(*STEEP, phases), table.loc[name]
        for column in ("weight", "bias", "loss"):
            np.testing.assert_array_equal(row[column], getattr(history, column)[0, -1])
        # The minimum is at weight 2, bias 3, without a loss; eigenvalues are 2 and 8.
        np.testing.assert_array_equal(row["excess_loss"], result.excess)
        assert row["status"] == ("diverged" if name == "kept 1" else "ok")
    assert table["rate_to_critical"].tolist()[:2] == pytest.approx([0.2 / 0.25, 1e6 / 0.25])
    assert table["rule"].tolist() == ["plain"] * 3
    assert table["schedule"].tolist() == ["constant"] * 3
    assert table["batch_size"].tolist()[2] == 1
    assert np.isnan(table["batch_size"]).tolist() == [True, True, False]
    assert table["phases"].tolist()[2] == (
        "10 steps at 0.05, momentum momentum=0.5; 5 steps at 0.02, batch_size 1"
    )
    assert table["num_steps"].tolist() == [20, 400, 15]


def test_parameter_error_in_the_summary_is_the_distance_from_the_minimum():
    row = rows(export.summary_csv([("a", came_to(STEEP, Phase((0.05,), 5))[0])]))[0]
    distance = np.hypot(float(row["weight"]) - 2, float(row["bias"]) - 3)
    assert float(row["parameter_error"]) == pytest.approx(distance)


@pytest.mark.parametrize("sign", ["=", "+", "-", "@"])
def test_texts_of_kept_runs_are_escaped_and_numbers_are_not(sign):
    (one,) = came_to(STEEP, Phase((0.1,), 1), words=f"{sign}cmd")
    (row,) = rows(export.summary_csv([(f"{sign}1", one)]))
    assert (row["run"], row["data"]) == (f"'{sign}1", f"'{sign}cmd")
    below = replace(one, facts=replace(one.facts, measured=replace(one.facts.measured, bias=-4.5)))
    assert rows(export.summary_csv([("a", below)]))[0]["bias"] == "-4.5"
    table = rows(export.results_csv(["a"], one.history, None, [(f"{sign}1", one)]))
    assert {row["run"] for row in table} == {"a", f"'{sign}1"}
