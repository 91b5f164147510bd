"""Entries that hold all that is asked for: those with all of it in their head first, and of each the newest first.

Not by a measure of relevance, which would have to look at every match: a word of each second mail is then found at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    Text,
    bindparam,
    cast,
    column,
    func,
    literal_column,
    select,
    table,
    text,
)
from sqlalchemy.dialects.postgresql import TSQUERY
from sqlalchemy.ext.asyncio import AsyncSession

from models.records.cases import Case
from storage.fulltext.asking import Asked, for_fts5, for_tsquery
from storage.fulltext.entries import ENTRY
from storage.sqlite import aside

FEW = 2_000
"""Matches that are rather read and sorted than looked for among the newest."""
FTS = table("search_fts", column("rowid", Integer))
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


async def find(
    session: AsyncSession, asked: Asked, conditions: Sequence[ColumnElement[bool]], after: Place | None, limit: int
) -> list[Found]:
    """The first `limit` entries after `after`. `conditions` speak of `ENTRY`, and of `Case`, the entry's case if it has one."""
    sqlite = session.get_bind().dialect.name == "sqlite"
    found: list[Found] = []
    with aside():
        for tier in (HEAD, TEXT):
            if (after is not None and tier < after.tier) or len(found) >= limit:
                continue
            if not sqlite:
                await _choose_way(session, asked, tier)
            before = after.id if after is not None and after.tier == tier else None
            wanted = _of_sqlite(asked, tier, before) if sqlite else _of_postgresql(asked, tier, before)
            rows = await session.execute(wanted.where(*conditions).limit(limit - len(found)))
            found += [Found(tier, *row) for row in rows]
    return found


_SHOWN = tuple(ENTRY.c[name] for name in ("id", "kind", "object_id", "case_id", "at"))


def _of_sqlite(asked: Asked, tier: int, before: int | None) -> Select[Any]:
    everywhere = for_fts5(asked)
    in_head = f"{{head}} : {everywhere}"
    matching = literal_column("search_fts").op("MATCH")(in_head if tier == HEAD else f"{everywhere} NOT ({in_head})")
    # The sign keeps SQLite from asking FTS5 once for every entry instead.
    joined = FTS.join(ENTRY, ENTRY.c.id == literal_column("+search_fts.rowid")).outerjoin(
        Case, Case.id == ENTRY.c.case_id
    )
    wanted = select(*_SHOWN).select_from(joined).where(matching).order_by(FTS.c.rowid.desc())
    return wanted if before is None else wanted.where(FTS.c.rowid < before)


def _of_postgresql(asked: Asked, tier: int, before: int | None) -> Select[Any]:
    matching = [_holds(HEAD, asked)] if tier == HEAD else [_holds(TEXT, asked), ~_holds(HEAD, asked)]
    joined = ENTRY.outerjoin(Case, Case.id == ENTRY.c.case_id)
    wanted = select(*_SHOWN).select_from(joined).where(*matching).order_by(ENTRY.c.id.desc())
    return wanted if before is None else wanted.where(ENTRY.c.id < before)


def _holds(tier: int, asked: Asked) -> ColumnElement[bool]:
    query = cast(bindparam(None, for_tsquery(asked), type_=Text), TSQUERY)
    return (ENTRY.c.head if tier == HEAD else ENTRY.c.body).op("@@", is_comparison=True)(query)


async def _choose_way(session: AsyncSession, asked: Asked, tier: int) -> None:
    """A rare word is found by the index of words, a common one among the newest entries; the planner cannot tell how rare
    several are together."""
    await session.execute(text("SET LOCAL plan_cache_mode = force_custom_plan"))
    await _walk(session, walk=False)
    some = select(ENTRY.c.id).where(_holds(tier, asked)).limit(FEW + 1).subquery()
    many = (await session.scalar(select(func.count()).select_from(some)) or 0) > FEW
    await _walk(session, walk=many)


async def _walk(session: AsyncSession, *, walk: bool) -> None:
    for way, wanted in (("bitmapscan", not walk), ("indexscan", walk), ("seqscan", False)):
        await session.execute(text(f"SET LOCAL enable_{way} = {'on' if wanted else 'off'}"))
