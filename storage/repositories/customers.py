"""How a contact is reached about a case."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from models.records.customers import ContactAddress
from models.records.mails import EmailMessage
from storage.repositories.suppressions import suppressed_among


async def addresses_for(session: AsyncSession, contact_id: UUID, case_id: UUID) -> tuple[str, ...]:
    """All addresses of the contact, the one to write to first: that from which they wrote to this case last, else the primary.

    One that is on the suppression list comes after those that are not.
    """
    mine = await session.scalars(
        select(ContactAddress.address).where(ContactAddress.contact_id == contact_id).order_by(ContactAddress.position)
    )
    addresses = tuple(mine)
    if len(addresses) < 2:
        return addresses
    last = await session.scalar(
        select(EmailMessage.sender)
        .where(
            EmailMessage.case_id == case_id,
            EmailMessage.direction == "in",
            EmailMessage.automatic.is_(None),
            EmailMessage.sender.in_(addresses),
        )
        .order_by(EmailMessage.id.desc())
        .limit(1)
    )
    dead = await suppressed_among(session, addresses)
    return tuple(sorted(addresses, key=lambda address: (address in dead, address != last)))
