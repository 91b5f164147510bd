"""What `doctor` sees of the database, and through it of the mailboxes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import URL, make_url, text
from sqlalchemy.exc import SQLAlchemyError

from desk.findings import Finding, ok, problem, warning
from desk.queries.kept_files import newest_files
from letters.accounts import MailboxUnusable
from letters.logins import Login, LoginRefused, try_logins
from models.messages.said import said, word
from settings import Settings
from starting.clocks import clock_finding
from starting.doctor_here import usable_keyring
from storage.engines import Database
from storage.files import FileDamaged, FolderStore
from storage.migrate import current_revision, known_revisions
from storage.secrets import KeyringError

WITHIN = 5.0
"""Seconds for the database's answer."""
LOGIN_WITHIN = 8.0
"""Seconds for each mail server's."""
NEWEST = 50
"""Mails, and as many attachments, whose files are looked at."""
MEND_KEYS = said("Mend the keys first.")


def _utc_now() -> datetime:
    return datetime.now(UTC)


async def examine_rows(settings: Settings, now: Callable[[], datetime] = _utc_now) -> list[Finding]:
    """The database, its clock, and both servers of each active mailbox."""
    try:
        database = Database(settings.database)
    except (ValueError, SQLAlchemyError):
        way_out = said("It should be sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME.")
        return [problem(word("database"), said("CASELOOM_DATABASE_URL names no database"), way_out), *_not_looked_at()]
    try:
        migrated = await _migrations(settings, database)
        if migrated.way_out is not None:
            return [migrated, *_not_looked_at()]
        return [
            migrated,
            await _files(settings, database),
            await _clock(database, now),
            *await _mailboxes(settings, database),
        ]
    finally:
        await database.close()


def _not_looked_at() -> list[Finding]:
    way_out = said("Mend the database first.")
    return [
        warning(check, said("not looked at, because the database is not ready"), way_out)
        for check in (word("files"), word("clock of the database"), word("mailboxes"))
    ]


async def _migrations(settings: Settings, database: Database) -> Finding:
    check, url = word("database"), make_url(settings.database)
    where = url.set(query={}).render_as_string(hide_password=True)
    # Whoever connects to a SQLite file that is missing makes it.
    if database.sqlite and _is_missing(url):
        return problem(
            check,
            said("{where} is not there", where=where),
            said("`starter.py up` makes it; --data names another data folder."),
        )
    try:
        async with asyncio.timeout(WITHIN), database.read() as session:
            found = await current_revision(session)
    except TimeoutError:
        return problem(
            check, said("{where} gives no answer in {within:.0f} s", where=where, within=WITHIN), _way_in(database)
        )
    except (SQLAlchemyError, OSError) as error:
        reason = str(error.__cause__ or error).strip().splitlines()[0]
        return problem(check, said("{where} cannot be used ({reason})", where=where, reason=reason), _way_in(database))
    known = known_revisions()
    head = known[0]
    revisions = said(
        "{where}, migrations at {found}, this version's are {head}", where=where, found=found or "none", head=head
    )
    if found == head:
        return ok(check, revisions)
    if found is None or found in known:
        return problem(
            check, revisions, said("Start it once with `starter.py up`, which brings the database up to date.")
        )
    return problem(
        check, revisions, said("A newer version of Caseloom has used it: run that one, or bring back a copy.")
    )


def _is_missing(url: URL) -> bool:
    return not Path(url.database or "").is_file()


def _way_in(database: Database) -> str:
    if database.sqlite:
        return said("Bring the file back from a copy, or name another data folder with --data.")
    return said("Check CASELOOM_DATABASE_URL, and that its server runs and lets this user in.")


async def _files(settings: Settings, database: Database) -> Finding:
    async with database.read() as session:
        named = await newest_files(session, NEWEST)
    store, missing, altered = FolderStore(settings.data / "files"), 0, 0
    for sha256 in named:
        try:
            await store.get(sha256)
        except FileDamaged:
            altered += 1
        except OSError:
            missing += 1
    if not missing and not altered:
        return ok(word("files"), said("{count} of the newest are whole", count=len(named)))
    return problem(
        word("files"),
        said(
            "of {count} of the newest {missing} are missing and {altered} were altered, in {folder}",
            count=len(named),
            missing=missing,
            altered=altered,
            folder=store.folder,
        ),
        said("Bring the folder back from a copy that is not older than the database's."),
    )


async def _clock(database: Database, now: Callable[[], datetime]) -> Finding:
    check = said("clock of the database")
    if database.sqlite:
        return ok(check, said("SQLite goes by this machine's"))
    async with database.read() as session:
        # The first statement opens the connection, which is not to be measured.
        await session.execute(text("SELECT 1"))
        before = now()
        there = await session.scalar(text("SELECT clock_timestamp()"))
        after = now()
    if not isinstance(there, datetime):
        raise TypeError(f"PostgreSQL's clock answers {type(there).__name__}")
    return clock_finding(check, before, there, after)


async def _mailboxes(settings: Settings, database: Database) -> list[Finding]:
    keys = usable_keyring(settings)
    if keys is None:
        return [
            warning(
                word("mailboxes"), said("not looked at, because there are no keys that open their passwords"), MEND_KEYS
            )
        ]
    logins = await try_logins(database, keys, LOGIN_WITHIN)
    return [_login(login) for login in logins] or [ok(word("mailboxes"), said("none is active"))]


def _login(login: Login) -> Finding:
    check = said("mailbox {mailbox}, {server}", mailbox=login.mailbox, server=login.server)
    match login.error:
        case None:
            return ok(check, login.where)
        case MailboxUnusable():
            way_out = said("Correct it in the organisation file, and `starter.py apply` that.")
        case KeyringError():
            way_out = said("Bring back that key, or give the mailbox its password anew.")
        case LoginRefused():
            way_out = said(
                "Give it the right password, or new OAuth credentials: `starter.py apply`, or PATCH the mailbox."
            )
        case _:
            way_out = said("Check host, port and TLS of its settings, its folder, and that the server runs.")
    return problem(check, str(login.error), way_out)
