"""Rows of webhooks: which are due, and what became of each. The caller owns the transaction."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import CursorResult, Integer, bindparam, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from models.records.base import table_of
from models.records.webhooks import LONGEST_ERROR, Webhook

LEASE = timedelta(minutes=2)
"""So long a claimed one is left alone: longer than a try can last. After it, whoever claimed it has died."""

_rows = table_of(Webhook).c
_DUE = (_rows.state.in_(("queued", "sending")), _rows.not_before <= bindparam("now"))
_OLDEST = select(_rows.id).where(*_DUE).order_by(_rows.not_before, _rows.id).limit(bindparam("most", type_=Integer()))
_CLAIM = (
    update(table_of(Webhook))
    .where(_rows.id.in_(_OLDEST), *_DUE)
    .values(state="sending", attempts=_rows.attempts + 1, not_before=bindparam("leased"))
    .returning(_rows.id, _rows.case_id, _rows.url, _rows.body, _rows.attempts)
)


@dataclass(frozen=True)
class Claimed:
    id: UUID
    case_id: UUID
    url: str
    body: dict[str, Any]
    attempts: int
    """This one among them."""


async def any_due(session: AsyncSession, now: datetime) -> bool:
    return await session.scalar(_OLDEST, {"now": now, "most": 1}) is not None


async def claim(session: AsyncSession, now: datetime, most: int) -> list[Claimed]:
    """Up to so many that are due, for whoever asked alone."""
    found = await session.execute(_CLAIM, {"now": now, "leased": now + LEASE, "most": most})
    return [Claimed(*row) for row in found]


async def mark(session: AsyncSession, row: Claimed, **facts: Any) -> bool:
    """What became of this try; False if somebody else has claimed it since."""
    if facts.get("last_error") is not None:
        facts["last_error"] = facts["last_error"][:LONGEST_ERROR]
    result = await session.execute(
        update(Webhook)
        .where(Webhook.id == row.id, Webhook.state == "sending", Webhook.attempts == row.attempts)
        .values(**facts)
    )
    return isinstance(result, CursorResult) and result.rowcount == 1
