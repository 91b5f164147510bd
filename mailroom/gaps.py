"""Mail that lies below the cursor and was never seen: a server that gives a new message an old number, or lists again what
it had left out. Nothing of a folder stays unread for ever (email promise 2)."""

from __future__ import annotations

from mail.imap.client import ImapClient, ImapRefused
from models.messages.reference import AfterIntake
from models.records.reference import Mailbox
from storage.engines import Database
from storage.repositories import mails


async def missed(
    client: ImapClient,
    database: Database,
    mailbox: Mailbox,
    after: AfterIntake,
    flag: str,
    uidvalidity: int,
    cursor: int,
) -> list[int]:
    """The UIDs up to the cursor of which the mail log knows nothing, ascending. What carries our `flag` is taken in."""
    try:
        there = await (client.search_up_to(cursor) if after is AfterIntake.LEAVE else client.search_unflagged(flag))
    except ImapRefused:
        return []
    below = [uid for uid in there if uid <= cursor]
    if not below:
        return []
    async with database.read() as session:
        known = await mails.known_uids(session, mailbox.id, uidvalidity, below[0], below[-1])
    return [uid for uid in below if uid not in known]
