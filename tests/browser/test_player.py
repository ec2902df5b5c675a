"""The player: it moves all charts in the browser alone."""

import pytest
from playwright.sync_api import expect

from tests.browser import (
    SCRUB,
    SVG,
    count_messages,
    lent,
    num_messages,
    scrub,
    settle,
    wait_until_idle,
)

BAR = ".st-key-player"


@pytest.fixture(scope="module")
def page(windows, url):
    """A page whose player each test moves to where it begins."""
    with lent(windows, url) as page:
        yield page


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


def wait_for_step(page, step):
    page.wait_for_selector(f"{SVG} text:text-is('step {step}')")


def wait_until(page, label):
    """Wait until the player can be asked to play, or to pause."""
    page.wait_for_selector(f"{BAR} .play[aria-label={label}]")


def press(page, name):
    page.locator(f"{BAR} .{name}").click()


def play_at(page, speed):
    page.locator(f"{BAR} select").select_option(speed)


def pictures(page):
    """Return what moves in each row: the guess, the dots, the rule of the loss, the numbers."""
    return [
        page.locator(f"{SVG} {mark}").evaluate_all("ones => ones.map(one => one.outerHTML).join()")
        for mark in (
            ".concat_0_group .mark-rule",
            ".concat_1_group .mark-symbol",
            ".concat_2_group .mark-rule",
            ".concat_3_group .mark-text",
        )
    ]


def test_scrubbing_and_playing_to_the_end_move_every_row_and_send_nothing_to_the_server(page):
    count_messages(page)
    scrub(page, 200, 200)
    before = pictures(page)
    scrub(page, 2, 2)
    assert all(one != other for one, other in zip(pictures(page), before, strict=True))
    scrub(page, 150, 150)
    press(page, "play")
    wait_for_step(page, 200)
    wait_until(page, "Play")
    assert frame(page) == 200
    assert num_messages(page) == 0


# Play, pause, and return the frame after at least so many milliseconds, and how many of them count: of a
# long pause between two drawings the player counts no more than a quarter of a second.
PLAYED = """async ([bar, least]) => {
    const find = (selector) => [...document.querySelectorAll(`${bar} *`)]
        .map(host => host.shadowRoot?.querySelector(selector)).find(one => one);
    let before = performance.now(), counted = 0;
    find(".play").click();
    while (counted < least) {
        const now = await new Promise(requestAnimationFrame);
        counted += Math.min(Math.max(now - before, 0), 250);
        before = now;
    }
    find(".play").click();
    return [Number(find(".scrub").value), counted];
}"""


@pytest.mark.parametrize("speed", [0.25, 1, 2])
def test_speed_is_kept_whatever_drawing_takes(page, speed):
    play_at(page, f"{speed}")
    scrub(page, 0, 0)
    shown, milliseconds = page.evaluate(PLAYED, [BAR, 1500])
    assert shown == pytest.approx(20 * speed * milliseconds / 1000, abs=1.5)
    play_at(page, "1")


def test_playing_from_the_end_begins_at_the_start_and_pauses(visit):
    page = visit()
    assert frame(page) == 200
    assert page.locator(f"{BAR} output").text_content() == "step 200 of 200"
    assert page.locator(f"{BAR} .play").get_attribute("aria-label") == "Play"
    play_at(page, "0.25")
    press(page, "play")
    wait_until(page, "Pause")
    wait_for_frame(page, 3)
    press(page, "play")
    wait_until(page, "Play")
    assert 3 <= frame(page) < 100


def test_buttons_go_one_step_forth_and_back(page):
    scrub(page, 5, 5)
    press(page, "forth")
    wait_for_step(page, 6)
    press(page, "back")
    press(page, "back")
    wait_for_step(page, 4)


def test_buttons_go_one_step_even_where_a_step_has_several_frames(visit):
    page = visit("?num_steps=10")
    press(page, "back")
    wait_for_step(page, 9)
    press(page, "back")
    wait_for_step(page, 8)
    press(page, "forth")
    wait_for_step(page, 9)


def focused(page):
    """Return the class of what has the focus inside the player."""
    return page.evaluate(
        "() => { let at = document.activeElement; while (at.shadowRoot) at = at.shadowRoot.activeElement;"
        " return at.className; }"
    )


def test_buttons_that_would_lead_nowhere_say_so_and_keep_the_focus(page):
    back, forth = page.locator(f"{BAR} .back"), page.locator(f"{BAR} .forth")
    scrub(page, 200, 200)
    expect(forth).to_have_attribute("aria-disabled", "true")
    scrub(page, 1, 1)
    back.focus()
    page.keyboard.press("Enter")
    wait_for_step(page, 0)
    expect(back).to_have_attribute("aria-disabled", "true")
    expect(forth).to_have_attribute("aria-disabled", "false")
    assert focused(page) == "back"
    page.keyboard.press("Enter")
    assert frame(page) == 0


@pytest.mark.parametrize("part", [".play", ".back", ".numbers", "select", ".scrub"])
def test_arrows_step_whatever_part_of_the_player_has_the_focus(page, part):
    scrub(page, 5, 5)
    page.locator(f"{BAR} {part}").focus()
    page.keyboard.press("ArrowRight")
    wait_for_step(page, 6)
    page.keyboard.press("ArrowLeft")
    wait_for_step(page, 5)


@pytest.mark.parametrize("part", [".play", ".scrub"])
def test_space_plays_and_pauses(page, part):
    scrub(page, 5, 5)
    page.locator(f"{BAR} {part}").focus()
    page.keyboard.press(" ")
    wait_until(page, "Pause")
    page.keyboard.press(" ")
    wait_until(page, "Play")


def test_keys_that_are_the_browsers_own_are_left_to_it(page):
    """Alt and ← is its way back."""
    scrub(page, 5, 5)
    for held in ("altKey", "ctrlKey", "metaKey"):
        is_left_alone = page.locator(f"{BAR} .play").evaluate(
            "(button, held) => button.dispatchEvent(new KeyboardEvent('keydown', {"
            " key: 'ArrowLeft', bubbles: true, cancelable: true, composed: true, [held]: true}))",
            held,
        )
        assert is_left_alone
        assert frame(page) == 5


def test_home_leads_to_the_start(page):
    scrub(page, 5, 5)
    page.locator(SCRUB).press("Home")
    wait_for_step(page, 0)


def test_arrows_move_nothing_while_the_reader_types_elsewhere(page):
    scrub(page, 5, 5)
    page.locator(".st-key-noise input").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    assert frame(page) == 5


def test_reader_who_prefers_less_motion_sees_still_pictures(visit):
    page = visit(motion="reduce")
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
    wait_for_step(page, 40)
    seen = set(page.evaluate("() => [...window.seen]"))
    assert {"step 20", "step 40"} <= seen <= {f"step {step}" for step in range(0, 201, 20)}


def test_player_keeps_its_place_and_plays_on_when_data_change_and_the_stage_is_embedded_anew(
    visit, subtests
):
    page = visit()
    scrub(page, 7, 7)
    page.locator(".st-key-new_noise button").first.click()
    page.wait_for_url("**seed=1**")
    settle(page)
    assert frame(page) == 7
    with subtests.test("a run that plays goes on"):
        play_at(page, "0.25")
        press(page, "play")
        page.locator(".st-key-new_noise button").first.click()
        page.wait_for_url("**seed=2**")
        settle(page)
        assert page.locator(f"{BAR} .play").get_attribute("aria-label") == "Pause"
        wait_for_frame(page, frame(page) + 3)
    with subtests.test("a stage that is embedded anew is told where the player stands"):
        visit("?seed=2&batch_size=10")  # trained once, so that nobody has to wait for it below
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
        wait_for_step(page, 9)
        assert frame(page) == 9
