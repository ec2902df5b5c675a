"""Settings that all tests share."""

import os

from hypothesis import settings

# No deadline: the first example may compile. On CI the same examples every time.
settings.register_profile(
    "linreg", deadline=None, derandomize=bool(os.environ.get("CI")), print_blob=True
)
settings.load_profile("linreg")
