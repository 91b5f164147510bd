"""In which language somebody reads letters, by their address."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from models.records.entering import AgentPreferences
from models.records.reference import Account, Agent, Contact


async def languages_of(session: AsyncSession, addresses: Iterable[str]) -> dict[str, str]:
    """By address in small letters: what an agent has set for themselves, or what is known of a contact. Nobody else's."""
    wanted = {address.lower() for address in addresses}
    known: dict[str, str] = {}
    contacts = select(Contact.email, func.coalesce(Contact.language, Account.language))
    contacts = contacts.outerjoin(Account, Account.id == Contact.account_id).order_by(Contact.id.desc())
    for email, language in await session.execute(contacts.where(func.lower(Contact.email).in_(wanted))):
        if language is not None:
            known[email.lower()] = language
    agents = select(Agent.email, AgentPreferences.body).join(AgentPreferences, AgentPreferences.agent_id == Agent.id)
    for email, body in await session.execute(agents.where(func.lower(Agent.email).in_(wanted), Agent.active)):
        if body.get("language") is not None:
            known[email.lower()] = body["language"]
    return known
