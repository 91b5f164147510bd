"""Names of what entries of a timeline tell by slugs and ids, for pages."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from desk.queries.named import names_by_slug
from models.messages.api_case_views import TimelineItem
from models.records.reference import Account, Agent, Contact, Entitlement, Product, Queue, Subject, Team
from storage.definitions import DefinitionKind, Definitions

Names = Mapping[str, Mapping[str, str]]
"""By the place of an entry's data, such as `queue`: names by what stands there. What has none is left out."""

RECORDS: dict[str, Any] = {"entitlement_id": Entitlement, "account_id": Account, "contact_id": Contact}
"""Changed fields that hold ids."""
KEYED: dict[str, Any] = {"subject": Subject, "product": Product}
"""Changed fields that hold slugs."""
DEFINITIONS = {"sla": DefinitionKind.SLA, "process": DefinitionKind.PROCESS}


async def names_in(session: AsyncSession, definitions: Definitions, items: Iterable[TimelineItem]) -> Names:
    """All that these entries name and that has a name, by where they do, to whoever may read them."""
    slugs: defaultdict[str, set[str]] = defaultdict(set)
    ids: defaultdict[str, set[UUID]] = defaultdict(set)
    for item in items:
        for place in ("queue", "agent", "team", "owner"):
            if isinstance(value := item.data.get(place), str):
                slugs[place].add(value)
        changes = item.data.get("changes")
        for field, values in changes.items() if isinstance(changes, dict) else ():
            if field in RECORDS:
                ids[field] |= {UUID(value) for value in values if value}
            elif field in KEYED:
                slugs[field] |= {value for value in values if value}
    queues = await names_by_slug(session, Queue, slugs["queue"])
    agents = await names_by_slug(session, Agent, slugs["agent"] | slugs["owner"])
    teams = await names_by_slug(session, Team, slugs["team"] | slugs["owner"] - agents.keys())
    found = {"queue": queues, "agent": agents, "team": teams, "owner": {**teams, **agents}}
    for field, wanted in ids.items():
        record = RECORDS[field]
        rows = await session.execute(select(record.id, record.name).where(record.id.in_(wanted)))
        found[field] = {str(row.id): row.name for row in rows}
    for field, record in KEYED.items():
        found[field] = await names_by_slug(session, record, slugs[field])
    for place, kind in DEFINITIONS.items():
        known = (await definitions.active(session, kind))[kind]
        found[place] = {slug: each.body.name or slug for slug, each in known.items()}  # type: ignore[attr-defined]  # both have one
    return found
