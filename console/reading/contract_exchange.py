"""Open cases of a contract that are to count on another one of its customer: chosen, foreseen in both balances, and exchanged."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from console.contract_names import told_apart
from console.reading.customers import UNITS
from console.staff import Posted, Staff
from console.visitor import Visitor
from desk.bulk import operation_id
from desk.errors import Conflict, Invalid
from desk.queries.contract_pages import contract_page, exchanged
from desk.queries.visibility import sight_of
from desk.reference.entitlements import ENTITLEMENTS
from models.messages.operations import BulkAction, BulkBody
from models.messages.said import said

CHOOSE_CASES = said("Choose at least one case.")
CHOOSE_CONTRACT = said("Choose the contract that they are to count on.")


class ContractExchange:
    def __init__(self, staff: Staff) -> None:
        self.staff = staff

    async def show(self, request: Request, me: Visitor) -> Response:
        return await self._page(request, me, (), "", [], 200)

    async def do(self, request: Request, me: Visitor, posted: Posted) -> Response:
        """Each case exchanges it by itself, and has its own result; the page of the operation shows them."""
        numbers, target = tuple(dict.fromkeys(posted.texts("numbers"))), posted.text("to").strip()
        wrong = [] if numbers else [CHOOSE_CASES]
        wrong += [] if target else [CHOOSE_CONTRACT]
        if wrong or posted.text("do") == "show":
            return await self._page(request, me, numbers, target, wrong, 422 if wrong else 200)
        try:
            body = BulkBody(action=BulkAction.CHANGE, numbers=numbers, body={"entitlement": target})
            await self.staff.services.bulk.ask(me.identity, body, me.now, key=posted.key)
        except (Invalid, Conflict) as error:
            return await self._page(request, me, numbers, target, [error.detail], error.status)
        id, contract = operation_id(me.identity, posted.key), request.path_params["key"]
        return self.staff.after(me, f"/cases/bulk/{id}?{urlencode({'contract': contract})}")

    async def _page(
        self, request: Request, me: Visitor, numbers: tuple[str, ...], target: str, wrong: Sequence[str], status: int
    ) -> Response:
        async with self.staff.database.read() as session:
            row = await ENTITLEMENTS.row(session, request.path_params["key"])
            found = await contract_page(session, row, await sight_of(session, me.identity))
        chosen = tuple(each for each in found.cases if each.number in numbers)
        to = next((each for each in found.others if each.body.slug == target), None)
        return self.staff.view(
            me,
            "reading/contract_exchange.html",
            status=status,
            page=found,
            item=found.item,
            chosen={each.number for each in chosen},
            to=to,
            after=exchanged(found.item, to, chosen) if to is not None and chosen else None,
            wrong=wrong,
            units=UNITS,
            names=dict(told_apart(me, (each.body for each in (found.item, *found.others)))),
        )
