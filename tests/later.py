"""Modules that take seconds to load, loaded when a test first uses one: collecting loads none."""

from importlib import import_module


class Later:
    """A module by name; what is asked of it loads it."""

    def __init__(self, name: str) -> None:
        """Remember the name."""
        self._name = name

    def __getattr__(self, attribute: str) -> object:
        """Return what the module has; who only looks it over, as pytest does, is told nothing."""
        if attribute.startswith("__") or attribute == "_mock_name":
            raise AttributeError(attribute)
        return getattr(import_module(self._name), attribute)


keras = Later("keras")
lesson = Later("linreg.training.lesson")
tf = Later("tensorflow")
training = Later("linreg.training.trainer")
