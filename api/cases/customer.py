"""The customer's side of a case: what they were asked and answered, and the links by which they reach it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from api.auth import CaseWorker, only
from api.bodies import Router
from api.cases.caller import READ, Number
from api.dependencies import HouseDep
from api.reference.common import VERB, Edits
from desk.customer_links import links_of, revoke
from desk.queries.surveys import asked_about
from desk.queries.visibility import visible_case
from models.messages.api_customer_pages import CustomerLinkList, CustomerLinkView, SurveyRequestList
from models.messages.reference import CASE_ROLES

router = Router(tags=["customers' pages"])


@router.get(
    "/cases/{number}/surveys",
    operation_id="list_case_surveys",
    responses=READ,
    summary="What the customer was asked about the case, and answered",
)
async def list_case_surveys(number: Number, house: HouseDep, identity: CaseWorker) -> SurveyRequestList:
    async with house.database.read() as session:
        case = await visible_case(session, identity, number.upper())
        return SurveyRequestList(items=tuple(await asked_about(session, case)))


@router.get(
    "/cases/{number}/customer-links",
    operation_id="list_customer_links",
    responses=READ,
    summary="The links by which the customer reaches the case",
)
async def list_customer_links(number: Number, house: HouseDep, identity: CaseWorker) -> CustomerLinkList:
    """What opens a link stands in the customer's letter alone."""
    async with house.database.read() as session:
        case = await visible_case(session, identity, number.upper())
        return CustomerLinkList(items=tuple(await links_of(session, case)))


@router.post(
    "/cases/{number}/customer-links/{id}/revoke",
    operation_id="revoke_customer_link",
    response_model=CustomerLinkView,
    responses=VERB,
    summary="End a link of the customer",
    dependencies=only(*CASE_ROLES),
)
async def revoke_customer_link(number: Number, id: UUID, edits: Edits) -> Any:
    """A later letter to the customer has a new one."""
    async with edits.edit() as edit:
        case = await visible_case(edit.session, edits.identity, number.upper())
        view = await revoke(edit, edits.identity, case, id)
        return edits.answered(view.model_dump(), {})
