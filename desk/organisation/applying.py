"""An organisation file put into force: one transaction, which changes what differs and leaves the rest alone."""

from __future__ import annotations

import asyncio
import os
from dataclasses import replace
from datetime import datetime
from pathlib import Path as FilePath
from typing import TypedDict, Unpack

from desk.organisation.application import Application, Overrides, ReadSecret, SecretSource
from desk.organisation.applied import (
    ChangedElsewhere,
    told_who,
)
from desk.organisation.faults import FileFault, OrganisationErrors
from desk.organisation.file import OrganisationFile, load
from desk.organisation.merged import merged_elsewhere
from desk.organisation.reports import AppliedChange, ApplyReport
from desk.reference.records import Edit
from storage.engines import Database
from storage.secrets import Keyring


class How(TypedDict, total=False):
    """`keyring` seals the passwords that `secret` reads; `overrides` replace values of mailboxes; `overwrite`: also what was
    changed by other means since."""

    keyring: Keyring | None
    secret: ReadSecret
    overrides: Overrides | None
    overwrite: bool


def read_secret(source: SecretSource, name: str) -> str:
    """The default `ReadSecret`; a file's last line end is not part of the password."""
    if source == "file":
        return FilePath(name).read_text("utf-8").rstrip("\r\n")
    return os.environ[name]


async def apply_file(
    database: Database, path: FilePath, *, now: datetime, actor: str = "organisation file", **how: Unpack[How]
) -> ApplyReport:
    """Load and apply a file; `OrganisationErrors` has a printable line for each fault, and then nothing was changed."""
    try:
        text = await asyncio.to_thread(path.read_text, "utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise OrganisationErrors(str(path), [FileFault(1, (), f"cannot be read: {error}")]) from None
    file = load(text, str(path))
    return await put_in_force(database, file, actor, now, **how)


async def apply(
    database: Database, file: OrganisationFile, actor: str, now: datetime, **how: Unpack[How]
) -> list[AppliedChange]:
    """As `put_in_force`, whose changes alone are asked for."""
    return list((await put_in_force(database, file, actor, now, **how)).changes)


async def put_in_force(
    database: Database,
    file: OrganisationFile,
    actor: str,
    now: datetime,
    *,
    dry: bool = False,
    **how: Unpack[How],
) -> ApplyReport:
    """All of the file or nothing. What it does not mention stays; applied a second time it changes nothing.

    A definition, article or contract that differs comes into force at once: as a new active version, a new published
    version, with the balance moved by as much as its total. A contract's relative dates count from the first time.

    `dry`: the same work, of which nothing stays. Raises `OrganisationErrors` with every fault of the file, and
    `ChangedElsewhere` where it would undo what was changed by other means, unless `overwrite` or `dry`: these tell of customers
    who have gone up in others as of a fault, because no file can undo that.
    """
    overwrite = how.get("overwrite", False)
    if not dry and not overwrite:
        async with database.read() as session:
            if merged := await merged_elsewhere(session, file):
                raise ChangedElsewhere(file.filename, await told_who(session, merged))
    try:
        async with database.write() as session:
            edit = Edit(session, actor, now, how.get("keyring"))
            application = Application(edit, file, how.get("secret", read_secret), how.get("overrides") or {})
            report = await application.run()
            if dry or (report.elsewhere and not overwrite):
                raise _TakenBackError(report)
    except _TakenBackError as taken_back:
        report = taken_back.report
    if report.elsewhere:
        async with database.read() as session:
            report = replace(report, elsewhere=tuple(await told_who(session, report.elsewhere)))
        if not dry and not overwrite:
            raise ChangedElsewhere(file.filename, report.elsewhere)
    return report


class _TakenBackError(Exception):
    """Ends the transaction without keeping it."""

    def __init__(self, report: ApplyReport) -> None:
        super().__init__()
        self.report = report


__all__ = [
    "AppliedChange",
    "ApplyReport",
    "Overrides",
    "ReadSecret",
    "SecretSource",
    "apply",
    "apply_file",
    "put_in_force",
    "read_secret",
]
