"""`apply`: an organisation file put into force, whether or not Caseloom runs meanwhile."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from bootstrap import ensure_running, keyring, open_house
from desk.organisation.applying import ApplyReport, apply
from settings import Settings
from starting.organisation import read_organisation
from starting.rows import ACTOR, database_of
from starting.show import Show


async def apply_file(settings: Settings, show: Show, path: Path) -> int:
    """Put an organisation file into force, whether or not Caseloom runs meanwhile."""
    organisation = read_organisation(path)
    async with database_of(settings) as database:
        changes = await apply(database, organisation, ACTOR, datetime.now(UTC), keyring=keyring(settings))
    for line in ApplyReport(tuple(changes)).lines:
        show.say(line)
    if any(change.kind == "mailbox" for change in changes):
        await _take_up_mailboxes(settings, show)
    return 0


async def _take_up_mailboxes(settings: Settings, show: Show) -> None:
    """A new mailbox needs its two workflows; one that runs takes in its new settings by itself when it reconnects."""
    try:
        async with open_house(settings) as house:
            await ensure_running(house)
    except RuntimeError:  # what the SDK raises when nobody listens
        show.say("Temporal does not run now: mailboxes are taken up at the next start.")
