"""What happens to a case that people are told of: it is new, somebody's from now on, answered, spoken of, nearly late."""

from __future__ import annotations

from functools import partial
from uuid import UUID

from sqlalchemy import select

from cases.readers import reading
from cases.unit import CaseUnit
from cases.work_notices import News, tell_workers
from models.messages.cases import CaseStatus
from models.messages.notices import WorkEvent
from models.messages.reference import Role
from models.messages.slas import KpiInstance
from models.records.cases import QueueItem
from models.records.commands import Command
from models.records.mails import EmailMessage
from models.records.reference import Agent, Queue, TeamMember
from policies.mentions import mentioned
from storage.kept import named
from storage.repositories.membership import is_member

NOTICES = "notices/"
"""What the keys of incidents of these notices begin with."""
OVERSEERS = frozenset({Role.MANAGER.value, Role.ADMINISTRATOR.value})


async def opened(unit: CaseUnit) -> None:
    """A new case: whoever owns it already is told that it is theirs, the others that it is there. Not its opener."""
    of_openings = (WorkEvent.NEW_CASE, WorkEvent.ASSIGNED)
    wanted = unit.openings_chosen or any(notice.on in of_openings for notice in unit.organisation.notices)
    is_somebodys = unit.case.owner_team_id is not None or unit.case.owner_id is not None
    if not wanted and not is_somebodys:
        return
    opener = await unit.session.scalar(
        select(Agent).join(Command, Command.actor_id == Agent.id).where(Command.case_id == unit.case.id).limit(1)
    )
    mine = await _assigned(unit, opener) if is_somebodys else set[str]()
    if wanted:
        news = News(WorkEvent.NEW_CASE, str(unit.case.id), actor=opener, told_already=frozenset(mine))
        await tell_workers(unit, news)


async def changed_hands(unit: CaseUnit) -> None:
    """At the end of a write, if by it the case has another owner than whoever acts, or has come into another queue."""
    case, item = unit.case, unit.item
    if unit.status_known != CaseStatus.ACTIVE or case.status != CaseStatus.ACTIVE:
        return
    owner = (case.owner_id, case.owner_team_id)
    if (
        owner != unit.owner_known
        and owner != (None, None)
        and (case.owner_id is None or case.owner_id != unit.actor_id)
    ):
        await unit.part(f"{NOTICES}assigned/{case.version}", "notices", partial(_told_assigned, unit), None)
    if item is not None and item.id != unit.item_known and item.worked_by is None:
        await unit.part(f"{NOTICES}new-case/{case.version}", "notices", partial(_told_moved, unit), None)


async def again(unit: CaseUnit, name: str) -> None:
    """What could not be told, later: as the case is then."""
    event, _, rest = name.partition("/")
    match WorkEvent(event):
        case WorkEvent.ASSIGNED:
            await _told_assigned(unit)
        case WorkEvent.NEW_CASE:
            await _told_moved(unit)
        case WorkEvent.DEADLINE:
            for instance in await unit.instances():
                if str(instance.id) == rest:
                    await nearly_late(unit, instance)
        case _:
            raise LookupError(f"{unit.case.number} has no notice {name!r} that was left out")


async def _told_assigned(unit: CaseUnit) -> None:
    await _assigned(unit, await named(unit.session, Agent, unit.actor_id))


async def _assigned(unit: CaseUnit, actor: Agent | None) -> set[str]:
    return await tell_workers(unit, News(WorkEvent.ASSIGNED, f"{unit.case.id}/{unit.case.version}", actor=actor))


async def _told_moved(unit: CaseUnit) -> None:
    if unit.item is not None:
        actor = await named(unit.session, Agent, unit.actor_id)
        await tell_workers(unit, News(WorkEvent.NEW_CASE, str(unit.item.id), actor=actor))


async def answered(unit: CaseUnit, message: EmailMessage, *, closed: bool) -> None:
    """A person wrote on the case."""
    event = WorkEvent.ANSWER_TO_CLOSED if closed else WorkEvent.REPLY
    await tell_workers(unit, News(event, str(message.id), written_by=message.sender))


async def spoken_of(unit: CaseUnit, actor_id: UUID, command_id: UUID, text: str) -> tuple[str, ...]:
    """A note names agents: they are told of it, unless they may not see the case. Their slugs."""
    names = mentioned(text)
    if not names:
        return ()
    found = list(await unit.session.scalars(select(Agent).where(Agent.slug.in_(names), Agent.active)))
    seeing = [agent for agent in found if agent.id != actor_id and await _sees(unit, agent)]
    news = News(
        WorkEvent.MENTION,
        str(command_id),
        actor=await named(unit.session, Agent, actor_id),
        facts={"note": {"text": text}},
        mentioned=await reading(unit.session, seeing),
    )
    if seeing:
        await tell_workers(unit, news)
    return tuple(sorted(agent.slug for agent in seeing))


async def _sees(unit: CaseUnit, agent: Agent) -> bool:
    """As the desk shows cases: what stands, or last stood, in a private queue is for its members, its owner, the case's own
    and managers (domain 2)."""
    case = unit.case
    if OVERSEERS.intersection(agent.roles) or case.owner_id == agent.id:
        return True
    of_team = select(TeamMember.id).where(TeamMember.team_id == case.owner_team_id, TeamMember.agent_id == agent.id)
    if case.owner_team_id is not None and await unit.session.scalar(of_team) is not None:
        return True
    hidden = select(Queue.id).where(Queue.private, Queue.owner_id != agent.id, ~is_member(Queue.id, agent.id))
    stood = select(QueueItem.queue_id).where(QueueItem.case_id == case.id)
    here = Queue.slug == case.queue if case.queue is not None else Queue.id.in_(stood)
    return await unit.session.scalar(hidden.where(here).limit(1)) is None


async def nearly_late(unit: CaseUnit, instance: KpiInstance) -> None:
    """The deadline of a promise is near."""
    promise = {
        "name": instance.item_name,
        "kpi": instance.kpi,
        "status": instance.status.value,
        "event": "warning",
        "deadline": instance.failure_at,
    }
    key = f"{instance.id}/{instance.failure_at:%Y%m%dT%H%M%S}"
    await tell_workers(unit, News(WorkEvent.DEADLINE, key, facts={"promise": promise}))
