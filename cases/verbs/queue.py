"""Queue and ownership: pick, release, assign, route, apply routing, remove from queue (domain 2, 1.6)."""

from __future__ import annotations

from typing import NamedTuple
from uuid import UUID

from sqlalchemy import bindparam, select

from cases.assigning import follow_to_agent, give_to, give_to_team, is_given_out, locked_agent, take
from cases.queue_rows import calendars_in_force
from cases.sla_choice import choose_by_automation
from cases.unit import CaseUnit, refused
from models.messages.cases import CaseCommand, ProblemType
from models.messages.organisation import TakeOver
from models.messages.reference import CASE_ROLES, Role
from models.messages.routing import RoutingRuleSet
from models.messages.said import joined, said
from models.records.base import table_of
from models.records.cases import QueueItem
from models.records.reference import Agent, Queue, Team
from policies.moments import Moment
from policies.routing import RoutingDecision, route
from storage.definitions import DefinitionKind
from storage.repositories.membership import is_member
from storage.repositories.membership import members as members_of

_queues = table_of(Queue).c
ACTIVE_QUEUE = select(_queues.id, _queues.slug).where(_queues.slug == bindparam("slug"), _queues.active)


WORKERS = frozenset(role.value for role in CASE_ROLES)
OVERSEERS = frozenset({Role.MANAGER.value, Role.ADMINISTRATOR.value})


class QueueName(NamedTuple):
    id: UUID
    slug: str


async def active_queue(unit: CaseUnit, slug: str) -> QueueName | None:
    found = (await unit.session.execute(ACTIVE_QUEUE, {"slug": slug})).one_or_none()
    return None if found is None else QueueName._make(found)


def _live(unit: CaseUnit) -> QueueItem:
    if unit.item is None:
        raise refused(ProblemType.NO_QUEUE_ITEM, said("The case is in no queue."), allowed=("route", "apply-routing"))
    return unit.item


KEPT_ACTIVE = {"read": True}
"""Nobody can switch off what a case is about to be given to: whoever wants to waits, and then finds the case."""


async def _queue(unit: CaseUnit, id: UUID | None) -> Queue:
    queue = await unit.session.get(Queue, id, with_for_update=KEPT_ACTIVE) if id else None
    if queue is None or not queue.active:
        raise refused(ProblemType.NOT_FOUND, said("there is no such active queue."), field="queue")
    return queue


async def pick(unit: CaseUnit, command: CaseCommand) -> None:
    """The picker owns the case and works on its item; a private queue asks for membership; capacity is guarded."""
    item = _live(unit)
    if item.worked_by == command.actor_id:
        unit.changed = False
        return
    if item.worked_by is not None:
        raise refused(ProblemType.ALREADY_PICKED, said("Somebody works on the case already."))
    queue = await unit.session.get_one(Queue, item.queue_id)
    if not queue.active:
        raise refused(
            ProblemType.QUEUE_INACTIVE,
            said("Queue {queue!r} is not active any more.", queue=queue.slug),
            allowed=("route", "assign"),
        )
    if queue.private and queue.owner_id != command.actor_id:
        member = await unit.session.scalar(select(is_member(queue.id, command.actor_id)))
        if not member:
            raise refused(
                ProblemType.NOT_A_MEMBER,
                said("Queue {queue!r} is private; only its members pick from it.", queue=queue.slug),
            )
    await take(unit, item, command.actor_id)
    unit.case.owner_id, unit.case.owner_team_id = command.actor_id, None
    unit.tell(f"command/{command.id}", "picked", actor_id=command.actor_id, queue=queue.slug)


async def release(unit: CaseUnit, command: CaseCommand) -> None:
    """Back to the queue: worked-by is emptied, the queue's owner owns the case (domain 2)."""
    item = _live(unit)
    if item.worked_by is None:
        raise refused(ProblemType.NOT_PICKED, said("Nobody works on the case."), allowed=("pick",))
    await _check_take_over(unit, command.actor_id)
    queue = await unit.session.get_one(Queue, item.queue_id)
    item.released_by = item.worked_by
    await unit.stop_working(item)
    unit.case.owner_id, unit.case.owner_team_id = queue.owner_id, None
    unit.owner_known = (queue.owner_id, None)  # It is given back, and to nobody.
    unit.tell(f"command/{command.id}", "released", actor_id=command.actor_id, queue=queue.slug)


async def assign(unit: CaseUnit, command: CaseCommand) -> None:
    """A new owner, agent or team (domain 1.6). Whoever works on the case follows: the new owner takes over, with their
    capacity; of a team, its own member goes on, and for anybody else the work ends."""
    id = command.target_id
    agent = await locked_agent(unit, id)
    team = await unit.session.get(Team, id, with_for_update=KEPT_ACTIVE) if id and agent is None else None
    owner, field = agent or team, "agent" if agent else "team"
    if owner is None:
        raise refused(ProblemType.NOT_FOUND, said("There is no such agent or team."))
    if not owner.active:
        raise refused(ProblemType.NOT_FOUND, said("{owner!r} is not active any more.", owner=owner.slug), field=field)
    if agent is not None and not WORKERS.intersection(agent.roles):
        raise refused(
            ProblemType.INVALID,
            said(
                "{agent!r} holds none of the roles that work cases ({workers}).",
                agent=agent.slug,
                workers=joined(sorted(WORKERS)),
            ),
            field="agent",
        )
    await _check_take_over(unit, command.actor_id)
    is_owner = owner.id in (unit.case.owner_id, unit.case.owner_team_id)
    if is_owner and _goes_on(unit, agent) and not (agent is not None and await is_given_out(unit)):
        unit.changed = False
        return
    if agent is not None:
        await give_to(unit, agent)
    else:
        await give_to_team(unit, owner.id)
    unit.tell(f"command/{command.id}", "assigned", actor_id=command.actor_id, owner=owner.slug)


def _goes_on(unit: CaseUnit, agent: Agent | None) -> bool:
    """Whether nothing about who works on the case would change: nobody does, or the very agent."""
    worker = None if unit.item is None else unit.item.worked_by
    return worker is None or (agent is not None and worker == agent.id)


async def _check_take_over(unit: CaseUnit, actor_id: UUID) -> None:
    """Of a case that somebody else works on, only those whom the organisation's `take_over` names may dispose (domain 2)."""
    item = unit.item
    if item is None or item.worked_by in (None, actor_id) or unit.case.owner_id == actor_id:
        return
    if unit.organisation.take_over is TakeOver.ANYBODY:
        return
    roles = await unit.session.scalar(select(Agent.roles).where(Agent.id == actor_id))
    if OVERSEERS.intersection(roles or ()):
        return
    if unit.organisation.take_over is TakeOver.MEMBERS:
        queue = await unit.session.get_one(Queue, item.queue_id)
        members = set(await unit.session.scalars(members_of(queue.id)))
        if queue.owner_id == actor_id or actor_id in members or not (members or queue.private):
            return
    raise refused(
        ProblemType.NOT_A_MEMBER,
        said("Somebody else works on the case, and only members of its queue or managers take it over."),
    )


async def route_to_queue(unit: CaseUnit, command: CaseCommand) -> None:
    queue = await _queue(unit, command.target_id)
    await _check_take_over(unit, command.actor_id)
    await unit.enter_queue(queue.id, queue.slug)
    unit.tell(f"command/{command.id}", "routed", actor_id=command.actor_id, queue=queue.slug, by="agent")


async def remove_from_queue(unit: CaseUnit, command: CaseCommand) -> None:
    item = _live(unit)
    await _check_take_over(unit, command.actor_id)
    queue = await unit.session.get_one(Queue, item.queue_id)
    await unit.leave_queue(item)
    unit.tell(f"command/{command.id}", "removed-from-queue", actor_id=command.actor_id, queue=queue.slug)


async def apply_routing(unit: CaseUnit, command: CaseCommand) -> None:
    await _check_take_over(unit, command.actor_id)
    decision = await follow_rules(unit, key=f"command/{command.id}", actor_id=command.actor_id)
    if decision.rule is None:
        raise refused(ProblemType.NO_ROUTING_RULE, said("No routing rule matches: {why}", why=decision.why()))


async def moment(unit: CaseUnit) -> Moment:
    """What conditions may ask of the instant of this write."""
    calendars = await calendars_in_force(unit.session, unit.tools.definitions)
    return Moment(unit.now, unit.organisation.time_zone, calendars)


async def follow_rules(unit: CaseUnit, *, key: str, actor_id: UUID | None = None) -> RoutingDecision:
    """The active rule set, first match wins; without a match the case stays where it is (domain 5.1)."""
    sets = await unit.tools.definitions.active(unit.session, DefinitionKind.ROUTING_RULE_SET)
    bodies = [found.body for found in sets[DefinitionKind.ROUTING_RULE_SET].values()]
    rule_set = next((body for body in bodies if isinstance(body, RoutingRuleSet)), None)
    decision = route(rule_set, await unit.facts(), await moment(unit))
    if decision.skills:
        unit.case.skills = dict(decision.skills)
        unit.stirred = True
    sla_not_set = await choose_by_automation(unit, decision.sla) if decision.sla is not None else None
    if decision.queue is not None:
        queue = await active_queue(unit, decision.queue)
        # A rule may name a queue that was deactivated since: then the case stays where it is.
        if queue is not None:
            await unit.enter_queue(queue.id, queue.slug)
    elif decision.agent is not None:
        await follow_to_agent(unit, decision.agent)
    elif decision.team is not None:
        team = await unit.session.scalar(select(Team.id).where(Team.slug == decision.team, Team.active))
        if team is not None:
            await give_to_team(unit, team)
    unit.tell(
        key,
        "routed",
        actor_id=actor_id,
        by="rule",
        rule=decision.rule,
        queue=decision.queue,
        agent=decision.agent,
        team=decision.team,
        skills=dict(decision.skills) or None,
        sla=decision.sla,
        sla_not_set=sla_not_set,
        why=decision.why(),
    )
    return decision
