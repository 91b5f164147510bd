"""The links by which a customer reads and answers their case, and the end of one."""

from __future__ import annotations

from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from console.case_pages.pages import number_of
from console.edits import edited
from console.languages import N_
from console.staff import Posted, Staff
from console.visitor import Visitor
from desk.customer_links import named_links_of, revoke
from desk.errors import NotFound
from desk.queries.visibility import visible_case
from desk.reference.records import Edit

CLOSED = N_("Closed. It opens nothing any more; the next letter to the customer has a new one.")


class CustomerLinks:
    def __init__(self, staff: Staff) -> None:
        self.staff = staff

    async def show(self, request: Request, me: Visitor) -> Response:
        return await self._shown(request, me, CLOSED if "closed" in request.query_params else "")

    async def close(self, request: Request, me: Visitor, posted: Posted) -> Response:
        number, named = number_of(request), str(request.path_params["id"])
        try:
            id = UUID(named)
        except ValueError:
            raise NotFound("customer link", named) from None

        async def work(edit: Edit) -> dict[str, str]:
            case = await visible_case(edit.session, me.identity, number)
            await revoke(edit, me.identity, case, id)
            return {}

        await edited(self.staff, request, me, posted, work)
        if me.part:
            return await self._shown(request, me, CLOSED)
        return self.staff.after(me, f"/cases/{number}/customer-links?closed=yes")

    async def _shown(self, request: Request, me: Visitor, done: str) -> Response:
        async with self.staff.database.read() as session:
            case = await visible_case(session, me.identity, number_of(request))
            links = await named_links_of(session, case, me.now)
        template = "case_pages/links_part.html" if me.part else "case_pages/links.html"
        return self.staff.view(me, template, number=case.number, title=case.title, links=links, done=done)
