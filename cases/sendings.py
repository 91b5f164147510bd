"""What became of what left the house: a letter that nobody got, a webhook that was answered, or will not be any more."""

from __future__ import annotations

from urllib.parse import urlsplit

from sqlalchemy import select

from cases.answers import LETTERS, one_answer_less
from cases.concerns import concern
from cases.unit import CaseUnit
from models.messages.notices import Concern
from models.records.commands import Delivery
from models.records.mails import Outbox
from models.records.webhooks import Webhook


async def webhook_ended(unit: CaseUnit, delivery: Delivery) -> None:
    """Another program has heard, or will not any more. Of its address only the host is told: the rest may be a secret."""
    row = await unit.session.get_one(Webhook, delivery.subject_id)
    delivery.outcome = row.state
    unit.tell(
        f"webhook/{delivery.id}",  # one that was sent again has a second end
        f"webhook-{row.state}",
        subject_id=row.id,
        host=urlsplit(row.url).hostname,
        attempts=row.attempts,
        answer=row.answer,
        text=row.last_error,
    )


async def send_failed(unit: CaseUnit, delivery: Delivery) -> None:
    """A letter was refused for good, or bounced. If it was the only answer, there was no first response after all."""
    letter = await unit.session.scalar(select(Outbox).where(Outbox.message_id == delivery.subject_id))
    delivery.outcome = "send-failed"
    unit.tell(
        f"send-failed/{delivery.subject_id}",
        "send-failed",
        subject_id=delivery.subject_id,
        letter=letter.kind if letter else None,
        state=letter.state if letter else None,
        text=letter.last_error if letter else None,
    )
    if letter is not None and letter.kind in LETTERS:
        await concern(unit, Concern.BOUNCE, f"bounce/{delivery.subject_id}")
        await one_answer_less(unit)
