"""How often an account or a network address may try, counted in the database, so that all processes count together.

Each try costs some time; whoever has used up more than their store waits until it has grown back (GCRA, ITU-T I.371).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from desk.entering.errors import TooManyTries
from models.records.base import table_of
from models.records.entering import EntryThrottle


@dataclass(frozen=True, slots=True)
class Limit:
    """`most` tries at once, and one more each time that `every` has passed."""

    name: str
    most: int
    every: timedelta


PASSWORDS = Limit("password", 10, timedelta(minutes=5))
"""Of one account, whether or not there is one of that name. The right password gives all of them back."""
CODES = Limit("code", 6, timedelta(minutes=5))
"""Of one agent's second factor: six digits are soon tried through."""
LETTERS = Limit("letter", 3, timedelta(minutes=20))
"""To one account."""
FROM_ADDRESS = Limit("address", 60, timedelta(seconds=30))
"""Of one network address, whatever it tries: a whole office may stand behind it."""

FORGOTTEN_AFTER = timedelta(hours=1)

_rows = table_of(EntryThrottle)


async def take(session: AsyncSession, limit: Limit, of: str, now: datetime) -> None:
    """One try of these. `TooManyTries` if none is free; nothing was counted then. The caller's transaction must commit."""
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    key = _key(limit, of)
    await session.execute(delete(_rows).where(_rows.c.used_until < now - FORGOTTEN_AFTER, _rows.c.key != key))
    await session.execute(insert(_rows).values(key=key, used_until=now).on_conflict_do_nothing())
    until = await session.scalar(select(_rows.c.used_until).where(_rows.c.key == key).with_for_update())
    used = max(until or now, now) + limit.every
    if (wait := used - now - limit.every * limit.most) > timedelta():
        raise TooManyTries(wait)
    await session.execute(update(_rows).where(_rows.c.key == key).values(used_until=used))


async def give_back(session: AsyncSession, limit: Limit, of: str) -> None:
    """All tries: the right secret was among them."""
    await session.execute(delete(_rows).where(_rows.c.key == _key(limit, of)))


def _key(limit: Limit, of: str) -> str:
    return hashlib.sha256(f"{limit.name}\0{of}".encode("utf-8", "surrogatepass")).hexdigest()
