"""A report of one page: settings, verdicts, stage and table, in one HTML file that opens offline."""

from collections.abc import Sequence
from html import escape

Pairs = Sequence[tuple[str, str]]
STYLE = """
:root { color-scheme: light; }
body { font: 15px/1.5 system-ui, sans-serif; color: #1c1c1c; max-width: 75rem; margin: 2rem auto; padding: 0 1.5rem; }
h1 { font-size: 1.6rem; } h2 { font-size: 1.15rem; margin-top: 2rem; }
.wide { overflow-x: auto; } .settings table { width: auto; } .link { overflow-wrap: anywhere; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; font-size: 0.9rem; }
th, td { padding: 0.25rem 0.5rem; text-align: right; border-top: 1px solid #ddd; font-weight: normal; }
thead th { font-weight: 600; vertical-align: bottom; } :is(th, td):first-child { text-align: left; }
.cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(19rem, 1fr)); gap: 1rem; }
.cards > div { border: 1px solid #ccc; border-radius: 0.5rem; padding: 0.75rem 1rem; }
td small { display: block; white-space: nowrap; } img.spark { width: 92px; height: 24px; max-width: none; }
.cards > div { overflow-x: auto; } h3.run { font-size: 1.05rem; margin: 0 0 0.5rem; } .outcome { font-size: 0.85rem; border: 1px solid #999; border-radius: 1rem; padding: 0 0.5rem; }
.stage svg { min-width: 45rem; width: 100%; height: auto; } small { color: #555; }
@media print { body { margin: 0; } .cards { grid-template-columns: repeat(3, 1fr); } }
"""


def value(setting: float | int | str) -> str:
    """Return the value of a setting with all its digits and a true minus sign.

    Example:
        >>> value(-1.0), value(2_000), value(1e-9)
        ('−1', '2,000', '1e−9')
    """
    if isinstance(setting, str):
        return setting
    text = f"{setting:,}" if isinstance(setting, int) else f"{setting:.15g}"
    return text.replace("e-0", "e-").replace("-", "−")


def report(
    settings: Pairs, sentence: str, cards: Sequence[str], stage: str, tables: Pairs, link: str
) -> str:
    """Return the report; cards, stage and tables are HTML and SVG already, all else is text."""
    rows = "".join(
        f'<tr><th scope="row">{escape(name)}</th><td>{escape(value)}</td></tr>'
        for name, value in settings
    )
    below = "".join(
        f'<h2>{escape(heading)}</h2><div class="wide">{made}</div>' for heading, made in tables
    )
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>Learning-rate report</title><style>{STYLE}</style></head><body>"
        f"<h1>What these learning rates do</h1><p>{escape(sentence)}</p>"
        f'<div class="cards">{"".join(f"<div>{card}</div>" for card in cards)}</div>'
        f'<h2>The stage</h2><div class="wide stage">{stage}</div>{below}'
        f'<h2>Settings</h2><div class="wide settings"><table><tbody>{rows}</tbody></table></div>'
        f'<p class="link"><small>Made with the learning-rate explorer: {escape(link)}</small></p>'
        "</body></html>\n"
    )
