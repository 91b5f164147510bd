"""Opening: the one insert of a case's row, with its delivery, in the opener's transaction (design, "Who owns what")."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from pydantic import Field
from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncSession

from models.messages.base import Message
from models.messages.case_fields import as_opened, with_fields
from models.messages.cases import CaseStatus
from models.messages.mailflow import DeliveryKind
from models.records.base import new_id, table_of
from models.records.cases import Case, CaseNumber
from models.records.commands import Delivery
from storage.fulltext.entries import keep, of_case

_SUFFIX = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
# Built once: what is built anew for every mail costs more than the database takes to write it.
_NUMBER = insert(table_of(CaseNumber)).returning(table_of(CaseNumber).c.id)
_CASE, _DELIVERY = insert(table_of(Case)), insert(table_of(Delivery))


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
    entitlement_note: str | None = None
    """What stands on the case of its contract from the beginning: that whoever opens it wants none."""
    sla: str | None = None
    automatic_sla: str | None = None
    """What the rule that opens it chooses; one by hand outranks it."""
    queue: str | None = None
    """Slug of the queue that the request arrived in."""
    opening_rule: str | None = None
    opening_mail_id: UUID | None = None
    linked_case_id: UUID | None = None
    parent_id: UUID | None = None


class InsertedCase(NamedTuple):
    """A case that is to be opened: whom to tell of which delivery."""

    id: UUID
    number: str
    delivery_id: UUID


async def next_number(session: AsyncSession, prefix: str) -> str:
    """`CAS-01042-A1B2C3`: a sequence with gaps, and six random signs so that nobody guesses a neighbour's."""
    drawn = (await session.execute(_NUMBER)).scalar_one()
    return f"{prefix}-{drawn:05d}-{''.join(secrets.choice(_SUFFIX) for _ in range(6))}"


async def insert_opening(session: AsyncSession, new: NewCase, now: datetime, *, prefix: str) -> InsertedCase:
    """Insert the case, `opening`, version 0, and the delivery that its workflow must hear of. The caller commits, then
    dispatches with `CaseDispatcher.open`; housekeeping repeats that until the case has said that it is open."""
    case = InsertedCase(new_id(), await next_number(session, prefix), new_id())
    await session.execute(
        _CASE,
        {
            "id": case.id,
            "number": case.number,
            "status": CaseStatus.OPENING,
            "status_reason": "in-progress",
            "created_on": now,
            "modified_on": now,
            "sla_source": "manual" if new.sla else None,
            **new.model_dump(),
        },
    )
    opens = {"case_id": case.id, "number": case.number, "kind": DeliveryKind.OPEN, "subject_id": case.id}
    await session.execute(_DELIVERY, {"id": case.delivery_id, **opens})
    # The words of a mail are found as that mail's.
    description = new.description if new.opening_mail_id is None else None
    keep(session, of_case(case.id, case.number, new.title, new.custom, now, description))
    return case


async def insert_case(session: AsyncSession, new: NewCase, now: datetime, *, prefix: str) -> tuple[Case, Delivery]:
    """As `insert_opening`, with both rows as entities for whoever goes on with them in the same transaction."""
    inserted = await insert_opening(session, new, now, prefix=prefix)
    return await session.get_one(Case, inserted.id), await session.get_one(Delivery, inserted.delivery_id)
