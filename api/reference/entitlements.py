"""Verbs of entitlements beyond those of every kind, and their ledger."""

from __future__ import annotations

from functools import partial
from typing import Any

from api.auth import Anybody, only
from api.bodies import Router
from api.dependencies import HouseDep
from api.reference.common import MANAGERS, READ, VERB, Cursor, Edits, Key, Limit, Page, page
from api.reference.views import EntitlementView, LedgerView
from desk.contract_runs import tell_run
from desk.queries.visibility import sight_of
from desk.reference.contract_extending import extend
from desk.reference.entitlements import ENTITLEMENTS
from desk.reference.ledger import ledger
from desk.reference.records import etag
from models.messages.entitlements import ExtendBody

router = Router(prefix="/entitlements", tags=["reference data"])


@router.get(
    "/{key}/ledger",
    operation_id="list_ledger",
    response_model=Page[LedgerView],
    responses=READ,
    summary="Every movement of its terms, in order",
)
async def read_ledger(key: Key, house: HouseDep, identity: Anybody, cursor: Cursor = None, limit: Limit = 50) -> Any:
    async with house.database.read() as session:
        row = await ENTITLEMENTS.row(session, key)
        return page(*await ledger(session, row.id, cursor, limit, sight=await sight_of(session, identity)))


@router.post(
    "/{key}/cancel",
    operation_id="cancel_entitlement",
    response_model=EntitlementView,
    responses=VERB,
    summary="Cancel",
    dependencies=only(*MANAGERS),
)
async def cancel(key: Key, edits: Edits) -> Any:
    async with edits.edit() as edit:
        item = await ENTITLEMENTS.cancel(edit, key)
        edits.afterwards(partial(tell_run, edits.house, item))
        return edits.tagged(item.shown, etag(item.version))


@router.post(
    "/{key}/extend",
    operation_id="extend_entitlement",
    response_model=EntitlementView,
    responses=VERB,
    summary="Let it last longer, give it further terms, or both",
    dependencies=only(*MANAGERS),
)
async def extend_contract(key: Key, body: ExtendBody, edits: Edits) -> Any:
    """It stays in force, and what cases have taken stays taken."""
    async with edits.edit() as edit:
        item = await extend(edit, key, body)
        edits.afterwards(partial(tell_run, edits.house, item))
        return edits.tagged(item.shown, etag(item.version))


@router.post(
    "/{key}/renew",
    operation_id="renew_entitlement",
    status_code=201,
    response_model=EntitlementView,
    responses=VERB,
    summary="Make a draft that follows on an expired or cancelled one",
    dependencies=only(*MANAGERS),
)
async def renew(key: Key, edits: Edits) -> Any:
    """It starts today, is as long as the old one, and has all its terms; the old one stays as it is."""
    async with edits.edit() as edit:
        item = await ENTITLEMENTS.renew(edit, key)
        return edits.tagged(item.shown, etag(item.version), location=f"/entitlements/{item.body.slug}")


@router.post(
    "/{key}/set-default",
    operation_id="set_default_entitlement",
    response_model=EntitlementView,
    responses=VERB,
    summary="Make it the one that new cases of its customer get",
    dependencies=only(*MANAGERS),
)
async def set_default(key: Key, edits: Edits) -> Any:
    async with edits.edit() as edit:
        item = await ENTITLEMENTS.set_default(edit, key)
        return edits.tagged(item.shown, etag(item.version))
