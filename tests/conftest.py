"""Settings that all tests share."""

from hypothesis import settings

# No deadline: the first example may compile. The same examples every time, so that a change is
# judged by itself; `--hypothesis-profile=explore` looks for new ones.
settings.register_profile("linreg", deadline=None, derandomize=True)
settings.register_profile("explore", deadline=None, print_blob=True)
settings.load_profile("linreg")
