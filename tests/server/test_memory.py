"""The memory of a page's process: it looks for garbage seldom, and gives back what is free."""

import re

from tests.browser import run_alone

FREED = """
import gc, re
from linreg.page.server import memory

def resident():
    return int(re.search(r"VmRSS:\\s+(\\d+)", open("/proc/self/status").read())[1]) / 1024

many = [[bytes(1_000) for _ in range(100)] for _ in range(1_000)]  # 100 MB in small pieces
pins = many[::500]  # else the C library gives back the top of its heap by itself
many.append(many)
full = resident()
del many
print("freed", full - resident())
memory.give_back()
print("given back", full - resident())
"""


def test_what_was_freed_goes_back_to_the_system():
    status, said = run_alone(FREED)
    numbers = {name: float(value) for name, value in re.findall(r"^(.*) (\S+)$", said, re.M)}
    assert status == 0
    assert numbers["freed"] < 10  # a cycle holds it
    assert numbers["given back"] > 90


SELDOM = """
import gc
from linreg.page.server import memory

looks = []
gc.callbacks.append(lambda phase, info: looks.append(phase))
for seldom in (False, True):
    if seldom:
        memory.collect_seldom()
    looks.clear()
    kept = [[] for _ in range(20_000)]
    print("seldom" if seldom else "often", len(looks))
"""


def test_garbage_is_looked_for_less_often_than_by_itself():
    status, said = run_alone(SELDOM)
    numbers = {name: int(value) for name, value in re.findall(r"^(.*) (\S+)$", said, re.M)}
    assert status == 0
    assert numbers["often"] > 10
    assert numbers["seldom"] <= 2
