"""What people bring, as they do: on the page and in the terminal, each ends with what is right."""

import numpy as np
import pytest

from linreg.__main__ import main
from tests.cases import CASES, REFUSED, RIGHT, case
from tests.page import card, open_page, paste, refusals, source, trained, upload
from tests.test_shapes_of_tables import UNCLEAR

ENDS = {  # of x and y, a start, a rate and so many steps: what NumPy's loop ends with
    "four hundred": ([*range(400)], [4 * k + 3 for k in range(400)], (0.5, 0.5), 1e-5, 100),
    "five": ([32, 53, 61, 47, 59], [31, 68, 62, 71, 87], (0.3, -0.3), 5e-6, 1000),
    "hundred": ([*range(100)], [k / 10 + 0.3 for k in range(100)], (0.5, 0), 1e-4, 40_000),
}


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


def test_cases_end_with_what_is_right_on_the_page(subtests):
    page = open_page(data="file")
    for name, (names, x, y) in RIGHT.items():
        with subtests.test(name):
            upload(page, case(name), name)
            assert not refusals(page)
            own = page.session_state["own"]
            assert own.columns.x.tolist() == pytest.approx(x, rel=1e-12)
            assert own.columns.y.tolist() == pytest.approx(y, rel=1e-12)
            if names:
                assert own.dataset.names == names
                assert f"x is <b>{names[0]}</b>, y is <b>{names[1]}</b>" in source(page)
    for name, says in REFUSED.items():
        with subtests.test(name):
            upload(page, case(name), name)
            assert says in refusals(page)[0]
    assert not page.exception


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


def loop(x, y, start, rate, num_steps):
    """Return where a plain loop ends."""
    x, y = np.array(x, float), np.array(y, float)
    weight, bias = map(float, start)
    for _ in range(num_steps):
        error = weight * x + bias - y
        weight, bias = weight - rate * 2 * np.mean(error * x), bias - rate * 2 * np.mean(error)
    return weight, bias


@pytest.mark.parametrize("name", ENDS)
def test_flat_direction_left_to_go_is_not_converged_on_the_page(name):
    x, y, start, rate, num_steps = ENDS[name]
    address = dict(zip(("initial_weight", "initial_bias"), start, strict=True))
    page = open_page(data="pasted", good=rate, num_steps=num_steps, **address)
    paste(page, "x,y\n" + "\n".join(f"{a},{b!r}" for a, b in zip(x, y, strict=True)))
    told = card(trained(page), "good")
    assert "too slow" in told
    assert "The steep direction is done, the flat one has" in told
    drawn = page.session_state["older"][1].drawn
    ends = [drawn.weight[1, -1], drawn.bias[1, -1]]
    assert ends == pytest.approx(loop(x, y, start, rate, num_steps), rel=1e-9)
    assert page.button(key="try_good").label == "Standardise x"
    page.button(key="try_good").click().run()
    assert page.session_state["scale"] == "standardised"


# ---------------------------------------------------------------- which row holds the names


def test_row_of_the_names_is_asked_for_on_the_page_and_taken(subtests):
    page = upload(open_page(data="file"), UNCLEAR.encode())
    assert "One question first" in refusals(page)[0]
    question = page.radio(key="names_row")
    assert question.label == "Which row holds the names?"
    assert question.value is None
    assert question.options[1] == "Row 2: channel, unit, V"
    assert question.options[-1] == "None of them: the columns have no names"
    with subtests.test("a row"):
        page.radio(key="names_row").set_value("2").run()
        assert not refusals(page)
        assert page.session_state["own"].dataset.names == ("channel", "unit")
        assert "2 other columns are not used: V, column 4." in source(page)
        assert page.selectbox(key="first_row").value == "2"
        assert not page.radio
    with subtests.test("another one, in the sidebar"):
        page.selectbox(key="first_row").set_value("1").run()
        assert page.session_state["own"].dataset.names == ("Oscilloscope A", "12 March")
    with subtests.test("asked again"):
        page.selectbox(key="first_row").set_value("auto").run()
        assert page.radio(key="names_row").value is None
    with subtests.test("none"):
        page.radio(key="names_row").set_value("numbers").run()
        assert page.session_state["own"].dataset.names == ("column 1", "column 2")
        assert page.session_state["own"].columns.x.tolist() == [1, 5, 7]
    with subtests.test("not of the next file"):
        upload(page, b"a,b\n1,2\n2,3\n3,5\n", "next.csv")
        assert page.selectbox(key="first_row").value == "auto"
        assert page.session_state["own"].dataset.names == ("a", "b")
    assert not page.exception


def test_chosen_row_that_is_no_longer_there_is_refused_and_can_be_chosen_anew():
    page = paste(open_page(data="pasted"), UNCLEAR)
    page.radio(key="names_row").set_value("5").run()
    paste(page, "a,b\n1,2\n2,3\n")
    assert "must be between 1 and 3, got 5" in refusals(page)[0]
    page.selectbox(key="first_row").set_value("auto").run()
    assert not refusals(page)
    assert not page.exception


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
