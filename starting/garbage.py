"""Python's look for circles among its objects, during which nobody is answered."""

from __future__ import annotations

import gc


def keep_what_has_started() -> None:
    """From here on only what comes later is looked through: modules, models and routes stay for as long as the process does,
    and to look through all of them takes a fifth of a second each time."""
    gc.collect()
    gc.freeze()
