"""What the filters of lists name, looked up by the sight of whoever names it.

A name that nothing has is a fault of the request, and no empty list: who asks for `priority=hihg` would take it for an answer.
What the caller may not know of is answered in the same words.
"""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from desk.errors import Invalid, NotFound
from desk.identity import Identity
from desk.queries.visibility import sight_of, visible_queue
from models.messages.said import joined, said
from models.records.cases import Case
from models.records.reference import Agent, Queue


async def queue_named(session: AsyncSession, identity: Identity, key: str, field: str = "queue") -> Queue:
    """By slug or id. `Invalid` names the field."""
    try:
        return await visible_queue(session, identity, key)
    except NotFound as error:
        raise Invalid(field, error.detail) from None


async def queues_seen(session: AsyncSession, identity: Identity) -> list[tuple[str, str]]:
    """Slug and name of the queues that may be asked for, by their names."""
    sight = await sight_of(session, identity)
    wanted = select(Queue.slug, Queue.name).where(Queue.active, sight.queues()).order_by(Queue.name, Queue.id)
    return [(row.slug, row.name) for row in await session.execute(wanted)]


async def case_named(session: AsyncSession, identity: Identity, number: str, field: str = "case") -> None:
    """`Invalid` if no case has this number."""
    sight = await sight_of(session, identity)
    if await session.scalar(select(Case.id).where(Case.number == number.upper(), sight.cases())) is None:
        raise Invalid(field, said("there is no case {number!r}", number=number))


async def agent_named(session: AsyncSession, slug: str, field: str = "owner", *, or_else: str = "") -> None:
    """`Invalid` if there is no such agent; `or_else`: what else the field takes."""
    if await session.scalar(select(Agent.id).where(Agent.slug == slug)) is None:
        raise Invalid(field, said("there is no agent {slug!r}{or_else}", slug=slug, or_else=or_else))


def word_of(word: str, words: Collection[str], field: str) -> None:
    """`Invalid` if it is none of the organisation's words."""
    if word not in words:
        raise Invalid(field, said("{word!r} is none of: {words}", word=word, words=joined(sorted(words))))
