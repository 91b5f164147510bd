"""Entries that hold all that is asked for: those with all of it in their head first, and of each the newest first.

Not by a measure of relevance, which would have to look at every match: a word of each second mail is then found at once.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    FromClause,
    Integer,
    Select,
    Text,
    and_,
    any_,
    bindparam,
    cast,
    column,
    func,
    literal,
    literal_column,
    or_,
    select,
    table,
    tablesample,
    text,
)
from sqlalchemy.dialects.postgresql import TSQUERY
from sqlalchemy.ext.asyncio import AsyncSession

from models.records.cases import Case
from storage.fulltext.asking import AllOf, AnyOf, Asked, Form, for_fts5, for_tsquery, only_articles, wanted_forms
from storage.fulltext.entries import ENTRY
from storage.sqlite import aside

FEW = 2_000
"""Matches that are rather read and sorted than looked for among the newest."""
MANY_ENTRIES = 50_000
"""From here on a sample tells whether a word is common."""
SAMPLE, COMMON_IN_SAMPLE = 2_000, 40
"""Entries, and how many of them hold what is common."""
MOST_EXPANDED = 50
"""Words that begin alike and are looked for one by one."""
FTS = table("search_fts", column("rowid", Integer))
WORD = table("search_word", column("term", Text))
"""SQLite's list of all words of the index."""
# The sign keeps SQLite from asking FTS5 once for every entry instead.
_WITH_WORDS = FTS.join(ENTRY, ENTRY.c.id == literal_column("+search_fts.rowid"))
_MATCH = literal_column("search_fts").op("MATCH", is_comparison=True)
HEAD, TEXT = 0, 1


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
    with aside():
        asked = await expanded(session, asked)
        within = await _within(session, period)
        if within is None:
            return []
        for tier in (HEAD, TEXT):
            if (after is not None and tier < after.tier) or len(found) >= limit:
                continue
            ids = within if after is None or after.tier != tier else (within[0], min(within[1], after.id - 1))
            # From the beginning all that match in their head are known by now, and need not be told apart once more.
            known = None if after is not None or tier == HEAD else [each.id for each in found]
            wanted = await _wanted(session, asked, tier, known, ids)
            wanted = wanted.where(*conditions, *_made_in(period)).limit(limit - len(found))
            found += [Found(tier, *row) for row in await session.execute(wanted)]
    return found


_SHOWN = tuple(ENTRY.c[name] for name in ("id", "kind", "object_id", "case_id", "at"))
_ALL = (0, 2**63 - 1)


def _made_in(period: Period) -> list[ColumnElement[bool]]:
    begins = [] if period.since is None else [ENTRY.c.at >= period.since]
    return begins if period.until is None else [*begins, ENTRY.c.at < period.until]


async def _within(session: AsyncSession, period: Period) -> tuple[int, int] | None:
    """The first and the last number of an entry of the period: entries are numbered nearly as they were made."""
    if period == ALWAYS:
        return _ALL
    wanted = select(func.min(ENTRY.c.id), func.max(ENTRY.c.id)).where(*_made_in(period))
    first, last = (await session.execute(wanted)).one()
    return None if first is None else (first, last)


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


async def _wanted(
    session: AsyncSession, asked: Asked, tier: int, known: list[int] | None, ids: tuple[int, int]
) -> Select[Any]:
    if session.get_bind().dialect.name == "sqlite":
        return _of_sqlite(asked, tier, known, ids)
    await _choose_way(session, asked, tier)
    return _of_postgresql(asked, tier, known, ids)


def _of_sqlite(asked: Asked, tier: int, known: list[int] | None, ids: tuple[int, int]) -> Select[Any]:
    everywhere, number = for_fts5(asked), FTS.c.rowid
    in_head = f"{{head}} : {everywhere}"
    expression = in_head if tier == HEAD else everywhere if known is not None else f"{everywhere} NOT ({in_head})"
    joined = _WITH_WORDS.outerjoin(Case, Case.id == ENTRY.c.case_id)
    wanted = select(*_SHOWN).select_from(joined).where(_MATCH(expression))
    if known:
        wanted = wanted.where(ENTRY.c.id.not_in(known))
    if ids != _ALL:
        wanted = wanted.where(number >= ids[0], number <= ids[1])
    return wanted.order_by(number.desc())


def _of_postgresql(asked: Asked, tier: int, known: list[int] | None, ids: tuple[int, int]) -> Select[Any]:
    matching = [_holds(tier, asked)]
    if known:
        matching.append(ENTRY.c.id.not_in(known))
    elif tier == TEXT and known is None:
        matching.append(~_holds(HEAD, asked))
    if ids != _ALL:
        matching.append(ENTRY.c.id.between(*ids))
    joined = ENTRY.outerjoin(Case, Case.id == ENTRY.c.case_id)
    return select(*_SHOWN).select_from(joined).where(*matching).order_by(ENTRY.c.id.desc())


def _holds(tier: int, asked: Asked) -> ColumnElement[bool]:
    holds = (ENTRY.c.head if tier == HEAD else ENTRY.c.body).op("@@", is_comparison=True)(_query(asked))
    # Articles are few among mails and notes, and have an index of words of their own (migration 0039).
    return and_(holds, ENTRY.c.kind == literal_column("'article'")) if only_articles(asked) else holds


def _query(asked: Asked) -> ColumnElement[Any]:
    return cast(bindparam(None, for_tsquery(asked), type_=Text), TSQUERY)


# ---- for statements that look for something else by the words of its entries -------------------------------------------


def matching(asked: Asked, dialect: str) -> tuple[FromClause, ColumnElement[bool]]:
    """The entries as a statement selects from them, and the condition that they hold all that is asked for, by the index of
    words. On SQLite `asked` is better `expanded` before."""
    return (_WITH_WORDS, _MATCH(for_fts5(asked))) if dialect == "sqlite" else (ENTRY, _holds(TEXT, asked))


async def few(session: AsyncSession, asked: Asked, most: int) -> list[int] | None:
    """The entries that hold all that is asked for; None: they are more than `most`."""
    sqlite = session.get_bind().dialect.name == "sqlite"
    if not sqlite and await _common(session, TEXT, asked):
        return None
    number = FTS.c.rowid if sqlite else ENTRY.c.id
    holds = _MATCH(for_fts5(asked)) if sqlite else _holds(TEXT, asked)
    found = (await session.scalars(select(number).where(holds).limit(most + 1))).all()
    return list(found) if len(found) <= most else None


def numbered(numbers: Sequence[int], dialect: str) -> ColumnElement[bool]:
    """The condition that an entry is one of many: in one parameter, because to name each takes longer than to find it."""
    if dialect == "sqlite":
        given = literal(json.dumps(numbers), Text)
        return ENTRY.c.id.in_(select(func.json_each(given).table_valued("value").c.value))
    return ENTRY.c.id == any_(literal(list(numbers), ARRAY(BigInteger)))


async def _common(session: AsyncSession, tier: int, asked: Asked) -> bool:
    """On PostgreSQL: whether so many entries hold it, in some pages from everywhere, that they need not be counted. Its index
    of words tells nothing before it has gathered them all."""
    entries = await session.scalar(text("SELECT reltuples FROM pg_class WHERE oid = CAST('search_entry' AS regclass)"))
    if (entries or 0) < MANY_ENTRIES:
        return False
    sample = tablesample(ENTRY, func.system(100 * SAMPLE / entries), name="some")
    held = (sample.c.head if tier == HEAD else sample.c.body).op("@@", is_comparison=True)(_query(asked))
    found = await session.scalar(select(func.count()).select_from(sample).where(held))
    return (found or 0) >= COMMON_IN_SAMPLE


def by_itself(asked: Asked, dialect: str) -> ColumnElement[bool]:
    """The same, from the words of an entry that a statement has come to by another way."""
    return (
        _among(literal(" ") + ENTRY.c.head + " " + ENTRY.c.body + " ", asked)
        if dialect == "sqlite"
        else _holds(TEXT, asked)
    )


def _among(words: ColumnElement[str], asked: Asked) -> ColumnElement[bool]:
    match asked:
        case Form(text, begins):
            return func.instr(words, f" {text}" if begins else f" {text} ") > 0
        case AnyOf(ways):
            return or_(*(_among(words, way) for way in ways))
        case AllOf(parts):
            return and_(*(_among(words, part) for part in parts))


async def _choose_way(session: AsyncSession, asked: Asked, tier: int) -> None:
    """A rare word is found by the index of words, a common one among the newest entries; the planner cannot tell how rare
    several are together."""
    await session.execute(text("SET LOCAL plan_cache_mode = force_custom_plan"))
    many = not only_articles(asked) and await _common(session, tier, asked)
    if not many:
        await _walk(session, walk=False)
        some = select(ENTRY.c.id).where(_holds(tier, asked)).limit(FEW + 1).subquery()
        many = (await session.scalar(select(func.count()).select_from(some)) or 0) > FEW
    await _walk(session, walk=many)


async def _walk(session: AsyncSession, *, walk: bool) -> None:
    for way, wanted in (("bitmapscan", not walk), ("indexscan", walk), ("seqscan", False)):
        await session.execute(text(f"SET LOCAL enable_{way} = {'on' if wanted else 'off'}"))
