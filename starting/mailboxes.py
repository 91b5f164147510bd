"""`mail status`: how mailboxes do, in a terminal or as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from desk.pulse import Pulse
from desk.queries.mailboxes import mailbox_status, mailbox_statuses
from models.messages.mailbox_status import MailboxStatus
from models.messages.mailflow import MailVerdict
from settings import Settings
from starting.rows import database_of
from starting.show import Show, plain
from storage.files import FolderStore


async def status(settings: Settings, show: Show, mailbox: str | None, *, as_json: bool) -> int:
    """One mailbox, or all of them; as JSON always a list, of what the API answers."""
    now = datetime.now(UTC)
    async with database_of(settings) as database, database.read() as session:
        storing = (await Pulse(database, FolderStore(settings.data / "files")).beat()).ok
        if mailbox:
            found = [await mailbox_status(session, mailbox, now, storing=storing)]
        else:
            found = await mailbox_statuses(session, now, storing=storing)
    if as_json:
        print(json.dumps([each.model_dump(mode="json") for each in found], indent=2))
        return 0
    if not found:
        show.say("There is no mailbox: an organisation file or POST /api/v1/mailboxes makes one.")
    for each in found:
        show.title(f"{each.mailbox}  {each.address}  {each.state}")
        show.table(_rows(each, now))
    return 0


def _rows(each: MailboxStatus, now: datetime) -> dict[str, str]:
    queue = each.send_queue
    rows = {
        "to do": each.advice,
        "last success": _since(each.last_success, now) if each.last_success else "never",
        "last error": plain(each.last_error or "none"),
        "on the server": f"{each.backlog} to take in" + _oldest(each.oldest_unfetched, now),
        "held": "none",
        "taken in, 24 h": _counts(each.taken_in_24h),
        "to send": f"{queue.queued} queued, {queue.due} of them due, {queue.sending} being sent"
        + _oldest(queue.oldest_queued, now),
        "failed, 24 h": f"{queue.failed_24h} failed, {queue.bounced_24h} bounced, {queue.suppressed_24h} suppressed",
        "suppression list": f"{each.suppressed_addresses} addresses",
    }
    if each.notice:
        rows["server says"] = plain(each.notice)
    if each.quarantine:
        reasons = [f"{held.count} {held.reason}{_oldest(held.oldest, now)}" for held in each.quarantine]
        rows["held"] = "; ".join(reasons)
    if queue.retrying:
        following = f", the next {_when(queue.next_attempt)}" if queue.next_attempt else ""
        rows["to send"] += f"; {queue.retrying} to be tried again{following}"
    return rows


def _counts(counts: Mapping[MailVerdict, int]) -> str:
    return ", ".join(f"{count} {word}" for word, count in sorted(counts.items())) or "none"


def _oldest(instant: datetime | None, now: datetime) -> str:
    return f", the oldest {_since(instant, now)}" if instant else ""


def _since(instant: datetime, now: datetime) -> str:
    return f"{_when(instant)} ({_length(now - instant)} ago)"


def _when(instant: datetime) -> str:
    return f"{instant:%Y-%m-%d %H:%M:%S} UTC"


def _length(time: timedelta) -> str:
    seconds = max(0, round(time.total_seconds()))
    for unit, size in (("days", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= 2 * size:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"
