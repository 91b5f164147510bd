"""Commands on several cases, as their callers see them: whom they may name, and when all cases have decided (domain 1.4, 1.5)."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from cases.families import LINKED
from cases.incidents import SET_ASIDE
from cases.merging import RETIRED
from desk.errors import Conflict, Invalid, NotFound
from desk.identity import Identity
from desk.queries.visibility import numbers_seen, sight_of, visible_case
from models.messages.cases import CaseStatus, CommandKind, ProblemType
from models.messages.mailflow import DeliveryKind
from models.messages.said import said
from models.records.cases import Case
from storage.engines import Database
from storage.repositories.families import asked_by

SEVERAL = frozenset(
    {
        *(CommandKind.MERGE, CommandKind.ADD_CHILD, CommandKind.RESOLVE, CommandKind.CANCEL),
        *(CommandKind.REPLY, CommandKind.UNDO_REPLY),
    }
)
"""Commands that other cases may have to hear of; of a reply, because it may resolve a parent, and of one that is taken back."""
LOOK_EVERY = 0.03


async def all_have_done(database: Database, command_id: UUID, within: float) -> bool:
    """Whether every case that the command asks something of has decided, looked at for so many seconds; False as well if one
    could not by a fault of ours, which is an incident."""
    loop = asyncio.get_running_loop()
    ends, wait = loop.time() + within, LOOK_EVERY
    while True:
        async with database.read() as session:
            asked = await asked_by(session, command_id)
        if all(each.done for each in asked):
            return not any(each.outcome == SET_ASIDE for each in asked)
        if loop.time() > ends:
            return False
        await asyncio.sleep(wait)
        wait = min(wait * 1.5, 0.25)


async def check_losers(session: AsyncSession, identity: Identity, losers: Sequence[str]) -> None:
    """`Invalid` names the first that there is not, or that may not be known of."""
    sight = await sight_of(session, identity)
    seen = set((await numbers_seen(session, sight, Case.number.in_(losers))).values())
    for position, number in enumerate(losers):
        if number not in seen:
            raise Invalid(f"losers[{position}]", said("there is no case {number!r}", number=number))


async def child_named(session: AsyncSession, identity: Identity, number: str) -> Case:
    """The case that is to become a child; `Invalid` if there is none, or none that may be known of."""
    try:
        return await visible_case(session, identity, number)
    except NotFound:
        raise Invalid("case", said("there is no case {number!r}", number=number)) from None


async def check_linked(session: AsyncSession, command_id: UUID) -> None:
    """`Conflict` if the case that was to become a child had changed meanwhile, so that it could not."""
    for each in await asked_by(session, command_id):
        if each.kind == DeliveryKind.LINK and each.done and each.outcome != LINKED:
            raise Conflict(
                "link-refused",
                said("{number} could not become a child: {outcome}", number=each.number, outcome=each.outcome),
            )


async def check_merged(session: AsyncSession, command_id: UUID) -> None:
    """`Conflict` if not one of the losers has gone up in the survivor, because they, or it, had changed meanwhile. One of
    several that stays as it is tells so on its timeline."""
    losers = [each for each in await asked_by(session, command_id) if each.kind == DeliveryKind.GO_UP]
    if losers and all(each.done and each.outcome != RETIRED for each in losers):
        named = ", ".join(each.number for each in losers)
        raise Conflict(
            ProblemType.MERGE_FORBIDDEN.value,
            said("{named} had changed, or this case, and nothing was merged.", named=named),
        )


async def until_open(database: Database, number: str, within: float) -> None:
    """Until a case that another one has opened is routed and its promises run; at most for so many seconds."""
    loop = asyncio.get_running_loop()
    ends, wait = loop.time() + within, LOOK_EVERY
    while loop.time() < ends:
        async with database.read() as session:
            if await session.scalar(select(Case.status).where(Case.number == number)) != CaseStatus.OPENING:
                return
        await asyncio.sleep(wait)
        wait = min(wait * 1.5, 0.25)
