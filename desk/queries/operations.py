"""What became of a command or of an action on many cases: the operation behind a 202."""

from __future__ import annotations

from typing import Any, Literal
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from cases.families import LINKED
from cases.incidents import SET_ASIDE, of_deliveries
from cases.operations import counts
from cases.taking_back import KEPT
from desk.errors import NotFound
from desk.identity import Identity
from desk.queries import cursors
from desk.queries.visibility import OVERSEERS, Sight, numbers_seen, sight_of, visible_case
from models.messages.api_operations import CaseResult, Operation, Progress, ResultPage
from models.messages.mailflow import DeliveryKind
from models.messages.operations import ItemState
from models.messages.telling import told_again
from models.records.cases import Case
from models.records.commands import Command
from models.records.operations import BulkItem, BulkOperation
from storage.repositories.families import Asked, asked_by

PAGE = 100
MAX_PAGE = 200


async def operation(
    session: AsyncSession, identity: Identity, id: UUID, *, cursor: str | None = None, limit: int = PAGE
) -> Operation:
    """The command or operation of this id, to its own agent and to managers, as long as they may see its case. `NotFound`
    also while it has no row. `cursor` and `limit` are of the results."""
    bulk = await session.get(BulkOperation, id)
    if bulk is not None:
        return await _bulk(session, identity, bulk, cursor, limit)
    row = await session.get(Command, id)
    if row is None or not _is_theirs(identity, row.actor_id):
        raise NotFound("operation", id)
    case = await session.get_one(Case, row.case_id)
    await require_sight(session, identity, id, case.number)
    result: dict[str, Any] = row.result or {}
    done = row.state == "done"
    asked = await asked_by(session, id) if done else []
    incidents = await of_deliveries(session, asked)
    return Operation(
        id=row.id,
        kind=row.kind,
        state=_state_of_all(row.state, asked),
        case=case.number,
        version=result.get("version") if done else None,
        resource=result.get("resource") if done else None,
        problem=told_again(result) if row.state == "refused" else None,
        incident=result.get("incident") if row.state == "failed" else next(iter(incidents.values()), None),
        **await _family(session, identity, asked, incidents),
    )


async def bulk_of(session: AsyncSession, identity: Identity, id: UUID) -> BulkOperation:
    """An action on many cases, to its own agent and to managers. Raises NotFound."""
    found = await session.get(BulkOperation, id)
    if found is None or not _is_theirs(identity, found.actor_id):
        raise NotFound("operation", id)
    return found


async def asked_of_each(session: AsyncSession, id: UUID) -> dict[str, Any]:
    """The body of the command that each case is sent; empty of a command on one case. Whoever asks may see the operation."""
    found = await session.get(BulkOperation, id)
    return found.body if found else {}


def _is_theirs(identity: Identity, actor_id: UUID) -> bool:
    return actor_id == identity.agent_id or bool(identity.roles & OVERSEERS)


# ---- many cases ------------------------------------------------------------------------------------------------------


async def _bulk(
    session: AsyncSession, identity: Identity, row: BulkOperation, cursor: str | None, limit: int
) -> Operation:
    await bulk_of(session, identity, row.id)
    after = -1
    if cursor is not None:
        value, _ = cursors.decode(cursor, "results", str)
        if not isinstance(value, str) or not value.isdecimal() or len(value) > 6:
            raise cursors.wrong()
        after = int(value)
    found = await session.scalars(
        select(BulkItem)
        .where(BulkItem.operation_id == row.id, BulkItem.position > after)
        .order_by(BulkItem.position)
        .limit(limit + 1)
    )
    items = list(found)
    page = items[:limit]
    following = cursors.encode("results", str(page[-1].position), row.id) if len(items) > limit else None
    counted = await counts(session, row.id)
    progress = Progress(total=row.total, **{state.value: count for state, count in counted.items()})
    named = await _named(session, await sight_of(session, identity), page)
    results = tuple(_result(item, named) for item in page)
    return Operation(
        id=row.id,
        kind=row.action,
        state=_state_of_bulk(row.state),
        progress=progress,
        results=ResultPage(items=results, next=following),
    )


async def _named(session: AsyncSession, sight: Sight, items: list[BulkItem]) -> set[UUID] | None:
    """The cases that may be known of now; None: all."""
    if not sight.hidden:
        return None
    return set(await numbers_seen(session, sight, Case.id.in_([item.case_id for item in items if item.case_id])))


def _result(item: BulkItem, named: set[UUID] | None) -> CaseResult:
    hidden = named is not None and item.case_id is not None and item.case_id not in named
    body = item.result or {}
    state = ItemState(item.state)
    return CaseResult(
        number=None if hidden else item.number,
        state=state.value,
        version=body.get("version"),
        problem=told_again(body) if state is ItemState.REFUSED and not hidden else None,
        incident=body.get("incident"),
        outcome=body.get("detail") if state is ItemState.FAILED and "incident" not in body else None,
    )


def _state_of_bulk(stored: str) -> Literal["pending", "done", "cancelling", "cancelled"]:
    match stored:
        case "done":
            return "done"
        case "cancelling":
            return "cancelling"
        case "cancelled":
            return "cancelled"
        case _:
            return "pending"


# ---- families --------------------------------------------------------------------------------------------------------

_PARTS = frozenset({DeliveryKind.GO_UP, DeliveryKind.CLOSE, DeliveryKind.LINK})
"""What a command itself asks of other cases; the rest follows from it."""


def _state_of_all(stored: str, asked: list[Asked]) -> Literal["pending", "done", "refused", "failed"]:
    """Of a command together with what it asks of other cases: it is not done as long as one of them has not done its part."""
    if any(not each.done for each in asked):
        return "pending"
    return "failed" if any(each.outcome == SET_ASIDE for each in asked) else _state(stored)


async def _family(
    session: AsyncSession, identity: Identity, asked: list[Asked], incidents: dict[UUID, UUID]
) -> dict[str, Any]:
    parts = [each for each in asked if each.kind in _PARTS or each.id in incidents]
    if not parts:
        return {}
    sight = await sight_of(session, identity)
    seen = await numbers_seen(session, sight, Case.id.in_([each.case_id for each in parts]))
    results = [
        CaseResult(
            number=seen.get(each.case_id),
            state=_decided(each),
            outcome=each.outcome,
            incident=incidents.get(each.id),
        )
        for each in parts
    ]
    states = [result.state for result in results]
    progress = Progress(
        total=len(parts), **{state: states.count(state) for state in ("pending", "done", "refused", "failed")}
    )
    return {"progress": progress, "results": ResultPage(items=tuple(results), next=None)}


def _decided(each: Asked) -> Literal["pending", "done", "refused", "failed"]:
    if not each.done:
        return "pending"
    if each.outcome == SET_ASIDE:
        return "failed"
    refused = each.outcome == KEPT or (each.kind == DeliveryKind.LINK and each.outcome != LINKED)
    return "refused" if refused else "done"


async def require_sight(session: AsyncSession, identity: Identity, command_id: UUID, number: str) -> None:
    """`NotFound`, which does not name the case, unless the identity may see it."""
    try:
        await visible_case(session, identity, number)
    except NotFound:
        raise NotFound("operation", command_id) from None


def _state(stored: str) -> Literal["pending", "done", "refused", "failed"]:
    match stored:
        case "done":
            return "done"
        case "refused":
            return "refused"
        case "failed":
            return "failed"
        case _:
            return "pending"
