"""A contract's record: what it says, with the way to what can be done with it."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from console.administering.records import Records
from console.languages import N_
from console.reading.contract_verbs import offered
from console.visitor import Visitor
from desk.errors import NotFound
from desk.reference.contract_templates import completed
from desk.reference.entitlements import VERBS, local_day
from desk.reference.records import Item
from models.messages.contract_templates import EntitlementTemplate
from models.messages.entitlements import EntitlementStatus
from storage.definitions import DefinitionKind

FIXED = N_("Only the draft of a contract changes. One that is in use is a draft again when it is taken out of use.")


class Contracts(Records):
    template = "administering/contract.html"

    async def beside(self, me: Visitor, item: Item[Any]) -> dict[str, Any]:
        fixed = "" if "change" in VERBS[EntitlementStatus(item.facts["status"])] else FIXED
        return {
            "fixed": fixed,
            "switches": [],
            "offered": offered(item),
        }

    async def new(self, request: Request, me: Visitor) -> Response:
        """`template`: the form begins with what that template of contracts says."""
        slug = request.query_params.get("template", "")[:63]
        if not slug:
            return await super().new(request, me)
        async with self.staff.database.read() as session:
            kind = DefinitionKind.ENTITLEMENT_TEMPLATE
            template = await self.staff.definitions.one(session, kind, slug, EntitlementTemplate)
            if template is None:
                raise NotFound(f"active {kind}", slug)
            values = completed(template, {}, await local_day(session, me.now))
        return await self._new_page(me, values)
