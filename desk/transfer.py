"""Cases of an agent, a team or a queue that is to be switched off: handed to another, by commands to the cases."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from desk.commands import CaseDesk
from desk.default_queues import default_queue
from desk.errors import Conflict, DeskError, Invalid
from desk.identity import Identity
from desk.leaving import hand_over_activities
from desk.reference.kinds import AGENTS, QUEUES, TEAMS
from desk.reference.references import Names
from desk.reference.uses import check_not_named
from desk.reference.workers import check_works_cases
from models.messages.cases import OPEN_STATUSES, CommandKind
from models.messages.said import joined, said, word
from models.records.cases import Case, QueueItem
from models.records.reference import Queue
from storage.engines import Database

TRANSFERRED = {"agent": ("agent", "team"), "team": ("agent", "team"), "queue": ("queue",)}
"""To what the cases of each kind of record can go; the first that has such a slug is meant."""
KINDS: dict[str, Any] = {"agent": AGENTS, "team": TEAMS, "queue": QUEUES}
AT_ONCE = 8
ROUNDS = 5
"""New cases may come while the others leave; after so many rounds somebody must look."""
MOST_NAMED = 10


@dataclass(frozen=True, slots=True)
class _Live:
    """An open case of the record that is to go."""

    number: str
    version: int
    """Which it has now: what was asked of it before, and refused, is asked anew once anything has changed."""
    worked: bool
    """One who is to go works on it."""
    owner: UUID | None
    """Who keeps it, although one who is to go works on it; None: it goes to the target."""
    owned: bool
    """It is theirs, or they work on it; otherwise it only waits for them in their default queue."""
    waits: bool
    """It stands in their default queue, and goes to the target's."""


async def transfer(
    database: Database, desk: CaseDesk, identity: Identity, kind: str, key: str, transfer_to: str, now: datetime
) -> None:
    """Until no open case is left with the record, and no open activity with an agent whose place another agent takes; what was
    moved stays moved if something stops it.

    `Invalid` for a target that is none, `Conflict` `in-use` if a rule in force names the record, `transfer-incomplete` if
    cases are left: the same request again goes on.
    """
    async with database.read() as session:
        row = await KINDS[kind].row(session, key)
        if not row.active:
            return
        await check_not_named(session, kind, row.slug)
        target, target_kind = await _target(session, kind, row.id, transfer_to)
    waits_in: UUID | None = None
    refused: dict[str, str] = {}
    stranded: dict[str, str] = {}
    kept: dict[str, str] = {}
    """Nobody took it, so that it is still theirs: the same request, or one with another target, finds it again."""
    limit = asyncio.Semaphore(AT_ONCE)

    async def move(case: _Live, key: str) -> None:
        async with limit:
            released = False
            try:
                for command, given in _commands(kind, case, target, waits_in):
                    await desk.command(identity, case.number, command, key=f"{key}/{command}", target_id=given)
                    released = released or command is CommandKind.RELEASE
            except DeskError as error:
                if not released:
                    refused[case.number] = error.detail
                elif await given_back(case.number, f"{key}/back"):
                    kept[case.number] = error.detail
                else:
                    stranded[case.number] = error.detail  # It is theirs no more, and no further round would find it.

    async def given_back(number: str, key: str) -> bool:
        try:
            await desk.command(identity, number, CommandKind.ASSIGN, key=key, target_id=row.id)
        except DeskError:
            return False
        return True

    for tried in range(ROUNDS):
        async with database.read() as session:
            live = [case for case in await _live(session, kind, row.id, row.slug) if case.number not in kept]
        if not live:
            break
        if waits_in is None and kind != "queue" and any(case.waits for case in live):
            waits_in = await default_queue(database, identity, now, target_kind, target)
        refused.clear()
        await asyncio.gather(*(move(case, f"transfer/{target}/{case.version}/{tried}/{case.number}") for case in live))
    async with database.read() as session:
        left = [*stranded, *(case.number for case in await _live(session, kind, row.id, row.slug))]
    refused |= stranded | kept
    if left:
        told = joined(
            (
                said("{number}: {rule}", number=number, rule=refused[number]) if number in refused else number
                for number in left[:MOST_NAMED]
            ),
            "; ",
        )
        values = {"count": len(left), "kind": word(target_kind), "transfer_to": transfer_to, "told": told}
        detail = (
            said("{count} case could not be given to the {kind} {transfer_to!r}: {told}", **values)
            if len(left) == 1
            else said("{count} cases could not be given to the {kind} {transfer_to!r}: {told}", **values)
        )
        raise Conflict("transfer-incomplete", detail, allowed=("the same request again",))
    if (kind, target_kind) == ("agent", "agent"):
        await hand_over_activities(database, desk, identity, row.id, target, now)


def _commands(kind: str, case: _Live, target: UUID, waits_in: UUID | None) -> Iterator[tuple[CommandKind, UUID | None]]:
    if kind == "queue":
        yield CommandKind.ROUTE, target
        return
    if case.worked:
        # Released first, so that whoever goes works on it no more and the new owner can pick it.
        yield CommandKind.RELEASE, None
    if case.owned:
        yield CommandKind.ASSIGN, case.owner or target
    if case.waits:
        yield CommandKind.ROUTE, waits_in


async def _target(session: AsyncSession, kind: str, id: UUID, slug: str) -> tuple[UUID, str]:
    names = Names(session)
    for each in TRANSFERRED[kind]:
        found = await names.find(each, slug)
        if found == id:
            raise Invalid("transfer_to", said("is the very record that is to be deactivated"))
        if found is not None:
            if each == "agent":
                await check_works_cases(session, slug, ("transfer_to",))
            return found, each
    raise Invalid(
        "transfer_to",
        said("there is no active {transferred} {slug!r}", transferred=joined(TRANSFERRED[kind], " or "), slug=slug),
    )


async def _live(session: AsyncSession, kind: str, id: UUID, slug: str) -> list[_Live]:
    """The open cases that the record has, the oldest first."""
    item = (QueueItem.case_id == Case.id) & QueueItem.live
    wanted = (
        select(
            *(Case.number, Case.version, Case.owner_id, Case.owner_team_id, QueueItem.queue_id, QueueItem.worked_by),
            (Queue.default_of == id).label("waits"),
        )
        .outerjoin(QueueItem, item)
        .outerjoin(Queue, Queue.id == QueueItem.queue_id)
    )
    wanted = wanted.where(Case.status.in_(OPEN_STATUSES)).order_by(Case.id)
    match kind:
        case "agent":
            wanted = wanted.where(or_(Case.owner_id == id, QueueItem.worked_by == id, Queue.default_of == id))
        case "team":
            wanted = wanted.where(or_(Case.owner_team_id == id, Queue.default_of == id))
        case _:
            wanted = wanted.where(QueueItem.queue_id == id)
    rows = await session.execute(wanted)
    return [
        _Live(
            number,
            version,
            kind == "agent" and worked_by == id,
            None if id in (owner, team, queue) else owner or team,
            id in (owner, team, worked_by),
            bool(waits),
        )
        for number, version, owner, team, queue, worked_by, waits in rows
    ]
