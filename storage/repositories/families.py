"""What a command on several cases has led to: the deliveries by which each of them hears of it.

The caller owns the transaction.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from models.messages.mailflow import DeliveryKind
from models.records.cases import Case
from models.records.commands import OF_FAMILIES, Delivery

IN_FAMILIES = text(f"delivery.{OF_FAMILIES}")
"""The condition of the index of these deliveries, word for word: without it SQLite would not use the index."""


class Asked(NamedTuple):
    """One case of which something is asked, and what became of it."""

    id: UUID
    case_id: UUID
    number: str
    origin: str
    kind: str
    done: bool
    outcome: str | None


_ASKED = select(
    Delivery.id, Delivery.case_id, Delivery.number, Case.origin, Delivery.kind, Delivery.done, Delivery.outcome
).join(Case, Case.id == Delivery.case_id)


async def asked_by(session: AsyncSession, command_id: UUID) -> list[Asked]:
    """Of a command on a parent or survivor: what the other cases must hear, and what follows from that, oldest first."""
    first = await _about(session, [command_id])
    merged = [each.case_id for each in first if each.kind == DeliveryKind.GO_UP]
    return [*first, *(await _about(session, merged) if merged else [])]


async def _about(session: AsyncSession, subjects: Sequence[UUID]) -> list[Asked]:
    found = await session.execute(_ASKED.where(IN_FAMILIES, Delivery.subject_id.in_(subjects)).order_by(Delivery.id))
    return [Asked._make(row) for row in found]
