"""What an operator does with a held mail: run it again by today's rules, release it past the gates, or dismiss it
(email promise 3)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from uuid import UUID

import structlog
from sqlalchemy.exc import IntegrityError

from engine.dispatch import CaseDispatcher, ToTell
from mailroom.arrival import LARGEST_MAIL, Arrived, HeldUnread, read_mail
from mailroom.fetching import Fetched
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


Ask = Callable[[Mailbox, InboundMail], Awaitable[Fetched | None]]
"""Asks the mail server for a mail that it did not deliver; None if it is gone from there."""


class NotHeld(LookupError):
    """There is no such mail in quarantine (any more)."""


async def dismiss(
    database: Database, entry_id: UUID, also: Also | None = None, reason: FileReason = FileReason.DISMISSED
) -> InboundMail:
    """File a held mail without a case; its row in the log and its bytes stay. `also` joins the transaction. Raises
    NotHeld."""
    async with database.write() as session:
        entry = await session.get(InboundMail, entry_id, with_for_update=not database.sqlite)
        if entry is None or entry.verdict != MailVerdict.HELD:
            raise NotHeld(f"no mail {entry_id} is held")
        entry.explanation = f"was held as {entry.reason}" + (f": {entry.explanation}" if entry.explanation else "")
        entry.verdict, entry.reason = MailVerdict.FILED, reason
        if also is not None:
            await also(session, entry)
    return entry


class Quarantine:
    """`largest_mail`: bytes; a larger one stays held unless it is released. `ask` serves `rerun`; without it what the
    server did not deliver is asked for by the reader of its mailbox alone."""

    def __init__(
        self,
        database: Database,
        files: FileStore,
        placing: Placing,
        dispatcher: CaseDispatcher,
        *,
        largest_mail: int = LARGEST_MAIL,
        ask: Ask | None = None,
    ) -> None:
        self.database, self.files, self.placing, self.dispatcher = database, files, placing, dispatcher
        self.largest_mail, self.ask = largest_mail, ask

    async def rerun(
        self, entry_id: UUID, now: datetime, *, release: bool = False, also: Also | None = None
    ) -> InboundMail:
        """Decide about a held mail again; the row of the log as it is afterwards, which may still be held.

        `release`: a stranger and a customer without entitlement get their case too, and a mail may be larger than
        intake takes. `also` joins the transaction, and gets the row as decided. A mail that fails unexpectedly is held
        as `intake-failed`, as intake would; one that the server did not deliver is asked for once more. Raises NotHeld,
        or FileNotFoundError for a mail that was too large to be fetched.
        """
        async with self.database.read() as session:
            entry = await session.get(InboundMail, entry_id)
            if entry is None or entry.verdict != MailVerdict.HELD:
                raise NotHeld(f"no mail {entry_id} is held")
            mailbox = await session.get_one(Mailbox, entry.mailbox_id)
        if entry.reason == HoldReason.NOT_DELIVERED and self.ask is not None:
            found = await self.ask(mailbox, entry)
        else:
            found = Fetched(entry.uid, entry.raw_size, await self.files.get(entry.raw_sha256))
        house = replace(await self.placing.house_rules(mailbox), released=release)
        largest = LARGEST_RELEASED if release else self.largest_mail
        after, news = await self.decide(entry, found, house, now, also, largest)
        for each in news.all if news is not None else ():
            await self.dispatcher.tell(each)
        return after

    async def decide(
        self,
        entry: InboundMail,
        found: Fetched | None,
        house: HouseRules,
        now: datetime,
        also: Also | None = None,
        largest: int = LARGEST_MAIL,
    ) -> tuple[InboundMail, ToTell | None]:
        """About a held mail by what was found of it, and whom to tell. Raises NotHeld."""
        if found is None:
            return await dismiss(self.database, entry.id, also, FileReason.GONE), None
        if found.raw is None:
            arrived = Arrived(entry.uid, "", found.size, refusal=found.refusal)
            after, news = await self.placing.take_again(entry.id, arrived, house, now, also)
        else:
            after, news = await self._read_and_decide(entry, found.raw, house, now, also, largest)
        if after is None:
            raise NotHeld(f"no mail {entry.id} is held any more")
        return after, news

    async def _read_and_decide(
        self, entry: InboundMail, raw: bytes, house: HouseRules, now: datetime, also: Also | None, largest: int
    ) -> tuple[InboundMail | None, ToTell | None]:
        try:
            arrived = await read_mail(entry.uid, raw, self.files, house.own_addresses, largest)
            with suppress(IntegrityError):  # the same mail came in through another mailbox meanwhile: now it is seen
                return await self.placing.take_again(entry.id, arrived, house, now, also)
            return await self.placing.take_again(entry.id, arrived, house, now, also)
        except Exception as error:
            if is_away(error):  # the database's fault, or the disk's: not the mail's
                raise
            # Only the type: the text of a database error repeats the mail.
            log.error("mail is held still", mailbox=house.mailbox.slug, uid=entry.uid, error=type(error).__name__)
            failed = HeldUnread(HoldReason.INTAKE_FAILED, f"{type(error).__name__}, when it was run again")
            kept = Arrived(entry.uid, await self.files.put(raw), len(raw), refusal=failed)
            return await self.placing.take_again(entry.id, kept, house, now, also)
