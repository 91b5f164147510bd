"""The customer's way from a letter to their case: a link of the case's contact, in letters that they alone read."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from letters.links import LinkKind, address_of
from models.messages.addresses import canonical_address
from models.messages.organisation import OrganisationSettings
from models.records.base import new_id
from models.records.cases import Case
from models.records.customers import ContactAddress
from models.records.reference import Contact
from models.records.surveys import CustomerLink

SEE_YOUR_CASE = {"en": "See your case and answer here:", "de": "Ihre Anfrage ansehen und antworten:"}


def see_your_case(language: str) -> str:
    """What stands before the link; in English where the engine has no words of that language."""
    return SEE_YOUR_CASE.get(language.partition("-")[0].lower(), SEE_YOUR_CASE["en"])


async def customer_link(
    session: AsyncSession,
    case: Case,
    contact: Contact | None,
    recipients: Sequence[str],
    organisation: OrganisationSettings,
) -> str:
    """The bare address of the case's page for its contact; empty where there is none, or where somebody else reads the letter.

    A link is used again for half of its time, so that a lively case has a few, and a letter's link lasts.
    """
    pages = organisation.pages
    if pages.address is None or not pages.customer_view or contact is None or not recipients:
        return ""
    theirs = await session.scalars(select(ContactAddress.address).where(ContactAddress.contact_id == contact.id))
    if not {canonical_address(each) for each in recipients} <= {canonical_address(each) for each in theirs}:
        return ""
    now = datetime.now(UTC)
    lasting = timedelta(days=pages.link_days)
    known = await session.scalar(
        select(CustomerLink.id)
        .where(
            CustomerLink.case_id == case.id,
            CustomerLink.contact_id == contact.id,
            CustomerLink.revoked_on.is_(None),
            CustomerLink.expires_on > now + lasting / 2,
        )
        .order_by(CustomerLink.id.desc())
        .limit(1)
    )
    if known is None:
        known = new_id()
        session.add(
            CustomerLink(id=known, case_id=case.id, contact_id=contact.id, made_on=now, expires_on=now + lasting)
        )
        await session.flush()
    return address_of(pages.address, LinkKind.CASE, known)
