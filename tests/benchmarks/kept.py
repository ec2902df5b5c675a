"""What twenty kept runs cost a key press: the page with them, beside the page without.

    python -m tests.benchmarks.kept

A key press on a learning rate to the last redraw of the chart, with the table of kept runs open and
five of their curves drawn; and with the same tab open and none kept. Measured in turns.
"""

import statistics
import sys

from tests.benchmarks.page import WATCH, press
from tests.browser import PAGE, launch, serve, settle, wait_until_idle

KEPT = "|".join(
    f"run {k},{'drawn:1,' * (k < 5)}{'baseline:1,' * (k == 0)}run:good,good:{0.03 * (k + 1):.2f}"
    for k in range(20)
)


def key_presses(url: str, query: str, presses: int) -> list[float]:
    """Return the times of as many key presses, after three that do not count."""
    with launch() as browser:
        page = browser.new_page(viewport={"width": 1400, "height": 900})
        page.goto(f"{url}/?open=compare{query}")
        settle(page)
        if query:
            page.wait_for_selector(".st-key-kept_table th:has-text('run 19')")
        wait_until_idle(page)
        page.evaluate(WATCH)
        keys = ["ArrowUp", "ArrowDown"] * (presses // 2 + 2)
        return [press(page, ".st-key-good input", key) for key in keys][3 : presses + 3]


def main(presses: int = 20, rounds: int = 3) -> None:
    """Measure and print."""
    times: dict[str, list[float]] = {"none": [], "twenty": []}
    with serve(PAGE) as url:
        for _ in range(rounds):
            times["none"] += key_presses(url, "", presses)
            times["twenty"] += key_presses(url, f"&kept={KEPT}", presses)
    median = {name: statistics.median(all_) for name, all_ in times.items()}
    print(
        f"key press to last redraw, median: {median['none']:.0f} ms with no kept run, "
        f"{median['twenty']:.0f} ms with twenty   ratio {median['twenty'] / median['none']:.2f} "
        "(goal: at most 1.3)"
    )


if __name__ == "__main__":
    main(*(int(word) for word in sys.argv[1:]))
