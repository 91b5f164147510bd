"""One file applied within one transaction: every entry is tried, so that all that is wrong is told at once."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, Literal

from pydantic import BaseModel, SecretStr, ValidationError
from sqlalchemy import select

from desk.errors import DeskError, Invalid
from desk.organisation.advice import advice
from desk.organisation.applied import (
    changed_elsewhere,
    dropped,
    keep,
    kept,
)
from desk.organisation.contracts import TEMPLATE, values_of
from desk.organisation.differences import apart
from desk.organisation.faults import FileFault
from desk.organisation.file import Entry, OrganisationFile
from desk.organisation.fitting import misfits
from desk.organisation.reports import AppliedChange, ApplyReport
from desk.organisation.states import PLAIN, Key, State, states
from desk.reference import definitions
from desk.reference.article_putting import put as put_article
from desk.reference.bodies import plain
from desk.reference.clauses import STAGE, asked_records
from desk.reference.entitlements import ENTITLEMENTS, local_day
from desk.reference.kinds import CONTACTS
from desk.reference.records import Edit, Kind
from desk.reference.references import references
from desk.reference.unknown import did_you_mean
from desk.reference.words import wrong_words
from models.messages.articles import ArticleEntry
from models.messages.entitlements import EntitlementDefinition
from models.messages.faults import faults
from models.messages.processes import ProcessDefinition
from models.messages.products import ProductBody
from models.messages.reference import AccountBody, ContactBody, MailboxBody, MailboxEntry, SubjectBody
from models.messages.said import said, word
from models.messages.storable import Path, path_text, text_fault
from models.records.reference import Contact, Entitlement
from storage.definitions import DefinitionKind, Definitions
from storage.secrets import KeyringError

SecretSource = Literal["env", "file"]
ReadSecret = Callable[[SecretSource, str], str]
"""Where a mailbox's password is: a variable of the environment or a file; `LookupError` or `OSError` if it is not."""

Overrides = Mapping[str, Mapping[str, Any]]
"""By mailbox slug, values that replace those of the file: `{"support": {"imap": {"port": 21420}}}`."""


class Application:
    """Writes what differs. Whether it stays is for whoever owns the transaction to say."""

    def __init__(self, edit: Edit, file: OrganisationFile, secret: ReadSecret, overrides: Overrides) -> None:
        self.edit, self.file, self.secret, self.overrides = edit, file, secret, overrides
        self.changes: list[AppliedChange] = []
        self.found: list[FileFault] = list(file.faults)
        # What the file as a whole has against an entry is told already, and the database would only say it again.
        self.failed: set[Key] = {
            (entry.kind, entry.slug)
            for entry in file.entries
            if entry.mended or any(fault.path[: len(entry.path)] == entry.path for fault in file.faults)
        }

    async def run(self) -> ApplyReport:
        """Everything is tried, so that all faults are told at once; any of them ends the transaction."""
        lines = {(entry.kind, entry.slug): self.file.document.line(entry.path) for entry in self.file.entries}
        if self.file.settings is not None:
            lines[DefinitionKind.ORGANISATION.value, self.file.settings.slug] = self.file.document.line(
                ("organisation",)
            )
        session = self.edit.session
        known, before = await kept(session), await states(session, lines)
        await self._check_names()
        # Also if they are not written, because something that they name is wrong: words are no further fault then.
        self.edit.settings = self.file.settings
        self.edit.arriving = frozenset((entry.kind, entry.slug) for entry in self.file.entries)
        self.edit.leaving = frozenset((entry.kind, entry.slug) for entry in self.file.entries if not entry.active)
        for entry in self.file.entries:
            # A condition may ask for what stands further below, and even for what names its own definition.
            for asked in asked_records(entry.body):
                self.edit.names.expect(asked.kind, asked.slug)
        for step in self._steps():
            await step()
            if not session.is_active:  # The database refused: nothing more can be asked of this transaction.
                break
        if self.found:
            await self._look_at_the_passed_over()
            raise self.file.errors(self.found)
        after = await states(session, lines)
        elsewhere = await changed_elsewhere(session, before, after, lines, known)
        gone = await dropped(session, self.file, lines, known)
        keep(session, self.file, after, known, self.edit.now)
        changes = (self._with_differences(change, before, after) for change in self.changes)
        return ApplyReport(tuple(changes), tuple(gone), tuple(elsewhere), await advice(session))

    def _with_differences(
        self, change: AppliedChange, before: Mapping[Key, State], after: Mapping[Key, State]
    ) -> AppliedChange:
        key = change.kind, change.slug
        if key not in before or key not in after:
            return change
        return replace(change, apart=apart(before[key], after[key]))

    def _steps(self) -> Iterator[Callable[[], Awaitable[None]]]:
        if self.file.settings is not None and not self.file.mended:
            # First, because contracts begin and end at midnight of its time zone.
            yield self._settings
        for later in ("queue", DefinitionKind.CALENDAR.value):
            # Queues and mailboxes name each other; agents name calendars, which come after them.
            for entry in self.file.of(later):
                self.edit.names.expect(later, entry.slug)
        for name, kind in PLAIN.items():
            yield partial(self._plain, kind, self.file.of(name))
        for entry in self.file.entries:
            if entry.kind not in PLAIN:
                yield partial(self._located, entry, self._other, entry)
        for entry in reversed(self.file.entries):
            if not entry.active:
                yield partial(self._located, entry, self._take_out_of_use, entry)

    async def _settings(self) -> None:
        settings = self.file.settings
        if settings is not None:
            for reference in references(settings):
                self.edit.names.expect(reference.kind, reference.slug)
            entry = Entry(DefinitionKind.ORGANISATION.value, settings.slug, ("organisation",), settings, {})
            await self._located(entry, self._definition, DefinitionKind.ORGANISATION, settings.slug, settings)

    async def _located(self, entry: Entry, step: Callable[..., Awaitable[None]], *given: Any) -> None:
        """One step about one entry. What it meets is a fault of the file, with its line; what hangs on it is passed over."""
        key = entry.kind, entry.slug
        if key in self.failed or self.failed.intersection((each.kind, each.slug) for each in references(entry.body)):
            self.failed.add(key)
            return
        try:
            await step(*given)
        except (DeskError, KeyringError, ValidationError) as error:
            self.failed.add(key)
            self.found += _faults_of(self.file, entry, error)

    async def _look_at_the_passed_over(self) -> None:
        if not self.edit.session.is_active:
            return
        passed_over = [entry for entry in self.file.entries if (entry.kind, entry.slug) in self.failed]
        told = {fault.path for fault in self.found}
        for entry, path, rule in await misfits(self.edit.session, self.file, passed_over):
            if (*entry.path, *path) not in told:
                self.found.append(self.file.fault((*entry.path, *path), rule))

    async def _check_names(self) -> None:
        """Whatever is named stands in this file, or is in force already; words are of the organisation's lists."""
        here = {(entry.kind, entry.slug) for entry in self.file.entries}
        for entry in self.file.entries:
            if isinstance(entry.body, ProcessDefinition):
                here |= {(STAGE, stage.slug) for stage in entry.body.stages}
        bodies = [((entry.kind, entry.slug), entry.path, entry.body, entry.mended) for entry in self.file.entries]
        if self.file.settings is not None:
            key = DefinitionKind.ORGANISATION.value, self.file.settings.slug
            bodies.append((key, ("organisation",), self.file.settings, self.file.mended))
        settings = self.file.settings or await Definitions().organisation(self.edit.session)
        for key, path, body, mended in bodies:
            for reference in references(body):
                wanted = reference.kind, reference.slug
                if wanted in here or reference.path in mended:
                    continue
                if await self.edit.names.find(*wanted) is None:
                    known = [slug for kind, slug in here if kind == reference.kind]
                    sentence = said(
                        "there is no {kind} {reference!r}{didyoumean}",
                        kind=word(reference.kind),
                        reference=reference.slug,
                        didyoumean=did_you_mean(reference.slug, known),
                    )
                    self._fault(key, (*path, *reference.path), sentence)
            for wrong in wrong_words(body, settings):
                if wrong.path not in mended:
                    self._fault(key, (*path, *wrong.path), wrong.rule)

    def _fault(self, key: Key, path: Path, sentence: str) -> None:
        self.found.append(self.file.fault(path, sentence))
        self.failed.add(key)

    def _tell(self, kind: str, slug: str, done: str, fields: Iterable[str] = (), status: str = "") -> None:
        self.changes.append(AppliedChange(kind, slug, done, tuple(fields), status))

    # ---- plain records -----------------------------------------------------------------------------------------------

    async def _plain(self, kind: Kind[Any], entries: Sequence[Entry]) -> None:
        rows = await self._rows(kind, entries)
        bodies = await kind.bodies(self.edit.session, list(rows.values()))
        olds = dict(zip(rows, bodies, strict=True))
        for entry in _parents_first(entries):
            await self._located(entry, self._record, kind, entry, rows.get(entry.slug), olds.get(entry.slug))

    async def _record(self, kind: Kind[Any], entry: Entry, row: Any | None, old: Any) -> None:
        new = self._mailbox(entry.body) if isinstance(entry.body, MailboxEntry) else entry.body
        if row is None:
            await kind.create(self.edit, new)
            self._tell(kind.name, entry.slug, said("created"))
            return
        if changes := await kind.replace(self.edit, row, old, new):
            self._tell(kind.name, entry.slug, said("changed"), changes)
        if not row.active and entry.active:
            await kind.activate(self.edit, entry.slug)
            self._tell(kind.name, entry.slug, said("activated"))

    async def _take_out_of_use(self, entry: Entry) -> None:
        kind = PLAIN[entry.kind]
        if (await kind.row(self.edit.session, entry.slug)).active:
            try:
                await kind.deactivate(self.edit, entry.slug)
            except DeskError as error:
                self._fault((entry.kind, entry.slug), (*entry.path, "active"), error.detail)
                return
            self._tell(kind.name, entry.slug, said("deactivated"))

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
            raise Invalid(
                "password_env", said("the environment has no {password_env}", password_env=entry.password_env)
            ) from None
        except UnicodeError:
            raise Invalid("password_file", said("the password is not valid UTF-8")) from None
        except OSError as error:
            raise Invalid("password_file", said("cannot be read: {strerror}", strerror=error.strerror)) from None
        secret = values.get("password")
        if isinstance(secret, SecretStr) and text_fault(secret.get_secret_value()) is not None:
            raise Invalid(
                "password_env" if entry.password_env else "password_file", said("the password is not valid UTF-8")
            )
        return MailboxBody.model_validate(values)

    # ---- everything that has versions or a life cycle ----------------------------------------------------------------

    async def _other(self, entry: Entry) -> None:
        if isinstance(entry.body, EntitlementDefinition):
            await self._entitlement(entry)
        elif isinstance(entry.body, ArticleEntry):
            for shown in await put_article(self.edit, entry.body):
                content, root = shown.content, shown.root
                version = f"{content.major}.{content.minor}"
                done = said("{number}, version {version}", number=root.number, version=version)
                if content.language != root.language:
                    done = said("{done} in {language}", done=done, language=content.language)
                self._tell("article", entry.slug, done, status=content.status)
        else:
            await self._definition(DefinitionKind(entry.kind), entry.slug, entry.body)

    async def _definition(self, kind: DefinitionKind, slug: str, body: Any) -> None:
        made = await definitions.put(self.edit, kind, body)
        if made is not None:
            self._tell(kind, slug, said("version {version}", version=made.version), status="active")

    async def _entitlement(self, entry: Entry) -> None:
        session = self.edit.session
        row = await session.scalar(select(Entitlement).where(Entitlement.slug == entry.slug).with_for_update())
        began = await local_day(session, self.edit.now) if row is None else row.start
        now = plain((await ENTITLEMENTS.bodies(session, [row]))[0]) if row is not None else None
        body = EntitlementDefinition.model_validate(values_of(self.file.document.value, entry, began, now))
        if row is None:
            await ENTITLEMENTS.create(self.edit, body, entry.raw.get(TEMPLATE), at_once=True)
            item = await ENTITLEMENTS.activate(self.edit, entry.slug)
            self._tell("entitlement", entry.slug, said("created"), status=str(item.facts["status"]))
        else:
            before = row.status
            changes = await ENTITLEMENTS.put(self.edit, row, body)
            if changes or row.status != before:
                done = said("changed") if changes else ""
                self._tell("entitlement", entry.slug, done, changes, row.status)


def _faults_of(file: OrganisationFile, entry: Entry, error: Exception) -> list[FileFault]:
    """What a refusal that was met while applying an entry says of the file."""
    match error:
        case Invalid():
            return [file.fault(_path(file, entry, error.field), error.rule)]
        case DeskError():
            return [file.fault(entry.path, error.detail)]
        case ValidationError():
            return [file.fault((*entry.path, *inner), message) for inner, message in faults(error, entry.raw)]
        case _:
            return [file.fault(entry.path, str(error))]


def _path(file: OrganisationFile, entry: Entry, field: str) -> Path:
    """The longest path of the file that reads like the start of `field`."""
    inside = [path for path in file.document.lines if path[: len(entry.path)] == entry.path]
    named = {path_text(path[len(entry.path) :]): path for path in inside}
    return named.get(field, (*entry.path, field) if field else entry.path)


def _parents_first(entries: Sequence[Entry]) -> list[Entry]:
    """What names entries of its own kind may stand before them. A circle is told elsewhere."""
    waiting = {entry.slug: entry for entry in entries}
    ordered: list[Entry] = []
    while waiting:
        ready = [entry for entry in waiting.values() if not _above(entry.body) & waiting.keys()]
        if not ready:
            return ordered
        ordered += ready
        for entry in ready:
            del waiting[entry.slug]
    return ordered


def _above(body: BaseModel | None) -> set[str | None]:
    match body:
        case AccountBody() | SubjectBody():
            return {body.parent}
        case ProductBody():
            return {body.family, *body.products}
        case _:
            return set()
