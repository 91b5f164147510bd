"""All that one command brings up, in order, and takes down again: Temporal, mail, database, workers, API."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import asyncpg
from sqlalchemy.exc import SQLAlchemyError

from bootstrap import House, ensure_running, keyring, make_workers
from cases.waking import wake_all
from console.starting.house import DemoHouse
from desk.identity import ensure_administrator, identify
from desk.organisation.applied import ChangedElsewhere
from desk.organisation.applying import Overrides, ReadSecret, put_in_force, read_secret
from desk.organisation.file import OrganisationFile
from models.messages.names import SEARCH_ATTRIBUTES
from servers.ports import LOCALHOST, check_free, free_port
from servers.temporal import TemporalServer, temporal_binary
from settings import Settings
from starting import mail_pair
from starting.data_folder import DataFolder
from starting.failures import Unusable
from starting.garbage import keep_what_has_started
from starting.houses import enter_house
from starting.logs import log_to
from starting.organisation import read_organisation
from starting.passwords import first_link
from starting.rows import check_whole
from starting.show import Show
from starting.web import serving, site
from storage.engines import Database
from storage.migrate import ForeignSchema, upgrade_async

GRACE = timedelta(seconds=5)
"""For running activities at the end; what is cut short is tried again at the next start."""
LOOK_EVERY = 1.0
HEARTBEAT_SECONDS = 10.0
"""Heartbeat of the mail activities, in seconds, when one process runs everything. After a `kill -9` the next start takes them
up after so long."""


@dataclass(frozen=True)
class StackPlan:
    """What to bring up. With `mail` the organisation's mailboxes live in the demo's mail pair, else on their own servers.

    Without an organisation the database stays as it is. `own_temporal` false: the settings name a Temporal cluster
    that runs already.
    """

    settings: Settings
    organisation: Path | None
    mail: bool
    own_temporal: bool = True
    reset: bool = False
    overwrite: bool = False
    """Let the organisation undo what was changed by other means since it was applied; else such a file stays out."""
    doors: Callable[[Settings, OrganisationFile, dict[str, str]], DemoHouse] | None = None
    """Makes the doors of `/start` that need no password, of the demo alone: from the settings, the organisation, and the
    passwords of the mail pair."""


@dataclass
class Stack:
    """What runs, as long as `running` is open."""

    settings: Settings
    folder: DataFolder
    house: House
    organisation: OrganisationFile | None
    mail_users: dict[str, str]
    """Passwords by address; empty without the mail pair."""
    changes: list[str]
    """What applying the organisation changed."""
    kept_out: list[str]
    """Why the organisation was not applied: what was changed elsewhere meanwhile, a line each."""
    doors: DemoHouse | None = None
    _parts: dict[str, Callable[[], bool]] = field(default_factory=dict)

    @property
    def api(self) -> str:
        return f"http://{LOCALHOST}:{self.settings.api_port}"

    @property
    def file(self) -> OrganisationFile:
        if self.organisation is None:
            raise Unusable("this needs an organisation file.")
        return self.organisation

    async def until_a_part_ends(self) -> str:
        """The name of a part that ended by itself, which none should."""
        while True:
            for name, alive in self._parts.items():
                if not alive():
                    return name
            await asyncio.sleep(LOOK_EVERY)


def settled(plan: StackPlan) -> Settings:
    """The settings with a free port for every 0, and with what follows from running everything here."""
    settings = plan.settings
    names = ["api_port"]
    names += ["temporal_port", "temporal_ui_port"] if plan.own_temporal else []
    names += ["imap_port", "smtp_port"] if plan.mail else []
    chosen = settings.model_copy(update={name: free_port() for name in names if getattr(settings, name) == 0})
    if plan.own_temporal:
        address, ui = f"{LOCALHOST}:{chosen.temporal_port}", f"http://{LOCALHOST}:{chosen.temporal_ui_port}"
        chosen = chosen.model_copy(update={"temporal_address": address, "temporal_ui": ui})
        if "mailbox_heartbeat_seconds" not in settings.model_fields_set:
            chosen = chosen.model_copy(update={"mailbox_heartbeat_seconds": HEARTBEAT_SECONDS})
    return chosen


@asynccontextmanager
async def running(plan: StackPlan, show: Show) -> AsyncIterator[Stack]:
    """Everything of the plan, started in order and stopped in the opposite one."""
    settings = settled(plan)
    folder = DataFolder(settings.data)
    with folder.claim(reset=plan.reset):
        organisation = await asyncio.to_thread(read_organisation, plan.organisation) if plan.organisation else None
        check_what_can_be_checked(plan, settings)
        check_whole(settings)
        log_to(folder.logs / "caseloom.log")
        with folder.making():
            async with _started(plan, settings, folder, organisation, show) as stack:
                yield stack


@asynccontextmanager
async def _started(
    plan: StackPlan, settings: Settings, folder: DataFolder, organisation: OrganisationFile | None, show: Show
) -> AsyncIterator[Stack]:
    async with AsyncExitStack() as stack:
        parts: dict[str, Callable[[], bool]] = {}
        lost = plan.own_temporal and folder.has_lost_engine
        if plan.own_temporal:
            if lost:
                folder.note_lost_engine(True)
            temporal = await _start_temporal(stack, settings, folder, show)
            folder.note_engine_port(settings.temporal_port)
            parts["the Temporal server"] = partial(_is_alive, temporal.pid)
        users: dict[str, str] = {}
        if plan.mail and organisation is not None:
            users = mail_pair.accounts(folder, organisation)
            process = await _start_mail_pair(stack, settings, folder, show)
            parts["the mail pair"] = lambda: process.returncode is None
        with show.starting("database, migrated"):
            await _migrate(settings)
            keyring(settings)
        folder.complete()
        house = await enter_house(stack, settings)
        changes: list[str] = []
        kept_out: list[str] = []
        if organisation is not None:
            with show.starting("organisation") as said:
                try:
                    changes = await _apply(plan, settings, house, organisation, users)
                    said.append(counted(changes))
                except ChangedElsewhere as elsewhere:
                    # A desk that runs on what is in force serves better than one that does not start.
                    kept_out = elsewhere.lines
                    said.append("not applied")
        with show.starting("workers"):
            await stack.enter_async_context(polling(house))
            await ensure_running(house)
        if lost:
            await _wake_cases(house, folder, show)
        doors = plan.doors(settings, organisation, users) if plan.doors and organisation else None
        with show.starting("API") as said:
            app = site(house, doors)
            api = await stack.enter_async_context(serving(app, settings.api_port, settings.allowed_hosts))
            said.append(f"http://{LOCALHOST}:{settings.api_port}")
        parts["the API"] = lambda: not api.done()
        keep_what_has_started()
        yield Stack(settings, folder, house, organisation, users, changes, kept_out, doors, parts)


def counted(changes: Sequence[object]) -> str:
    """`nothing changed`, `1 change`, `35 changes`"""
    return f"{len(changes)} change{'s' if len(changes) != 1 else ''}" if changes else "nothing changed"


async def _migrate(settings: Settings) -> None:
    try:
        await upgrade_async(settings.database)
    except ForeignSchema as error:
        raise Unusable(f"the database cannot be used: {error}.") from None
    except (OSError, asyncpg.PostgresError, SQLAlchemyError) as error:
        reason = str(error.__cause__ or error).strip().splitlines()[0]
        raise Unusable(
            f"the database cannot be used ({reason}): check CASELOOM_DATABASE_URL, and that its server runs."
        ) from None


async def _wake_cases(house: House, folder: DataFolder, show: Show) -> None:
    """Where the engine has lost its data: nothing that is in rows is lost, but nobody would wait for the deadlines."""
    show.say(
        f"{folder.temporal} was gone: the workflow engine has begun anew, and the runs of all open cases and contracts are "
        "started again from the database. What the Temporal UI showed of earlier runs is lost."
    )
    with show.starting("runs of open cases") as said:
        said.append(str(await wake_all(house.database, house.dispatcher)))
    folder.note_lost_engine(False)


async def _apply(
    plan: StackPlan, settings: Settings, house: House, organisation: OrganisationFile, users: dict[str, str]
) -> list[str]:
    if not plan.mail:
        return await apply_organisation(house, organisation, overwrite=plan.overwrite)
    moved = mail_pair.overrides(organisation, settings.imap_port, settings.smtp_port)
    passwords = mail_pair.passwords(organisation, users)
    return await apply_organisation(house, organisation, passwords, moved, overwrite=plan.overwrite)


async def show_administrator_token(house: House, show: Show) -> None:
    """Once: in the first start that has come so far that somebody can use it.

    Shown before it is kept. Whoever is stopped between the two has seen a token that is none, and the next start shows
    another; the other way about nobody would ever see one.
    """
    async with house.database.write() as session:
        token = await ensure_administrator(session, now=datetime.now(UTC))
        if token is not None:
            show.title("The administrator's token, shown this once:")
            show.say(token)
            whose = await identify(session, token)
            if whose is not None:
                show.title(f"The link by which {whose.slug} chooses a password for the console, once:")
                show.say(await first_link(session, house, whose.slug))
            sys.stdout.flush()


async def apply_organisation(
    house: House,
    organisation: OrganisationFile,
    secret: ReadSecret = read_secret,
    moved: Overrides | None = None,
    *,
    overwrite: bool = False,
) -> list[str]:
    """All of the file or nothing; a line for each change, and for each record that it lists no more."""
    report = await put_in_force(
        house.database,
        organisation,
        "organisation file",
        datetime.now(UTC),
        keyring=house.keyring,
        secret=secret,
        overrides=moved,
        overwrite=overwrite,
    )
    return report.lines[:-1]


@asynccontextmanager
async def polling(house: House) -> AsyncIterator[None]:
    """All workers; at the end they stop side by side, so that the grace is waited for once."""
    workers = make_workers(house, grace=GRACE)
    async with AsyncExitStack() as stack:
        for worker in workers:
            await stack.enter_async_context(worker)
        try:
            yield
        finally:
            await asyncio.gather(*(worker.shutdown() for worker in workers))


def check_what_can_be_checked(plan: StackPlan, settings: Settings) -> None:
    """Done before anything is written, so that a failure leaves no trace."""
    try:
        Database(settings.database)
    except ValueError as error:
        raise Unusable(f"CASELOOM_DATABASE_URL is wrong: {error}.") from None
    check_free(settings.api_port, "the API")
    if plan.own_temporal:
        temporal_binary()
        check_free(settings.temporal_port, "the Temporal server")
        check_free(settings.temporal_ui_port, "Temporal's UI")
    if plan.mail:
        check_free(settings.imap_port, "the mail pair's IMAP")
        check_free(settings.smtp_port, "the mail pair's SMTP")


async def _start_temporal(stack: AsyncExitStack, settings: Settings, folder: DataFolder, show: Show) -> TemporalServer:
    with show.starting("Temporal server with its UI") as said:
        server = TemporalServer(
            data_file=folder.temporal,
            port=settings.temporal_port,
            ui_port=settings.temporal_ui_port,
            search_attributes=SEARCH_ATTRIBUTES,
            retention_days=settings.temporal_retention_days,
            log_file=folder.logs / "temporal.log",
        )
        await stack.enter_async_context(server)
        said.append(settings.temporal_ui or "")
    return server


async def _start_mail_pair(
    stack: AsyncExitStack, settings: Settings, folder: DataFolder, show: Show
) -> asyncio.subprocess.Process:
    with show.starting("mail pair, IMAP and SMTP") as said:
        pair = mail_pair.mail_pair(folder, settings.imap_port, settings.smtp_port)
        process = await stack.enter_async_context(pair)
        said.append(f"{LOCALHOST}:{settings.imap_port} and {LOCALHOST}:{settings.smtp_port}")
    return process


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
