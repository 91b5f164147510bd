"""Customers who may be there twice, and their becoming one (domain 9.2)."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query

from api.auth import Anybody, CaseWorker, only
from api.bodies import Router
from api.cases.caller import ACCEPTED
from api.cases.many import Many
from api.dependencies import DeskDep, HouseDep, Now
from api.dependencies import Key as IdempotencyKey
from api.problems import responses
from api.reference.common import MANAGERS, READ, Cursor, Key, Limit
from desk.customer_merging import ACCOUNT, CONTACT, CustomerMerging
from desk.queries.duplicates import all_duplicates, duplicates_of_account, duplicates_of_contact, page_of
from models.messages.api_operations import Operation
from models.messages.customers import CustomerKind, Duplicates, MergeCustomersBody, PossibleDuplicatesPage
from models.messages.reference import CASE_ROLES

MERGED = {**ACCEPTED, **responses(401, 403, 404, 409, 422, 503)}


def _routes(side: Any, plural: str, find: Any) -> APIRouter:
    router, name = Router(prefix=f"/{plural}", tags=["reference data"]), side.kind.name

    @router.get(
        "/{key}/duplicates",
        operation_id=f"list_{name}_duplicates",
        response_model=Duplicates,
        responses=READ,
        summary=f"Others who may be the same {name}",
        dependencies=only(*CASE_ROLES),
    )
    async def duplicates(
        key: Key, house: HouseDep, _identity: Anybody, cursor: Cursor = None, limit: Limit = 50
    ) -> Duplicates:
        async with house.database.read() as session:
            return page_of(await find(session, await side.kind.row(session, key)), cursor, limit)

    @router.post(
        "/{key}/merge",
        operation_id=f"merge_{plural}",
        response_model=Operation,
        responses=MERGED,
        summary=f"Make one of several {plural}",
        dependencies=only(*MANAGERS),
    )
    async def merge(
        key: Key,
        body: MergeCustomersBody,
        many: Many,
        desk: DeskDep,
        identity: CaseWorker,
        idempotency: IdempotencyKey,
        now: Now,
    ) -> Operation:
        """The one of the address stays. Its cases follow in an operation: all within 5 s, else 202 with its address."""
        asked = await CustomerMerging(desk.bulk).merge(identity, side, key, body, now, asked_by=idempotency)
        return await many.shows(asked)

    return router


every = Router(tags=["reference data"])


@every.get(
    "/duplicates",
    operation_id="list_duplicates",
    responses=responses(401, 403, 422),
    summary="Customers who may be there twice",
    dependencies=only(*CASE_ROLES),
)
async def list_duplicates(
    house: HouseDep,
    _identity: Anybody,
    kind: Annotated[CustomerKind, Query(description="Of accounts, or of contacts.")],
    cursor: Cursor = None,
    limit: Limit = 50,
) -> PossibleDuplicatesPage:
    """Each pair once, at the one who came first. A page looks at 200 customers at most: it may be short, or empty, and yet not
    the last one; `next` tells."""
    async with house.database.read() as session:
        return await all_duplicates(session, kind, cursor, limit)


ROUTERS = (
    every,
    _routes(ACCOUNT, "accounts", duplicates_of_account),
    _routes(CONTACT, "contacts", duplicates_of_contact),
)
