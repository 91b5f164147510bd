"""The rows of an arriving mail, by plain inserts: this is the hot path of a flood."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, insert, update
from sqlalchemy.ext.asyncio import AsyncSession

from engine.dispatch import ToTell
from mailroom.arrival import Arrived, Incoming
from mailroom.verdict import HouseRules, Verdict
from models.messages.mail_facts import SenderProof
from models.messages.mailflow import DeliveryKind
from models.messages.storable import instant_fault
from models.records.base import new_id, table_of
from models.records.commands import Delivery
from models.records.customers import PRIMARY, ContactAddress
from models.records.mails import Attachment, EmailMessage, InboundMail, MessageLink
from models.records.reference import Contact
from storage.fulltext.entries import keep, of_contact, of_mail, people_of
from storage.repositories.mails import KnownContact, KnownMessage

# Built once: what is built anew for every mail costs more than the database takes to write it.
_MESSAGE, _LINK, _ATTACHMENT, _ENTRY, _DELIVERY, _CONTACT = (
    insert(table_of(record)) for record in (EmailMessage, MessageLink, Attachment, InboundMail, Delivery, Contact)
)
_ADDRESS = insert(table_of(ContactAddress))
_messages = table_of(EmailMessage)
_PLACE_AGAIN = (
    update(_messages)
    .where(_messages.c.id == bindparam("copy"))
    .values(case_id=bindparam("case"), link_method=bindparam("method"), mailbox_id=bindparam("mailbox"))
)


async def insert_message(
    session: AsyncSession,
    arrived: Arrived,
    mail: Incoming,
    house: HouseRules,
    verdict: Verdict,
    content_hash: str,
    proof: SenderProof,
    noted: Sequence[str],
) -> None:
    """The message with its links and attachments. `content_hash`: what makes it unique beside its Message-ID. `noted`: what
    intake found out about it, beside the defects that parsing found."""
    parsed = mail.parsed
    sender, name = (mail.sender or "")[:320], mail.sender_name[:200] or None
    recipients = {"to": [to.address for to in parsed.to], "cc": [cc.address for cc in parsed.cc]}
    named = [hashed for hashed in mail.named_hashes if hashed != mail.message_id_hash]
    await session.execute(
        _MESSAGE,
        {
            "id": verdict.message_id,
            "direction": "in",
            "case_id": verdict.case_id,
            "mailbox_id": house.mailbox.id,
            "message_id": (parsed.message_id or "")[:998],
            "message_id_hash": mail.message_id_hash,
            "content_hash": content_hash,
            "in_reply_to": parsed.in_reply_to[:998] if parsed.in_reply_to else None,
            "references": list(parsed.references),
            "sender": sender,
            "sender_name": name,
            "recipients": recipients,
            "subject": parsed.subject[:998],
            "text": parsed.text,
            "html": parsed.html,
            "date": None if parsed.date is None or instant_fault(parsed.date) else parsed.date,
            "automatic": str(mail.automatic) if mail.automatic else None,
            "unanswerable": str(mail.unanswerable) if mail.unanswerable else None,
            "via": mail.via[:320] if mail.via else None,
            "sender_proof": proof.value,
            "raw_sha256": arrived.raw_sha256 or None,
            "link_method": str(verdict.method) if verdict.method else None,
            "defects": [*parsed.defects, *noted],
        },
    )
    people = people_of(sender, name, recipients)
    if verdict.message_id is not None:
        keep(session, of_mail(verdict.message_id, verdict.case_id, parsed.subject[:998], parsed.text, people))
    if named:
        await session.execute(
            _LINK,
            [{"message_id": verdict.message_id, "named_hash": hashed} for hashed in named],
        )
    if mail.attachments:
        await session.execute(
            _ATTACHMENT,
            [
                {
                    "id": new_id(),
                    "message_id": verdict.message_id,
                    "position": position,
                    "filename": attachment.filename[:300],
                    "content_type": attachment.content_type[:200],
                    "content_id": attachment.content_id[:998] if attachment.content_id else None,
                    "inline": attachment.inline,
                    "size": attachment.size,
                    "sha256": attachment.sha256,
                }
                for position, attachment in enumerate(mail.attachments)
            ],
        )


async def enter(
    session: AsyncSession, arrived: Arrived, verdict: Verdict, house: HouseRules, uidvalidity: int, now: datetime
) -> None:
    """The row of the mail log: one a UID."""
    await session.execute(
        _ENTRY,
        {
            "id": new_id(),
            "mailbox_id": house.mailbox.id,
            "uidvalidity": uidvalidity,
            "uid": arrived.uid,
            "raw_sha256": arrived.raw_sha256,
            "raw_size": arrived.raw_size,
            "received_on": now,
            "flagged": not arrived.delivered,  # nothing is done on the server to what it does not give
            "verdict": verdict.verdict,
            "reason": verdict.reason,
            "explanation": verdict.explanation,
            "rule": verdict.rule,
            "item": verdict.item,
            "message_id": verdict.message_id,
            "case_id": verdict.case_id,
        },
    )


async def insert_delivery(session: AsyncSession, news: ToTell, kind: DeliveryKind, subject_id: UUID) -> None:
    """The case must hear of this."""
    await session.execute(
        _DELIVERY,
        {
            "id": news.delivery_id,
            "case_id": news.case_id,
            "number": news.number,
            "kind": kind,
            "subject_id": subject_id,
        },
    )


async def place_again(session: AsyncSession, copy: KnownMessage, verdict: Verdict, house: HouseRules) -> None:
    """A message that is stored already goes where this copy of it went; it is this mailbox's if that is a case."""
    mailbox_id = copy.mailbox_id if verdict.case_id is None else house.mailbox.id
    method = str(verdict.method) if verdict.method else None
    given = {"copy": copy.id, "case": verdict.case_id, "method": method, "mailbox": mailbox_id}
    await session.execute(_PLACE_AGAIN, given)


async def new_contact(session: AsyncSession, address: str, name: str) -> KnownContact:
    contact = KnownContact(id=new_id(), name=name[:200] or address[:200], email=address)
    await session.execute(_CONTACT, contact._asdict())
    await session.execute(_ADDRESS, {"address": address, "contact_id": contact.id, "position": PRIMARY})
    keep(session, of_contact(contact.id, contact.name, contact.email))
    return contact
