"""Pick next: the most urgent case of a queue, or of all of somebody's, that nobody works on, for whoever asks."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from desk.commands import CaseDesk, CommandAnswer, checked_key, command_id
from desk.errors import Conflict, NotFound
from desk.identity import Identity
from desk.queries.my_queues import is_theirs
from desk.queries.visibility import visible_queue
from desk.refusals import Faulted, KeyReused
from models.messages.cases import CaseStatus, CommandKind, ProblemType
from models.messages.said import said
from models.records.cases import Case, QueueItem
from models.records.commands import Command
from models.records.reference import Queue
from storage.engines import Database
from storage.repositories.membership import has_members

MOST_TURNS = 100
"""Cases that one request tries: each is lost to somebody quicker in another process, or cannot be picked by a fault."""
READ_AT_ONCE = 30


async def pick_next(
    database: Database, desk: CaseDesk, identity: Identity, queue_key: str | None, *, key: str | None = None
) -> CommandAnswer | None:
    """Pick the most urgent case that nobody else is about to pick; None only if none is left. Without `queue_key` it is one
    of all queues whose work is theirs (domain 2).

    The same key gives the same case. `Conflict` `no-capacity` ends the search: no other case would fit either;
    `queue-inactive`: nobody picks from it any more. A case that a fault of ours keeps from being picked holds nobody up:
    the next one is tried, and `Faulted` raised if there is none.
    """
    asked = command_id(identity.agent_id, checked_key(key)).hex
    turns = {command_id(identity.agent_id, turn): turn for turn in (f"{asked}/{n}" for n in range(MOST_TURNS))}
    lost: set[str] = set()
    fault: Faulted | None = None
    async with database.read() as session:
        queues = await _queues(session, identity, queue_key)
        used = await _used(session, list(turns))
        if (answer := _done(used)) is not None:
            return answer
        for command, _ in used:
            # That turn was lost, and its key belongs to that case.
            del turns[command.id]
    for turn in turns.values():
        wanted = await _free(database, desk, queues, lost)
        if wanted is None:
            break
        with desk.claims.of(wanted):
            try:
                return await desk.command(identity, wanted, CommandKind.PICK, key=turn)
            except Conflict as error:
                if error.type == ProblemType.NO_CAPACITY:
                    raise
            except KeyReused:
                # The same request at the same moment took this turn with another case.
                async with database.read() as session:
                    if (answer := _done(await _used(session, list(turns)))) is not None:
                        return answer
            except NotFound:
                pass  # It has just moved out of the caller's sight.
            except Faulted as error:
                fault = error
        lost.add(wanted)
    if fault is not None:
        raise fault
    return None


async def _queues(session: AsyncSession, identity: Identity, key: str | None) -> list[UUID]:
    """The queue of this key; without one those that the agent owns or belongs to, and public ones that are everybody's."""
    if key is None:
        everybodys = ~Queue.private & ~has_members(Queue.id)
        wanted = select(Queue.id).where(Queue.active, or_(is_theirs(identity.agent_id), everybodys))
        return list(await session.scalars(wanted))
    queue = await visible_queue(session, identity, key)
    if not queue.active:
        raise Conflict(
            ProblemType.QUEUE_INACTIVE.value, said("the queue {queue!r} is not active any more", queue=queue.slug)
        )
    return [queue.id]


async def _free(database: Database, desk: CaseDesk, queues: Sequence[UUID], lost: set[str]) -> str | None:
    """The most urgent case that nobody works on or is about to pick. Waits while others are about to pick all that is
    left: theirs may be refused."""
    while True:
        async with database.read() as session:
            numbers = await _candidates(session, queues, lost)
        if not numbers:
            return None
        free = desk.claims.free_of(numbers)
        if free is not None:
            return free
        await desk.claims.one_ends(numbers)


async def _used(session: AsyncSession, ids: list[UUID]) -> list[tuple[Command, str]]:
    """What this key tried before, with the numbers of the cases."""
    rows = await session.execute(
        select(Command, Case.number).join(Case, Case.id == Command.case_id).where(Command.id.in_(ids))
    )
    return [(command, number) for command, number in rows]


def _done(used: list[tuple[Command, str]]) -> CommandAnswer | None:
    """The answer of the turn that got its case."""
    for command, number in used:
        if command.state == "done":
            return CommandAnswer(number, command.id, (command.result or {}).get("version"), replayed=True)
    return None


async def _candidates(session: AsyncSession, queues: Sequence[UUID], lost: set[str]) -> list[str]:
    """The earliest deadline first, those without one last, then the longest in the queue."""
    rows = await session.scalars(
        select(Case.number)
        .join(QueueItem, QueueItem.case_id == Case.id)
        .where(
            QueueItem.queue_id.in_(queues),
            QueueItem.live,
            QueueItem.worked_by.is_(None),
            Case.status == CaseStatus.ACTIVE,
            Case.number.not_in(sorted(lost)),
        )
        .order_by(Case.next_due.asc().nulls_last(), QueueItem.entered_on, Case.id)
        .limit(READ_AT_ONCE)
    )
    return list(rows)
