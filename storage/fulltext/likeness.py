"""What is like a text: entries that hold many of the words that tell most of it.

How many words two texts share is their measure: it is the same on both databases, looks at few entries however many there
are, and can be told to whoever asks why.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from models.messages.api_search import SearchKind
from storage.fulltext.asking import Asked, at_least, holds, of_kinds
from storage.fulltext.entries import ENTRY
from storage.fulltext.finding import Found, find
from storage.fulltext.languages import GERMAN_AND_ENGLISH
from storage.fulltext.words import forms, words_of

MOST_WORDS = 8
"""Words of a text that are looked for."""


class Alike(NamedTuple):
    entry: Found
    shared: tuple[str, ...]
    """Which of the words it has."""


async def alike(
    session: AsyncSession,
    words: Mapping[str, Asked],
    conditions: Sequence[ColumnElement[bool]],
    limit: int,
    *,
    kinds: Sequence[SearchKind] = (),
    least: int | None = None,
) -> list[Alike]:
    """At most `limit` entries that share at least `least` (without it, `enough`) of the words, those that share most first.

    `words` as `asking.telling` gives them. `conditions` as of `finding.find`; `kinds`: if they are rare among all entries.
    """
    parts = list(words.values())
    least = enough(words) if least is None else least
    found: dict[int, Found] = {}
    for count in range(len(parts), max(least, 1) - 1, -1):
        question = at_least(parts, count)
        question = of_kinds(question, kinds) if kinds else question
        some = await find(session, question, conditions, None, limit + len(found))
        found |= {each.id: each for each in some}
        if len(found) >= limit:
            break
    held = await _words_of(session, [*found])
    likest = [Alike(found[id], shared_words(words, held[id])) for id in found if id in held]
    return sorted(likest, key=lambda each: (-len(each.shared), each.entry.tier, -each.entry.id))[:limit]


def enough(words: Mapping[str, Asked]) -> int:
    """How many of the words two texts must share to be alike: half, and of several at least two."""
    return min(len(words), max(2, (len(words) + 1) // 2))


async def _words_of(session: AsyncSession, ids: Sequence[int]) -> dict[int, frozenset[str]]:
    wanted = select(ENTRY.c.id, ENTRY.c.head, ENTRY.c.body)
    if session.get_bind().dialect.name != "sqlite":
        wanted = select(ENTRY.c.id, func.tsvector_to_array(ENTRY.c.body).label("words"))
        rows = await session.execute(wanted.where(ENTRY.c.id.in_(ids)))
        return {row.id: frozenset(row.words) for row in rows}
    rows = await session.execute(wanted.where(ENTRY.c.id.in_(ids)))
    return {row.id: frozenset(f"{row.head} {row.body}".split()) for row in rows}


def shared_words(words: Mapping[str, Asked], held: frozenset[str]) -> tuple[str, ...]:
    """Which of the words are among the forms that a text is found by."""
    return tuple(word for word, part in words.items() if holds(part, held))


def forms_of(text: str) -> frozenset[str]:
    """All that a text would be found by."""
    return frozenset(form for word in words_of(text) for form in forms(word.written, GERMAN_AND_ENGLISH))
