"""Versioned definitions: drafts change, an active version never does; activating one retires the version before."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from desk import audit
from desk.errors import Conflict, Invalid, NotFound, PreconditionRequired, Stale
from desk.reference import organisation
from desk.reference.bodies import patched, plain, storable
from desk.reference.products import check_selectable
from desk.reference.readers import check_readers
from desk.reference.records import MAX_PAGE, Edit
from desk.reference.templates import check_template, check_texts
from desk.reference.uses import check_not_named
from desk.reference.workers import check_owners
from models.messages.assignment import AssignmentRule
from models.messages.base import Message
from models.messages.organisation import OrganisationSettings
from models.messages.reading_back import read_back
from models.messages.record_creation import RecordCreationRule
from models.messages.said import said, word
from models.messages.templates import MailTemplate
from models.records.base import new_id
from models.records.reference import DefinitionRecord
from storage.definitions import IN_FORCE, MODELS, DefinitionKind

DRAFT, ACTIVE, INACTIVE = "draft", "active", "inactive"


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a definition as it is shown."""

    id: UUID
    slug: str
    version: int
    status: str
    body: Message
    activated_on: datetime | None

    @property
    def shown(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "slug": self.slug,
            "version": self.version,
            "status": self.status,
            "activated_on": self.activated_on,
            "body": self.body,
        }


def _shown(row: DefinitionRecord) -> Version:
    body = read_back(MODELS[DefinitionKind(row.kind)], row.body)
    return Version(row.id, row.slug, row.version, row.status, body, row.activated_on)


async def page(
    session: AsyncSession, kind: DefinitionKind, after: str | None = None, limit: int = 50
) -> tuple[list[Version], str | None]:
    """The latest version of each definition in order of slug, and the cursor of the next page if there is more."""
    limit = min(limit, MAX_PAGE)
    latest = select(DefinitionRecord.slug, func.max(DefinitionRecord.version).label("version"))
    latest = latest.where(DefinitionRecord.kind == kind).group_by(DefinitionRecord.slug)
    if after is not None:
        latest = latest.where(DefinitionRecord.slug > after)
    newest = latest.order_by(DefinitionRecord.slug).limit(limit + 1).subquery()
    rows = list(
        await session.scalars(
            select(DefinitionRecord)
            .join(newest, (DefinitionRecord.slug == newest.c.slug) & (DefinitionRecord.version == newest.c.version))
            .where(DefinitionRecord.kind == kind)
            .order_by(DefinitionRecord.slug)
        )
    )
    return [_shown(row) for row in rows[:limit]], rows[limit - 1].slug if len(rows) > limit else None


async def versions(session: AsyncSession, kind: DefinitionKind, key: str) -> list[Version]:
    """Every version, the latest first."""
    return [_shown(row) for row in await _rows(session, kind, key)]


async def get(session: AsyncSession, kind: DefinitionKind, key: str, version: int | None = None) -> Version:
    """One version by its number; without one the active version, or else the latest."""
    rows = await _rows(session, kind, key)
    if version is None:
        return _shown(next((row for row in rows if row.status == ACTIVE), rows[0]))
    return _shown(_numbered(rows, kind, key, version))


async def create(edit: Edit, kind: DefinitionKind, body: Message) -> Version:
    """A first version, as a draft."""
    slug = _slug(body)
    taken = select(DefinitionRecord.id).where(DefinitionRecord.kind == kind, DefinitionRecord.slug == slug).limit(1)
    if await edit.session.scalar(taken) is not None:
        raise Conflict(
            "already-exists",
            said("the {kind} {slug!r} is there already; change that one", kind=word(kind), slug=slug),
            field="slug",
        )
    return _shown(await _new_version(edit, kind, body, 1, {}))


async def change(
    edit: Edit,
    kind: DefinitionKind,
    key: str,
    patch: Mapping[str, Any],
    if_match: str | None,
    version: int | None = None,
) -> Version:
    """A merge patch on the latest version: a draft is changed in place, anything else gets a new draft version.

    With `version` that one is meant, and must be a draft.
    """
    rows = await _rows(edit.session, kind, key, lock=True)
    base = rows[0] if version is None else _numbered(rows, kind, key, version)
    if if_match is None:
        raise PreconditionRequired
    if if_match.strip() not in ("*", etag(_shown(base))):
        raise Stale(base.version, _read_the_draft(rows, base))
    if version is not None and base.status != DRAFT:
        raise Conflict(
            "definition-read-only",
            said(
                "version {version} of {kind} {slug!r} is {status}; only a draft changes",
                version=base.version,
                kind=word(kind),
                slug=base.slug,
                status=word(base.status),
            ),
            allowed=("change without ?version= makes a new draft",),
        )
    body = patched(MODELS[kind], base.body, patch)
    if _slug(body) != base.slug:
        raise Invalid("slug", said("a slug never changes; others name this definition by it"))
    if plain(body) == plain(_shown(base).body):
        return _shown(base)
    if base.status != DRAFT:
        return _shown(await _new_version(edit, kind, body, base.version + 1, base.body))
    _check_text(body)
    changes = audit.difference(base.body, plain(body))
    base.body = plain(body)
    await edit.flush(f"{kind} {base.slug!r}")
    edit.audit(kind, base.slug, f"change version {base.version}", changes)
    return _shown(base)


def _read_the_draft(rows: list[DefinitionRecord], base: DefinitionRecord) -> str | None:
    """Who reads a definition without a number is shown the version in force: reading that again would not help."""
    if base.status != DRAFT or all(row.status != ACTIVE for row in rows):
        return None
    return said(
        "the draft of version {version} is changed, and not the version in force: read it with ?version={version} first",
        version=base.version,
    )


async def add_holidays(edit: Edit, key: str, found: Sequence[Mapping[str, Any]]) -> Version:
    """To the calendar's latest version, in a draft: days that it does not list yet."""
    listed = (await _rows(edit.session, DefinitionKind.CALENDAR, key, lock=True))[0].body.get("holidays", [])
    known = {holiday["date"] for holiday in listed}
    more = [{**holiday, "date": holiday["date"].isoformat()} for holiday in found]
    holidays = sorted(
        [*listed, *(holiday for holiday in more if holiday["date"] not in known)], key=lambda holiday: holiday["date"]
    )
    return await change(edit, DefinitionKind.CALENDAR, key, {"holidays": holidays}, "*")


async def activate(edit: Edit, kind: DefinitionKind, key: str, version: int | None = None) -> Version:
    """Make a version (by default the latest) the one in force; what it names must exist and be active itself."""
    rows = await _rows(edit.session, kind, key, lock=True)
    row = rows[0] if version is None else _numbered(rows, kind, key, version)
    if row.status == ACTIVE:
        return _shown(row)
    body = _shown(row).body
    await edit.names.check(body)
    await edit.check_words(body)
    await check_owners(edit.session, body)
    await check_selectable(edit.session, body)
    await check_readers(edit.session, body)
    if isinstance(body, RecordCreationRule | AssignmentRule):
        await _check_only_rule(edit, kind, body)
    retired = [other for other in rows if other.status == ACTIVE]
    if isinstance(body, OrganisationSettings):
        await organisation.check_words_in_use(edit, body)
        await organisation.follow_zone(edit, body)
    await check_texts(edit, body)
    if kind is DefinitionKind.ROUTING_RULE_SET:
        retired = await _active(edit.session, kind)  # At most one set is active (domain 5.1).
    for other in retired:
        other.status = INACTIVE
        edit.names.forget(kind, other.slug)
        edit.audit(kind, other.slug, f"deactivate version {other.version}", {"status": [ACTIVE, INACTIVE]})
    # The old version goes first: two active versions of one slug never exist, not even inside a transaction.
    await edit.flush(f"{kind} {row.slug!r}")
    edit.audit(kind, row.slug, f"activate version {row.version}", {"status": [row.status, ACTIVE]})
    row.status, row.activated_on = ACTIVE, edit.now
    await edit.flush(f"{kind} {row.slug!r}")
    _read_anew(edit.session)
    return _shown(row)


async def deactivate(edit: Edit, kind: DefinitionKind, key: str) -> Version:
    """Put the active version out of force, unless another active definition names it. None active: nothing happens."""
    rows = await _rows(edit.session, kind, key, lock=True)
    row = next((row for row in rows if row.status == ACTIVE), None)
    if row is None:
        return _shown(rows[0])
    await check_not_named(edit.session, kind, row.slug)
    row.status = INACTIVE
    edit.names.forget(kind, row.slug)
    await edit.flush(f"{kind} {row.slug!r}")
    _read_anew(edit.session)
    edit.audit(kind, row.slug, f"deactivate version {row.version}", {"status": [ACTIVE, INACTIVE]})
    return _shown(row)


async def put(edit: Edit, kind: DefinitionKind, body: Message) -> Version | None:
    """Have exactly this in force, in a new version if need be; None if it already is."""
    slug = _slug(body)
    wanted = select(DefinitionRecord).where(DefinitionRecord.kind == kind, DefinitionRecord.slug == slug)
    rows = list(await edit.session.scalars(wanted.order_by(DefinitionRecord.version.desc()).with_for_update()))
    if not rows:
        await _new_version(edit, kind, body, 1, {})
        return await activate(edit, kind, slug, 1)
    now = next((row for row in rows if row.status == ACTIVE), None)
    if now is not None and plain(_shown(now).body) == plain(body):
        return None
    if plain(_shown(rows[0]).body) == plain(body):
        return await activate(edit, kind, slug, rows[0].version)
    made = await _new_version(edit, kind, body, rows[0].version + 1, (now or rows[0]).body)
    return await activate(edit, kind, slug, made.version)


def _read_anew(session: AsyncSession) -> None:
    """What this transaction decides from now on, it decides by what it has just put in force."""
    session.info.pop(IN_FORCE, None)


def etag(version: Version) -> str:
    """Changes with each edit of a draft too, which keeps its number: number, status and a digest of the body."""
    text = json.dumps([version.status, plain(version.body)], sort_keys=True)
    return f'"v{version.version}-{hashlib.sha256(text.encode()).hexdigest()[:12]}"'


def _slug(body: Message) -> str:
    slug: str = getattr(body, "slug")  # noqa: B009 - every definition model has one, which their common base cannot say
    return slug


async def _rows(session: AsyncSession, kind: DefinitionKind, key: str, *, lock: bool = False) -> list[DefinitionRecord]:
    """All versions of a slug, or of the slug that a version's id belongs to, the latest first."""
    slug: str | None = key
    try:
        by_id = await session.scalar(
            select(DefinitionRecord.slug).where(DefinitionRecord.kind == kind, DefinitionRecord.id == UUID(key))
        )
        slug = by_id or key
    except ValueError:
        pass
    wanted = select(DefinitionRecord).where(DefinitionRecord.kind == kind, DefinitionRecord.slug == slug)
    wanted = wanted.order_by(DefinitionRecord.version.desc())
    rows = list(await session.scalars(wanted.with_for_update() if lock else wanted))
    if not rows:
        raise NotFound(kind, key)
    return rows


def _numbered(rows: list[DefinitionRecord], kind: DefinitionKind, key: str, version: int) -> DefinitionRecord:
    row = next((row for row in rows if row.version == version), None)
    if row is None:
        raise NotFound(kind, f"{key} version {version}")
    return row


async def _active(session: AsyncSession, kind: DefinitionKind) -> list[DefinitionRecord]:
    wanted = select(DefinitionRecord).where(DefinitionRecord.kind == kind, DefinitionRecord.status == ACTIVE)
    return list(await session.scalars(wanted.with_for_update()))


async def _new_version(
    edit: Edit, kind: DefinitionKind, body: Message, version: int, old: Mapping[str, Any]
) -> DefinitionRecord:
    _check_text(body)
    row = DefinitionRecord(
        id=new_id(), kind=kind.value, slug=_slug(body), version=version, status=DRAFT, body=plain(body)
    )
    edit.session.add(row)
    await edit.flush(f"{kind} {row.slug!r}")
    edit.audit(kind, row.slug, f"create version {version}", audit.difference(old, row.body))
    return row


async def _check_only_rule(edit: Edit, kind: DefinitionKind, body: RecordCreationRule | AssignmentRule) -> None:
    """One active rule of a kind for a queue (domain 6.1, 5.2)."""
    for other in await _active(edit.session, kind):
        if other.slug != body.slug and _watched(read_back(MODELS[kind], other.body)) == _watched(body):
            where = said("on the queue {queue!r}", queue=body.queue) if body.queue else said("where no queue is named")
            raise Conflict(
                "queue-has-rule",
                said(
                    "the {kind} {other!r} is already active {where}",
                    kind=word(kind.replace("-", " ")),
                    other=other.slug,
                    where=where,
                ),
                allowed=(f"deactivate {other.slug}",),
            )


def _watched(body: Any) -> tuple[str | None, str | None]:
    """What only one active rule of its kind can be about."""
    return getattr(body, "source", None), body.queue


def _check_text(body: Message) -> None:
    storable(body)
    if isinstance(body, MailTemplate):
        check_template(body)
