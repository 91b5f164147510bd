"""Rows in bulk, made by the database itself: it makes a million in the time in which Python makes some ten thousand.

`Words` says what the two databases say differently; statements are put together from it as text.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from random import Random
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

_CHANCE = Random(2)
MIXERS = tuple((_CHANCE.getrandbits(31) | 1, _CHANCE.getrandbits(28) | 1) for _ in range(20))
"""Odd numbers. A place times the first, by 2^32, its upper half added to it, times the second, by 2^32, lies as if it was drawn;
small enough that no product has more than 63 bits."""
RANGE = 2**32


def key(kind: int, place: int) -> UUID:
    """As `Words.key`, in Python."""
    return UUID(int=(place << 80) | kind)


class Words:
    """What the two databases say differently. `place` is a whole number of 32 bits, in SQL."""

    def __init__(self, *, sqlite: bool) -> None:
        self.sqlite = sqlite

    def numbers(self, count: int) -> str:
        """A table `n` of one column, `place`, which counts from 0; said behind FROM."""
        if self.sqlite:
            counting = (
                f"WITH RECURSIVE up(place) AS (SELECT 0 UNION ALL SELECT place + 1 FROM up WHERE place + 1 < {count})"
            )
            return f"({counting} SELECT place FROM up) AS n"
        return f"generate_series(0, {count - 1}) AS n(place)"

    def key(self, kind: int, place: str) -> str:
        """A key of its own for each place of a kind, rising with the place."""
        if self.sqlite:
            return f"printf('%012x%020x', {place}, {kind})"
        return f"CAST(lpad(to_hex({place}), 12, '0') || lpad(to_hex({kind}), 20, '0') AS UUID)"

    def draw(self, which: int, most: int, place: str = "n.place") -> str:
        """A number from 0 to below `most`, drawn for each place; `which`: of 20 draws that know nothing of each other."""
        first, second = MIXERS[which]
        mixed = f"(CAST({place} + 1 AS BIGINT) * {first} % {RANGE})"
        return f"CAST((({mixed} + {mixed} / 65536) * {second} % {RANGE}) * {most} / {RANGE} AS INTEGER)"

    def one_of(self, which: int, shares: Mapping[Any, int] | Sequence[str]) -> str:
        """A word, drawn by its share."""
        given = dict.fromkeys(shares, 1) if not isinstance(shares, Mapping) else shares
        drawn, below, arms = self.draw(which, sum(given.values())), 0, []
        for word, share in given.items():
            below += share
            arms.append(f"WHEN {drawn} < {below} THEN '{word}'")
        return f"CASE {' '.join(arms)} END"

    def padded(self, place: str, digits: int) -> str:
        if self.sqlite:
            return f"printf('%0{digits}d', {place})"
        return f"lpad(CAST({place} AS TEXT), greatest({digits}, length(CAST({place} AS TEXT))), '0')"

    def at(self, instant: datetime) -> str:
        if self.sqlite:
            return f"'{instant:%Y-%m-%d %H:%M:%S.%f}'"
        return f"CAST('{instant.isoformat()}' AS TIMESTAMPTZ)"

    def later(self, at: str, minutes: str) -> str:
        if self.sqlite:
            return f"(strftime('%Y-%m-%d %H:%M:%f', {at}, printf('%+d minutes', {minutes})) || '000')"
        return f"({at} + make_interval(mins => {minutes}))"

    def written(self, at: str) -> str:
        """An instant, or null, as it stands in a document."""
        told = (
            f"strftime('%Y-%m-%dT%H:%M:%SZ', {at})"
            if self.sqlite
            else f"""to_char({at} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')"""
        )
        return f"""coalesce('"' || {told} || '"', 'null')"""

    def quoted(self, key: str) -> str:
        """A key as it stands in a document."""
        parts = ((1, 8), (9, 4), (13, 4), (17, 4), (21, 12))
        told = " || '-' || ".join(f"substr({key}, {begin}, {length})" for begin, length in parts)
        return f"""('"' || {told if self.sqlite else f"CAST({key} AS TEXT)"} || '"')"""

    def document(self, told: str) -> str:
        return f"({told})" if self.sqlite else f"CAST({told} AS JSON)"


@asynccontextmanager
async def bare(session: AsyncSession, *tables: str, names: Sequence[str] | None = None) -> AsyncIterator[None]:
    """PostgreSQL's tables without their plain indexes (or without these alone) and without checks of keys, until the block
    ends: it makes an index of a full table several times as fast as it adds to one row by row."""
    if session.get_bind().dialect.name == "sqlite":
        yield
        return
    await session.execute(text("SET LOCAL session_replication_role = replica"))
    plain = "tablename = ANY(:tables) AND indexdef NOT LIKE 'CREATE UNIQUE%'"
    wanted = text(f"SELECT indexname, indexdef FROM pg_indexes WHERE {plain}")
    found: Sequence[Any] = (await session.execute(wanted, {"tables": list(tables)})).all()
    rows = [row for row in found if names is None or row.indexname in names]
    for row in rows:
        await session.execute(text(f'DROP INDEX "{row.indexname}"'))
    yield
    await session.execute(text("SET LOCAL maintenance_work_mem = '512MB'"))
    for row in rows:
        await session.execute(text(row.indexdef))
