"""All that the page of a case shows, read in one transaction by the sight of whoever asks."""

from __future__ import annotations

from dataclasses import dataclass

from console.case_pages.entries import Entry, entries_of
from console.staff import Staff
from console.visitor import Visitor
from desk.queries.cases import visible_view
from desk.queries.countdowns import Countdown, countdowns
from desk.queries.people import names_of
from desk.queries.processes import process_view
from desk.queries.timeline import timeline
from desk.queries.visibility import visible_case
from desk.readings import Seen, mark_seen, seen_of
from desk.services import workflow_link
from models.messages.api_case_views import CaseView
from models.messages.api_process_views import ProcessView

NEWEST = 30
"""Entries of the timeline that a page brings along; the older ones come on request, so that long cases open like short ones."""


@dataclass(frozen=True, slots=True)
class Shown:
    case: CaseView
    process: ProcessView
    due: tuple[Countdown, ...]
    entries: tuple[Entry, ...]
    """Newest first."""
    older: str | None
    """The cursor of the entries before."""
    people: dict[str, str]
    """Names of agents by their slugs."""
    seen: Seen | None
    mine: bool

    @property
    def new(self) -> int:
        """How many entries came since the visitor's last look."""
        return sum(entry.new for entry in self.entries)

    def name(self, slug: str | None) -> str:
        return self.people.get(slug or "", slug or "")


async def shown(staff: Staff, me: Visitor, number: str) -> Shown:
    """`NotFound` also for a case that may not be known of. Opening the page is reading it."""
    async with staff.database.read() as session:
        view = await visible_view(session, staff.definitions, me.identity, number, workflow_link(staff.house, number))
        case = await visible_case(session, me.identity, number)
        page = await timeline(session, me.identity, case, staff.definitions, limit=NEWEST)
        seen = await seen_of(session, me.identity, case)
        slugs = {item.actor for item in page.items} | {view.worked_by}
        found = Shown(
            case=view,
            process=await process_view(session, case, staff.definitions, me.identity),
            due=(await countdowns(session, staff.definitions, [case.id], me.now)).get(case.id, ()),
            entries=entries_of(page.items, seen, me.identity.slug),
            older=page.next,
            people=await names_of(session, {slug for slug in slugs if slug}),
            seen=seen,
            mine=view.worked_by == me.identity.slug,
        )
    if page.items and (seen is None or seen.unread or (page.items[0].at, page.items[0].id) > (seen.until, seen.entry)):
        async with staff.database.write() as session:
            await mark_seen(session, me.identity, view.id, page.items[0].at, page.items[0].id)
    return found
