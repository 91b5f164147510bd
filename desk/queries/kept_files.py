"""Which files the rows name, to see whether the store still has them."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from models.records.mails import Attachment, InboundMail


async def newest_files(session: AsyncSession, most: int) -> set[str]:
    """The SHA-256 of the newest `most` mails and of as many attachments: of a store that is older than the database, these
    are what it lacks."""
    mails = select(InboundMail.raw_sha256).where(InboundMail.raw_sha256.is_not(None)).order_by(InboundMail.id.desc())
    files = select(Attachment.sha256).order_by(Attachment.id.desc())
    found = [*await session.scalars(mails.limit(most)), *await session.scalars(files.limit(most))]
    return {each for each in found if each}
