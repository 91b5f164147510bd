"""What follows once a change of reference data is committed: that somebody reads a mailbox, that a contract's run looks anew."""

from __future__ import annotations

from typing import Any

import structlog
from temporalio.service import RPCError

from desk.reference.records import Item
from desk.services import WiredHouse
from engine.contracts import ContractTeller
from engine.standing import ensure_mailbox_workflows
from models.messages.mailflow import MailboxJob

log = structlog.get_logger(__name__)


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


async def tell_run(house: WiredHouse, item: Item[Any]) -> None:
    """Have the contract's run look at it anew. A draft that was never in force has none, and needs none."""
    if item.version > 1:
        await ContractTeller(house.client).tell(item.id, item.body.slug)
