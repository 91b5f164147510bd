"""For operators: how mailboxes do (email promise 14), and that somebody reads them."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Depends

from api.auth import require_role
from api.bodies import Router
from api.dependencies import DeskDep, HouseDep, Now
from api.problems import responses
from api.reference.common import MANAGERS, Key
from desk.identity import Identity
from desk.queries import mailboxes
from models.messages.mailbox_status import MailboxStatus

router = Router(prefix="/mailboxes", tags=["operators"])
"""Before the routes of the records, which would take `status` for a slug."""

Operator = Annotated[Identity, Depends(require_role(*MANAGERS))]


@router.get(
    "/status",
    operation_id="list_mailbox_status",
    response_model=list[MailboxStatus],
    responses=responses(401, 403),
    summary="How all mailboxes do",
)
async def mailbox_statuses(house: HouseDep, desk: DeskDep, operator: Operator, now: Now) -> Any:
    """By slug; those that are switched off too."""
    async with house.database.read() as session:
        return await mailboxes.mailbox_statuses(session, now, storing=(await desk.pulse.beat()).ok)


@router.get(
    "/{key}/status",
    operation_id="read_mailbox_status",
    response_model=MailboxStatus,
    responses=responses(401, 403, 404, 422),
    summary="How a mailbox does",
)
async def mailbox_status(key: Key, house: HouseDep, desk: DeskDep, operator: Operator, now: Now) -> Any:
    """Stored facts, and `state`, which compares them with now; `advice` says what to do."""
    async with house.database.read() as session:
        return await mailboxes.mailbox_status(session, key, now, storing=(await desk.pulse.beat()).ok)
