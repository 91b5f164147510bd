"""What happened to a case, told to the house's people: to each as they chose, and to nobody of their own acts (domain 11.1)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from cases.concerns import concern
from cases.notices import readers_of, send_to
from cases.readers import reading
from cases.unit import CaseUnit
from letters.notice_words import OF_WORK
from letters.noticing import Notice, NoticeReader, way_of
from letters.templates import CannotRender, link_to, shown_in
from models.messages.calendars import Calendar
from models.messages.notices import MENTIONED, USUAL_NOTICES, Concern, NoticeWay, WorkEvent, WorkNotice
from models.messages.organisation import OrganisationSettings
from models.messages.reference import Role
from models.records.base import new_id
from models.records.cases import QueueItem
from models.records.notices import LONGEST_LINE, NoticeChoiceRow, NoticeLine
from models.records.reference import Agent, Queue
from policies.digests import digest_due
from storage.definitions import DefinitionKind, Definitions

Hearing = list[tuple[NoticeReader, NoticeWay]]
"""Those who hear of something, and how."""


@dataclass(frozen=True)
class News:
    """What happened. `key` names it for ever, so that it is told once; `actor` did it, and is not told of it; `facts` are
    what its notice knows beyond the case."""

    event: WorkEvent
    key: str
    actor: Agent | None = None
    facts: Mapping[str, Mapping[str, str | datetime]] = field(default_factory=dict)
    mentioned: tuple[NoticeReader, ...] = ()
    written_by: str | None = None
    """The address of the mail that it is about."""
    told_already: frozenset[str] = frozenset()
    """Addresses of those who hear of it in another way."""


async def tell_workers(unit: CaseUnit, news: News) -> set[str]:
    """Mail to those whom the organisation wants told of it and to those who chose to be, at once or in their next digest;
    their addresses. A customer's word on a closed case reaches somebody, whatever was chosen."""
    await _concern(unit, news)
    chosen = await choices(unit.session, news.event)
    but = {
        *news.told_already,
        *((news.actor.email,) if news.actor else ()),
        *((news.written_by,) if news.written_by else ()),
    }
    told: set[str] = set()
    for position, wanted in enumerate(wanted_of(unit.organisation.notices, news.event)):
        if wanted.way is NoticeWay.OFF and not chosen:
            continue
        readers = news.mentioned if wanted.to == MENTIONED else await readers_of(unit, wanted.to)
        hearing = hearing_of([each for each in readers if each.address not in told | but], chosen, wanted.way)
        if hearing or (not readers and wanted in unit.organisation.notices):
            await _tell(unit, news, str(position), wanted.template, wanted.to, hearing)
        told |= {reader.address for reader, _ in hearing}
    if news.event is WorkEvent.ANSWER_TO_CLOSED and not told:
        told = await _reach_somebody(unit, news, chosen, but)
    return told


async def _concern(unit: CaseUnit, news: News) -> None:
    """The same among the notices in the console. A new case is nobody's yet, and waits in its queue."""
    if news.event is not WorkEvent.NEW_CASE:
        named = {each.agent_id for each in news.mentioned if each.agent_id is not None}
        actor = news.actor.id if news.actor else None
        kind = Concern(news.event.value)
        await concern(unit, kind, f"{kind}/{news.key}", named or None, actor_id=actor, written_by=news.written_by)


def wanted_of(listed: Iterable[WorkNotice], event: WorkEvent) -> list[WorkNotice]:
    """What the organisation lists of this kind; and whom it usually concerns, for those who choose to be told."""
    wanted = [notice for notice in listed if notice.on is event]
    usual = USUAL_NOTICES[event]
    if any(notice.to == usual.to for notice in wanted):
        return wanted
    return [*wanted, usual.model_copy(update={"way": NoticeWay.OFF}) if wanted else usual]


async def choices(session: AsyncSession, event: WorkEvent) -> dict[UUID, NoticeWay]:
    """What agents have chosen of this kind, by their ids."""
    rows = await session.execute(
        select(NoticeChoiceRow.agent_id, NoticeChoiceRow.way).where(NoticeChoiceRow.kind == event.value)
    )
    return {agent: NoticeWay(way) for agent, way in rows}


def hearing_of(readers: Iterable[NoticeReader], chosen: Mapping[UUID, NoticeWay], usual: NoticeWay) -> Hearing:
    """Those who hear of it, and how. Only agents choose; whoever else is named is told at once."""
    ways = [
        (reader, chosen.get(reader.agent_id, usual) if reader.agent_id is not None else NoticeWay.AT_ONCE)
        for reader in readers
    ]
    return [(reader, way) for reader, way in ways if way is not NoticeWay.OFF]


async def _tell(unit: CaseUnit, news: News, place: str, template: str | None, to: str, hearing: Hearing) -> None:
    facts = {"actor": {"name": news.actor.name if news.actor else ""}, **news.facts}
    notice = Notice(f"notice/{news.event}/{news.key}/{place}", template, OF_WORK[news.event], facts)
    at_once = tuple(reader for reader, way in hearing if way is NoticeWay.AT_ONCE)
    later = [(reader, way) for reader, way in hearing if way is not NoticeWay.AT_ONCE]
    try:
        for reader, way in later:
            await _keep(unit, news, notice, reader, way)
        kept: str | None = None
    except CannotRender as error:
        kept = str(error)
    sent, unsent = await send_to(unit, notice, at_once) if at_once or not later else (0, None)
    unsent = unsent or kept
    unit.tell(
        notice.key,
        "notified" if unsent is None else "not-notified",
        text=unsent,
        event=news.event.value,
        to=to,
        recipients=sent,
        in_digests=len(later) or None,
    )


async def _keep(unit: CaseUnit, news: News, notice: Notice, reader: NoticeReader, way: NoticeWay) -> None:
    """A line of the reader's next digest."""
    if reader.agent_id is None:
        raise ValueError("only agents read digests")
    how = way_of(reader, unit.organisation)
    said = (await unit.tools.letters.said(unit.session, unit.case, notice, {how: (reader.address,)}))[how]
    subject = " ".join(said.subject.split())
    number = "" if unit.case.number in subject else f" [{unit.case.number}]"
    link = link_to(unit.case, unit.organisation)
    line = NewLine(notice.key, news.event, f"{subject}{number}  {link}", unit.now, unit.case.id)
    unit.add(await digest_line(unit.session, unit.tools.definitions, unit.organisation, reader, way, line))


@dataclass(frozen=True)
class NewLine:
    """What a digest is to say, and of which case, if it is of one."""

    key: str
    event: WorkEvent
    said: str
    at: datetime
    case_id: UUID | None = None


async def digest_line(
    session: AsyncSession,
    definitions: Definitions,
    organisation: OrganisationSettings,
    reader: NoticeReader,
    way: NoticeWay,
    line: NewLine,
) -> NoticeLine:
    """The line in the reader's next digest, which is due by their working hours, if they have any that are in force."""
    slug = await session.scalar(select(Agent.calendar).where(Agent.id == reader.agent_id))
    calendar = None if slug is None else await definitions.one(session, DefinitionKind.CALENDAR, slug, Calendar)
    zone = way_of(reader, organisation).zone
    return NoticeLine(
        id=new_id(),
        agent_id=reader.agent_id,
        key=line.key,
        kind=line.event.value,
        case_id=line.case_id,
        line=f"{shown_in(line.at, zone)}  {line.said}".rstrip()[:LONGEST_LINE],
        at=line.at,
        due_on=digest_due(way, line.at, zone, calendar),
    )


# ---- somebody, in any case -------------------------------------------------------------------------------------------


async def _reach_somebody(unit: CaseUnit, news: News, chosen: Mapping[UUID, NoticeWay], but: set[str]) -> set[str]:
    """The case's owner, else its last queue's, else managers, else administrators. Whoever wants no such mail is passed over,
    unless all do."""
    groups = [[each for each in group if each.address not in but] for group in await _in_charge(unit)]
    willing = [hearing_of(group, chosen, NoticeWay.AT_ONCE) for group in groups]
    everybody = [[(reader, NoticeWay.AT_ONCE) for reader in group] for group in groups]
    hearing = next((some for some in (*willing, *everybody) if some), [])
    template = next((each.template for each in unit.organisation.notices if each.on is news.event), None)
    await _tell(unit, news, "in-charge", template, "in-charge", hearing)
    return {reader.address for reader, _ in hearing}


async def _in_charge(unit: CaseUnit) -> tuple[tuple[NoticeReader, ...], ...]:
    owner = await readers_of(unit, "owner") if unit.case.owner_id or unit.case.owner_team_id else ()
    last = select(QueueItem.queue_id).where(QueueItem.case_id == unit.case.id).order_by(QueueItem.id.desc()).limit(1)
    of_queue = select(Queue.owner_id).where(Queue.id == last.scalar_subquery())
    of_last = list(await unit.session.scalars(select(Agent).where(Agent.id.in_(of_queue), Agent.active)))
    agents = list(await unit.session.scalars(select(Agent).where(Agent.active).order_by(Agent.email)))
    managers = [agent for agent in agents if Role.MANAGER in agent.roles]
    administrators = [agent for agent in agents if Role.ADMINISTRATOR in agent.roles]
    return (owner, *[await reading(unit.session, group) for group in (of_last, managers, administrators)])
