"""The console's lists of cases: views, filters of several values, pages, and counts that come from the list's own question.

All of it is one `CaseList`, which an address can hold; whoever opens that address sees the same list, by their own sight.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from desk.errors import Invalid
from desk.identity import Identity
from desk.queries import cursors
from desk.queries.cases import place_of
from desk.queries.countdowns import Countdown, DueState, countdowns
from desk.queries.lines import lines_at
from desk.queries.list_marks import Marks, marks_of
from desk.queries.list_questions import CaseList, asked
from desk.queries.visibility import sight_of
from desk.queries.walks import ORDERS, Order, Place, places
from models.messages.api_case_views import CaseLine
from models.messages.said import joined, said
from models.records.cases import Case
from storage.definitions import Definitions

PAGE = 40
"""Rows with two countdowns each: so a page stays below 100 kB."""


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
    question = await asked(session, definitions, identity, wanted, now)
    words = (await definitions.organisation(session)).priorities if wanted.sort == "priority" else ()
    return await places(session, question, order, words, after, limit, backwards=backwards)


def _order(sort: str) -> Order:
    if sort not in ORDERS:
        raise Invalid("sort", said("one of: {orders}", orders=joined(ORDERS)))
    return ORDERS[sort]
