"""How PostgreSQL comes to the entries that hold what is asked for: a few by its index of words, many among the newest.

That index gathers all entries of a word, and of whatever begins with it, before it gives the first: a word of each second
entry takes a fifth of a second at a million, however rare another word beside it is. A sample tells how common each one is;
then the index is asked for the rare words alone, and what it gives is asked for the others.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from random import Random
from typing import Any, NamedTuple

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    FromClause,
    Text,
    and_,
    any_,
    bindparam,
    cast,
    func,
    literal,
    literal_column,
    select,
    tablesample,
    text,
)
from sqlalchemy.dialects.postgresql import TSQUERY
from sqlalchemy.ext.asyncio import AsyncSession

from storage.fulltext.asking import AllOf, Asked, for_tsquery, only_articles
from storage.fulltext.entries import ENTRY

HEAD, TEXT = 0, 1
"""Where an entry holds all that is asked for: in its title, or somewhere."""
FIRST, LAST = 0, 2**63 - 1
"""The numbers of entries."""
MANY_ENTRIES = 50_000
"""From here on a sample tells what is common; of fewer the index of words is asked at once."""
SAMPLE, SAMPLE_OF_PERIOD = 2_000, 500
"""Entries of a sample from everywhere, and of one from some numbers alone, whose entries do not lie side by side."""
LEAST_SAMPLE = 100
"""Entries that a sample needs to say anything."""
COMMON, MIDDLING, RARE = 1 / 100, 1 / 8, 1 / 500
"""Shares of the entries. What is `COMMON` is looked for among the newest: a page is full after some thousand entries."""


class Numbers(NamedTuple):
    """Numbers of entries, the first and the last one included."""

    first: int = FIRST
    last: int = LAST


EVERYWHERE = Numbers()


async def few(
    session: AsyncSession, asked: Asked, most: int, *, tier: int = TEXT, numbers: Numbers = EVERYWHERE
) -> list[int] | None:
    """The numbers of the entries that hold all that is asked for; None: they are more than `most`, or seem to be."""
    if numbers.last - numbers.first < most:
        return None  # So few are sooner looked through.
    conditions = [holds(tier, asked)]
    if not only_articles(asked):
        parts = _parts(asked)
        shares = await _shares(session, tier, parts, numbers)
        if shares is not None:
            if shares.together >= COMMON:
                return None
            by_index = _for_index(parts, shares)
            others = [_reads(tier, part) for part in parts if part not in by_index]
            conditions = [holds(tier, AllOf(by_index)), *others]
    wanted = select(ENTRY.c.id).where(*conditions, *within(numbers)).limit(most + 1)
    async with _way(session, by_words=True):
        found = (await session.scalars(wanted)).all()
    return list(found) if len(found) <= most else None


@asynccontextmanager
async def among_the_newest(session: AsyncSession) -> AsyncIterator[None]:
    """Statements of this block look through entries one by one, rather than ask the index of words for all that match."""
    async with _way(session, by_words=False):
        yield


def holds(tier: int, asked: Asked) -> ColumnElement[bool]:
    """The condition that an entry holds all that is asked for, for which there is an index."""
    held = _words(ENTRY, tier).op("@@", is_comparison=True)(_query(asked))
    # Articles are few among mails and notes, and have an index of words of their own (migration 0039).
    return and_(held, ENTRY.c.kind == literal_column("'article'")) if only_articles(asked) else held


def within(numbers: Numbers) -> list[ColumnElement[bool]]:
    return [] if numbers == EVERYWHERE else [ENTRY.c.id.between(*numbers)]


def one_of(numbers: Sequence[int]) -> ColumnElement[bool]:
    """In one parameter, because to name each takes longer than to find it."""
    return ENTRY.c.id == any_(literal(numbers, ARRAY(BigInteger)))


def _words(entries: FromClause, tier: int) -> ColumnElement[Any]:
    return entries.c.head if tier == HEAD else entries.c.body


def _query(asked: Asked) -> ColumnElement[Any]:
    return cast(bindparam(None, for_tsquery(asked), type_=Text), TSQUERY)


def _reads(tier: int, asked: Asked, entries: FromClause = ENTRY) -> ColumnElement[bool]:
    """The same condition, by the words of an entry that is at hand: of this function no index knows."""
    read: ColumnElement[bool] = func.ts_match_vq(_words(entries, tier), _query(asked))
    return read


def _parts(asked: Asked) -> list[Asked]:
    """What an entry must hold, each by itself."""
    return [one for part in asked.parts for one in _parts(part)] if isinstance(asked, AllOf) else [asked]


class _Shares(NamedTuple):
    """How many of the entries hold each part, and how many all of them."""

    each: tuple[float, ...]
    together: float


async def _shares(session: AsyncSession, tier: int, parts: Sequence[Asked], numbers: Numbers) -> _Shares | None:
    """From a sample; None: the entries are few, and need none."""
    entries = await session.scalar(text("SELECT reltuples FROM pg_class WHERE oid = CAST('search_entry' AS regclass)"))
    if (entries or 0) < MANY_ENTRIES:
        return None
    everywhere = numbers == EVERYWHERE
    sample = tablesample(ENTRY, func.system(100 * SAMPLE / entries), name="some") if everywhere else _evenly(numbers)
    each = [func.count().filter(_reads(tier, part, sample)) for part in parts]
    together = func.count().filter(*(_reads(tier, part, sample) for part in parts))
    seen, all_, *counts = (await session.execute(select(func.count(), together, *each).select_from(sample))).one()
    return None if seen < LEAST_SAMPLE else _Shares(tuple(count / seen for count in counts), all_ / seen)


def _for_index(parts: Sequence[Asked], shares: _Shares) -> tuple[Asked, ...]:
    """What the index of words is asked for: the rare parts if there are any, or all but those that it takes long to gather."""
    for most in (RARE, MIDDLING):
        if chosen := tuple(part for part, share in zip(parts, shares.each, strict=True) if share < most):
            return chosen
    return tuple(parts)


def _evenly(numbers: Numbers) -> FromClause:
    """Entries from all over some numbers, at unequal distances: a case and its mail, which come by turns, are both met."""
    drawn = Random(SAMPLE_OF_PERIOD)  # noqa: S311 - it only chooses places to look at
    step = max((numbers.last - numbers.first) // SAMPLE_OF_PERIOD, 1)
    chosen = [begin + drawn.randrange(step) for begin in range(numbers.first, numbers.last + 1, step)]
    return select(ENTRY.c.head, ENTRY.c.body).where(one_of(chosen)).subquery("some")


@asynccontextmanager
async def _way(session: AsyncSession, *, by_words: bool) -> AsyncIterator[None]:
    """The planner cannot tell how rare several words are together, so it is told which way to take. Afterwards, in the same
    transaction, statements are planned as before; what fails takes these settings back with the transaction."""
    wanted = {"bitmapscan": by_words, "indexscan": not by_words, "seqscan": False}
    meant = {"plan_cache_mode": "force_custom_plan"} | {f"enable_{way}": str(on) for way, on in wanted.items()}
    found = await session.execute(select(*(func.current_setting(name) for name in meant)))
    before = dict(zip(meant, found.one(), strict=True))
    await _set(session, meant)
    yield
    await _set(session, before)


async def _set(session: AsyncSession, settings: Mapping[str, str]) -> None:
    await session.execute(select(*(func.set_config(name, value, True) for name, value in settings.items())))
