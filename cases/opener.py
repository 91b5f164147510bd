"""Opening: the one insert of a case's row, with its delivery, in the opener's transaction (design, "Who owns what")."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncSession

from models.messages.base import Message
from models.messages.case_fields import as_opened, with_fields
from models.messages.cases import CaseStatus
from models.messages.mailflow import DeliveryKind
from models.records.base import new_id
from models.records.cases import Case, CaseNumber, Delivery

_SUFFIX = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"


@with_fields(lambda field: field.opening and field.stored, as_opened)
class NewCase(Message):
    """What an opener knows. Everything else is decided by the case's opening steps."""

    title: str
    origin: str
    description: str | None = None
    account_id: UUID | None = None
    contact_id: UUID | None = None
    priority: str = "normal"
    severity: str | None = None
    case_type: str | None = None
    subject: str | None = None
    product: str | None = None
    custom: dict[str, Any] = Field(default_factory=dict)
    route: bool = True
    decrement: bool = True
    owner_id: UUID | None = None
    entitlement_id: UUID | None = None
    sla: str | None = None
    queue: str | None = None
    """Slug of the queue that the request arrived in."""
    opening_rule: str | None = None
    opening_mail_id: UUID | None = None
    linked_case_id: UUID | None = None
    parent_id: UUID | None = None


async def next_number(session: AsyncSession, prefix: str) -> str:
    """`CAS-01042-A1B2C3`: a sequence with gaps, and six random signs so that nobody guesses a neighbour's."""
    row = CaseNumber()
    session.add(row)
    await session.flush()
    return f"{prefix}-{row.id:05d}-{''.join(secrets.choice(_SUFFIX) for _ in range(6))}"


async def insert_case(session: AsyncSession, new: NewCase, now: datetime, *, prefix: str) -> tuple[Case, Delivery]:
    """Add the case, `opening`, version 0, and the delivery that its workflow must hear of. The caller commits, then
    dispatches with `CaseDispatcher.open`; `delivery-sweep` repeats that until the case has said that it is open."""
    case = Case(
        id=new_id(),
        number=await next_number(session, prefix),
        status=CaseStatus.OPENING,
        status_reason="in-progress",
        created_on=now,
        modified_on=now,
        sla_source="manual" if new.sla else None,
        **new.model_dump(),
    )
    delivery = Delivery(id=new_id(), case_id=case.id, number=case.number, kind=DeliveryKind.OPEN, subject_id=case.id)
    session.add(case)
    await session.flush()
    session.add(delivery)
    return case, delivery
