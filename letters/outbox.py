"""Draining a mailbox's outbox: claimed, sent, committed; never lost, at most one visible duplicate (email promise 12)."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from functools import partial
from uuid import UUID

import structlog
from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from engine.dispatch import CaseDispatcher
from engine.failpoints import failpoint
from engine.watching import SIX_HOURS, Watch
from letters.accounts import MailboxUnusable, smtp_account
from letters.links import LinkSigner
from letters.outcomes import FIRST_RETRY, MOST_ATTEMPTS, Outcomes, Sent
from letters.outgoing import compose_outgoing
from letters.refusals import RECONNECT_FIRST, Refusals, RefusedUs, pause_after, trouble
from mail.compose import HeaderRefused
from mail.reply_codes import in_codes
from mail.smtp import Answer, SendKind, SendOutcome, SmtpAuthFailed, SmtpSender, SmtpUnavailable
from models.messages.addresses import ascii_address
from models.messages.mailflow import MailboxJob
from models.records.reference import Mailbox
from storage.definitions import Definitions
from storage.engines import Database
from storage.files import FileDamaged, FileStore
from storage.repositories import outbox as rows
from storage.repositories.pacing import domains
from storage.secrets import Keyring, KeyringError

BATCH = 50
"""Mails claimed at once, and sent over one connection."""
COMMIT_AT = 10
"""Sent mails that may at most wait for the commit that says so: what a crash sends a second time."""
POLL = 0.25
"""Seconds between two looks at an empty outbox: a row that falls due by its `not_before` announces itself to nobody."""
SETTINGS_EVERY = 2.0
"""Seconds between two looks, during such a pause, whether somebody has mended the mailbox."""

LATELY = timedelta(hours=24)
"""So long ago a letter may have left for it to tell that the server takes ours."""

log = structlog.get_logger(__name__)


class OutboxSender:
    """Sends what the outbox of a mailbox holds. `longest` is when the activity returns by itself."""

    def __init__(
        self,
        database: Database,
        files: FileStore,
        dispatcher: CaseDispatcher,
        keyring: Keyring,
        *,
        definitions: Definitions | None = None,
        links: LinkSigner | None = None,
        first_retry: timedelta = FIRST_RETRY,
        first_pause: float = RECONNECT_FIRST,
        longest: timedelta = SIX_HOURS,
    ) -> None:
        self.definitions, self.links = definitions or Definitions(), links
        self.database, self.files, self.dispatcher, self.keyring = database, files, dispatcher, keyring
        self.first_retry, self.first_pause, self.longest = first_retry, first_pause, longest

    async def drain(self, job: MailboxJob, watch: Watch) -> bool:
        """Until the hours are over (True) or the mailbox is gone or inactive (False)."""
        async with self.database.write() as session:
            mailbox = await rows.take_epoch(session, job.mailbox_id)
        if mailbox is None or not mailbox.active:
            return False
        return await _Drain(self, mailbox, watch).run()


class _Drain:
    """One attempt's work: it owns the outbox as long as nobody took a later epoch."""

    def __init__(self, sender: OutboxSender, mailbox: Mailbox, watch: Watch) -> None:
        self.sender, self.mailbox, self.watch = sender, mailbox, watch
        self.database, self.epoch = sender.database, mailbox.outbox_epoch
        self.failures = 0
        self.in_trouble = (mailbox.last_error or "").startswith(rows.UNSENDABLE)
        self.refused = (mailbox.last_error or "").startswith(rows.REFUSED)
        self.refusals = Refusals()
        self.outcomes = Outcomes(self.database, sender.dispatcher, self.epoch, sender.first_retry)
        self.put_off: list[rows.Claimed] = []
        """Letters to one domain that were refused, while others may leave."""
        self.sent = 0
        self.pages: str | None = None
        """Where customers reach their pages."""

    async def run(self) -> bool:
        async with self.database.read() as session:
            lately = datetime.now(UTC) - LATELY
            self.refusals.leaves = not self.in_trouble and await rows.sent_since(session, self.mailbox.id, lately)
        while not self.watch.over:
            self.watch.beat(self.epoch, self.sent)
            async with self.database.read() as session:
                state = await rows.look(session, self.mailbox.id, self.epoch, datetime.now(UTC))
                if state is rows.Look.DUE:  # by the settings of now
                    version, self.mailbox = self.mailbox.version, await session.get_one(Mailbox, self.mailbox.id)
                    self.refusals.leaves &= version == self.mailbox.version
            if state is rows.Look.NOT_OURS:
                return True
            if state is rows.Look.INACTIVE:
                return False
            if state is rows.Look.EMPTY:
                await self.watch.wait(asyncio.sleep(POLL), None)
                continue
            try:
                await self._send_batches()
                if not self.refused:
                    await self._server_is_back()
            except (SmtpUnavailable, RefusedUs, MailboxUnusable, KeyringError) as error:
                await self._server_is_away(error)
        return True

    async def _server_is_away(self, error: Exception) -> None:
        self.failures += 1
        log.warning("mail cannot be handed in", mailbox=self.mailbox.slug, error=in_codes(error))
        self.in_trouble = True
        self.refused = isinstance(error, RefusedUs)
        if self.refused:
            self.refusals.leaves = False
        else:
            self.refusals.domains.clear()
        async with self.database.write() as session:
            refused = isinstance(error, RefusedUs | SmtpAuthFailed)
            await rows.note_trouble(session, self.mailbox.id, str(error), refused=refused)
        await self._pause(pause_after(self.failures, self.sender.first_pause, refused=refused))

    async def _pause(self, seconds: float) -> None:
        """Shorter if the mailbox is changed meanwhile."""
        loop = asyncio.get_running_loop()
        end = loop.time() + seconds
        while (left := end - loop.time()) > 0 and not self.watch.over:
            await self.watch.pause(min(left, SETTINGS_EVERY), self.epoch, self.sent)
            async with self.database.read() as session:
                if await rows.version(session, self.mailbox.id) != self.mailbox.version:
                    return
                if len(self.refusals.domains) == 1 and await self._elsewhere(session):
                    return

    async def _elsewhere(self, session: AsyncSession) -> UUID | None:
        """A letter to none of the domains that were refused."""
        now, refused = datetime.now(UTC), self.refusals.domains
        return await rows.due_elsewhere(session, self.mailbox.id, self.epoch, now, refused)

    async def _server_is_back(self) -> None:
        self.failures, self.refused = 0, False
        if self.in_trouble:
            async with self.database.write() as session:
                await rows.forget_trouble(session, self.mailbox.id)
            self.in_trouble = False

    async def _send_batches(self) -> None:
        """All that is due, over one connection a batch. It is opened before anything is claimed. After trouble, one letter
        has to show first that it is over."""
        while True:
            most = 1 if self.in_trouble else BATCH
            async with SmtpSender(smtp_account(self.mailbox, self.sender.keyring)) as connection:
                claimed = await self._claim(most)
                failpoint("outbox.claimed")
                accepted = self.refusals.accepted
                refusal = await self._send(connection, claimed)
                if self.refusals.accepted > accepted:
                    await self._server_is_back()
                if refusal is not None and not self.refusals.of_one_domain:
                    raise trouble(connection.where, refusal, self.mailbox.address)
                await self._try_later()
            if len(claimed) < most and not self.refusals.another_round():
                return

    async def _try_later(self) -> None:
        """Letters that were refused alone: each counts its attempts, and is tried again after a pause of its own."""
        letters, self.put_off = self.put_off, []
        now = datetime.now(UTC)
        if letters:
            async with self.database.write() as session:
                for each in letters:
                    await rows.put_off(session, each.id, now + self.outcomes.backoff(each.attempts))

    async def _claim(self, most: int) -> list[rows.Claimed]:
        async with self.database.write() as session:
            organisation = await self.sender.definitions.organisation(session)
            limit, self.pages = organisation.outgoing_per_domain_per_minute, organisation.pages.address
            now, after = datetime.now(UTC), self.refusals.after
            other = await self._elsewhere(session) if self.in_trouble and self.refusals.domains else None
            return await rows.claim(
                session, self.mailbox.id, self.epoch, now, most, per_domain=limit, after=after, only=other
            )

    async def _send(self, connection: SmtpSender, claimed: list[rows.Claimed]) -> Answer | None:
        """Sends one after the other, while what was sent before is committed: the slower of the two sets the pace.

        The answer at which it stopped because it refuses us; None if all had their turn. Where one domain alone may be meant,
        its letters are put off, and the others tell: once one of them is accepted, it was not us.
        """
        refusal: Answer | None = None
        doubt: Answer | None = None
        put_off: list[rows.Claimed] = []
        waiting: list[Sent] = []
        self.put_off = []
        commit: asyncio.Task[None] | None = None
        left = list(claimed)
        try:
            while left and refusal is None:
                self.watch.beat(self.epoch, self.sent)
                outcome = await self._send_one(connection, left[0])
                failpoint("outbox.sent")
                row, accepted = left.pop(0), self.refusals.accepted
                said = self.refusals.of_us(row.id, outcome)
                if self.refusals.of_one_domain and row.attempts >= MOST_ATTEMPTS:
                    said = None
                waiting.append(Sent(row, outcome, waits=said is not None))
                if said is not None and len(self.refusals.domains) == 1:
                    doubt, refused = said, self.refusals.domains
                    self.put_off.append(row)
                    put_off += [each for each in left if refused & domains(each.envelope_to)]
                    left = [each for each in left if not refused & domains(each.envelope_to)]
                elif said is not None:
                    refusal = said
                elif self.refusals.accepted > accepted:
                    doubt, self.put_off = None, []
                if commit is not None and (commit.done() or len(waiting) >= COMMIT_AT):
                    await commit
                    commit = None
                if commit is None:
                    commit, waiting = asyncio.create_task(self._commit(waiting)), []
        finally:
            # Also when the server went away or the worker leaves: what is known is written, the rest is free again.
            await asyncio.shield(self._finish(commit, waiting, [*left, *put_off]))
        return refusal or doubt

    async def _send_one(self, connection: SmtpSender, row: rows.Claimed) -> SendOutcome:
        """What became of each recipient; one that is suppressed counts as refused, and is not asked for."""
        withheld = {address: _withheld(address) for address in row.envelope_to if address in row.suppressed}
        recipients = [address for address in row.envelope_to if address not in withheld]
        if withheld and not recipients:
            return SendOutcome(recipients=withheld)
        try:
            raw = await compose_outgoing(
                row.message, row.attachments, self.mailbox, self.sender.files, partial(self._signed, row)
            )
        except (HeaderRefused, ValidationError, FileNotFoundError, FileDamaged) as error:
            # It will never be a mail; it must not stand in the way of the others.
            never = Answer(kind=SendKind.PERMANENT, text=f"cannot be composed: {type(error).__name__}")
            return SendOutcome(recipients=dict.fromkeys(recipients or ["nobody"], never) | withheld)
        # In ASCII where that says the same: few servers know SMTPUTF8 (RFC 6531).
        known_as = {ascii_address(address): address for address in recipients}
        outcome = await connection.send(raw, ascii_address(row.envelope_from), list(known_as))
        answers = {known_as[address]: answer for address, answer in outcome.recipients.items()}
        return SendOutcome(recipients=answers | withheld)

    def _signed(self, row: rows.Claimed, text: str) -> str:
        """A letter's text with links that open what they lead to: only now, on its way to its reader."""
        links = self.sender.links
        if links is None:
            return text
        if row.case_id is None:
            return links.signed_entry(text, row.key)
        return text if self.pages is None else links.signed(text, self.pages, row.case_id)

    async def _commit(self, sent: list[Sent]) -> None:
        self.sent += await self.outcomes.write(self.mailbox, sent)

    async def _finish(self, commit: asyncio.Task[None] | None, waiting: list[Sent], left: list[rows.Claimed]) -> None:
        if commit is not None:
            await commit
        if waiting:
            await self._commit(waiting)
        if left:
            async with self.database.write() as session:
                await rows.release(session, [row.id for row in left], self.epoch)


def _withheld(address: str) -> Answer:
    return Answer(kind=SendKind.PERMANENT, text=f"{address} is on the suppression list")
