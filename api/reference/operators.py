"""For administrators and managers: tokens, and who changed what."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query, Response

from api.auth import only
from api.bodies import Router
from api.dependencies import HouseDep
from api.reference.common import ADMINISTRATORS, LIST, MANAGERS, VERB, Cursor, Edits, Key, Limit, Page, page
from api.reference.views import AuditView, TokenView
from desk import audit, identity
from desk.reference.kinds import AGENTS
from models.messages.base import Message
from models.messages.reference import Role

router = Router(tags=["operators"])

Word = Annotated[str | None, Query(pattern=r"^[A-Za-z0-9-]{1,80}$")]


class TokenBody(Message):
    """The one role that the token carries; the agent must hold it."""

    role: Role


@router.post(
    "/agents/{key}/tokens",
    operation_id="create_token",
    status_code=201,
    response_model=TokenView,
    responses=VERB,
    summary="Make a token, shown this once",
    dependencies=only(*ADMINISTRATORS),
)
async def create_token(key: Key, body: TokenBody, edits: Edits) -> Any:
    async with edits.edit() as edit:
        agent = await AGENTS.row(edit.session, key)
        token = await identity.create_token(edit.session, agent.slug, body.role, actor=edit.actor, now=edit.now)
        id = await identity.token_id(edit.session, token)
        shown = {"id": id, "agent": agent.slug, "role": body.role, "token": token}
        return edits.answered(shown, {"Cache-Control": "no-store"}, secret=True)


@router.delete(
    "/tokens/{id}",
    operation_id="revoke_token",
    status_code=204,
    responses=VERB,
    summary="End a token",
    dependencies=only(*ADMINISTRATORS),
)
async def revoke_token(id: UUID, edits: Edits) -> Response:
    async with edits.edit() as edit:
        await identity.revoke(edit.session, id, actor=edit.actor, now=edit.now)
        edits.answered(None, {})
    return Response(status_code=204)


@router.get(
    "/audit",
    operation_id="list_audit",
    response_model=Page[AuditView],
    responses=LIST,
    summary="Who changed what, the newest first",
    dependencies=only(*MANAGERS),
)
async def list_audit(
    house: HouseDep, kind: Word = None, object: Word = None, cursor: Cursor = None, limit: Limit = 50
) -> Any:
    """`kind`: queue, sla, ...; `object`: its slug."""
    async with house.database.read() as session:
        rows = await audit.entries(session, kind, object, cursor, limit + 1)
    items = [
        {
            "id": row.id,
            "at": row.at,
            "actor": row.actor,
            "kind": row.kind,
            "object": row.object_id,
            "action": row.action,
            "changes": row.changes,
        }
        for row in rows[:limit]
    ]
    return page(items, rows[limit - 1].id if len(rows) > limit else None)
