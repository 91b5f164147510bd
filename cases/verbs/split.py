"""A mail that speaks of another matter becomes a case of its own (domain 1.5)."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select, update

from cases.answers import has_replied_last
from cases.opener import NewCase
from cases.unit import CaseUnit, refused
from models.messages.cases import CaseCommand, ProblemType
from models.messages.families import SplitBody
from models.messages.said import said
from models.messages.storable import is_blank
from models.records.customers import ContactAddress
from models.records.mails import EmailMessage, InboundMail
from models.records.reference import Contact
from models.records.timeline import TimelineEntry

SPLIT_OFF = "split-off"


async def split(unit: CaseUnit, command: CaseCommand, body: SplitBody) -> str:
    """A new case of the mail's sender, in the queue of this one, which it is related to; the mail and its files go there.

    The mail that opened the case stays: without it the case would be about nothing.
    """
    case, session = unit.case, unit.session
    message = await session.get(EmailMessage, body.message)
    if message is None or message.case_id != case.id or message.direction != "in":
        raise refused(ProblemType.NOT_FOUND, said("the case has no such mail of a customer."), field="message")
    if message.id == case.opening_mail_id:
        raise refused(ProblemType.INVALID, said("the mail that opened the case stays with it."), field="message")
    contact = await _sender(unit, message)
    made = await unit.opens(
        NewCase(
            title=body.title or ("(no subject)" if is_blank(message.subject) else message.subject[:300]),
            description=message.text,
            origin="email",
            account_id=case.account_id,
            contact_id=case.contact_id if contact is None else contact,
            queue=case.queue,
            opening_mail_id=message.id,
            linked_case_id=case.id,
        )
    )
    message.case_id = made.id
    await session.execute(update(InboundMail).where(InboundMail.message_id == message.id).values(case_id=made.id))
    await _forget(unit, message.id, made.number)
    await unit.flush()
    case.customer_replied_last = await has_replied_last(session, case)
    unit.tell(f"command/{command.id}", SPLIT_OFF, actor_id=command.actor_id, related=made.number)
    return made.number


async def _sender(unit: CaseUnit, message: EmailMessage) -> UUID | None:
    """Who wrote it, if they are somebody of the same customer."""
    person = await unit.session.scalar(
        select(Contact)
        .join(ContactAddress, ContactAddress.contact_id == Contact.id)
        .where(ContactAddress.address == message.sender, Contact.active)
    )
    return person.id if person is not None and person.account_id == unit.case.account_id else None


async def _forget(unit: CaseUnit, message_id: UUID, number: str) -> None:
    """What the timeline says of the mail stays; the mail itself shows on its own case alone. Its key is free again: the
    mail may come back, when that case is merged into this one."""
    entries = await unit.session.scalars(
        select(TimelineEntry).where(TimelineEntry.case_id == unit.case.id, TimelineEntry.subject_id == message_id)
    )
    for entry in entries:
        entry.key, entry.subject_id = f"{SPLIT_OFF}/{entry.id}", None
        entry.data = {**entry.data, "related": number, "outcome": SPLIT_OFF}
