"""What an agent sets for themselves on the page of a case: that it is unread to them, and which way its timeline runs."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from console.case_pages.pages import number_of
from console.list_address import read_query
from console.staff import Posted, Staff
from console.visitor import Visitor
from desk.preferences import save_preferences
from desk.queries.visibility import visible_case
from desk.readings import mark_unread


class Marks:
    def __init__(self, staff: Staff) -> None:
        self.staff = staff

    async def unread(self, request: Request, me: Visitor, posted: Posted) -> Response:
        """Back to the list, where it stands as unread: the page itself would be the next reading."""
        async with self.staff.database.write() as session:
            await mark_unread(session, me.identity, await visible_case(session, me.identity, number_of(request)))
        if "list" in posted.form:
            return self.staff.after(me, f"{read_query(posted.text('list'))}#case-{number_of(request)}")
        return self.staff.after(me, "/cases?view=mine")

    async def order(self, request: Request, me: Visitor, posted: Posted) -> Response:
        wanted = me.preferences.model_copy(update={"oldest_first": posted.text("oldest_first") == "yes"})
        async with self.staff.database.write() as session:
            await save_preferences(session, me.identity.agent_id, wanted, now=me.now)
        return self.staff.after(me, f"/cases/{number_of(request)}#timeline-heading")
