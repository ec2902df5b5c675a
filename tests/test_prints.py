"""Lists and tables as programs print them: read as they were meant, or refused in words."""

import pytest

from linreg import csvfile, layout, rawtext


def read(text: str) -> tuple[layout.Layout, csvfile.Columns]:
    """Read a text as the page does."""
    data = rawtext.text_of(text.encode())
    found = layout.layout_of(data)
    return found, csvfile.read(data, found, *found.suggested())


def points(text: str) -> tuple[list, list]:
    """Return x and y of a text."""
    columns = read(text)[1]
    return columns.x.tolist(), columns.y.tolist()


# ---------------------------------------------------------------- what is done to a list

Y = "\ny = [2, 3, 5]"
DONE = {
    "x = np.array([1, 2, 3])*10": "*10",
    "x = [1, 2, 3]/100": "/100",
    "x = np.array([1, 2, 3]) ** 2": "** 2",
    "x = np.array([1, 2, 3]) % 2": "% 2",
    "x = np.array([1, 2, 3]) // 2": "// 2",
    "x = np.log([1, 2, 3])": "np.log",
    "x = np.array(np.log([1, 2, 3]))": "np.log",
    "x = [1 2 3]*1e-3;": "*1e-3",
    "x = [1 2 3].^2;": ".^2",
    "x = [1 2 3]'.*2;": ".*2",
    "x <- c(1, 2, 3) * 2": "* 2",
    "x = [1, 2, 3, 4][1:3]": "[1:3]",
    "x = np.array([1, 2, 3]).cumsum()": ".cumsum()",
    "x = np.array([1.5, 2, 3], dtype=int)": "dtype=int",
    "x = 10 * np.array([1, 2, 3])": "10 *",
    "x = np.log(2 * np.array([1, 2, 3]))": "np.log(2 *",
    "x = -np.array([1, 2, 3])": "-",
    "x = [1, 2, 3]\nx = x*10": "x = x*10",
    "x = np.array([1, 2, 3])\nx *= 10": "x *= 10",
}
SAME = [
    "x = np.array([1, 2, 3], dtype=float)",
    "x = np.asarray([1, 2, 3], np.float32)",
    "x = numpy.array([1, 2, 3], dtype='int64')",
    "x = tf.constant([1, 2, 3], dtype=tf.float32)",
    "x = torch.tensor([1., 2., 3.], requires_grad=True)",
    "x = pd.Series([1, 2, 3], name='x')",
    "x = list([1, 2, 3])",
    "x = tuple([1, 2, 3])",
    "x = np.array([1, 2, 3]).reshape(-1, 1)",
    "x = [1 2 3]';",
    "x = [1; 2; 3]  % as it was",
    "x <- c(1, 2, 3)",
    "x = [1, 2, 3]  # times 10",
    "x = 9\nx = [1, 2, 3]",
]


@pytest.mark.parametrize("text", DONE)
def test_arithmetic_beside_a_list_is_refused(text):
    with pytest.raises(ValueError, match="list of `x` must stand alone") as refused:
        read(text + Y)
    assert f"beside it ({DONE[text]})" in f"{refused.value}"


@pytest.mark.parametrize("text", SAME)
def test_what_changes_no_number_may_stand_around_a_list(text):
    assert points(text + Y) == ([1, 2, 3], [2, 3, 5])


def test_arithmetic_beside_a_list_without_a_name_is_refused():
    with pytest.raises(ValueError, match=r"list of numbers must stand alone.*\(\*10\)"):
        read("[1, 2, 3]*10\n[2, 3, 5]")


def test_arithmetic_behind_a_table_of_lists_is_refused():
    with pytest.raises(ValueError, match=r"list of `y` must stand alone.*\(\*10\)"):
        read('pd.DataFrame({"x": [1, 2, 3], "y": [2, 3, 5]})*10')


def test_lists_given_to_several_names_at_once_are_refused():
    with pytest.raises(ValueError, match="name of its own, got x, y = for several"):
        read("x, y = [1, 2, 3], [4, 5, 6]\nz = [2, 3, 5]")


def test_arithmetic_within_a_list_is_refused():
    with pytest.raises(ValueError, match=r"list of `x` must hold numbers, got np.log\(…\)"):
        read("x = [np.log(1), np.log(2), np.log(3)]" + Y)
    assert points("x = [np.float64(1.0), np.float64(2), np.int64(3)]" + Y)[0] == [1, 2, 3]


# ---------------------------------------------------------------- comments, and names given twice


@pytest.mark.parametrize(
    "text",
    [
        "x = [1, 2, 3]\n# y = [9, 9, 9]\ny = [2, 3, 5]",
        "x = [1 2 3];\n  % y = [9 9 9];\ny = [2 3 5];",
        "x = [1, 2, 3];\n// y = [9, 9, 9];\ny = [2, 3, 5];",
        "x = [1, 2, # 9\n 3]\ny = [2, 3, 5]",
        "x = [1, 2, # it's 9]\n 3]\ny = [2, 3, 5]",
        "x = [1, 2, % 9\n 3]\ny = [2, 3, 5]",
        "x = [1, // 9\n 2, 3]\ny = [2, 3, 5]",
    ],
)
def test_comments_are_no_numbers(text):
    assert points(text) == ([1, 2, 3], [2, 3, 5])


@pytest.mark.parametrize("sign", ["=", "<-"])
def test_last_list_of_a_name_counts_and_is_told(sign):
    text = f"x {sign} [9, 9]\ny {sign} [2, 3, 5]; x {sign} [1, 2, 3]"
    assert points(text) == ([1, 2, 3], [2, 3, 5])
    assert "`x` is given more than once: the last one counts." in read(text)[1].notes


def test_lines_beside_lists_are_counted():
    notes = read("x = [1, 2, 3]\nrate = 0.1" + Y)[1].notes
    assert "1 line beside them is not read." in notes
    notes = read("x = [1, 2, 3]\nrate = 0.1\nsteps = 5" + Y)[1].notes
    assert "2 lines beside them are not read." in notes
