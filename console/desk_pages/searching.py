"""The one search: cases, letters, customers and articles, each with the passage that was found; a number leads to its case."""

from __future__ import annotations

from urllib.parse import urlencode

from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import Request
from starlette.responses import Response

from console.desk_pages.words import STATUSES
from console.faults import Fault, fault_of
from console.languages import N_
from console.staff import Staff
from console.visitor import Visitor
from console.words_asked import none_of
from desk.errors import Invalid
from desk.queries.case_lists import list_page
from desk.queries.cases import CASE_NUMBER
from desk.queries.list_questions import CaseList
from desk.queries.search import SearchFilter, search
from models.messages.api_search import SearchHit, SearchKind, SearchPage
from policies.activities import unreadable

GROUPS: dict[str, tuple[SearchKind, ...]] = {
    "cases": (SearchKind.CASE,),
    "letters": (SearchKind.MAIL, SearchKind.NOTE, SearchKind.ACTIVITY),
    "customers": (SearchKind.ACCOUNT, SearchKind.CONTACT),
    "articles": (SearchKind.ARTICLE, SearchKind.DRAFT),
}
"""What can be looked through, by the word in the address."""
GROUP_NAMES = {
    "": N_("Everything"),
    "cases": N_("Cases"),
    "letters": N_("Mails, notes and activities"),
    "customers": N_("Customers"),
    "articles": N_("Articles"),
}
KINDS = {
    SearchKind.CASE: N_("Case"),
    SearchKind.MAIL: N_("Mail"),
    SearchKind.NOTE: N_("Note"),
    SearchKind.ACTIVITY: N_("Activity"),
    SearchKind.ACCOUNT: N_("Account"),
    SearchKind.CONTACT: N_("Contact"),
    SearchKind.ARTICLE: N_("Article"),
    SearchKind.DRAFT: N_("Draft of an article"),
}
PAGE = 20


class Searching:
    def __init__(self, staff: Staff) -> None:
        self.staff = staff
        self.database, self.definitions = staff.database, staff.definitions

    async def show(self, request: Request, me: Visitor) -> Response:
        typed = request.query_params.get("q", "").strip()
        group = request.query_params.get("in", "")
        cursor = request.query_params.get("cursor") or None
        page, fault = SearchPage(items=(), next=None), None
        if group and group not in GROUPS:
            raise none_of(GROUPS, "in")
        if typed:
            async with self.database.read() as session:
                try:
                    if group == "" and cursor is None and (number := await self._number(session, me, typed)):
                        return self.staff.after(me, f"/cases/{number}")
                    hidden = unreadable(me.organisation.activity_details, me.identity.roles)
                    wanted = SearchFilter(kinds=GROUPS[group] if group else (), hidden_activities=hidden)
                    page = await search(session, me.identity, typed, wanted, cursor=cursor, limit=PAGE)
                except Invalid as error:
                    fault = fault_of(error)
        return self._view(me, typed, group if group in GROUPS else "", cursor, page, fault)

    async def _number(self, session: AsyncSession, me: Visitor, typed: str) -> str | None:
        """The case of this number, if it is the only one that may be seen."""
        if not CASE_NUMBER.match(typed.upper()):
            return None
        found = await list_page(session, self.definitions, me.identity, CaseList(q=typed), me.now, limit=2)
        numbers = [row.case.number for row in found.rows]
        return numbers[0] if len(numbers) == 1 and numbers[0].startswith(typed.upper()) else None

    def _view(
        self, me: Visitor, typed: str, group: str, cursor: str | None, page: SearchPage, fault: Fault | None
    ) -> Response:
        def address(in_: str, after: str | None = None) -> str:
            given = {"q": typed, "in": in_, "cursor": after}
            return f"/search?{urlencode({name: value for name, value in given.items() if value})}"

        return self.staff.view(
            me,
            "desk_pages/search.html",
            status=422 if fault else 200,
            typed=typed,
            group=group,
            groups=GROUP_NAMES,
            kinds=KINDS,
            cursor=cursor,
            page=page,
            fault=fault,
            address=address,
            leads_to=leads_to,
            status_names=STATUSES,
        )


def leads_to(hit: SearchHit) -> str:
    """Where something found is read."""
    match hit.kind:
        case SearchKind.ACCOUNT | SearchKind.CONTACT:
            return f"/customers/{hit.key or hit.id}"
        case SearchKind.ARTICLE | SearchKind.DRAFT:
            return f"/articles/{hit.key or hit.id}"
        case SearchKind.NOTE if hit.case is not None:
            return f"/cases/{hit.case.number}#entry-{hit.id}"
        case _ if hit.case is not None:
            return f"/cases/{hit.case.number}"
        case _:
            return f"/cases/{hit.key}"
