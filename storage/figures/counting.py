"""Counting: the facts of cases that have changed since they were counted last are counted anew, whatever has changed.

A case raises its version with every write, in the same transaction; what has another version than the figures know is counted
by housekeeping. So nothing that comes late is missed, and nothing is counted twice.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import column, delete, func, insert, select, table, text, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from models.messages.calendars import Calendar
from models.messages.organisation import OrganisationSettings
from models.records.base import String, table_of
from models.records.cases import UNCOUNTED, Case
from models.records.figures import FigureBasis, FigureDue, FigureFact
from policies.business_time import business_between
from policies.zones import local_day
from storage.definitions import DefinitionKind, Definitions
from storage.figures.facts import FIRST_CONTACT, FURTHER_CONTACT, OF_CASES, REOPENED, STATEMENTS, FactKind

AT_ONCE = 100
"""Cases in one transaction: on SQLite nobody else writes meanwhile."""
MOST_WAITING = 1_000
"""Cases among which the one that has waited longest is looked for."""
THE_BASIS = 1

_cases = table_of(Case)
_facts, _due = table_of(FigureFact), table_of(FigureDue)
_FACTS = table(
    "figure_fact",
    *(
        # All of it was read from rows, so that no text of it need be checked again: there are several for each case.
        column(each.name, sa.String() if isinstance(each.type, String) else each.type)
        for each in _facts.c
        if each.name != "id"
    ),
)


@dataclass(frozen=True)
class Basis:
    """By what facts are counted: with other settings they are others."""

    organisation: OrganisationSettings
    calendar: Calendar | None
    digest: str


async def basis(session: AsyncSession, definitions: Definitions) -> Basis:
    organisation = await definitions.organisation(session)
    calendar: Calendar | None = None
    version = 0
    if organisation.figures_calendar is not None:
        active = await definitions.active(session, DefinitionKind.CALENDAR)
        found = active[DefinitionKind.CALENDAR].get(organisation.figures_calendar)
        if found is not None and isinstance(found.body, Calendar):
            calendar, version = found.body, found.version
    costs = sorted((channel, str(cost.normalize())) for channel, cost in organisation.contact_costs.items())
    told = (
        organisation.time_zone,
        organisation.first_contact_days,
        calendar.slug if calendar is not None else None,
        version,
        costs,
    )
    return Basis(organisation, calendar, hashlib.sha256(repr(told).encode()).hexdigest())


async def count_some(
    session: AsyncSession,
    definitions: Definitions,
    most: int = AT_ONCE,
    *,
    only: UUID | None = None,
    without: Collection[UUID] = (),
) -> int:
    """Count the facts of up to `most` cases that have changed, in the caller's transaction; how many there were.

    Where the settings have changed, all cases are marked to be counted anew first, piece by piece. `only`: this case alone;
    `without`: cases that are left out.
    """
    by = await basis(session, definitions)
    known = await lock(session)
    if known != by.digest:
        marked = await _mark_all(session, most * 20)
        if not marked:
            await session.execute(update(FigureBasis).values(settings=by.digest))
        return max(marked, 1)
    changed = await _changed(session, most, only, without)
    if changed:
        await count(session, by, changed)
        await session.execute(update(_cases).where(_cases.c.id.in_(changed)).values(counted_version=_cases.c.version))
    return len(changed)


async def count(session: AsyncSession, by: Basis, cases: list[UUID]) -> None:
    """Put the facts of these cases, as their rows are now, in the place of those that were known. Safe to repeat."""
    # What a merged case had is its survivor's now, although the merged one itself is not written again.
    numbers = select(Case.number).where(Case.id.in_(cases))
    cases = [
        *cases,
        *await session.scalars(select(Case.id).where(Case.merged_into.in_(numbers), Case.id.not_in(cases))),
    ]
    gone = delete(FigureFact).where(FigureFact.case_id.in_(cases)).returning(FigureFact.day)
    days = set((await session.execute(gone)).scalars())
    facts = await read_facts(session, by, cases)
    if facts:
        await session.execute(insert(_FACTS), facts)
    await mark_days(session, days | {fact["day"] for fact in facts})


async def read_facts(session: AsyncSession, by: Basis, cases: list[UUID]) -> list[dict[str, Any]]:
    """The facts of these cases from their rows, as they are written to `figure_fact`."""
    asked = {"cases": cases}
    of_case = {row.id: row._asdict() for row in await session.execute(OF_CASES, asked)}
    contacts: defaultdict[UUID, list[datetime]] = defaultdict(list)
    made: list[dict[str, Any]] = []
    for kind, statement in STATEMENTS.items():
        for row in await session.execute(statement, asked):
            given = row._asdict()
            if kind is FactKind.CONTACT:
                contacts[given["case_id"]].append(given["at"])
            made.append(_fact(by, kind, of_case[given["case_id"]], given, contacts[given["case_id"]]))
    return made


def _fact(
    by: Basis, kind: FactKind, case: dict[str, Any], given: dict[str, Any], contacts: list[datetime]
) -> dict[str, Any]:
    began: Any
    ended: Any
    began, ended = given.get("began"), given.get("ended")
    timed = began is not None and ended is not None
    queue, agent, channel = given.get("queue"), given.get("agent_id"), given.get("channel")
    return {
        "queue": case["queue"] if queue is None else queue,
        "agent_id": case["agent_id"] if agent is None else agent,
        "channel": case["channel"] if channel is None else channel,
        "account_id": case["account_id"],
        "priority": case["priority"],
        "product": case["product"],
        "stage": case["stage"],
        "case_id": given["case_id"],
        "kind": kind.value,
        "at": given["at"],
        "day": local_day(given["at"], by.organisation.time_zone),
        "detail": given.get("detail"),
        "outcome": _resolution(by, given, contacts) if kind is FactKind.RESOLVED else given.get("outcome"),
        "seconds": _seconds(ended - began) if timed else None,
        "business_seconds": _seconds(_worked(by, began, ended)) if timed else None,
        "amount": given.get("amount"),
    }


def _resolution(by: Basis, given: Any, contacts: Iterable[datetime]) -> str:
    """Whether the first contact was enough, and whether it lasted (domain 10)."""
    within = timedelta(days=by.organisation.first_contact_days)
    back = given["reopened_on"]
    lasted = not given["reopened"] or (back is not None and back - given["at"] > within)
    first = sum(at <= given["at"] for at in contacts) <= 1 and lasted
    return (FIRST_CONTACT if first else FURTHER_CONTACT) + (REOPENED if given["reopened"] else "")


def _worked(by: Basis, began: datetime, ended: datetime) -> timedelta:
    return business_between(by.calendar, began, ended) if ended > began else timedelta(0)


def _seconds(length: timedelta) -> int:
    return max(int(length.total_seconds()), 0)


async def mark_days(session: AsyncSession, days: Iterable[date]) -> None:
    """These days are to be summed up again."""
    rows = [{"day": day} for day in sorted(days)]
    if rows:
        made = sqlite.insert(_due) if session.get_bind().dialect.name == "sqlite" else postgresql.insert(_due)
        await session.execute(made.on_conflict_do_nothing(), rows)


async def lock(session: AsyncSession) -> str:
    """The digest of the settings by which facts were counted so far; nobody else counts until this transaction ends."""
    read = select(FigureBasis.settings).where(FigureBasis.id == THE_BASIS).with_for_update()
    known = await session.scalar(read)
    if known is None:
        made = (
            sqlite.insert(FigureBasis)
            if session.get_bind().dialect.name == "sqlite"
            else postgresql.insert(FigureBasis)
        )
        await session.execute(made.values(id=THE_BASIS, settings="").on_conflict_do_nothing())
        known = await session.scalar(read)
    return known or ""


async def _changed(session: AsyncSession, most: int, only: UUID | None, without: Collection[UUID]) -> list[UUID]:
    """Cases that have changed; those that are just being written are left for the next time."""
    wanted = select(Case.id).where(text(UNCOUNTED)).order_by(Case.id).limit(most)
    if only is not None:
        wanted = wanted.where(Case.id == only)
    if without:
        wanted = wanted.where(Case.id.not_in(list(without)))
    return list(await session.scalars(wanted.with_for_update(skip_locked=True)))


async def _mark_all(session: AsyncSession, most: int) -> int:
    some = select(_cases.c.id).where(_cases.c.counted_version != -1).limit(most).with_for_update(skip_locked=True)
    marked = await session.execute(
        update(_cases).where(_cases.c.id.in_(some.scalar_subquery())).values(counted_version=-1)
    )
    count: int = marked.rowcount  # type: ignore[attr-defined] # it is a cursor's result
    return count


async def uncounted_since(session: AsyncSession) -> datetime | None:
    """When the oldest change was made that no figure knows yet; None: all is counted."""
    # Asked for plainly, the earliest is looked for along the index of that instant, through every case that is counted.
    waiting = (
        select(Case.modified_on.label("at")).where(text(UNCOUNTED)).order_by(Case.id).limit(MOST_WAITING).subquery()
    )
    found: datetime | None = await session.scalar(select(func.min(waiting.c.at)))
    return found
