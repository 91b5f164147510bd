"""Customers' links to a case as agents see them: which there are, and ending one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from cases.customers import survivor
from desk.errors import NotFound
from desk.identity import Identity
from desk.reference.records import Edit
from models.messages.api_customer_pages import CustomerLinkView
from models.records.cases import Case
from models.records.reference import Agent, Contact
from models.records.surveys import CustomerLink


class LinkState(StrEnum):
    OPEN = "open"
    REVOKED = "revoked"
    EXPIRED = "expired"
    ANOTHERS = "anothers"
    """The case has become another contact's since."""


@dataclass(frozen=True, slots=True)
class NamedLink:
    """A link as people read of it: whose it is, and who has ended it, by their names."""

    id: UUID
    contact: str
    made_on: datetime
    expires_on: datetime
    revoked_on: datetime | None
    revoked_by: str | None
    state: LinkState


async def links_of(session: AsyncSession, case: Case, id: UUID | None = None) -> list[CustomerLinkView]:
    """All links to the case, or the one of this id; the newest first."""
    return [
        CustomerLinkView(
            id=link.id,
            contact=contact.slug or str(contact.id),
            made_on=link.made_on,
            expires_on=link.expires_on,
            revoked_on=link.revoked_on,
            revoked_by=None if agent is None else agent.slug,
        )
        for link, contact, agent in await _rows(session, case, id)
    ]


async def named_links_of(session: AsyncSession, case: Case, now: datetime) -> list[NamedLink]:
    """The same with names, and whether each opens the case now (`desk.customer_view.opened`)."""
    theirs = await survivor(session, Contact, case.contact_id)
    found = []
    for link, contact, agent in await _rows(session, case):
        holder = await survivor(session, Contact, contact.id) or contact
        state = LinkState.OPEN
        if link.revoked_on is not None:
            state = LinkState.REVOKED
        elif link.expires_on <= now:
            state = LinkState.EXPIRED
        elif theirs is None or holder.id != theirs.id:
            state = LinkState.ANOTHERS
        by = None if agent is None else agent.name
        found.append(NamedLink(link.id, holder.name, link.made_on, link.expires_on, link.revoked_on, by, state))
    return found


async def _rows(
    session: AsyncSession, case: Case, id: UUID | None = None
) -> list[tuple[CustomerLink, Contact, Agent | None]]:
    wanted = (
        select(CustomerLink, Contact, Agent)
        .join(Contact, Contact.id == CustomerLink.contact_id)
        .outerjoin(Agent, Agent.id == CustomerLink.revoked_by)
        .where(CustomerLink.case_id == case.id)
        .order_by(CustomerLink.id.desc())
    )
    if id is not None:
        wanted = wanted.where(CustomerLink.id == id)
    return [(link, contact, agent) for link, contact, agent in await session.execute(wanted)]


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
