"""Texts have the contrast that WCAG asks for, in light and dark."""

import re

import pytest

from linreg.pictures.common import GREY
from tests import ROOT

CSS = (ROOT / ".streamlit" / "page.css").read_text(encoding="utf-8")
(_, *PAGES), *TONES = re.findall(r"(--[\w-]+): light-dark\((#\w{6}), (#\w{6})\);", CSS)
BANDS = 0.0, 0.18  # of grey behind a text: none, and the zone of the map that diverges
LEAST = 4.5  # WCAG 2.2, criterion 1.4.3


def channels(color: str) -> list[float]:
    return [int(color[k : k + 2], 16) / 255 for k in (1, 3, 5)]


def luminance(rgb: list[float]) -> float:
    """Return the relative luminance as WCAG defines it."""
    linear = [one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in rgb]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: list[float], other: list[float]) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_contrast_is_that_of_the_standard():
    assert contrast(channels("#000000"), channels("#ffffff")) == pytest.approx(21)
    assert contrast(channels("#767676"), channels("#ffffff")) == pytest.approx(4.54, abs=0.01)


def test_every_kind_of_text_has_a_tone():
    assert [name for name, *_ in TONES] == ["--quiet", "--too-small", "--good", "--too-large"]


@pytest.mark.parametrize("band", BANDS)
@pytest.mark.parametrize("tone", TONES, ids=lambda tone: tone[0])
def test_texts_stand_out_from_page_and_bands(tone, band):
    for color, page in zip(tone[1:], PAGES, strict=True):
        behind = [
            band * grey + (1 - band) * under
            for grey, under in zip(channels(GREY), channels(page), strict=True)
        ]
        assert contrast(channels(color), behind) >= LEAST, (color, page)
