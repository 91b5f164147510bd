"""Taking mail in: one IMAP connection per mailbox, held by one heartbeating activity (design, "A mail's way", 1 and 2).

What is committed is flagged or moved on the server afterwards, and told to its case afterwards; a death between any two
steps repeats harmlessly, because the ledger, the message and the delivery each have their unique key.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Coroutine, Iterable, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import structlog
from sqlalchemy.exc import IntegrityError

from engine.dispatch import CaseDispatcher, ToTell
from engine.failpoints import failpoint
from engine.watching import SIX_HOURS, Watch
from letters.accounts import MailboxUnusable, imap_account, imap_server, keep_renewed_secret
from mail.imap.aioimaplib_client import connect as connect_imap
from mail.imap.client import Connect, ImapAuthFailed, ImapClient, ImapError, ImapRefused
from mail.tokens import ReplyTokens
from mailroom.arrival import Arrived, HeldUnread, read_mail
from mailroom.correlating import Correlating
from mailroom.placing import Placing
from mailroom.verdict import Fenced, HouseRules
from models.messages.mailflow import HoldReason, MailboxJob
from models.messages.reference import AfterIntake
from models.records.reference import Mailbox
from storage.definitions import Definitions
from storage.engines import Database
from storage.errors import is_away
from storage.files import FileStore
from storage.repositories import mails
from storage.secrets import Keyring, KeyringError

BATCH = 50
"""Messages per round: fetched, taken in one by one, flagged together."""
BATCH_BYTES = 16 * 1024 * 1024
"""What a fetch may hold in memory, unless a single message is larger."""
LARGEST_MAIL = 50 * 1024 * 1024
LARGEST_FETCH = 63 * 1024 * 1024
"""Above this the IMAP client would cut the connection; such a mail stays on the server, and the ledger says so."""
FLAG_KEYWORD = "$Caseloom"
"""Marks a message as taken in; `\\Flagged` does where the server keeps no keywords. Never `\\Seen`: people open mail."""
DISPATCHES = 24
DISPATCHES_WAITING = 200
TRIES = 3
"""Of a transaction that met another one's unique key: the second time it sees what the other wrote."""
RECONNECT_FIRST, RECONNECT_LAST = 1.0, 60.0
SUCCESS_EVERY = timedelta(seconds=15)
"""How often a mailbox's `last_success` and backlog are renewed."""

T = TypeVar("T")

log = structlog.get_logger(__name__)


class MailIntake:
    """Takes in the mail of mailboxes.

    Args:
        trusted_servers: authserv-ids whose Authentication-Results are believed (email promise 11).
        connect: opens an IMAP connection.
        largest_mail: bytes; a larger one is held.
        longest: after which the activity returns by itself.
    """

    def __init__(
        self,
        database: Database,
        definitions: Definitions,
        files: FileStore,
        dispatcher: CaseDispatcher,
        tokens: ReplyTokens,
        keyring: Keyring,
        *,
        trusted_servers: Iterable[str] = (),
        connect: Connect = connect_imap,
        largest_mail: int = LARGEST_MAIL,
        longest: timedelta = SIX_HOURS,
    ) -> None:
        self.database, self.files, self.dispatcher, self.keyring = database, files, dispatcher, keyring
        self.connect, self.largest_mail, self.longest = connect, largest_mail, longest
        self.placing = Placing(database, definitions, Correlating(tokens, trusted_servers))

    async def watch(self, job: MailboxJob, watch: Watch) -> bool:
        """Until the hours are over or another reader took the mailbox (True), or it is gone or inactive (False)."""
        async with self.database.write() as session:
            mailbox = await mails.take_epoch(session, job.mailbox_id)
        if mailbox is None or not mailbox.active:
            return False
        async with _telling(self.dispatcher) as teller:
            return await _MailboxReader(self, mailbox, watch, teller).run()


class _Teller:
    """Tells cases of their deliveries beside the intake, a bounded number at once; what fails is left to the sweep."""

    def __init__(self, dispatcher: CaseDispatcher) -> None:
        self.dispatcher = dispatcher
        self.limit = asyncio.Semaphore(DISPATCHES)
        self.tasks: set[asyncio.Task[None]] = set()

    async def tell(self, news: ToTell) -> None:
        if len(self.tasks) >= DISPATCHES_WAITING:
            await asyncio.wait(self.tasks, return_when=asyncio.FIRST_COMPLETED)
        task = asyncio.create_task(self._dispatch(news))
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def _dispatch(self, news: ToTell) -> None:
        async with self.limit:
            if await self.dispatcher.tell(news):
                failpoint("intake.dispatched")


@asynccontextmanager
async def _telling(dispatcher: CaseDispatcher) -> AsyncIterator[_Teller]:
    teller = _Teller(dispatcher)
    try:
        yield teller
    finally:
        if teller.tasks:
            await asyncio.gather(*teller.tasks)


class _MailboxReader:
    """One attempt's work: it owns the mailbox's cursor as long as nobody took a later epoch."""

    def __init__(self, intake: MailIntake, mailbox: Mailbox, watch: Watch, teller: _Teller) -> None:
        self.intake, self.mailbox, self.watch, self.teller = intake, mailbox, watch, teller
        self.database, self.epoch = intake.database, mailbox.intake_epoch
        self.uidvalidity = self.cursor = 0
        self.flag = FLAG_KEYWORD
        self.after, self.move_to = AfterIntake.FLAG, ""
        self.untidied: str | None = None
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
                async with self.intake.connect(imap_account(self.mailbox, self.intake.keyring)) as client:
                    await keep_renewed_secret(self.database, self.mailbox, self.intake.keyring)
                    await self._read(client)
            except Fenced:
                return True
            except (ImapError, MailboxUnusable, KeyringError) as error:
                await self._server_is_away(error)
        return True

    def _beat(self) -> None:
        self.watch.beat(self.epoch, self.uidvalidity, self.cursor)

    async def _server_is_away(self, error: Exception) -> None:
        self.failures, self.noted = self.failures + 1, None
        log.warning("mailbox cannot be read", mailbox=self.mailbox.slug, error=str(error))
        async with self.database.write() as session:
            refused = isinstance(error, ImapAuthFailed)
            await mails.note_trouble(session, self.mailbox.id, self.epoch, str(error), login_refused=refused)
        wait = min(RECONNECT_FIRST * 2 ** min(self.failures - 1, 10), RECONNECT_LAST)
        # Jitter, so that many mailboxes of one server do not come back in step.
        await self.watch.pause(wait * random.uniform(0.5, 1.0), self.epoch, self.uidvalidity, self.cursor)  # noqa: S311

    async def _read(self, client: ImapClient) -> None:
        """What was left untidied first; then sweep, always before waiting: IDLE only says that something happened."""
        server = imap_server(self.mailbox)
        self.after, self.move_to, self.untidied = server.after, server.move_to, None
        folder = await client.select(server.folder, read_only=self.after is AfterIntake.LEAVE)
        self.flag = FLAG_KEYWORD if folder.keywords else "\\Flagged"
        self.uidvalidity = folder.uidvalidity
        async with self.database.write() as session:
            cursor = await mails.begin_folder(session, self.mailbox.id, self.epoch, folder.uidvalidity)
            untidied = await mails.unflagged_uids(session, self.mailbox.id, folder.uidvalidity)
        if cursor is None:
            raise Fenced
        self.cursor = cursor
        for start in range(0, len(untidied), BATCH):
            self._beat()
            await self._tidy(client, untidied[start : start + BATCH])
        while not self.watch.over:
            self._beat()
            uids = await client.search_after(self.cursor)
            for start in range(0, len(uids), BATCH):
                # Fewer are taken in before anybody could read of them.
                if len(uids) > BATCH and not await self._note_success(client, uids[start:]):
                    return
                await self._take_in(client, uids[start : start + BATCH])
            self.failures = 0
            if not await self._note_success(client, ()):
                return
            if not uids:
                await self.watch.wait(client.idle_wait(self.watch.slice), None)

    async def _note_success(self, client: ImapClient, left: Sequence[int]) -> bool:
        """`left`: what lies past the cursor. That the last of it is taken in is told at once.

        False if the mailbox has other settings by now, or is switched off: seen here, no mail costs a look of its own.
        """
        now = datetime.now(UTC)
        if self.noted is None or now - self.noted >= SUCCESS_EVERY or (self.behind and not left):
            oldest = await client.internal_date(left[0]) if left else None
            self.noted, self.behind = now, bool(left)
            async with self.database.write() as session:
                version = await mails.note_success(
                    session, self.mailbox.id, self.epoch, now, len(left), oldest, untidied=self.untidied
                )
            return version == self.mailbox.version
        return True

    # ---- one batch ---------------------------------------------------------------------------------------------------

    async def _take_in(self, client: ImapClient, uids: Sequence[int]) -> None:
        failpoint("intake.found")
        house = await self.intake.placing.house_rules(self.mailbox)
        sizes = await client.fetch_sizes(uids)
        for part in _parts([uid for uid in uids if uid in sizes], sizes):
            for arrived in await self._fetch(client, part, sizes, house):
                self._beat()
                await self._commit(arrived, house)
                self.cursor = arrived.uid
                failpoint("intake.committed")
            await self._tidy(client, part)
        # What vanished from the server before it was fetched is nobody's mail; it must not be asked for again.
        self.cursor = uids[-1]

    async def _fetch(
        self, client: ImapClient, uids: Sequence[int], sizes: dict[int, int], house: HouseRules
    ) -> list[Arrived]:
        """The mails with their bytes in the file store, ascending; those that are gone from the server left out."""
        raw = await self._beating(client.fetch_many([uid for uid in uids if sizes[uid] <= LARGEST_FETCH]))
        failpoint("intake.fetched")
        found = await asyncio.gather(
            *(
                read_mail(uid, raw[uid], self.intake.files, house.own_addresses, self.intake.largest_mail)
                for uid in uids
                if uid in raw
            )
        )
        failpoint("intake.stored")
        unfetched = [
            Arrived(
                uid, "", sizes[uid], refusal=HeldUnread(HoldReason.TOO_LARGE, f"{sizes[uid]} bytes, left on the server")
            )
            for uid in uids
            if sizes[uid] > LARGEST_FETCH
        ]
        return sorted([*found, *unfetched], key=lambda arrived: arrived.uid)

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
        if news is not None:
            for each in news.all:
                await self.teller.tell(each)

    async def _tried(self, arrived: Arrived, house: HouseRules, now: datetime) -> ToTell | None:
        for _ in range(TRIES - 1):
            with suppress(IntegrityError):
                return await self.intake.placing.take_in(arrived, house, self.epoch, self.uidvalidity, now)
        return await self.intake.placing.take_in(arrived, house, self.epoch, self.uidvalidity, now)

    # ---- afterwards, on the server -----------------------------------------------------------------------------------

    async def _tidy(self, client: ImapClient, uids: Sequence[int]) -> None:
        """What the mailbox's policy says of mail that is committed; then the ledger notes that it is done.

        A server that refuses keeps nobody's mail waiting: the operator is told, and the next connection tries again.
        """
        if not uids:
            return
        try:
            if self.after is not AfterIntake.LEAVE:
                await client.add_flag(uids, self.flag)
                failpoint("intake.marked")
            if self.after is AfterIntake.MOVE:
                await self._move(client, uids)
        except ImapRefused as error:
            self._cannot_tidy(str(error))
            return
        async with self.database.write() as session:
            await mails.mark_flagged(session, self.mailbox.id, self.uidvalidity, uids)
        failpoint("intake.flagged")

    async def _move(self, client: ImapClient, uids: Sequence[int]) -> None:
        """Flagged before, so that a mail that cannot be moved shows that it was taken in. What is gone is passed over."""
        if not client.moves:
            self._cannot_tidy("the server offers neither MOVE nor UIDPLUS: mail is flagged and stays where it is")
            return
        async with self.database.read() as session:
            kept = await mails.unfetched_uids(session, self.mailbox.id, self.uidvalidity, uids)
        # A cut of power that took back the cursor would find these in the folder no more.
        await self.database.harden()
        await client.move([uid for uid in uids if uid not in kept], self.move_to)
        failpoint("intake.moved")

    def _cannot_tidy(self, why: str) -> None:
        if self.untidied != why:
            log.warning("mail is not tidied away", mailbox=self.mailbox.slug, error=why)
            self.untidied, self.noted = why, None

    async def _beating(self, answer: Coroutine[Any, Any, T]) -> T:
        """Heartbeats during a call that may take minutes. It cannot hang: the client bounds each of them."""
        task = asyncio.create_task(answer)
        try:
            while not task.done():
                await asyncio.wait({task}, timeout=self.watch.slice)
                self._beat()
            return task.result()
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


def _parts(uids: Sequence[int], sizes: dict[int, int]) -> list[list[int]]:
    """The UIDs in runs whose messages together stay below `BATCH_BYTES`, or are a single one."""
    parts: list[list[int]] = []
    filled = 0
    for uid in uids:
        if not parts or filled + sizes[uid] > BATCH_BYTES:
            parts.append([])
            filled = 0
        parts[-1].append(uid)
        filled += sizes[uid]
    return parts


__all__ = ["MailIntake"]
