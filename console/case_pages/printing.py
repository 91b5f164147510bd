"""A case on paper: all that was said, unfolded, with whole instants; notes and events only for who asks for them."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from console.case_pages.entries import Side, entries_of
from console.case_pages.files import PICTURES
from console.case_pages.pages import CasePages, number_of
from console.case_pages.shown import names_for, shown_in
from console.staff import Staff
from console.visitor import Visitor
from desk.queries.names import names_of
from desk.queries.timeline import MAX_LIMIT, timeline


class Printing:
    def __init__(self, staff: Staff) -> None:
        self.staff = staff

    async def show(self, request: Request, me: Visitor) -> Response:
        """`?notes=yes` and `?events=yes` put those on the paper as well. A long case has several papers: the newest entries come
        first, those before `?older=` are on the next."""
        number = number_of(request)
        notes, events = (request.query_params.get(name) == "yes" for name in ("notes", "events"))
        left_out = {*(() if notes else (Side.NOTE,)), *(() if events else (Side.EVENT,))}
        async with self.staff.database.read() as session:
            found = await shown_in(session, self.staff, me, number)
            cursor = request.query_params.get("older")
            sheet = await timeline(
                session, me.identity, found.row, self.staff.definitions, cursor=cursor, limit=MAX_LIMIT
            )
            names = await names_for(session, self.staff, me, found.process, sheet.items)
            people = await names_of(session, "agent", (item.actor for item in sheet.items))
        entries = entries_of(sheet.items, None, me.identity.slug, names)
        said = {entry.item.message.text.strip() for entry in entries if entry.item.message is not None}
        facts: dict[str, Any] = {
            # What the opening mail says is not said twice.
            "described": (found.case.description or "").strip() in said,
            "notes": notes,
            "events": events,
            "entries": [entry for entry in reversed(entries) if entry.side not in left_out],
            "before": sheet.next,
            "pictures": PICTURES,
        }
        return self.staff.view(me, "case_pages/print.html", **(CasePages.facts(me, found) | facts | {"people": people}))
