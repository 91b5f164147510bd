"""Figures of the whole house, by state: counts, and nothing of a customer."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from models.records.cases import Case
from models.records.commands import Delivery, Incident
from models.records.mails import InboundMail, Outbox
from storage.sqlite import aside


@dataclass(frozen=True, slots=True)
class HouseFigures:
    cases: dict[str, int]
    """By status."""
    outgoing: dict[str, int]
    """By state of the outbox row."""
    incoming: dict[str, int]
    """By verdict of the intake."""
    deliveries_undone: int
    """Facts that a case has not heard of yet."""
    incidents: dict[str, int]
    """By state: what cases could not do by a fault of ours."""


async def house_figures(session: AsyncSession) -> HouseFigures:
    undone = select(func.count()).select_from(Delivery).where(~Delivery.done)
    # Counting takes the longer the more there is.
    with aside():
        return HouseFigures(
            cases=await _by(session, Case.status),
            outgoing=await _by(session, Outbox.state),
            incoming=await _by(session, InboundMail.verdict),
            incidents=await _by(session, Incident.state),
            deliveries_undone=await session.scalar(undone) or 0,
        )


async def _by(session: AsyncSession, column: InstrumentedAttribute[str]) -> dict[str, int]:
    rows = await session.execute(select(column, func.count()).group_by(column))
    return {row[0]: row[1] for row in rows}
