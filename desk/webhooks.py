"""Notices to other programs as operators see them, the newest first."""

from __future__ import annotations

from urllib.parse import urlsplit
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from desk.errors import Conflict, NotFound
from desk.reference.records import Edit
from letters.webhook_signing import WebhookSigner
from models.messages.mailflow import DeliveryKind
from models.messages.said import said, word
from models.messages.webhooks import WebhookSecret, WebhookState, WebhookView
from models.records.cases import Case
from models.records.commands import Delivery
from models.records.webhooks import Webhook
from storage.secrets import Keyring


async def webhooks(
    session: AsyncSession, state: WebhookState | None, number: str | None, cursor: UUID | None, limit: int
) -> list[WebhookView]:
    """`cursor` is the id of the last one of the page before."""
    found = select(Webhook, Case.number).join(Case, Case.id == Webhook.case_id).order_by(Webhook.id.desc())
    if state is not None:
        found = found.where(Webhook.state == state.value)
    if number is not None:
        found = found.where(Case.number == number)
    if cursor is not None:
        found = found.where(Webhook.id < cursor)
    return [_view(row, case) for row, case in (await session.execute(found.limit(limit))).all()]


async def retry(edit: Edit, id: UUID) -> WebhookView:
    """One that has failed for good is sent again, as often as a new one; the case is told of this end as well.

    `Conflict` `webhook-not-failed` for one that has not failed, or of whose failure its case has not heard yet.
    """
    session = edit.session
    found = select(Webhook, Case.number).join(Case, Case.id == Webhook.case_id).where(Webhook.id == id)
    row, number = (await session.execute(found.with_for_update(of=Webhook))).one_or_none() or (None, "")
    if row is None:
        raise NotFound("webhook", id)
    told = select(Delivery).where(
        Delivery.case_id == row.case_id, Delivery.kind == DeliveryKind.WEBHOOK, Delivery.subject_id == id
    )
    delivery = await session.scalar(told)
    if row.state != WebhookState.FAILED or (delivery is not None and not delivery.done):
        raise Conflict(
            "webhook-not-failed",
            said("the webhook is {state}, and is not sent again; look again in a moment", state=word(row.state)),
        )
    if delivery is not None:
        await session.delete(delivery)  # so that the end that follows is one more
    edit.audit("webhook", str(id), "retry", {"state": [row.state, WebhookState.QUEUED.value]})
    row.state, row.attempts, row.not_before, row.ended_on = WebhookState.QUEUED.value, 0, edit.now, None
    await edit.flush("webhook")
    return _view(row, number)


def secret_of(keyring: Keyring, host: str) -> WebhookSecret:
    signer = WebhookSigner(keyring.current, keyring.keys)
    return WebhookSecret(host=host.lower(), secret=signer.secret(host))


def _view(row: Webhook, number: str) -> WebhookView:
    return WebhookView(
        id=row.id,
        case=number,
        host=urlsplit(row.url).hostname or "",
        type=row.body["type"],
        state=WebhookState(row.state),
        attempts=row.attempts,
        not_before=row.not_before,
        answer=row.answer,
        last_error=row.last_error,
        made_on=row.made_on,
        ended_on=row.ended_on,
    )
