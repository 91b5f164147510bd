"""Whether the customer has been answered: which letters of agents count, and what is left when one of them does not."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from cases.kpis import FIRST_RESPONSE
from cases.unit import CaseUnit
from models.messages.cases import OPEN_STATUSES, CaseStatus
from models.messages.mail_facts import OutgoingFacts, OutgoingKind
from models.messages.mailflow import OutboxState
from models.messages.organisation import EMAIL
from models.records.cases import Case
from models.records.customers import ContactAddress
from models.records.mails import EmailMessage, Outbox
from models.records.reference import Agent, Contact, Mailbox
from models.records.timeline import Activity, TimelineEntry
from policies.responses import is_answer
from storage.repositories.customers import addresses_for

LETTERS = (OutgoingKind.REPLY, OutgoingKind.ARTICLE)
"""What agents write to customers."""
LOST = (OutboxState.FAILED, OutboxState.BOUNCED, OutboxState.SUPPRESSED, OutboxState.UNDONE)
"""It did not arrive, as far as we know: no answer after all."""
BY_HAND = "first-response"
"""The timeline's kind of entry that somebody has said by hand that the customer was answered, and how."""


async def customer_addresses(session: AsyncSession, case: Case) -> tuple[str, ...]:
    """The contact's addresses first, of these the one to write to, then those that people wrote to the case from, the latest
    first."""
    contact = await addresses_for(session, case.contact_id, case.id) if case.contact_id else ()
    senders = await session.scalars(
        select(EmailMessage.sender)
        .where(EmailMessage.case_id == case.id, EmailMessage.direction == "in", EmailMessage.automatic.is_(None))
        .order_by(EmailMessage.id.desc())
    )
    return tuple(dict.fromkeys([*contact, *senders]))


async def reaches_customer(session: AsyncSession, case: Case, kind: str, recipients: Collection[str]) -> bool:
    """Whether this letter of an agent is an answer to the customer: to the contact, to anybody who wrote to the case, or to
    another contact of the customer's account. While nobody of the customer is known, whoever is not of this house is."""
    known = set(await customer_addresses(session, case))
    if case.account_id is not None:
        theirs = (
            select(ContactAddress.address)
            .join(Contact, Contact.id == ContactAddress.contact_id)
            .where(Contact.account_id == case.account_id, ContactAddress.address.in_(recipients))
        )
        known.update(await session.scalars(theirs))
    if case.contact_id is None and not known:
        known = set(recipients) - await _of_the_house(session, recipients)
    facts = OutgoingFacts(
        kind=OutgoingKind(kind),
        by_agent=True,
        recipients=frozenset(recipients),
        customer_addresses=frozenset(known),
    )
    return is_answer(facts)


async def _of_the_house(session: AsyncSession, addresses: Collection[str]) -> set[str]:
    agents = await session.scalars(select(Agent.email).where(Agent.email.in_(addresses)))
    mailboxes = await session.scalars(select(Mailbox.address).where(Mailbox.address.in_(addresses)))
    return {*agents, *mailboxes}


def answered(unit: CaseUnit, channel: str) -> None:
    """The customer was answered this way now. The first time it is the first response, if the organisation counts it."""
    if unit.case.status == CaseStatus.ACTIVE and channel in unit.organisation.first_response_channels:
        unit.case.first_response_sent = True
        unit.case.answered_on = unit.now


async def one_answer_less(unit: CaseUnit) -> None:
    """A letter is lost or was taken back: what the case says of its answers follows from those that are left.

    Without any, the first response has not been given: its KPI runs again with its first deadline (design, "A mail's
    way" 6). A closed case stays as it is.
    """
    case, session = unit.case, unit.session
    if case.status not in OPEN_STATUSES:
        return
    answers = await _answers(session, case)
    case.customer_replied_last = await _replied_since(session, case, answers[-1] if answers else None)
    case.answered_on = await _answered_on(unit, answers)
    by_mail = bool(answers) and EMAIL in unit.organisation.first_response_channels
    if case.first_response_sent and not by_mail and not await _answered_otherwise(unit):
        case.first_response_sent = False
        unit.did_not_last = FIRST_RESPONSE


async def _answered_on(unit: CaseUnit, letters: Collection[UUID]) -> datetime | None:
    """When the last answer that is left was given: a letter by its first entry on the timeline, a call by its end."""
    channels, of_case = unit.organisation.first_response_channels, TimelineEntry.case_id == unit.case.id
    written = select(func.min(TimelineEntry.at)).where(of_case, TimelineEntry.subject_id.in_(letters))
    sent = list(await unit.session.scalars(written.group_by(TimelineEntry.subject_id))) if EMAIL in channels else []
    called = select(func.max(Activity.closed_on)).where(
        Activity.case_id == unit.case.id, Activity.status == "completed", Activity.kind.in_(channels)
    )
    by_hand = select(func.max(TimelineEntry.at)).where(of_case, TimelineEntry.kind == BY_HAND)
    others = [await unit.session.scalar(called), await unit.session.scalar(by_hand)]
    return max((at for at in (*sent, *others) if at is not None), default=None)


async def has_replied_last(session: AsyncSession, case: Case) -> bool:
    """Whether the customer wrote since our last answer, by the mails that are on the case now."""
    answers = await _answers(session, case)
    return await _replied_since(session, case, answers[-1] if answers else None)


async def _answers(session: AsyncSession, case: Case) -> list[UUID]:
    """Letters of agents to the customer that arrived, as far as we know; the oldest first."""
    letters = await session.execute(
        select(EmailMessage.id, EmailMessage.recipients, Outbox.kind)
        .join(Outbox, Outbox.message_id == EmailMessage.id)
        .where(Outbox.case_id == case.id, Outbox.kind.in_(LETTERS), Outbox.state.not_in(LOST))
        .order_by(EmailMessage.id)
    )
    return [
        id
        for id, to, kind in letters
        if await reaches_customer(session, case, kind, [each for part in to.values() for each in part])
    ]


async def _answered_otherwise(unit: CaseUnit) -> bool:
    """By a completed call, or another activity that counts; or somebody has said so by hand."""
    channels = unit.organisation.first_response_channels
    calls = select(Activity.id).where(
        Activity.case_id == unit.case.id, Activity.status == "completed", Activity.kind.in_(channels)
    )
    by_hand = select(TimelineEntry.id).where(TimelineEntry.case_id == unit.case.id, TimelineEntry.kind == BY_HAND)
    return bool(await unit.session.scalar(select(or_(exists(calls), exists(by_hand)))))


async def _replied_since(session: AsyncSession, case: Case, answer: UUID | None) -> bool:
    """Whether the customer wrote since our answer; without one, since the mail that opened the case."""
    since = answer or case.opening_mail_id
    theirs = select(EmailMessage.id).where(
        EmailMessage.case_id == case.id, EmailMessage.direction == "in", EmailMessage.automatic.is_(None)
    )
    if since is not None:
        theirs = theirs.where(EmailMessage.id > since)
    return bool(await session.scalar(select(exists(theirs))))
