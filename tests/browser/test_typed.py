"""Numbers typed into the page's fields, in the browser: taken as they are meant, or refused in words."""

import random
import re
from itertools import product
from pathlib import Path

import pytest
from playwright.sync_api import expect

from linreg.page.controls.fields import GRAMMAR
from linreg.sharing import typed
from tests.browser import ROOT, count_messages, num_messages, wait_until_idle

SCRIPT = ROOT / "linreg" / "page" / "browser" / "typed.js"
NOTE = ".st-key-typed .note"
PARTS = ["", "0", "1", "2", "10", "345", "\uff15", *".,/-−+eE^ x_", "**", "000"]
TAKEN = [  # into which field, what, and what it becomes there and in the address
    ("good", "0,0005", "0.0005", "0.0005"),
    ("good", "1/1000", "0.001", "0.001"),
    ("good", "1e-2", "0.01", "0.01"),
    ("good", "2^-10", "0.0009765625", "0.0009765625"),
    ("good", " \uff10\uff0c\uff15 ", "0.5", "0.5"),
    ("initial_weight", "1,5", "1.5", "1.5"),
    ("initial_weight", "−1/4", "-0.25", "-0.25"),
    ("initial_weight", ",75", "0.75", "0.75"),
    ("num_steps", "1,5e2", "150", "150"),
]
REFUSED = [
    ("good", "1.234,5", "It must be a number, such as"),
    ("good", "1,234", "It can be 1234 or 1.234."),
    ("good", "0.000.5", "It must be a number, such as"),
    ("good", "1e", "It must be a number, such as"),
    ("initial_weight", "<b>1</b>", "It must be a number, such as"),
    ("num_steps", "2.5", "It must be a whole number, such as"),
    ("num_steps", "1.000", "It can be 1000 or 1."),
]


def field_of(page, key):
    return page.locator(f".st-key-{key} input[data-testid=stNumberInputField]")


def type_into(page, key, text):
    """Type a text in place of what a field holds, and return the field."""
    field = field_of(page, key)
    field.click()
    field.press("ControlOrMeta+a")
    page.keyboard.type(text)
    return field


def test_fields_take_what_is_meant_and_refuse_the_rest_in_words(visit, subtests):
    page = visit("?noise=0.02")
    addresses, note = [], page.locator(NOTE)
    page.on("framenavigated", lambda frame: addresses.append(frame.url))
    for key, text, shown, value in TAKEN:
        with subtests.test("taken", key=key, text=text):
            field = type_into(page, key, text)
            field.press("Enter")
            expect(field).to_have_value(shown)
            page.wait_for_url(re.compile(rf"[?&]{key}={re.escape(value)}(&|$)"))
            wait_until_idle(page)
            expect(note).to_be_hidden()
    count_messages(page)
    for key, text, reason in REFUSED:
        with subtests.test("refused", key=key, text=text):
            good, address, sent = field_of(page, key).input_value(), page.url, num_messages(page)
            field = type_into(page, key, text)
            for press in ("Enter", "ArrowUp", "ArrowDown"):
                field.press(press)
                expect(note).to_contain_text(f"“{text}” was not taken.")
                expect(note).to_contain_text(f"{reason}")
                expect(note).to_contain_text(f"Still set: {good}.")
                expect(field).to_have_value(text)  # to be corrected
                expect(field).to_have_attribute("aria-invalid", "true")
            field.press("Tab")
            expect(field).to_have_value(good)
            expect(field).not_to_have_attribute("aria-invalid", "true")
            expect(note).to_be_visible()
            assert (page.url, num_messages(page)) == (address, sent)
    with subtests.test("a note goes with the next press, or with the next letter"):
        page.locator("h1").click()
        expect(note).to_be_hidden()
        type_into(page, "good", "1,234").press("Enter")
        expect(note).to_be_visible()
        page.keyboard.press("Backspace")
        expect(note).to_be_hidden()
        page.keyboard.press("Enter")
        expect(field_of(page, "good")).to_have_value("1.23")
        type_into(page, "good", "1,234").press("Tab")
        expect(note).to_be_visible()
        page.keyboard.press("Escape")
        expect(note).to_be_hidden()
    with subtests.test("arrows, buttons and leaving read it, too"):
        type_into(page, "good", "0,3").press("Tab")
        page.wait_for_url("**good=0.3*")
        wait_until_idle(page)
        field = type_into(page, "good", "0,4")
        field.press("ArrowUp")
        expect(field).to_have_value("0.41")
        page.wait_for_url("**good=0.41*")
        wait_until_idle(page)
        field = type_into(page, "num_steps", "1,2e2")
        box = page.locator(".st-key-num_steps [data-testid=stNumberInputStepDown]").bounding_box()
        page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)  # it looks off
        expect(field).to_have_value("70")
        page.wait_for_url("**num_steps=70*")
    with subtests.test("a button makes no step from what is refused"):
        field = type_into(page, "num_steps", "1.000")
        page.locator(".st-key-num_steps [data-testid=stNumberInputStepUp]").click()
        expect(note).to_contain_text("Still set: 70.")
        expect(field).to_have_value("70")
        page.locator(".st-key-num_steps [data-testid=stNumberInputStepUp]").click()
        expect(field).to_have_value("120")
        expect(note).to_be_hidden()
    with subtests.test("a number out of its limits is refused as before"):
        field = type_into(page, "good", "-0,1")
        field.press("Enter")
        alert = page.locator(".st-key-good [role=alert]")
        expect(alert).to_contain_text("between 1e-40 and 1000000")
        type_into(page, "good", "1,234").press("Tab")
        expect(field).to_have_value("0.41")
    with subtests.test("an emptied field goes back to its default"):
        field = type_into(page, "initial_weight", " ")
        field.press("Enter")
        expect(field).to_have_value("0")
    with subtests.test("every field is told and moved as a number"):
        fields = page.locator("[data-testid=stNumberInputField]")
        assert page.get_by_role("spinbutton").count() == fields.count() > 8
        assert set(fields.evaluate_all("all => all.map(one => one.type)")) == {"text"}
    values = {value for one in addresses for value in re.findall(r"good=([^&]*)", one)}
    assert not values & {"5.0", "5", "11000.0", "11000", "1234.0", "1.2345"}
    assert page.faults == []


@pytest.mark.parametrize("is_whole", [False, True])
def test_browser_reads_every_text_as_python_does(visit, is_whole):
    chosen = random.Random(0)
    texts = ["".join(parts) for parts in product(PARTS, repeat=3)]
    texts += [repr(chosen.uniform(-1, 1) * 10.0 ** chosen.randint(-320, 308)) for _ in range(2000)]
    texts += [f"{chosen.randrange(10**15)}/{chosen.randrange(10**15)}" for _ in range(2000)]
    texts += [f"{base}^{exponent}" for base in (2, 10) for exponent in range(-1100, 1100)]
    read = typed.read_whole if is_whole else typed.read
    script = (
        Path(SCRIPT)
        .read_text(encoding="utf-8")
        .replace("default function", "function begin")
        .replace("export ", "")
    )
    found = visit().evaluate(
        f"([known, texts, isWhole]) => {{ {script}\n grammar = known;"
        " return texts.map(text => value(tidy(text), isWhole)); }",
        [GRAMMAR, texts, is_whole],
    )
    found = [one if one is None else float(one) for one in found]  # JSON knows no floats
    wrong = {text: one for text, one in zip(texts, found, strict=True) if one != read(text)}
    assert wrong == {}
