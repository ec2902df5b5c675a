"""The numbers of a step in the browser: under the player, under the panels, one click away."""

from itertools import pairwise

import pytest

from linreg import data
from linreg.theory import Quadratic
from tests.browser import SVG, lent, resize, scrub
from tests.runs import path_of

ONE_STEP = ".st-key-one_step"
RATES = (0.0047, 0.51, 0.82)
QUADRATIC = Quadratic.of(data.make_line().x, data.make_line().y)


@pytest.fixture(scope="module")
def page(windows, url):
    """A page whose player each test moves to where it begins."""
    with lent(windows, url) as page:
        yield page


def test_player_tells_the_losses_of_its_step(page):
    scrub(page, 3, 3)
    told = page.locator(".st-key-player dd").all_text_contents()
    losses = [path_of(QUADRATIC, rate, [3]).loss[0] for rate in RATES]
    assert [float(one.replace("−", "-")) for one in told] == pytest.approx(losses, rel=5e-3)


def numbers(page):
    """Return the numbers of the step as they stand under the panels, a list for each run."""
    told = page.locator(f"{SVG} .concat_3_group .mark-text text").evaluate_all(
        "texts => texts.map(text => [...text.querySelectorAll('tspan')].map(t => t.textContent))"
    )
    return [
        [float(line.replace("−", "-")) for line in lines]
        for lines in told
        if lines and "bias" not in lines
    ]


def test_numbers_of_a_step_are_those_of_the_theory_and_lead_to_the_next(page):
    shown = {}
    for step in (3, 4):
        scrub(page, step, step)
        shown[step] = numbers(page)
        assert len(shown[step]) == 3
        for lines, rate in zip(shown[step], RATES, strict=True):
            path = path_of(QUADRATIC, rate, [step])
            gradient = QUADRATIC.gradient(path.weight[0], path.bias[0])
            expected = [path.weight[0], path.bias[0], path.loss[0], *gradient, *(-rate * gradient)]
            assert lines == pytest.approx(expected, rel=1e-3)
    for before, after in zip(shown[3], shown[4], strict=True):
        assert before[0] + before[5] == pytest.approx(after[0], rel=1e-2)


def test_numbers_of_the_scrubbed_step_are_one_click_away(page):
    scrub(page, 6, 6)
    page.locator(".st-key-player .numbers").click()
    page.wait_for_selector(f"{ONE_STEP} b:text-is('Step 6')")
    page.locator(".st-key-shown_run button", has_text="Too large").click()
    path = path_of(QUADRATIC, 0.82, [6, 7])
    page.wait_for_selector(f"{ONE_STEP} >> text={f'{path.loss[0]:.8g}'}")
    assert f"{path.weight[1]:.8g}".replace("-", "−") in page.locator(ONE_STEP).inner_text()


def test_numbers_of_a_step_keep_clear_of_each_other_on_a_phone(page, subtests):
    resize(page, 390)
    for step in (7, 95, 200):
        scrub(page, step, step)
        with subtests.test(step=step):
            texts = page.locator(f"{SVG} .concat_3_group .mark-text.role-mark text").all()
            boxes = [text.bounding_box() for text in texts]
            assert len(boxes) == 6  # names and values of three runs
            boxes.sort(key=lambda box: box["x"])
            for left, right in pairwise(boxes):
                assert left["x"] + left["width"] + 2 <= right["x"]
    resize(page, 1400)
