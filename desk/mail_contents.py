"""A mail as it came: its HTML made harmless, and its raw bytes, for whoever may see its case, or keeps the mailbox."""

from __future__ import annotations

import asyncio
import re
from base64 import b64encode
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from desk.attachments import content_of
from desk.errors import Conflict, FileLost, NotFound
from desk.identity import Identity
from desk.quarantine import entry as logged_mail
from desk.queries.visibility import OVERSEERS, sight_of
from mail.sanitised import Images, framed, page
from models.messages.said import said
from models.records.cases import Case
from models.records.mails import Attachment, EmailMessage
from storage.engines import Database
from storage.files import FileStore

SHOWN = ("image/png", "image/jpeg", "image/gif", "image/webp", "image/bmp")
"""Pictures that a page shows; not SVG, which is a document of its own."""
BEGINNINGS = {
    "image/png": b"\x89PNG\r\n\x1a\n",
    "image/jpeg": b"\xff\xd8\xff",
    "image/gif": b"GIF8",
    "image/bmp": b"BM",
}
NAMES_REMOTE = re.compile(
    r"<(?:img|table|tbody|tr|td|th)\b[^>]{0,2000}?\b(?:src|background)\s*=\s*[\"']?\s*https?:", re.IGNORECASE
)
LARGEST_PICTURES = 5 * 1024 * 1024
"""Bytes of all pictures of a page together; the others are among the mail's files."""


@dataclass(frozen=True, slots=True)
class _Mail:
    id: UUID
    text: str
    html: str | None
    pictures: tuple[_Picture, ...]


@dataclass(frozen=True, slots=True)
class _Picture:
    id: UUID
    content_id: str
    content_type: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Framed:
    """What a frame shows. `html` None: there is none, or it is too odd to be cleaned; then the text stands for it.
    `remote`: it names pictures of other servers, which were left out or not."""

    html: str | None
    text: str
    remote: bool


async def html_page(
    database: Database, files: FileStore, identity: Identity, id: UUID, images: Images = Images.NONE
) -> str:
    """A message as a page. `NotFound` if there is none, and the same if its case may not be known of."""
    async with database.read() as session:
        message = await _visible(session, identity, id)
        mail = await _mail(session, message, images)
    return await _page(files, mail, images)


async def framed_mail(
    database: Database, identity: Identity, id: UUID, images: Images, address_of: Callable[[UUID], str]
) -> Framed:
    """A message for a frame of our pages. `address_of`: where the picture of this id is found, for the reader alone and not
    for long. `NotFound`, as for `html_page`."""
    async with database.read() as session:
        message = await _visible(session, identity, id)
        mail = await _mail(session, message, images)
    inline = {each.content_id: address_of(each.id) for each in mail.pictures}
    body = await asyncio.to_thread(framed, mail.html, images, inline) if mail.html else None
    return Framed(body, mail.text, bool(mail.html) and NAMES_REMOTE.search(mail.html or "") is not None)


async def picture(database: Database, files: FileStore, id: UUID) -> tuple[str, bytes]:
    """Media type and bytes of a picture that a mail brings; whoever asks has shown that they may. `NotFound` of everything
    that is no raster image by its own bytes, whatever its sender calls it."""
    async with database.read() as session:
        row = await session.get(Attachment, id)
    if row is None or row.message_id is None or row.size > LARGEST_PICTURES:
        raise NotFound("picture", id)
    content = await content_of(files, row.sha256)
    kind = raster_kind(content)
    if kind is None:
        raise NotFound("picture", id)
    return kind, content


def raster_kind(content: bytes) -> str | None:
    """What kind of picture it is, by its first bytes."""
    for kind, beginning in BEGINNINGS.items():
        if content.startswith(beginning):
            return kind
    return "image/webp" if content[:4] == b"RIFF" and content[8:12] == b"WEBP" else None


async def raw_mail(database: Database, files: FileStore, identity: Identity, id: UUID) -> bytes:
    """A message as its server gave it. `NotFound`, as for `html_page`; `Conflict` where no bytes are kept."""
    async with database.read() as session:
        message = await _visible(session, identity, id)
        if not message.raw_sha256:
            raise Conflict("not-kept", said("the house wrote this mail itself, and keeps its words alone"))
        digest = message.raw_sha256
    return await content_of(files, digest)


async def logged_page(
    database: Database, files: FileStore, mailbox: str, entry: UUID, images: Images = Images.NONE
) -> str:
    """The same of a mail in a mailbox's log, whatever became of it: filed, held or on a case. `Conflict` if it could not be
    read."""
    async with database.read() as session:
        logged = await logged_mail(session, mailbox, entry)
        message = await session.get(EmailMessage, logged.message_id) if logged.message_id else None
        if message is None:
            raise Conflict(
                "not-read", said("this mail could not be read ({reason}); look at its raw bytes", reason=logged.reason)
            )
        mail = await _mail(session, message, images)
    return await _page(files, mail, images)


async def _visible(session: AsyncSession, identity: Identity, id: UUID) -> EmailMessage:
    message = await session.get(EmailMessage, id)
    if message is None:
        raise NotFound("message", id)
    if message.case_id is None:
        # On no case: it was filed. That is for those who look after the mailboxes.
        if not identity.roles & OVERSEERS:
            raise NotFound("message", id)
        return message
    sight = await sight_of(session, identity)
    seen = await session.scalar(select(Case.id).where(Case.id == message.case_id, sight.cases()))
    if seen is None:
        raise NotFound("message", id)
    return message


async def _mail(session: AsyncSession, message: EmailMessage, images: Images) -> _Mail:
    pictures: list[_Picture] = []
    if images is not Images.NONE and message.html:
        left = LARGEST_PICTURES
        for each in await session.scalars(
            select(Attachment)
            .where(Attachment.message_id == message.id, Attachment.inline)
            .order_by(Attachment.position)
        ):
            if each.content_id and each.content_type in SHOWN and each.size <= left:
                left -= each.size
                pictures.append(_Picture(each.id, each.content_id, each.content_type, each.sha256))
    return _Mail(message.id, message.text, message.html, tuple(pictures))


async def _page(files: FileStore, mail: _Mail, images: Images) -> str:
    inline = {}
    for each in mail.pictures:
        # A page without a picture that is lost is better than none; the log says which file it was.
        with suppress(FileLost):
            content = await content_of(files, each.sha256)
            inline[each.content_id] = f"data:{each.content_type};base64,{b64encode(content).decode()}"
    return await asyncio.to_thread(page, mail.html, mail.text, images, inline)
