"""What became of each mail of a mailbox, and why: the outcome log (domain 6.1), read from the rows of the intake."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from desk.reference.kinds import MAILBOXES
from models.messages.mailflow import DeliveryKind, MailVerdict
from models.records.cases import Case
from models.records.commands import Delivery
from models.records.mails import EmailMessage, InboundMail


async def mail_log(
    session: AsyncSession, mailbox: str, verdict: MailVerdict | None, before: UUID | None, limit: int
) -> tuple[list[dict[str, Any]], UUID | None]:
    """A page, the newest first, and the cursor of the next one if there is more. `NotFound` if there is no such mailbox.

    A mail that several mailboxes got, or that came twice, has a row for each time. The text of a mail is never shown.
    """
    row = await MAILBOXES.row(session, mailbox)
    wanted = (
        select(InboundMail, EmailMessage, Case.number)
        .outerjoin(EmailMessage, EmailMessage.id == InboundMail.message_id)
        .outerjoin(Case, Case.id == InboundMail.case_id)
        .where(InboundMail.mailbox_id == row.id)
        .order_by(InboundMail.id.desc())
        .limit(limit + 1)
    )
    if verdict is not None:
        wanted = wanted.where(InboundMail.verdict == verdict)
    if before is not None:
        wanted = wanted.where(InboundMail.id < before)
    found = list(await session.execute(wanted))
    outcomes = await _outcomes(session, [entry for entry, _, _ in found])
    items = [_shown(entry, message, number, outcomes) for entry, message, number in found[:limit]]
    return items, found[limit - 1][0].id if len(found) > limit else None


def _shown(
    entry: InboundMail, message: EmailMessage | None, number: str | None, outcomes: Mapping[UUID | None, str]
) -> dict[str, Any]:
    read: dict[str, Any] = dict.fromkeys(("message_id", "sender", "subject", "automatic"))
    if message is not None:
        read = {name: getattr(message, name) or None for name in read}
    return {
        "id": entry.id,
        "received_on": entry.received_on,
        "uid": entry.uid,
        "uidvalidity": entry.uidvalidity,
        "verdict": entry.verdict,
        "reason": entry.reason,
        "explanation": entry.explanation,
        "rule": entry.rule,
        "item": entry.item,
        "case": number,
        "outcome": outcomes.get(entry.message_id) if entry.verdict == MailVerdict.ATTACHED else None,
        "raw_size": entry.raw_size,
        **read,
    }


async def _outcomes(session: AsyncSession, entries: Sequence[InboundMail]) -> dict[UUID | None, str]:
    """What its case made of each message: attach, attach-only, reopen or new-case.

    The case that decided is the one of the mail's row; if the mail became a case of its own, it is the case that this one is
    linked to.
    """
    attached = [entry for entry in entries if entry.verdict == MailVerdict.ATTACHED]
    cases = {entry.case_id for entry in attached}
    if not cases:
        return {}
    linked = select(Case.linked_case_id).where(Case.id.in_(cases), Case.linked_case_id.is_not(None))
    rows = await session.execute(
        select(Delivery.subject_id, Delivery.outcome)
        .where(
            or_(Delivery.case_id.in_(cases), Delivery.case_id.in_(linked)),
            Delivery.kind == DeliveryKind.MAIL,
            Delivery.subject_id.in_({entry.message_id for entry in attached}),
            Delivery.outcome.is_not(None),
        )
        .order_by(Delivery.id)
    )
    return {row.subject_id: row.outcome for row in rows}
