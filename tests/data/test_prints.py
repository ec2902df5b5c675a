"""Lists and tables as programs print them: read as they were meant, or refused in words."""

import numpy as np
import pytest

from linreg.data.files import csvfile
from linreg.data.files.tables import layout
from linreg.data.files.text import rawtext


def read(text: str) -> tuple[layout.Layout, csvfile.Columns]:
    """Read a text as the page does."""
    data = rawtext.opened(text.encode()).text
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
        "x = [1, 2, 3]; /* x = [9,\n9] */\ny = [2, 3, 5]",
        "x = [1 2 3];\n%{\nx = [9 9 9];\n%}\ny = [2 3 5];",
        ">>> x = [1, 2, 3]\n>>> # y = [9, 9, 9]\n>>> y = [2, 3, 5]",
    ],
)
def test_comments_are_no_numbers(text):
    assert points(text) == ([1, 2, 3], [2, 3, 5])


@pytest.mark.parametrize("begin", [">>> ", "In [3]: ", "const "])
def test_last_list_counts_behind_prompts_too(begin):
    text = f"{begin}x = [9, 9]\n{begin}y = [2, 3, 5]\n{begin}x = [1, 2, 3]"
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


# ---------------------------------------------------------------- MATLAB and Octave

ROWS = "x =\n\n     1     2     3\n\n\ny =\n\n    2.5000    3.0000    4.5000\n"


@pytest.mark.parametrize(
    "text",
    [
        ROWS,
        ROWS.replace("\n", "\r\n"),
        ROWS.replace("x =", ">> x\n\nx =").replace("y =", ">> y\n\ny = 1×3"),
        "x =\n\n     1\n     2\n     3\n\ny =\n\n    2.5000\n    3.0000\n    4.5000\n",
    ],
)
def test_vectors_printed_by_matlab_are_read(text):
    found, columns = read(text)
    assert found.names == ("x", "y")
    assert columns.x.tolist() == [1, 2, 3]
    assert columns.y.tolist() == [2.5, 3, 4.5]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (ROWS.replace("     1", "   1.0e+03 *\n\n     1", 1), "1.0e\\+03 \\*.*format long g"),
        ("   1.0e+03 *\n\n    1.0000    2.5000\n    2.0000    3.0000\n", "format long g"),
        (" Columns 1 through 2:\n\n 1 2\n 3 4\n\n Column 3:\n\n 5\n 6\n", "one piece"),
        (ROWS.replace("x =\n", "x =\n\n  Columns 1 through 3\n"), "one piece, got “Columns 1 thr"),
        (ROWS.replace("y =", "z = 5\n\ny ="), "nothing else, got 'z = 5'"),
        (ROWS + ROWS, "`x` twice"),
        (ROWS.replace("     3", ""), "equally long, got 2 in `x`, 3 in `y`"),
    ],
)
def test_print_of_matlab_that_is_not_the_whole_truth_is_refused(text, says):
    with pytest.raises(ValueError, match=says):
        read(text)


# ---------------------------------------------------------------- R

TWO = (
    " [1]  1  2  3  4  5  6\n [7]  7  8  9 10\n [1] 2.5 3.0 3.5 4.0 4.5 5.0\n [7] 8.0 8.5 9.0 9.5\n"
)


def test_vectors_printed_by_r_over_several_lines_are_read():
    x, y = points(TWO)
    assert x == [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]
    assert y == [2.5, 3, 3.5, 4, 4.5, 5, 8, 8.5, 9, 9.5]


def test_one_vector_of_r_over_two_lines_is_no_two():
    with pytest.raises(ValueError, match="two or more, one for x and one for y"):
        read("[1]  1  2  3  4\n[5]  5  6  7  8\n")


@pytest.mark.parametrize("show", ["x", "print(x)"])
def test_vectors_of_a_session_have_the_names_behind_the_prompts(show):
    found, columns = read(f"> x <- 1:4\n> {show}\n[1] 1 2 3 4\n> y\n[1] 2.5 3.0 NA 5.0\n")
    assert found.names == ("x", "y")
    assert columns.x.tolist() == [1, 2, 4]
    assert columns.y.tolist() == [2.5, 3, 5]


def test_vector_has_no_name_of_which_it_is_a_multiple():
    assert read("> x\n[1] 1 2 3\n> x * 2\n[1] 2 4 6\n")[0].names == ("x", "column 2")


def test_vector_of_which_a_line_is_missing_is_refused():
    with pytest.raises(ValueError, match=r"got \[7\] where its number 5 is due"):
        read(TWO.replace("  5  6\n", "\n"))


def test_vectors_written_as_in_r_are_read():
    assert points("x <- c(1, 2, 3)\ny <- c(2.5, 3, 4.5)") == ([1, 2, 3], [2.5, 3, 4.5])
    assert points("d = data.frame(x = c(1, 2), y = c(2.5, 3))") == ([1, 2], [2.5, 3])


# ---------------------------------------------------------------- pandas, JSON, curly brackets


def test_table_that_pandas_has_wrapped_is_refused():
    text = "   x  \\\n0  1   \n1  2   \n\n   y  \n0  4  \n1  5  "
    with pytest.raises(ValueError, match=r"pandas has wrapped .*to_csv"):
        read(text)


def test_lists_within_a_list_are_called_rows():
    columns = read("[(1, 2.5), (2, 3), (3, 4)]")[1]
    assert columns.y.tolist() == [2.5, 3, 4]
    assert "taken as rows" in columns.notes[0]
    assert "taken as columns" in read("[[1, 2, 3, 4, 5], [2, 3, 4, 5, 6]]")[1].notes[0]


@pytest.mark.parametrize(
    "text",
    [
        '[{"x":1,"y":2},{"x":2,"y":3}]',
        '[\n {\n  "x": 1,\n  "y": 2\n }\n]',
        "[{'x': 1, 'y': 2}, {'x': 2, 'y': 3}]",
        '{"x":1,"y":2}\n{"x":2,"y":3}\n',
        '{"x":{"0":1,"1":2},"y":{"0":3,"1":4}}',
    ],
)
def test_json_is_refused_as_such(text):
    with pytest.raises(ValueError, match=r"got JSON.*read_json"):
        read(text)


def test_lists_in_json_are_read():
    assert points('{"x": [1, 2, 3], "y": [2, 3, 5]}') == ([1, 2, 3], [2, 3, 5])


@pytest.mark.parametrize("text", ["{{1, 2}, {2, 3}}", "x = {1, 2, 3};\ny = {2, 3, 5};", "{1, 2}"])
def test_lists_in_curly_brackets_are_refused(text):
    with pytest.raises(ValueError, match="square brackets, got curly"):
        read(text)


# ---------------------------------------------------------------- dates


@pytest.mark.parametrize(
    "days",
    [
        ("30-Jan-2024", "31-Jan-2024", "2-Feb-2024"),
        ("30 January 2024", "31 January 2024", "02 February 2024"),
        ('"Jan 30, 2024"', '"Jan 31, 2024"', '"Feb 2, 2024"'),
        ("JAN 30 2024", "JAN 31 2024", "FEB 2 2024"),
        ("30Jan2024", "31Jan2024", "02Feb2024"),
        ("2024-Jan-30", "2024-Jan-31", "2024-Feb-02"),
        ("30-Jan-2024 00:00:00", "31-Jan-2024 00:00:00", "02-Feb-2024 00:00:00"),
    ],
)
def test_dates_with_english_months_are_read(days):
    text = "day,y\n" + "".join(f"{day},{y}\n" for y, day in enumerate(days))
    assert points(text) == ([0, 1, 3], [0, 1, 2])
    assert "x is days since 2024-01-30, the first of the column." in read(text)[1].notes


@pytest.mark.parametrize("written", ["%d %b %Y", "%d %B %Y"])
def test_every_month_has_its_number(written):
    days = [np.datetime64(f"2023-{number:02}-05").item() for number in range(1, 13)]
    text = "day;y\n" + "".join(f"{day.strftime(written)};{day.month}\n" for day in days)
    assert points(text)[0] == [(day - days[0]).days for day in days]


@pytest.mark.parametrize(
    ("first", "second", "says"),
    [
        ("1-Jan-24", "2-Jan-24", "with four digits of the year"),
        ("01/13/24", "01/14/24", "with four digits of the year"),
        ("01.02.24", "02.02.24", "with four digits of the year"),
        ("2024-01", "2024-02", "with their days"),
        ("Jan 2024", "Feb 2024", "with their days"),
        ("2024-W01", "2024-W02", "with month and day"),
        ("2024Q1", "2024Q2", "with month and day"),
        ("13. März 2024", "14. März 2024", "in digits"),
        ('"Saturday, January 13, 2024"', '"Sunday, January 14, 2024"', "in digits"),
    ],
)
def test_dates_that_are_not_read_are_refused_with_how_to_write_them(first, second, says):
    with pytest.raises(ValueError, match=f"Write dates {says}, as in 2024-01-13"):
        read(f"day,y\n{first},1\n{second},2\n")


def test_what_looks_like_no_date_is_no_date():
    with pytest.raises(ValueError, match="Choose other columns"):
        read("day,y\nMarch of 5,1\nmay be 2,2\n")


def test_text_of_which_no_row_is_whole_is_refused_in_words():
    with pytest.raises(ValueError, match="got no such row"):
        read("1([c(x: = *101x{1.0e+03 *\n}, <-'3,, x =\n,\n\n3")
