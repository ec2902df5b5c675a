"""The memory of a page's process: it looks for garbage seldom, and gives back what is free."""

import re

from tests.browser import run_alone

FREED = """
import gc, re
from linreg.page import memory

def resident():
    return int(re.search(r"VmRSS:\\s+(\\d+)", open("/proc/self/status").read())[1]) / 1024

memory.collect_seldom()
many = [[bytes(1_000) for _ in range(100)] for _ in range(1_000)]  # 100 MB in small pieces
every = many[::500]
many.append(many)
full = resident()
del many
print("freed", full - resident())
memory.give_back()
print("given back", full - resident())
print("threshold", gc.get_threshold()[0])
"""


def test_what_was_freed_goes_back_to_the_system():
    status, said = run_alone(FREED)
    numbers = {name: float(value) for name, value in re.findall(r"^(.*) (\S+)$", said, re.M)}
    assert status == 0
    assert numbers["freed"] < 10  # a cycle holds it
    assert numbers["given back"] > 90
    assert numbers["threshold"] == 50_000
