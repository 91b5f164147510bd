"""How a list of cases is read: along an index that has the wanted order, from where the page before has ended.

An order is one or more *stretches*, each a range of an index that lies in that order as it is: by deadline, those that have
one, then the others; by priority, one word after the other. What is filtered by comes first in the index (`models.records`
says which there are), the status second. Who asks for several statuses, or for all, gets one *arm* for each, and the
arms' first rows together hold the first rows of all.

A list that no single index serves (an account's cases, the newest first; several filters at once) reads either the few rows
that the rarest filter leaves, or along the order's index until enough rows have passed the filters. With n cases, m of
which pass, the second reads about 50 n / m, so that the better of both is never more than some thousand. PostgreSQL knows
from its statistics which is better; SQLite is told, after a look at how many there are.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, Select, String, Uuid, any_, func, literal, select, text, tuple_, union_all
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from desk.queries.case_words import CaseWords
from desk.queries.cursors import Value
from models.messages.cases import CaseStatus
from models.records.cases import Case
from storage.sqlite import aside

FEW = 1000
"""So many cases that a filter leaves are read and sorted rather than searched for along the order's index."""
FEW_FOUND = 4_000
"""The same of words, by which an index finds each at once."""
QUEUE = "queue"

S = TypeVar("S", bound=Select[*tuple[Any, ...]])


@dataclass(frozen=True, slots=True)
class Order:
    """One allowed order of a list: its name among the indexes, the column, its type, and whether it descends."""

    index: str
    column: InstrumentedAttribute[Any]
    kind: type[datetime] | type[str]
    descending: bool = False
    backwards: bool = False
    """It is walked from its end: `descending` says the way that it is walked."""


ORDERS: dict[str, Order] = {
    "next_due": Order("due", Case.next_due, datetime),
    "created": Order("created", Case.created_on, datetime),
    "-created": Order("created", Case.created_on, datetime, descending=True),
    "modified": Order("modified", Case.modified_on, datetime, descending=True),
    "number": Order("number", Case.number, str),
    "priority": Order("priority", Case.priority, str),
}
"""The allow-list: no other name reaches SQL. `modified`: the latest first; `next_due`: without one last; `priority`: as the
organisation lists them, then words that it does not list."""


class Place(NamedTuple):
    """Where a row stands in an order; None as its value: behind all that have one."""

    value: Value
    id: UUID


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a list shows. `leads` are the filters by which an index may begin, by the index's name for them; `several` are
    such with more than one value; `also` is asked of every row, as no index has it; `ids` are few cases, known by their
    number; `sight`, if there is one, is asked of every row."""

    statuses: tuple[CaseStatus, ...] = ()
    leads: dict[str, ColumnElement[bool]] = field(default_factory=dict)
    several: dict[str, ColumnElement[bool]] = field(default_factory=dict)
    also: tuple[ColumnElement[bool], ...] = ()
    priority: str | None = None
    words: CaseWords | None = None
    ids: tuple[UUID, ...] | None = None
    sight: ColumnElement[bool] | None = None


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of an order that lies in one range of an index: what its rows have in common, and what comes after a place."""

    condition: ColumnElement[bool] | None
    by: tuple[InstrumentedAttribute[Any], ...]
    beyond: ColumnElement[bool] | None = None


async def places(
    session: AsyncSession,
    wanted: Wanted,
    order: Order,
    words: Sequence[str],
    after: Place | None,
    limit: int,
    *,
    backwards: bool = False,
) -> list[Place]:
    """The first `limit` places after `after`, in order; or `backwards` the last ones before it, the nearest first.
    `words`: the organisation's priorities, the most urgent first."""
    found: list[Place] = []
    if backwards:
        order = replace(order, descending=not order.descending, backwards=True)
    if wanted.priority is not None and order.column is not Case.priority:
        wanted = replace(wanted, leads={**wanted.leads, "priority": Case.priority == wanted.priority})
    if wanted.words is not None and (few := await wanted.words.few(session, FEW_FOUND)) is not None:
        wanted = replace(wanted, words=None, ids=few)
    path = await _Path.to(session, wanted, order)
    for stretch in await _stretches(session, wanted, order, words, after):
        found += await path.walk(stretch, limit - len(found))
        if len(found) >= limit:
            break
    return found


async def _stretches(
    session: AsyncSession, wanted: Wanted, order: Order, words: Sequence[str], after: Place | None
) -> Sequence[Stretch]:
    value, id = after or (None, None)
    beyond_id = None if id is None else _beyond(order, Case.id, id)
    if order.column is Case.priority:
        known = await _priorities(session) if wanted.priority is None else (wanted.priority,)
        spoken = sorted(known, key=lambda word: _rank(word, words), reverse=order.backwards)
        begins = None
        if isinstance(value, str) and value in spoken:
            begins = spoken.index(value)
        elif isinstance(value, str):
            here = _rank(value, words)
            spoken = [word for word in spoken if (_rank(word, words) > here) is not order.backwards]
        return [
            Stretch(Case.priority == word, (Case.priority, Case.id), beyond_id if word == value else None)
            for word in spoken[begins:]
        ]
    if order.column is Case.number:
        return [Stretch(None, (Case.number,), None if after is None else _beyond(order, Case.number, value))]
    by = (order.column, Case.id)
    beyond = None
    if value is not None:
        beyond = _beyond(order, tuple_(*by), tuple_(literal(value, order.column.type), literal(id, Case.id.type)))
    if order.column is not Case.next_due:
        return [Stretch(None, by, beyond)]
    nowhere = after is not None and value is None
    dated = Stretch(Case.next_due.is_not(None), by, beyond)
    without = Stretch(Case.next_due.is_(None), by, beyond_id if nowhere else None)
    if order.backwards:
        return [without, dated] if after is None or nowhere else [dated]
    return [without] if nowhere else [dated, without]


def _beyond(order: Order, column: Any, value: Any) -> ColumnElement[bool]:
    """The condition that a row comes after `value` on the way on which the order is walked."""
    beyond: ColumnElement[bool] = column < value if order.descending else column > value
    return beyond


def _rank(word: str, words: Sequence[str]) -> tuple[int, str]:
    return (words.index(word) if word in words else len(words)), word


async def _priorities(session: AsyncSession) -> Sequence[str]:
    """Every word that some case has: from one to the next by the index, as many steps as there are words."""
    least = select(func.min(Case.priority).label("word")).cte("spoken", recursive=True)
    following = select(func.min(Case.priority)).where(Case.priority > least.c.word).scalar_subquery()
    spoken = least.union_all(select(following).where(least.c.word.is_not(None)))
    return (await session.scalars(select(spoken.c.word).where(spoken.c.word.is_not(None)))).all()


@dataclass(frozen=True, slots=True)
class _Path:
    """The way chosen for one list: which index, what it begins with, and what each row is asked besides."""

    session: AsyncSession
    order: Order
    index: str | None
    statuses: tuple[CaseStatus, ...]
    conditions: tuple[ColumnElement[bool], ...]
    bounded: bool
    """Whether every row that is read is one of the list."""

    @classmethod
    async def to(cls, session: AsyncSession, wanted: Wanted, order: Order) -> _Path:
        lead = next((name for name in wanted.leads if name == QUEUE or order.index == "due"), None)
        more = (*wanted.several.values(), *wanted.also)
        asked = (*wanted.leads.values(), *more, *(() if wanted.sight is None else (wanted.sight,)))
        plain = wanted.words is None and wanted.ids is None and not more
        if plain and len(wanted.leads) == (lead is not None):
            statuses = wanted.statuses or (tuple(CaseStatus) if lead else ())
            index = index_named(lead or ("status" if statuses else None), order.index)
            return cls(session, order, index, statuses, asked, wanted.sight is None)
        if wanted.statuses:
            asked = (*asked, Case.status.in_(wanted.statuses))
        if wanted.ids is not None:
            return cls(session, order, None, (), (*asked, one_of(wanted.ids, session.get_bind().dialect.name)), True)
        if wanted.words is not None:
            asked = (*asked, wanted.words.holds())
        if session.get_bind().dialect.name == "sqlite":
            with aside():
                return await cls._on_sqlite(session, wanted, order, asked)
        # A plan for whatever value may come would be a bad one for a large customer.
        await session.execute(text("SET LOCAL plan_cache_mode = force_custom_plan"))
        return cls(session, order, None, (), asked, False)

    @classmethod
    async def _on_sqlite(
        cls, session: AsyncSession, wanted: Wanted, order: Order, asked: tuple[ColumnElement[bool], ...]
    ) -> _Path:
        for name, condition in (wanted.leads | wanted.several).items():
            index = index_named(name, "due")
            if await _few(session, hinted(select(Case.id).where(condition), index)):
                return cls(session, order, index, (), asked, False)
        lead = QUEUE if QUEUE in wanted.leads else "status" if wanted.statuses or order.index == "number" else None
        statuses = wanted.statuses or (tuple(CaseStatus) if lead else ())
        return cls(session, order, index_named(lead, order.index), statuses, asked, False)

    async def walk(self, stretch: Stretch, limit: int) -> list[Place]:
        if self.bounded:
            rows = await self.session.execute(self._statement(stretch, limit))
        else:
            with aside():
                rows = await self.session.execute(self._statement(stretch, limit))
        return [Place(value, id) for value, id in rows]

    def _statement(self, stretch: Stretch, limit: int) -> Select[Any, UUID]:
        arms = [self._arm(stretch, Case.status == status, limit) for status in self.statuses]
        if len(arms) < 2:
            return arms[0] if arms else self._arm(stretch, None, limit)
        rows = union_all(*(select(arm.subquery()) for arm in arms)).subquery()
        by = [rows.c.value, *([rows.c.id] if len(stretch.by) > 1 else [])]
        return select(rows.c.value, rows.c.id).order_by(*map(self._directed, by)).limit(limit)

    def _arm(self, stretch: Stretch, status: ColumnElement[bool] | None, limit: int) -> Select[Any, UUID]:
        told = [each for each in (status, stretch.condition, stretch.beyond) if each is not None]
        arm = select(self.order.column.label("value"), Case.id.label("id")).where(*self.conditions, *told)
        return hinted(arm, self.index).order_by(*map(self._directed, stretch.by)).limit(limit)

    def _directed(self, column: ColumnElement[Any] | InstrumentedAttribute[Any]) -> ColumnElement[Any]:
        return column.desc() if self.order.descending else column.asc()


def index_named(lead: str | None, order: str) -> str | None:
    """The name that `models.records.cases` gives it; None: the unique one of numbers, which has another on each engine."""
    if lead is None and order == "number":
        return None
    return "_".join(("ix_service_case", *([lead] if lead else []), order))


def hinted(statement: S, index: str | None) -> S:
    """Cases by this index. SQLite, which keeps no statistics here, would take any that begins with a filter."""
    return statement if index is None else statement.with_hint(Case, f"INDEXED BY {index}", "sqlite")


async def _few(session: AsyncSession, found: Select[Any]) -> bool:
    some = found.limit(FEW + 1).subquery()
    return (await session.scalar(select(func.count()).select_from(some)) or 0) <= FEW


def one_of(ids: Sequence[UUID], dialect: str) -> ColumnElement[bool]:
    """The condition that a case is one of many: in one parameter, because to name each takes longer than to find it."""
    if dialect == "sqlite":
        given = literal(json.dumps([id.hex for id in ids]), String)
        return Case.id.in_(select(func.json_each(given).table_valued("value").c.value))
    return Case.id == any_(literal(list(ids), ARRAY(Uuid)))
