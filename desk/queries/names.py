"""What people call the records and definitions that pages have by slugs or ids, those out of use as well.

Whoever may read a slug may read the name that belongs to it, so nobody's sight is asked here. What takes names from callers,
or offers them, asks it and stands apart: `named`, `choices`, `nameable`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from desk.queries.figure_filters import FigureFilter
from desk.queries.nameable import name_column
from desk.reference.references import TABLES
from models.messages.api_case_views import TimelineItem
from models.messages.api_trying import CreationTried, RoutingTried, SlaTried, WentTo
from models.messages.base import is_id
from models.messages.figures import CountedCase
from storage.definitions import DefinitionKind, Definitions

Names = Mapping[str, Mapping[str, str]]
"""By kind, or by the place on a page: names by what stands there. What has no name, or is gone, is not in it."""
MOST = 2000
"""Records of one kind that are looked up at once; a page does not show more."""
SAID = {
    "queue": "queue",
    "agent": "agent",
    "team": "team",
    "owner": "agent",
    "sla": DefinitionKind.SLA,
    "process": DefinitionKind.PROCESS,
}
"""Data of a timeline's entry that name something: its kind. An owner may also be a team."""
CHANGED = {
    "entitlement_id": "entitlement",
    "account_id": "account",
    "contact_id": "contact",
    "subject": "subject",
    "product": "product",
    "sla": DefinitionKind.SLA,
    "process": DefinitionKind.PROCESS,
}
"""The same of changed fields."""
ASKED = {"queue": "queue", "agent": "agent", "customer": "account", "product": "product"}
"""The same of what a figure is asked of alone."""


async def names_of(session: AsyncSession, kind: str, keys: Iterable[str | None]) -> dict[str, str]:
    """Of records of this kind, by their slugs or ids as they are given, in one statement at the most."""
    wanted, record = sorted({key for key in keys if key})[:MOST], TABLES[kind]
    name = name_column(record)
    if not wanted or name is None:
        return {}
    ids = {key: UUID(key) for key in wanted if is_id(key)}
    where = or_(record.slug.in_(wanted), record.id.in_(ids.values())) if ids else record.slug.in_(wanted)
    found: dict[Any, str] = {}
    for id, slug, called in await session.execute(select(record.id, record.slug, name).where(where)):
        found |= {id: called, slug: called}
    either = {key: found.get(key) or found.get(ids.get(key, key)) for key in wanted}
    return {key: called for key, called in either.items() if called}


async def names_by_kind(
    session: AsyncSession, definitions: Definitions, wanted: Mapping[str, Iterable[str]]
) -> dict[str, dict[str, str]]:
    """`wanted`: slugs or ids by kinds of records, or slugs by kinds of definitions, of which those in force have names."""
    found: dict[str, dict[str, str]] = {}
    for kind, keys in wanted.items():
        if kind in TABLES:
            found[kind] = await names_of(session, kind, keys)
        elif kind in tuple(DefinitionKind):
            active = (await definitions.active(session, DefinitionKind(kind)))[DefinitionKind(kind)]
            named = {slug: getattr(active[slug].body, "name", None) for slug in keys if slug in active}
            found[kind] = {slug: str(name) for slug, name in named.items() if name}
    return found


async def names_in_entries(session: AsyncSession, definitions: Definitions, items: Iterable[TimelineItem]) -> Names:
    """All that these entries of timelines name, by the place of their data where they do."""
    stands: defaultdict[str, set[str]] = defaultdict(set)
    for item in items:
        changes = item.data.get("changes")
        changed = changes if isinstance(changes, dict) else {}
        told = [(place, [item.data.get(place)]) for place in SAID] + [(field, changed.get(field)) for field in CHANGED]
        for place, values in told:
            stands[place] |= {value for value in values or () if isinstance(value, str)}
    wanted: defaultdict[str, set[str]] = defaultdict(set)
    for place, kind in (SAID | CHANGED).items():
        wanted[kind] |= stands[place]
    agents = await names_of(session, "agent", wanted.pop("agent"))
    wanted["team"] |= stands["owner"] - agents.keys()
    found = await names_by_kind(session, definitions, wanted) | {"agent": agents}
    return {place: found[kind] for place, kind in (SAID | CHANGED).items()} | {"owner": found["team"] | agents}


async def names_in_figures(session: AsyncSession, given: FigureFilter, items: Iterable[CountedCase] = ()) -> Names:
    """What a figure is asked of alone, and where the cases behind it are and whose they are, by the places of `ASKED`."""
    shown = tuple(items)
    return {
        place: await names_of(session, kind, (getattr(each, place, None) for each in (given, *shown)))
        for place, kind in ASKED.items()
    }


async def names_in_trial(
    session: AsyncSession, definitions: Definitions, found: RoutingTried | CreationTried | SlaTried
) -> Names:
    """Where cases would go, or what they would be promised. Mails are told by the names of the rule's items alone."""
    match found:
        case RoutingTried():
            ways: list[WentTo] = [*found.targets]
            ways += [way for each in found.differences for way in (each.did, each.would)]
            return {
                kind: await names_of(session, kind, (getattr(way, kind) for way in ways))
                for kind in ("queue", "agent", "team")
            }
        case SlaTried():
            kpis = {each.kpi for each in found.promises} | {each.kpi for each in found.differences}
            return await names_by_kind(session, definitions, {DefinitionKind.KPI: kpis})
        case CreationTried():
            return {}
