"""A new case, the customer first: who it is, what they have open already and what is left of their contracts, then the form."""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import Request
from starlette.responses import Response

from console.case_pages.asking import Choices, Input
from console.contract_names import told_apart
from console.faults import Fault, fault_of, faults_of
from console.languages import N_
from console.list_address import ListAddress
from console.own_words import own_word
from console.staff import Posted, Staff
from console.visitor import Visitor
from desk.errors import Conflict, Invalid
from desk.queries import choices
from desk.queries.case_lists import list_page
from desk.queries.list_questions import CaseList
from desk.queries.new_case import Caller, caller, duplicates_for, people_of
from desk.queries.search import SearchFilter, search
from models.messages.api_cases import NewCaseBody
from models.messages.api_search import SearchKind
from models.messages.case_fields import BY_NAME, FieldKind
from models.messages.cases import CaseStatus, ProblemType

LABELS = {
    "title": N_("Title"),
    "description": N_("What it is about"),
    "contact": N_("Person"),
    "priority": N_("Priority"),
    "origin": N_("How it came"),
    "case_type": N_("Kind"),
    "subject": N_("Subject"),
    "product": N_("Product"),
    "severity": N_("Severity"),
    "entitlement": N_("Contract"),
    "sla": N_("Promises (SLA)"),
    "route": N_("Let the routing rules choose its queue"),
    "decrement": N_("Count it on the contract"),
    "apply_sla": N_("Give it promises by itself"),
}
"""Fields of the table that a case is opened with, in the order of the form. Skills, and values of the organisation's own, are
filled in on the case."""
REST = ("severity", "entitlement", "sla", "route", "decrement", "apply_sla")
"""What most cases take as it is."""
CHOSEN_BY_ITSELF = N_("Empty: it is chosen by itself.")
OPEN_SHOWN, FOUND_SHOWN = 5, 20


class NewCase:
    def __init__(self, staff: Staff) -> None:
        self.staff = staff
        self.database, self.definitions = staff.database, staff.definitions

    async def show(self, request: Request, me: Visitor) -> Response:
        """Without a customer the search for one; with one the form."""
        key, q = request.query_params.get("customer", ""), request.query_params.get("q", "").strip()
        if not key:
            return await self._search(me, q)
        async with self.database.read() as session:
            try:
                who = await caller(session, key)
            except Invalid as error:
                return await self._search(me, q, fault_of(error))
            return await self._form(session, me, who)

    async def open(self, request: Request, me: Visitor, posted: Posted) -> Response:
        """Open it, once for each form; then one sees it."""
        key = posted.text("customer")
        try:
            opened = await self.staff.services.openings.open(me.identity, body_of(posted), me.now, key=posted.key)
            return self.staff.after(me, f"/cases/{opened.number}")
        except ValidationError as error:
            faults = faults_of(error)
        except Invalid as error:
            faults = [fault_of(error)]
        except Conflict as error:
            if error.type != ProblemType.ENTITLEMENT_EXHAUSTED:
                raise
            faults = [Fault("entitlement", fault_of(error).words, {})]
        async with self.database.read() as session:
            try:
                who = await caller(session, key)
            except Invalid as error:
                return await self._search(me, "", fault_of(error))
            return await self._form(session, me, who, faults, posted)

    async def duplicates(self, request: Request, me: Visitor) -> Response:
        """Cases of this customer that may be the same matter, by the title as it is typed."""
        title = request.query_params.get("title", "")[:300].replace("\0", "")
        async with self.database.read() as session:
            who = await caller(session, request.query_params.get("customer", ""))
            found = await duplicates_for(session, self.definitions, me.identity, who, title, me.now)
        return self.staff.view(me, "desk_pages/duplicates.html", found=found)

    async def _search(self, me: Visitor, q: str, fault: Fault | None = None) -> Response:
        found = None
        if q and fault is None:
            async with self.database.read() as session:
                try:
                    wanted = SearchFilter(kinds=(SearchKind.ACCOUNT, SearchKind.CONTACT))
                    found = await search(session, me.identity, q, wanted, limit=FOUND_SHOWN)
                except Invalid as error:
                    fault = fault_of(error)
        status = 422 if fault else 200
        return self.staff.view(me, "desk_pages/new_case_whose.html", status=status, q=q, found=found, fault=fault)

    async def _form(
        self,
        session: AsyncSession,
        me: Visitor,
        who: Caller,
        faults: list[Fault] | None = None,
        posted: Posted | None = None,
    ) -> Response:
        theirs = CaseList(customer=who.key, statuses=(CaseStatus.OPENING, CaseStatus.ACTIVE))
        open = await list_page(session, self.definitions, me.identity, theirs, me.now, limit=OPEN_SHOWN)
        inputs = await self._inputs(session, me, who)
        return self.staff.view(
            me,
            "desk_pages/new_case.html",
            status=422 if faults else 200,
            who=who,
            contract_names=dict(told_apart(me, who.contracts)),
            open=open,
            open_address=ListAddress(theirs),
            inputs=inputs,
            main=[each for each in inputs if each.name not in REST],
            rest=[each for each in inputs if each.name in REST],
            rest_open=any(fault.field in REST for fault in faults or ()),
            faults=faults or [],
            typed=None if posted is None else {name: posted.text(name) for name in LABELS},
            reason_names={reason.slug: reason.name for reason in me.organisation.status_reasons},
        )

    async def _inputs(self, session: AsyncSession, me: Visitor, who: Caller) -> list[Input]:
        said = me.organisation
        none: Choices = (("", "\N{EN DASH}"),)
        offered: dict[str, Choices] = {
            "priority": _words(me, said.priorities),
            "origin": _words(me, said.origins),
            "case_type": (*none, *_words(me, said.case_types)),
            "subject": (*none, *await choices.subjects(session)),
            "product": (*none, *await choices.products(session)),
            "entitlement": (*none, *told_apart(me, who.contracts)),
            "sla": (*none, *await choices.slas(session, self.definitions)),
            "contact": (*none, *await people_of(session, who)),
        }
        made = []
        for name, label in LABELS.items():
            if name == "contact" and who.contact_id is not None:
                continue  # the customer is the person
            field = BY_NAME[name]
            default = "" if field.default is None else field.default
            kind = "choice" if name in offered else "flag" if field.kind is FieldKind.FLAG else "line"
            if name == "description":
                kind = "lines"
            if name in offered and default not in dict(offered[name]):
                default = offered[name][0][0]
            hint = CHOSEN_BY_ITSELF if name in ("entitlement", "sla") else ""
            made.append(Input(name, label, kind, offered.get(name, ()), default, hint))
        return made


def body_of(posted: Posted) -> NewCaseBody:
    """Raises pydantic's error, which names the fields that are wrong."""
    given: dict[str, Any] = {"customer": posted.text("customer")}
    for name in LABELS:
        text = posted.text(name)
        if BY_NAME[name].kind is FieldKind.FLAG:
            given[name] = text == "yes"
        elif text.strip():
            given[name] = text
    return NewCaseBody.model_validate(given)


def _words(me: Visitor, words: tuple[str, ...]) -> Choices:
    return tuple((word, own_word(word, me.language)) for word in words)
