"""What an operator does with a mail that is on no case, held or filed: run it again by today's rules, release it past
them, file it on a case or without one (email promise 3). Nothing that came is beyond reach."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

import structlog
from sqlalchemy.exc import IntegrityError

from engine.dispatch import CaseDispatcher, ToTell
from mailroom.arrival import LARGEST_MAIL, Arrived, HeldUnread, read_mail
from mailroom.fetching import Fetched
from mailroom.placing import Also, Placing, Stand, case_per_queue, without_case
from mailroom.sealed import sealed
from mailroom.verdict import DecidedMeanwhile, HouseRules, NoSuchCase, NotHeld, OnACase
from models.messages.mail_facts import FileReason
from models.messages.mailflow import HoldReason, MailVerdict
from models.records.mails import InboundMail
from models.records.reference import Mailbox
from storage.engines import Database
from storage.errors import is_away
from storage.files import FileDamaged, FileStore

LARGEST_RELEASED = 64 * 1024 * 1024
"""Bytes: more than intake ever fetches, so that whatever is in the file store can be released."""
BECAUSE = "; filed because: "
"""Before what an operator gives as their reason."""

log = structlog.get_logger(__name__)


Ask = Callable[[Mailbox, InboundMail], Awaitable[Fetched | None]]
"""Asks the mail server for a mail whose bytes are not here; None if it is gone from there."""


class NotFetched(LookupError):
    """The bytes of the mail are not to be had; the text says why."""


async def dismiss(
    database: Database,
    entry_id: UUID,
    also: Also | None = None,
    reason: FileReason = FileReason.DISMISSED,
    *,
    because: str = "",
    still: Stand | None = None,
) -> InboundMail:
    """File a mail without a case; its row in the log and its bytes stay. `because`: the operator's words. `also` joins the
    transaction. Doing it again changes nothing but the words. Raises as `without_case` does."""
    async with database.write() as session:
        entry = await without_case(session, entry_id, still, lock=not database.sqlite)
        if entry.verdict != MailVerdict.FILED or entry.reason != reason:
            was = f"was {entry.verdict} as {entry.reason}" if entry.reason else f"was {entry.verdict}"
            entry.explanation = was + (f": {entry.explanation}" if entry.explanation else "")
            entry.verdict, entry.reason = MailVerdict.FILED, reason
        if because:
            entry.explanation = f"{(entry.explanation or '').partition(BECAUSE)[0]}{BECAUSE}{because}"
        if also is not None:
            await also(session, entry)
    return entry


@dataclass(frozen=True)
class _Decision:
    """One mail to be decided about. `largest` in bytes; a larger one is held."""

    entry: InboundMail
    house: HouseRules
    now: datetime
    also: Also | None
    largest: int
    still: Stand | None = None


class Quarantine:
    """`largest_mail`: bytes; a larger one stays held unless it is released. `ask` gets what is not here from the mail
    server; without it what the server did not deliver is asked for by the reader of its mailbox alone."""

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
        self,
        entry_id: UUID,
        now: datetime,
        *,
        release: bool = False,
        onto: str | None = None,
        still: Stand | None = None,
        also: Also | None = None,
    ) -> InboundMail:
        """Decide about a mail again; its row of the log as it is afterwards, which may still be held or filed.

        `release`: it joins the case that it belongs to or gets one of its own, whatever the rules say and however little
        of it can be read; `onto`: it joins the case of this number. `still`:
        what must not have become of it otherwise meanwhile. `also` joins the transaction, and gets the row as
        decided. A mail that fails unexpectedly is held as `intake-failed`, as intake would; one whose bytes are not here
        is asked for once more. Raises NotHeld, DecidedMeanwhile, OnACase, NotFetched, NoSuchCase, and
        what the file store raises.
        """
        async with self.database.read() as session:
            organisation = await self.placing.definitions.organisation(session)
            entry = await without_case(session, entry_id, still, per_queue=case_per_queue(organisation))
            mailbox = await session.get_one(Mailbox, entry.mailbox_id)
        found = await self._find(mailbox, entry)
        house = replace(await self.placing.house_rules(mailbox), released=release, onto=onto)
        largest = LARGEST_RELEASED if house.by_hand else self.largest_mail
        after, news = await self._decide(_Decision(entry, house, now, also, largest, still), found)
        for each in news.all if news is not None else ():
            await self.dispatcher.tell(each)
        return after

    async def decide_delivered(
        self, entry: InboundMail, found: Fetched | None, house: HouseRules, now: datetime
    ) -> tuple[InboundMail, ToTell | None]:
        """About a mail that the server had not delivered, by what was found of it now, and whom to tell. NotHeld: an
        operator was quicker."""
        return await self._decide(
            _Decision(entry, house, now, None, self.largest_mail, still=(MailVerdict.HELD, HoldReason.NOT_DELIVERED)),
            found,
        )

    async def _find(self, mailbox: Mailbox, entry: InboundMail) -> Fetched | None:
        if entry.raw_sha256:
            try:
                return Fetched(entry.uid, entry.raw_size, await self.files.get(entry.raw_sha256))
            except (FileNotFoundError, FileDamaged):  # perhaps the mail server has it still
                found = await self.ask(mailbox, entry) if self.ask is not None else None
                if found is None or found.raw is None:
                    raise
                return found
        if self.ask is None:
            raise NotFetched(_where(entry))
        found = await self.ask(mailbox, entry)
        if entry.verdict == MailVerdict.HELD:
            return found
        # One that is not held for it does not change because its server has it no more.
        if found is None:
            raise NotFetched(f"the mail server has no mail of its number (UID {entry.uid}) any more")
        if found.raw is None and not found.begin and found.refusal is not None:
            raise NotFetched(f"the mail server does not deliver it (UID {entry.uid}): {found.refusal.explanation}")
        return found

    async def _decide(self, given: _Decision, found: Fetched | None) -> tuple[InboundMail, ToTell | None]:
        entry = given.entry
        if found is None:
            return await dismiss(self.database, entry.id, given.also, FileReason.GONE, still=given.still), None
        if found.raw is not None:
            return await self._read_and_decide(given, found.raw)
        arrived = Arrived(entry.uid, "", found.size, refusal=found.refusal)
        if found.begin and found.refusal is not None and given.house.by_hand:
            arrived = sealed(entry.uid, None, "", found.size, found.begin, found.refusal, given.house.own_addresses)
        return await self._take(given, arrived)

    async def _read_and_decide(self, given: _Decision, raw: bytes) -> tuple[InboundMail, ToTell | None]:
        entry, house = given.entry, given.house
        failed: HeldUnread | None = None
        try:
            arrived = await read_mail(entry.uid, raw, self.files, house.own_addresses, given.largest)
            if arrived.refusal is None or not house.by_hand:
                return await self._take(given, arrived)
            failed = arrived.refusal
        except Exception as error:  # noqa: BLE001 whatever it is, the mail is held or sealed
            failed = self._failed(given, error)
        sha256 = await self.files.put(raw)
        if house.by_hand:
            try:
                return await self._take(
                    given, sealed(entry.uid, raw, sha256, len(raw), raw, failed, house.own_addresses)
                )
            except Exception as error:  # noqa: BLE001
                failed = self._failed(given, error)
        return await self._take(given, Arrived(entry.uid, sha256, len(raw), refusal=failed))

    async def _take(self, given: _Decision, arrived: Arrived) -> tuple[InboundMail, ToTell | None]:
        entry, house, now, also, still = given.entry.id, given.house, given.now, given.also, given.still
        with suppress(IntegrityError):  # the same mail came in through another mailbox meanwhile: now it is seen
            return await self.placing.take_again(entry, arrived, house, now, also, still)
        return await self.placing.take_again(entry, arrived, house, now, also, still)

    def _failed(self, given: _Decision, error: Exception) -> HeldUnread:
        """Why it is held, if the mail is at fault; else the error goes on."""
        if isinstance(error, NotHeld | NoSuchCase) or is_away(
            error
        ):  # ours to say, or the database's or the disk's fault
            raise error
        # Only the type: the text of a database error repeats the mail.
        kind = type(error).__name__
        log.error("mail is held still", mailbox=given.house.mailbox.slug, uid=given.entry.uid, error=kind)
        return HeldUnread(HoldReason.INTAKE_FAILED, f"{kind}, when it was run again")


def _where(entry: InboundMail) -> str:
    if entry.reason == HoldReason.TOO_LARGE:
        size = entry.raw_size
        return f"its {size} bytes were too many to fetch, so it lies on the mail server alone, with the UID {entry.uid}"
    return f"the mail server did not deliver it (UID {entry.uid}): {entry.explanation}"


__all__ = ["DecidedMeanwhile", "NoSuchCase", "NotFetched", "NotHeld", "OnACase", "Quarantine", "Stand", "dismiss"]
