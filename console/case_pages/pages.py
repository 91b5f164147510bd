"""The case as a page, and the pieces of it that are fetched anew."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from console.case_pages.entries import entries_of, runs_of
from console.case_pages.shown import NEWEST, Shown, shown
from console.case_pages.verbs import VERBS
from console.staff import Staff
from console.visitor import Visitor
from desk.queries.people import names_of
from desk.queries.timeline import timeline
from desk.queries.visibility import visible_case


def number_of(request: Request) -> str:
    return str(request.path_params["number"]).upper()


class CasePages:
    def __init__(self, staff: Staff) -> None:
        self.staff = staff

    async def show(self, request: Request, me: Visitor) -> Response:
        found = await shown(self.staff, me, number_of(request))
        return self.staff.view(me, "case_pages/case.html", **self.facts(found))

    async def part(self, request: Request, me: Visitor) -> Response:
        """All regions of the page as they are now; each takes the place of the one with its id."""
        return await self.refreshed(me, number_of(request))

    async def refreshed(self, me: Visitor, number: str, *, done: str = "", status: int = 200) -> Response:
        """The regions of the page after a deed. `done`: what is said of it; the focus goes there."""
        found = await shown(self.staff, me, number)
        headers = {"HX-Retarget": "#panel", "HX-Reswap": "innerHTML"} if done else None
        facts = self.facts(found)
        return self.staff.view(me, "case_pages/refreshed.html", status=status, headers=headers, done=done, **facts)

    async def older(self, request: Request, me: Visitor) -> Response:
        """The entries before `?cursor=`, to follow those that are there."""
        number = number_of(request)
        async with self.staff.database.read() as session:
            case = await visible_case(session, me.identity, number)
            cursor = request.query_params.get("cursor")
            page = await timeline(session, me.identity, case, self.staff.definitions, cursor=cursor, limit=NEWEST)
            people = await names_of(session, {item.actor for item in page.items if item.actor})
        entries = entries_of(page.items, None, me.identity.slug)
        facts: dict[str, Any] = {"runs": runs_of(entries), "older": page.next, "number_": number, "people": people}
        return self.staff.view(me, "case_pages/older.html", **facts)

    @staticmethod
    def facts(found: Shown) -> dict[str, Any]:
        """What the templates of a case's page are given."""
        return {
            "shown": found,
            "case": found.case,
            "process": found.process,
            "due": found.due,
            "runs": runs_of(found.entries),
            "older": found.older,
            "number_": found.case.number,
            "people": found.people,
            "verbs": [verb for verb in VERBS if verb.kind.value in found.case.allowed],
        }
