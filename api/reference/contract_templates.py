"""Contracts made of templates. The templates themselves are definitions, and have the routes of those."""

from __future__ import annotations

from typing import Any

from api.auth import only
from api.bodies import Router
from api.reference.common import MANAGERS, VERB, Edits, Key
from api.reference.views import EntitlementView
from desk.reference.contract_templates import make
from desk.reference.records import etag
from models.messages.contract_templates import ContractOfTemplate

router = Router(prefix="/entitlement-templates", tags=["definitions"])


@router.post(
    "/{key}/entitlements",
    operation_id="make_entitlement",
    status_code=201,
    response_model=EntitlementView,
    responses=VERB,
    summary="Make a draft contract of the template",
    dependencies=only(*MANAGERS),
)
async def make_entitlement(key: Key, body: ContractOfTemplate, edits: Edits) -> Any:
    """The template's values are copied, but for those that the body gives; nothing follows from the template later."""
    async with edits.edit() as edit:
        item = await make(edit, key, body)
        return edits.tagged(item.shown, etag(item.version), location=f"/entitlements/{item.body.slug}")
