"""The page's HTML is well formed, says what the run did, and shows a stranger's text as text."""

import re
from functools import cache
from html.parser import HTMLParser

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from linreg.data.files import csvfile
from linreg.data.samples import SAMPLES
from linreg.data.scaling import Scaling
from linreg.page.html import markup
from linreg.pictures.stage import fitbox
from linreg.runs.phases import Phase
from linreg.runs.rules import Adam, Momentum, RMSprop
from linreg.runs.schedules import CosineDecay, ExponentialDecay, StepDecay
from linreg.telling.needed import steps_needed
from linreg.theory import Quadratic
from linreg.theory.marks import Mark
from tests.properties import examples
from tests.runs import excess_losses, judged, loop, short_of_goal, told, trained

STEEP = [-2.0, 2.0], [-1.0, 7.0]  # eigenvalues 2 and 8, minimum at weight 2, bias 3
QUADRATIC = Quadratic.of(*STEEP)
TITLES = ["Too small", "Good", "Too large"]
PHASES = [Phase((0.01, 0.2, 0.3), 20), Phase((0.01, 0.02, 0.1), 5, Momentum(0.5))]


@cache
def of_one():
    """Return what is told of the runs of one phase."""
    return judged(STEEP, trained(STEEP, PHASES[:1]))


@cache
def of_two():
    """Return what is told of the runs of two phases."""
    return judged(STEEP, trained(STEEP, PHASES))


class Reader(HTMLParser):
    """Reads the tags and the text, and fails where a tag is not closed in its place."""

    def __init__(self, text: str):
        super().__init__()
        self.open, self.tags, self.cells, self.text = [], [], [], ""
        self.feed(text)
        self.close()
        assert not self.open

    def handle_starttag(self, tag, attrs):
        self.open.append(tag)
        self.tags.append(tag)
        if tag in ("td", "th", "pre", "figcaption", "li"):
            self.cells.append("")

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data
        if {"td", "th", "pre", "figcaption", "li"} & set(self.open):
            self.cells[-1] += data


# Streamlit and browsers may fold carriage returns; NUL is no character of HTML.
TEXT = st.one_of(
    st.text(st.characters(exclude_categories=["C"]), max_size=30),
    st.sampled_from(["<b>", "</td>", "a < b & c", "&lt;", '"', "'", "<script>alert(1)</script>"]),
)


def read_card(verdict, title="Good", is_measured=True):
    """Return what a reader sees of a card."""
    return Reader(markup.card(title, "good", verdict, QUADRATIC, is_measured))


def cells_of(verdicts, titles=TITLES, is_measured=True):
    """Return the cells of the comparison, row by row, the header first."""
    cells = Reader(markup.comparison(titles, verdicts, QUADRATIC, is_measured)).cells
    return [cells[k : k + 11] for k in range(0, len(cells), 11)]


# ---------------------------------------------------------------- texts


@given(st.lists(TEXT, min_size=2, max_size=2), st.lists(TEXT, min_size=2, max_size=2))
def test_table_shows_every_text_as_text(header, row):
    assert Reader(markup.table(header, [row])).cells == [*header, *row]


@given(TEXT, TEXT)
def test_printouts_show_every_text_as_text(title, text):
    assert Reader(markup.printouts([title], [text])).cells == [title, text]


@given(st.lists(st.tuples(TEXT, TEXT), max_size=4))
def test_stages_are_a_list_that_shows_every_text_as_text(texts):
    read = Reader(markup.stages(texts))
    assert read.cells == [f"{head} {text}" for head, text in texts]
    assert read.tags == ["ol", *["li", "b"] * len(texts)]


@given(TEXT)
def test_phases_show_a_title_as_text(title):
    read = Reader(markup.phases([title], [of_one()[0].facts]))
    assert f"{title}: rate → gap left" in read.cells


# ---------------------------------------------------------------- card


@given(TEXT)
def test_card_shows_a_title_as_text(title):
    read = read_card(of_one()[1], title)
    assert title in read.text
    assert set(read.tags) <= {
        *("h3", "span", "p", "b"),
        *("table", "thead", "tbody", "tr", "th", "td"),
    }


@pytest.mark.parametrize("run", range(3))
@pytest.mark.parametrize("verdicts", [of_one, of_two])
def test_card_holds_the_verdict_in_words(run, verdicts):
    said = verdicts()[run]
    text = read_card(said, TITLES[run]).text
    for part in (TITLES[run], said.outcome, said.headline, said.reason, said.advice.text):
        assert part in text


def test_card_holds_the_numbers_of_the_run_above_those_of_the_minimum():
    cells = read_card(of_one()[1]).cells
    # Both factors are ±0.6, so 7 steps (0.36⁷ < 1e-3 < 0.36⁶), and 0.6²⁰ = 3.7e-5 is left after
    # 20: weight 2 − 2 · 3.7e-5 and bias 3 − 4 · 3.7e-5 with four digits are 2 and 3.
    assert cells[:7] == ["measured", "weight", "bias", "loss", "at step 20", "2", "3"]
    assert cells[8:] == ["minimum", "2", "3", "0"]


def test_card_tells_the_steps_needed_as_predicted_and_as_measured():
    assert (
        "Steps needed: 10 predicted, 10 measured; for the loss alone 7."
        in read_card(of_one()[1]).text
    )


def test_card_has_no_measured_steps_before_the_run_was_measured():
    read = read_card(of_one()[1], is_measured=False)
    assert "Steps needed: 10 predicted, … measured; for the loss alone 7." in read.text
    assert read.cells[0] == "predicted"


def test_card_says_that_no_steps_were_predicted_where_nobody_can():
    run = told(STEEP, Phase(1.0, 200, Adam()))
    needed, of_loss = run.facts.measured.steps[1], run.facts.measured.loss_steps[1]
    assert (
        f"Steps needed: {needed} measured, none predicted; for the loss alone {of_loss}."
        in read_card(run).text
    )


def test_card_says_at_which_step_the_last_phase_ended():
    assert "at step 25" in read_card(of_two()[1]).cells


@pytest.mark.parametrize(("run", "tone"), [(0, "slow"), (1, "calm"), (2, "alarm")])
def test_card_has_the_tone_of_its_outcome(run, tone):
    html = markup.card(TITLES[run], "good", of_one()[run], QUADRATIC, True)
    assert f'class="outcome {tone}"' in html


@pytest.mark.parametrize(
    ("run", "announced"),
    [(0, "predicted: too slow"), (1, "predicted: will converge"), (2, "predicted: will diverge")],
)
def test_outcome_is_announced_until_the_run_was_measured(run, announced):
    assert markup.outcome(of_one()[run], is_measured=False) == announced
    assert markup.outcome(of_one()[run], is_measured=True) == of_one()[run].outcome


# ---------------------------------------------------------------- rates and steps in words


@pytest.mark.parametrize(
    ("rates", "text"),
    [
        ([0.5], "0.5"),
        ([0.5, 0.05], "0.5, then 0.05"),
        ([0.5, 0.5, 0.05, 0.05], "0.5, then 0.05"),  # each named once in a row
        ([0.5, 0.05, 0.5], "0.5, 0.05, then 0.5"),
        ([0.1, 0.2, 0.3, 0.4, 0.5], "0.3, 0.4, then 0.5"),  # the last three
        ([0.5, 0.5], "0.5"),
    ],
)
def test_rates_in_turn_name_the_rates_phase_by_phase(rates, text):
    run = told(STEEP, *[Phase(rate, 2) for rate in rates])
    assert markup.rates_in_turn(run.facts) == text


def test_rates_in_turn_are_those_of_the_run_itself():
    assert [markup.rates_in_turn(run.facts) for run in of_two()] == [
        "0.01",
        "0.2, then 0.02",
        "0.3, then 0.1",
    ]


def test_steps_needed_are_never_in_theory_and_not_yet_measured_when_the_run_diverged():
    assert steps_needed(of_one()[2].facts) == ("never", "> 20")


def test_steps_needed_are_more_than_were_made_when_the_run_was_too_slow():
    # From errors −2 and −4: 4 · 0.98^k is 1 % of the way, √20, at k = ln(89.4) / 0.0202 = 222.4.
    assert steps_needed(of_one()[0].facts) == ("223", "> 20")


def test_steps_needed_are_unknown_where_nobody_can_predict_them():
    assert steps_needed(told(STEEP, Phase(1e-6, 20, Adam())).facts) == ("unknown", "> 20")


def test_steps_needed_on_a_schedule_are_more_than_it_has():
    slow = told(STEEP, Phase(0.01, 20, schedule=ExponentialDecay(5)))
    assert steps_needed(slow.facts) == ("> 20", "> 20")


def test_steps_needed_after_a_schedule_are_never_when_the_last_phase_diverges():
    run = told(STEEP, Phase(0.01, 20, schedule=ExponentialDecay(5)), Phase(0.3, 20))
    assert steps_needed(run.facts)[0] == "never"


def test_steps_needed_count_through_all_phases():
    phases = Phase(0.01, 20), Phase(0.1, 50)
    line = loop(STEEP, phases)
    excess, facts = excess_losses(STEEP, *line), told(STEEP, *phases).facts
    needed = str(int((short_of_goal(STEEP, *line) > 1).nonzero()[0][-1]) + 1)
    assert steps_needed(facts) == (needed, needed)
    of_loss = str(int((excess > 1e-3 * excess[0]).nonzero()[0][-1]) + 1)
    assert steps_needed(facts, of_loss=True) == (of_loss, of_loss)


# ---------------------------------------------------------------- comparison


def test_comparison_has_a_row_for_each_run_and_the_minimum_last():
    rows = cells_of(of_one())
    assert [row[0] for row in rows] == ["Run", *TITLES, "Minimum"]
    assert rows[-1][-5:] == ["", "2", "3", "0", ""]


def test_comparison_gives_each_rate_as_a_share_of_the_critical_one():
    assert [row[2] for row in cells_of(of_one())[1:4]] == ["4 %", "80 %", "120 %"]  # of 0.25


def test_comparison_measures_momentum_by_its_own_critical_rate():
    # (2 + 2 · 0.5) / 8 = 0.375 for the last phase.
    rows = cells_of(of_two())[1:4]
    assert [row[2] for row in rows] == ["2.7 %", "5.3 %", "26.7 %"]


def test_comparison_names_the_zone_of_each_run():
    assert [row[3] for row in cells_of(of_one())[1:4]] == [
        "converges from one side",
        "overshoots each step and still converges",
        "diverges",
    ]


@pytest.mark.parametrize(
    ("phase", "share", "zone"),
    [
        (Phase(0.1, 20, Adam()), "", "no prediction"),
        (Phase(0.1, 20, RMSprop(), batch_size=1), "", "no prediction"),
        (Phase(0.1, 20, batch_size=1), "40 %", "no prediction"),
        (Phase(0.1, 20, schedule=StepDecay()), "40 %", "changes from step to step"),
    ],
)
def test_comparison_says_when_there_is_no_zone(phase, share, zone):
    assert cells_of([told(STEEP, phase)], ["Good"])[1][2:4] == [share, zone]


def test_comparison_gives_the_distance_that_is_left():
    assert cells_of(of_one())[2][10] == "0.0037 %"  # 0.6²⁰ = 3.66e-5


def test_comparison_says_so_when_nothing_has_been_measured_yet():
    rows = cells_of(of_one(), is_measured=False)
    assert rows[0][0] == "Run, predicted"
    assert [row[6] for row in rows[1:4]] == ["…"] * 3


def test_comparison_names_all_rates_of_a_run():
    assert [row[1] for row in cells_of(of_two())[1:4]] == [
        "0.01",
        "0.2, then 0.02",
        "0.3, then 0.1",
    ]


# ---------------------------------------------------------------- marks of the map


def test_marks_have_a_row_each_with_their_number_their_steps_and_their_grade():
    made = [
        Mark("fewest steps", 0.5, "Found.", 0.66, 1_234, "0.66 × critical: safe"),
        Mark("steepest", 0.9, "Range test.", 1.2, None, "1.2 × critical: diverges"),
    ]
    cells = Reader(markup.marks(made)).cells
    assert [cells[k : k + 6] for k in range(0, len(cells), 6)] == [
        ["Mark", "Named by", "Rate", "Steps", "Grade", "What it is"],
        ["1", "fewest steps", "0.5", "1,234", "0.66 × critical: safe", "Found."],
        ["2", "steepest", "0.9", "–", "1.2 × critical: diverges", "Range test."],
    ]


# ---------------------------------------------------------------- phases


def phase_rows(*phases, titles=("Good",)):
    """Return the rows of the table of phases, the header first."""
    gathered = [run.facts for run in judged(STEEP, trained(STEEP, phases))]
    cells, width = Reader(markup.phases(list(titles), gathered)).cells, 3 + len(titles)
    return [cells[k : k + width] for k in range(0, len(cells), width)]


def test_phases_have_a_row_each_with_its_number_and_its_steps():
    rows = phase_rows(Phase(0.1, 20), Phase(0.1, 1_000), Phase(0.1, 3))
    assert [row[:2] for row in rows] == [
        ["Phase", "Steps"],
        ["1", "20"],
        ["2", "1,000"],
        ["3", "3"],
    ]


def test_phases_have_a_column_for_each_run_with_its_rate_and_the_gap_it_left():
    # From errors −2 and −4: the flat factor is 0.5 at 0.25, where the steep one bounces with 16 of
    # 32; at 0.125 the steep one is 0, and 0.75² of the flat 16 are left. Then 0.75² more.
    rows = phase_rows(Phase((0.25, 0.125), 1), Phase((0.125, 0.125), 1), titles=["One", "Two"])
    assert rows[0][3:] == ["One: rate → gap left", "Two: rate → gap left"]
    # (16 + 4) / 32, 9 / 32; 4 · 0.75² / 32, 9 · 0.75² / 32
    assert rows[1][3:] == ["0.25 → 62.5 %", "0.125 → 28.1 %"]
    assert rows[2][3:] == ["0.125 → 7 %", "0.125 → 15.8 %"]


@pytest.mark.parametrize(
    ("phase", "seen"),
    [
        (Phase(0.1, 5), "all points"),
        (Phase(0.1, 5, batch_size=1), "mini-batches of 1"),
        (Phase(0.1, 5, Adam()), "all points, Adam"),
        (Phase(0.1, 5, schedule=CosineDecay()), "all points, cosine decay"),
        (
            Phase(0.1, 5, Momentum(), StepDecay(), batch_size=1),
            "mini-batches of 1, Momentum, step decay",
        ),
    ],
)
def test_phases_say_what_each_step_sees_and_how_it_steps(phase, seen):
    assert phase_rows(phase)[1][2] == seen


def test_phases_say_when_a_gap_has_no_end():
    assert phase_rows(Phase(1e3, 200))[1][3] == "1000 → ∞"


@examples(20)
@given(st.lists(st.floats(1e-6, 1e6), min_size=1, max_size=4))
def test_every_card_and_table_is_well_formed_whatever_the_runs_do(rates):
    history = trained(STEEP, [Phase(rate, 60) for rate in rates])
    (run,) = judged(STEEP, history)
    assert read_card(run).text
    assert len(cells_of([run], ["Good"])) == 3
    assert len(phase_rows(*history.phases)) == 1 + len(rates)


# ---------------------------------------------------------------- data


def columns(num_used=2, dropped=(), notes=()):
    """Return what was read of a file."""
    used = np.arange(float(num_used))
    num_rows = num_used + sum(part.count for part in dropped)
    return csvfile.Columns(used, used, num_rows, tuple(dropped), tuple(notes), ".")


@given(TEXT, TEXT, TEXT, TEXT)
def test_own_data_is_described_with_every_text_as_text(name, x, y, example):
    dropped = [csvfile.Dropped("with something that is no number", 1, (3,), example)]
    read = Reader(markup.own(name, (x, y), columns(dropped=dropped)))
    assert set(read.tags) == {"p", "b"}
    for text in (name, x, y, example):
        assert text in read.text


def test_own_data_says_how_many_rows_are_used_and_which_are_not():
    dropped = [
        csvfile.Dropped("with a missing value", 1, (3,)),
        csvfile.Dropped("with something that is no number", 5, (4, 5, 9), "Total"),
    ]
    read = Reader(markup.own("a.csv", ("x", "y"), columns(1_000, dropped, ["A note."])))
    assert "1,000 of 1,006 rows are used." in read.text
    assert "1 with a missing value (row 3); 5 with something" in read.text
    assert "(rows 4, 5, 9, …: Total). A note." in read.text
    assert "All 2 rows are used." in Reader(markup.own("a.csv", ("x", "y"), columns())).text


@given(TEXT, TEXT)
def test_refusal_shows_every_text_as_text(title, reason):
    read = Reader(markup.refusal(title, reason))
    assert set(read.tags) - {"code"} == {"div", "b", "p"}
    assert read.text.replace("`", "") == (title + reason).replace("`", "")


@given(st.lists(TEXT, min_size=2, max_size=4))
def test_preview_shows_every_text_as_text(row):
    assert Reader(markup.preview(row, [row])).cells == [*row, *row]


def test_preview_cuts_cells_that_are_longer_than_the_eye_needs():
    read = Reader(markup.preview(["a"], [["b" * 10_000]]))
    assert read.cells[1] == "b" * 59 + "…"


@pytest.mark.parametrize("told", SAMPLES.values(), ids=SAMPLES)
def test_sample_is_shown_with_its_lesson_and_its_source(told):
    text = Reader(markup.sample(told, 11).replace("<br>", "")).text
    assert all(part in text for part in (told.title, told.lesson, told.source, *told.columns))


def test_thinned_points_are_owned_up_to_and_all_points_are_not():
    assert markup.thinned(fitbox.MAX_POINTS) == ""
    assert "150 of the 1,000,000 points" in Reader(markup.thinned(1_000_000)).text


def test_comparison_of_scaled_data_ends_with_the_original_units():
    scaling = Scaling(shift_x=10.0, unit_x=2.0)
    table = markup.comparison(TITLES, of_one(), QUADRATIC, True, scaling)
    header, *_, last = table_of(table)
    assert header[-3:-1] == ["Weight, original units", "Bias, original units"]
    assert last[-3:-1] == ["1", "−7"]  # 2 u + 3 with u = (x - 10) / 2
    assert len({len(row) for row in table_of(table)}) == 1
    raw = markup.comparison(TITLES, of_one(), QUADRATIC, True, Scaling())
    assert raw == markup.comparison(TITLES, of_one(), QUADRATIC, True)


def table_of(text):
    """Return the rows of a table."""
    return [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row) for row in text.split("<tr>")[1:]]
