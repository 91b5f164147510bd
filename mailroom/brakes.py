"""Brakes that need no header (email promise 7): a loop with a machine that sets none dies out, visibly, in quarantine.

Counted from the rows, so that they hold over all mailboxes and workers, and outlive a restart. What is proven to be of a
sender is counted apart from what is not: whoever only claims to be a customer does not stop the customer's own mail.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Integer, Select, and_, bindparam, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from engine.dispatch import ToTell
from models.messages.base import counted
from models.messages.cases import OPEN_STATUSES
from models.messages.mail_facts import SenderProof
from models.messages.mailflow import DeliveryKind
from models.messages.organisation import OrganisationSettings
from models.records.base import table_of
from models.records.cases import Case
from models.records.commands import Delivery
from models.records.mails import EmailMessage
from storage.repositories.mails import IN_WINDOW, KnownCase, Sender, sender_of
from storage.repositories.outbox import add_delivery

_messages, _cases = table_of(EmailMessage).c, table_of(Case).c


def _counting(wanted: Select[Any]) -> Select[int]:
    """How many, and of more than the cap never more than the cap: a flood is not counted through."""
    return select(func.count()).select_from(wanted.limit(bindparam("most", type_=Integer)).subquery())


# Built once: a flood of one sender asks them for every mail.
_ON_CASE = _counting(select(_messages.id).where(IN_WINDOW, _messages.case_id == bindparam("case")))
_OPENED = _counting(
    select(_messages.id)
    .join_from(
        table_of(EmailMessage),
        table_of(Case),
        and_(_cases.id == _messages.case_id, _cases.opening_mail_id == _messages.id),
    )
    .where(IN_WINDOW)
)


async def who_writes(
    session: AsyncSession, address: str, proof: SenderProof, caps: OrganisationSettings, now: datetime
) -> Sender:
    """The sender, with as many of their latest mails as it takes to ask whether a brake holds; `now` is wall time."""
    return await sender_of(session, address, _since(caps, now), _fewest(caps), proof)


async def braked(
    session: AsyncSession,
    address: str,
    proof: SenderProof,
    lately: int,
    case: KnownCase | None,
    caps: OrganisationSettings,
    now: datetime,
) -> str | None:
    """Why, in words with figures, no more mail of this sender is taken in for now; None if it is.

    `lately`: what `who_writes` counted. `case`: the one that the mail joins. What was held does not count: a sender is
    never locked out for longer than one window. `now` is wall time, as the rows' is.
    """
    if lately < _fewest(caps):
        return None
    minutes = counted(caps.sender_window_minutes, "minute")
    asked = {"sender": address, "proof": proof.value, "since": _since(caps, now)}
    if case is not None:
        most = caps.mails_per_sender_and_case
        if (await session.scalar(_ON_CASE, {**asked, "case": case.id, "most": most}) or 0) >= most:
            return (
                f"{counted(most, 'mail')} of this sender on {case.number} within {minutes}, which is the most taken in"
            )
        if case.status in OPEN_STATUSES:
            return None
    # A mail for a closed case may open another one.
    most = caps.new_cases_per_sender
    if (await session.scalar(_OPENED, {**asked, "most": most}) or 0) >= most:
        return f"{counted(most, 'case')} opened by this sender within {minutes}, which is the most allowed"
    return None


def _since(caps: OrganisationSettings, now: datetime) -> datetime:
    return now - timedelta(minutes=caps.sender_window_minutes)


def _fewest(caps: OrganisationSettings) -> int:
    return min(caps.new_cases_per_sender, caps.mails_per_sender_and_case)


async def news_of_brake(
    session: AsyncSession, case: KnownCase | None, organisation: OrganisationSettings, message_id: UUID, now: datetime
) -> ToTell | None:
    """The case hears once a window that mail for it is held, not of each mail."""
    if case is None:
        return None
    told = select(Delivery.id).where(
        Delivery.case_id == case.id,
        Delivery.kind == DeliveryKind.BRAKED,
        Delivery.recorded_at >= _since(organisation, now),
    )
    if await session.scalar(told.limit(1)) is not None:
        return None
    delivery = await add_delivery(session, case.id, DeliveryKind.BRAKED, message_id)
    if delivery is None:
        return None
    return ToTell(case.id, delivery.number, delivery.origin, delivery.id, DeliveryKind.BRAKED)
