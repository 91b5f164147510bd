"""The first page of the administration: every kind with its number, and what was changed last."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from console.administering.audited import WORDS
from console.administering.kinds import BY_NAME, GROUPS
from console.administering.naming import names_of_changes
from console.staff import Staff
from console.visitor import Visitor
from desk.queries.audited import audited
from desk.queries.counting import counts_of_definitions

LATEST = 8


class AdminHome:
    def __init__(self, staff: Staff) -> None:
        self.staff = staff

    async def show(self, request: Request, me: Visitor) -> Response:
        async with self.staff.database.read() as session:
            drafts = await counts_of_definitions(session)
            latest = await audited(session, limit=LATEST, kinds=BY_NAME)
            names = await names_of_changes(session, self.staff, latest)
        facts: dict[str, Any] = {"groups": GROUPS, "counts": drafts, "latest": latest, "sorts": BY_NAME}
        facts |= {"names": names, **WORDS}
        return self.staff.view(me, "administering/home.html", **facts)
