"""The case as a page, and the pieces of it that are fetched anew."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from console.case_pages.asking import Ask
from console.case_pages.entries import Entry, entries_of, runs_of
from console.case_pages.properties import properties
from console.case_pages.shown import NEWEST, Shown, names_for, opened, shown_in
from console.case_pages.stages import bar_of
from console.case_pages.verbs import BY_SLUG, FIRST, MENU, OF_PROCESS
from console.case_pages.verbs_process import steps
from console.case_pages.why_not import offered, why_not
from console.composing.composer import composer_of, writes_of
from console.staff import Staff
from console.visitor import Visitor
from console.way import way_of
from desk.queries.article_cases import suggested
from desk.queries.names import names_of
from desk.queries.stage_times import StageTimes
from desk.queries.timeline import timeline
from desk.queries.visibility import sight_of, visible_case
from desk.queries.why_promises import why_promises

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

MOST_SUGGESTED = 5


def number_of(request: Request) -> str:
    return str(request.path_params["number"]).upper()


class CasePages:
    def __init__(self, staff: Staff) -> None:
        self.staff, self.stage_times = staff, StageTimes()

    async def show(self, request: Request, me: Visitor) -> Response:
        number, cursor = number_of(request), request.query_params.get("older")
        # One session for all of it: each costs PostgreSQL as much as three statements.
        async with self.staff.database.read() as session:
            found = await shown_in(session, self.staff, me, number)
            facts = await self._whole(session, me, found)
            wanted = request.query_params.get("write", "")
            # Only of a whole page: what is being written is never exchanged.
            facts["composer"] = await composer_of(self.staff, session, me, found.case, row=found.row, wanted=wanted)
            if cursor is not None:
                facts |= await self._older(session, me, found, cursor)
        await opened(self.staff, me, found)
        facts["way"] = await way_of(self.staff, request, me, number)
        return self.staff.view(me, "case_pages/case.html", **facts)

    async def part(self, request: Request, me: Visitor) -> Response:
        """The regions of the page as they are now, each in the place of the one with its id; entries after `?last=` are
        added to those that are there. `?live=yes`: nobody has asked, so it is no reading."""
        asked = request.query_params
        return await self.refreshed(
            me, number_of(request), last=asked.get("last", ""), reading=asked.get("live") != "yes"
        )

    async def refreshed(
        self,
        me: Visitor,
        number: str,
        *,
        done: str = "",
        staged: bool = False,
        last: str = "",
        reading: bool = True,
    ) -> Response:
        """`done`: what is said of a deed; the focus goes there. `staged`: with the stage that has come of it.
        `last`: the id of the newest entry that the page has."""
        async with self.staff.database.read() as session:
            found = await shown_in(session, self.staff, me, number)
            facts = await self._whole(session, me, found)
        if reading:
            await opened(self.staff, me, found)
        fresh = _after(found.entries, last)
        facts |= {
            "fresh": None if fresh is None else runs_of(fresh),
            "changing": [each for each in found.entries if _may_change(each)],
        }
        headers = {"HX-Retarget": "#panel", "HX-Reswap": "innerHTML"} if done else None
        return self.staff.view(me, "case_pages/refreshed.html", headers=headers, done=done, staged=staged, **facts)

    async def composer(self, request: Request, me: Visitor) -> Response:
        """What may be written on the case as it is now, with the kind `?write=` in view."""
        wanted = request.query_params.get("write", "")
        async with self.staff.database.read() as session:
            found = await shown_in(session, self.staff, me, number_of(request))
            made = await composer_of(self.staff, session, me, found.case, row=found.row, wanted=wanted)
        return self.staff.view(me, "case_pages/composer.html", **self.facts(me, found), composer=made)

    async def older(self, request: Request, me: Visitor) -> Response:
        """The entries before `?cursor=`, to follow those that are there."""
        async with self.staff.database.read() as session:
            found = await shown_in(session, self.staff, me, number_of(request))
            facts = await self._older(session, me, found, request.query_params.get("cursor", ""))
        return self.staff.view(me, "case_pages/runs.html", **(self.facts(me, found) | facts))

    async def suggestions(self, request: Request, me: Visitor) -> Response:
        """Articles that may answer the case: looked for apart, so that the page need not wait for it."""
        number = number_of(request)
        async with self.staff.database.read() as session:
            case = await visible_case(session, me.identity, number)
            found = await suggested(session, case, MOST_SUGGESTED)
        return self.staff.view(me, "case_pages/suggested.html", number=number, articles=found)

    async def why(self, request: Request, me: Visitor) -> Response:
        """Why the promises are due when they are."""
        number = number_of(request)
        async with self.staff.database.read() as session:
            case = await visible_case(session, me.identity, number)
            sight = await sight_of(session, me.identity)
            told = await why_promises(session, self.staff.definitions, sight, case, me.now)
        template = "case_pages/why_part.html" if me.part else "case_pages/why.html"
        return self.staff.view(me, template, number=number, title=case.title, told=told)

    async def _whole(self, session: AsyncSession, me: Visitor, found: Shown) -> dict[str, Any]:
        """What the templates of the whole page are given."""
        process = found.process
        usual = None
        if process.definition is not None and process.stage is not None:
            usual = await self.stage_times.usual(session, process.definition, process.stage, me.now)
        return self.facts(me, found) | {
            "bar": bar_of(found, me.now, usual),
            "inputs": await steps(Ask(self.staff, session, me, found)),
            "properties": await properties(self.staff, session, me, found),
            "typed": None,
            "faults": [],
        }

    @staticmethod
    def facts(me: Visitor, found: Shown) -> dict[str, Any]:
        """What all templates of a case are given."""

        def open_now(slugs: tuple[str, ...]) -> list[Any]:
            return [BY_SLUG[slug] for slug in slugs if offered(found, slug)]

        return {
            "shown": found,
            "case": found.case,
            "writes": writes_of(found.case),
            "number_": found.case.number,
            "process": found.process,
            "due": found.due,
            "runs": runs_of(found.entries),
            "older": found.older,
            "people": found.people,
            "first": open_now(FIRST),
            "menu": open_now(MENU),
            "of_process": open_now(OF_PROCESS),
            "why_not": why_not(found),
            "verbs": BY_SLUG,
            "last": str(found.entries[0].item.id) if found.entries else "",
        }

    async def _older(self, session: AsyncSession, me: Visitor, found: Shown, cursor: str) -> dict[str, Any]:
        page = await timeline(session, me.identity, found.row, self.staff.definitions, cursor=cursor, limit=NEWEST)
        people = await names_of(session, "agent", (item.actor for item in page.items))
        names = await names_for(session, self.staff, me, found.process, page.items)
        return {"runs": runs_of(entries_of(page.items, None, "", names)), "older": page.next, "people": people}


def _after(entries: tuple[Entry, ...], last: str) -> list[Entry] | None:
    """Those that are newer than `last`; None: it is not among the newest, so all are shown anew."""
    try:
        key = UUID(last)
    except ValueError:
        return None
    for place, entry in enumerate(entries):
        if entry.item.id == key:
            return list(entries[:place])
    return None


def _may_change(entry: Entry) -> bool:
    """A letter of ours is sent after it was written, and an activity is completed."""
    item = entry.item
    return (item.message is not None and item.message.direction == "out") or item.activity is not None
