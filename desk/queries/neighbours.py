"""The cases before and after one in the list that one comes from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from desk.identity import Identity
from desk.queries.case_lists import listed
from desk.queries.cases import place_of
from desk.queries.cursors import encode
from desk.queries.list_questions import CaseList
from models.records.cases import Case
from storage.definitions import Definitions


@dataclass(frozen=True, slots=True)
class Neighbours:
    """Their numbers, and the cursors of their own rows, from which one goes on; None at an end of the list."""

    previous: tuple[str, str] | None
    next: tuple[str, str] | None


async def neighbours(
    session: AsyncSession,
    definitions: Definitions,
    identity: Identity,
    wanted: CaseList,
    place: str,
    number: str,
    now: datetime,
) -> Neighbours:
    """`place`: the cursor of the case's row when one left the list (`ListRow.place`): the case may have another one by now, or
    none, and the way on is still the same. Raises as `list_page` does."""
    return Neighbours(
        await _beside(session, definitions, identity, wanted, place, number, now, backwards=True),
        await _beside(session, definitions, identity, wanted, place, number, now, backwards=False),
    )


async def _beside(
    session: AsyncSession,
    definitions: Definitions,
    identity: Identity,
    wanted: CaseList,
    place: str,
    number: str,
    now: datetime,
    *,
    backwards: bool,
) -> tuple[str, str] | None:
    after = place_of(wanted.sort, place)
    # Two: the case itself may stand there now, because what it is sorted by has changed.
    found = await listed(session, definitions, identity, wanted, now, after, 2, backwards=backwards)
    rows = await session.execute(select(Case.id, Case.number).where(Case.id.in_([each.id for each in found])))
    numbers = {row.id: row.number for row in rows}
    for each in found:
        if numbers[each.id] != number:
            return numbers[each.id], encode(wanted.sort, *each)
    return None
