"""Names of what a trial has found, for pages: where cases would go, and what they would be promised."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy.ext.asyncio import AsyncSession

from desk.queries.named import names_by_slug
from models.messages.api_trying import CreationTried, RoutingTried, SlaTried, WentTo
from models.messages.slas import KpiDefinition
from models.records.reference import Agent, Queue, Team
from storage.definitions import DefinitionKind, Definitions

TrialNames = Mapping[str, Mapping[str, str]]
"""By queue, agent, team or kpi: names by slugs."""


async def trial_names(
    session: AsyncSession, definitions: Definitions, found: RoutingTried | CreationTried | SlaTried
) -> TrialNames:
    """To whoever may try definitions, and so may see all queues. Mails are told by the names of the rule's items alone."""
    match found:
        case RoutingTried():
            ways: list[WentTo] = [*found.targets]
            ways += [way for each in found.differences for way in (each.did, each.would)]
            tables = (("queue", Queue), ("agent", Agent), ("team", Team))
            return {
                place: await names_by_slug(session, table, {slug for way in ways if (slug := getattr(way, place))})
                for place, table in tables
            }
        case SlaTried():
            known = (await definitions.active(session, DefinitionKind.KPI))[DefinitionKind.KPI]
            bodies = {slug: each.body for slug, each in known.items()}
            return {"kpi": {slug: body.name for slug, body in bodies.items() if isinstance(body, KpiDefinition)}}
        case CreationTried():
            return {}
