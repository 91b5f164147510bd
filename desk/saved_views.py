"""Lists of cases that agents keep by a name, for themselves or for all: the address is the view."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from desk.errors import Conflict, Invalid, NotFound
from desk.identity import Identity
from models.messages.said import said
from models.messages.storable import is_blank, text_fault
from models.records.base import new_id
from models.records.reference import Agent
from models.records.saved_views import LONGEST_ADDRESS, SavedView

LONGEST_NAME = 80
MOST_OWN, MOST_SHOWN = 100, 300


@dataclass(frozen=True, slots=True)
class KeptView:
    """`owner`: the name of whoever keeps it, where that is somebody else."""

    id: UUID
    name: str
    address: str
    shared: bool
    own: bool
    owner: str


async def kept_views(session: AsyncSession, identity: Identity) -> list[KeptView]:
    """One's own, then those that others share, by their names."""
    own = SavedView.agent_id == identity.agent_id
    rows = await session.execute(
        select(SavedView, own.label("own"), Agent.name)
        .join(Agent, Agent.id == SavedView.agent_id)
        .where(or_(own, SavedView.shared & Agent.active))
        .order_by(own.desc(), SavedView.name, SavedView.id)
        .limit(MOST_SHOWN)
    )
    return [KeptView(view.id, view.name, view.address, view.shared, bool(mine), name) for view, mine, name in rows]


async def keep_view(
    session: AsyncSession, identity: Identity, name: str, address: str, now: datetime, *, shared: bool
) -> None:
    """Under this name, in place of the one that had it. `Invalid` names a name or address that cannot be kept; `Conflict` if
    there are too many."""
    name = " ".join(name.split())
    if is_blank(name) or text_fault(name, LONGEST_NAME) is not None:
        raise Invalid("name", said("1 to {longest_name} characters", longest_name=LONGEST_NAME))
    if len(address) > LONGEST_ADDRESS:
        raise Invalid(
            "view",
            said(
                "its filters are longer than {longest_address} characters together; narrow them down",
                longest_address=LONGEST_ADDRESS,
            ),
        )
    of_agent = SavedView.agent_id == identity.agent_id
    known = await session.scalar(select(SavedView).where(of_agent, SavedView.name == name).with_for_update())
    if known is None:
        if (await session.scalar(select(func.count()).where(of_agent)) or 0) >= MOST_OWN:
            raise Conflict(
                "too-many-views", said("you keep {most_own} views already; remove one first", most_own=MOST_OWN)
            )
        known = SavedView(id=new_id(), agent_id=identity.agent_id, name=name)
        session.add(known)
    known.address, known.shared, known.saved_on = address, shared, now
    await session.flush()


async def share_view(session: AsyncSession, identity: Identity, id: UUID, *, shared: bool) -> None:
    """Let all agents see it, or no longer. `NotFound` unless it is one's own."""
    (await _own(session, identity, id)).shared = shared
    await session.flush()


async def drop_view(session: AsyncSession, identity: Identity, id: UUID) -> None:
    """`NotFound` unless it is one's own."""
    await session.delete(await _own(session, identity, id))
    await session.flush()


async def _own(session: AsyncSession, identity: Identity, id: UUID) -> SavedView:
    row = await session.get(SavedView, id, with_for_update=True)
    if row is None or row.agent_id != identity.agent_id:
        raise NotFound("view", id)
    return row
