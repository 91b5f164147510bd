"""Several cases at once: children, merging, and a mail that becomes a case of its own (domain 1.4, 1.5)."""

from __future__ import annotations

from fastapi import Response

from api.bodies import Router
from api.cases.caller import COMMAND, Calls, Number
from desk.families import check_linked, check_losers, check_merged, child_named
from desk.queries.visibility import visible_case
from models.messages.api_case_views import CaseView
from models.messages.cases import CommandKind
from models.messages.families import ChildBody, MergeBody, SplitBody

router = Router(tags=["several cases"])


@router.post(
    "/cases/{number}/children",
    operation_id="add_child",
    status_code=201,
    response_model=CaseView,
    responses=COMMAND,
    summary="Open a child case, or make an existing case a child",
)
async def add_child(number: Number, caller: Calls, body: ChildBody | None = None) -> CaseView | Response:
    """Answers with the child. A family has one level: a child has no children, and a parent is no child."""
    body, target = body or ChildBody(), None
    if body.case is not None:
        async with caller.house.database.read() as session:
            await visible_case(session, caller.identity, number.upper())
            target = (await child_named(session, caller.identity, body.case)).id
    answer = await caller.sends(number, CommandKind.ADD_CHILD, body, target_id=target)
    if target is not None and answer.version is not None:
        async with caller.house.database.read() as session:
            await check_linked(session, answer.command_id)
    return await caller.shows_made(answer, CommandKind.ADD_CHILD)


@router.delete(
    "/cases/{number}/children/{child}",
    operation_id="remove_child",
    response_model=CaseView,
    responses=COMMAND,
    summary="Take a child out of its family",
)
async def remove_child(number: Number, child: Number, caller: Calls) -> CaseView | Response:
    """The child goes on as a case of its own; answers with it."""
    async with caller.house.database.read() as session:
        parent = await visible_case(session, caller.identity, number.upper())
    return await caller.does(child, CommandKind.LEAVE_PARENT, target_id=parent.id)


@router.post(
    "/cases/{number}/merge",
    operation_id="merge_cases",
    response_model=CaseView,
    responses=COMMAND,
    summary="Merge other cases into this one",
)
async def merge_cases(number: Number, body: MergeBody, caller: Calls) -> CaseView | Response:
    """The losers are cancelled as merged; their mails, notes, activities, files, articles and children come here. It
    cannot be undone."""
    async with caller.house.database.read() as session:
        await visible_case(session, caller.identity, number.upper())
        await check_losers(session, caller.identity, body.losers)
    answer = await caller.sends(number, CommandKind.MERGE, body)
    if answer.version is None:
        return await caller.under_way(answer, CommandKind.MERGE)
    async with caller.house.database.read() as session:
        await check_merged(session, answer.command_id)
    return await caller.shows(answer)


@router.post(
    "/cases/{number}/split",
    operation_id="split_case",
    status_code=201,
    response_model=CaseView,
    responses=COMMAND,
    summary="Split a mail off into a case of its own",
)
async def split_case(number: Number, body: SplitBody, caller: Calls) -> CaseView | Response:
    """Answers with the new case, which is related to this one and holds the mail with its files."""
    return await caller.shows_made(await caller.sends(number, CommandKind.SPLIT, body), CommandKind.SPLIT)
