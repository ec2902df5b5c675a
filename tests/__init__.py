"""The tests, all run by `bash tests/run`, which installs what they need.

    bash tests/run                                  all of them, three processes side by side
    bash tests/run tests/theory                     a room, or a file, in one process: seconds
    bash tests/run --hypothesis-profile=explore     500 new examples a property in place of 25
    bash tests/run --durations=10                   and whatever else pytest takes

A folder for each room of `linreg`, without a server: `data`, `runs`, `theory`, `training`, `telling`,
`pictures`, `sharing`, `html`. Then the whole: `page` (without a browser), `browser` (one served page),
`server` (beside nginx, under faults, forged messages and floods), `law` (who may import whom). What
tests of a kind share stands in the folder itself. What all may use: `reader.py` (a page's protocol,
without page or browser), `cases` (what people bring), `workbooks.py`, `later.py` (what takes seconds
to load), `patience.py` (waiting), `properties.py` (how many examples).
"""

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
