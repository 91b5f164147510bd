"""Moving through the stages of a business process (domain 7)."""

from __future__ import annotations

from fastapi import Response

from api.bodies import Router
from api.cases.caller import COMMAND, Calls, Number
from models.messages.api_case_views import CaseView
from models.messages.api_cases import SetActiveBody, StageBody, SwitchBody
from models.messages.cases import CommandKind

router = Router(tags=["process"])


@router.post(
    "/cases/{number}/process/next",
    operation_id="next_stage",
    response_model=CaseView,
    responses=COMMAND,
    summary="Go on to the next stage",
)
async def next_stage(number: Number, caller: Calls, body: StageBody | None = None) -> CaseView | Response:
    """Fill data steps and go on. A required step without a value refuses it, naming what is `missing`."""
    return await caller.does(number, CommandKind.STAGE_NEXT, body or StageBody())


@router.post(
    "/cases/{number}/process/previous",
    operation_id="previous_stage",
    response_model=CaseView,
    responses=COMMAND,
    summary="Go back to the stage before",
)
async def previous_stage(number: Number, caller: Calls, body: StageBody | None = None) -> CaseView | Response:
    return await caller.does(number, CommandKind.STAGE_PREVIOUS, body or StageBody())


@router.post(
    "/cases/{number}/process/set-active",
    operation_id="set_active_stage",
    response_model=CaseView,
    responses=COMMAND,
    summary="Go back to an earlier stage",
)
async def set_active_stage(number: Number, body: SetActiveBody, caller: Calls) -> CaseView | Response:
    return await caller.does(number, CommandKind.STAGE_SET_ACTIVE, stage=body.stage)


@router.post(
    "/cases/{number}/process/finish",
    operation_id="finish_process",
    response_model=CaseView,
    responses=COMMAND,
    summary="Finish the process",
)
async def finish_process(number: Number, caller: Calls, body: StageBody | None = None) -> CaseView | Response:
    """Only from the last stage. It does not resolve the case."""
    return await caller.does(number, CommandKind.PROCESS_FINISH, body or StageBody())


@router.post(
    "/cases/{number}/process/abandon",
    operation_id="abandon_process",
    response_model=CaseView,
    responses=COMMAND,
    summary="Abandon the process",
)
async def abandon_process(number: Number, caller: Calls) -> CaseView | Response:
    return await caller.does(number, CommandKind.PROCESS_ABANDON)


@router.post(
    "/cases/{number}/process/reactivate",
    operation_id="reactivate_process",
    response_model=CaseView,
    responses=COMMAND,
    summary="Take a finished or abandoned process up again",
)
async def reactivate_process(number: Number, caller: Calls) -> CaseView | Response:
    return await caller.does(number, CommandKind.PROCESS_REACTIVATE)


@router.post(
    "/cases/{number}/process/switch",
    operation_id="switch_process",
    response_model=CaseView,
    responses=COMMAND,
    summary="Follow another process",
)
async def switch_process(number: Number, body: SwitchBody, caller: Calls) -> CaseView | Response:
    """The present instance is parked, and comes back as it was left when switched to again."""
    return await caller.does(number, CommandKind.PROCESS_SWITCH, body)
