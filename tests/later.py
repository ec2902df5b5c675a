"""Modules that take seconds to load, loaded when a test first uses one: collecting loads none."""

from importlib import import_module


class Later:
    """A module by name; what is asked of it, or set in it, loads it."""

    def __init__(self, name: str) -> None:
        """Remember the name."""
        self.__dict__["_name"] = name

    def __getattr__(self, attribute: str) -> object:
        """Return what the module has; who only looks it over, as pytest does, is told nothing."""
        if attribute.startswith("__"):
            raise AttributeError(attribute)
        return getattr(import_module(self._name), attribute)

    def __setattr__(self, attribute: str, value: object) -> None:
        """Set it in the module, as `monkeypatch` does."""
        setattr(import_module(self._name), attribute, value)


keras = Later("keras")
lesson = Later("linreg.lesson")
tf = Later("tensorflow")
training = Later("linreg.training")
