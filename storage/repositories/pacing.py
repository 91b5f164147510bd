"""A limit of mails a minute to one recipient domain, counted from the rows, so that it holds over restarts and mailboxes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, String, and_, cast, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from models.messages.addresses import domain_of
from models.messages.mailflow import OutboxState
from models.records.mails import Outbox
from models.records.reference import DefinitionRecord, Mailbox

WINDOW = timedelta(minutes=1)


def domains(addresses: Iterable[str]) -> set[str]:
    return {domain_of(address) for address in addresses}


async def within_limit(
    session: AsyncSession, due: ColumnElement[bool], mailbox_id: UUID, now: datetime, limit: int, most: int
) -> list[UUID]:
    """Up to `limit` of the due mails, the oldest first, by which no domain gets more than `most` within a minute.

    What exceeds waits by its `not_before` until the domain has room again, so that it keeps its place among its like
    and stands in nobody else's way.
    """
    # Two mailboxes' senders count one after the other. (SQLite's writers take turns anyway.)
    organisation = select(DefinitionRecord.id).where(
        DefinitionRecord.kind == "organisation", DefinitionRecord.status == "active"
    )
    await session.execute(organisation.with_for_update())
    instants = await _lately(session, mailbox_id, now)
    chosen: list[UUID] = []
    while len(chosen) < limit:
        waiting = select(Outbox.id, Outbox.envelope_to).where(due, Outbox.id.not_in(chosen))
        found = (await session.execute(waiting.order_by(Outbox.id).limit(limit - len(chosen)))).all()
        too_many: defaultdict[str, list[UUID]] = defaultdict(list)
        for id, addresses in found:
            wanted = domains(addresses)
            full = [domain for domain in wanted if len(instants[domain]) >= most]
            if full:
                too_many[full[0]].append(id)
                continue
            chosen.append(id)
            for domain in wanted:
                instants[domain].append(now)
        for domain, ids in too_many.items():
            await _defer(session, and_(due, Outbox.id.not_in(chosen)), domain, ids, instants[domain][-most] + WINDOW)
        if not found:
            break
    return chosen


async def _lately(session: AsyncSession, mailbox_id: UUID, now: datetime) -> defaultdict[str, list[datetime]]:
    """By domain, when its mails of the last minute left, oldest first; what another mailbox is sending leaves now."""
    under_way = and_(
        Outbox.state == OutboxState.SENDING,
        Outbox.mailbox_id.in_(select(Mailbox.id).where(Mailbox.id != mailbox_id)),
    )
    instants: defaultdict[str, list[datetime]] = defaultdict(list)
    sent = select(Outbox.envelope_to, Outbox.sent_on).where(Outbox.sent_on > now - WINDOW).order_by(Outbox.sent_on)
    for addresses, instant in (await session.execute(sent)).all():
        for domain in domains(addresses):
            instants[domain].append(instant or now)
    for addresses in await session.scalars(select(Outbox.envelope_to).where(under_way)):
        for domain in domains(addresses):
            instants[domain].append(now)
    return instants


async def _defer(
    session: AsyncSession, due: ColumnElement[bool], domain: str, ids: list[UUID], until: datetime
) -> None:
    """All that is due to this domain is put off in one statement: going through it mail by mail would hold up the others."""
    written = func.lower(cast(Outbox.envelope_to, String))
    to_it = or_(Outbox.id.in_(ids), written.contains(f'@{domain}"', autoescape=True))
    await session.execute(
        update(Outbox)
        .where(due, to_it)
        .values(state=OutboxState.QUEUED, not_before=until)
        .execution_options(synchronize_session=False)
    )
