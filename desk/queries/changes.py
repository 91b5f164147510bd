"""Who changed what of a case, when, and by which command or rule: from its timeline (domain 11)."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from desk.audit import Changes
from desk.identity import Identity
from desk.queries.visibility import Sight, named_in, numbers_seen, sight_of, visible_case
from models.records.cases import Case
from models.records.reference import Agent
from models.records.timeline import TimelineEntry

COMMAND = "command/"
"""What the key of an entry begins with that tells of an agent's command, before the command's id."""
ENGINE = "system"
"""The actor of what rules, mails and deadlines brought about."""
QUEUE, NUMBER, KEYS = "queue", "merged_into", ("linked_case_id", "parent_id")
"""Fields that name what may be out of sight: a queue by its slug, a case by its number or by its key."""


async def changes_of(
    session: AsyncSession, identity: Identity, number: str, before: UUID | None, limit: int
) -> list[dict[str, Any]]:
    """The newest first; `before` is the id of the last of the page before. `NotFound` if the case may not be known of."""
    case = await visible_case(session, identity, number)
    wanted = select(TimelineEntry, Agent.slug).outerjoin(Agent, Agent.id == TimelineEntry.actor_id)
    wanted = wanted.where(TimelineEntry.case_id == case.id, TimelineEntry.changes.is_not(None))
    if before is not None:
        wanted = wanted.where(TimelineEntry.id < before)
    rows = (await session.execute(wanted.order_by(TimelineEntry.id.desc()).limit(limit))).all()
    sight = await sight_of(session, identity)
    told = await named_in(session, sight, [entry.data for entry, _ in rows])
    seen = await _seen(session, sight, [entry.changes or {} for entry, _ in rows])
    return [
        {
            "id": entry.id,
            "at": entry.at,
            "actor": actor or ENGINE,
            "kind": "case",
            "object": case.number,
            "action": entry.kind,
            "changes": changes,
            "command": entry.key.removeprefix(COMMAND) if entry.key.startswith(COMMAND) else None,
            "because": data or None,
        }
        for (entry, actor), data, changes in zip(rows, told, seen, strict=True)
    ]


async def _seen(session: AsyncSession, sight: Sight, changes: list[Changes]) -> list[Changes]:
    """With null for every queue and case that may not be known of."""
    if not sight.hidden:
        return changes
    named = [value for each in changes for name in (NUMBER, *KEYS) for value in each.get(name, ()) if value]
    keys = [UUID(value) for each in changes for name in KEYS for value in each.get(name, ()) if value]
    known = await numbers_seen(session, sight, Case.number.in_(named), Case.id.in_(keys)) if named else {}
    cases = {*known.values(), *map(str, known)}

    def shown(name: str, value: Any) -> Any:
        if name == QUEUE:
            return None if value in sight.hidden_slugs else value
        return value if name not in (NUMBER, *KEYS) or value in cases else None

    return [{name: [shown(name, value) for value in pair] for name, pair in each.items()} for each in changes]


LATEST = 50
"""Entries in which the last change of a field is looked for."""


async def last_change(
    session: AsyncSession, identity: Identity, number: str, field: str
) -> tuple[str | None, datetime | None]:
    """Who changed a field last, by name, and when; a custom one is named as conditions name it. None: nobody lately."""
    case = await visible_case(session, identity, number)
    rows = await session.execute(
        select(TimelineEntry.at, TimelineEntry.changes, Agent.name)
        .outerjoin(Agent, Agent.id == TimelineEntry.actor_id)
        .where(TimelineEntry.case_id == case.id, TimelineEntry.changes.is_not(None))
        .order_by(TimelineEntry.id.desc())
        .limit(LATEST)
    )
    columns = {field, field.partition(".")[0], f"{field}_id"}
    for at, changes, name in rows:
        if columns & set(changes or ()):
            return name, at
    return None, None
