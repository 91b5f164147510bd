"""Mail as the intake leaves it: rows and a delivery, so that tests of cases need no mail server."""

from __future__ import annotations

import hashlib
from typing import Any
from uuid import UUID

from sqlalchemy import select

from mail.keys import message_id_hash
from models.messages.cases import CaseStatus
from models.messages.mailflow import DeliveryKind
from models.records.base import new_id
from models.records.cases import Case
from models.records.commands import Delivery
from models.records.mails import EmailMessage
from models.records.reference import Mailbox
from tests.support.desks import OPENED_ON, Desk
from tests.support.waiting import until

CUSTOMER = "casey@customer.example"
SUPPORT = "support@desk.example"


async def mail(desk: Desk, text: str = "It still does not pair.", **fields: Any) -> EmailMessage:
    """A mail of the customer, taken in but not yet on any case."""
    id = new_id()
    async with desk.house.database.write() as session:
        mailbox = await session.scalar(select(Mailbox).order_by(Mailbox.slug).limit(1))
        assert mailbox is not None
        message_id = f"<{id}@customer.example>"
        row = EmailMessage(
            **{
                "id": id,
                "direction": "in",
                "mailbox_id": mailbox.id,
                "message_id": message_id,
                "message_id_hash": message_id_hash(message_id),
                "content_hash": hashlib.sha256(text.encode()).hexdigest(),
                "references": [],
                "sender": CUSTOMER,
                "sender_name": "Casey",
                "recipients": {"to": [SUPPORT], "cc": []},
                "subject": "My headphones",
                "text": text,
                "date": OPENED_ON,
                "link_method": "token",
                "defects": [],
                **fields,
            }
        )
        session.add(row)
        return row


async def open_by_mail(desk: Desk, text: str = "They do not pair.", **fields: Any) -> str:
    """The number of a case that a mail of the customer has opened."""
    letter = await mail(desk, text)
    given = {"title": letter.subject, "description": text, "origin": "email", "opening_rule": "mail-to-support"}
    return await desk.open(opening_mail_id=letter.id, **{**given, **fields})


async def must_hear(desk: Desk, number: str, subject_id: UUID, kind: DeliveryKind = DeliveryKind.MAIL) -> Delivery:
    """The delivery's row; nobody was told yet."""
    case = await desk.case(number)
    async with desk.house.database.write() as session:
        row = Delivery(id=new_id(), case_id=case.id, number=number, kind=kind, subject_id=subject_id)
        session.add(row)
        return row


async def tell(desk: Desk, case: Case, delivery: Delivery, times: int = 1) -> None:
    """Dispatch it, as often as asked: each but the first is a repetition."""
    for _ in range(times):
        await desk.house.dispatcher.deliver(case.id, case.number, case.origin, delivery.id, DeliveryKind(delivery.kind))


async def receive(desk: Desk, number: str, times: int = 1, **fields: Any) -> Delivery:
    """A mail of the customer for this case, told `times` times; the answer is its delivery, done."""
    letter = await mail(desk, **fields)
    delivery = await must_hear(desk, number, letter.id)
    await tell(desk, await desk.case(number), delivery, times)
    return await heard(desk, delivery.id)


async def heard(desk: Desk, delivery_id: UUID) -> Delivery:
    """The delivery once its case has confirmed it."""

    async def done() -> bool:
        async with desk.house.database.read() as session:
            return (await session.get_one(Delivery, delivery_id)).done

    await until(done)
    async with desk.house.database.read() as session:
        found = await session.get_one(Delivery, delivery_id)
    await desk.settled(found.number)
    return found


async def mails_of(desk: Desk, number: str, direction: str = "in") -> int:
    case = await desk.case(number)
    async with desk.house.database.read() as session:
        rows = select(EmailMessage.id).where(EmailMessage.case_id == case.id, EmailMessage.direction == direction)
        return len(list(await session.scalars(rows)))


async def outcomes(desk: Desk, number: str) -> list[str]:
    """What became of the case's mails, in their order."""
    return [entry.data["outcome"] for entry in await desk.timeline(number, "mail")]


async def related_to(desk: Desk, number: str) -> list[Case]:
    """Open cases that were made because of this one."""
    case = await desk.case(number)
    async with desk.house.database.read() as session:
        rows = select(Case).where(Case.linked_case_id == case.id, Case.status.in_((CaseStatus.OPENING, "active")))
        return list(await session.scalars(rows.order_by(Case.id)))
