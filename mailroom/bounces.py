"""Bounces: a report changes the delivery state of the letter that it names, and opens no case (email promise 8)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from mail.bounces import FailedRecipient, bounce, written_by_server
from mail.keys import message_id_hash
from mail.message import ParsedMail
from mail.reporters import on_the_way
from models.messages.addresses import canonical_address, domain_of
from models.messages.mailflow import DeliveryKind, OutboxState
from models.messages.suppressions import SuppressionReason
from models.records.mails import EmailMessage, Outbox
from storage.repositories.outbox import NewDelivery, add_delivery
from storage.repositories.suppressions import suppress

BOUNCE = "bounce"
"""The reason that a report is filed for."""
NEVER_LEFT = (OutboxState.UNDONE, OutboxState.SUPPRESSED)
ARRIVED = ("delivered", "relayed", "expanded")


@dataclass(frozen=True)
class Bounced:
    """Which letter of ours a report speaks of, and what its case must hear, unless nothing failed or it is known."""

    letter: EmailMessage
    explanation: str
    delivery: NewDelivery | None


async def take_bounce(
    session: AsyncSession,
    mail: ParsedMail,
    now: datetime,
    *,
    proven: bool = True,
    judged: bool = True,
    ours: Collection[str] = (),
    hosts: Collection[str] = (),
) -> Bounced | None:
    """Mark the letter as bounced, and suppress dead addresses; None if the mail is no report about a letter of ours.

    A delay is noted; that, and the news that a letter arrived, change nothing else. The report must name the letter's
    Message-ID, which only those know who got the letter, and one of its recipients: anybody can write a report. `proven`:
    no receiving server of ours found its sender to be forged; `judged`: there is one that would have. Where there is none, a
    report is believed only of a letter that nobody else can know (`_known_to_others`). `ours`: our own addresses; `hosts`:
    the servers that our mail goes through, whose reports are believed. What is not proven is told to the case as such.
    `now`: wall time.
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
    addressed = {canonical_address(address) for addresses in letter.recipients.values() for address in addresses}
    concerned = [each for each in report.recipients if not addressed.isdisjoint((each.address, each.final))]
    if not concerned:
        return None
    failed = [each for each in concerned if each.outcome == "failed"]
    first = (failed or concerned)[0]
    believed = {domain_of(address) for address in ours} | set(hosts)
    dead = [each for each in failed if proven and is_proof(mail, each, addressed, ours, believed)]
    if dead and not judged and await _known_to_others(session, letter, dead, ours):
        dead = []
    kind = _kind(first, proven=first in dead)
    words = " ".join(filter(None, (kind, first.outcome, first.status, first.diagnostic)))
    delivery = None
    if outbox.state in NEVER_LEFT:
        pass
    elif failed:
        await _bounced(session, outbox, dead, words, now)
        if letter.case_id is not None:
            delivery = await add_delivery(session, letter.case_id, DeliveryKind.SEND_FAILED, letter.id)
    elif outbox.bounced_on is None and first.outcome not in ARRIVED:
        outbox.last_error = words[:500]
    return Bounced(letter, f"report about a letter of ours: {words}"[:500], delivery)


async def _known_to_others(
    session: AsyncSession, letter: EmailMessage, dead: Sequence[FailedRecipient], ours: Collection[str]
) -> bool:
    """Whether anybody beside the one recipient got a mail of the letter's case, by us or by somebody who answered us: they have
    seen the letter's Message-ID, and can write a report in the name of that recipient's own server."""
    mails = [letter.recipients]
    if letter.case_id is not None:
        mails += await session.scalars(select(EmailMessage.recipients).where(EmailMessage.case_id == letter.case_id))
    got = {
        canonical_address(each)
        for recipients in mails
        for addresses in (recipients or {}).values()
        for each in addresses
    }
    return bool(got - {each.address for each in dead[:1]} - {canonical_address(each) for each in ours})


def is_proof(
    mail: ParsedMail,
    failed: FailedRecipient,
    addressed: Collection[str],
    ours: Collection[str],
    believed: Collection[str],
) -> bool:
    """Whether the report shows that one of `addressed` is dead, so that nothing more should be sent to it.

    A mail server must have written it, which shows by the null return path. And the server must be on the way to that
    recipient (`mail.reporters`; `believed` are domains of ours and of our servers): that of another recipient of the letter
    is not, though it knows the letter's Message-ID. Where the mail went on to somebody else, that other address is dead,
    and not the one that we wrote to.
    """
    named = failed.final is None and failed.address in addressed and failed.address not in ours
    if not (named and failed.dead(ours) and written_by_server(mail)):
        return False
    reporter = domain_of(mail.from_.address) if mail.from_ is not None else ""
    others = {domain_of(address) for address in addressed} - {domain_of(failed.address)}
    if any(reporter == other or reporter.endswith(f".{other}") for other in others):
        return False
    return on_the_way(reporter, domain_of(failed.address), believed)


def _kind(recipient: FailedRecipient, *, proven: bool) -> str | None:
    if recipient.outcome in ARRIVED:
        return None
    if recipient.hard:
        return "hard" if proven else "hard, unproven:"
    return "soft"


async def _bounced(
    session: AsyncSession, outbox: Outbox, dead: list[FailedRecipient], words: str, now: datetime
) -> None:
    if outbox.bounced_on is None:
        outbox.bounced_on, outbox.last_error = now, f"bounced: {words}"[:500]
    if outbox.state not in (OutboxState.QUEUED, OutboxState.SENDING):
        # Else it is on its way to other recipients: it becomes bounced when it has reached them.
        outbox.state = OutboxState.BOUNCED
    await session.flush()
    for each in dead:
        said = " ".join(filter(None, (each.status, each.diagnostic)))
        await suppress(session, each.address, SuppressionReason.BOUNCED, said, now, outbox_id=outbox.id)
