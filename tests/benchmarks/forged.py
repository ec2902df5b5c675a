"""Thousands of forged values and a check that the page still computes: the tests' own, for longer.

    python -m tests.benchmarks.forged [5000]

Ends with a failure at the first value that shows a traceback, hangs the page or lets it fail.
"""

import asyncio
import random
import sys

from tests.browser import PAGE, serving
from tests.server.test_forged import (
    TABS,
    forge,
    test_page_still_answers_with_the_right_numbers_afterwards,
)

AT_ONCE = 100  # values in one session


def main(count: int = 5_000) -> None:
    """Send as many values, with another part of the page open each time."""
    with serving(PAGE) as served:
        for turn in range(0, count, AT_ONCE):
            tab = TABS[turn // AT_ONCE % len(TABS)]
            asyncio.run(forge(served, tab, AT_ONCE, random.Random(turn)))
            print(f"{turn + AT_ONCE:,} values", end="\r", flush=True)
        test_page_still_answers_with_the_right_numbers_afterwards(served)
        print(f"{count:,} forged values: no traceback, no hang, and the right numbers afterwards.")


if __name__ == "__main__":
    main(*(int(word) for word in sys.argv[1:]))
