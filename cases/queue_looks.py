"""One look at a queue that assigns by itself: what it should do, and the commands to its cases by which that is done.

The queue owns no row. It proposes; each case decides by its own rows, under its own lock, and what it refuses is looked at
anew. A look that is repeated sends the same commands under the same ids.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid5

import structlog
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from temporalio.client import WorkflowUpdateFailedError

from cases.pending import Pursuit, command_of, decided_by, pending_row
from cases.queue_news import rules_in_force
from cases.queue_rows import (
    A_LOOK,
    Waiting,
    agents_of,
    calendars_in_force,
    how_many_wait,
    targets_of,
    waiting,
)
from engine.commands import Decided, NotAnswered, Receiver
from models.messages.api_cases import stored
from models.messages.assigning import (
    Looked,
    LookInput,
    Move,
    OverflowBody,
    Proposal,
    QueueAssignBody,
    WaitingItem,
)
from models.messages.assignment import AssignmentRule
from models.messages.base import Message
from models.messages.cases import CaseCommand, CommandKind, CommandResult
from models.records.cases import Command
from models.records.reference import Queue
from policies.assignment import begins_work, propose, room
from policies.business_time import closed_since
from policies.overflow import moves, waits_too_long
from storage.definitions import Definitions
from storage.engines import Database

LOOKS = UUID("2d4b9b52-5a0e-5b0f-9a53-0c2f1c7c8e27")
"""The namespace of the ids of a look's commands."""
AT_ONCE = 16
PATIENCE = timedelta(seconds=10)
"""For one command, as it is wired: a case that is busy for longer stays in the queue, and the others go on."""
ASK_TARGETS_AGAIN = timedelta(minutes=5)
"""After which a queue that found no room in the others looks there again."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Seen:
    """What a queue should do at an instant. `next_look`: when the clock alone may change that."""

    queue: Queue
    rule: AssignmentRule
    waiting: int
    items: dict[UUID, Waiting]
    moves: tuple[Move, ...]
    proposals: tuple[Proposal, ...]
    next_look: datetime | None


async def see(
    session: AsyncSession, definitions: Definitions, slug: str, now: datetime, without: Collection[UUID] = ()
) -> Seen | None:
    """None: the queue does nothing by itself, or is not active."""
    rules = await rules_in_force(session, definitions)
    queue = await session.scalar(select(Queue).where(Queue.slug == slug, Queue.active))
    if queue is None or slug not in rules:
        return None
    rule, overflow = rules[slug], rules[slug].overflow
    count = await how_many_wait(session, queue.id)
    if not count:
        return Seen(queue, rule, 0, {}, (), (), None)
    calendars = await calendars_in_force(session, definitions)
    agents = await agents_of(session, queue.id, calendars)
    hours = calendars.get((overflow.out_of_hours if overflow else None) or "")
    organisation = await definitions.organisation(session)
    capacity = room(rule, agents, now)
    if capacity == 0 and overflow is None:
        return Seen(queue, rule, count, {}, (), (), begins_work(rule, agents, now))
    found = await waiting(
        session,
        queue.id,
        first=A_LOOK if capacity is None else max(min(capacity, A_LOOK), 1),
        priorities=organisation.priorities,
        overflow=overflow,
        closed=closed_since(hours, now),
        now=now,
        without=without,
    )
    targets = [] if overflow is None else await targets_of(session, overflow, rules, calendars, now)
    items = [each.facts for each in found]
    early = moves(rule, items, targets, now, calendar=hours, early=True)[:A_LOOK]
    left = _without(items, {move.item for move in early})
    proposals = propose(rule, left, agents, now, most=A_LOOK)
    left = _without(left, {proposal.item for proposal in proposals})
    late = () if early else moves(rule, left, targets, now, early=False)[:A_LOOK]
    left = _without(left, {move.item for move in late})
    begins = begins_work(rule, agents, now) if left else None
    changes = [instant for instant in (begins, _overflows(rule, left, now)) if instant is not None]
    return Seen(
        queue,
        rule,
        count,
        {each.facts.id: each for each in found},
        (*early, *late),
        proposals,
        min(changes, default=None),
    )


def _without(items: list[WaitingItem], gone: set[UUID]) -> list[WaitingItem]:
    """Those that still wait, each as many places nearer as have gone before it."""
    left, before = [], 0
    for item in items:
        if item.id in gone:
            before += 1
        else:
            left.append(item.model_copy(update={"place": item.place - before}) if before else item)
    return left


def _overflows(rule: AssignmentRule, items: list[WaitingItem], now: datetime) -> datetime | None:
    """When the next of them has waited too long, or the other queues are asked again whether they have room."""
    overflow = rule.overflow
    ours = [item for item in items if not item.overflowed]
    if overflow is None or not ours:
        return None
    again = now + ASK_TARGETS_AGAIN
    too_many = overflow.longest_queue is not None and any(item.place >= overflow.longest_queue for item in ours)
    if overflow.longest_wait is None:
        return again if too_many else None
    due = min(waits_too_long(overflow, item) for item in ours)
    return again if due <= now or (too_many and again < due) else due


class QueueLooks:
    """What `QueueWorkflow` has done."""

    def __init__(
        self, database: Database, definitions: Definitions, pursuit: Pursuit, *, patience: timedelta = PATIENCE
    ) -> None:
        self.database, self.definitions, self.pursuit, self.patience = database, definitions, pursuit, patience

    async def look(self, given: LookInput) -> Looked:
        """See, propose, and wait for what the cases say. Safe to repeat."""
        async with self.database.read() as session:
            seen = await see(session, self.definitions, given.slug, given.now, given.without)
        if seen is None:
            return Looked(in_force=False)
        asked = await self._written(given, seen)
        limit = asyncio.Semaphore(AT_ONCE)
        answers = await asyncio.gather(*(self._ask(item, command, known, limit) for item, command, known in asked))
        done = Counter(kind for kind, _, held in answers if held)
        failed = tuple(item for _, item, held in answers if not held)
        if answers:
            log.info("queue looked at", queue=given.slug, waiting=seen.waiting, failed=len(failed), done=done.total())
        return Looked(
            waiting=seen.waiting - done.total(),
            given=done[CommandKind.QUEUE_ASSIGN],
            moved=done[CommandKind.OVERFLOW],
            failed=failed,
            next_look=seen.next_look,
        )

    async def _written(self, given: LookInput, seen: Seen) -> list[tuple[Waiting, CaseCommand, Decided | None]]:
        """The commands of this look, each with its row, and with what became of it if it was sent before."""
        if not seen.moves and not seen.proposals:
            return []
        async with self.database.write() as session:
            targets = select(Queue.slug, Queue.id).where(Queue.slug.in_({move.to for move in seen.moves}))
            queues = {row.slug: row.id for row in await session.execute(targets)}
            wanted = [
                *((CommandKind.OVERFLOW, move.item, queues[move.to], _moves(move)) for move in seen.moves),
                *((CommandKind.QUEUE_ASSIGN, each.item, each.agent, _gives(seen, each)) for each in seen.proposals),
            ]
            ids = {item: uuid5(LOOKS, f"{given.id}/{item}") for _, item, _, _ in wanted}
            rows = await session.scalars(select(Command).where(Command.id.in_(ids.values())))
            known = {row.id: row for row in rows}
            found: list[tuple[Waiting, CaseCommand, Decided | None]] = []
            for kind, item, target, body in wanted:
                of = seen.items[item]
                row = known.get(ids[item])
                if row is not None:
                    found.append((of, command_of(row), decided_by(row, of.version)))
                    continue
                content = stored(body)
                command = CaseCommand(
                    id=ids[item],
                    kind=kind,
                    # Of the house's decisions the queue's owner has the responsibility.
                    actor_id=seen.queue.owner_id,
                    key=f"{seen.queue.slug}/{given.id}",
                    body_hash=hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest(),
                    target_id=target,
                )
                session.add(pending_row(command, of.case_id, content))
                found.append((of, command, None))
            return found

    async def _ask(
        self, of: Waiting, command: CaseCommand, known: Decided | None, limit: asyncio.Semaphore
    ) -> tuple[CommandKind, UUID, bool]:
        """Whether the case does it."""
        decided = known
        if decided is None:
            to = Receiver(of.case_id, of.number, of.origin, of.version, wake=False)
            try:
                async with limit:
                    decided = await self.pursuit.pursue(command, to, patience=self.patience)
            except (NotAnswered, WorkflowUpdateFailedError) as error:
                log.warning("a case did not answer its queue", case=of.number, error=type(error).__name__)
        return command.kind, of.facts.id, isinstance(decided, CommandResult)


def _moves(move: Move) -> Message:
    return OverflowBody(item=move.item, why=move.why)


def _gives(seen: Seen, proposal: Proposal) -> Message:
    return QueueAssignBody(
        item=proposal.item,
        method=seen.rule.method,
        presences=seen.rule.presences,
        turn_on=proposal.turn_on,
        why=proposal.why,
        passed_over=proposal.passed_over,
        more_passed_over=proposal.more_passed_over,
    )
