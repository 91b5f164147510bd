"""Entries that hold all that is asked for: those with all of it in their head first, and of each the newest first.

Not by a measure of relevance, which would have to look at every match: a word of each second mail is then found at once.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Integer,
    Text,
    and_,
    column,
    func,
    literal,
    literal_column,
    or_,
    select,
    table,
)
from sqlalchemy.ext.asyncio import AsyncSession

from models.records.cases import Case
from storage.fulltext import ways
from storage.fulltext.asking import AllOf, AnyOf, Asked, Form, for_fts5, wanted_forms
from storage.fulltext.entries import ENTRY
from storage.fulltext.ways import EVERYWHERE, HEAD, TEXT, Numbers
from storage.sqlite import aside

FEW = 2_000
"""Matches that are rather read and sorted than looked for among the newest."""
MOST_EXPANDED = 50
"""Words that begin alike and are looked for one by one."""
FTS = table("search_fts", column("rowid", Integer))
WORD = table("search_word", column("term", Text))
"""SQLite's list of all words of the index."""
# The sign keeps SQLite from asking FTS5 once for every entry instead.
_WITH_WORDS = FTS.join(ENTRY, ENTRY.c.id == literal_column("+search_fts.rowid"))
_MATCH = literal_column("search_fts").op("MATCH", is_comparison=True)


class Place(NamedTuple):
    """Where a page ended."""

    tier: int
    id: int


class Found(NamedTuple):
    tier: int
    id: int
    kind: str
    object_id: UUID
    case_id: UUID | None
    at: Any

    @property
    def place(self) -> Place:
        return Place(self.tier, self.id)


class Period(NamedTuple):
    """Instants: the first is in it, the last is not. None: without end."""

    since: datetime | None = None
    until: datetime | None = None


ALWAYS = Period()


async def find(
    session: AsyncSession,
    asked: Asked,
    conditions: Sequence[ColumnElement[bool]],
    after: Place | None,
    limit: int,
    period: Period = ALWAYS,
) -> list[Found]:
    """The first `limit` entries after `after`, of those made in the period. `conditions` speak of `ENTRY`, and of `Case`, the
    entry's case if it has one."""
    found: list[Found] = []
    look = _on_sqlite if session.get_bind().dialect.name == "sqlite" else _on_postgresql
    with aside():
        asked = await expanded(session, asked)
        numbers = await _numbers(session, period)
        if numbers is None:
            return []
        for tier in (HEAD, TEXT):
            if (after is not None and tier < after.tier) or len(found) >= limit:
                continue
            older = numbers
            if after is not None and after.tier == tier:
                older = Numbers(numbers.first, min(numbers.last, after.id - 1))
            # From the beginning all that match in their head are known by now, and need not be told apart once more.
            known = None if after is not None or tier == HEAD else [each.id for each in found]
            meant = [*conditions, *_made_in(period)]
            found += await look(session, asked, _Looked(tier, older, known, meant, limit - len(found)))
    return found


class _Looked(NamedTuple):
    """What of the entries is looked for."""

    tier: int
    numbers: Numbers
    known: list[int] | None
    """Those that hold it in their head, if that is known."""
    conditions: list[ColumnElement[bool]]
    limit: int

    def shown(self, rows: Iterable[Sequence[Any]]) -> list[Found]:
        return [Found(self.tier, *row) for row in rows]


_SHOWN = tuple(ENTRY.c[name] for name in ("id", "kind", "object_id", "case_id", "at"))


def _made_in(period: Period) -> list[ColumnElement[bool]]:
    begins = [] if period.since is None else [ENTRY.c.at >= period.since]
    return begins if period.until is None else [*begins, ENTRY.c.at < period.until]


async def _numbers(session: AsyncSession, period: Period) -> Numbers | None:
    """The first and the last number of an entry of the period: entries are numbered nearly as they were made."""
    if period == ALWAYS:
        return EVERYWHERE
    # Of the number itself PostgreSQL would look through all entries, from both ends, until one is of the period.
    number = ENTRY.c.id + 0
    wanted = select(func.min(number), func.max(number)).where(*_made_in(period))
    first, last = (await session.execute(wanted)).one()
    return None if first is None else Numbers(first, last)


async def expanded(session: AsyncSession, asked: Asked) -> Asked:
    """The same, with the words themselves in the place of what they begin with, if those are not many.

    Of a word FTS5 reads as much as is wanted, and can leave out what other words do not have; of a beginning it gathers
    everything before it gives anything. PostgreSQL needs no help.
    """
    if session.get_bind().dialect.name != "sqlite":
        return asked
    _, beginnings = wanted_forms(asked)
    known: dict[str, list[str]] = {}
    with aside():
        for text in dict.fromkeys(beginnings):
            beginning = WORD.c.term >= text, WORD.c.term < text + chr(0x10FFFF)
            known[text] = list(await session.scalars(select(WORD.c.term).where(*beginning).limit(MOST_EXPANDED + 1)))
    return _expanded(asked, known)


def _expanded(asked: Asked, known: Mapping[str, list[str]]) -> Asked:
    match asked:
        case Form(text, begins=True) if len(known[text]) <= MOST_EXPANDED:
            return AnyOf(tuple(map(Form, known[text]))) if known[text] else Form(text)
        case Form():
            return asked
        case AnyOf(ways):
            return AnyOf(tuple(_expanded(way, known) for way in ways))
        case AllOf(parts):
            return AllOf(tuple(_expanded(part, known) for part in parts))


async def _on_sqlite(session: AsyncSession, asked: Asked, looked: _Looked) -> list[Found]:
    everywhere, number = for_fts5(asked), FTS.c.rowid
    in_head = f"{{head}} : {everywhere}"
    known = looked.known
    expression = (
        in_head if looked.tier == HEAD else everywhere if known is not None else f"{everywhere} NOT ({in_head})"
    )
    joined = _WITH_WORDS.outerjoin(Case, Case.id == ENTRY.c.case_id)
    wanted = select(*_SHOWN).select_from(joined).where(_MATCH(expression), *looked.conditions)
    if known:
        wanted = wanted.where(ENTRY.c.id.not_in(known))
    if looked.numbers != EVERYWHERE:
        wanted = wanted.where(number >= looked.numbers.first, number <= looked.numbers.last)
    return looked.shown(await session.execute(wanted.order_by(number.desc()).limit(looked.limit)))


async def _on_postgresql(session: AsyncSession, asked: Asked, looked: _Looked) -> list[Found]:
    matched = await ways.few(session, asked, FEW, tier=looked.tier, numbers=looked.numbers)
    joined = ENTRY.outerjoin(Case, Case.id == ENTRY.c.case_id)
    wanted = select(*_SHOWN).select_from(joined).where(*looked.conditions)
    if looked.known:
        wanted = wanted.where(ENTRY.c.id.not_in(looked.known))
    elif looked.tier == TEXT and looked.known is None:
        wanted = wanted.where(~ways.holds(HEAD, asked))
    wanted = wanted.order_by(ENTRY.c.id.desc()).limit(looked.limit)
    if matched is not None:
        return looked.shown(await session.execute(wanted.where(numbered(matched, "postgresql")))) if matched else []
    async with ways.among_the_newest(session):
        everywhere = wanted.where(ways.holds(looked.tier, asked), *ways.within(looked.numbers))
        return looked.shown(await session.execute(everywhere))


# ---- for statements that look for something else by the words of its entries -------------------------------------------


def matching(asked: Asked, dialect: str) -> tuple[FromClause, ColumnElement[bool]]:
    """The entries as a statement selects from them, and the condition that they hold all that is asked for, by the index of
    words. On SQLite `asked` is better `expanded` before."""
    return (_WITH_WORDS, _MATCH(for_fts5(asked))) if dialect == "sqlite" else (ENTRY, ways.holds(TEXT, asked))


async def few(session: AsyncSession, asked: Asked, most: int) -> list[int] | None:
    """The entries that hold all that is asked for; None: they are more than `most`."""
    if session.get_bind().dialect.name != "sqlite":
        return await ways.few(session, asked, most)
    holds = _MATCH(for_fts5(asked))
    found = (await session.scalars(select(FTS.c.rowid).where(holds).limit(most + 1))).all()
    return list(found) if len(found) <= most else None


def numbered(numbers: Sequence[int], dialect: str) -> ColumnElement[bool]:
    """The condition that an entry is one of many: in one parameter, because to name each takes longer than to find it."""
    if dialect == "sqlite":
        given = literal(json.dumps(numbers), Text)
        return ENTRY.c.id.in_(select(func.json_each(given).table_valued("value").c.value))
    return ways.one_of(numbers)


def by_itself(asked: Asked, dialect: str) -> ColumnElement[bool]:
    """The same, from the words of an entry that a statement has come to by another way."""
    return (
        _among(literal(" ") + ENTRY.c.head + " " + ENTRY.c.body + " ", asked)
        if dialect == "sqlite"
        else ways.holds(TEXT, asked)
    )


def _among(words: ColumnElement[str], asked: Asked) -> ColumnElement[bool]:
    match asked:
        case Form(text, begins):
            return func.instr(words, f" {text}" if begins else f" {text} ") > 0
        case AnyOf(ways):
            return or_(*(_among(words, way) for way in ways))
        case AllOf(parts):
            return and_(*(_among(words, part) for part in parts))
