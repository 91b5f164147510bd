"""Tickets: what lets an agent go one step, once, for some time. A link by mail is one; so is a password that was right and
waits for its code."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import CursorResult, delete, update
from sqlalchemy.ext.asyncio import AsyncSession

from desk.entering.errors import TicketClosed
from letters.links import NO_CASE, LinkKind, LinkSigner, read_token
from models.records.base import new_id
from models.records.entering import EntryTicket
from models.records.reference import Agent

LASTS = {
    LinkKind.INVITE: timedelta(days=7),
    LinkKind.RESET: timedelta(hours=1),
    LinkKind.CODE: timedelta(minutes=10),
}
KEPT = timedelta(days=30)
"""After its end, so that whoever looks into what happened still finds it."""


async def issue(
    session: AsyncSession, agent: Agent, kind: LinkKind, now: datetime, *, sent_to: str | None = None
) -> EntryTicket:
    await session.execute(
        delete(EntryTicket).where(EntryTicket.agent_id == agent.id, EntryTicket.expires_on < now - KEPT)
    )
    row = EntryTicket(
        id=new_id(),
        agent_id=agent.id,
        purpose=kind.value,
        sent_to=sent_to,
        made_on=now,
        expires_on=now + LASTS[kind],
        used_on=None,
    )
    session.add(row)
    await session.flush()
    return row


def token_of(links: LinkSigner, row: EntryTicket) -> str:
    """What opens it."""
    return links.token(LinkKind(row.purpose), row.id, NO_CASE)


async def opened(
    session: AsyncSession, links: LinkSigner, kind: LinkKind, token: str, now: datetime
) -> tuple[EntryTicket, Agent]:
    """The ticket and whose it is; nothing is used up by looking. `TicketClosed` whatever is wrong with it."""
    read = read_token(token)
    if read is None or not links.holds(kind, read, NO_CASE):
        raise TicketClosed
    row = await session.get(EntryTicket, read.id)
    if row is None or row.purpose != kind or row.used_on is not None or row.expires_on <= now:
        raise TicketClosed
    agent = await session.get_one(Agent, row.agent_id)
    if not agent.active or row.sent_to not in (None, agent.email):
        raise TicketClosed
    return row, agent


async def use(session: AsyncSession, row: EntryTicket, now: datetime) -> None:
    """Of two that use it at once, one does; the other gets `TicketClosed`."""
    taken: CursorResult[Any] = await session.execute(  # type: ignore[assignment]  # an UPDATE's result
        update(EntryTicket)
        .where(EntryTicket.id == row.id, EntryTicket.used_on.is_(None))
        .values(used_on=now)
        .execution_options(synchronize_session=False)
    )
    if taken.rowcount != 1:
        raise TicketClosed


async def use_all(session: AsyncSession, agent_id: UUID, now: datetime) -> None:
    """Whatever was sent to the agent, or waits for their code, opens nothing any more."""
    await session.execute(
        update(EntryTicket)
        .where(EntryTicket.agent_id == agent_id, EntryTicket.used_on.is_(None))
        .values(used_on=now)
        .execution_options(synchronize_session=False)
    )
