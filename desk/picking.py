"""Pick next: the most urgent case of a queue that nobody works on, for whoever asks."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from desk.commands import CaseDesk, CommandAnswer, checked_key, command_id
from desk.errors import Conflict
from desk.identity import Identity
from desk.queries.visibility import visible_queue
from models.messages.cases import CaseStatus, CommandKind, ProblemType
from models.records.cases import Case, Command, QueueItem
from models.records.reference import Queue
from storage.engines import Database

PICK_TRIES = 5


async def pick_next(
    database: Database, desk: CaseDesk, identity: Identity, queue_key: str, *, key: str | None = None
) -> CommandAnswer | None:
    """Pick candidates in turn, the next if another was quicker; None if the queue has none, or all five were taken.

    The same key gives the same case. `Conflict` `no-capacity` ends the search: no other case would fit either.
    """
    asked = command_id(identity.agent_id, checked_key(key)).hex
    async with database.read() as session:
        queue = await visible_queue(session, identity, queue_key)
        turns = {command_id(identity.agent_id, turn): turn for turn in (f"{asked}/{n}" for n in range(PICK_TRIES))}
        for command, number in await _used(session, list(turns)):
            if command.state == "done":
                return CommandAnswer(number, command.id, (command.result or {}).get("version"), replayed=True)
            # That turn was lost to somebody quicker, and its key belongs to that case.
            del turns[command.id]
        numbers = await _candidates(session, queue)
    for turn, number in zip(turns.values(), numbers, strict=False):
        try:
            return await desk.command(identity, number, CommandKind.PICK, key=turn)
        except Conflict as error:
            if error.type == ProblemType.NO_CAPACITY:
                raise
    return None


async def _used(session: AsyncSession, ids: list[UUID]) -> list[tuple[Command, str]]:
    """What this key tried before, with the numbers of the cases."""
    rows = await session.execute(
        select(Command, Case.number).join(Case, Case.id == Command.case_id).where(Command.id.in_(ids))
    )
    return [(command, number) for command, number in rows]


async def _candidates(session: AsyncSession, queue: Queue) -> list[str]:
    """The earliest deadline first, those without one last, then the longest in the queue."""
    rows = await session.scalars(
        select(Case.number)
        .join(QueueItem, QueueItem.case_id == Case.id)
        .where(
            QueueItem.queue_id == queue.id,
            QueueItem.live,
            QueueItem.worked_by.is_(None),
            Case.status == CaseStatus.ACTIVE,
        )
        .order_by(Case.next_due.asc().nulls_last(), QueueItem.entered_on, Case.id)
        .limit(PICK_TRIES)
    )
    return list(rows)
