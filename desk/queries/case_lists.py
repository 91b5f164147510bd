"""The console's lists of cases: views, filters of several values, pages, and counts that come from the list's own question.

All of it is one `CaseList`, which an address can hold; whoever opens that address sees the same list, by their own sight.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, exists, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from desk.errors import Invalid
from desk.identity import Identity
from desk.queries import cursors
from desk.queries.cases import of_customer, owned_by, place_of, words_of
from desk.queries.countdowns import Countdown, DueState, countdowns
from desk.queries.lines import lines_at
from desk.queries.list_marks import Marks, drafted_cases, marks_of, unread_cases
from desk.queries.my_queues import SOON, pausing_reasons
from desk.queries.named import queue_named, word_of
from desk.queries.visibility import sight_of
from desk.queries.walks import ORDERS, Order, Place, Wanted, places
from models.messages.api_case_views import CaseLine
from models.messages.cases import CaseStatus, SlaState
from models.records.cases import Case, QueueItem
from models.records.reference import Agent
from storage.definitions import Definitions

PAGE = 50
COUNTED = 1_000
"""So far a count is exact."""
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
    None: the reader's own. `owners` are slugs of agents or teams, `me` or `none`."""

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


@dataclass(frozen=True, slots=True)
class ListRow:
    """A case of a list, with its promises and the reader's own marks. `place`: the cursor of the row itself, from which one can
    go on to its neighbours even when it has left the list."""

    case: CaseLine
    promises: tuple[Countdown, ...]
    marks: Marks
    place: str

    def promise(self, role: str) -> Countdown | None:
        """The first promise in that role."""
        return next((each for each in self.promises if each.role == role), None)

    @property
    def next_due(self) -> Countdown | None:
        """What is due next: the earliest that is still open."""
        open = [each for each in self.promises if each.state not in (DueState.MET, DueState.MISSED)]
        return min(open, key=lambda each: each.due, default=None)


@dataclass(frozen=True, slots=True)
class ListPage:
    """`next`: the cursor of the page that follows; None at the end."""

    rows: tuple[ListRow, ...]
    next: str | None


async def list_page(
    session: AsyncSession,
    definitions: Definitions,
    identity: Identity,
    wanted: CaseList,
    now: datetime,
    *,
    cursor: str | None = None,
    limit: int = PAGE,
) -> ListPage:
    """The cases after `cursor`. `Invalid` names a filter, order or cursor that is wrong."""
    after = None if cursor is None else place_of(wanted.sort, cursor)
    found = await listed(session, definitions, identity, wanted, now, after, limit + 1)
    page = found[:limit]
    following = cursors.encode(wanted.sort, *page[-1]) if len(found) > limit else None
    return ListPage(await rows_at(session, definitions, identity, wanted.sort, page, now), following)


async def rows_at(
    session: AsyncSession,
    definitions: Definitions,
    identity: Identity,
    sort: str,
    found: list[Place],
    now: datetime,
) -> tuple[ListRow, ...]:
    """These cases in their order, by some statements for all of them together."""
    ids = [place.id for place in found]
    marks = await marks_of(session, identity, ids, now)
    promises = await countdowns(session, definitions, ids, now) if ids else {}
    lines = await lines_at(session, ids)
    return tuple(
        ListRow(line, promises.get(line.id, ()), marks.get(line.id, Marks()), cursors.encode(sort, *place))
        for line, place in zip(lines, found, strict=True)
    )


async def rows_named(
    session: AsyncSession,
    definitions: Definitions,
    identity: Identity,
    sort: str,
    numbers: tuple[str, ...],
    now: datetime,
) -> tuple[ListRow, ...]:
    """Those of these cases that may be seen, as they are now, in no order."""
    order = _order(sort)
    sight = await sight_of(session, identity)
    rows = await session.execute(
        select(order.column.label("value"), Case.id).where(Case.number.in_(numbers), sight.cases())
    )
    found = [Place(row.value, row.id) for row in rows]
    return await rows_at(session, definitions, identity, sort, found, now)


async def count(
    session: AsyncSession,
    definitions: Definitions,
    identity: Identity,
    wanted: CaseList,
    now: datetime,
    most: int = COUNTED,
) -> int:
    """How many cases the list has; `most + 1`: more than that."""
    return len(await listed(session, definitions, identity, replace(wanted, sort="next_due"), now, None, most + 1))


async def numbers_of(
    session: AsyncSession, definitions: Definitions, identity: Identity, wanted: CaseList, now: datetime, most: int
) -> list[str]:
    """The numbers of its first `most` cases, in their order."""
    found = await listed(session, definitions, identity, replace(wanted, sort="number"), now, None, most)
    return [str(place.value) for place in found]


async def listed(
    session: AsyncSession,
    definitions: Definitions,
    identity: Identity,
    wanted: CaseList,
    now: datetime,
    after: Place | None,
    limit: int,
    *,
    backwards: bool = False,
) -> list[Place]:
    """The places of the list's cases after `after`, or before it. Raises as `list_page` does."""
    order = _order(wanted.sort)
    question = await _asked(session, definitions, identity, wanted, now)
    words = (await definitions.organisation(session)).priorities if wanted.sort == "priority" else ()
    return await places(session, question, order, words, after, limit, backwards=backwards)


def _order(sort: str) -> Order:
    if sort not in ORDERS:
        raise Invalid("sort", f"one of: {', '.join(ORDERS)}")
    return ORDERS[sort]


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


async def _asked(
    session: AsyncSession, definitions: Definitions, identity: Identity, wanted: CaseList, now: datetime
) -> Wanted:
    organisation = await definitions.organisation(session)
    asks = _Question()
    words = None
    if wanted.q is not None:
        words, ids = await words_of(session, definitions, identity, wanted.q)
        if ids is not None:
            asks.within(set(ids))
    await _viewed(session, definitions, identity, wanted, now, asks)
    asks.one_of("queue", Case.queue, tuple([(await queue_named(session, identity, one)).slug for one in wanted.queues]))
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
    for column, some in ((Case.origin, wanted.origins), (Case.status_reason, wanted.reasons)):
        if some:
            asks.also.append(column.in_(some))
    statuses = tuple(dict.fromkeys(wanted.statuses))
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
            raise Invalid("agent", f"there is no agent {wanted.agent!r}")
        who = Identity(found.id, found.slug, found.name, frozenset())
    match wanted.view:
        case ListView.MINE:
            asks.leads["owner"] = Case.owner_id == who.agent_id
        case ListView.WAITING_ON_ME:
            asks.leads["owner"] = Case.owner_id == who.agent_id
            asks.also.append(Case.customer_replied_last.is_(True))
        case ListView.REOPENED:
            asks.leads["owner"] = Case.owner_id == who.agent_id
            asks.also.append(Case.reactivated_on.is_not(None))
        case ListView.AVAILABLE:
            free = (QueueItem.case_id == Case.id, QueueItem.live, QueueItem.worked_by.is_(None))
            asks.also.append(exists().where(*free).correlate(Case))
        case ListView.DUE_WITHIN_THE_HOUR:
            asks.also.append(Case.next_due <= now + SOON)
        case ListView.BREACHED:
            asks.leads["sla"] = Case.sla_state == SlaState.NONCOMPLIANT.value
        case ListView.WAITING_ON_CUSTOMER:
            asks.also.append(Case.status_reason.in_(await pausing_reasons(session, definitions)))
        case ListView.UNREAD:
            asks.within(await unread_cases(session, who))
        case ListView.DRAFTS:
            asks.within(await drafted_cases(session, who.agent_id))
        case ListView.ALL:
            pass


async def _owned(session: AsyncSession, identity: Identity, owners: tuple[str, ...], asks: _Question) -> None:
    found = [await owned_by(session, identity, owner) for owner in owners]
    if len(found) == 1 and found[0][0] not in asks.leads:
        asks.leads[found[0][0]] = found[0][1]
    elif found:
        asks.also.append(or_(*(condition for _, condition in found)))
