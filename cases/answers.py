"""Whether the customer has been answered: which letters of agents count, and what is left when one of them does not."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from cases.kpis import FIRST_RESPONSE
from cases.unit import CaseUnit
from models.messages.cases import OPEN_STATUSES
from models.messages.mail_facts import OutgoingFacts, OutgoingKind
from models.messages.mailflow import OutboxState
from models.records.cases import Case
from models.records.mails import EmailMessage, Outbox
from models.records.reference import Contact
from policies.responses import is_first_response
from storage.kept import named

LETTERS = (OutgoingKind.REPLY, OutgoingKind.ARTICLE)
"""What agents write to customers."""
LOST = (OutboxState.FAILED, OutboxState.BOUNCED, OutboxState.SUPPRESSED, OutboxState.UNDONE)
"""It did not arrive, as far as we know: no answer after all."""


async def customer_addresses(session: AsyncSession, case: Case) -> tuple[str, ...]:
    """The contact's address first, then those that people wrote to the case from, the latest first."""
    contact = await named(session, Contact, case.contact_id)
    senders = await session.scalars(
        select(EmailMessage.sender)
        .where(EmailMessage.case_id == case.id, EmailMessage.direction == "in", EmailMessage.automatic.is_(None))
        .order_by(EmailMessage.id.desc())
    )
    return tuple(dict.fromkeys([*([contact.email] if contact else []), *senders]))


def reaches_customer(kind: str, recipients: Iterable[str], customer: Iterable[str]) -> bool:
    facts = OutgoingFacts(
        kind=OutgoingKind(kind),
        by_agent=True,
        recipients=frozenset(recipients),
        customer_addresses=frozenset(customer),
    )
    return is_first_response(facts)


async def one_answer_less(unit: CaseUnit) -> None:
    """A letter is lost or was taken back: what the case says of its answers follows from those that are left.

    Without any, the first response has not been given: its KPI runs again with its first deadline (design, "A mail's
    way" 6). A closed case stays as it is.
    """
    case, session = unit.case, unit.session
    if case.status not in OPEN_STATUSES:
        return
    customer = await customer_addresses(session, case)
    letters = await session.execute(
        select(EmailMessage.id, EmailMessage.recipients, Outbox.kind)
        .join(Outbox, Outbox.message_id == EmailMessage.id)
        .where(Outbox.case_id == case.id, Outbox.kind.in_(LETTERS), Outbox.state.not_in(LOST))
        .order_by(EmailMessage.id)
    )
    answers = [
        id
        for id, to, kind in letters
        if reaches_customer(kind, [each for part in to.values() for each in part], customer)
    ]
    case.customer_replied_last = await _replied_since(session, case, answers[-1] if answers else None)
    if case.first_response_sent and not answers:
        case.first_response_sent = False
        unit.did_not_last = FIRST_RESPONSE


async def _replied_since(session: AsyncSession, case: Case, answer: UUID | None) -> bool:
    """Whether the customer wrote since our answer; without one, since the mail that opened the case."""
    since = answer or case.opening_mail_id
    theirs = select(EmailMessage.id).where(
        EmailMessage.case_id == case.id, EmailMessage.direction == "in", EmailMessage.automatic.is_(None)
    )
    if since is not None:
        theirs = theirs.where(EmailMessage.id > since)
    return bool(await session.scalar(select(exists(theirs))))
