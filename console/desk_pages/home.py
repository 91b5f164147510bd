"""The first page after signing in: what waits for the agent, as numbers that lead to lists, and the next case to pick."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from console.desk_pages.lists import row_facts
from console.languages import N_
from console.list_address import ListAddress
from console.staff import Posted, Staff
from console.visitor import Visitor
from desk.picking import pick_next
from desk.queries.case_lists import list_page
from desk.queries.list_counts import COUNTED, counts
from desk.queries.list_questions import CaseList, ListView
from desk.queries.my_queues import my_queues

NEXT = 10
"""Cases of one's own that the page shows."""
TILES = (
    (N_("My open cases"), ListView.MINE, False),
    (N_("Due within the hour"), ListView.DUE_WITHIN_THE_HOUR, True),
    (N_("Overdue"), ListView.BREACHED, True),
    (N_("Waiting for me"), ListView.WAITING_ON_ME, False),
    (N_("Reopened"), ListView.REOPENED, False),
    (N_("Unread"), ListView.UNREAD, False),
    (N_("My drafts"), ListView.DRAFTS, False),
)
"""What it is called, the view, and whether that is narrowed down to cases of one's own."""
NOTHING_LEFT = (
    200,
    N_("Nothing is left to pick"),
    N_("Nobody waits there. Look again later, or pick from another queue."),
)


class Home:
    def __init__(self, staff: Staff) -> None:
        self.staff = staff
        self.database, self.definitions = staff.database, staff.definitions

    async def show(self, request: Request, me: Visitor) -> Response:
        whose = me.identity.slug
        mine = ListAddress(CaseList(view=ListView.MINE, agent=whose))
        lists = [
            CaseList(view=view, owners=(whose,)) if own else CaseList(view=view, agent=whose) for _, view, own in TILES
        ]
        async with self.database.read() as session:
            found = await counts(session, self.definitions, me.identity, lists, me.now)
            cases = await list_page(session, self.definitions, me.identity, mine.wanted, me.now, limit=NEXT)
            queues = await my_queues(session, self.definitions, me.identity, me.now)
        reasons = {reason.slug: reason.name for reason in me.organisation.status_reasons}
        return self.staff.view(
            me,
            "desk_pages/home.html",
            tiles=[
                (words, ListAddress(wanted), number)
                for (words, *_), wanted, number in zip(TILES, lists, found, strict=True)
            ],
            most=COUNTED,
            cases=cases,
            queues=queues,
            **row_facts(mine, {queue.slug: queue.name for queue in queues.items}, reasons),
        )

    async def pick(self, request: Request, me: Visitor, posted: Posted) -> Response:
        """The most urgent case of a queue, or of all of the agent's, becomes theirs; then they see it."""
        queue = posted.text("queue") or None
        answer = await pick_next(self.database, self.staff.services.cases, me.identity, queue, key=posted.key)
        if answer is None:
            return self.staff.refusal(me, NOTHING_LEFT)
        return self.staff.after(me, f"/cases/{answer.number}")
