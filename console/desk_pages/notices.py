"""What concerns the agent: one line for each case, the latest first, until they have read it themselves."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from console.languages import N_
from console.staff import Posted, Staff
from console.visitor import Visitor
from desk.agent_notices import COUNTED, notices_of, read_notices, unread_notices
from models.messages.notices import Concern

WORDS = {
    Concern.ASSIGNED: N_("This case is yours now"),
    Concern.REPLY: N_("The customer wrote"),
    Concern.ANSWER_TO_CLOSED: N_("The customer wrote on the closed case"),
    Concern.MENTION: N_("You are mentioned"),
    Concern.DEADLINE: N_("A deadline is near"),
    Concern.BOUNCE: N_("A letter was not delivered"),
    Concern.SOLVED: N_("The customer says it is solved"),
}
BY = {
    Concern.ASSIGNED: N_("%(name)s assigned this case to you"),
    Concern.MENTION: N_("%(name)s mentions you"),
}
"""Of what a colleague did."""


class Notices:
    def __init__(self, staff: Staff) -> None:
        self.staff, self.database = staff, staff.database

    async def show(self, request: Request, me: Visitor) -> Response:
        unread = request.query_params.get("show") != "all"
        cursor = request.query_params.get("cursor") or None
        async with self.database.read() as session:
            page = await notices_of(session, me.identity, unread=unread, cursor=cursor)
        return self.staff.view(
            me, "desk_pages/notices.html", page=page, unread=unread, cursor=cursor, words=WORDS, by=BY
        )

    async def count(self, request: Request, me: Visitor) -> Response:
        """How many are unread, as text; empty if none is."""
        async with self.database.read() as session:
            found = await unread_notices(session, me.identity)
        return self.staff.view(me, "desk_pages/notices_count.html", count=found, most=COUNTED)

    async def read(self, request: Request, me: Visitor, posted: Posted) -> Response:
        async with self.database.write() as session:
            await read_notices(session, me.identity, me.now)
        return self.staff.after(me, "/notices")
