"""What becomes of a mail on its server once it is committed: flagged, moved or left, as the mailbox's policy says."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import structlog

from engine.failpoints import failpoint
from mail.imap.client import ImapClient, ImapError, ImapRefused, Selected
from mail.reply_codes import in_codes
from models.messages.reference import AfterIntake, ImapServer
from models.records.reference import Mailbox
from storage.engines import Database
from storage.repositories import mails

FLAG_KEYWORD = "$Caseloom"
"""Marks a message as taken in; `\\Flagged` does where the server keeps no keywords. Never `\\Seen`: people open mail."""

BATCH = 50
"""Messages per command."""
TIDIED_FIRST, TIDIED_LAST = timedelta(seconds=30), timedelta(hours=1)
"""Pauses between tries on a server that breaks off over it."""

log = structlog.get_logger(__name__)


class Tidier:
    """Of one connection with its folder selected. `flag` marks what is taken in; `trouble`: why the server does not do
    as the policy says."""

    def __init__(
        self, database: Database, mailbox: Mailbox, client: ImapClient, server: ImapServer, folder: Selected
    ) -> None:
        self._database, self._mailbox, self._client, self._server = database, mailbox, client, server
        self._uidvalidity = folder.uidvalidity
        self.flag = FLAG_KEYWORD if folder.keywords else "\\Flagged"
        self.trouble: str | None = None

    async def tidy(self, uids: Sequence[int]) -> None:
        """For mails that are committed; then the log notes that it is done.

        A server that refuses keeps nobody's mail waiting: the operator is told, and the next connection tries again.
        """
        if not uids:
            return
        try:
            if self._server.after is not AfterIntake.LEAVE:
                await self._client.add_flag(uids, self.flag)
                failpoint("intake.marked")
            if self._server.after is AfterIntake.MOVE:
                await self._move(uids)
        except ImapRefused as error:
            self._fails(str(error), in_codes(error))
            return
        async with self._database.write() as session:
            await mails.mark_flagged(session, self._mailbox.id, self._uidvalidity, uids)
        failpoint("intake.flagged")

    async def _move(self, uids: Sequence[int]) -> None:
        """Flagged before, so that a mail that cannot be moved shows that it was taken in. What is gone is passed over."""
        if not self._client.moves:
            self._fails("the server offers neither MOVE nor UIDPLUS: mail is flagged and stays where it is", "no MOVE")
            return
        async with self._database.read() as session:
            kept = await mails.unfetched_uids(session, self._mailbox.id, self._uidvalidity, uids)
        # A cut of power that took back the cursor would find these in the folder no more.
        await self._database.harden()
        await self._client.move([uid for uid in uids if uid not in kept], self._server.move_to)
        failpoint("intake.moved")

    def _fails(self, why: str, logged: str) -> None:
        if self.trouble != why:
            log.warning("mail is not tidied away", mailbox=self._mailbox.slug, error=logged)
            self.trouble = why


class LostOverTidying(ImapError):
    """The connection is lost, and it was not reading that it was lost over."""


class Tidying:
    """Of one reader, over its connections: where a server breaks off over it twice, new mail is read first for a while."""

    def __init__(self) -> None:
        self._lost: list[str] = []
        self._at = datetime.min.replace(tzinfo=UTC)

    async def tidy_all(self, tidier: Tidier, uids: Sequence[int]) -> None:
        """As far as the server does it: what it refuses of one batch it refuses of the others."""
        for start in range(0, len(uids), BATCH):
            await self.tidy(tidier, uids[start : start + BATCH])
            if tidier.trouble is not None:
                return

    async def tidy(self, tidier: Tidier, uids: Sequence[int]) -> None:
        """For mails that are committed. Raises LostOverTidying."""
        if not uids:
            return
        if datetime.now(UTC) < self._at:
            tidier.trouble = self._lost[-1]
            return
        try:
            await tidier.tidy(uids)
        except ImapError as error:
            self._lost.append(str(error))
            if len(self._lost) > 1:
                pause = min(TIDIED_FIRST * 2 ** min(len(self._lost) - 2, 10), TIDIED_LAST)
                self._at = datetime.now(UTC) + pause
            raise LostOverTidying(str(error)) from error
        self._lost.clear()
