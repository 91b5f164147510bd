"""A case on paper: all that was said, unfolded, with whole instants; notes and events only for who asks for them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from console.case_pages.entries import Entry, Side, entries_of
from console.case_pages.files import PICTURES
from console.case_pages.pages import CasePages, number_of
from console.case_pages.shown import shown
from console.staff import Staff
from console.visitor import Visitor
from desk.queries.people import names_of
from desk.queries.timeline import MAX_LIMIT, timeline
from desk.queries.visibility import visible_case

MOST_PRINTED = 2_000
"""Entries of one paper; the page says where it ends."""


class Printing:
    def __init__(self, staff: Staff) -> None:
        self.staff = staff

    async def show(self, request: Request, me: Visitor) -> Response:
        """`?notes=yes` and `?events=yes` put those on the paper as well."""
        number = number_of(request)
        notes, events = (request.query_params.get(name) == "yes" for name in ("notes", "events"))
        left_out = {*(() if notes else (Side.NOTE,)), *(() if events else (Side.EVENT,))}
        found = await shown(self.staff, me, number)
        entries, people, whole = await self._all(me, number)
        said = {entry.item.message.text.strip() for entry in entries if entry.item.message is not None}
        facts: dict[str, Any] = {
            # What the opening mail says is not said twice.
            "described": (found.case.description or "").strip() in said,
            "notes": notes,
            "events": events,
            "entries": [entry for entry in reversed(entries) if entry.side not in left_out],
            "whole": whole,
            "pictures": PICTURES,
        }
        return self.staff.view(me, "case_pages/print.html", **(CasePages.facts(me, found) | facts | {"people": people}))

    async def _all(self, me: Visitor, number: str) -> tuple[Sequence[Entry], dict[str, str], bool]:
        """Newest first, the names of those who acted, and whether that is the whole case."""
        found: list[Entry] = []
        cursor: str | None = None
        async with self.staff.database.read() as session:
            case = await visible_case(session, me.identity, number)
            while len(found) < MOST_PRINTED:
                page = await timeline(
                    session, me.identity, case, self.staff.definitions, cursor=cursor, limit=MAX_LIMIT
                )
                found += entries_of(page.items, None, me.identity.slug)
                cursor = page.next
                if cursor is None:
                    break
            people = await names_of(session, {entry.item.actor for entry in found if entry.item.actor})
        return found, people, cursor is None
