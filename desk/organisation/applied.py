"""What files said last of each record, beside how it stands now: changes made elsewhere, and what a file lists no more."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path as FilePath

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from desk.organisation.differences import Apart, apart, different_fields
from desk.organisation.file import OrganisationFile
from desk.organisation.retiring import ended
from desk.organisation.states import Key, State, states
from desk.reference.entitlements import ENTITLEMENTS
from models.messages.reference import MailboxEntry
from models.records.applied import AppliedRecord
from models.records.base import new_id
from models.records.reference import Audit

CONTRACT = ENTITLEMENTS.name
BY_FILES = frozenset({"organisation file", "command line"})
"""Whom the audit of earlier versions names where a file was applied; they kept no states."""


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """A record that was changed by other means than a file, and that a file would now change back."""

    kind: str
    slug: str
    line: int
    fields: tuple[str, ...]
    apart: tuple[Apart, ...] = ()
    """As it stands -> as the file has it."""
    since: datetime | None = None
    """When a file was applied last, if that is known."""
    actor: str | None = None
    at: datetime | None = None
    way: str = ""
    """What is to be done with the file, where it cannot change it back."""

    @property
    def differences(self) -> tuple[str, ...]:
        return (self.way,) if self.way else tuple(each.line for each in self.apart)

    @property
    def said(self) -> str:
        who = f" by {self.actor}" if self.actor else ""
        when = f" on {self.at:%Y-%m-%d at %H:%M} UTC" if self.at else ""
        return f"{self.kind} {self.slug}: {', '.join(self.fields)} changed elsewhere{who}{when}"

    def lines(self, filename: str) -> list[str]:
        return [f"{filename}:{self.line}: {self.said}", *(f"    {each}" for each in self.differences)]


@dataclass(frozen=True, slots=True)
class Dropped:
    """A record that a file listed when it was last applied, and lists no more: it stays as it is."""

    kind: str
    slug: str

    @property
    def line(self) -> str:
        if self.kind == "article":
            return f"article {self.slug}: no longer in the file; it stays published"
        return (
            f"{self.kind} {self.slug}: no longer in the file, and still in use; to retire it: "
            f"starter.py retire {self.kind} {self.slug}"
        )


class ChangedElsewhere(Exception):
    """A file would overwrite what was changed by other means since it was applied; nothing of it was applied."""

    def __init__(self, filename: str, changes: Iterable[Elsewhere]) -> None:
        self.filename = filename
        self.changes = tuple(sorted(changes, key=lambda each: each.line))
        super().__init__("\n".join(self.lines))

    @property
    def lines(self) -> list[str]:
        return [line for each in self.changes for line in each.lines(self.filename)]


async def kept(session: AsyncSession, keys: Iterable[Key] | None = None) -> dict[Key, AppliedRecord]:
    """What files said last, of these records or of all."""
    wanted = None if keys is None else set(keys)
    rows = await session.scalars(select(AppliedRecord))
    return {(row.kind, row.slug): row for row in rows if wanted is None or (row.kind, row.slug) in wanted}


async def changed_elsewhere(
    session: AsyncSession,
    before: Mapping[Key, State],
    after: Mapping[Key, State],
    lines: Mapping[Key, int],
    known: Mapping[Key, AppliedRecord],
) -> list[Elsewhere]:
    """What the file has just changed of that which somebody else had changed before."""
    found: list[Elsewhere] = []
    for key, then in before.items():
        fields = different_fields(then, after.get(key, then))
        said = known.get(key)
        if said is not None:
            # What there was no field for when the file was applied, it said nothing of.
            fields = tuple(name for name in fields if name in said.state and then.get(name) != said.state[name])
        elif fields and not await _by_somebody(session, key):
            continue
        if fields:
            old, new = ({name: state.get(name) for name in fields} for state in (then, after[key]))
            since = said.applied_on if said is not None else None
            found.append(Elsewhere(*key, lines[key], fields, apart(old, new), since))
    return found


async def told_who(session: AsyncSession, changes: Iterable[Elsewhere]) -> list[Elsewhere]:
    """With the latest change that the audit has of those fields; to be asked outside of what applying writes."""
    found: list[Elsewhere] = []
    for each in changes:
        rows = await session.scalars(
            select(Audit)
            .where(Audit.kind == each.kind, Audit.object_id == each.slug)
            .order_by(Audit.id.desc())
            .limit(50)
        )
        since = [row for row in rows if each.since is None or row.at >= each.since]
        naming = [row for row in since if set(row.changes) & set(each.fields)]
        row = next(iter(naming or since), None)
        found.append(each if row is None else replace(each, actor=row.actor, at=row.at))
    return found


async def _by_somebody(session: AsyncSession, key: Key) -> bool:
    actors = await session.scalars(
        select(Audit.actor).where(Audit.kind == key[0], Audit.object_id == key[1]).distinct()
    )
    return bool(set(actors) - BY_FILES)


async def dropped(
    session: AsyncSession, file: OrganisationFile, listed: Iterable[Key], known: Mapping[Key, AppliedRecord]
) -> list[Dropped]:
    """In use still, though the file listed it when it was last applied.

    A file that is applied for the first time and has settings stands in the place of whatever files were applied before.
    """
    source = source_of(file)
    first = all(row.source != source for row in known.values())
    missing = [
        key
        for key, row in known.items()
        if key not in set(listed) and (row.source == source or (first and file.settings is not None))
    ]
    now = await states(session, missing)
    over = {(CONTRACT, slug) for slug in await ended(session, [slug for kind, slug in missing if kind == CONTRACT])}
    return [Dropped(*key) for key in sorted(missing) if now.get(key, {}).get("active") and key not in over]


def keep(
    session: AsyncSession,
    file: OrganisationFile,
    after: Mapping[Key, State],
    known: Mapping[Key, AppliedRecord],
    now: datetime,
) -> None:
    """What the file says from now on."""
    secrets = {
        ("mailbox", entry.slug): body.model_dump(include={"password_env", "password_file"}, exclude_none=True)
        for entry, body in file.having(MailboxEntry)
    }
    for key, state in after.items():
        values = {
            "source": source_of(file),
            # A draft is never what a file said.
            "state": {**state, "draft": None} if "draft" in state else state,
            "secret_source": secrets.get(key, {}),
        }
        row = known.get(key)
        if row is None:
            session.add(AppliedRecord(id=new_id(), kind=key[0], slug=key[1], applied_on=now, **values))
        elif any(getattr(row, name) != value for name, value in values.items()):
            for name, value in values.items():
                setattr(row, name, value)
            row.applied_on = now


def source_of(file: OrganisationFile) -> str:
    return FilePath(file.filename).name[:255]
