"""What would become of a mail, without taking it in: the mailroom's own reading and deciding, of which nothing is kept."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from cases.unit import CaseTools
from letters.addresses import addressed_queue, addresses_of, own_addresses, without_detail
from mailroom.ahead import Ahead, look_ahead
from mailroom.arrival import LARGEST_MAIL, Arrived, read_mail
from mailroom.placing import Placing
from mailroom.verdict import Verdict
from models.records.cases import Case
from models.records.reference import Mailbox


class NoSuchMailbox(LookupError):
    """The house has no mailbox of that name, or none at all."""


class NoFiles:
    """A file store that keeps nothing."""

    async def put(self, content: bytes) -> str:
        return hashlib.sha256(content).hexdigest()

    async def get(self, sha256: str) -> bytes:
        raise FileNotFoundError(sha256)

    async def check(self) -> None:
        """Nothing can be wrong with it."""


@dataclass(frozen=True)
class Considered:
    """A mail as it was read, and what was decided of it. `case` is the number of the one that it would join."""

    arrived: Arrived
    verdict: Verdict
    mailbox: str
    queue: str | None
    addressed: bool
    """Whether the mail names an address of that mailbox; else it would have to be forwarded there."""
    case: str | None = None
    case_status: str | None = None
    ahead: Ahead | None = None
    """Of the case that it would open."""


class Considering:
    def __init__(self, placing: Placing, tools: CaseTools) -> None:
        self.placing, self.tools, self.database = placing, tools, placing.database

    async def consider(self, raw: bytes, now: datetime, mailbox: str | None = None) -> Considered:
        """`mailbox`: where it would arrive; None: the one that it is addressed to, or else the first. Raises
        `NoSuchMailbox`."""
        async with self.database.read() as session:
            rows = list(await session.scalars(select(Mailbox).order_by(Mailbox.slug)))
        own = own_addresses(rows)
        arrived = await read_mail(0, raw, NoFiles(), own, LARGEST_MAIL)
        named = arrived.mail.recipients if arrived.mail is not None else ()
        row, addressed = _chosen(rows, named, mailbox)
        house = await self.placing.house_rules(row)
        found_ahead: list[Ahead] = []

        async def further(session: AsyncSession, case_id: UUID) -> None:
            found_ahead.append(await look_ahead(session, case_id, now, self.tools))

        arrived, verdict = await self.placing.consider(arrived, house, now, further)
        number = status = None
        if verdict.case_id is not None:
            async with self.database.read() as session:
                found = await session.get(Case, verdict.case_id)  # None: one that this mail would open
                number, status = (found.number, found.status) if found is not None else (None, None)
        ahead = next(iter(found_ahead), None)
        return Considered(arrived, verdict, row.slug, addressed_queue(row, named), addressed, number, status, ahead)


def _chosen(rows: list[Mailbox], named: tuple[str, ...], slug: str | None) -> tuple[Mailbox, bool]:
    if slug is not None:
        rows = [row for row in rows if row.slug == slug]
    if not rows:
        raise NoSuchMailbox(f"there is no mailbox {slug!r}" if slug is not None else "there is no mailbox")
    meant = {each for address in named for each in (address, without_detail(address))}
    addressed = [row for row in rows if meant & set(addresses_of(row))]
    return (addressed or rows)[0], bool(addressed)
