"""Opening, changing, resolving and reactivating cases."""

from __future__ import annotations

from fastapi import Response

from api.auth import CaseWorker
from api.bodies import Router
from api.cases.caller import COMMAND, Caller, Calls, Number
from api.dependencies import DeskDep, HouseDep, Key, Now, RequiredVersion
from api.problems import responses
from desk.queries.similar import possible_duplicates
from models.messages.api_case_views import CaseView
from models.messages.api_cases import CancelBody, ChangeBody, HoldBody, NewCaseBody, ReactivateBody, ResolveBody
from models.messages.api_similar import OpenedCase
from models.messages.cases import CommandKind

router = Router(tags=["cases"])


@router.post(
    "/cases",
    operation_id="open_case",
    status_code=201,
    responses=responses(401, 403, 409, 422, 503),
    summary="Open a case that did not come by mail",
)
async def open_case(
    body: NewCaseBody, response: Response, house: HouseDep, desk: DeskDep, identity: CaseWorker, key: Key, now: Now
) -> OpenedCase:
    """Answers when the case is routed and its promises run, at the latest after 5 s: then it is `opening` still. Says which
    cases that the customer has opened lately may be about the same matter."""
    opened = await desk.openings.open(identity, body, now, key=key)
    response.headers["Location"] = f"/api/v1/cases/{opened.number}"
    caller = Caller(response, house, desk, identity, key, None)
    view = await caller.shows_case(opened.number, replayed=opened.replayed)
    async with house.database.read() as session:
        duplicates = await possible_duplicates(session, house.definitions, identity, opened.number)
    return OpenedCase(**dict(view), possible_duplicates=tuple(duplicates))


@router.patch(
    "/cases/{number}",
    operation_id="change_case",
    response_model=CaseView,
    responses={**COMMAND, **responses(428)},
    summary="Change fields of a case",
)
async def change_case(number: Number, body: ChangeBody, caller: Calls, version: RequiredVersion) -> CaseView | Response:
    """Only the fields given change, null clears one. A state is not written here: resolve, cancel or reactivate."""
    return await caller.does(number, CommandKind.CHANGE, body)


@router.post(
    "/cases/{number}/resolve",
    operation_id="resolve_case",
    response_model=CaseView,
    responses=COMMAND,
    summary="Resolve a case",
)
async def resolve_case(number: Number, body: ResolveBody, caller: Calls) -> CaseView | Response:
    return await caller.does(number, CommandKind.RESOLVE, body)


@router.post(
    "/cases/{number}/cancel",
    operation_id="cancel_case",
    response_model=CaseView,
    responses=COMMAND,
    summary="Cancel a case",
)
async def cancel_case(number: Number, caller: Calls, body: CancelBody | None = None) -> CaseView | Response:
    return await caller.does(number, CommandKind.CANCEL, body or CancelBody())


@router.post(
    "/cases/{number}/reactivate",
    operation_id="reactivate_case",
    response_model=CaseView,
    responses=COMMAND,
    summary="Reactivate a resolved or cancelled case",
)
async def reactivate_case(number: Number, caller: Calls, body: ReactivateBody | None = None) -> CaseView | Response:
    return await caller.does(number, CommandKind.REACTIVATE, body or ReactivateBody())


@router.post(
    "/cases/{number}/hold",
    operation_id="hold_case",
    response_model=CaseView,
    responses=COMMAND,
    summary="Hold: pause the clocks that may pause",
)
async def hold_case(number: Number, caller: Calls, body: HoldBody | None = None) -> CaseView | Response:
    return await caller.does(number, CommandKind.HOLD, body or HoldBody())


@router.post(
    "/cases/{number}/resume",
    operation_id="resume_case",
    response_model=CaseView,
    responses=COMMAND,
    summary="Resume a held case",
)
async def resume_case(number: Number, caller: Calls) -> CaseView | Response:
    return await caller.does(number, CommandKind.RESUME)


@router.post(
    "/cases/{number}/acknowledge",
    operation_id="acknowledge_escalation",
    response_model=CaseView,
    responses=COMMAND,
    summary="Take care of what was missed: its escalation ends",
)
async def acknowledge_escalation(number: Number, caller: Calls) -> CaseView | Response:
    """No further step is taken, and nobody else is told; the promise stays missed. 409 `not-escalating` where none is."""
    return await caller.does(number, CommandKind.ACKNOWLEDGE)
