"""What people bring, on the page: each ends with what is right. The terminal is in `test_command_line`."""

import numpy as np
import pytest

from tests.cases import REFUSED, RIGHT, UNCLEAR, case
from tests.page import card, made, open_page, paste, refusals, source, trained, upload

ENDS = {  # of x and y, a start, a rate and so many steps: what NumPy's loop ends with
    "four hundred": ([*range(400)], [4 * k + 3 for k in range(400)], (0.5, 0.5), 1e-5, 100),
    "five": ([32, 53, 61, 47, 59], [31, 68, 62, 71, 87], (0.3, -0.3), 5e-6, 1000),
    "hundred": ([*range(100)], [k / 10 + 0.3 for k in range(100)], (0.5, 0), 1e-4, 40_000),
}


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
    drawn = made(page, "older")[1].drawn
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


def test_row_chosen_of_pasted_rows_stays_until_it_or_one_above_is_another():
    page = paste(open_page(data="pasted"), UNCLEAR)
    page.radio(key="names_row").set_value("2").run()
    paste(page, UNCLEAR + "9,3,3,1\n")
    assert page.selectbox(key="first_row").value == "2"
    assert page.session_state["own"].columns.x.tolist() == [1, 5, 7, 9]
    paste(page, "a,b\n1,2\n2,3\n3,5\n4,8\n")
    assert page.selectbox(key="first_row").value == "auto"
    assert page.session_state["own"].dataset.names == ("a", "b")
    assert page.session_state["own"].columns.x.tolist() == [1, 2, 3, 4]
    assert not page.exception
