"""How many examples a property tries: 25 to land, 500 to explore, and some a share of that."""

from hypothesis import settings

LANDING, EXPLORING = 25, 500


def examples(count: int) -> settings:
    """Let a property try as many examples as this while others try 25, and so in proportion.

    Fewer where each trains and compiles anew, more where they take no time.
    """
    return settings(max_examples=in_proportion(count))


def in_proportion(count: int) -> int:
    """Return how many of what a test tries by itself make as many as this to land."""
    return count * settings.default.max_examples // LANDING
