"""For operators and administrators: the mails that a mailbox holds, and the ways out of its quarantine."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Response

from api.auth import require_role
from api.bodies import Router
from api.dependencies import HouseDep, Now
from api.problems import responses
from api.reference.common import MANAGERS, VERB, Cursor, Key, Limit, Page, page
from api.reference.views import HeldMailView, MailDecisionView
from desk import quarantine
from desk.identity import Identity
from models.messages.mailflow import HoldReason

router = Router(prefix="/mailboxes/{key}/quarantine", tags=["operators"])

Operator = Annotated[Identity, Depends(require_role(*MANAGERS))]


@router.get(
    "",
    operation_id="list_quarantine",
    response_model=Page[HeldMailView],
    responses=responses(401, 403, 404, 422),
    summary="Mails that are held, the oldest first",
)
async def list_quarantine(
    key: Key,
    house: HouseDep,
    operator: Operator,
    reason: HoldReason | None = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Any:
    async with house.database.read() as session:
        items, following = await quarantine.held(session, key, cursor, limit, reason)
    return page(items, following)


@router.get(
    "/{entry}/raw",
    operation_id="download_held_mail",
    response_class=Response,
    responses={
        200: {"content": {"application/octet-stream": {}}, "description": "The bytes, to be saved and not shown"},
        **VERB,
    },
    summary="A held mail as it came",
)
async def raw(key: Key, entry: UUID, house: HouseDep, operator: Operator) -> Response:
    return Response(
        await quarantine.raw(house.database, house.files, key, entry),
        # A mail that no rule vouches for: never shown by the browser in our name.
        media_type="application/octet-stream",
        headers={
            "Content-Disposition": f'attachment; filename="{entry}.eml"',
            "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": "default-src 'none'; sandbox",
        },
    )


@router.post(
    "/{entry}/rerun",
    operation_id="rerun_held_mail",
    response_model=MailDecisionView,
    responses=VERB,
    summary="Decide about a held mail again, by the rules of today",
)
async def rerun(key: Key, entry: UUID, house: HouseDep, operator: Operator, now: Now) -> Any:
    """A mail that the rules still hold stays held, with their reason of today."""
    return await quarantine.rerun(house.database, house.quarantine, operator, key, entry, now)


@router.post(
    "/{entry}/release",
    operation_id="release_held_mail",
    response_model=MailDecisionView,
    responses=VERB,
    summary="Take a held mail in although a rule would hold it",
)
async def release(key: Key, entry: UUID, house: HouseDep, operator: Operator, now: Now) -> Any:
    """For a stranger, a customer without entitlement, a braked or unproven sender, no rule at all, or a mail that is
    larger than intake takes. A mail that cannot be read, is blank or has no sender stays held; one that was too large to
    be fetched is a 409 `not-fetched`, which names its UID on the mail server."""
    return await quarantine.rerun(house.database, house.quarantine, operator, key, entry, now, release=True)


@router.post(
    "/{entry}/dismiss",
    operation_id="dismiss_held_mail",
    response_model=MailDecisionView,
    responses=VERB,
    summary="File a held mail without a case",
)
async def dismiss(key: Key, entry: UUID, house: HouseDep, operator: Operator, now: Now) -> Any:
    """For spam, and for what cannot be read: it leaves the quarantine as `filed`, with the reason `dismissed`, and its
    bytes are kept. It cannot be run again afterwards."""
    return await quarantine.dismiss(house.database, operator, key, entry, now)
