"""Brakes that need no header (email promise 7): a loop with a machine that sets none dies out, visibly, in quarantine.

Counted from the rows, so that they hold over all mailboxes and workers, and outlive a restart.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from engine.dispatch import ToTell
from models.messages.cases import OPEN_STATUSES
from models.messages.mailflow import DeliveryKind
from models.messages.organisation import OrganisationSettings
from models.records.cases import Case, Delivery
from models.records.mails import EmailMessage
from storage.repositories.outbox import add_delivery


async def braked(
    session: AsyncSession, sender: str, case: Case | None, caps: OrganisationSettings, now: datetime
) -> str | None:
    """Why, in words with figures, no more mail of this sender is taken in for now; None if it is.

    `case`: the one that the mail joins. What was held does not count: a sender is never locked out for longer than one
    window. `now` is wall time, as the rows' is.
    """
    minutes = caps.sender_window_minutes
    seen = select(EmailMessage.id).where(
        EmailMessage.sender == sender,
        EmailMessage.recorded_at >= now - timedelta(minutes=minutes),
        EmailMessage.direction == "in",
    )
    # The one query that nearly every mail costs: it looks at a handful of rows.
    fewest = min(caps.new_cases_per_sender, caps.mails_per_sender_and_case)
    if await _counted(session, seen, fewest) < fewest:
        return None
    if case is not None:
        most = caps.mails_per_sender_and_case
        if await _counted(session, seen.where(EmailMessage.case_id == case.id), most) >= most:
            return f"{most} mails of this sender on {case.number} within {minutes} minutes, which is the most taken in"
        if case.status in OPEN_STATUSES:
            return None
    # A mail for a closed case may open another one.
    most = caps.new_cases_per_sender
    opened = seen.join(Case, and_(Case.id == EmailMessage.case_id, Case.opening_mail_id == EmailMessage.id))
    if await _counted(session, opened, most) >= most:
        return f"{most} cases opened by this sender within {minutes} minutes, which is the most allowed"
    return None


async def news_of_brake(
    session: AsyncSession, case: Case | None, organisation: OrganisationSettings, message_id: UUID, now: datetime
) -> ToTell | None:
    """The case hears once a window that mail for it is held, not of each mail."""
    if case is None:
        return None
    since = now - timedelta(minutes=organisation.sender_window_minutes)
    told = select(Delivery.id).where(
        Delivery.case_id == case.id, Delivery.kind == DeliveryKind.BRAKED, Delivery.recorded_at >= since
    )
    if await session.scalar(told.limit(1)) is not None:
        return None
    delivery = await add_delivery(session, case.id, DeliveryKind.BRAKED, message_id)
    return (
        None
        if delivery is None
        else ToTell(case.id, delivery.number, delivery.origin, delivery.id, DeliveryKind.BRAKED)
    )


async def _counted(session: AsyncSession, wanted: Select[Any], most: int) -> int:
    return await session.scalar(select(func.count()).select_from(wanted.limit(most).subquery())) or 0
