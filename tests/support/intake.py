"""Taking mails in one after the other, as the reader of one mailbox does, without a mail server."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import delete, update

from engine.dispatch import ToTell
from mailroom.arrival import Arrived, read_mail
from mailroom.correlating import Correlating
from mailroom.placing import Placing
from mailroom.verdict import HouseRules
from models.messages.mailflow import DeliveryKind
from models.records.base import Record
from models.records.customers import ContactAddress
from models.records.mails import MessageLink
from models.records.reference import Contact, Mailbox
from tests.support.mailroom import SUPPORT, Case, Delivery, EmailMessage, InboundMail, Mailroom, letter, open_mailroom

UIDVALIDITY = 1
NOW = datetime(2031, 3, 27, 9, 0, tzinfo=UTC)
"""Far from the rows' wall time: no brake counts them."""
MAIL_TABLES: tuple[type[Record], ...] = (
    Delivery,
    InboundMail,
    MessageLink,
    EmailMessage,
    Case,
    ContactAddress,
    Contact,
)


@dataclass(frozen=True)
class Declared:
    """What a mailbox says of its addresses, groups and forms."""

    address: str
    queue: str | None = None
    settings: dict[str, Any] = field(default_factory=dict)


class Intake:
    """Takes mails in one after the other, as the reader of one mailbox does."""

    def __init__(self, room: Mailroom, placing: Placing, house: HouseRules, trusted: str = "") -> None:
        self.room, self.placing, self.house = room, placing, house
        self.uid = 0
        self.now = NOW

    async def read(self, raw: bytes) -> Arrived:
        return await read_mail(0, raw, self.room.files, self.house.own_addresses, 1_000_000)

    async def take(self, arrived: Arrived) -> ToTell | None:
        self.uid += 1
        given = replace(arrived, uid=self.uid)
        return await self.placing.take_in(given, self.house, self.house.mailbox.intake_epoch, UIDVALIDITY, self.now)

    async def takes(self, **headers: Any) -> ToTell | None:
        """Of one matter, unless a subject is given."""
        return await self.take(await self.read(letter(to=SUPPORT, **{"subject": "Re: Broken", **headers})))

    async def forget(self) -> None:
        """An intake to which no mail has come yet."""
        async with self.room.database.write() as session:
            for table in MAIL_TABLES:
                await session.execute(delete(table))
            await session.execute(update(Mailbox).values(last_uid=0))
        self.uid = 0

    async def cases(self) -> dict[str, str]:
        """By Message-ID the number of the case that each mail is in, or will be when all is merged."""
        into = {row.case_id: row.subject_id for row in await self.retiring()}
        numbers = {case.id: case.number for case in await self.room.all(Case)}

        def last(case_id: UUID) -> str:
            while case_id in into:
                case_id = into[case_id]
            return numbers[case_id]

        found = await self.room.all(EmailMessage)
        return {message.message_id: last(message.case_id) for message in found if message.case_id}

    async def retiring(self) -> list[Delivery]:
        return [row for row in await self.room.all(Delivery) if row.kind == DeliveryKind.RETIRE]


@asynccontextmanager
async def intake_of(database_url: str, folder: Path, trusted: str = "") -> AsyncIterator[Intake]:
    async with open_mailroom(database_url, folder) as room:
        await room.rule("support")
        async with room.database.write() as session:
            await session.execute(update(Mailbox).values(uidvalidity=UIDVALIDITY))
        placing = Placing(room.database, room.definitions, Correlating(room.tokens, [trusted] if trusted else []))
        yield Intake(room, placing, await placing.house_rules(await room.mailbox("support")))
