"""Looking at the house's SQLite file from outside: one plain connection, which costs the house next to nothing."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

LOOK_EVERY = 0.005
"""Seconds between two looks. What is waited for takes a hundred times as long."""
BOUND = 180.0
"""Seconds after which the wait is given up."""

ROUTED = "SELECT count(*) FROM service_case WHERE status = 'active' AND queue IS NOT NULL AND next_due IS NOT NULL"
"""Open cases that are in a queue and whose clocks run: written by the last of the opening steps."""
ACKNOWLEDGED = "SELECT count(*) FROM outbox WHERE kind = 'acknowledgement' AND state = 'sent'"
OPEN = "SELECT count(*) FROM service_case WHERE number = ? AND status = 'active' AND next_due IS NOT NULL"
WARNED = "SELECT count(*) FROM kpi_instance WHERE status = 'nearing-noncompliance'"


class NotReached(Exception):
    """The house did not come to where a measurement ends."""


class BenchRows:
    def __init__(self, file: Path) -> None:
        self._connection = sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True, isolation_level=None)

    def close(self) -> None:
        self._connection.close()

    def one(self, statement: str, *values: object) -> Any:
        """The first column of the first row; None without one."""
        row = self._connection.execute(statement, values).fetchone()
        return None if row is None else row[0]

    async def until(self, statement: str, least: int, *values: object) -> float:
        """When the count reached `least`, by `time.perf_counter`. Raises `NotReached` after `BOUND`."""
        await until(lambda: self.one(statement, *values) >= least, f"{statement}: {least}")
        return time.perf_counter()


async def until(holds: Callable[[], bool], what: str, every: float = LOOK_EVERY, bound: float = BOUND) -> None:
    ends = time.perf_counter() + bound
    while not holds():
        if time.perf_counter() > ends:
            raise NotReached(f"not within {bound:.0f} s: {what}")
        await asyncio.sleep(every)
