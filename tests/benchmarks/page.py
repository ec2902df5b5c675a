"""How fast the page answers, beside a bare page in the same browser.

    python -m tests.benchmarks.page

A key press on a learning rate to the last redraw of the chart; and a cold server's first visit to
the first picture, with TensorFlow still loading. The bare page has as many sidebar sliders and one
plain three-line chart. Ratios count: both are measured in turns on the same machine.
"""

import statistics
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Page

from tests.browser import ROOT, launch, serve, wait_until_idle

BARE = """
import altair as alt
import numpy as np
import pandas as pd
import streamlit as st

with st.sidebar:
    for i in range(8):
        st.slider(f"Number {i}", 0.0, 1.0, 0.5)
    grid = [float(f"{10**e:.2g}") for e in np.linspace(-4, 0.8, 116)]
    rates = [st.select_slider(f"Rate {i}", grid, grid[60 + i], key=f"rate_{i}") for i in range(3)]

step = np.arange(201)
rows = pd.concat(
    pd.DataFrame({"run": str(i), "step": step, "loss": 0.1 + (1 - min(rate, 1.9)) ** (2 * step)})
    for i, rate in enumerate(rates)
)
st.title("Bare page")
chart = alt.Chart(rows).mark_line().encode(x="step", y="loss", color="run")
st.altair_chart(chart)
"""

WATCH = """
() => {
  const svg = document.querySelector('svg.marks');
  window.redrawn = 0; window.pressed = 0;
  new MutationObserver(() => { window.redrawn = performance.now(); })
    .observe(svg.parentElement, {subtree: true, childList: true, attributes: true});
  document.addEventListener('keydown', () => { window.pressed = performance.now(); }, true);
}
"""
SETTLED = "() => window.redrawn > window.pressed && performance.now() - window.redrawn > 400"


def press(page: Page, control: str, key: str) -> float:
    """Return the milliseconds from a key press on a control to the last redraw."""
    page.locator(control).focus()
    page.keyboard.press(key)
    page.wait_for_function(SETTLED)
    wait_until_idle(page)
    page.wait_for_function(SETTLED)
    return page.evaluate("() => window.redrawn - window.pressed")


def key_presses(script: Path, control: str, presses: int) -> list[float]:
    """Return the times of as many key presses on a warm page, after three that do not count."""
    with serve(script) as url, launch() as browser:
        page = browser.new_page(viewport={"width": 1400, "height": 900})
        page.goto(url)
        page.wait_for_selector("svg.marks")
        page.wait_for_selector(
            "text=Trained by TensorFlow" if script.parent == ROOT else "text=Bare"
        )
        wait_until_idle(page)
        page.evaluate(WATCH)
        keys = ["ArrowUp", "ArrowDown"] * (presses // 2 + 2)
        return [press(page, control, key) for key in keys][3 : presses + 3]


def cold_visit(script: Path) -> float:
    """Return the seconds from opening a page on a server just started to its first picture."""
    with serve(script) as url, launch() as browser:
        page = browser.new_page(viewport={"width": 1400, "height": 900})
        page.goto("about:blank")
        page.goto(url, wait_until="commit")
        page.wait_for_selector("svg.marks path[aria-label], svg.marks .mark-line path")
        return page.evaluate("() => performance.now()") / 1000


def main(presses: int = 20, rounds: int = 3) -> None:
    with tempfile.TemporaryDirectory() as folder:
        bare = Path(folder) / "bare.py"
        bare.write_text(BARE, encoding="utf-8")
        ours = ROOT / "dashboard.py"
        times: dict[str, list[float]] = {"ours": [], "bare": []}
        cold: dict[str, list[float]] = {"ours": [], "bare": []}
        for _ in range(rounds):
            times["bare"] += key_presses(bare, ".st-key-rate_1 input", presses)
            times["ours"] += key_presses(ours, ".st-key-good input", presses)
            cold["bare"].append(cold_visit(bare))
            cold["ours"].append(cold_visit(ours))
    press_median = {name: statistics.median(all_) for name, all_ in times.items()}
    cold_median = {name: statistics.median(all_) for name, all_ in cold.items()}
    print(f"{'':44}{'ours':>10}{'bare':>10}")
    print(
        f"{'key press to last redraw, median':44}"
        f"{press_median['ours']:>7.0f} ms{press_median['bare']:>7.0f} ms"
        f"   ratio {press_median['ours'] / press_median['bare']:.2f} (goal: at most 1.6)"
    )
    print(
        f"{'cold server to first picture, median':44}"
        f"{cold_median['ours']:>8.2f} s{cold_median['bare']:>8.2f} s"
        f"   difference {cold_median['ours'] - cold_median['bare']:+.2f} s (goal: at most +1)"
    )


if __name__ == "__main__":
    main(*(int(word) for word in sys.argv[1:]))
