"""The commands beside the demo: bring up one's own organisation, apply a file, make and end tokens."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

from bootstrap import ensure_running, keyring, open_house
from desk.identity import create_token, revoke, token_id
from desk.organisation.applying import apply
from models.messages.reference import Role
from settings import Settings
from starting.data_folder import DataFolder
from starting.failures import Unusable
from starting.organisation import read_organisation
from starting.show import Show
from starting.stack import Plan, counted, running
from starting.stopping import Stopping
from storage.engines import Database

ACTOR = "command line"


async def up(settings: Settings, stopping: Stopping, show: Show, *, organisation: Path | None, reset: bool) -> int:
    """Everything for one's own organisation and mailboxes, until Ctrl-C."""
    show.title("Caseloom")
    own_temporal = not ({"temporal_address", "temporal_profile"} & settings.model_fields_set)
    plan = Plan(settings, organisation, mail=False, own_temporal=own_temporal, reset=reset)
    async with running(plan, show) as stack:
        for change in stack.changes:
            show.say(f"    {change}")
        if stack.administrator_token is not None:
            show.title("The administrator's token, shown this once:")
            show.say(stack.administrator_token)
        show.title("Up until Ctrl-C.")
        rows = {"API": f"{stack.api}/api/v1", "API docs": f"{stack.api}/docs", "logs": str(stack.folder.logs)}
        if stack.settings.temporal_ui is not None:
            rows["Temporal UI"] = stack.settings.temporal_ui
        show.table(rows)
        ended = await stopping.wait(stack.until_a_part_ends())
        if ended is not None:
            show.say(f"{ended} ended by itself; its log is in {stack.folder.logs}.")
        show.say("Stopping (Ctrl-C again ends at once) ...")
    return 0 if ended is None else 1


async def apply_file(settings: Settings, show: Show, path: Path) -> int:
    """Put an organisation file into force, whether or not Caseloom runs meanwhile."""
    organisation = read_organisation(path)
    async with _database(settings) as database:
        changes = await apply(database, organisation, ACTOR, datetime.now(UTC), keyring=keyring(settings))
    for change in changes:
        show.say(str(change))
    show.say(counted(changes))
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


async def create(settings: Settings, show: Show, agent: str, role: Role) -> int:
    """A token on standard output, and nothing else, so that a script can take it."""
    async with _database(settings) as database, database.write() as session:
        token = await create_token(session, agent, role, actor=ACTOR, now=datetime.now(UTC))
    show.say(token)
    return 0


async def end(settings: Settings, show: Show, token: str) -> int:
    """End a token, given as itself."""
    async with _database(settings) as database, database.write() as session:
        found = await token_id(session, token)
        if found is None:
            raise Unusable("there is no such token: it was never made here, or it was made in another data folder.")
        await revoke(session, found, actor=ACTOR, now=datetime.now(UTC))
    show.say("The token is ended.")
    return 0


def check(show: Show, path: Path) -> int:
    """What can be said of a file without a database."""
    organisation = read_organisation(path)
    show.say(f"{path} is well-formed: {len(organisation.entries)} entries.")
    return 0


@asynccontextmanager
async def _database(settings: Settings) -> AsyncIterator[Database]:
    if settings.database_url is None and not DataFolder(settings.data).is_complete:
        raise Unusable(
            f"there is no Caseloom in {settings.data.resolve()} yet: `starter.py up` makes one, "
            "or name its folder with --data."
        )
    database = Database(settings.database)
    try:
        yield database
    finally:
        await database.close()
