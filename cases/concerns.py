"""What concerns each agent of a case, for their notices in the console: one row of an agent and a case, whatever happened to it,
and never of their own acts (domain 11.1). It is kept whatever they want to be told of by mail."""

from __future__ import annotations

from collections.abc import Collection
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import Uuid, bindparam, case, literal, null, or_, select
from sqlalchemy.dialects import postgresql, sqlite

from cases.unit import CaseUnit
from models.messages.notices import Concern
from models.records.base import UtcInstant, looked_for, table_of
from models.records.notices import AgentNotice
from models.records.reference import Agent, TeamMember

COLUMNS = ("agent_id", "case_id", "kind", "key", "at", "actor_id", "count", "read_on")


async def concern(
    unit: CaseUnit,
    kind: Concern,
    key: str,
    agents: Collection[UUID] | None = None,
    *,
    actor_id: UUID | None = None,
    written_by: str | None = None,
) -> None:
    """These agents, or without any whoever is in charge of the case, have something new to read; the same `key` again changes
    nothing. Neither `actor_id` nor the agent of the address `written_by` is told of what they did themselves."""
    whom = set(in_charge(unit) if agents is None else agents) - {actor_id}
    team = unit.case.owner_team_id if agents is None and unit.case.owner_id is None else None
    if not whom and team is None:
        return
    facts = {
        "whom": list(whom),
        "team": team,
        "case": unit.case.id,
        "kind": kind.value,
        "key": key,
        "at": unit.now,
        "actor": actor_id,
        "written_by": written_by or "",
    }
    await unit.session.execute(_told(unit.session.get_bind().dialect.name), facts)


def in_charge(unit: CaseUnit) -> set[UUID]:
    """The case's owner, and whoever works on it. The members of a team that owns it are found with the row's own statement."""
    worker = unit.item.worked_by if unit.item is not None else None
    return {agent for agent in (unit.case.owner_id, worker) if agent is not None}


@cache
def _told(dialect: str) -> Any:
    """Built once: most letters of customers ask for it."""
    notices, agents = table_of(AgentNotice), table_of(Agent)
    of_team = select(TeamMember.agent_id).where(TeamMember.team_id == bindparam("team", type_=Uuid()))
    actor = bindparam("actor", type_=Uuid())
    readers = select(
        agents.c.id,
        bindparam("case", type_=Uuid()),
        bindparam("kind", type_=notices.c.kind.type),
        bindparam("key", type_=notices.c.key.type),
        bindparam("at", type_=UtcInstant(timezone=True)),
        actor,
        literal(1),
        null(),
    ).where(
        or_(agents.c.id.in_(bindparam("whom", type_=Uuid(), expanding=True)), agents.c.id.in_(of_team)),
        agents.c.active,
        agents.c.email != looked_for("written_by"),
        or_(actor.is_(None), agents.c.id != actor),
    )
    insert = postgresql.insert if dialect == "postgresql" else sqlite.insert
    made = insert(notices).from_select(COLUMNS, readers)
    new = {name: made.excluded[name] for name in ("kind", "key", "at", "actor_id", "read_on")}
    count = case((notices.c.read_on.is_(None), notices.c.count + 1), else_=1)
    return made.on_conflict_do_update(
        index_elements=["agent_id", "case_id"],
        set_={**new, "count": count},
        where=notices.c.key != made.excluded.key,
    )
