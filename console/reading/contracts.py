"""The statement of a contract: what was there, what moved, what is left; as a page, on paper, and for spreadsheets."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from console.days import PeriodInvalid, period_of, wrong_days
from console.labels import HOUSE
from console.languages import N_
from console.reading.contract_verbs import LEADS, WORDS, is_over, offered
from console.reading.customers import STATUSES, UNITS
from console.rendering import HEADERS
from console.staff import Staff
from console.visitor import Visitor
from desk.errors import Invalid
from desk.queries.contract_pages import contract_page
from desk.queries.names import names_by_kind
from desk.queries.visibility import sight_of
from desk.reference.entitlements import ENTITLEMENTS
from desk.statements import papers
from desk.statements.books import statement
from desk.statements.words import LANGUAGES, number, unit
from models.messages.entitlements import EntitlementDefinition, EntitlementStatus
from models.messages.statements import LineEvent, Statement

PAPER = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
"""The printed form loads nothing and runs nothing; its style stands in it, so that it can be kept as one file."""
MOST_LINES = 200
"""Movements on one page."""
SAID = {verb.value: words.said for verb, words in WORDS.items()}
WHY: dict[LineEvent, str] = {
    LineEvent.APPLIED: N_("A case that counts on the contract takes a term."),
    LineEvent.CLEARED: N_("A case that no longer counts on the contract gives back what it took."),
    LineEvent.RESOLVED: N_("A resolved case takes a term, or its billable hours."),
    LineEvent.CANCELLED: N_("A cancelled or merged case gives back what it took."),
    LineEvent.REACTIVATED: N_("A reactivated case holds what an open case holds."),
    LineEvent.AGREED: N_("The terms of the contract itself, on its first day or changed since."),
}
"""The rule by which a line has moved terms (domain 3.4)."""


def named_in(body: EntitlementDefinition, made: Statement) -> dict[str, set[str]]:
    """What the page names by slugs, by kind."""
    slugs = {"sla": [body.sla], "product": body.products, "contact": body.contacts}
    slugs["agent"] = [body.owner, *(line.by for line in made.lines[:MOST_LINES])]
    return {kind: {each for each in given if each} for kind, given in slugs.items()}


class Contracts:
    def __init__(self, staff: Staff) -> None:
        self.staff = staff

    async def show(self, request: Request, me: Visitor) -> Response:
        wrong = None
        try:
            made, customer = await self._statement(request, me)
        except PeriodInvalid as error:
            wrong = error.wrong
            made, customer = await self._statement(request, me, whole=True)
        async with self.staff.database.read() as session:
            row = await ENTITLEMENTS.row(session, request.path_params["key"])
            page = await contract_page(session, row, await sight_of(session, me.identity))
            names = await names_by_kind(session, self.staff.definitions, named_in(page.item.body, made))

        def moved(terms: Decimal) -> str:
            return number(made.language, terms, signed=True)

        facts: dict[str, Any] = {
            "it": made,
            "customer": customer,
            "moved": moved,
            "unit": unit(made.language, made.allocation),
            "units": UNITS,
            "page": page,
            "said": SAID.get(request.query_params.get("said", ""), ""),
            "offered": offered(page.item),
            "over": is_over(page.item),
            "manages": me.has(*LEADS),
            "why": WHY,
            "house": HOUSE,
            "names": names,
            "wrong": wrong,
        }
        asked = f"from={made.first}&to={made.last}"
        active = made.status is EntitlementStatus.ACTIVE
        return self.staff.view(
            me,
            "reading/contract.html",
            status=422 if wrong else 200,
            asked=asked,
            active=active,
            most=MOST_LINES,
            statuses=STATUSES,
            **facts,
        )

    async def table(self, request: Request, me: Visitor) -> Response:
        made, _ = await self._statement(request, me)
        name = f"{made.entitlement}-{made.first}-{made.last}.csv"
        headers = {**HEADERS, "Content-Disposition": f'attachment; filename="{name}"'}
        return Response(
            papers.table(made, for_people=True).encode(), media_type="text/csv; charset=utf-8", headers=headers
        )

    async def paper(self, request: Request, me: Visitor) -> Response:
        """As the customer gets it, in their own language."""
        made, _ = await self._statement(request, me, own=True)
        headers = {**HEADERS, "Content-Security-Policy": PAPER}
        return Response(papers.page(made), media_type="text/html; charset=utf-8", headers=headers)

    async def _statement(
        self, request: Request, me: Visitor, *, own: bool = False, whole: bool = False
    ) -> tuple[Statement, str | None]:
        """And who the contract is of, as addresses name them. `whole`: of its own days, whatever the address asks."""
        language = None if own else next((each for each in LANGUAGES if each == me.language), None)
        query = request.query_params
        first, last = (None, None) if whole else period_of(query)
        async with self.staff.database.read() as session:
            row = await ENTITLEMENTS.row(session, request.path_params["key"])
            sight = await sight_of(session, me.identity)
            try:
                made = await statement(session, row, first=first, last=last, language=language, now=me.now, sight=sight)
            except Invalid as error:
                raise PeriodInvalid(wrong_days(query, {error.field: error.rule})) from error
        of = row.contact_id or row.account_id
        return made, None if of is None else str(of)
