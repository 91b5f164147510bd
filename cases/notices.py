"""Notices to whom a case concerns (domain 4.1, 6)."""

from __future__ import annotations

from sqlalchemy import Select, select

from cases.readers import at_address, reading
from cases.unit import CaseUnit
from letters.case_people import language_of
from letters.notice_words import OF_WORK
from letters.noticing import Notice, NoticeReader
from letters.senders import NoMailbox
from letters.templates import CannotRender
from models.messages.notices import WorkEvent, team_of
from models.messages.record_creation import MAIL, RecordCreationRule
from models.messages.reference import Role
from models.messages.said import said
from models.records.reference import Agent, Contact, Queue, Team, TeamMember
from storage.definitions import DefinitionKind
from storage.kept import named
from storage.repositories.customers import addresses_for
from storage.repositories.membership import members as members_of


async def acknowledge_activity(unit: CaseUnit) -> None:
    """To the contact of a case that a rule has made of an activity, in the words that the rule names; without any, nothing."""
    if unit.case.opening_rule is None:
        return
    active = await unit.tools.definitions.active(unit.session, DefinitionKind.RECORD_CREATION_RULE)
    rule = active[DefinitionKind.RECORD_CREATION_RULE].get(unit.case.opening_rule)
    body = rule.body if rule is not None else None
    if not isinstance(body, RecordCreationRule) or body.source == MAIL or body.auto_reply_template is None:
        return
    notice = Notice(f"ack/{unit.case.id}", body.auto_reply_template, OF_WORK[WorkEvent.NEW_CASE])
    told, unsent = await send_notice(unit, notice, "customer")
    kind = "notified" if unsent is None else "not-acknowledged"
    unit.tell("opening/acknowledged", kind, text=unsent, to="customer", recipients=told)


async def send_notice(unit: CaseUnit, notice: Notice, to: str) -> tuple[int, str | None]:
    """How many were written to, and why nobody was, if so: a clock goes on without a mailbox."""
    return await send_to(unit, notice, await readers_of(unit, to))


async def send_to(unit: CaseUnit, notice: Notice, readers: tuple[NoticeReader, ...]) -> tuple[int, str | None]:
    if not readers:
        return 0, said("nobody to tell")
    try:
        await unit.tools.letters.notice(unit.session, unit.case, notice, readers, unit.now)
    except (NoMailbox, CannotRender) as error:
        return 0, str(error)
    return len(readers), None


# ---- readers ---------------------------------------------------------------------------------------------------------


async def readers_of(unit: CaseUnit, to: str) -> tuple[NoticeReader, ...]:
    """The people that a reader of `models.messages.notices.Reader` stands for, each once; none that are inactive."""
    case = unit.case
    if (team := team_of(to)) is not None:
        return await _agents(unit, _of_team().where(Team.slug == team))
    match to:
        case "customer":
            return await _customer(unit)
        case "manager":
            return await _managers(unit)
        case "owner" if case.owner_id is not None:
            return await _agents(unit, select(Agent).where(Agent.id == case.owner_id))
        case "owner" if case.owner_team_id is not None:
            return await _agents(unit, _of_team().where(Team.id == case.owner_team_id))
        case "owner" | "queue":
            return await _of_queue(unit)
        case address:
            return (await at_address(unit.session, address),)


async def _of_queue(unit: CaseUnit) -> tuple[NoticeReader, ...]:
    """The members of the case's queue; without members its owner."""
    queue = await unit.session.scalar(select(Queue).where(Queue.slug == unit.case.queue))
    if queue is None:
        return ()
    members = select(Agent).where(Agent.id.in_(members_of(queue.id)))
    return await _agents(unit, members) or await _agents(unit, select(Agent).where(Agent.id == queue.owner_id))


async def _managers(unit: CaseUnit) -> tuple[NoticeReader, ...]:
    agents = list(await unit.session.scalars(select(Agent).where(Agent.active).order_by(Agent.email)))
    managers = [agent for agent in agents if Role.MANAGER in agent.roles]
    owner = await unit.session.scalar(select(Queue.owner_id).where(Queue.slug == unit.case.queue))
    return await reading(unit.session, [agent for agent in managers if agent.id == owner] or managers)


async def _customer(unit: CaseUnit) -> tuple[NoticeReader, ...]:
    contact = await named(unit.session, Contact, unit.case.contact_id)
    if contact is None:
        return ()
    address = next(iter(await addresses_for(unit.session, contact.id, unit.case.id)), contact.email)
    return (NoticeReader(address, language=await language_of(unit.session, contact), customer=True),)


def _of_team() -> Select[Agent]:
    return select(Agent).join(TeamMember, TeamMember.agent_id == Agent.id).join(Team, Team.id == TeamMember.team_id)


async def _agents(unit: CaseUnit, wanted: Select[Agent]) -> tuple[NoticeReader, ...]:
    return await reading(unit.session, await unit.session.scalars(wanted.where(Agent.active).order_by(Agent.email)))
