"""The page's HTML is well formed, says what the run did, and shows a stranger's text as text."""

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linreg import markup, training, verdict
from linreg.theory import Quadratic

STEEP = [-2.0, 2.0], [-1.0, 7.0]  # eigenvalues 2 and 8, minimum at weight 2, bias 3
QUADRATIC = Quadratic.of(*STEEP)
TITLES = ["Too small", "Good", "Too large"]
HISTORY = training.train(*STEEP, (0.01, 0.2, 0.3), 20)
TOLD = verdict.judge(QUADRATIC, HISTORY)


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
        if tag in ("td", "th", "pre", "figcaption"):
            self.cells.append("")

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data
        if self.open and self.open[-1] in ("td", "th", "pre", "figcaption"):
            self.cells[-1] += data


# Streamlit and browsers may fold carriage returns; NUL is no character of HTML.
TEXT = st.one_of(
    st.text(st.characters(exclude_categories=["C"]), max_size=30),
    st.sampled_from(["<b>", "</td>", "a < b & c", "&lt;", '"', "'", "<script>alert(1)</script>"]),
)


@given(st.lists(TEXT, min_size=2, max_size=2), st.lists(TEXT, min_size=2, max_size=2))
def test_table_shows_every_text_as_text(header, row):
    assert Reader(markup.table(header, [row])).cells == [*header, *row]


@given(TEXT, TEXT)
def test_printouts_show_every_text_as_text(title, text):
    assert Reader(markup.printouts([title], [text])).cells == [title, text]


@given(TEXT)
def test_card_shows_a_title_as_text(title):
    html = markup.card(title, "good", TOLD[1], QUADRATIC, is_measured=True)
    assert title in Reader(html).text
    assert set(Reader(html).tags) <= {
        "h3",
        "span",
        "p",
        "b",
        *["table", "thead", "tbody", "tr", "th", "td"],
    }


@pytest.mark.parametrize("run", range(3))
def test_card_holds_the_verdict_in_words(run):
    text = Reader(markup.card(TITLES[run], "good", TOLD[run], QUADRATIC, True)).text
    for part in (TITLES[run], TOLD[run].outcome, TOLD[run].reason, TOLD[run].advice.text):
        assert part in text


def test_card_holds_the_numbers_of_the_run_above_those_of_the_minimum():
    cells = Reader(markup.card("Good", "good", TOLD[1], QUADRATIC, is_measured=True)).cells
    # Both factors are ±0.6, so 7 steps (0.36⁷ < 1e-3 < 0.36⁶), and 0.6²⁰ = 3.7e-5 is left after
    # 20: weight 2 − 2 · 3.7e-5 and bias 3 − 4 · 3.7e-5 with four digits are 2 and 3.
    assert cells[:7] == ["measured", "weight", "bias", "loss", "at step 20", "2", "3"]
    assert cells[8:] == ["minimum", "2", "3", "0"]


def test_card_tells_the_steps_needed_as_predicted_and_as_measured():
    html = markup.card("Good", "good", TOLD[1], QUADRATIC, is_measured=True)
    assert "Steps needed: <b>7</b> predicted, <b>7</b> measured." in html


def test_card_has_no_measured_steps_before_the_run_was_measured():
    html = markup.card("Good", "good", TOLD[1], QUADRATIC, is_measured=False)
    assert "Steps needed: <b>7</b> predicted, <b>…</b> measured." in html
    assert ">predicted</th>" in html
    assert ">measured</th>" not in html


@pytest.mark.parametrize(("run", "tone"), [(0, "slow"), (1, "calm"), (2, "alarm")])
def test_card_has_the_tone_of_its_outcome(run, tone):
    html = markup.card(TITLES[run], "good", TOLD[run], QUADRATIC, True)
    assert f'class="outcome {tone}"' in html


def test_steps_needed_are_never_in_theory_and_not_yet_measured_when_the_run_diverged():
    assert markup.steps_needed(TOLD[2].facts) == ("never", "> 20")


def test_steps_needed_are_more_than_were_made_when_the_run_was_too_slow():
    # From errors −2 and −4: 16 · 0.92^2k + 16 · 0.98^2k = 0.032 at k ≈ ln(500) / (2 · 0.0202).
    assert markup.steps_needed(TOLD[0].facts) == ("154", "> 20")


def test_comparison_has_a_row_for_each_run_and_the_minimum_last():
    cells = Reader(markup.comparison(TITLES, TOLD, QUADRATIC, is_measured=True)).cells
    columns = 11
    assert cells[::columns] == ["Run", *TITLES, "Minimum"]
    assert cells[-5:] == ["", "2", "3", "0", ""]


def test_comparison_gives_each_rate_as_a_share_of_the_critical_one():
    cells = Reader(markup.comparison(TITLES, TOLD, QUADRATIC, is_measured=True)).cells
    assert cells[2::11][1:4] == ["4 %", "80 %", "120 %"]  # of 0.25


def test_comparison_gives_the_distance_that_is_left():
    cells = Reader(markup.comparison(TITLES, TOLD, QUADRATIC, is_measured=True)).cells
    assert cells[10::11][2] == "0.0037 %"  # 0.6²⁰ = 3.66e-5


def test_comparison_says_so_when_nothing_has_been_measured_yet():
    cells = Reader(markup.comparison(TITLES, TOLD, QUADRATIC, is_measured=False)).cells
    assert cells[0] == "Run, predicted"
    assert cells[6::11][1:4] == ["…"] * 3
