"""How far somebody has come who tries Caseloom for the first time, from what has really happened to the case of one customer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import takewhile

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from models.messages.cases import CaseStatus
from models.records.cases import Case
from models.records.mails import EmailMessage
from models.records.reference import Agent, Contact, Entitlement, Mailbox
from models.records.timeline import CaseArticle, TimelineEntry

MOST_CASES = 10
"""Of the customer's, the newest: more are no first steps."""


@dataclass(frozen=True, slots=True)
class FirstSteps:
    """Of the customer's case that has come furthest since one was solved last; `number` None: they have not written yet.
    `left` of `total`: terms of its contract."""

    number: str | None = None
    picked: bool = False
    article: bool = False
    confirmed: bool = False
    resolved: bool = False
    left: Decimal | None = None
    total: Decimal | None = None

    @property
    def done(self) -> int:
        return sum((self.picked, self.article, self.confirmed, self.resolved))


async def first_steps(session: AsyncSession, contact: str, since: datetime) -> FirstSteps:
    """`contact`: the customer's slug. Of their cases only those that a mail of theirs has opened count, and none that is older
    than `since`."""
    cases = await session.scalars(
        select(Case)
        .join(Contact, Contact.id == Case.contact_id)
        .where(Contact.slug == contact, Case.opening_mail_id.is_not(None), Case.created_on >= since)
        .order_by(Case.created_on.desc(), Case.id.desc())
        .limit(MOST_CASES)
    )
    found = [await _of_case(session, case) for case in cases]
    # Whoever begins anew follows the new case; of two that have come as far the newest.
    begun = [*takewhile(lambda steps: not steps.resolved, found)] or found
    return max(begun, key=lambda steps: steps.done, default=FirstSteps())


async def _of_case(session: AsyncSession, case: Case) -> FirstSteps:
    entries = await session.execute(
        select(TimelineEntry.kind, TimelineEntry.id).where(TimelineEntry.case_id == case.id).order_by(TimelineEntry.id)
    )
    told = [(entry.kind, entry.id) for entry in entries]
    last, first = dict(told), dict(reversed(told))
    linked = await session.scalar(select(CaseArticle.article_id).where(CaseArticle.case_id == case.id).limit(1))
    # What the customer has confirmed stays so, whatever is said to them after it.
    said = first.get("article", first.get("reply"))
    sent = linked is not None and case.first_response_sent
    contract = await session.get(Entitlement, case.entitlement_id) if case.entitlement_id else None
    return FirstSteps(
        number=case.number,
        picked="picked" in last,
        article=sent,
        confirmed=sent and said is not None and "mail" in last and last["mail"] > said,
        resolved=case.status == CaseStatus.RESOLVED,
        left=contract.remaining_terms if contract else None,
        total=contract.total_terms if contract else None,
    )


@dataclass(frozen=True, slots=True)
class SetUp:
    """What a new installation has of what it needs."""

    mailbox: bool
    colleagues: bool
    mail: bool


async def set_up(session: AsyncSession) -> SetUp:
    mailbox = await session.scalar(select(Mailbox.id).where(Mailbox.active).limit(1))
    agents = (await session.scalars(select(Agent.id).where(Agent.active).limit(2))).all()
    mail = await session.scalar(select(EmailMessage.id).where(EmailMessage.direction == "in").limit(1))
    return SetUp(mailbox is not None, len(agents) > 1, mail is not None)
