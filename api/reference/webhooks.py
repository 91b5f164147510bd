"""For operators: what other programs were told, and with which secret they verify it."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query

from api.auth import only
from api.bodies import Router
from api.dependencies import HouseDep
from api.problems import responses
from api.reference.common import ADMINISTRATORS, MANAGERS, VERB, Cursor, Edits, Limit, Page, page
from desk import webhooks
from models.messages.base import CASE_NUMBER
from models.messages.webhooks import WebhookSecret, WebhookState, WebhookView

router = Router(prefix="/webhooks", tags=["operators"], dependencies=only(*MANAGERS))

Host = Annotated[str, Query(pattern=r"^[A-Za-z0-9.:_-]{1,253}$", description="The host of the receiver's address.")]


@router.get(
    "",
    operation_id="list_webhooks",
    response_model=Page[WebhookView],
    responses=responses(401, 403, 422),
    summary="What other programs were told, the newest first",
)
async def list_webhooks(
    house: HouseDep,
    state: WebhookState | None = None,
    case: Annotated[str | None, Query(pattern=CASE_NUMBER, description="The number of a case.")] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Any:
    async with house.database.read() as session:
        found = await webhooks.webhooks(session, state, case, cursor, limit + 1)
    shown = [view.model_dump() for view in found[:limit]]
    return page(shown, found[limit - 1].id if len(found) > limit else None)


@router.get(
    "/secret",
    operation_id="read_webhook_secret",
    response_model=WebhookSecret,
    responses=responses(401, 403, 422),
    summary="The secret that the receiver at a host verifies with",
    dependencies=only(*ADMINISTRATORS),
)
async def read_webhook_secret(house: HouseDep, host: Host) -> Any:
    """It is made from the house's keys, and stays the same until those are changed."""
    return webhooks.secret_of(house.keyring, host)


@router.post(
    "/{id}/retry",
    operation_id="retry_webhook",
    response_model=WebhookView,
    responses=VERB,
    summary="Send one again that has failed for good",
)
async def retry_webhook(id: UUID, edits: Edits) -> Any:
    async with edits.edit() as edit:
        view = await webhooks.retry(edit, id)
        return edits.answered(view.model_dump(), {})
