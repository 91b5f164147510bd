"""Customers: looked up by their words, each with cases, contracts and people; and those who may be there twice."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from console.cursors import given_id
from console.languages import N_
from console.staff import Posted, Staff
from console.visitor import Visitor
from console.words_asked import asked_word
from desk.customer_merging import ACCOUNT, CONTACT, CustomerMerging
from desk.queries.customer_pages import account_choices, customer_page
from desk.queries.duplicates import all_duplicates
from desk.queries.search import SearchFilter, search
from desk.reference.bodies import validated
from desk.reference.kinds import ACCOUNTS
from models.messages.api_search import SearchKind
from models.messages.customers import CustomerKind, DuplicateReason, MergeCustomersBody
from models.messages.entitlements import Allocation, EntitlementStatus

A_PAGE = 30
KINDS = (SearchKind.ACCOUNT, SearchKind.CONTACT)
SIDES = {CustomerKind.ACCOUNT: ACCOUNT, CustomerKind.CONTACT: CONTACT}
REASONS = {
    DuplicateReason.ADDRESS: N_("same address"),
    DuplicateReason.NUMBER: N_("same number"),
    DuplicateReason.NAME: N_("similar name"),
}
STATUSES = {
    EntitlementStatus.DRAFT: N_("draft"),
    EntitlementStatus.WAITING: N_("not begun"),
    EntitlementStatus.ACTIVE: N_("in force"),
    EntitlementStatus.EXPIRED: N_("expired"),
    EntitlementStatus.CANCELLED: N_("cancelled contract"),
}
UNITS = {Allocation.CASES: N_("cases"), Allocation.HOURS: N_("hours")}


class Customers:
    def __init__(self, staff: Staff) -> None:
        self.staff = staff

    async def search(self, request: Request, me: Visitor) -> Response:
        """By words; without any, accounts in the order in which they were made."""
        typed, cursor = request.query_params.get("q", "").strip(), request.query_params.get("cursor") or None
        facts: dict[str, Any] = {"q": typed, "hits": (), "items": []}
        async with self.staff.database.read() as session:
            if typed:
                wanted = SearchFilter(kinds=KINDS)
                page = await search(session, me.identity, typed, wanted, cursor=cursor, limit=A_PAGE)
                facts |= {"hits": page.items, "following": page.next}
            else:
                items, after = await ACCOUNTS.list(session, given_id(cursor), A_PAGE)
                facts |= {"items": items, "following": after}
        return self.staff.view(me, "reading/customers.html", **facts)

    async def show(self, request: Request, me: Visitor) -> Response:
        async with self.staff.database.read() as session:
            customer = await customer_page(session, self.staff.definitions, me.identity, request.path_params["key"])
        facts: dict[str, Any] = {"customer": customer, "shown": customer.item.shown, "reasons": REASONS}
        return self.staff.view(me, "reading/customer.html", statuses=STATUSES, units=UNITS, **facts)

    async def duplicates(self, request: Request, me: Visitor) -> Response:
        kind = asked_word(CustomerKind, request.query_params, "kind", CustomerKind.ACCOUNT)
        async with self.staff.database.read() as session:
            page = await all_duplicates(session, kind, given_id(request.query_params.get("cursor")), A_PAGE)
        return self.staff.view(me, "reading/duplicates.html", page=page, kind=kind, kinds=CustomerKind, reasons=REASONS)

    async def merge(self, request: Request, me: Visitor, posted: Posted) -> Response:
        """Others go up in this one; their cases follow, which the page of the operation shows."""
        async with self.staff.database.read() as session:
            customer = await customer_page(session, self.staff.definitions, me.identity, request.path_params["key"])
        body = validated(MergeCustomersBody, {"losers": posted.texts("loser")})
        merging = CustomerMerging(self.staff.services.bulk)
        side = SIDES[customer.kind]
        await merging.merge(me.identity, side, customer.key, body, me.now, asked_by=posted.key)
        return self.staff.after(me, f"/customers/{customer.key}")

    async def choices(self, request: Request, me: Visitor) -> Response:
        """Accounts to choose from while their name is typed."""
        typed = next(iter(request.query_params.values()), "")[:100]
        async with self.staff.database.read() as session:
            found = await account_choices(session, typed)
        return self.staff.view(me, "reading/choices.html", choices=found)
