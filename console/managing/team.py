"""The live board: open, unassigned and broken in each queue, and who is there with how much on their desk."""

from __future__ import annotations

from asyncio import timeout
from contextlib import suppress
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from console.edits import edited
from console.languages import N_
from console.list_address import view_address
from console.staff import Posted, Staff
from console.visitor import Visitor
from desk.errors import Invalid
from desk.presence import set_presence, tell_queues
from desk.queries.list_questions import ListView
from desk.queries.team_board import team_board
from models.messages.assignment import Presence
from models.messages.cases import CaseStatus, SlaState
from models.messages.said import joined, said

PRESENCES = {
    Presence.ONLINE: N_("Online"),
    Presence.BUSY: N_("Busy"),
    Presence.AWAY: N_("Away"),
    Presence.OFFLINE: N_("Offline"),
}


SOON = 0.12
"""Seconds that a page waits for its board."""


def cases_address(**wanted: str) -> str:
    """The list of the active cases behind a number of the board."""
    return f"/cases?{urlencode({'status': CaseStatus.ACTIVE.value, **wanted})}"


class Team:
    def __init__(self, staff: Staff) -> None:
        self.staff = staff

    async def show(self, request: Request, me: Visitor) -> Response:
        """A board that takes longer to count than a page may, follows by itself; whoever has no scripts asks for it."""
        counted: dict[str, Any] = {"board": None, "mine": None, "presences": PRESENCES}
        with suppress(TimeoutError):
            async with timeout(None if request.query_params.get("whole") else SOON):
                counted = await self._facts(me)
        return self.staff.view(me, "managing/team.html", **counted)

    async def board(self, request: Request, me: Visitor) -> Response:
        return self.staff.view(me, "managing/board.html", **await self._facts(me))

    async def mine(self, request: Request, me: Visitor, posted: Posted) -> Response:
        return await self._say(request, me, posted, me.identity.slug)

    async def of_agent(self, request: Request, me: Visitor, posted: Posted) -> Response:
        return await self._say(request, me, posted, request.path_params["agent"])

    async def _say(self, request: Request, me: Visitor, posted: Posted, agent: str) -> Response:
        """Queues that assign by themselves give cases to who is there, so they hear of it."""
        try:
            presence = Presence(posted.text("presence"))
        except ValueError:
            raise Invalid("presence", said("one of: {presences}", presences=joined(PRESENCES))) from None

        async def work(edit: Any) -> Any:
            return (await set_presence(edit, agent, presence))["agent"]

        slug = await edited(self.staff, request, me, posted, work)
        house = self.staff.house
        await tell_queues(house.database, house.definitions, house.client, slug)
        return self.staff.after(me, "/team")

    async def _facts(self, me: Visitor) -> dict[str, Any]:
        async with self.staff.database.read() as session:
            board = await team_board(session, self.staff.definitions, me.identity, me.now)
        mine = next((each for each in board.agents if each.slug == me.identity.slug), None)
        return {
            "board": board,
            "mine": mine,
            "presences": PRESENCES,
            "cases_address": cases_address,
            "broken": SlaState.NONCOMPLIANT.value,
            "views": ListView,
            "view_address": view_address,
        }
