"""Of the people of a case, what its letters need: the owner's name, and the language that the customer reads."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from models.records.cases import Case
from models.records.reference import Account, Agent, Contact, Team
from storage.kept import named


async def owner_name(session: AsyncSession, case: Case) -> str:
    """The agent's, else the team's; empty for a case that nobody owns."""
    agent = await named(session, Agent, case.owner_id)
    team = None if agent else await named(session, Team, case.owner_team_id)
    return agent.name if agent else team.name if team else ""


async def language_of(session: AsyncSession, contact: Contact | None) -> str | None:
    """The customer's own language, or their account's; None: the organisation's."""
    account = await named(session, Account, contact.account_id if contact else None)
    return (contact.language if contact else None) or (account.language if account else None)
