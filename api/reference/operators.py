"""For administrators and managers: tokens, and who changed what."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query, Response

from api.auth import CaseWorker, only
from api.bodies import Router
from api.dependencies import HouseDep
from api.reference.common import ADMINISTRATORS, LIST, MANAGERS, VERB, Cursor, Edits, Key, Limit, Page, page
from api.reference.views import AuditView, TokenView
from desk import identity
from desk.errors import Invalid
from desk.queries.audited import audited
from desk.queries.changes import changes_of
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
)
async def list_audit(
    house: HouseDep,
    caller: CaseWorker,
    kind: Word = None,
    object: Word = None,
    case: Annotated[Word, Query(description="The number of a case: what changed it, by its timeline.")] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Any:
    """Of reference data, for managers: `kind` is queue, sla, ..., and `object` its slug. Of a `case`, for who may see it."""
    if case is not None:
        if kind is not None or object is not None:
            raise Invalid("case", "is asked for without kind and object")
        async with house.database.read() as session:
            found = await changes_of(session, caller, case.upper(), cursor, limit + 1)
        return page(found[:limit], found[limit - 1]["id"] if len(found) > limit else None)
    if not caller.roles.intersection(MANAGERS):
        raise Invalid("case", "names the case; the audit of everything else is for managers and administrators")
    async with house.database.read() as session:
        rows = await audited(session, kind, object, cursor, limit + 1)
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
