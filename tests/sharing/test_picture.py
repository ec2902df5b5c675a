"""The stage as a picture, and the report: drawn by the real renderer, from what the page shows."""

import io
import math
import re

import pytest
from PIL import Image

from linreg import data
from linreg.pictures.playback import FRAMES, frame_at
from linreg.pictures.stage import stack
from linreg.runs.history import drawn_steps
from linreg.runs.phases import Phase
from linreg.sharing import picture, report
from tests.runs import theory, trained

TITLES = ("Too small", "Good", "Too large")
LINE = data.make_line()
POINTS = LINE.x, LINE.y


@pytest.fixture(scope="module")
def spec():
    history = trained(POINTS, [Phase((0.0047, 0.51, 0.82), 200)])
    quadratic, expected, _ = theory(POINTS, history)
    tables = stack.rows(list(TITLES), *POINTS, (0.1, 0.5), quadratic, history, expected, True)
    frame, _ = frame_at(history.step, 8)
    return picture.specification(TITLES, tables, frame, "A <title> & more", "its settings")


def test_svg_shows_the_step_and_the_settings(spec):
    svg = picture.draw(spec, "svg").decode()
    assert svg.startswith("<svg")
    texts = re.findall(r"<text[^>]*>([^<]*)</text>", svg)
    assert "A &lt;title&gt; &amp; more" in texts
    assert "its settings" in texts
    assert "step 8" in texts
    assert {"Too small", "Good", "Too large"} <= set(texts)
    assert "href=" not in svg  # it asks nobody


def test_png_is_large_enough_for_a_slide(spec):
    image = Image.open(io.BytesIO(picture.draw(spec, "png")))
    assert image.width > 2_500
    assert 1.3 < image.width / image.height < 1.9


def width(spec):
    return Image.open(io.BytesIO(picture.draw(spec, "png"))).width


@pytest.mark.parametrize("word", ["200 steps, Adam (beta_1=0.9); then", "W" * 30, "W" * 1_000])
def test_long_settings_leave_the_picture_as_wide_as_it_is(spec, word):
    lines = picture.wrapped(" ".join([word] * 60))
    assert len(lines) == picture.MAX_LINES
    assert lines[-1].endswith("…")
    assert max(map(len, lines)) <= picture.LETTERS
    if "W" not in word:  # no settings are made of the widest letter alone
        assert width(spec | {"title": spec["title"] | {"subtitle": lines}}) == width(spec)


@pytest.mark.parametrize("is_log", [False, True])
def test_noise_floor_lies_under_the_second_half_of_its_phase(is_log):
    history = trained(POINTS, [Phase((0.2, 0.3, 0.4), 200, batch_size=10)])
    quadratic, expected, _ = theory(POINTS, history)
    tables = stack.rows(list(TITLES), *POINTS, (0.1, 0.5), quadratic, history, expected, True)
    made = picture.specification(TITLES, tables, FRAMES, "", "", is_noisy=True)
    made["params"] = [
        one | {"value": is_log} if one["name"] == "log_steps" else one for one in made["params"]
    ]
    svg = picture.draw(made, "svg").decode()
    lines = [line for line in re.findall(r"<line[^>]*>", svg) if 'stroke-dasharray="8,4"' in line]
    assert len(lines) == 3
    middle = math.log(100 / 0.5) / math.log(200 / 0.5) if is_log else 0.5  # of the axis
    for line in lines:
        left = float(re.search(r"translate\(([\d.]+),", line)[1])
        wide = float(re.search(r'x2="(-?[\d.]+)"', line)[1])
        assert left == pytest.approx(middle * picture.WIDTH, abs=2)
        assert left + wide == pytest.approx(picture.WIDTH, abs=2)


def test_what_cannot_be_drawn_is_said_and_the_next_picture_is_drawn(spec):
    with pytest.raises(RuntimeError, match="could not be drawn"):
        picture.draw({"mark": "nonsense"}, "svg")
    assert picture.draw(spec, "svg")


@pytest.mark.parametrize(("num_steps", "wanted"), [(200, 8), (200, 200), (50, 13), (2_000_000, 99)])
def test_frame_shows_the_wanted_step(num_steps, wanted):
    frame, step = frame_at(drawn_steps([Phase(0.1, num_steps)]), wanted)
    assert step == wanted
    assert 0 <= frame <= FRAMES


def test_frame_of_a_step_that_has_none_is_the_one_before_it():
    _, step = frame_at(drawn_steps([Phase(0.1, 2_000_000)]), 1_999_999)
    assert 1_000_000 < step < 2_000_000


def test_drawing_leaves_the_pages_own_specification_as_it_is(spec):
    own = stack.drawing(TITLES)
    assert len(own["vconcat"]) == picture.ROWS + 1
    assert "title" not in own
    assert any("bind" in param for param in own["params"])
    assert spec["background"] == "white"


def test_report_holds_everything_and_asks_nobody():
    made = report.report(
        [("seed", "7"), ("<b>", "<i>")],
        "On this data",
        ["<h3>card</h3>"],
        "<svg></svg>",
        [("Runs", "<table></table>")],
        "http://example.org/?prompt=<script>",
    )
    assert made.startswith("<!doctype html>")
    assert "<svg></svg>" in made
    assert "&lt;script&gt;" in made
    assert "<script" not in made
    assert not re.search(r"(src|href)=", made)
