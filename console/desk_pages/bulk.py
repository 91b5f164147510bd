"""One action on many cases of a list: on those that are selected or on all that match, with progress and a result for each."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response

from console.desk_pages.offered import offered
from console.faults import Fault, fault_of, faults_of
from console.languages import N_
from console.list_address import ListAddress, read_query
from console.staff import Posted, Staff
from console.visitor import Visitor
from desk.bulk import operation_id
from desk.errors import Conflict, DeskError, Invalid, NotFound
from desk.queries.case_lists import numbers_of
from desk.queries.list_counts import count
from desk.queries.operations import asked_of_each, operation
from desk.refusals import KeyReused
from models.messages.api_operations import Operation
from models.messages.base import SLUG
from models.messages.cases import CommandKind
from models.messages.operations import MOST_CASES, BulkAction, BulkBody

ACTIONS = {
    BulkAction.ASSIGN: N_("Assign cases"),
    BulkAction.ROUTE: N_("Route cases to a queue"),
    BulkAction.CHANGE: N_("Change the priority of cases"),
    BulkAction.RESOLVE: N_("Resolve cases"),
    BulkAction.CANCEL: N_("Cancel cases"),
    BulkAction.APPLY_ROUTING: N_("Apply routing to cases"),
}
HEADINGS: dict[str, str] = {
    **{action.value: words for action, words in ACTIONS.items()},
    BulkAction.CHANGE.value: N_("Change cases"),
    CommandKind.RECOMPUTE.value: N_("Let promises follow a calendar"),
}
"""Of operations of every kind whose progress is shown."""
OF_FIELDS = {
    frozenset({"priority"}): ACTIONS[BulkAction.CHANGE],
    frozenset({"entitlement"}): N_("Let cases count on another contract"),
}
"""Of changes of these fields alone."""
CONTRACT = "contract"
"""Parameter of the progress page's address: the contract from whose page the operation was asked for."""
STATES = {
    "pending": N_("waiting"),
    "done": N_("done"),
    "refused": N_("refused"),
    "failed": N_("failed"),
    "cancelled": N_("not begun"),
    "cancelling": N_("stopping"),
}
MOST_IN_AN_ADDRESS = 500
"""Numbers of cases; the form of more is the answer to the list's own."""
NONE_SELECTED = N_("Select some cases first, or all that match.")
TOO_MANY = N_("These are more than %(most)s cases. Narrow the list down by a filter.")
NOT_ALLOWED = N_("This is no action on cases.")
FIELDS = ("who", "queue", "priority", "resolution_type", "resolution", "billable_minutes", "status_reason", "open")


@dataclass(frozen=True, slots=True)
class Chosen:
    """What is to be done, and with which cases of which list. `matching`: how many the list has; one more than an operation
    takes means that they are too many."""

    action: BulkAction
    address: ListAddress
    numbers: tuple[str, ...]
    all: bool
    matching: int


class Bulk:
    def __init__(self, staff: Staff) -> None:
        self.staff = staff
        self.database, self.definitions = staff.database, staff.definitions

    async def choose(self, request: Request, me: Visitor, posted: Posted) -> Response:
        """To the form of what was chosen in the list, by an address of its own: Back finds it again."""
        async with self.database.read() as session:
            chosen = await self._chosen(session, me, posted)
            if not chosen.numbers and not chosen.all:
                return await self._form(session, me, posted, chosen, [Fault("cases", NONE_SELECTED, {})])
            if len(chosen.numbers) > MOST_IN_AN_ADDRESS:
                return await self._form(session, me, posted, chosen, [])
        asked = {"action": chosen.action.value, "numbers": ",".join(chosen.numbers), "all": "yes" if chosen.all else ""}
        asked["list"] = chosen.address.list_query
        given = {name: value for name, value in asked.items() if value}
        return self.staff.after(me, f"/cases/bulk?{urlencode(given, safe=',')}")

    async def chosen(self, request: Request, me: Visitor) -> Response:
        """The form of what its address names: nothing is done yet."""
        asked = Posted(FormData(dict(request.query_params)), "")
        async with self.database.read() as session:
            return await self._form(session, me, asked, await self._chosen(session, me, asked), [])

    async def do(self, request: Request, me: Visitor, posted: Posted) -> Response:
        """Ask for it, once for each form, and show what becomes of it."""
        id = operation_id(me.identity, posted.key)
        async with self.database.read() as session:
            chosen = await self._chosen(session, me, posted)
            try:
                await operation(session, me.identity, id, limit=1)
                return self._to(me, id, chosen.address)
            except NotFound:
                pass  # it is asked for the first time
            numbers = chosen.numbers
            if chosen.all:
                numbers = tuple(
                    await numbers_of(
                        session, self.definitions, me.identity, chosen.address.wanted, me.now, MOST_CASES + 1
                    )
                )
        faults: list[Fault] = []
        if not numbers:
            faults.append(Fault("cases", NONE_SELECTED, {}))
        elif len(numbers) > MOST_CASES:
            faults.append(Fault("cases", TOO_MANY, {"most": MOST_CASES}))
        if not faults:
            try:
                body = BulkBody(action=chosen.action, numbers=numbers, body=body_of(chosen.action, posted))
                await self.staff.services.bulk.ask(me.identity, body, me.now, key=posted.key)
                return self._to(me, id, chosen.address)
            except KeyReused:
                # The same form at the same moment, while the list changed: the first one counts.
                return self._to(me, id, chosen.address)
            except ValidationError as error:
                faults = faults_of(error)
            except (Invalid, Conflict) as error:
                faults = [_of_field(error)]
        async with self.database.read() as session:
            return await self._form(session, me, posted, chosen, faults)

    def _to(self, me: Visitor, id: UUID, address: ListAddress) -> Response:
        ahead = f"/cases/bulk/{id}"
        return self.staff.after(me, f"{ahead}?{address.list_query}" if address.list_query else ahead)

    async def _chosen(self, session: AsyncSession, me: Visitor, posted: Posted) -> Chosen:
        try:
            action = BulkAction(posted.text("action"))
        except ValueError:
            action = BulkAction.MERGE
        if action not in ACTIONS:
            raise Invalid("action", NOT_ALLOWED)
        address = read_query(posted.text("list")).at(None)
        matching = await count(session, self.definitions, me.identity, address.wanted, me.now, most=MOST_CASES)
        numbers = tuple(dict.fromkeys(number for one in posted.texts("numbers") for number in one.split(",") if number))
        return Chosen(action, address, numbers[: MOST_CASES + 1], posted.text("all") == "yes", matching)

    async def _form(
        self, session: AsyncSession, me: Visitor, posted: Posted, chosen: Chosen, faults: list[Fault]
    ) -> Response:
        choices = await offered(session, me.identity)
        reasons = me.organisation.status_reasons
        return self.staff.view(
            me,
            "desk_pages/bulk.html",
            status=422 if faults else 200,
            chosen=chosen,
            heading=ACTIONS[chosen.action],
            faults=faults,
            wrong={fault.field: fault for fault in faults},
            typed={name: posted.text(name) for name in FIELDS},
            choices=choices,
            resolved=[reason for reason in reasons if reason.status == "resolved"],
            cancelled=[reason for reason in reasons if reason.status == "cancelled"],
            most=MOST_CASES,
            Action=BulkAction,
        )

    # ---- what becomes of it ------------------------------------------------------------------------------------------

    async def show(self, request: Request, me: Visitor) -> Response:
        return self.staff.view(me, "desk_pages/operation.html", **await self._facts(request, me))

    async def part(self, request: Request, me: Visitor) -> Response:
        """The same without the page around it: it asks for itself again as long as something is to be done."""
        return self.staff.view(me, "desk_pages/operation_part.html", **await self._facts(request, me))

    async def cancel(self, request: Request, me: Visitor, posted: Posted) -> Response:
        id = _id(request)
        with suppress(Conflict):  # it is over meanwhile: the page says so
            await self.staff.services.bulk.cancel(me.identity, id)
        came = posted.text("list")
        return self.staff.after(me, f"/cases/bulk/{id}?{came}" if came else f"/cases/bulk/{id}")

    async def _facts(self, request: Request, me: Visitor) -> dict[str, Any]:
        id = _id(request)
        cursor = request.query_params.get("results") or None
        async with self.database.read() as session:
            found = await operation(session, me.identity, id, cursor=cursor)
            body = await asked_of_each(session, id)
        if found.progress is None or found.kind not in HEADINGS:
            raise NotFound("operation", id)
        return {
            "operation": found,
            "heading": heading_of(found.kind, body),
            "decided": found.progress.total - found.progress.pending,
            "ended": found.state in ("done", "cancelled"),
            "states": STATES,
            **_way_back(request),
            "cursor": cursor,
            "counted": counted(found),
        }


def heading_of(kind: str, body: Mapping[str, Any]) -> str:
    """`body`: of the command that each case is sent."""
    of_fields = OF_FIELDS.get(frozenset(body)) if kind == BulkAction.CHANGE.value else None
    return of_fields or HEADINGS[kind]


def counted(found: Operation) -> list[tuple[str, str, int]]:
    """State, its words, and of how many cases it is; those of none are left out."""
    if found.progress is None:
        return []
    order = ("done", "refused", "failed", "cancelled", "pending")
    return [(state, STATES[state], n) for state in order if (n := getattr(found.progress, state))]


def body_of(action: BulkAction, posted: Posted) -> dict[str, Any]:
    """What the action's own route would take, from the form's fields. Empty ones are left out."""
    match action:
        case BulkAction.ASSIGN:
            kind, _, slug = posted.text("who").partition(":")
            return {kind: slug} if kind in ("agent", "team") and slug else {}
        case BulkAction.ROUTE:
            return _given(posted, "queue")
        case BulkAction.CHANGE:
            return _given(posted, "priority")
        case BulkAction.RESOLVE:
            body = _given(posted, "resolution_type", "resolution", "billable_minutes")
            return body | {"cancel_open_activities": True} if posted.text("open") == "cancel" else body
        case BulkAction.CANCEL:
            return _given(posted, "status_reason")
        case _:
            return {}


def _given(posted: Posted, *names: str) -> dict[str, Any]:
    given = {name: posted.text(name).strip() for name in names}
    return {
        name: int(value) if name == "billable_minutes" and value.isdecimal() else value
        for name, value in given.items()
        if value
    }


def _of_field(error: DeskError) -> Fault:
    """The desk names the field within the body: `body.agent`."""
    fault = fault_of(error)
    field = fault.field.removeprefix("body.").removeprefix("body")
    return Fault({"agent": "who", "team": "who", "": "who"}.get(field, field), fault.words, fault.values)


def _id(request: Request) -> UUID:
    try:
        return UUID(request.path_params["id"])
    except ValueError:
        raise NotFound("operation", request.path_params["id"]) from None


def _way_back(request: Request) -> dict[str, str]:
    """Where one came from: its address, what the link says, and `at`, which says it in addresses of the progress page."""
    contract = request.query_params.get(CONTRACT, "")
    if re.fullmatch(SLUG, contract):
        return {
            "back": f"/contracts/{contract}",
            "back_says": N_("Back to the contract"),
            "at": f"{CONTRACT}={contract}",
        }
    try:
        address = read_query(request.url.query)
    except Invalid:
        address = ListAddress()
    return {"back": str(address), "back_says": N_("Back to the list"), "at": address.list_query}
