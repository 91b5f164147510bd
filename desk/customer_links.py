"""Customers' links to a case as agents see them: which there are, and ending one."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from desk.errors import NotFound
from desk.identity import Identity
from desk.reference.records import Edit
from models.messages.api_customer_pages import CustomerLinkView
from models.records.cases import Case
from models.records.reference import Agent, Contact
from models.records.surveys import CustomerLink


async def links_of(session: AsyncSession, case: Case, id: UUID | None = None) -> list[CustomerLinkView]:
    """All links to the case, or the one of this id; the newest first."""
    wanted = (
        select(CustomerLink, Contact, Agent.slug)
        .join(Contact, Contact.id == CustomerLink.contact_id)
        .outerjoin(Agent, Agent.id == CustomerLink.revoked_by)
        .where(CustomerLink.case_id == case.id)
        .order_by(CustomerLink.id.desc())
    )
    if id is not None:
        wanted = wanted.where(CustomerLink.id == id)
    return [
        CustomerLinkView(
            id=link.id,
            contact=contact.slug or str(contact.id),
            made_on=link.made_on,
            expires_on=link.expires_on,
            revoked_on=link.revoked_on,
            revoked_by=agent,
        )
        for link, contact, agent in await session.execute(wanted)
    ]


async def revoke(edit: Edit, identity: Identity, case: Case, id: UUID) -> CustomerLinkView:
    """From now on it opens nothing; ending it twice changes nothing. `NotFound` for a link that is not of this case."""
    row = await edit.session.get(CustomerLink, id, with_for_update=True)
    if row is None or row.case_id != case.id:
        raise NotFound("customer link", id)
    if row.revoked_on is None:
        row.revoked_on, row.revoked_by = edit.now, identity.agent_id
        edit.audit("customer-link", str(id), "revoke", {"revoked_on": [None, edit.now.isoformat()]})
        await edit.flush("customer link")
    (view,) = await links_of(edit.session, case, id)
    return view
