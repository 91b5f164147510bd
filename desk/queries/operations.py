"""What became of a command: the operation behind a 202."""

from __future__ import annotations

from typing import Any, Literal
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from desk.errors import NotFound
from desk.identity import Identity
from desk.queries.visibility import OVERSEERS, visible_case
from models.messages.api_case_views import Operation
from models.records.cases import Case, Command


async def operation(session: AsyncSession, identity: Identity, command_id: UUID) -> Operation:
    """The command of this id, to its own agent and to managers, as long as they may see its case. `NotFound` also while it
    has no row."""
    row = await session.get(Command, command_id)
    if row is None or (row.actor_id != identity.agent_id and not identity.roles & OVERSEERS):
        raise NotFound("operation", command_id)
    case = await session.get_one(Case, row.case_id)
    await require_sight(session, identity, command_id, case.number)
    result: dict[str, Any] = row.result or {}
    done = row.state == "done"
    return Operation(
        id=row.id,
        kind=row.kind,
        state=_state(row.state),
        case=case.number,
        version=result.get("version") if done else None,
        resource=result.get("resource") if done else None,
        problem=result if row.state == "refused" else None,
        incident=result.get("incident") if row.state == "failed" else None,
    )


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
