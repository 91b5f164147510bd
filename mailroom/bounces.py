"""Bounces: a report changes the delivery state of the letter that it names, and opens no case (email promise 8)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from mail.bounces import FailedRecipient, bounce
from mail.keys import message_id_hash
from mail.message import ParsedMail
from models.messages.mailflow import DeliveryKind, OutboxState
from models.messages.suppressions import SuppressionReason
from models.records.mails import EmailMessage, Outbox
from storage.repositories.outbox import NewDelivery, add_delivery
from storage.repositories.suppressions import suppress

BOUNCE = "bounce"
"""The reason that a report is filed for."""
NEVER_LEFT = (OutboxState.UNDONE, OutboxState.SUPPRESSED)


@dataclass(frozen=True)
class Bounced:
    """Which letter of ours a report speaks of, and what its case must hear, unless it is only delayed or known."""

    letter: EmailMessage
    explanation: str
    delivery: NewDelivery | None


async def take_bounce(session: AsyncSession, mail: ParsedMail, now: datetime) -> Bounced | None:
    """Mark the letter as bounced, and suppress dead addresses; None if the mail is no report about a letter of ours.

    A delay is noted and changes nothing else. The report must name the letter's Message-ID and one of its recipients:
    anybody can write a report. `now`: wall time.
    """
    report = bounce(mail)
    if report is None or report.original_message_id is None:
        return None
    found = await session.execute(
        select(EmailMessage, Outbox)
        .join(Outbox, Outbox.message_id == EmailMessage.id)
        .where(
            EmailMessage.direction == "out",
            EmailMessage.message_id_hash == message_id_hash(report.original_message_id),
        )
        .with_for_update(of=Outbox)  # its sender may be at work on it
    )
    row = found.first()
    if row is None:
        return None
    letter, outbox = row
    addressed = {address.lower() for addresses in letter.recipients.values() for address in addresses}
    concerned = [each for each in report.recipients if each.address in addressed]
    if not concerned:
        return None
    failed = [each for each in concerned if each.outcome == "failed"]
    first = (failed or concerned)[0]
    words = " ".join(filter(None, ("hard" if first.hard else "soft", first.outcome, first.status, first.diagnostic)))
    delivery = None
    if outbox.state in NEVER_LEFT:
        pass
    elif failed:
        await _bounced(session, outbox, failed, words, now)
        if letter.case_id is not None:
            delivery = await add_delivery(session, letter.case_id, DeliveryKind.SEND_FAILED, letter.id)
    elif outbox.bounced_on is None:
        outbox.last_error = words[:500]
    return Bounced(letter, f"report about a letter of ours: {words}"[:500], delivery)


async def _bounced(
    session: AsyncSession, outbox: Outbox, failed: list[FailedRecipient], words: str, now: datetime
) -> None:
    if outbox.bounced_on is None:
        outbox.bounced_on, outbox.last_error = now, f"bounced: {words}"[:500]
    if outbox.state not in (OutboxState.QUEUED, OutboxState.SENDING):
        # Else it is on its way to other recipients: it becomes bounced when it has reached them.
        outbox.state = OutboxState.BOUNCED
    await session.flush()
    for each in failed:
        if each.hard:
            said = " ".join(filter(None, (each.status, each.diagnostic)))
            await suppress(session, each.address, SuppressionReason.BOUNCED, said, now, outbox_id=outbox.id)
