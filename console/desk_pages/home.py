"""The first page after signing in: the cases of one's own, the earliest deadline first."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from console.staff import Staff
from console.visitor import Visitor
from desk.queries.cases import CaseFilter, list_cases
from models.messages.cases import CaseStatus


class Home:
    def __init__(self, staff: Staff) -> None:
        self.staff = staff

    async def show(self, request: Request, me: Visitor) -> Response:
        wanted = CaseFilter(owner="me", status=(CaseStatus.ACTIVE,))
        async with self.staff.database.read() as session:
            cases = await list_cases(session, self.staff.definitions, me.identity, wanted)
        return self.staff.view(me, "desk_pages/home.html", cases=cases)
