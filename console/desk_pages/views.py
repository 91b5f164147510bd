"""Lists that are kept by a name: kept from the list itself, shared, and removed again."""

from __future__ import annotations

from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from console.faults import Fault, fault_of
from console.list_address import read_query
from console.staff import Posted, Staff
from console.visitor import Visitor
from desk.errors import Conflict, Invalid, NotFound
from desk.saved_views import drop_view, keep_view, kept_views, share_view

HERE = "/cases/views"


class Views:
    def __init__(self, staff: Staff) -> None:
        self.staff, self.database = staff, staff.database

    async def show(self, request: Request, me: Visitor) -> Response:
        return await self._page(me)

    async def keep(self, request: Request, me: Visitor, posted: Posted) -> Response:
        """The list of this address, under a name; then one is back at it."""
        address = read_query(posted.text("view"))
        try:
            async with self.database.write() as session:
                await keep_view(
                    session,
                    me.identity,
                    posted.text("name"),
                    address.list_query,
                    me.now,
                    shared=posted.text("shared") == "yes",
                )
        except (Invalid, Conflict) as error:
            return await self._page(me, fault_of(error), typed=posted)
        return self.staff.after(me, str(address))

    async def share(self, request: Request, me: Visitor, posted: Posted) -> Response:
        async with self.database.write() as session:
            await share_view(session, me.identity, _id(request), shared=posted.text("shared") == "yes")
        return self.staff.after(me, HERE)

    async def drop(self, request: Request, me: Visitor, posted: Posted) -> Response:
        async with self.database.write() as session:
            await drop_view(session, me.identity, _id(request))
        return self.staff.after(me, HERE)

    async def _page(self, me: Visitor, fault: Fault | None = None, typed: Posted | None = None) -> Response:
        async with self.database.read() as session:
            views = await kept_views(session, me.identity)
        return self.staff.view(
            me, "desk_pages/kept_views.html", status=422 if fault else 200, views=views, fault=fault, typed=typed
        )


def _id(request: Request) -> UUID:
    try:
        return UUID(request.path_params["id"])
    except ValueError:
        raise NotFound("view", request.path_params["id"]) from None
