"""The runs that read and send for a mailbox: seen to whenever one is made or activated."""

from __future__ import annotations

from typing import Any

import structlog
from temporalio.service import RPCError

from desk.reference.records import Item
from desk.services import WiredHouse
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
