"""The command line: the lesson's printout, several rates, a CSV file, and one line for an error."""

import csv
import re
import subprocess
import sys

import numpy as np
import pytest

from linreg import data
from linreg.__main__ import main
from linreg.runs.phases import Phase
from linreg.runs.rules import Momentum
from linreg.runs.schedules import StepDecay
from linreg.theory import Quadratic
from tests import ROOT
from tests.cases import CASES, REFUSED, RIGHT, UNCLEAR
from tests.runs import loop, short_of_goal
from tests.workbooks import xlsx

BAD = [
    ["--weight", "heavy"],
    ["--weight", "nan"],
    ["--bias", "1e7"],
    ["--num-points", "0"],
    ["--num-points", "2.5"],
    ["--num-points", "1"],  # one point: no single best line
    ["--num-points", "1000001"],
    ["--noise", "-1"],
    ["--seed", "-1"],
    ["--initial-weight", "inf"],
    ["--initial-bias", "-inf"],
    ["--learning-rate", "0"],
    ["--learning-rate", "0.1", "fast"],
    ["--learning-rate", "0.1", "-0.1"],
    ["--learning-rate", "1,234"],
    ["--learning-rate", "1.234,5"],
    ["--num-steps", "1.000"],
    ["--learning-rate"],
    ["--num-steps", "0"],
    ["--num-steps", "2000001"],
    ["--csv", "/nowhere/results.csv"],
    ["--csv", "."],
    ["--no-such-option"],
    ["--rule", "newton"],
    ["--rule", "momentum", "--momentum", "1"],
    ["--momentum", "0.5"],  # of no plain step
    ["--schedule", "step_decay", "--decay-steps", "0"],
    ["--batch-size", "0"],
    ["--batch-size", "101"],
    ["--data", "mine.csv", "--batch-size", "5"],
    ["word"],
]


def printed(capsys, *words):
    """Run the command and return the lines it prints."""
    main(words)
    return capsys.readouterr().out.splitlines()


def test_command_prints_the_loss_every_twenty_steps_and_after_the_last(capsys):
    lines = printed(capsys, "--num-steps", "50")
    steps = [int(step) for step in re.findall(r"^Step (\d+), Loss: ", "\n".join(lines), re.M)]
    assert steps == [0, 20, 40, 50]


def test_command_prints_the_trained_the_true_and_the_exact_line(capsys):
    lines = printed(capsys, "--learning-rate", "0.5", "--num-steps", "2000", "--seed", "3")
    ends = {}
    for line in lines:
        if line.startswith(("trained", "exact", "true")):
            name, *numbers = line.split()
            ends[name] = [float(number) for number in numbers]
    points = data.make_line(seed=3)
    exact = np.polyfit(points.x, points.y, 1)
    assert ends["true"] == [0.1, 0.5]
    assert ends["exact"] == pytest.approx(exact, rel=1e-5)  # six digits are printed
    assert ends["trained"] == pytest.approx(exact, rel=1e-5)


def test_command_prints_every_learning_rate_under_its_name(capsys):
    lines = printed(capsys, "--learning-rate", "0.005", "0.5", "0.8", "--num-steps", "20")
    heads = [line for line in lines if line.startswith("Learning rate")]
    assert heads == [f"Learning rate {rate}" for rate in ("0.005", "0.5", "0.8")]


def test_command_takes_numbers_as_people_type_them(capsys):
    steps = ["--initial-bias", "-0.5", "--num-steps", "20"]
    plain = printed(capsys, "--learning-rate", "0.0005", "0.001", "0.1", *steps)
    steps = ["--initial-bias", "-0,5", "--num-steps", "2e1"]
    assert printed(capsys, "--learning-rate", "0,0005", "1/1000", "10^-1", *steps) == plain


def test_command_prints_the_rate_above_which_runs_diverge(capsys):
    points = data.make_line()
    design = np.stack([points.x, np.ones(100)], axis=1)
    critical = 2 / np.linalg.eigvalsh(2 / 100 * design.T @ design)[-1]
    assert f"above {critical:.4g} diverges" in printed(capsys, "--num-steps", "1")[-1]


def test_command_starts_where_it_is_told(capsys):
    words = ["--noise", "0", "--initial-weight", "0.1", "--initial-bias", "0.5", "--num-steps", "1"]
    lines = printed(capsys, *words)
    assert float(lines[1].removeprefix("Step 0, Loss: ")) < 1e-30  # the exact solution


def test_command_writes_every_recorded_step(capsys, tmp_path):
    file = tmp_path / "results.csv"
    printed(capsys, "--learning-rate", "0.1", "10", "--num-steps", "30", "--csv", str(file))
    with file.open(encoding="utf-8", newline="") as text:
        rows = list(csv.DictReader(text))
    places = [(row["run"], int(row["step"])) for row in rows]
    assert places == [(rate, k) for rate in ("0.1", "10") for k in range(31)]
    assert rows[-1]["status"] == "diverged"


@pytest.mark.parametrize("words", BAD, ids=" ".join)
def test_command_ends_with_one_line_and_status_2_when_a_value_is_bad(capsys, words):
    with pytest.raises(SystemExit) as leaving:
        main(words)
    out, err = capsys.readouterr()
    assert leaving.value.code == 2
    assert (out, err.count("\n"), err[-1]) == ("", 1, "\n")


@pytest.mark.parametrize(
    ("words", "name"),
    [
        (["--num-points", "0"], "`num_points`"),
        (["--learning-rate", "0"], "`learning_rate`"),
        (["--num-points", "1"], "`x`"),
        (["--weight", "heavy"], "--weight"),
        (["--learning-rate", "1,234"], "got '1,234' (1,234 can be 1234 or 1.234)"),
        (["--num-steps", "2,5"], "--num-steps: must be a whole number"),
        (["--momentum", "0.5"], "`--momentum` must come with a rule or schedule that has it"),
        (["--batch-size", "101"], "`batch_size` must be a whole number between 1 and 100"),
        (
            ["--data", "mine.csv", "--batch-size", "5"],
            "`--batch-size` must be left out with --data",
        ),
        (["--csv", "/nowhere/results.csv"], "/nowhere/results.csv"),
    ],
)
def test_command_names_what_it_refuses(capsys, words, name):
    with pytest.raises(SystemExit):
        main(words)
    assert name in capsys.readouterr().err


def test_command_refuses_every_bad_value_before_it_loads_tensorflow():
    script = (
        "import sys\n"
        "from linreg.__main__ import main\n"
        f"for words in {BAD!r}:\n"
        "    try:\n"
        "        main(words)\n"
        "    except SystemExit as leaving:\n"
        "        assert leaving.code == 2\n"
        "        assert not {'tensorflow', 'keras'} & set(sys.modules), words\n"
        "print('done')\n"
    )
    ended = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True)
    assert (ended.returncode, ended.stdout) == (0, "done\n"), ended.stderr
    assert len(ended.stderr.splitlines()) == len(BAD)


def test_help_ends_with_status_0_and_names_every_option(capsys):
    with pytest.raises(SystemExit) as leaving:
        main(["--help"])
    assert leaving.value.code == 0
    out = capsys.readouterr().out
    options = ["--weight", "--noise", "--seed", "--learning-rate", "--num-steps", "--csv"]
    for option in [
        *options,
        "--data",
        "--x",
        "--y",
        "--sheet",
        "--decimal",
        "--first-row",
        "--scale",
    ]:
        assert option in out


def test_command_runs_as_a_module_and_says_nothing_on_stderr():
    command = [sys.executable, "-m", "linreg", "--learning-rate", "0.5", "--num-steps", "40"]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert (ended.returncode, ended.stderr) == (0, "")
    steps = [line.split(",")[0] for line in ended.stdout.splitlines()[1:4]]
    assert steps == ["Step 0", "Step 20", "Step 40"]


# ---------------------------------------------------------------- what it did, and what to try


def test_command_says_what_each_run_did_what_it_needs_and_what_to_try(capsys):
    out = "\n".join(printed(capsys, "--learning-rate", "0.5", "0.8", "5"))
    points = (line := data.make_line()).x, line.y
    short = short_of_goal(points, *loop(points, [Phase(0.5, 100)]))
    needed = int(np.flatnonzero(short > 1)[-1]) + 1
    assert f"Steps needed: {needed} predicted, {needed} measured; for the loss alone 18." in out
    assert re.search(
        r"^Converged: 99\.9 % of the excess loss gone at step 18, .*multiplies", out, re.M
    )
    assert len(re.findall(r"^Diverged: .* multiplies the steep error by −", out, re.M)) == 2
    assert len(re.findall(r"^Try --learning-rate 0\.\d+: ", out, re.M)) == 3


def test_command_says_in_one_line_since_when_nothing_is_finite(capsys):
    lines = printed(capsys, "--learning-rate", "5", "--num-steps", "2000")
    points = (line := data.make_line()).x, line.y
    weight, bias = loop(points, [Phase(5.0, 200)])
    residuals = (np.outer(weight, line.x) + bias[:, None] - line.y) / 1e100
    above = (
        np.mean(residuals**2, axis=1) > np.finfo(float).max / 1e200
    )  # of 100 squares none overflows
    since = int(np.flatnonzero(above)[0])
    told = f"Diverged at step 1, nothing finite from step {since} on."
    assert [line for line in lines if "finite" in line] == [told]
    assert not any(re.search(r"Loss: (nan|inf)", line) for line in lines)


@pytest.mark.parametrize(
    ("words", "tries"),
    [
        (["--learning-rate", "0.05"], "--num-steps 580: "),
        (["--rule", "adam", "--learning-rate", "1e-4"], "--learning-rate 0.15: "),
        (["--schedule", "step_decay"], "--schedule constant --learning-rate 0.68: "),
        (["--batch-size", "10", "--learning-rate", "0.5"], "--learning-rate 0.05: "),
        (["--initial-weight", "0.1", "--initial-bias", "0.5", "--noise", "0"], "--initial-bias -"),
    ],
)
def test_command_says_what_to_try_as_options_of_its_own(capsys, words, tries):
    lines = printed(capsys, *words)
    assert [line for line in lines if line.startswith(f"Try {tries}")]


def test_command_steps_as_it_is_told(capsys):
    words = [
        "--rule",
        "momentum",
        "--momentum",
        "0.5",
        "--schedule",
        "step_decay",
        "--decay-steps",
        "10",
    ]
    lines = printed(capsys, *words, "--learning-rate", "0.1", "--num-steps", "40")
    points = (line := data.make_line()).x, line.y
    weight, bias = loop(points, [Phase(0.1, 40, Momentum(0.5), StepDecay(10))])
    trained = next(line for line in lines if line.startswith("trained")).split()[1:]
    assert [float(part) for part in trained] == pytest.approx([weight[-1], bias[-1]], rel=1e-5)
    limit = 1.5 * Quadratic.of(*points).critical_learning_rate  # 2 + 2β over 2
    assert f"above {limit:.4g} diverges" in lines[-1]


# ---------------------------------------------------------------- one's own data


def test_command_tells_a_weight_that_is_right_beside_a_bias_that_has_not_moved(capsys, tmp_path):
    path = tmp_path / "four.csv"
    path.write_text("x,y\n" + "".join(f"{k},{4 * k + 3}\n" for k in range(400)), encoding="utf-8")
    words = ["--data", str(path), "--initial-weight", "0.5", "--initial-bias", "0.5"]
    out = "\n".join(printed(capsys, *words, "--learning-rate", "1e-5", "--num-steps", "100"))
    assert "Too slow: 99.9 % of the excess loss gone at step 2, but 57.8 % of the way" in out
    assert "Try --scale standardised: At this rate it needs 808,434 steps" in out


@pytest.fixture
def file(tmp_path):
    """A file with a row that holds no number."""
    path = tmp_path / "mine.csv"
    path.write_text("year;price\n1990;1,5\n1995;2,5\nn/a;3\n2005;4,5\n", encoding="utf-8")
    return path


def test_command_reads_a_file_and_says_what_it_used(capsys, file):
    lines = printed(
        capsys, "--data", str(file), "--scale", "standardised", "--learning-rate", "0.5"
    )
    assert lines[0].endswith("mine.csv: 3 rows used, x is year, y is price")
    assert lines[1] == "left out: 1 with a missing value (row 4)"
    assert not any(line.startswith("true") for line in lines)
    weight, bias = np.polyfit([1990, 1995, 2005], [1.5, 2.5, 4.5], 1)
    original = lines[lines.index(next(line for line in lines if "original units" in line)) + 1]
    assert [float(part) for part in original.split()[1:]] == pytest.approx([weight, bias], rel=1e-5)


def test_command_takes_columns_by_name(capsys, file):
    lines = printed(capsys, "--data", str(file), "--x", "price", "--y", "year", "--num-steps", "1")
    assert lines[0].endswith("x is price, y is year")


def test_command_writes_original_units_of_scaled_data(capsys, file, tmp_path):
    out = tmp_path / "out.csv"
    main(["--data", str(file), "--scale", "standardised", "--csv", str(out)])
    with out.open(encoding="utf-8") as text:
        assert "original_weight" in next(csv.reader(text))


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--x", "nope"], "`--x` must be one of 'year', 'price', got 'nope'."),
        (["--weight", "2"], "`--weight` must be left out with --data"),
        (["--scale", "log"], "--scale"),
        (["--decimal", "dot"], "--decimal"),
    ],
)
def test_command_refuses_what_does_not_suit_the_file(capsys, file, words, says):
    with pytest.raises(SystemExit) as left:
        main(["--data", str(file), *words])
    assert left.value.code == 2
    assert says in capsys.readouterr().err


@pytest.mark.parametrize(
    "option",
    [
        ["--x", "a"],
        ["--y", "a"],
        ["--sheet", "a"],
        ["--decimal", "comma"],
        ["--first-row", "names"],
    ],
)
def test_command_refuses_how_to_read_a_file_where_there_is_none(capsys, option):
    with pytest.raises(SystemExit) as left:
        main(option)
    assert left.value.code == 2
    assert f"`{option[0]}` must come with --data" in capsys.readouterr().err


def test_command_takes_the_first_row_for_what_it_is_told(capsys, tmp_path):
    path = tmp_path / "years.csv"
    path.write_text("2019,2020\n5.1,6.2\n5.3,6.1\n5.2,6.6\n", encoding="utf-8")
    lines = printed(capsys, "--data", str(path), "--num-steps", "1")
    assert "4 rows used, x is column 1" in lines[0]
    assert any("--first-row names" in line for line in lines)
    lines = printed(capsys, "--data", str(path), "--first-row", "names", "--num-steps", "1")
    assert "3 rows used, x is 2019, y is 2020" in lines[0]


@pytest.mark.parametrize("value", ["5", "0.1"])
def test_command_refuses_equal_x_as_the_page_does(capsys, tmp_path, value):
    path = tmp_path / "equal.csv"
    path.write_text("x,y\n" + "".join(f"{value},{k}\n" for k in range(3)), encoding="utf-8")
    with pytest.raises(SystemExit) as left:
        main(["--data", str(path)])
    assert left.value.code == 2
    assert "two different values" in capsys.readouterr().err


def test_command_refuses_x_too_large_for_any_rate_before_it_trains(capsys, tmp_path):
    path = tmp_path / "huge.csv"
    path.write_text("x,y\n1e99,1\n2e99,2\n-3e99,5\n", encoding="utf-8")
    with pytest.raises(SystemExit) as left:
        main(["--data", str(path)])
    assert left.value.code == 2
    told = capsys.readouterr()
    assert "Standardise x." in told.err
    assert not told.out


def test_command_prints_nothing_that_a_terminal_obeys(capsys, tmp_path):
    path = tmp_path / "escapes.csv"
    path.write_bytes(b"x,y\x1b[1m\n1,2\n\x1b[31mboo\x1b]0;pwn\x07,3\n4,5\n7,7\n")
    out = "".join(printed(capsys, "--data", str(path), "--num-steps", "1"))
    assert "boo" in out
    assert out.isprintable()


def test_command_reads_a_sheet_of_a_workbook(capsys, tmp_path):
    rows = [["year", "price"], [1990, 1.5], [1995, "2,5"], [2000, None], [2005, 4.5]]
    path = tmp_path / "book.xlsx"
    path.write_bytes(xlsx({"Notes": [["of", "wheat"]], "A": [[1, 2], [2, 4]], "B": rows}))
    words = ["--data", str(path), "--num-steps", "1"]
    lines = printed(capsys, *words)
    assert lines[0].endswith("book.xlsx: 2 rows used, x is column 1, y is column 2")
    assert lines[1].startswith("The sheet “A” is read; “Notes”, “B” wait: ")
    lines = printed(capsys, *words, "--sheet", "B")
    assert lines[0].endswith("book.xlsx: 3 rows used, x is year, y is price")
    assert lines[1] == "left out: 1 with a missing value (row 4)"


@pytest.mark.parametrize(
    ("content", "words", "says"),
    [
        (xlsx({"A": [[1, 2], [2, 4]]}), ["--sheet", "B"], "`--sheet` must be one of 'A', got 'B'."),
        (xlsx({"A": [[1, 2], [2, 4]]})[:-30], [], "damaged or cut off"),
        (b"x,y\n1,2\n2,4\n", ["--sheet", "B"], "`--sheet` must come with a workbook"),
    ],
)
def test_command_refuses_a_workbook_in_one_line(capsys, tmp_path, content, words, says):
    path = tmp_path / "book.xlsx"
    path.write_bytes(content)
    with pytest.raises(SystemExit) as left:
        main(["--data", str(path), *words])
    assert left.value.code == 2
    err = capsys.readouterr().err
    assert says in err
    assert err.count("\n") == 1


def test_command_names_a_file_that_is_not_there(capsys, tmp_path):
    with pytest.raises(SystemExit):
        main(["--data", str(tmp_path / "none.csv")])
    assert "cannot read" in capsys.readouterr().err


# ---------------------------------------------------------------- what people bring


def terminal(capsys, *words: object) -> tuple[str, str, int]:
    """Run the command; return what it prints, what it says on stderr, and its status."""
    status = 0
    try:
        main([f"{word}" for word in words])
    except SystemExit as end:
        status = end.code
    said = capsys.readouterr()
    return said.out, said.err, status


def best(x: list[float], y: list[float]) -> tuple[float, float]:
    """Return the best line by NumPy alone: x less its mean first, else a record's number eats it."""
    centre = np.mean(x)
    matrix = np.stack([np.asarray(x) - centre, np.ones(len(x))], axis=1)
    slope, height = np.linalg.lstsq(matrix, np.asarray(y), rcond=None)[0]
    return slope, height - slope * centre


def test_cases_end_with_what_is_right_in_the_terminal(capsys, subtests):
    for name, (names, x, y) in RIGHT.items():
        with subtests.test(name):
            words = ("--data", CASES / name, "--scale", "standardised", "--learning-rate", "0.5")
            out, _, status = terminal(capsys, *words, "--num-steps", "60")
            assert status == 0
            assert f"{len(x)} rows used" in out
            assert names is None or f"x is {names[0]}, y is {names[1]}\n" in out
            lines = out[out.index("in original units") :].splitlines()
            told = next(line.split()[1:] for line in lines if line.startswith("trained"))
            assert [float(value) for value in told] == pytest.approx(best(x, y), rel=1e-5)
    for name, says in REFUSED.items():
        with subtests.test(name):
            _, err, status = terminal(capsys, "--data", CASES / name)
            assert status == 2
            assert says in err
            assert len(err.splitlines()) == 1


def test_row_of_the_names_is_asked_for_in_the_terminal_and_taken(capsys, tmp_path):
    path = tmp_path / "scope.csv"
    path.write_text(UNCLEAR, encoding="utf-8")
    _, err, status = terminal(capsys, "--data", path)
    assert status == 2
    assert err.startswith("Which row holds the names?\n     1  Oscilloscope A, 12 March\n")
    assert err.splitlines()[-1].endswith("Say it by --first-row ROW.")
    out, err, status = terminal(capsys, "--data", path, "--first-row", "2", "--num-steps", "1")
    assert (status, err) == (0, "")
    assert "x is channel, y is unit\n" in out
    assert "2 other columns are not used: V, column 4. Choose columns by --x and --y." in out
    _, err, status = terminal(capsys, "--data", path, "--first-row", "9")
    assert "must be between 1 and 5, got 9" in err
