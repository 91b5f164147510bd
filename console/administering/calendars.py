"""A calendar's page: which running promises would move if they followed the version in force, and letting them."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from console.administering.definitions import Definitions, name_of
from console.administering.kinds import MANAGERS, Sort
from console.staff import Posted, Staff
from console.visitor import Visitor
from desk.errors import Conflict
from desk.recomputing import Recomputing

MOST_SHOWN = 200


class Calendars(Definitions):
    def __init__(self, staff: Staff, sort: Sort) -> None:
        super().__init__(staff, sort)
        self.recomputing = Recomputing(staff.database, staff.definitions, staff.services.bulk)

    def routes(self) -> list[BaseRoute]:
        at = f"{self.sort.address}/{{key}}/recompute"
        found = [
            self.staff.page(at, self.moved, roles=MANAGERS),
            self.staff.deed(at, self.move, roles=self.sort.writers),
        ]
        return [*super().routes(), *found]

    async def moved(self, request: Request, me: Visitor) -> Response:
        """Each promise that would move, with its old and new deadline. Nothing is written."""
        shown = await self._shown(request)
        try:
            found = await self.recomputing.preview(shown.version.slug, me.now)
        except Conflict as error:
            return await self._page(me, shown, status=error.status, refused=error.detail)
        facts: dict[str, Any] = {"sort": self.sort, "version": shown.version, "title": name_of(shown.version)}
        facts |= {"at": f"{self.sort.address}/{shown.version.slug}", "found": found, "most": MOST_SHOWN}
        facts["more"] = max(0, len(found.moved) - MOST_SHOWN) + found.more
        return self.staff.view(me, "administering/recompute.html", **facts)

    async def move(self, request: Request, me: Visitor, posted: Posted) -> Response:
        """An operation moves them, each case once; its page tells of the progress."""
        shown = await self._shown(request)
        try:
            asked = await self.recomputing.ask(me.identity, shown.version.slug, me.now, asked_by=posted.key)
        except Conflict as error:
            return await self._page(me, shown, status=error.status, refused=error.detail)
        return self.staff.after(me, f"/cases/bulk/{asked.id}")
