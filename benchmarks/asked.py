"""What a block of code asks the database, and how long each statement took: for whoever looks for the slow ones."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine, event


@dataclass(frozen=True, slots=True)
class Asked:
    """One statement: its text, and seconds from when it was sent until its rows could be read."""

    text: str
    seconds: float


@contextmanager
def asked() -> Iterator[list[Asked]]:
    """All statements of this process within the block, in order. BEGIN and COMMIT do not count."""
    found: list[Asked] = []
    began: dict[int, float] = {}

    def sent(_connection: Any, cursor: Any, *_: Any) -> None:
        began[id(cursor)] = time.perf_counter()

    def answered(_connection: Any, cursor: Any, text: str, *_: Any) -> None:
        took = time.perf_counter() - began.pop(id(cursor), time.perf_counter())
        if not text.startswith("BEGIN"):
            found.append(Asked(text, took))

    event.listen(Engine, "before_cursor_execute", sent)
    event.listen(Engine, "after_cursor_execute", answered)
    try:
        yield found
    finally:
        event.remove(Engine, "before_cursor_execute", sent)
        event.remove(Engine, "after_cursor_execute", answered)
