"""The player: it moves all charts in the browser alone."""

from itertools import pairwise

import pytest
from playwright.sync_api import expect

from linreg import data
from linreg.theory import Quadratic
from tests.browser import SCRUB, SVG, scrub, settle, wait_until_idle

BAR = ".st-key-player"
LANDSCAPE = ".st-key-landscape svg.marks"
STEP = f"{BAR} output"
NUM_MESSAGES = """() => {
    window.sent = 0;
    const send = WebSocket.prototype.send;
    WebSocket.prototype.send = function (data) { window.sent++; return send.call(this, data); };
}"""


def frame(page):
    """Return the frame that the player stands at."""
    return int(page.locator(SCRUB).input_value())


def wait_for_frame(page, least):
    """Wait until the player has come to a frame, and the stage with it."""
    page.wait_for_function(
        "least => { const at = +document.querySelector('.st-key-stage input[name=frame]').value;"
        " return at >= least && at < 200; }",
        arg=least,
    )


def pictures(page):
    """Return what moves in each row: the guess, the rule of the loss, the dots, the numbers."""
    return [
        page.locator(f"{SVG} {mark}").evaluate_all("ones => ones.map(one => one.outerHTML).join()")
        for mark in (
            ".concat_0_group .mark-rule",
            ".concat_1_group .mark-rule",
            ".concat_2_group .mark-symbol",
            ".concat_3_group .mark-text",
        )
    ]


def press(page, name):
    page.locator(f"{BAR} .{name}").click()


def open_landscape(page):
    page.get_by_role("tab", name="The landscape").click()
    page.wait_for_selector(f"{LANDSCAPE} .mark-symbol path")
    wait_until_idle(page)


def test_player_starts_paused_at_the_end(visit):
    page = visit()
    assert frame(page) == 200
    assert page.locator(STEP).text_content() == "step 200 of 200"
    assert page.locator(f"{BAR} .play").get_attribute("aria-label") == "Play"


def test_scrubbing_moves_every_row_and_sends_nothing_to_the_server(visit):
    page = visit()
    page.evaluate(NUM_MESSAGES)
    before = pictures(page)
    scrub(page, 2, 2)
    assert all(one != other for one, other in zip(pictures(page), before, strict=True))
    assert page.evaluate("() => window.sent") == 0


def test_playing_runs_to_the_end_stops_there_and_sends_nothing_to_the_server(visit):
    page = visit()
    page.evaluate(NUM_MESSAGES)
    page.locator(SCRUB).fill("150")
    press(page, "play")
    page.wait_for_selector(f"{SVG} text:text-is('step 200')")
    page.wait_for_selector(f"{BAR} .play[aria-label=Play]")
    assert frame(page) == 200
    assert page.evaluate("() => window.sent") == 0


def test_playing_from_the_end_begins_at_the_start_and_pauses(visit):
    page = visit()
    page.locator(f"{BAR} select").select_option("0.25")
    press(page, "play")
    page.wait_for_selector(f"{BAR} .play[aria-label=Pause]")
    wait_for_frame(page, 3)
    press(page, "play")
    page.wait_for_selector(f"{BAR} .play[aria-label=Play]")
    assert 3 <= frame(page) < 100


@pytest.mark.parametrize("speed", ["0.25", "2"])
def test_speed_is_kept_whatever_drawing_takes(visit, speed):
    page = visit()
    page.locator(f"{BAR} select").select_option(speed)
    scrub(page, 0, 0)
    frames, seconds = page.evaluate(
        """async () => {
            const find = (s) => {
                for (const host of document.querySelectorAll('.st-key-player *')) {
                    const one = host.shadowRoot?.querySelector(s);
                    if (one) return one;
                }
            };
            find('.play').click();
            const begin = performance.now();
            await new Promise(done => setTimeout(done, 1500));
            return [Number(find('.scrub').value), (performance.now() - begin) / 1000];
        }"""
    )
    assert frames == pytest.approx(20 * float(speed) * seconds, rel=0.3)


def test_buttons_go_one_step_forth_and_back(visit):
    page = visit()
    scrub(page, 5, 5)
    press(page, "forth")
    page.wait_for_selector(f"{SVG} text:text-is('step 6')")
    press(page, "back")
    press(page, "back")
    page.wait_for_selector(f"{SVG} text:text-is('step 4')")


def test_buttons_go_one_step_even_where_a_step_has_several_frames(visit):
    page = visit("?num_steps=10")
    press(page, "back")
    page.wait_for_selector(f"{SVG} text:text-is('step 9')")
    press(page, "back")
    page.wait_for_selector(f"{SVG} text:text-is('step 8')")
    press(page, "forth")
    page.wait_for_selector(f"{SVG} text:text-is('step 9')")


def focused(page):
    """Return the class of what has the focus inside the player."""
    return page.evaluate(
        "() => { let at = document.activeElement; while (at.shadowRoot) at = at.shadowRoot.activeElement;"
        " return at.className; }"
    )


def test_buttons_that_would_lead_nowhere_say_so_and_keep_the_focus(visit):
    page = visit()
    back, forth = page.locator(f"{BAR} .back"), page.locator(f"{BAR} .forth")
    expect(forth).to_have_attribute("aria-disabled", "true")
    scrub(page, 1, 1)
    back.focus()
    page.keyboard.press("Enter")
    page.wait_for_selector(f"{SVG} text:text-is('step 0')")
    expect(back).to_have_attribute("aria-disabled", "true")
    expect(forth).to_have_attribute("aria-disabled", "false")
    assert focused(page) == "back"
    page.keyboard.press("Enter")
    assert frame(page) == 0


@pytest.mark.parametrize("part", [".play", ".back", ".numbers", "select"])
def test_arrows_step_whatever_part_of_the_player_has_the_focus(visit, part):
    page = visit()
    scrub(page, 5, 5)
    page.locator(f"{BAR} {part}").focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_selector(f"{SVG} text:text-is('step 6')")
    page.keyboard.press("ArrowLeft")
    page.wait_for_selector(f"{SVG} text:text-is('step 5')")


def test_space_plays_and_pauses_from_the_play_button(visit):
    page = visit()
    page.locator(f"{BAR} .play").focus()
    page.keyboard.press(" ")
    page.wait_for_selector(f"{BAR} .play[aria-label=Pause]")
    page.keyboard.press(" ")
    page.wait_for_selector(f"{BAR} .play[aria-label=Play]")


def test_arrows_move_nothing_while_the_reader_types_elsewhere(visit):
    page = visit()
    scrub(page, 5, 5)
    page.locator(".st-key-noise input").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    assert frame(page) == 5


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_player_stays_in_view_with_the_landscape_and_hides_what_it_covers(visit, width, scheme):
    page = visit(width=width, scheme=scheme)
    open_landscape(page)
    page.locator(LANDSCAPE).evaluate("svg => svg.scrollIntoView({block: 'end'})")
    expect(page.locator(LANDSCAPE)).to_be_in_viewport(ratio=0.5)
    box = page.locator(f"{BAR} .play").bounding_box()
    assert 50 <= box["y"] <= 100
    assert page.locator(BAR).bounding_box()["height"] < 900 / 8
    behind = page.locator(f"div:has(> {BAR})").evaluate("e => getComputedStyle(e).backgroundColor")
    of_page = page.locator(".stApp").evaluate("e => getComputedStyle(e).backgroundColor")
    assert behind == of_page


def test_player_tells_the_losses_of_its_step(visit):
    page = visit()
    scrub(page, 3, 3)
    quadratic = Quadratic.of(data.make_line().x, data.make_line().y)
    told = page.locator(f"{BAR} dd").all_text_contents()
    losses = [quadratic.path(rate, [3]).loss[0] for rate in (0.0047, 0.51, 0.82)]
    assert [float(one.replace("−", "-")) for one in told] == pytest.approx(losses, rel=5e-3)


def test_keys_step_play_and_pause(visit):
    page = visit()
    scrub(page, 5, 5)
    slider = page.locator(SCRUB)
    slider.press("ArrowRight")
    page.wait_for_selector(f"{SVG} text:text-is('step 6')")
    slider.press("ArrowLeft")
    page.wait_for_selector(f"{SVG} text:text-is('step 5')")
    slider.press("Home")
    page.wait_for_selector(f"{SVG} text:text-is('step 0')")
    slider.press(" ")
    page.wait_for_selector(f"{BAR} .play[aria-label=Pause]")
    slider.press(" ")
    page.wait_for_selector(f"{BAR} .play[aria-label=Play]")


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


def test_numbers_of_a_step_are_those_of_the_theory_and_lead_to_the_next(visit):
    page = visit()
    quadratic = Quadratic.of(data.make_line().x, data.make_line().y)
    shown = {}
    for step in (3, 4):
        scrub(page, step, step)
        shown[step] = numbers(page)
        assert len(shown[step]) == 3
        for lines, rate in zip(shown[step], (0.0047, 0.51, 0.82), strict=True):
            path = quadratic.path(rate, [step])
            gradient = quadratic.gradient(path.weight[0], path.bias[0])
            expected = [path.weight[0], path.bias[0], path.loss[0], *gradient, *(-rate * gradient)]
            assert lines == pytest.approx(expected, rel=1e-3)
    for before, after in zip(shown[3], shown[4], strict=True):
        assert before[0] + before[5] == pytest.approx(after[0], rel=1e-2)


@pytest.mark.parametrize("step", [7, 95, 200])
def test_numbers_of_a_step_keep_clear_of_each_other_on_a_phone(visit, step):
    page = visit(width=390)
    scrub(page, step, step)
    boxes = [
        text.bounding_box()
        for text in page.locator(f"{SVG} .concat_3_group .mark-text.role-mark text").all()
    ]
    assert len(boxes) == 6  # names and values of three runs
    boxes.sort(key=lambda box: box["x"])
    for left, right in pairwise(boxes):
        assert left["x"] + left["width"] + 2 <= right["x"]


def test_reader_who_prefers_less_motion_sees_still_pictures(browser, url):
    context = browser.new_context(reduced_motion="reduce", viewport={"width": 1400, "height": 900})
    page = context.new_page()
    page.goto(url)
    settle(page)
    assert not page.locator(f"{BAR} .speed").is_visible()
    scrub(page, 0, 0)
    page.evaluate(
        """() => {
            window.seen = new Set();
            const svg = document.querySelector('.st-key-stage svg.marks');
            new MutationObserver(() => {
                for (const text of svg.querySelectorAll('text'))
                    if (/^step \\d+$/.test(text.textContent)) window.seen.add(text.textContent);
            }).observe(svg, {subtree: true, childList: true, characterData: true, attributes: true});
        }"""
    )
    press(page, "play")
    page.wait_for_selector(f"{SVG} text:text-is('step 40')")
    assert set(page.evaluate("() => [...window.seen]")) <= {"step 0", "step 20", "step 40"}
    context.close()


def test_new_data_keeps_the_place_of_the_player_and_a_run_that_plays(visit):
    page = visit()
    scrub(page, 7, 7)
    page.locator(".st-key-new_noise button").first.click()
    page.wait_for_url("**seed=1**")
    settle(page)
    assert frame(page) == 7
    page.locator(f"{BAR} select").select_option("0.25")
    press(page, "play")
    page.locator(".st-key-new_noise button").first.click()
    page.wait_for_url("**seed=2**")
    settle(page)
    assert page.locator(f"{BAR} .play").get_attribute("aria-label") == "Pause"
    wait_for_frame(page, frame(page) + 3)


def test_landscape_follows_the_player_though_it_is_opened_later(visit):
    page = visit()
    scrub(page, 0, 0)
    open_landscape(page)
    page.wait_for_function(
        "() => document.querySelector('.st-key-landscape input[name=frame]')?.value === '0'"
    )
    at_start = page.locator(f"{LANDSCAPE} .mark-symbol path").count()
    scrub(page, 60, 60)
    page.wait_for_function(
        "before => document.querySelectorAll('.st-key-landscape svg.marks .mark-symbol path')"
        ".length > before",
        arg=at_start,
    )
    assert page.faults == []


def test_stage_that_is_embedded_anew_is_told_where_the_player_stands(visit):
    page = visit()
    scrub(page, 9, 9)
    page.locator(SVG).evaluate("svg => { svg.dataset.mark = 'old'; }")
    page.locator(".st-key-ways summary").click()
    page.locator(".st-key-batch_size").wait_for()
    wait_until_idle(page)
    entry = page.locator(".st-key-batch_size input")
    entry.fill("10")
    entry.press("Enter")
    page.wait_for_url("**batch_size=10**")
    page.wait_for_selector(f"{SVG}:not([data-mark=old])")  # the loss row begins otherwise
    settle(page)
    page.wait_for_selector(f"{SVG} text:text-is('step 9')")
    assert frame(page) == 9
