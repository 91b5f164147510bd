"""What an operator does with a held mail: run it again by today's rules, release it past the gates, or dismiss it
(email promise 3)."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from uuid import UUID

import structlog
from sqlalchemy.exc import IntegrityError

from engine.dispatch import CaseDispatcher, ToTell
from mailroom.arrival import Arrived, HeldUnread, read_mail
from mailroom.intake import LARGEST_MAIL
from mailroom.placing import Also, Placing
from mailroom.verdict import HouseRules
from models.messages.mail_facts import FileReason
from models.messages.mailflow import HoldReason, MailVerdict
from models.records.mails import InboundMail
from models.records.reference import Mailbox
from storage.engines import Database
from storage.errors import is_away
from storage.files import FileStore

LARGEST_RELEASED = 64 * 1024 * 1024
"""Bytes: more than intake ever fetches, so that whatever is in the file store can be released."""

log = structlog.get_logger(__name__)


class NotHeld(LookupError):
    """There is no such mail in quarantine (any more)."""


async def dismiss(database: Database, entry_id: UUID, also: Also) -> None:
    """File a held mail without a case; its ledger row and its bytes stay. `also` joins the transaction. Raises NotHeld."""
    async with database.write() as session:
        entry = await session.get(InboundMail, entry_id, with_for_update=not database.sqlite)
        if entry is None or entry.verdict != MailVerdict.HELD:
            raise NotHeld(f"no mail {entry_id} is held")
        entry.explanation = f"was held as {entry.reason}" + (f": {entry.explanation}" if entry.explanation else "")
        entry.verdict, entry.reason = MailVerdict.FILED, FileReason.DISMISSED
        await also(session, entry)


class Quarantine:
    """`largest_mail`: bytes; a larger one stays held unless it is released."""

    def __init__(
        self,
        database: Database,
        files: FileStore,
        placing: Placing,
        dispatcher: CaseDispatcher,
        *,
        largest_mail: int = LARGEST_MAIL,
    ) -> None:
        self.database, self.files, self.placing, self.dispatcher = database, files, placing, dispatcher
        self.largest_mail = largest_mail

    async def rerun(
        self, entry_id: UUID, now: datetime, *, release: bool = False, also: Also | None = None
    ) -> InboundMail:
        """Decide about a held mail again; the ledger row as it is afterwards, which may still be held.

        `release`: a stranger and a customer without entitlement get their case too, and a mail may be larger than
        intake takes. `also` joins the transaction, and gets the ledger row as decided. A mail that fails unexpectedly
        is held as `intake-failed`, as intake would. Raises NotHeld, or FileNotFoundError for a mail that was too large
        to be fetched.
        """
        async with self.database.read() as session:
            entry = await session.get(InboundMail, entry_id)
            if entry is None or entry.verdict != MailVerdict.HELD:
                raise NotHeld(f"no mail {entry_id} is held")
            mailbox = await session.get_one(Mailbox, entry.mailbox_id)
        house = await self.placing.house_rules(mailbox)
        if release:
            house = replace(house, released=True)
        raw = await self.files.get(entry.raw_sha256)
        try:
            largest = LARGEST_RELEASED if release else self.largest_mail
            arrived = await read_mail(entry.uid, raw, self.files, house.own_addresses, largest)
            after, news = await self._decide(entry_id, arrived, house, now, also)
        except Exception as error:
            if is_away(error):  # the database's fault, or the disk's: not the mail's
                raise
            # Only the type: the text of a database error repeats the mail.
            log.error("mail is held still", mailbox=mailbox.slug, uid=entry.uid, error=type(error).__name__)
            failed = HeldUnread(HoldReason.INTAKE_FAILED, f"{type(error).__name__}, when it was run again")
            arrived = Arrived(entry.uid, entry.raw_sha256, entry.raw_size, refusal=failed)
            after, news = await self.placing.take_again(entry_id, arrived, house, now, also)
        if after is None:
            raise NotHeld(f"no mail {entry_id} is held any more")
        if news is not None:
            for each in news.all:
                await self.dispatcher.tell(each)
        return after

    async def _decide(
        self, entry_id: UUID, arrived: Arrived, house: HouseRules, now: datetime, also: Also | None
    ) -> tuple[InboundMail | None, ToTell | None]:
        with suppress(IntegrityError):  # the same mail came in through another mailbox meanwhile: now it is seen
            return await self.placing.take_again(entry_id, arrived, house, now, also)
        return await self.placing.take_again(entry_id, arrived, house, now, also)
