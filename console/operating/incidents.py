"""What cases could not do by a fault of ours: tried again after the repair, or let be."""

from __future__ import annotations

from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from console.labels import names_of_step
from console.staff import Posted, Staff
from console.visitor import Visitor
from console.words_asked import asked_word
from desk.errors import DeskError, NotFound
from desk.incidents import incidents
from models.messages.incidents import IncidentState

PAGE = 50


class Incidents:
    def __init__(self, staff: Staff) -> None:
        self.staff = staff

    async def show(self, request: Request, me: Visitor) -> Response:
        return await self._shown(request, me)

    async def end(self, request: Request, me: Visitor, posted: Posted) -> Response:
        verb, id = request.path_params["verb"], _id(request.path_params["id"])
        desk = self.staff.services.incidents
        if verb not in ("retry", "dismiss"):
            raise NotFound("page", request.url.path)
        try:
            await (desk.retry if verb == "retry" else desk.dismiss)(id, me.identity, me.now)
        except NotFound:
            raise
        except DeskError as error:
            return await self._shown(request, me, fault=error.detail, status=error.status)
        return self.staff.after(me, f"/operations/incidents?done={verb}")

    async def _shown(self, request: Request, me: Visitor, *, fault: str | None = None, status: int = 200) -> Response:
        given = request.query_params
        state = asked_word(IncidentState, given, "state", IncidentState.OPEN)
        cursor = _id(given["after"]) if given.get("after") else None
        async with self.staff.database.read() as session:
            found = await incidents(session, state, None, cursor, PAGE + 1)
        facts = {
            "items": found[:PAGE],
            "state": state,
            "states": list(IncidentState),
            "done": given.get("done"),
            "names_of_step": names_of_step,
        }
        following = found[PAGE - 1].id if len(found) > PAGE else None
        return self.staff.view(me, "operating/incidents.html", status=status, following=following, fault=fault, **facts)


def _id(given: str) -> UUID:
    try:
        return UUID(given)
    except ValueError:
        raise NotFound("incident", given) from None
