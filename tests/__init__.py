"""The tests, all run by `bash tests/run`, which installs what they need.

    bash tests/run                                  all of them, three processes side by side
    bash tests/run tests/test_theory.py             some of them, in one process
    bash tests/run --hypothesis-profile=explore     500 new examples a property in place of 25
    bash tests/run --durations=10                   and whatever else pytest takes

A file runs in one process; the page's files share one with one trainer, those that use a browser two,
each with a served page (`conftest.py`). What tests share beside that: `browser.py` (a
server, a browser, how to move a page), `page.py` (the page without a browser), `reader.py` (a page's
protocol, without either), `runs.py` (runs, judged and told of), `later.py` (what takes seconds to
load), `patience.py` (waiting), `properties.py` (how many examples).
"""
