"""For operators: how mailboxes do (email promise 14), and that somebody reads them."""

from __future__ import annotations

from typing import Annotated, Any

import structlog
from fastapi import Depends
from temporalio.service import RPCError

from api.auth import require_role
from api.bodies import Router
from api.dependencies import DeskDep, HouseDep, Now
from api.problems import responses
from api.reference.common import MANAGERS, Key
from desk.identity import Identity
from desk.queries import mailboxes
from desk.reference.records import Item
from desk.services import WiredHouse
from engine.standing import ensure_mailbox_workflows
from models.messages.mailbox_status import MailboxStatus
from models.messages.mailflow import MailboxJob

router = Router(prefix="/mailboxes", tags=["operators"])
"""Before the routes of the records, which would take `status` for a slug."""

log = structlog.get_logger(__name__)

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


async def take_up(house: WiredHouse, item: Item[Any]) -> None:
    """See that somebody reads and sends for a mailbox that was made or activated. One that is read already takes in its
    new settings by itself."""
    if not item.active:
        return
    seconds = house.settings.mailbox_heartbeat_seconds
    job = MailboxJob(mailbox_id=item.id, slug=item.shown["slug"], heartbeat_seconds=seconds)
    try:
        await ensure_mailbox_workflows(house.client, [job])
    except (RPCError, RuntimeError) as error:
        # Committed already. The next start takes it up; until then its status says that nobody reads it.
        log.warning("mailbox is not taken up", mailbox=job.slug, error=type(error).__name__)
