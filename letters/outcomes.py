"""What became of letters that were claimed, written down: sent, to be tried again, or failed for good (email promise 12)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from engine.dispatch import CaseDispatcher, ToTell
from engine.failpoints import failpoint
from letters.addresses import addresses_of
from mail.answers import Step
from mail.dead import answered_dead
from mail.smtp import Answer, SendKind, SendOutcome
from models.messages.addresses import canonical_address
from models.messages.mailflow import DeliveryKind
from models.messages.suppressions import SuppressionReason
from models.records.reference import Mailbox
from storage.engines import Database
from storage.repositories import outbox as rows
from storage.repositories.suppressions import suppress

FIRST_RETRY = timedelta(seconds=30)
LAST_RETRY = timedelta(hours=1)
MOST_ATTEMPTS = 20
"""About 16 hours; then a transient refusal counts as final, visibly on the case."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Sent:
    """What became of one claimed mail."""

    row: rows.Claimed
    outcome: SendOutcome
    waits: bool = False
    """It was not the letter that was refused, but we."""


class Outcomes:
    """Of one owner of the outbox. `first_retry`: the pause after a letter's first transient refusal, doubled by each more."""

    def __init__(self, database: Database, dispatcher: CaseDispatcher, epoch: int, first_retry: timedelta) -> None:
        self.database, self.dispatcher, self.epoch, self.first_retry = database, dispatcher, epoch, first_retry

    async def write(self, mailbox: Mailbox, sent: list[Sent]) -> int:
        """How many were accepted. The cases of those that failed for good are told afterwards."""
        now = datetime.now(UTC)
        async with self.database.write() as session:
            accepted = [each.row.id for each in sent if each.outcome.kind is SendKind.ACCEPTED]
            await rows.mark_sent(session, accepted, self.epoch, now)
            refused = [await self._refused(session, mailbox, each, now) for each in sent if each.row.id not in accepted]
            failpoint("outbox.written")
        failpoint("outbox.committed")
        for failed in refused:
            if failed is not None:
                await self.dispatcher.tell(failed)
        return len(accepted)

    async def _refused(self, session: AsyncSession, mailbox: Mailbox, sent: Sent, now: datetime) -> ToTell | None:
        """A mail that a recipient did not get: to be tried again by those that may take it, final for the others."""
        row, outcome = sent.row, sent.outcome
        answer = outcome.answer
        words = _words(answer)
        again = outcome.those(SendKind.TRANSIENT) if row.attempts < MOST_ATTEMPTS or sent.waits else []
        if sent.waits:
            again = [address for address, said in outcome.recipients.items() if said.waits or address in again]
            ours = await rows.mark_waiting(session, row.id, self.epoch, again, words)
        elif again:
            ours = await rows.mark_again(session, row.id, self.epoch, again, now + self.backoff(row.attempts), words)
        else:
            withheld = bool(row.suppressed) and row.suppressed.issuperset(row.envelope_to)
            ours = await rows.mark_failed(session, row.id, self.epoch, words, suppressed=withheld)
        for address in outcome.those(SendKind.PERMANENT):
            said = outcome.recipients[address]
            dead = answered_dead(said.code, said.text, of=canonical_address(address), ours=addresses_of(mailbox))
            if said.step is Step.RCPT and dead:
                detail = f"{said.code} {said.text}"
                await suppress(session, address, SuppressionReason.REFUSED, detail, now, outbox_id=row.id)
        final = len(again) < len(outcome.recipients) - len(outcome.those(SendKind.ACCEPTED))
        if not (ours and final):
            return None
        log.warning("mail was refused", mailbox=mailbox.slug, outbox=str(row.id), code=answer.code)
        if row.case_id is None:
            return None
        made = await rows.add_delivery(session, row.case_id, DeliveryKind.SEND_FAILED, row.message.id)
        return (
            None if made is None else ToTell(row.case_id, made.number, made.origin, made.id, DeliveryKind.SEND_FAILED)
        )

    def backoff(self, attempts: int) -> timedelta:
        doubled: int = 2 ** min(attempts - 1, 16)
        return min(self.first_retry * doubled, LAST_RETRY)


def _words(answer: Answer) -> str:
    return f"{answer.code} {answer.text}" if answer.code else answer.text or "no answer"
