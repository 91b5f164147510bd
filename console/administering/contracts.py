"""A contract's page: with the verbs of its life beside those of every record."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from console.administering.records import Records
from console.edits import once
from console.languages import N_
from console.staff import Posted
from console.visitor import Visitor
from desk.errors import Conflict, Invalid, NotFound
from desk.reference.contract_templates import completed
from desk.reference.entitlements import ENTITLEMENTS, VERBS, local_day
from desk.reference.records import Edit, Item
from models.messages.contract_templates import EntitlementTemplate
from models.messages.entitlements import EntitlementStatus
from storage.definitions import DefinitionKind

FIXED = N_("Only the draft of a contract changes. One that is in use is a draft again when it is taken out of use.")


class Contracts(Records):
    template = "administering/contract.html"

    def routes(self) -> list[BaseRoute]:
        at, deed, writers = f"{self.sort.address}/{{key}}", self.staff.deed, self.sort.writers
        return [
            *super().routes(),
            deed(f"{at}/cancel", self.cancel, roles=writers),
            deed(f"{at}/set-default", self.set_default, roles=writers),
            deed(f"{at}/renew", self.renew, roles=writers),
        ]

    async def beside(self, me: Visitor, item: Item[Any]) -> dict[str, Any]:
        verbs = VERBS[EntitlementStatus(item.facts["status"])]
        fixed = "" if "change" in verbs else FIXED
        return {
            "verbs": verbs,
            "fixed": fixed,
            "switches": [each for each in ("activate", "deactivate") if each in verbs],
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

    async def cancel(self, request: Request, me: Visitor, posted: Posted) -> Response:
        return await self._verb(request, me, posted, "cancel")

    async def set_default(self, request: Request, me: Visitor, posted: Posted) -> Response:
        return await self._verb(request, me, posted, "set-default")

    async def renew(self, request: Request, me: Visitor, posted: Posted) -> Response:
        """A draft that follows on it, which is shown."""

        async def work(edit: Edit) -> str:
            made = await ENTITLEMENTS.renew(edit, request.path_params["key"])
            return made.body.slug

        try:
            slug, _ = await once(self.staff, request, me, posted, work)
        except (Invalid, Conflict) as error:
            return await self._refused(request, me, error)
        return self.staff.after(me, f"{self.sort.address}/{slug}?said=renew")
