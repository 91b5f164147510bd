"""An organisation file put into force: one transaction, which changes what differs and leaves the rest alone."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path as FilePath
from typing import Any, Literal

from pydantic import SecretStr, ValidationError
from sqlalchemy import select

from desk.errors import DeskError, Invalid
from desk.organisation.faults import FileFault, OrganisationErrors
from desk.organisation.file import Entry, OrganisationFile, dated, load
from desk.reference import articles, definitions
from desk.reference.clauses import STAGE, asked_records
from desk.reference.entitlements import ENTITLEMENTS, local_day
from desk.reference.kinds import ACCOUNTS, AGENTS, CONTACTS, MAILBOXES, PRODUCTS, QUEUES, SUBJECTS, TEAMS
from desk.reference.records import Edit, Kind
from desk.reference.references import references
from desk.reference.words import wrong_words
from models.messages.entitlements import EntitlementDefinition
from models.messages.faults import faults
from models.messages.processes import ProcessDefinition
from models.messages.reference import ArticleBody, ContactBody, MailboxBody, MailboxEntry, SubjectBody
from models.messages.storable import Path, path_text, text_fault
from models.records.reference import Contact, Entitlement
from storage.definitions import DefinitionKind, Definitions
from storage.engines import Database
from storage.secrets import Keyring, KeyringError

PLAIN: dict[str, Kind[Any]] = {
    kind.name: kind for kind in (AGENTS, TEAMS, MAILBOXES, QUEUES, ACCOUNTS, CONTACTS, SUBJECTS, PRODUCTS)
}

SecretSource = Literal["env", "file"]
ReadSecret = Callable[[SecretSource, str], str]
"""Where a mailbox's password is: a variable of the environment or a file; `LookupError` or `OSError` if it is not."""

Overrides = Mapping[str, Mapping[str, Any]]
"""By mailbox slug, values that replace those of the file: `{"support": {"imap": {"port": 21420}}}`."""


@dataclass(frozen=True, slots=True)
class AppliedChange:
    """`sla gold: version 2, active`"""

    kind: str
    slug: str
    what: str

    def __str__(self) -> str:
        return f"{self.kind} {self.slug}: {self.what}"


@dataclass(frozen=True, slots=True)
class ApplyReport:
    """What applying a file did; `lines` are ready to print."""

    changes: tuple[AppliedChange, ...]

    @property
    def lines(self) -> list[str]:
        count = len(self.changes)
        summary = "nothing changed" if count == 0 else "1 change" if count == 1 else f"{count} changes"
        return [*map(str, self.changes), summary]


def read_secret(source: SecretSource, name: str) -> str:
    """The default `ReadSecret`; a file's last line end is not part of the password."""
    if source == "file":
        return FilePath(name).read_text("utf-8").rstrip("\r\n")
    return os.environ[name]


async def apply_file(
    database: Database,
    path: FilePath,
    *,
    now: datetime,
    actor: str = "organisation file",
    keyring: Keyring | None = None,
    secret: ReadSecret = read_secret,
    overrides: Overrides | None = None,
) -> ApplyReport:
    """Load and apply a file; `OrganisationErrors` has a printable line for each fault, and then nothing was changed."""
    try:
        text = await asyncio.to_thread(path.read_text, "utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise OrganisationErrors(str(path), [FileFault(1, (), f"cannot be read: {error}")]) from None
    file = load(text, str(path))
    return ApplyReport(
        tuple(await apply(database, file, actor, now, keyring=keyring, secret=secret, overrides=overrides))
    )


async def apply(
    database: Database,
    file: OrganisationFile,
    actor: str,
    now: datetime,
    *,
    keyring: Keyring | None = None,
    secret: ReadSecret = read_secret,
    overrides: Overrides | None = None,
) -> list[AppliedChange]:
    """All of the file or nothing. What it does not mention stays; applied a second time it changes nothing.

    A definition, article or contract that differs comes into force at once: as a new active version, a new published
    version, with the balance moved by as much as its total. A contract's relative dates count from the first time.
    """
    async with database.write() as session:
        application = _Application(Edit(session, actor, now, keyring), file, secret, overrides or {})
        return await application.run()


class _Application:
    def __init__(self, edit: Edit, file: OrganisationFile, secret: ReadSecret, overrides: Overrides) -> None:
        self.edit, self.file, self.secret, self.overrides = edit, file, secret, overrides
        self.changes: list[AppliedChange] = []

    async def run(self) -> list[AppliedChange]:
        await self._check_names()
        self.edit.arriving = frozenset((entry.kind, entry.slug) for entry in self.file.entries)
        for entry in self.file.entries:
            # A condition may ask for what stands further below, and even for what names its own definition.
            for asked in asked_records(entry.body):
                self.edit.names.expect(asked.kind, asked.slug)
        if self.file.settings is not None:
            # First, because contracts begin and end at midnight of its time zone.
            for reference in references(self.file.settings):
                self.edit.names.expect(reference.kind, reference.slug)
            settings, found = self.file.settings, DefinitionKind.ORGANISATION
            with _Located(self.file, Entry(found, settings.slug, (found.value,), settings, {})):
                await self._definition(found, settings.slug, settings)
        for entry in self.file.of("queue"):
            self.edit.names.expect("queue", entry.slug)
        for name, kind in PLAIN.items():
            await self._plain(kind, self.file.of(name))
        for entry in self.file.entries:
            if entry.kind not in PLAIN:
                with _Located(self.file, entry):
                    await self._other(entry)
        return self.changes

    async def _check_names(self) -> None:
        """Whatever is named stands in this file, or is in force already; words are of the organisation's lists."""
        here = {(entry.kind, entry.slug) for entry in self.file.entries}
        for entry in self.file.entries:
            if isinstance(entry.body, ProcessDefinition):
                here |= {(STAGE, stage.slug) for stage in entry.body.stages}
        bodies: list[tuple[Path, Any]] = [(entry.path, entry.body) for entry in self.file.entries]
        if self.file.settings is not None:
            bodies.append((("organisation",), self.file.settings))
        missing = [
            self.file.fault((*path, *reference.path), f"there is no {reference.kind} {reference.slug!r}")
            for path, body in bodies
            for reference in references(body)
            if (reference.kind, reference.slug) not in here
            and await self.edit.names.find(reference.kind, reference.slug) is None
        ]
        settings = self.file.settings or await Definitions().organisation(self.edit.session)
        unknown = [
            self.file.fault((*path, *wrong.path), wrong.rule)
            for path, body in bodies
            for wrong in wrong_words(body, settings)
        ]
        if missing or unknown:
            raise self.file.errors([*missing, *unknown])

    def _tell(self, kind: str, slug: str, what: str) -> None:
        self.changes.append(AppliedChange(kind, slug, what))

    # ---- plain records -----------------------------------------------------------------------------------------------

    async def _plain(self, kind: Kind[Any], entries: Sequence[Entry]) -> None:
        rows = await self._rows(kind, entries)
        bodies = await kind.bodies(self.edit.session, list(rows.values()))
        olds = dict(zip(rows, bodies, strict=True))
        for entry in _parents_first(self.file, entries):
            with _Located(self.file, entry):
                new = self._mailbox(entry.body) if isinstance(entry.body, MailboxEntry) else entry.body
                row = rows.get(entry.slug)
                if row is None:
                    await kind.create(self.edit, new)
                    self._tell(kind.name, entry.slug, "created")
                    continue
                if changes := await kind.replace(self.edit, row, olds[entry.slug], new):
                    self._tell(kind.name, entry.slug, f"changed {', '.join(changes)}")
                if not row.active:
                    await kind.activate(self.edit, entry.slug)
                    self._tell(kind.name, entry.slug, "activated")

    async def _rows(self, kind: Kind[Any], entries: Sequence[Entry]) -> dict[str, Any]:
        """The entries' rows by slug; a contact whom a mail made known before the file did is found by their address."""
        slugs = {entry.slug for entry in entries}
        wanted = select(kind.table).where(kind.table.slug.in_(slugs)).with_for_update()
        rows = {row.slug: row for row in await self.edit.session.scalars(wanted)}
        if kind is CONTACTS:
            known = {entry.body.email: entry.slug for entry in entries if isinstance(entry.body, ContactBody)}
            nameless = select(Contact).where(Contact.slug.is_(None), Contact.email.in_(known)).with_for_update()
            for row in await self.edit.session.scalars(nameless):
                rows.setdefault(known[row.email], row)
        return rows

    def _mailbox(self, entry: MailboxEntry) -> MailboxBody:
        values: dict[str, Any] = entry.model_dump(exclude={"password_env", "password_file"})
        for name, value in self.overrides.get(entry.slug, {}).items():
            values[name] = {**values[name], **value} if isinstance(value, Mapping) else value
        try:
            if entry.password_env is not None:
                values["password"] = SecretStr(self.secret("env", entry.password_env))
            elif entry.password_file is not None:
                values["password"] = SecretStr(self.secret("file", entry.password_file))
        except LookupError:
            raise Invalid("password_env", f"the environment has no {entry.password_env}") from None
        except UnicodeError:
            raise Invalid("password_file", "the password is not valid UTF-8") from None
        except OSError as error:
            raise Invalid("password_file", f"cannot be read: {error.strerror}") from None
        if (
            isinstance(secret := values.get("password"), SecretStr)
            and text_fault(secret.get_secret_value()) is not None
        ):
            raise Invalid("password_env" if entry.password_env else "password_file", "the password is not valid UTF-8")
        return MailboxBody.model_validate(values)

    # ---- everything that has versions or a life cycle ----------------------------------------------------------------

    async def _other(self, entry: Entry) -> None:
        if isinstance(entry.body, EntitlementDefinition):
            await self._entitlement(entry)
        elif isinstance(entry.body, ArticleBody):
            shown = await articles.put(self.edit, entry.body)
            if shown is not None:
                what = f"{shown.root.number}, version {shown.content.major}.{shown.content.minor}, published"
                self._tell("article", entry.slug, what)
        else:
            await self._definition(DefinitionKind(entry.kind), entry.slug, entry.body)

    async def _definition(self, kind: DefinitionKind, slug: str, body: Any) -> None:
        made = await definitions.put(self.edit, kind, body)
        if made is not None:
            self._tell(kind, slug, f"version {made.version}, active")

    async def _entitlement(self, entry: Entry) -> None:
        session = self.edit.session
        row = await session.scalar(select(Entitlement).where(Entitlement.slug == entry.slug).with_for_update())
        began = await local_day(session, self.edit.now) if row is None else row.start
        body = EntitlementDefinition.model_validate(dated(entry.raw, began))
        if row is None:
            await ENTITLEMENTS.create(self.edit, body)
            item = await ENTITLEMENTS.activate(self.edit, entry.slug)
            self._tell("entitlement", entry.slug, f"created, {item.facts['status']}")
        else:
            before = row.status
            changes = await ENTITLEMENTS.put(self.edit, row, body)
            if changes or row.status != before:
                what = f"changed {', '.join(changes)}, " if changes else ""
                self._tell("entitlement", entry.slug, f"{what}{row.status}")


class _Located:
    """Gives a refusal met while applying an entry the line of the file that it is about."""

    def __init__(self, file: OrganisationFile, entry: Entry) -> None:
        self.file, self.entry = file, entry

    def __enter__(self) -> None:
        return None

    def __exit__(self, _type: object, error: BaseException | None, _trace: object) -> None:
        match error:
            case Invalid():
                found = [self.file.fault(self._path(error.field), error.rule)]
            case DeskError():
                found = [self.file.fault(self.entry.path, error.detail)]
            case KeyringError():
                found = [self.file.fault(self.entry.path, str(error))]
            case ValidationError():
                found = [
                    self.file.fault((*self.entry.path, *inner), message)
                    for inner, message in faults(error, self.entry.raw)
                ]
            case _:
                return
        raise self.file.errors(found) from None

    def _path(self, field: str) -> Path:
        """The longest path of the file that reads like the start of `field`."""
        inside = [path for path in self.file.document.lines if path[: len(self.entry.path)] == self.entry.path]
        named = {path_text(path[len(self.entry.path) :]): path for path in inside}
        return named.get(field, (*self.entry.path, field) if field else self.entry.path)


def _parents_first(file: OrganisationFile, entries: Sequence[Entry]) -> list[Entry]:
    """Subjects may stand in any order of the tree; other kinds do not name their own kind."""
    waiting = {entry.slug: entry for entry in entries}
    ordered: list[Entry] = []
    while waiting:
        ready = [
            entry
            for entry in waiting.values()
            if not isinstance(entry.body, SubjectBody) or entry.body.parent not in waiting
        ]
        if not ready:
            raise file.errors(
                file.fault((*entry.path, "parent"), "these subjects lie below one another in a circle")
                for entry in waiting.values()
            )
        ordered += ready
        for entry in ready:
            del waiting[entry.slug]
    return ordered


__all__ = ["AppliedChange", "ApplyReport", "apply", "apply_file", "read_secret"]
