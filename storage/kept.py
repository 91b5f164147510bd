"""Rows that a session has read, kept as long as the session: who asks for one by its key causes no second statement.

The session's own identity map holds a row only while somebody else does, and asking it costs a change of stacks.
"""

from __future__ import annotations

from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

R = TypeVar("R")

_KEPT = "rows by their keys"


def keep(session: AsyncSession, row: Any) -> None:
    session.info.setdefault(_KEPT, {})[type(row), row.id] = row


async def named(session: AsyncSession, record: type[R], id: UUID | None) -> R | None:
    """The row of this key; None if there is none, or no key."""
    if id is None:
        return None
    row: R | None = session.info.get(_KEPT, {}).get((record, id))
    if row is None:
        row = await session.get(record, id)
        if row is not None:
            keep(session, row)
    return row
