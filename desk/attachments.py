"""Files that agents upload for replies, and files of cases for those who may see the case."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID, uuid4, uuid5

import structlog
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from desk.commands import COMMANDS, checked_key
from desk.errors import FileLost, Invalid, NotFound
from desk.identity import Identity
from desk.queries.timeline import attachment_view
from desk.queries.visibility import sight_of
from desk.refusals import KeyReused
from models.messages.api_case_views import AttachmentView
from models.messages.said import said
from models.records.cases import Case
from models.records.mails import Attachment, EmailMessage
from models.records.timeline import TimelineEntry
from storage.engines import Database
from storage.files import FileDamaged, FileStore

UPLOAD_LIMIT = 25 * 1024 * 1024
"""Bytes of one upload (design, "Names and settings")."""

_UNSAFE = re.compile(r'[\x00-\x1f\x7f-\x9f/\\:*?"<>|\u061c\u200b-\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufeff]')
_MEDIA_TYPE = re.compile(r"^[a-z0-9!#$&^_.+-]{1,60}/[a-z0-9!#$&^_.+-]{1,100}$")


def safe_filename(given: str | None) -> str:
    """A name without folders, control characters or direction overrides, at most 150 characters, its suffix kept."""
    name = (given or "").replace("\\", "/").rpartition("/")[2]
    name = _UNSAFE.sub("_", name).strip(" .") or "file"
    if len(name) <= 150:
        return name
    stem, dot, suffix = name.rpartition(".")
    return f"{stem[: 149 - len(suffix)]}.{suffix}" if dot and len(suffix) <= 20 else name[:150]


def media_type(given: str | None) -> str:
    """The type that the uploader claims, if it is one at all; it is never believed when a file is served."""
    named = (given or "").partition(";")[0].strip().lower()
    return named if _MEDIA_TYPE.match(named) else "application/octet-stream"


async def upload(
    database: Database,
    files: FileStore,
    identity: Identity,
    *,
    content: bytes,
    filename: str | None,
    content_type: str | None,
    key: str | None = None,
) -> AttachmentView:
    """Keep a file for a reply of this agent; with a key, once. `Invalid` if it is empty or over `UPLOAD_LIMIT`."""
    if not content:
        raise Invalid("file", said("the file is empty"))
    if len(content) > UPLOAD_LIMIT:
        raise Invalid("file", said("at most {upload_limit} MB", upload_limit=UPLOAD_LIMIT // 1024 // 1024))
    id = uuid5(COMMANDS, f"{identity.agent_id}/upload/{checked_key(key)}") if key is not None else uuid4()
    digest = await files.put(content)
    try:
        async with database.write() as session:
            known = await session.get(Attachment, id)
            if known is None:
                known = Attachment(
                    id=id,
                    message_id=None,
                    position=0,
                    filename=safe_filename(filename),
                    content_type=media_type(content_type),
                    content_id=None,
                    size=len(content),
                    sha256=digest,
                    uploaded_by=identity.agent_id,
                )
                session.add(known)
                await session.flush()
            elif _is_used(known) and not await _may_read(session, identity, known):
                # It went into a mail of a case that has moved out of the caller's sight since.
                raise NotFound("attachment", id)
    except IntegrityError:
        # The same content or key at the same moment; the second look finds it.
        return await upload(
            database, files, identity, content=content, filename=filename, content_type=content_type, key=key
        )
    if known.sha256 != digest:
        raise KeyReused
    return attachment_view(known)


log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Download:
    filename: str
    size: int
    sha256: str
    content_type: str
    """What its sender claims; it is believed of no file that could hold a script."""


async def readable(session: AsyncSession, identity: Identity, id: UUID) -> Download:
    """A file of a case that the identity may see, or an upload of their own. `NotFound` otherwise."""
    row = await session.get(Attachment, id)
    if row is None or not await _may_read(session, identity, row):
        raise NotFound("attachment", id)
    return Download(safe_filename(row.filename), row.size, row.sha256, row.content_type)


async def content_of(files: FileStore, sha256: str) -> bytes:
    """The bytes that were kept. `FileLost` if the store has others, or none."""
    try:
        return await files.get(sha256)
    except FileNotFoundError:
        log.error("file is missing", sha256=sha256)
        raise FileLost(sha256, altered=False) from None
    except FileDamaged:
        log.error("file was altered", sha256=sha256)
        raise FileLost(sha256, altered=True) from None


async def _may_read(session: AsyncSession, identity: Identity, row: Attachment) -> bool:
    if not _is_used(row):
        return row.uploaded_by == identity.agent_id
    sight = await sight_of(session, identity)
    if row.message_id is not None:
        of_case = (
            select(Case.id)
            .join(EmailMessage, EmailMessage.case_id == Case.id)
            .where(EmailMessage.id == row.message_id, sight.cases())
        )
    else:
        of_case = (
            select(Case.id)
            .join(TimelineEntry, TimelineEntry.case_id == Case.id)
            .where(TimelineEntry.id == row.entry_id, sight.cases())
        )
    return await session.scalar(of_case) is not None


def _is_used(row: Attachment) -> bool:
    """Whether it went into a mail or a note, so that it is of that case; an unused one is its uploader's alone."""
    return row.message_id is not None or row.entry_id is not None


async def unused_uploads(session: AsyncSession, identity: Identity, ids: Sequence[UUID]) -> list[AttachmentView]:
    """Those of `ids` that are this agent's and still to be sent, in that order; the others are left out."""
    rows = await session.scalars(
        select(Attachment).where(
            Attachment.id.in_(ids),
            Attachment.uploaded_by == identity.agent_id,
            Attachment.message_id.is_(None),
            Attachment.entry_id.is_(None),
        )
    )
    found = {row.id: attachment_view(row) for row in rows}
    return [found[id] for id in ids if id in found]


async def copied(session: AsyncSession, identity: Identity, id: UUID, key: str) -> UUID:
    """A file that the identity may read, once more as an upload of theirs, to be sent on; with the same key, once."""
    row = await session.get(Attachment, id)
    if row is None or not await _may_read(session, identity, row):
        raise NotFound("attachment", id)
    made = uuid5(COMMANDS, f"{identity.agent_id}/copy/{checked_key(key)}/{id}")
    if await session.get(Attachment, made) is not None:
        return made
    copy = Attachment(
        id=made,
        message_id=None,
        position=0,
        filename=safe_filename(row.filename),
        content_type=row.content_type,
        content_id=None,
        size=row.size,
        sha256=row.sha256,
        uploaded_by=identity.agent_id,
    )
    session.add(copy)
    await session.flush()
    return made
