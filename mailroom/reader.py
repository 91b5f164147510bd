"""One reader of one mailbox: its connection, its cursor, and what becomes of each mail that it finds."""

from __future__ import annotations

import asyncio
import math
import random
from collections.abc import Coroutine, Sequence
from contextlib import AsyncExitStack, suppress
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol, TypeVar
from uuid import UUID

import structlog
from sqlalchemy.exc import IntegrityError

from engine.dispatch import ToTell
from engine.failpoints import failpoint
from engine.watching import Watch
from letters.accounts import MailboxUnusable, imap_account, imap_server, keep_renewed_secret
from mail.imap.client import Connect, ImapAuthFailed, ImapClient, ImapError, ImapRefused
from mail.imap.syntax import MOST
from mail.reply_codes import in_codes
from mailroom.arrival import Arrived, HeldUnread, read_mail
from mailroom.fetching import Fetched, Fetcher, fetch_alone, not_delivered
from mailroom.gaps import missed
from mailroom.placing import Placing
from mailroom.quarantine import NotHeld, Quarantine
from mailroom.telling import Teller
from mailroom.tidying import LostOverTidying, Tidier, Tidying
from mailroom.verdict import Fenced, HouseRules
from models.messages.mailflow import HoldReason
from models.messages.reference import AfterIntake, ImapServer
from models.records.reference import Mailbox
from storage.engines import Database
from storage.errors import is_away
from storage.files import FileStore, StoreUnavailable
from storage.repositories import mails
from storage.secrets import Keyring, KeyringError

BATCH = 50
"""Messages per round: fetched, taken in one by one, flagged together."""
TRIES = 3
"""Of a transaction that met another one's unique key: the second time it sees what the other wrote."""
RECONNECT_FIRST, RECONNECT_LAST = 1.0, 60.0
SUCCESS_EVERY = timedelta(seconds=15)
"""How often a mailbox's `last_success` and backlog are renewed."""
RENEWED_AT_ONCE = timedelta(minutes=1)
"""Of the connections that servers end within this time, one is renewed without a pause and without a word."""
LOOK_AGAIN = timedelta(minutes=5)
"""After so long without new mail the folder is opened again: its UIDVALIDITY, what is left to tidy, what was missed."""
ASKED_LAST = timedelta(hours=6)
"""The longest pause before a mail that was not delivered is asked for again: else half the time that it has been held."""

BEYOND = "SEARCH: names a message by a number of more than 63 bits, by which it cannot be asked for"

T = TypeVar("T")

log = structlog.get_logger(__name__)


class ReadingTools(Protocol):
    """What a reader works with; one set for all mailboxes, see `mailroom.intake`."""

    database: Database
    files: FileStore
    keyring: Keyring
    connect: Connect
    placing: Placing
    quarantine: Quarantine
    largest_mail: int
    asked_first: timedelta


class MailboxReader:
    """One attempt's work: it owns the mailbox's cursor as long as nobody took a later epoch."""

    def __init__(self, intake: ReadingTools, mailbox: Mailbox, watch: Watch, teller: Teller) -> None:
        self.intake, self.mailbox, self.watch, self.teller = intake, mailbox, watch, teller
        self.database, self.epoch = intake.database, mailbox.intake_epoch
        self.uidvalidity = self.cursor = 0
        self.fetcher = Fetcher()
        self.ask_at: dict[UUID, datetime] = {}
        """When a mail that was not delivered is asked for again, by its row in the log."""
        self.untidied: str | None = None
        self.tidying = Tidying()
        self.beyond = self.swept = False
        self.looked = self.renewed = datetime.min.replace(tzinfo=UTC)
        self.notice: str | None = None
        self.failures = 0
        self.noted: datetime | None = None
        self.behind = False

    async def run(self) -> bool:
        while not self.watch.over:
            self._beat()
            async with self.database.read() as session:
                mailbox = await mails.ours(session, self.mailbox.id, self.epoch)
            if mailbox is None:
                return True
            if not mailbox.active:
                return False
            self.mailbox = mailbox
            try:
                async with AsyncExitStack() as stack:
                    connecting = self.intake.connect(imap_account(self.mailbox, self.intake.keyring))
                    client = await self._beating(stack.enter_async_context(connecting))
                    await keep_renewed_secret(self.database, self.mailbox, self.intake.keyring)
                    await self._read(client)
            except Fenced:
                return True
            except (ImapError, MailboxUnusable, KeyringError, StoreUnavailable) as error:
                if not self._comes_back_at_once(error):
                    await self._server_is_away(error)
        return True

    def _comes_back_at_once(self, error: Exception) -> bool:
        """Servers end connections that worked, with or without a word (`BYE`): that is no trouble, if it is now and then."""
        swept, self.swept = self.swept, False
        if isinstance(error, LostOverTidying):  # which has pauses of its own
            return True
        now, lost = datetime.now(UTC), isinstance(error, ImapError) and not isinstance(error, ImapRefused)
        if not swept or not lost or now - self.renewed < RENEWED_AT_ONCE:
            return False
        self.renewed = now
        log.info("connection is renewed", mailbox=self.mailbox.slug, error=in_codes(error))
        return True

    def _beat(self) -> None:
        self.watch.beat(self.epoch, self.uidvalidity, self.cursor)

    async def _server_is_away(self, error: Exception) -> None:
        self.failures, self.noted = self.failures + 1, None
        log.warning("mailbox cannot be read", mailbox=self.mailbox.slug, error=in_codes(error))
        async with self.database.write() as session:
            refused = isinstance(error, ImapAuthFailed)
            await mails.note_trouble(session, self.mailbox.id, self.epoch, str(error), login_refused=refused)
        wait = min(RECONNECT_FIRST * 2 ** min(self.failures - 1, 10), RECONNECT_LAST)
        # Jitter, so that many mailboxes of one server do not come back in step.
        await self.watch.pause(wait * random.uniform(0.5, 1.0), self.epoch, self.uidvalidity, self.cursor)  # noqa: S311

    async def _read(self, client: ImapClient) -> None:
        """What was left untidied first; then sweep, always before waiting: IDLE only says that something happened."""
        server = imap_server(self.mailbox)
        folder = await self._beating(client.select(server.folder, read_only=server.after is AfterIntake.LEAVE))
        tidier = Tidier(self.database, self.mailbox, client, server, folder)
        if folder.uidvalidity != self.uidvalidity:
            self.fetcher = Fetcher()
        self.uidvalidity, self.untidied = folder.uidvalidity, None
        async with self.database.write() as session:
            cursor = await mails.begin_folder(session, self.mailbox.id, self.epoch, folder.uidvalidity)
            untidied = await mails.unflagged_uids(session, self.mailbox.id, folder.uidvalidity)
        if cursor is None:
            raise Fenced
        self.cursor, self.looked = cursor, datetime.min.replace(tzinfo=UTC)
        await self._beating(self.tidying.tidy_all(tidier, untidied))
        while not self.watch.over:
            uids = await self._beating(client.search_after(self.cursor))
            self.beyond = bool(uids) and uids[-1] > MOST
            uids = [uid for uid in uids if uid <= MOST]
            for start in range(0, len(uids), BATCH):
                # What is taken in with the next batch is no backlog worth telling.
                if len(uids) > BATCH and not await self._note_success(client, tidier, uids[start:]):
                    return
                await self._take_in(client, tidier, uids[start : start + BATCH])
            self.failures, self.swept = 0, True
            if not await self._note_success(client, tidier, ()):
                return
            if uids:
                continue
            if datetime.now(UTC) - self.looked >= LOOK_AGAIN:
                if not await self._look_again(client, tidier, server):
                    return
            elif pause := await self._ask_again(client, tidier):
                await self.watch.wait(client.idle_wait(min(pause, self.watch.slice)), None)

    async def _look_again(self, client: ImapClient, tidier: Tidier, server: ImapServer) -> bool:
        """What the server does not tell by itself; False if its numbers mean something else by now."""
        self.looked = datetime.now(UTC)
        folder = await self._beating(client.select(server.folder, read_only=server.after is AfterIntake.LEAVE))
        if folder.uidvalidity != self.uidvalidity:
            return False
        found = missed(client, self.database, self.mailbox, server.after, tidier.flag, self.uidvalidity, self.cursor)
        uids = await self._beating(found)
        for start in range(0, len(uids), BATCH):
            await self._take_in(client, tidier, uids[start : start + BATCH])
        async with self.database.read() as session:
            untidied = await mails.unflagged_uids(session, self.mailbox.id, self.uidvalidity)
        if untidied:
            tidier.trouble = None  # perhaps it does by now what it refused before
            await self._beating(self.tidying.tidy_all(tidier, untidied))
        return True

    async def _note_success(self, client: ImapClient, tidier: Tidier, left: Sequence[int]) -> bool:
        """`left`: what lies past the cursor. That the last of it is taken in is told at once.

        False if the mailbox has other settings by now, or is switched off: seen here, no mail costs a look of its own.
        """
        now = datetime.now(UTC)
        trouble = tidier.trouble or (BEYOND if self.beyond else None)
        news = self.untidied != trouble or self.notice != client.notice or (self.behind and not left)
        if self.noted is None or now - self.noted >= SUCCESS_EVERY or news:
            oldest = await self._beating(self.fetcher.internal_date(client, left[0])) if left else None
            self.noted, self.behind, self.untidied, self.notice = now, bool(left), trouble, client.notice
            told = {"untidied": self.untidied, "notice": self.notice}
            async with self.database.write() as session:
                version = await mails.note_success(session, self.mailbox.id, self.epoch, now, len(left), oldest, **told)
            return version == self.mailbox.version
        return True

    # ---- one batch ---------------------------------------------------------------------------------------------------

    async def _take_in(self, client: ImapClient, tidier: Tidier, uids: Sequence[int]) -> None:
        failpoint("intake.found")
        house = await self.intake.placing.house_rules(self.mailbox)
        for run in await self._beating(self.fetcher.runs(client, uids)):
            found = await self._beating(self.fetcher.fetch(client, run))
            failpoint("intake.fetched")
            refused = [each.refusal for each in found if each.refusal is not None]
            if 1 < len(found) == len(refused):
                # A server that gives nothing at all is in trouble itself: one mail is held, and the pauses grow.
                found = found[:1]
            arrived = await self._beating(self._kept(found, house))
            failpoint("intake.stored")
            for each in arrived:
                self._beat()
                await self._commit(each, house)
                self.cursor = max(self.cursor, each.uid)
                failpoint("intake.committed")
            await self._beating(self.tidying.tidy(tidier, [each.uid for each in arrived if each.delivered]))
            if len(refused) > len(found):
                raise ImapError(refused[0].explanation)
            if len(refused) < len(found):
                self.failures = 0
        # What a new search does not list any more is nobody's mail; it must not be asked for again.
        self.cursor = max(self.cursor, uids[-1])

    async def _kept(self, found: Sequence[Fetched], house: HouseRules) -> list[Arrived]:
        """The mails with their bytes in the file store, read. A few that were built to hurt take many seconds."""
        files, largest = self.intake.files, self.intake.largest_mail

        async def kept(each: Fetched) -> Arrived:
            if each.raw is None:
                return Arrived(each.uid, "", each.size, refusal=each.refusal)
            return await read_mail(each.uid, each.raw, files, house.own_addresses, largest)

        return await asyncio.gather(*map(kept, found))

    async def _commit(self, arrived: Arrived, house: HouseRules) -> None:
        """One transaction, then its case is told. A mail that cannot be taken in is held, and stops nobody."""
        now = datetime.now(UTC)
        try:
            news = await self._tried(arrived, house, now)
        except Fenced:
            raise  # another reader's mailbox
        except Exception as error:
            if is_away(error):
                raise
            # Only the type: the text of a database error repeats the mail.
            log.error("mail held", mailbox=self.mailbox.slug, uid=arrived.uid, error=type(error).__name__)
            failed = HeldUnread(HoldReason.INTAKE_FAILED, type(error).__name__)
            await self.intake.placing.hold(arrived, failed, house, self.epoch, self.uidvalidity, now)
            return
        await self._tell(news)

    async def _tell(self, news: ToTell | None) -> None:
        for each in news.all if news is not None else ():
            await self.teller.tell(each)

    async def _tried(self, arrived: Arrived, house: HouseRules, now: datetime) -> ToTell | None:
        for _ in range(TRIES - 1):
            with suppress(IntegrityError):
                return await self.intake.placing.take_in(arrived, house, self.epoch, self.uidvalidity, now)
        return await self.intake.placing.take_in(arrived, house, self.epoch, self.uidvalidity, now)

    # ---- what was not delivered ---------------------------------------------------------------------------------------

    async def _ask_again(self, client: ImapClient, tidier: Tidier) -> float:
        """Asks for one mail that the server did not deliver, if one is due. Seconds until the next is; 0: look again."""
        now, first = datetime.now(UTC), self.intake.asked_first
        async with self.database.read() as session:
            waiting = await mails.undelivered(session, self.mailbox.id, self.uidvalidity)
        self.ask_at = {entry.id: self.ask_at.get(entry.id, entry.received_on + first) for entry in waiting}
        if not waiting:
            return math.inf
        entry = min(waiting, key=lambda each: self.ask_at[each.id])
        if self.ask_at[entry.id] > now:
            return (self.ask_at[entry.id] - now).total_seconds()
        self.ask_at[entry.id] = now + min(max((now - entry.received_on) / 2, first), ASKED_LAST)
        lost: ImapError | None = None
        try:
            found = await self._beating(fetch_alone(client, entry.uid))
        except ImapError as error:
            lost, found = error, Fetched(entry.uid, entry.raw_size, refusal=not_delivered(str(error)))
        house = await self.intake.placing.house_rules(self.mailbox)
        with suppress(NotHeld):  # an operator was quicker
            after, news = await self._beating(self.intake.quarantine.decide_delivered(entry, found, house, now))
            await self._tell(news)
            if after.raw_sha256:
                await self._beating(self.tidying.tidy(tidier, [entry.uid]))
        if lost is not None:
            raise lost
        return 0.0

    async def _beating(self, answer: Coroutine[Any, Any, T]) -> T:
        """Heartbeats during a call that may take minutes, or on a busy machine longer than the heartbeats' limit: else
        the next attempt would end at the same place. It cannot hang: client and parser bound each of them."""
        task = asyncio.create_task(answer)
        try:
            self._beat()
            while not task.done():
                await asyncio.wait({task}, timeout=self.watch.slice)
                self._beat()
            return task.result()
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
