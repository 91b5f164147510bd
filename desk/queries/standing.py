"""How the house stands, in one look: what is red, for the frame of every operator's page and for their first page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from desk.queries.mailboxes import mailbox_statuses
from models.messages.cases import CaseStatus
from models.messages.incidents import IncidentState
from models.messages.mailbox_status import MailboxState, MailboxStatus
from models.messages.mailflow import OutboxState
from models.messages.slas import KpiStatus
from models.records.cases import Case
from models.records.commands import Delivery, Incident
from models.records.promises import KpiRow

MOST_OVERDUE = 200
"""Promises of a kind among which the oldest deadline is looked for."""
CALM = (MailboxState.OK, MailboxState.INACTIVE)


@dataclass(frozen=True, slots=True)
class Standing:
    """`overdue_since`: the instant of the oldest deadline that should have been acted upon, and was not yet."""

    mailboxes: Sequence[MailboxStatus]
    quarantined: int
    incidents: int
    deliveries_undone: int
    overdue_since: datetime | None

    @property
    def troubled(self) -> list[MailboxStatus]:
        """Mailboxes for which somebody should do something."""
        return [each for each in self.mailboxes if each.state not in CALM]

    def letters(self, *states: OutboxState) -> int:
        """How many of all mailboxes are in one of these states, of those that have not left for good."""
        return sum(each.outbox.get(state, 0) for each in self.mailboxes for state in states)

    @property
    def red(self) -> bool:
        return bool(self.troubled or self.incidents)


async def standing(session: AsyncSession, now: datetime, *, storing: bool) -> Standing:
    """From rows alone; `storing`: whether the house takes writes just now."""
    mailboxes = await mailbox_statuses(session, now, storing=storing, sent=False)
    open_ = select(func.count()).select_from(Incident).where(Incident.state == IncidentState.OPEN.value)
    undone = select(func.count()).select_from(Delivery).where(~Delivery.done)
    return Standing(
        mailboxes=mailboxes,
        quarantined=sum(each.quarantined for each in mailboxes),
        incidents=await session.scalar(open_) or 0,
        deliveries_undone=await session.scalar(undone) or 0,
        overdue_since=await _overdue_since(session, now),
    )


async def _overdue_since(session: AsyncSession, now: datetime) -> datetime | None:
    """Of running instances on open cases: a warning or a failure whose instant has come, and that was not written. Each has an
    index; those that have waited longest are enough, because a house that was away has all of them overdue."""
    found: list[datetime] = []
    for status, due in (
        (KpiStatus.IN_PROGRESS, KpiRow.warning_at),
        (KpiStatus.IN_PROGRESS, KpiRow.failure_at),
        (KpiStatus.NEARING, KpiRow.failure_at),
    ):
        longest = (
            select(KpiRow.case_id, due.label("due"))
            .where(KpiRow.status == status.value, due < now)
            .order_by(due)
            .limit(MOST_OVERDUE)
            .subquery()
        )
        open_ = select(func.min(longest.c.due)).join(Case, Case.id == longest.c.case_id)
        since = await session.scalar(open_.where(Case.status == CaseStatus.ACTIVE))
        found += [] if since is None else [since]
    return min(found, default=None)
