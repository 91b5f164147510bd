"""Incidents of a case: noted in the transaction that goes on without what failed, and ended by the one that does it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from models.messages.incidents import IncidentState
from models.records.base import new_id
from models.records.cases import Case
from models.records.commands import Incident
from storage.errors import name_of, place_of
from storage.repositories.families import Asked

DATES = "dates"
"""The key of a contract's incident, and of an article's."""
SET_ASIDE = "set-aside"
"""The outcome of a delivery that a case could not hear of by a fault of ours."""


def command_key(command_id: UUID) -> str:
    return f"command/{command_id}"


def delivery_key(delivery_id: UUID) -> str:
    return f"delivery/{delivery_id}"


async def of_deliveries(session: AsyncSession, asked: Iterable[Asked]) -> dict[UUID, UUID]:
    """The incidents of what several cases were to hear of and could not, by the delivery's id."""
    left = [each for each in asked if each.outcome == SET_ASIDE]
    if not left:
        return {}
    keys = {delivery_key(each.id): each.id for each in left}
    of_them = Incident.case_id.in_([each.case_id for each in left]), Incident.key.in_(keys)
    found = await session.execute(select(Incident.key, Incident.id).where(*of_them).order_by(Incident.id))
    return {keys[row.key]: row.id for row in found}


async def note(
    session: AsyncSession, case: Case, now: datetime, key: str, step: str, error: BaseException, subject_id: UUID | None
) -> Incident:
    """One row a cause: the same key again raises its count, and opens it again."""
    row = await session.scalar(select(Incident).where(Incident.case_id == case.id, Incident.key == key))
    if row is None:
        row = Incident(id=new_id(), case_id=case.id, key=key, state="", first_on=now, count=0, retries=0)
        session.add(row)
    if row.state != IncidentState.OPEN:
        case.open_incidents += 1
    row.step, row.subject_id = step[:100], subject_id
    _opened(row, now, error)
    return row


async def note_of_contract(
    session: AsyncSession, entitlement_id: UUID, now: datetime, error: BaseException
) -> Incident:
    """The contract's dates could not be kept: as `note`, for the one cause that a contract has."""
    row = await session.scalar(select(Incident).where(Incident.entitlement_id == entitlement_id))
    if row is None:
        row = _of_dates(session, now, entitlement_id=entitlement_id)
    _opened(row, now, error)
    return row


async def note_of_article(session: AsyncSession, article_id: UUID, now: datetime, error: BaseException) -> Incident:
    """As `note_of_contract`, of the instants of an article."""
    row = await session.scalar(select(Incident).where(Incident.article_id == article_id))
    if row is None:
        row = _of_dates(session, now, article_id=article_id)
    _opened(row, now, error)
    return row


def _of_dates(session: AsyncSession, now: datetime, **whose: UUID) -> Incident:
    row = Incident(id=new_id(), key=DATES, step="keep its dates", first_on=now, count=0, retries=0, **whose)
    session.add(row)
    return row


async def end_of_contract(session: AsyncSession, entitlement_id: UUID, now: datetime) -> None:
    """Its dates are kept again."""
    _ended(await session.scalar(select(Incident).where(Incident.entitlement_id == entitlement_id)), now)


async def end_of_article(session: AsyncSession, article_id: UUID, now: datetime) -> None:
    """Its instants are kept again."""
    _ended(await session.scalar(select(Incident).where(Incident.article_id == article_id)), now)


def _ended(row: Incident | None, now: datetime) -> None:
    if row is not None and row.state != IncidentState.DONE:
        row.state, row.ended_on = IncidentState.DONE.value, now


def _opened(row: Incident, now: datetime, error: BaseException) -> None:
    row.error, row.place = name_of(error)[:200], place_of(error)[:300]
    row.state, row.last_on, row.ended_on = IncidentState.OPEN.value, now, None
    row.count += 1


async def end(session: AsyncSession, case: Case, now: datetime, key: str) -> None:
    """What failed under this key is done now."""
    if case.open_incidents:
        row = await session.scalar(select(Incident).where(Incident.case_id == case.id, Incident.key == key))
        if row is not None:
            close(case, row, IncidentState.DONE, now)


def close(case: Case, row: Incident, state: IncidentState, now: datetime) -> None:
    """End an incident of this case, unless it has ended."""
    if row.state == IncidentState.OPEN:
        row.state, row.ended_on = state.value, now
        case.open_incidents -= 1
