"""What the filters and forms of lists offer to choose from, as names by slugs."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from desk.identity import Identity
from desk.queries import choices


@dataclass(frozen=True, slots=True)
class Offered:
    """In the order of the names; queues are those that one may see."""

    queues: dict[str, str]
    agents: dict[str, str]
    teams: dict[str, str]


async def offered(session: AsyncSession, identity: Identity) -> Offered:
    return Offered(
        dict(await choices.queues(session, identity)),
        dict(await choices.agents(session)),
        dict(await choices.teams(session)),
    )
