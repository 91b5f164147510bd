"""What agents write on a case: replies, drafts, notes, articles, activities (domain 8, 9)."""

from __future__ import annotations

from uuid import UUID

from fastapi import Response

from api.auth import CaseWorker
from api.bodies import Router
from api.cases.caller import COMMAND, READ, Calls, Number
from api.dependencies import HouseDep, Now
from desk.activities import check_reader
from desk.drafts import draft, save_draft
from desk.queries.visibility import visible_case
from models.messages.api_case_views import CaseView, Made
from models.messages.api_cases import ActivityBody, DraftBody, FirstResponseBody, LinkArticleBody, NoteBody, ReplyBody
from models.messages.cases import CommandKind

router = Router(tags=["correspondence"])


@router.post(
    "/cases/{number}/replies",
    operation_id="reply",
    status_code=201,
    response_model=Made,
    responses=COMMAND,
    summary="Write an email to the customer",
)
async def reply(number: Number, body: ReplyBody, caller: Calls) -> Made | Response:
    """The first one is the first response, at this instant. `id` is the message's."""
    return await caller.makes(number, CommandKind.REPLY, body)


@router.post(
    "/cases/{number}/replies/{id}/undo",
    operation_id="undo_reply",
    response_model=CaseView,
    responses=COMMAND,
    summary="Take a reply back before it leaves",
)
async def undo_reply(number: Number, id: UUID, caller: Calls) -> CaseView | Response:
    """`id` is the message's, of a reply or a mailed article. Its uploads can be sent again. 409 `already-sent`: it has
    left, or is just leaving."""
    return await caller.does(number, CommandKind.UNDO_REPLY, target_id=id)


@router.post(
    "/cases/{number}/notes",
    operation_id="note",
    status_code=201,
    response_model=Made,
    responses=COMMAND,
    summary="Add a note for colleagues",
)
async def note(number: Number, body: NoteBody, caller: Calls) -> Made | Response:
    return await caller.makes(number, CommandKind.NOTE, body)


@router.post(
    "/cases/{number}/activities",
    operation_id="add_activity",
    status_code=201,
    response_model=Made,
    responses=COMMAND,
    summary="Add a phone call, task or other activity",
)
async def add_activity(number: Number, body: ActivityBody, caller: Calls) -> Made | Response:
    async with caller.house.database.read() as session:
        organisation = await caller.house.definitions.organisation(session)
    check_reader(organisation.activity_type(body.kind), caller.identity)
    return await caller.makes(number, CommandKind.ADD_ACTIVITY, body)


@router.post(
    "/cases/{number}/first-response",
    operation_id="first_response",
    response_model=CaseView,
    responses=COMMAND,
    summary="Say that the customer has been answered",
)
async def first_response(number: Number, body: FirstResponseBody, caller: Calls) -> CaseView | Response:
    """In a way that the case does not show, such as at the counter. The reason stands on the timeline."""
    return await caller.does(number, CommandKind.FIRST_RESPONSE, body)


@router.post(
    "/cases/{number}/articles",
    operation_id="attach_article",
    status_code=201,
    response_model=Made,
    responses=COMMAND,
    summary="Link a knowledge article, or mail it to the customer",
)
async def attach_article(number: Number, body: LinkArticleBody, caller: Calls) -> Made | Response:
    """With `send`, `id` is the message's, else the article's."""
    return await caller.makes(number, CommandKind.ATTACH_ARTICLE, body)


@router.delete(
    "/cases/{number}/articles/{id}",
    operation_id="detach_article",
    response_model=CaseView,
    responses=COMMAND,
    summary="Unlink a knowledge article",
)
async def detach_article(number: Number, id: UUID, caller: Calls) -> CaseView | Response:
    return await caller.does(number, CommandKind.DETACH_ARTICLE, target_id=id)


@router.put("/cases/{number}/draft", operation_id="save_draft", responses=READ, summary="Save one's unfinished reply")
async def put_draft(number: Number, body: DraftBody, house: HouseDep, identity: CaseWorker, now: Now) -> DraftBody:
    async with house.database.write() as session:
        case = await visible_case(session, identity, number.upper())
        await save_draft(session, identity, case, body, now)
        return await draft(session, identity, case)


@router.get("/cases/{number}/draft", operation_id="read_draft", responses=READ, summary="Read one's unfinished reply")
async def get_draft(number: Number, house: HouseDep, identity: CaseWorker) -> DraftBody:
    async with house.database.read() as session:
        return await draft(session, identity, await visible_case(session, identity, number.upper()))
