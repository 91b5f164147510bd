"""What a list of the console asks of the cases: its view, and filters of several values, as a walk along the indexes takes it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, or_, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from desk.errors import Invalid
from desk.identity import Identity
from desk.queries.cases import of_customer, owned_by, words_of
from desk.queries.list_marks import drafted_cases, unread_cases
from desk.queries.my_queues import SOON, pausing_reasons
from desk.queries.named import queue_named, word_of
from desk.queries.visibility import sight_of
from desk.queries.walks import FEW, Wanted
from models.messages.cases import CaseStatus, SlaState
from models.messages.said import said
from models.records.cases import AVAILABLE, Case, QueueItem
from models.records.reference import Agent
from storage.definitions import Definitions

IN_NONE = "none"
"""In the place of a queue: of cases that are in none."""
MOST_VALUES = 50
"""Of one filter."""


class ListView(StrEnum):
    """What a list begins with, before its filters."""

    ALL = "all"
    MINE = "mine"
    AVAILABLE = "available"
    DUE_WITHIN_THE_HOUR = "due-within-the-hour"
    """Or late already."""
    BREACHED = "breached"
    WAITING_ON_CUSTOMER = "waiting-on-customer"
    UNREAD = "unread"
    WAITING_ON_ME = "waiting-on-me"
    """The customer wrote last."""
    REOPENED = "reopened"
    DRAFTS = "drafts"


PERSONAL = frozenset({ListView.MINE, ListView.UNREAD, ListView.WAITING_ON_ME, ListView.REOPENED, ListView.DRAFTS})
"""Views of somebody's cases: their address names whose."""
OF_ANY_STATUS = frozenset({ListView.ALL, ListView.UNREAD, ListView.DRAFTS})
"""The others have active cases alone."""


@dataclass(frozen=True, slots=True)
class CaseList:
    """What a list shows. Filters hold any of their values; empty or None: no matter. `agent`: whose view it is, by their slug;
    None: the reader's own. `owners` are slugs of agents or teams, `me` or `none`; `queues` are slugs,
    or `none` for cases that are in none."""

    view: ListView = ListView.ALL
    agent: str | None = None
    queues: tuple[str, ...] = ()
    statuses: tuple[CaseStatus, ...] = ()
    reasons: tuple[str, ...] = ()
    owners: tuple[str, ...] = ()
    priorities: tuple[str, ...] = ()
    slas: tuple[SlaState, ...] = ()
    origins: tuple[str, ...] = ()
    customer: str | None = None
    q: str | None = None
    sort: str = "next_due"

    @property
    def filtered(self) -> bool:
        """Whether anything but the view narrows it."""
        return replace(self, view=ListView.ALL, agent=None, sort="next_due") != CaseList()


class _Question:
    """What is asked so far: by which an index may begin, what it may begin with several times, and what is asked besides."""

    def __init__(self) -> None:
        self.leads: dict[str, ColumnElement[bool]] = {}
        self.several: dict[str, ColumnElement[bool]] = {}
        self.also: list[ColumnElement[bool]] = []
        self.ids: set[UUID] | None = None

    def one_of(self, name: str, column: InstrumentedAttribute[Any], values: tuple[str, ...]) -> None:
        if not values:
            return
        condition = column == values[0] if len(values) == 1 else column.in_(values)
        if name in self.leads or name in self.several:
            self.also.append(condition)
        elif len(values) == 1:
            self.leads[name] = condition
        else:
            self.several[name] = condition

    def within(self, ids: set[UUID]) -> None:
        self.ids = ids if self.ids is None else self.ids & ids


async def asked(
    session: AsyncSession, definitions: Definitions, identity: Identity, wanted: CaseList, now: datetime
) -> Wanted:
    """`Invalid` names a filter that is wrong."""
    organisation = await definitions.organisation(session)
    asks = _Question()
    words = None
    if wanted.q is not None:
        words, ids = await words_of(session, definitions, identity, wanted.q)
        if ids is not None:
            asks.within(set(ids))
    await _viewed(session, definitions, identity, wanted, now, asks)
    await _queued(session, identity, wanted.queues, asks)
    if wanted.customer is not None:
        lead, condition = await of_customer(session, wanted.customer)
        asks.leads[lead] = condition
    await _owned(session, identity, wanted.owners, asks)
    for name, values, known in (
        ("priority", wanted.priorities, organisation.priorities),
        ("origin", wanted.origins, organisation.origins),
        ("reason", wanted.reasons, [reason.slug for reason in organisation.status_reasons]),
    ):
        for value in values:
            word_of(value, known, name)
    if len(wanted.priorities) != 1:
        asks.one_of("priority", Case.priority, wanted.priorities)
    asks.one_of("sla", Case.sla_state, tuple(state.value for state in wanted.slas))
    asks.one_of("reason", Case.status_reason, wanted.reasons)
    if wanted.origins:
        asks.also.append(Case.origin.in_(wanted.origins))
    statuses = tuple(dict.fromkeys(wanted.statuses))
    if wanted.reasons and not statuses:
        # A reason is of one status, by which an index can begin.
        of = {reason.slug: CaseStatus(reason.status) for reason in organisation.status_reasons}
        statuses = tuple(dict.fromkeys(of[reason] for reason in wanted.reasons))
        if CaseStatus.ACTIVE in statuses:
            statuses = (*statuses, CaseStatus.OPENING)
    if wanted.view not in OF_ANY_STATUS:
        statuses = tuple(status for status in statuses or (CaseStatus.ACTIVE,) if status is CaseStatus.ACTIVE)
        if not statuses:
            asks.within(set())
    sight = await sight_of(session, identity)
    return Wanted(
        statuses,
        asks.leads,
        asks.several,
        tuple(asks.also),
        wanted.priorities[0] if len(wanted.priorities) == 1 else None,
        words,
        None if asks.ids is None else tuple(asks.ids),
        sight.cases() if sight.hidden else None,
    )


async def _viewed(
    session: AsyncSession,
    definitions: Definitions,
    identity: Identity,
    wanted: CaseList,
    now: datetime,
    asks: _Question,
) -> None:
    who = identity
    if wanted.view in PERSONAL and wanted.agent is not None and wanted.agent != identity.slug:
        found = await session.scalar(select(Agent).where(Agent.slug == wanted.agent))
        if found is None:
            raise Invalid("agent", said("there is no agent {agent!r}", agent=wanted.agent))
        who = Identity(found.id, found.slug, found.name, frozenset())
    match wanted.view:
        case ListView.MINE:
            asks.leads["owner"] = Case.owner_id == who.agent_id
        case ListView.WAITING_ON_ME:
            asks.leads["owner"] = Case.owner_id == who.agent_id
            asks.also.append(await _waits_for_an_answer(session, definitions))
        case ListView.REOPENED:
            asks.leads["owner"] = Case.owner_id == who.agent_id
            asks.also.append(Case.reactivated_on.is_not(None))
        case ListView.AVAILABLE:
            await _available(session, asks)
        case ListView.DUE_WITHIN_THE_HOUR:
            asks.also.append(Case.next_due <= now + SOON)
        case ListView.BREACHED:
            asks.leads["sla"] = Case.sla_state == SlaState.NONCOMPLIANT.value
        case ListView.WAITING_ON_CUSTOMER:
            pausing = await pausing_reasons(session, definitions)
            asks.one_of("reason", Case.status_reason, tuple(pausing))
            if not pausing:
                asks.within(set())
        case ListView.UNREAD:
            asks.within(await unread_cases(session, who))
        case ListView.DRAFTS:
            asks.within(await drafted_cases(session, who.agent_id))
        case ListView.ALL:
            pass


async def _waits_for_an_answer(session: AsyncSession, definitions: Definitions) -> ColumnElement[bool]:
    """Nobody has answered the customer yet, and the case is not put off either; or they have written since the answer."""
    unanswered = and_(
        Case.first_response_sent.is_(False), Case.status_reason.not_in(await pausing_reasons(session, definitions))
    )
    return or_(Case.customer_replied_last.is_(True), unanswered)


async def _available(session: AsyncSession, asks: _Question) -> None:
    """Cases that wait in a queue. Where those are few, walking along all cases would hardly find any."""
    free = (text(AVAILABLE),)
    some = (await session.scalars(select(QueueItem.case_id).where(*free).limit(FEW + 1))).all()
    if len(some) <= FEW:
        asks.within(set(some))
    else:
        asks.also.append(exists().where(QueueItem.case_id == Case.id, *free).correlate(Case))


async def _queued(session: AsyncSession, identity: Identity, queues: tuple[str, ...], asks: _Question) -> None:
    named = tuple([(await queue_named(session, identity, one)).slug for one in queues if one != IN_NONE])
    if IN_NONE not in queues:
        asks.one_of("queue", Case.queue, named)
    elif named or "queue" in asks.leads or "queue" in asks.several:
        asks.also.append(or_(Case.queue.is_(None), Case.queue.in_(named)))
    else:
        asks.leads["queue"] = Case.queue.is_(None)


async def _owned(session: AsyncSession, identity: Identity, owners: tuple[str, ...], asks: _Question) -> None:
    found = [await owned_by(session, identity, owner) for owner in owners]
    if len(found) == 1 and found[0][0] not in asks.leads:
        asks.leads[found[0][0]] = found[0][1]
    elif found:
        asks.also.append(or_(*(condition for _, condition in found)))
