"""Which of some entries that hold what is asked for are best: those with more of its words, rarer ones, in their titles, and
shorter ones before longer ones.

Of a few candidates alone, whose words are read; by sets of words and no counts of them, so that both databases agree.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import log
from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from storage.fulltext.asking import AnyOf, Asked, Form, holds
from storage.fulltext.entries import ENTRY

IN_HEAD, IN_BODY, WRITTEN_SO = 3.0, 1.0, 0.25
"""What a word counts for in a title, in a text, and besides if it stands there as it was typed."""
SHORT_HEAD, SHORT = 0.75, 0.5
"""How much of a title's and of a text's weight its length does not touch."""


class Words(NamedTuple):
    """The words of an entry: of its title, and of all of it."""

    head: frozenset[str]
    all: frozenset[str]


class Usual(NamedTuple):
    """How many words the entries have, on average."""

    head: float
    all: float


async def words_of_entries(session: AsyncSession, ids: Sequence[int]) -> dict[int, Words]:
    """By the number of the entry."""
    if session.get_bind().dialect.name == "sqlite":
        rows = await session.execute(select(ENTRY.c.id, ENTRY.c.head, ENTRY.c.body).where(ENTRY.c.id.in_(ids)))
        return {
            row.id: Words(frozenset(head := row.head.split()), frozenset((*head, *row.body.split()))) for row in rows
        }
    arrays = [func.tsvector_to_array(ENTRY.c[name]).label(name) for name in ("head", "body")]
    rows = await session.execute(select(ENTRY.c.id, *arrays).where(ENTRY.c.id.in_(ids)))
    return {row.id: Words(frozenset(row.head), frozenset(row.body)) for row in rows}


def weights(words: Mapping[str, Asked], entries: Mapping[int, Words]) -> dict[int, float]:
    """By the number of an entry how well it answers; `words` as `asking.telling` gives them."""
    if not entries:
        return {}
    usual = Usual(*(sum(map(len, each)) / len(entries) for each in zip(*entries.values(), strict=True)))
    found = dict.fromkeys(entries, 0.0)
    for part in words.values():
        held = {id: entry for id, entry in entries.items() if holds(part, entry.all)}
        rarity = log(1 + len(entries) / len(held)) if held else 0.0
        for id, entry in held.items():
            found[id] += rarity * _weight(part, entry, usual)
    return found


def _weight(part: Asked, entry: Words, usual: Usual) -> float:
    if holds(part, entry.head):
        length = SHORT_HEAD + (1 - SHORT_HEAD) * len(entry.head) / usual.head
        return (IN_HEAD + WRITTEN_SO * holds(_as_written(part), entry.head)) / length
    length = SHORT + (1 - SHORT) * len(entry.all) / usual.all
    return (IN_BODY + WRITTEN_SO * holds(_as_written(part), entry.all)) / length


def _as_written(part: Asked) -> Asked:
    """The first of the ways, which is the word as it was typed, whole."""
    match part:
        case AnyOf(ways) if isinstance(ways[0], Form):
            return Form(ways[0].text)
        case Form(text):
            return Form(text)
        case _:
            return part
