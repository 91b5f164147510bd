"""Notices to other programs as operators see them, the newest first."""

from __future__ import annotations

from urllib.parse import urlsplit
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from letters.webhook_signing import WebhookSigner
from models.messages.webhooks import WebhookSecret, WebhookState, WebhookView
from models.records.cases import Case
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
