"""One action on many cases: from a request to rows, once a key, and the run that works them off (design, "Several cases at
once")."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID, uuid5

from pydantic import ValidationError
from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from desk.commands import ANSWER_WITHIN, body_hash, checked_key
from desk.default_queues import default_queue_within
from desk.errors import Conflict, Invalid, NotFound
from desk.families import child_named
from desk.identity import Identity
from desk.queries.cases import CaseFilter, matching
from desk.queries.operations import bulk_of
from desk.queries.visibility import sight_of, visible_queue
from desk.reference.references import Names
from desk.refusals import KeyReused
from engine.operations import OperationStarter
from models.messages.api_cases import AssignBody, RouteBody, stored
from models.messages.base import Message
from models.messages.cases import ProblemType, Refusal
from models.messages.faults import first_of
from models.messages.operations import (
    AT_ONCE,
    BULK_BODIES,
    MOST_CASES,
    BulkBody,
    BulkFilter,
    ItemState,
    MergeInto,
    OperationState,
)
from models.messages.said import of_field, said
from models.records.base import table_of
from models.records.cases import Case
from models.records.operations import BulkItem, BulkOperation
from storage.definitions import Definitions
from storage.engines import Database

T = TypeVar("T")

OPERATIONS = UUID("b7c0f5a2-0d64-5a1e-8e53-9c41d2f7a906")
"""The namespace of their ids. Not that of commands: behind the address of an operation there is one of both."""
LOOKED_UP_AT_ONCE = 500
LOOK_EVERY = 0.05
NONE = ""
"""What the body hash of an operation has in the place of a case's number."""

Found = Sequence[tuple[str, UUID | None]]
"""Numbers as they were asked for, with their cases; None: there is none, or none that the actor may know of."""


@dataclass(frozen=True, slots=True)
class Asked:
    """An operation that was asked for. `ended`: all its results are there."""

    id: UUID
    ended: bool
    replayed: bool


def operation_id(identity: Identity, key: str) -> UUID:
    """Of what this agent asks for with this key."""
    return uuid5(OPERATIONS, f"{identity.agent_id}/{key}")


class BulkDesk:
    def __init__(self, database: Database, definitions: Definitions, starter: OperationStarter) -> None:
        self.database, self.definitions, self.starter = database, definitions, starter

    async def ask(self, identity: Identity, body: BulkBody, now: datetime, *, key: str | None = None) -> Asked:
        """Write down what is asked, and have it begun. Up to 100 cases are waited for, five seconds at most.

        `Invalid` names a wrong field; a case that there is not is no error, but has a result that says so.
        """
        key = checked_key(key)
        id = operation_id(identity, key)
        digest = body_hash(NONE, "bulk", stored(body))
        content = _content(body)
        try:
            total, action, replayed = await self._insert(identity, body, content, now, id, key, digest)
        except (IntegrityError, Conflict):
            # The same key at the same moment, or the same default queue: what the other one has made is there now.
            total, action, replayed = await self._insert(identity, body, content, now, id, key, digest)
        await self.starter.start(id, action, total)
        return Asked(id, await self.ended(id, ANSWER_WITHIN if total <= AT_ONCE else 0.0), replayed)

    async def cancel(self, identity: Identity, id: UUID) -> None:
        """No further case is touched; what is under way is done. `Conflict` if all of it is done already."""
        async with self.database.write() as session:
            row = await bulk_of(session, identity, id)
            if row.state == OperationState.DONE:
                raise Conflict("operation-ended", said("the operation is done already"))
            if row.state == OperationState.CANCELLED:
                return
            row.state = OperationState.CANCELLING.value
            action, total = row.action, row.total
        await self.starter.start(id, action, total)
        await self.ended(id, ANSWER_WITHIN)

    async def _insert(
        self,
        identity: Identity,
        body: BulkBody,
        content: Message | None,
        now: datetime,
        id: UUID,
        key: str,
        digest: str,
    ) -> tuple[int, str, bool]:
        async with self.database.write() as session:
            known = await session.get(BulkOperation, id)
            if known is not None:
                if known.body_hash != digest:
                    raise KeyReused
                return known.total, known.action, True
            target = await _target(session, identity, content, now)
            found = await self._cases(session, identity, body)
            session.add(
                BulkOperation(
                    id=id,
                    actor_id=identity.agent_id,
                    key=key,
                    action=body.action.value,
                    body={} if content is None else stored(content),
                    body_hash=digest,
                    target_id=target,
                    state=OperationState.PENDING.value,
                    total=len(found),
                    asked_on=now,
                )
            )
            await session.flush()
            for some in item_rows(id, found):
                await session.execute(insert(table_of(BulkItem)), some)
            return len(found), body.action.value, False

    async def _cases(self, session: AsyncSession, identity: Identity, body: BulkBody) -> Found:
        if body.filter is not None:
            wanted = CaseFilter(**{name: getattr(body.filter, name) for name in BulkFilter.model_fields})
            try:
                found = await matching(session, self.definitions, identity, wanted, MOST_CASES + 1)
            except Invalid as error:
                raise Invalid(f"filter.{error.field}", error.rule) from None
            if len(found) > MOST_CASES:
                raise Invalid(
                    "filter", said("finds more than {most_cases} cases; narrow it down", most_cases=MOST_CASES)
                )
            return found
        sight = await sight_of(session, identity)
        numbers = list(dict.fromkeys(body.numbers or ()))
        known: dict[str, UUID] = {}
        for some in _some_at_a_time(numbers):
            rows = await session.execute(select(Case.number, Case.id).where(Case.number.in_(some), sight.cases()))
            known |= {row.number: row.id for row in rows}
        return [(number, known.get(number)) for number in numbers]

    async def ended(self, id: UUID, within: float) -> bool:
        """Whether all results are there; waited for that many seconds at most."""
        loop = asyncio.get_running_loop()
        ends, wait = loop.time() + within, LOOK_EVERY
        while True:
            async with self.database.read() as session:
                state = await session.scalar(select(BulkOperation.state).where(BulkOperation.id == id))
            if state in (OperationState.DONE, OperationState.CANCELLED):
                return True
            if loop.time() >= ends:
                return False
            await asyncio.sleep(wait)
            wait = min(wait * 1.5, 0.25)


def _content(body: BulkBody) -> Message | None:
    """What the action's own route would take. `Invalid` names the field within `body`."""
    model = BULK_BODIES.get(body.action)
    if model is None:
        if body.body:
            raise Invalid("body", said("{action} takes none", action=body.action.value))
        return None
    try:
        return model.model_validate(body.body)
    except ValidationError as error:
        field, rule = first_of(error, body.body)
        if "body" not in body.model_fields_set:
            needed = said("{action} needs one: {rule}", action=body.action.value, rule=of_field(field, rule))
            raise Invalid("body", needed) from None
        raise Invalid(f"body.{field}" if field else "body", rule) from None


async def _target(session: AsyncSession, identity: Identity, content: Message | None, now: datetime) -> UUID | None:
    names = Names(session)
    try:
        match content:
            case AssignBody():
                agent = await names.require("agent", content.agent, "body.agent")
                return agent or await names.require("team", content.team, "body.team")
            case RouteBody(queue=str(queue)):
                await visible_queue(session, identity, queue)
                return await names.require("queue", queue, "body.queue")
            case RouteBody():
                agent = await names.require("agent", content.agent, "body.agent")
                whose = agent or await names.require("team", content.team, "body.team")
                kind = "agent" if agent is not None else "team"
                return None if whose is None else await default_queue_within(session, identity, now, kind, whose)
            case MergeInto():
                return (await child_named(session, identity, content.into)).id
            case _:
                return None
    except NotFound:
        raise Invalid("body.queue", said("there is no such queue")) from None
    except Invalid as error:
        if error.field == "case":
            raise Invalid("body.into", error.rule) from None
        raise


def _some_at_a_time(all: list[T]) -> Iterator[list[T]]:
    for begin in range(0, len(all), LOOKED_UP_AT_ONCE):
        yield all[begin : begin + LOOKED_UP_AT_ONCE]


def item_rows(id: UUID, found: Found) -> Iterator[list[dict[str, Any]]]:
    """The rows of an operation's cases, as many at a time as one statement takes."""
    return _some_at_a_time(list(_items(id, found)))


def _items(id: UUID, found: Found) -> Iterator[dict[str, Any]]:
    for position, (number, case_id) in enumerate(found):
        state, result = ItemState.PENDING, None
        if case_id is None:
            refusal = Refusal(type=ProblemType.NOT_FOUND, detail=said("There is no case {number!r}.", number=number))
            state, result = ItemState.REFUSED, refusal.model_dump(mode="json", exclude_defaults=True)
        yield {
            "operation_id": id,
            "position": position,
            "number": number,
            "case_id": case_id,
            "state": state.value,
            "result": result,
        }
