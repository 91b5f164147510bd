"""Assigning a case to an agent or a team: who owns it, who works on it, and their capacity (domain 2, 5.1, 5.2)."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import Select, Uuid, bindparam, or_, select, update

from cases.queue_news import rules_in_force
from cases.unit import CaseUnit, Refused, refused
from models.messages.assignment import AssignmentMethod
from models.messages.cases import ProblemType
from models.messages.said import said
from models.records.base import UtcInstant
from models.records.cases import QueueItem
from models.records.reference import Agent, Team, TeamMember
from storage.kept import keep

TAKEN = (
    update(Agent)
    .where(
        Agent.id == bindparam("agent", type_=Uuid()),
        Agent.active,
        or_(Agent.capacity.is_(None), Agent.load < Agent.capacity),
    )
    .values(load=Agent.load + 1, last_assigned_on=bindparam("turn", type_=UtcInstant()))
    .returning(Agent)
    .execution_options(synchronize_session=False)
)
"""An agent has a case more to work on, if they can take it."""


def _agents_in_order(*ids: UUID | None) -> Select[UUID]:
    """Locks these agents, always in the same order: of two cases that are given from one to the other at once, none waits
    for a lock that the other holds."""
    wanted = select(Agent.id).where(Agent.id.in_([id for id in ids if id is not None]))
    return wanted.order_by(Agent.id).with_for_update(key_share=True)


async def locked_agent(unit: CaseUnit, id: UUID | None) -> Agent | None:
    """An agent whom the case is about to be given to. Locked together with whoever works on it: both change their load."""
    if id is None:
        return None
    await unit.session.execute(_agents_in_order(id, None if unit.item is None else unit.item.worked_by))
    return await unit.session.get(Agent, id, populate_existing=True)


async def give_to(unit: CaseUnit, agent: Agent) -> None:
    """The agent owns the case, and takes it over from whoever works on it. Refused for an agent without room for it."""
    item = unit.item
    if item is not None and await is_given_out(unit):
        await take(unit, item, agent.id)  # else the queue would give it to somebody else
    elif item is not None and item.worked_by not in (None, agent.id):
        await unit.stop_working(item)
        await take(unit, item, agent.id)
    elif (item is None or item.worked_by is None) and unit.case.owner_id != agent.id and _is_full(agent):
        raise _no_room()
    unit.case.owner_id, unit.case.owner_team_id = agent.id, None


async def is_given_out(unit: CaseUnit) -> bool:
    """Whether the case waits in a queue that gives its cases to agents by itself."""
    if unit.item is None or unit.item.worked_by is not None:
        return False
    rule = (await rules_in_force(unit.session, unit.tools.definitions)).get(unit.case.queue or "")
    return rule is not None and rule.method is not AssignmentMethod.MANUAL


async def give_to_team(unit: CaseUnit, team_id: UUID) -> None:
    item = unit.item
    if item is not None and item.worked_by is not None:
        of_it = select(TeamMember.id).where(TeamMember.team_id == team_id, TeamMember.agent_id == item.worked_by)
        if await unit.session.scalar(of_it) is None:
            await unit.stop_working(item)
    unit.case.owner_id, unit.case.owner_team_id = None, team_id


async def take(unit: CaseUnit, item: QueueItem, agent_id: UUID) -> None:
    """The agent works on the item, if their capacity has room for it."""
    taken = await unit.session.scalar(TAKEN, {"agent": agent_id, "turn": unit.now})
    if taken is None:
        raise _no_room()
    keep(unit.session, taken)
    unit.works(item, agent_id)


def _is_full(agent: Agent) -> bool:
    return agent.capacity is not None and agent.load >= agent.capacity


def _no_room() -> Refused:
    return refused(ProblemType.NO_CAPACITY, said("The agent works on as many cases as their capacity allows."))


async def follow_to_agent(unit: CaseUnit, slug: str) -> None:
    """The agent whom a rule names owns the case, unless they were deactivated since; nobody else goes on working on it."""
    agent = await unit.session.scalar(select(Agent.id).where(Agent.slug == slug, Agent.active))
    if agent is None:
        return
    if unit.item is not None and unit.item.worked_by not in (None, agent):
        await unit.stop_working(unit.item)
    unit.case.owner_id, unit.case.owner_team_id = agent, None
    await work_as_routed(unit)


async def work_as_routed(unit: CaseUnit) -> None:
    """Its owner, to whom a rule gave the case, works on it where its queue would give it to somebody else; if they have no
    room, the queue may (domain 5.1, 5.2)."""
    item, owner = unit.item, unit.case.owner_id
    if item is None or owner is None or not await is_given_out(unit):
        return
    taken = await unit.session.scalar(TAKEN, {"agent": owner, "turn": unit.now})
    if taken is not None:
        keep(unit.session, taken)
        unit.works(item, owner)


async def given_back(unit: CaseUnit, slug: str | None) -> bool:
    """Whether the agent of this slug, who worked on the case before, does so again: if they still can, and nobody else does."""
    item = unit.item
    if slug is None or item is None or item.worked_by is not None:
        return False
    agent = await unit.session.scalar(select(Agent.id).where(Agent.slug == slug))
    taken = None if agent is None else await unit.session.scalar(TAKEN, {"agent": agent, "turn": unit.now})
    if taken is None:
        return False
    keep(unit.session, taken)
    unit.works(item, taken.id)
    return True


async def give(unit: CaseUnit, *, agent: str | None = None, team: str | None = None) -> bool:
    """What the house itself decides: the agent or the team of this slug owns the case. False if they are not active any
    more; refused for an agent without room."""
    if agent is not None:
        id = await unit.session.scalar(select(Agent.id).where(Agent.slug == agent))
        found = await locked_agent(unit, id)
        if found is None or not found.active:
            return False
        await give_to(unit, found)
        return True
    of_team = await unit.session.scalar(select(Team.id).where(Team.slug == team, Team.active))
    if of_team is not None:
        await give_to_team(unit, of_team)
    return of_team is not None
