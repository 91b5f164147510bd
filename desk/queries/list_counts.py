"""How many cases lists have, exact up to a bound: several lists in one statement, each of which reads no more rows than that."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, literal, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from desk.identity import Identity
from desk.queries.case_lists import listed
from desk.queries.list_questions import CaseList, asked
from desk.queries.walks import Wanted, hinted, index_named, one_of
from models.records.cases import Case
from storage.definitions import Definitions
from storage.sqlite import aside

COUNTED = 1_000
"""So far a count is exact."""
LEADS = ("account", "contact", "owner", "team", "unowned", "queue", "reason", "sla", "priority", "status")
"""By which of several filters an index begins: by what usually leaves fewer cases."""


async def count(
    session: AsyncSession,
    definitions: Definitions,
    identity: Identity,
    wanted: CaseList,
    now: datetime,
    most: int = COUNTED,
) -> int:
    """How many cases the list has; `most + 1`: more than that. Raises as `list_page` does."""
    return (await counts(session, definitions, identity, [wanted], now, most))[0]


async def counts(
    session: AsyncSession,
    definitions: Definitions,
    identity: Identity,
    lists: Sequence[CaseList],
    now: datetime,
    most: int = COUNTED,
) -> list[int]:
    """As `count`, of each of these lists, by the list's own question."""
    found: dict[int, int] = {}
    asking: dict[int, Select[UUID]] = {}
    dialect = session.get_bind().dialect.name
    for place, wanted in enumerate(lists):
        if wanted.q is not None:
            # Words have ways of their own, on which what is found is counted.
            plain = replace(wanted, sort="next_due")
            found[place] = len(await listed(session, definitions, identity, plain, now, None, most + 1))
            continue
        question = await asked(session, definitions, identity, wanted, now)
        if question.ids is None or question.ids:
            asking[place] = _bounded(question, dialect, most + 1)
    if asking:
        if dialect == "postgresql":
            # A plan for whatever value may come would be a bad one for a rare one.
            await session.execute(text("SET LOCAL plan_cache_mode = force_custom_plan"))
        numbers = [select(func.count()).select_from(each.subquery()).scalar_subquery() for each in asking.values()]
        with aside():
            row = (await session.execute(select(*numbers))).one()
        found |= dict(zip(asking, row, strict=True))
    return [found.get(place, 0) for place in range(len(lists))]


def _bounded(wanted: Wanted, dialect: str, most: int) -> Select[UUID]:
    """The first `most` cases, whichever they are, along an index that begins with one of the filters."""
    conditions: list[ColumnElement[bool]] = [*wanted.leads.values(), *wanted.several.values(), *wanted.also]
    if wanted.priority is not None:
        conditions.append(Case.priority == wanted.priority)
    if wanted.sight is not None:
        conditions.append(wanted.sight)
    if wanted.statuses:
        conditions.append(Case.status.in_([status.value for status in wanted.statuses]))
    chosen: Select[Any] = select(Case.id)
    if wanted.ids is not None:
        return chosen.where(one_of(wanted.ids, dialect), *conditions).limit(most)
    given = {*wanted.leads, *wanted.several}
    given |= {name for name, value in (("priority", wanted.priority), ("status", wanted.statuses)) if value}
    lead = next((name for name in LEADS if name in given), None)
    chosen = hinted(chosen, None if lead is None else index_named(lead, "due"))
    return chosen.where(*conditions or [literal(value=True)]).limit(most)
