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
from typing import NamedTuple
from uuid import UUID, uuid5

import structlog
from sqlalchemy import literal, select
from sqlalchemy.ext.asyncio import AsyncSession
from temporalio.client import WorkflowUpdateFailedError

from cases.pending import Pursuit, command_of, pending_row
from cases.queue_news import rules_in_force
from cases.queue_rows import (
    A_LOOK,
    Waiting,
    agents_of,
    calendars_in_force,
    how_many_wait,
    is_any_asked,
    targets_of,
    waiting,
)
from engine.commands import NotAnswered, Receiver
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
from models.records.cases import Case
from models.records.commands import Command
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

ASKED_AGAIN_AFTER = timedelta(minutes=1)
"""When the queue looks again while a case has not answered a command of the house. Until it has, it is passed over."""

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


class Asked(NamedTuple):
    """A command to the case of an item."""

    item: UUID
    command: CaseCommand
    to: Receiver


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
    # Whatever such a case says in the end, nobody may be waiting for it any more: a refusal is no news to the queue.
    asked = now + ASKED_AGAIN_AFTER if await is_any_asked(session, queue.id) else None
    changes = [instant for instant in (begins, _overflows(rule, left, now), asked) if instant is not None]
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
    """When the next of them will have waited too long. Of those that have, and found no room, housekeeping sees when there
    is some."""
    overflow = rule.overflow
    if overflow is None or overflow.longest_wait is None:
        return None
    dues = (waits_too_long(overflow, item) for item in items if not item.overflowed)
    return min((due for due in dues if due > now), default=None)


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
        did = await asyncio.gather(*(self._ask(each, limit) for each in asked))
        done = Counter(each.command.kind for each, held in zip(asked, did, strict=True) if held)
        failed = tuple(each.item for each, held in zip(asked, did, strict=True) if not held)
        if asked:
            log.info("queue looked at", queue=given.slug, waiting=seen.waiting, failed=len(failed), done=done.total())
        return Looked(
            waiting=seen.waiting - done.total(),
            given=done[CommandKind.QUEUE_ASSIGN],
            moved=done[CommandKind.OVERFLOW],
            failed=failed,
            next_look=seen.next_look,
        )

    async def _written(self, given: LookInput, seen: Seen) -> list[Asked]:
        """The commands of this look, each with its row; those first that a look of this id left behind undecided."""
        key = f"{seen.queue.slug}/{given.id}"
        pending = Command.state == literal("pending", literal_execute=True)  # of those there is an index
        mine = select(Command, Case).join(Case, Case.id == Command.case_id).where(pending, Command.key == key)
        async with self.database.read() as session:
            found = [_asked_before(row, case) for row, case in await session.execute(mine)]
        if not seen.moves and not seen.proposals:
            return found
        async with self.database.write() as session:
            targets = select(Queue.slug, Queue.id).where(Queue.slug.in_({move.to for move in seen.moves}))
            queues = {row.slug: row.id for row in await session.execute(targets)}
            wanted = [
                *((CommandKind.OVERFLOW, move.item, queues[move.to], _moves(move)) for move in seen.moves),
                *((CommandKind.QUEUE_ASSIGN, each.item, each.agent, _gives(seen, each)) for each in seen.proposals),
            ]
            ids = {item: uuid5(LOOKS, f"{given.id}/{item}") for _, item, _, _ in wanted}
            # What a look of this id was refused already is for the next one to try.
            refused = set(await session.scalars(select(Command.id).where(Command.id.in_(ids.values()))))
            for kind, item, target, body in wanted:
                if ids[item] in refused:
                    continue
                of, content = seen.items[item], stored(body)
                command = CaseCommand(
                    id=ids[item],
                    kind=kind,
                    # Of the house's decisions the queue's owner has the responsibility.
                    actor_id=seen.queue.owner_id,
                    key=key,
                    body_hash=hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest(),
                    target_id=target,
                )
                session.add(pending_row(command, of.case_id, content))
                found.append(Asked(item, command, Receiver(of.case_id, of.number, of.origin, of.version, wake=False)))
        return found

    async def _ask(self, asked: Asked, limit: asyncio.Semaphore) -> bool:
        """Whether the case does it. One that does not answer in time has the command all the same, and decides later."""
        try:
            async with limit:
                decided = await self.pursuit.pursue(asked.command, asked.to, patience=self.patience)
        except (NotAnswered, WorkflowUpdateFailedError) as error:
            log.warning("a case did not answer its queue", case=asked.to.number, error=type(error).__name__)
            return False
        return isinstance(decided, CommandResult)


def _asked_before(row: Command, case: Case) -> Asked:
    to = Receiver(case.id, case.number, case.origin, case.version, wake=False)
    return Asked(UUID(row.body["item"]), command_of(row), to)


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
