"""What every test may ask for: see tests/support for each fixture's room."""

from __future__ import annotations

from hypothesis import settings

pytest_plugins = [
    "tests.support.audited_words",
    "tests.support.garbage",
    "tests.support.isolation",
    "tests.support.statements",
    "tests.support.strictness",
    "tests.support.temporal",
    "tests.support.databases",
    "tests.support.desks",
    "tests.support.windows",
]

# No deadline, because the machines that run this are shared; the same examples each time, because a red build must be
# red again when one looks at it.
settings.register_profile("caseloom", deadline=None, derandomize=True)
settings.load_profile("caseloom")
