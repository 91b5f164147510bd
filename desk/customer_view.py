"""A case as its customer sees it by their link: its state, what is promised, and the letters that they and we exchanged.

Shown are mails of the contact's own addresses, and letters of ours that went to them. Notes, mails among our people, mails of
others and everything of other cases are not there for this page, whatever the link.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import Select, and_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from cases.customers import survivor
from cases.snapshots import kpi_instances
from desk.attachments import Download, safe_filename
from desk.errors import NotFound
from desk.links import Closed, LinkClosed
from letters.case_people import language_of
from letters.links import LinkKind, LinkSigner, read_token
from mail.quotes import strip_quote
from models.messages.addresses import canonical_address
from models.messages.cases import CaseStatus
from models.messages.mail_facts import OutgoingKind
from models.messages.mailflow import DeliveryKind, OutboxState
from models.messages.slas import OPEN_KPI_STATUSES, KpiStatus
from models.records.cases import Case
from models.records.commands import Delivery
from models.records.customers import ContactAddress
from models.records.mails import Attachment, EmailMessage, Outbox
from models.records.reference import Contact
from models.records.surveys import CustomerLink
from storage.definitions import Definitions
from storage.repositories.threads import last_survivor

WAITING = "waiting-for-details"
"""The reason of a case that waits for its customer."""
BARE_LINK = re.compile(rf"/{LinkKind.CASE}/[0-9a-f]{{32}}(?![0-9A-Za-z.])")
MOST_LETTERS = 200
"""The newest ones of a case; a page of more would help nobody."""
NEW_LINKS = "new-link/"
"""Before the keys of letters that bring a new link for one that is over."""
TO_CUSTOMERS = tuple(kind.value for kind in OutgoingKind if kind is not OutgoingKind.SURVEY)
NEVER_LEFT = (OutboxState.UNDONE.value, OutboxState.SUPPRESSED.value, OutboxState.FAILED.value)


@dataclass(frozen=True, slots=True)
class File:
    id: UUID
    filename: str
    size: int


@dataclass(frozen=True, slots=True)
class Letter:
    """`ours`: from the house to the customer. `at`: when it was sent or arrived."""

    ours: bool
    sender: str
    at: datetime
    subject: str
    text: str
    files: tuple[File, ...]


@dataclass(frozen=True, slots=True)
class Promise:
    """A deadline that runs, or waits."""

    name: str
    due: datetime | None
    paused: bool
    missed: bool


@dataclass(frozen=True, slots=True)
class CustomerCase:
    number: str
    title: str
    status: CaseStatus
    waits_for_customer: bool
    told_solved: bool
    """The customer has said so in this life of the case."""
    opened_on: datetime
    resolved_on: datetime | None
    promises: tuple[Promise, ...]
    letters: tuple[Letter, ...]
    """The newest first."""
    language: str | None
    contact: str


@dataclass(frozen=True, slots=True)
class Opened:
    """What a link leads to, once it is known to be good."""

    case: Case
    contact: Contact
    link: UUID


async def opened(
    session: AsyncSession, definitions: Definitions, links: LinkSigner, token: str, now: datetime
) -> Opened:
    """The case and its contact. `LinkClosed` for a link that is forged, over or revoked, or whose case is another's by now, and
    for every link while the organisation shows customers no cases."""
    found, over = await _named(session, definitions, links, token, now)
    if over:
        raise LinkClosed(Closed.EXPIRED)
    return found


async def expired(
    session: AsyncSession, definitions: Definitions, links: LinkSigner, token: str, now: datetime
) -> Opened | None:
    """What a link led to whose time is over, and nothing else is wrong with it; None for every other."""
    try:
        found, over = await _named(session, definitions, links, token, now)
    except LinkClosed:
        return None
    return found if over else None


async def _named(
    session: AsyncSession, definitions: Definitions, links: LinkSigner, token: str, now: datetime
) -> tuple[Opened, bool]:
    """What the link is of, and whether its time is over: said last, because a new one would open it again."""
    read = read_token(token)
    row = await session.get(CustomerLink, read.id) if read is not None else None
    if read is None or row is None or not links.holds(LinkKind.CASE, read, row.case_id):
        raise LinkClosed(Closed.UNKNOWN)
    if row.revoked_on is not None or not (await definitions.organisation(session)).pages.customer_view:
        raise LinkClosed(Closed.REVOKED)
    case = await last_survivor(session, await session.get_one(Case, row.case_id))
    contact = await survivor(session, Contact, row.contact_id)
    theirs = await survivor(session, Contact, case.contact_id)
    if contact is None or theirs is None or contact.id != theirs.id:
        raise LinkClosed(Closed.REVOKED)
    over = row.expires_on <= now
    if over and await _last_was_closed(session, row):
        raise LinkClosed(Closed.REVOKED)
    return Opened(case, contact, row.id), over


async def _last_was_closed(session: AsyncSession, row: CustomerLink) -> bool:
    """Somebody has ended the newest link of this case and contact: an older one, which was over already, must not bring another
    before the house writes again."""
    newest = select(CustomerLink.revoked_on).where(
        CustomerLink.case_id == row.case_id, CustomerLink.contact_id == row.contact_id
    )
    return await session.scalar(newest.order_by(CustomerLink.id.desc()).limit(1)) is not None


async def view(session: AsyncSession, found: Opened, *, promises: bool) -> CustomerCase:
    """`promises`: whether the organisation shows them."""
    case, contact = found.case, found.contact
    return CustomerCase(
        number=case.number,
        title=case.title,
        status=CaseStatus(case.status),
        waits_for_customer=case.status == CaseStatus.ACTIVE and case.status_reason == WAITING,
        told_solved=await _told_solved(session, case),
        opened_on=case.created_on,
        resolved_on=case.resolved_on,
        promises=await _promises(session, case) if promises else (),
        letters=await _letters(session, case, contact),
        language=await language_of(session, contact),
        contact=contact.name,
    )


async def file_of(session: AsyncSession, found: Opened, id: UUID) -> Download:
    """A file of a letter that the page shows. `NotFound` for every other."""
    row = await session.get(Attachment, id)
    if row is None or row.message_id is None:
        raise NotFound("file", id)
    shown = {message.id for message, _ in await _shown(session, found.case, found.contact)}
    if row.message_id not in shown:
        raise NotFound("file", id)
    return Download(safe_filename(row.filename), row.size, row.sha256, row.content_type)


def solved_in_this_life(case: Case) -> UUID:
    """What a customer's word that it is solved is about: it is told once in each life of the case."""
    return uuid5(case.id, f"solved/{case.life}")


async def _told_solved(session: AsyncSession, case: Case) -> bool:
    wanted = select(Delivery.id).where(
        Delivery.case_id == case.id,
        Delivery.kind == DeliveryKind.SOLVED.value,
        Delivery.subject_id == solved_in_this_life(case),
    )
    return await session.scalar(wanted) is not None


async def _promises(session: AsyncSession, case: Case) -> tuple[Promise, ...]:
    found = []
    for instance in await kpi_instances(session, case):
        if instance.status in OPEN_KPI_STATUSES or instance.status is KpiStatus.NONCOMPLIANT:
            paused = instance.status is KpiStatus.PAUSED
            missed = instance.status is KpiStatus.NONCOMPLIANT
            found.append(Promise(instance.item_name, None if paused else instance.failure_at, paused, missed))
    return tuple(found)


async def _shown(session: AsyncSession, case: Case, contact: Contact) -> list[tuple[EmailMessage, datetime | None]]:
    rows = await session.scalars(select(ContactAddress.address).where(ContactAddress.contact_id == contact.id))
    theirs = {canonical_address(each) for each in (*rows, contact.email)}
    found: Any = await session.execute(
        select(EmailMessage, Outbox)
        .outerjoin(Outbox, Outbox.message_id == EmailMessage.id)
        .where(
            or_(EmailMessage.case_id == case.id, EmailMessage.id.in_(_on_their_way(case))),
            or_(
                and_(EmailMessage.direction == "in", EmailMessage.automatic.is_(None)),
                and_(
                    EmailMessage.direction == "out",
                    Outbox.kind.in_(TO_CUSTOMERS),
                    Outbox.state.not_in(NEVER_LEFT),
                    # They only lead to this page.
                    ~Outbox.key.startswith(NEW_LINKS),
                ),
            ),
        )
        .order_by(EmailMessage.id.desc())
    )
    shown: list[tuple[EmailMessage, datetime | None]] = []
    for message, letter in found:
        people = [message.sender] if message.direction == "in" else letter.envelope_to
        known = [canonical_address(each) in theirs for each in people]
        if letter is not None and letter.kind == OutgoingKind.NOTICE and not all(known):
            continue
        if any(known):
            shown.append((message, None if letter is None else letter.sent_on or letter.not_before))
        if len(shown) == MOST_LETTERS:
            break
    return shown


def _on_their_way(case: Case) -> Select[UUID]:
    """Mails that the case has not taken in yet: who has just written sees what they wrote."""
    return select(Delivery.subject_id).where(
        Delivery.case_id == case.id, Delivery.kind == DeliveryKind.MAIL.value, ~Delivery.done
    )


async def _letters(session: AsyncSession, case: Case, contact: Contact) -> tuple[Letter, ...]:
    shown = await _shown(session, case, contact)
    files: defaultdict[UUID, list[File]] = defaultdict(list)
    for row in await session.scalars(
        select(Attachment)
        .where(Attachment.message_id.in_([message.id for message, _ in shown]))
        .order_by(Attachment.position)
    ):
        if row.message_id is not None:
            files[row.message_id].append(File(row.id, safe_filename(row.filename), row.size))
    return tuple(
        Letter(
            ours=message.direction == "out",
            sender=message.sender_name or message.sender,
            at=sent or message.recorded_at,
            subject=message.subject,
            text=_without_links(message.text)
            if message.direction == "out"
            else strip_quote(message.text, message.subject, message.in_reply_to)[0],
            files=tuple(files[message.id]),
        )
        for message, sent in shown
    )


def _without_links(text: str) -> str:
    """Our letter without the lines that lead to the page on which it is shown: as stored, such an address opens nothing."""
    return "\n".join(line for line in text.split("\n") if BARE_LINK.search(line) is None)
