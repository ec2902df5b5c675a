"""A reader's session: a key has one owner, the only module that writes it, and reads it.

Settings are read where they are wanted, and written through a variable by those who impose them.
What is shared otherwise stands in SHARED.
"""

import ast
from collections import defaultdict

from linreg.sharing.settings import SETTINGS
from tests import ROOT
from tests.law.test_rooms import modules, tree

CHANGES = {"setdefault", "pop"}
SHARED = {  # written by their owners, and read by others: what a visit is about
    "earlier": "session.phases",
    "kept_runs": "session.retrained",
    "lesson": "session.address",
    "own": "controls.own",
}


def is_state(node):
    """Return whether this is the session's state."""
    return (isinstance(node, ast.Name) and node.id == "state") or (
        isinstance(node, ast.Attribute) and node.attr == "session_state"
    )


def named(path):
    """Yield each key that a module names of the session, and whether it writes it."""
    for node in ast.walk(tree(path)):
        state, key, writes = None, None, isinstance(getattr(node, "ctx", None), ast.Store | ast.Del)
        if isinstance(node, ast.Attribute):
            state, key = node.value, node.attr
        elif isinstance(node, ast.Subscript):
            state, key = node.value, getattr(node.slice, "value", None)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args:
            state, key = node.func.value, getattr(node.args[0], "value", None)
            writes = node.func.attr in CHANGES
        elif isinstance(node, ast.Compare):
            state, key = node.comparators[0], getattr(node.left, "value", None)
        if is_state(state) and isinstance(key, str) and not hasattr(dict, key):
            yield key, writes


def users(root, writing):
    """Return the modules that write each key, or those that read it."""
    told = defaultdict(set)
    for name, path in modules(root).items():
        for key, writes in named(path):
            if writes == writing:
                told[key].add(name.removeprefix("linreg.page."))
    return dict(told)


def strangers(root):
    """Return the modules that read a key which is another's, and neither a setting nor shared."""
    owners, readers = users(root, writing=True), users(root, writing=False)
    found = {key: names - owners.get(key, names) for key, names in readers.items()}
    return {k: names for k, names in found.items() if names and k not in {*SETTINGS, *SHARED}}


def test_every_key_of_the_session_has_one_owner():
    told = users(ROOT, writing=True)
    assert {key: names for key, names in told.items() if len(names) > 1} == {}
    assert len(told) > 40
    assert told["made"] == {"session.made"}
    assert {key: told[key] for key in SHARED} == {key: {name} for key, name in SHARED.items()}


def test_a_key_is_read_by_its_owner_alone_unless_it_is_shared():
    assert strangers(ROOT) == {}
    readers = users(ROOT, writing=False)
    assert all(readers[key] - {owner} for key, owner in SHARED.items())  # else it need not be
    # A key that nobody writes is a widget's: the part that shows it reads it.
    widgets = readers.keys() - users(ROOT, writing=True).keys() - SETTINGS.keys()
    assert {key: readers[key] for key in widgets if len(readers[key]) > 1} == {}


def test_a_second_owner_and_a_stranger_are_noticed(tmp_path):
    (tmp_path / "dashboard.py").write_text("st.session_state['a'] = 1", encoding="utf-8")
    (tmp_path / "linreg").mkdir()
    (tmp_path / "linreg" / "one.py").write_text("state.setdefault('a', 1)", encoding="utf-8")
    (tmp_path / "linreg" / "two.py").write_text("state.b = state.get('a')", encoding="utf-8")
    owners = {"a": {"dashboard", "linreg.one"}, "b": {"linreg.two"}}
    assert users(tmp_path, writing=True) == owners
    assert strangers(tmp_path) == {"a": {"linreg.two"}}
