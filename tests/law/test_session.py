"""A reader's session: a key that is written by name has one owner, the only module that does.

Settings are written through a variable, by those who impose them, and are not seen here.
"""

import ast
from collections import defaultdict

from tests import ROOT
from tests.law.test_rooms import modules, tree

CHANGES = {"setdefault", "pop"}


def is_state(node):
    """Return whether this is the session's state."""
    return (isinstance(node, ast.Name) and node.id == "state") or (
        isinstance(node, ast.Attribute) and node.attr == "session_state"
    )


def written(path):
    """Return the keys that a module writes by name; settings are set by many, through `impose`."""
    found = set()
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Attribute) and is_state(node.value):
            if isinstance(node.ctx, ast.Store | ast.Del):
                found.add(node.attr)
        elif isinstance(node, ast.Subscript) and is_state(node.value):
            if isinstance(node.ctx, ast.Store | ast.Del) and isinstance(node.slice, ast.Constant):
                found.add(node.slice.value)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            key = node.args[0] if node.args else None
            if is_state(node.func.value) and node.func.attr in CHANGES:
                found |= {key.value} if isinstance(key, ast.Constant) else set()
    return found


def owners(root):
    """Return the modules that write each key."""
    told = defaultdict(list)
    for name, path in modules(root).items():
        for key in written(path):
            told[key].append(name.removeprefix("linreg.page."))
    return dict(told)


def test_every_key_of_the_session_has_one_owner():
    told = owners(ROOT)
    assert {key: names for key, names in told.items() if len(names) > 1} == {}
    assert len(told) > 40
    assert told["made"] == ["session.made"]
    assert told["earlier"] == ["session.phases"]


def test_a_second_owner_is_noticed(tmp_path):
    (tmp_path / "dashboard.py").write_text("st.session_state['a'] = 1", encoding="utf-8")
    (tmp_path / "linreg").mkdir()
    (tmp_path / "linreg" / "one.py").write_text("state.setdefault('a', 1)", encoding="utf-8")
    (tmp_path / "linreg" / "two.py").write_text("state.b = state.a", encoding="utf-8")
    assert owners(tmp_path) == {"a": ["dashboard", "linreg.one"], "b": ["linreg.two"]}
