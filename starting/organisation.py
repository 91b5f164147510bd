"""`check`, `export` and `retire`, and reading an organisation file from where the user says it is."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from desk.organisation.checking import check
from desk.organisation.exporting import export
from desk.organisation.faults import OrganisationErrors
from desk.organisation.file import OrganisationFile, load, read
from desk.organisation.retiring import retire
from desk.organisation.yaml import LARGEST_FILE
from desk.reference.records import Edit
from settings import Settings
from starting.data_folder import DataFolder
from starting.failures import Unusable
from starting.rows import ACTOR, database_of
from starting.show import Show
from storage.engines import Database
from storage.throwaway import throwaway_database

STANDARD = Path("-")
"""Standard input or output, in the place of a file."""


def read_organisation(path: Path) -> OrganisationFile:
    """The checked file. `OrganisationErrors` has its faults by line; `Unusable` when it cannot be read at all."""
    return load(text_of(path), str(path))


def text_of(path: Path) -> str:
    """Raises `Unusable` with what is wrong with the file as a file."""
    try:
        if path == STANDARD:
            content = sys.stdin.buffer.read(LARGEST_FILE + 1)
        else:
            with path.open("rb") as file:
                content = file.read(LARGEST_FILE + 1)
    except OSError as error:
        raise Unusable(f"the organisation file {path} cannot be read: {error.strerror}.") from None
    if len(content) > LARGEST_FILE:
        raise Unusable(f"the organisation file {path} is larger than {LARGEST_FILE // 1024 // 1024} MB.")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise Unusable(f"the organisation file {path} is not UTF-8 text (line {line}): save it as UTF-8.") from None


async def check_file(settings: Settings, show: Show, path: Path) -> int:
    """Everything that `apply` and `up` would find, at once. Beside a Caseloom, a file may name what is in force there."""
    try:
        file = read(text_of(path), str(path))
    except OrganisationErrors as errors:
        return _faulty(errors, str(path))
    async with _beside(settings) as (database, where):
        try:
            found = await check(database, file, datetime.now(UTC))
        except OrganisationErrors as errors:
            return _faulty(errors, f"{path}{where}")
    for note in found.notes:
        print(f"note: {note}.", file=sys.stderr)
    if found.report.elsewhere:
        print(f"note: `apply {path}` would stop: {found.report.elsewhere[0].said}.", file=sys.stderr)
    entries = len(file.entries)
    show.say(f"{path} is in order: {entries} entries{where}.")
    return 0


def _faulty(errors: OrganisationErrors, where: str) -> int:
    for line in errors.lines:
        print(line, file=sys.stderr)
    print(f"{_counted(len(errors.faults), 'fault')} in {where}.", file=sys.stderr)
    return 1


@asynccontextmanager
async def _beside(settings: Settings) -> AsyncIterator[tuple[Database, str]]:
    """The database of the settings if it can be asked, or else an empty one; and how to say which."""
    if settings.database_url is not None or DataFolder(settings.data).is_complete:
        try:
            async with database_of(settings) as database:
                yield (
                    database,
                    f", beside the Caseloom of {(settings.database_url and 'CASELOOM_DATABASE_URL') or settings.data}",
                )
                return
        except (OSError, SQLAlchemyError, Unusable) as error:
            reason = str(error).strip().splitlines()[0]
            print(f"note: not compared with what is in force, because that cannot be asked ({reason})", file=sys.stderr)
    async with throwaway_database() as database:
        yield database, ""


async def write_out(settings: Settings, show: Show, path: Path, *, customers: bool, replace: bool) -> int:
    """The organisation as it is in force, on standard output or in a file."""
    async with database_of(settings) as database, database.read() as session:
        made = await export(session, customers=customers)
    if path == STANDARD:
        sys.stdout.write(made.text)
        sys.stdout.flush()
    else:
        try:
            with path.open("w" if replace else "x", encoding="utf-8") as file:
                file.write(made.text)
        except FileExistsError:
            raise Unusable(f"{path} exists: choose another name, or replace it with --replace.") from None
        show.say(f"{path} is written.")
    notes = list(made.notes)
    if len(made.text) > LARGEST_FILE:
        notes.append(
            f"it is larger than the {LARGEST_FILE // 1024 // 1024} MB that `apply` takes: see --without-customers."
        )
    for note in notes:
        print(f"note: {note}", file=sys.stderr)
    return 0


async def retire_record(settings: Settings, show: Show, kind: str, slug: str) -> int:
    """Takes out of use what a file lists no more."""
    async with database_of(settings) as database, database.write() as session:
        changed = await retire(Edit(session, ACTOR, datetime.now(UTC)), kind, slug)
    show.say(f"{kind} {slug}: {'retired' if changed else 'was out of use already'}")
    return 0


def _counted(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"
